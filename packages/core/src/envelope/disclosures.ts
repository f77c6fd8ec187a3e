/**
 * Salted commitments to a field group: every member and every array element is a disclosure of its own (RFC 9901), and
 * every salt follows from the group's one seed, so that a seed carries the whole group and nothing but it.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#disclosures
 */
import { encodeBase64url } from '../bytes/base64.ts'
import { canonicalize, encodeCanonical, type Json } from '../bytes/jcs.ts'
import { digest, hmacSha256, type Digest } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'

const SALT_BYTES = 16

/** Where a value stands in its group: member names and positions. */
export type FieldPath = readonly (string | number)[]

/** One disclosure as RFC 9901 spells it. */
export interface Disclosure {
  readonly path: FieldPath
  /** base64url of the canonical JSON array. */
  readonly encoded: string
  /** base64url(SHA-256) of the ASCII of `encoded`. */
  readonly digest: Digest
}

/** Names that would take part in the format itself. */
export const RESERVED: ReadonlySet<string> = new Set(['...', '__proto__', '_sd', '_sd_alg'])

/**
 * The disclosures of a group, children before parents; the last one, with the empty path, is the group's own.
 *
 * @param seed 32 fresh random bytes of this statement and group
 * @throws WIRE_DIS when a member has a reserved name
 * @throws WIRE_CANON when the value is not of the canonical profile
 */
export function discloseGroup(
  seed: Uint8Array,
  value: { readonly [member: string]: Json },
): readonly Disclosure[] {
  const disclosures: Disclosure[] = []
  const committed = commit({ seed, disclosures }, value, [])
  disclosures.push(disclose(saltAt(seed, []), ['value', committed], []))
  return disclosures
}

/** The digest that stands for a group in its body. @throws as `discloseGroup` */
export function groupDigest(seed: Uint8Array, value: { readonly [member: string]: Json }): Digest {
  return lastDigest(discloseGroup(seed, value))
}

/** The digest of the last disclosure, which stands for all before it. */
export function lastDigest(disclosures: readonly Disclosure[]): Digest {
  const last = disclosures.at(-1)
  if (last === undefined) throw new AmanaError('WIRE_DIS', { reason: 'empty' })
  return last.digest
}

/** The body's disclosure: each group of the kind as a plain member with exactly one digest. */
export function discloseBody(salt: string, groups: Readonly<Record<string, string>>): Disclosure {
  const members = Object.entries(groups).map(
    ([name, commitment]) => [name, { _sd: [commitment] }] as const,
  )
  const body: { readonly [member: string]: Json } = Object.fromEntries(members)
  return disclose(salt, ['body', body], [])
}

interface Commitments {
  readonly seed: Uint8Array
  readonly disclosures: Disclosure[]
}

function commit(into: Commitments, value: Json, path: FieldPath): Json {
  if (isArray(value)) {
    return value.map((element, index) => {
      const place = [...path, index]
      return { '...': add(into, [commit(into, element, place)], place) }
    })
  }
  return typeof value === 'object' && value !== null ? commitMembers(into, value, path) : value
}

function commitMembers(
  into: Commitments,
  value: { readonly [member: string]: Json },
  path: FieldPath,
): Json {
  const digests = Object.entries(value).map(([name, member]) => {
    if (RESERVED.has(name)) throw new AmanaError('WIRE_DIS', { reason: 'name' })
    const place = [...path, name]
    return add(into, [name, commit(into, member, place)], place)
  })
  return digests.length === 0 ? {} : { _sd: digests.toSorted() }
}

function add(into: Commitments, content: readonly Json[], path: FieldPath): Digest {
  const made = disclose(saltAt(into.seed, path), content, path)
  into.disclosures.push(made)
  return made.digest
}

/** First 16 bytes of HMAC-SHA-256(seed, JCS(path)). */
function saltAt(seed: Uint8Array, path: FieldPath): string {
  return encodeBase64url(hmacSha256(seed, canonicalize(path)).subarray(0, SALT_BYTES))
}

function disclose(salt: string, content: readonly Json[], path: FieldPath): Disclosure {
  const encoded = encodeBase64url(encodeCanonical([salt, ...content]))
  return { path, encoded, digest: digest(encoded) }
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
