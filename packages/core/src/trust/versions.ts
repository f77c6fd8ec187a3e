/**
 * Versions of charters and rosters: from 1, one by one, each naming the digest of the one before.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#versions
 */
import { type Digest } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'

/** A document's place in its chain. */
export interface Versioned {
  readonly digest: Digest
  readonly previous: Digest | null
  readonly version: number
}

/** What is known of a place without the document that names its predecessor. */
export type Known = Pick<Versioned, 'digest' | 'version'>

/**
 * @throws TRUST_CHAIN when it is not version 1, or version 1 names a predecessor
 */
export function assertFirst(document: string, { previous, version }: Versioned): void {
  if (version === 1 && previous === null) return
  throw new AmanaError('TRUST_CHAIN', { document, version })
}

/**
 * The next version, or the known one again.
 *
 * @throws TRUST_ROLLBACK when the version is lower, or skips one
 * @throws WIRE_FORK when the version is the known one and the digest is not
 * @throws TRUST_CHAIN when the next version names another predecessor
 */
export function assertFollows(document: string, next: Versioned, known: Known): void {
  if (next.version === known.version) {
    assertSame(document, next, known)
    return
  }
  if (next.version !== known.version + 1) {
    throw new AmanaError('TRUST_ROLLBACK', {
      document,
      found: next.version,
      known: known.version,
    })
  }
  if (next.previous !== known.digest) {
    throw new AmanaError('TRUST_CHAIN', { document, version: next.version })
  }
}

/**
 * @throws WIRE_FORK when two documents of one version differ
 */
export function assertSame(document: string, next: Known, known: Known): void {
  if (next.digest !== known.digest) {
    throw new AmanaError('WIRE_FORK', { what: `${document} version ${known.version}` })
  }
}
