/**
 * What an agency's own keys sign when it meets another: its invite, and the charter.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#pairing
 */
import {
  assertSafetyNumber,
  type Charter,
  createInvite,
  type GeneralJws,
  type PrivateKey,
  type RootPair,
  signCharter,
  verifyRoster,
} from '@amana/core'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { systemClock } from '../system.ts'
import { RootSecretsSchema } from '../vault/agency-secrets.ts'
import { readKeystore } from '../vault/keystore-file.ts'
import { loadRootPair } from '../vault/load-keys.ts'

/** Signs an invite with the roster key and lets the node keep it. */
export async function makeInvite(
  services: NodeServices,
  rosterKey: PrivateKey<'Ed25519'>,
): Promise<GeneralJws> {
  const { entry, roster } = await services.ownEntry({})
  const { agency } = await services.status({})
  const verified = await verifyRoster(roster, { authority: { agency, entry } })
  const content = { agency, entry, roster: verified, issuedAt: systemClock.now() }
  const invite = await createInvite(content, rosterKey)
  await services.keepInvite({ invite: { ...invite } })
  return invite
}

/** The safety number and the charter that it is of. */
export interface HeardNumber {
  readonly safetyNumber: string
  readonly charter: Charter
  /** The digits as they were heard from the other side. */
  readonly typed: string
}

/**
 * Signs the charter when the digits that were heard are its own.
 *
 * @throws TRUST_SAFETY_NUMBER when they differ: nothing is signed
 */
export async function confirmHeard(
  services: NodeServices,
  heard: HeardNumber,
  roots: readonly RootPair[],
): Promise<ServiceResults['confirmCharter']> {
  assertSafetyNumber(heard.typed, heard.safetyNumber)
  const charter = await signCharter(heard.charter, roots)
  return services.confirmCharter({ charter: { ...charter } })
}

/** A root pair from its keystore. @throws STORE_FILE, STORE_KEYSTORE, STORE_PASSPHRASE */
export async function readRootPair(path: string, passphrase: string): Promise<RootPair> {
  return loadRootPair(await readKeystore(path, passphrase, RootSecretsSchema))
}
