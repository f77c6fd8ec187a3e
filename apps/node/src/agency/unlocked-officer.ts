/**
 * An officer whose keystore is open in his own program, and whether the roster lists him.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#statement
 */
import { AmanaError, type PrivateKey } from '@amana/core'
import { type SigningContext } from '../service-views.ts'

/** An officer whose keystore is open. */
export interface UnlockedOfficer {
  readonly id: string
  readonly key: PrivateKey<'Ed25519'>
  /** What he reads with, the newest last. */
  readonly reading?: readonly PrivateKey<'HPKE-9-KE'>[]
}

/** The newest own roster lists the officer with this key. @throws CLI_OFFICER */
export function assertListed({ id, key }: UnlockedOfficer, { officers }: SigningContext): void {
  const isListed = officers.some((officer) => officer.id === id && officer.keyId === key.keyId)
  if (!isListed) throw new AmanaError('CLI_OFFICER', { id })
}
