/**
 * Which keys signed, sign or are to sign the own rosters, as the charters one after the other name them.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#the-life-of-a-key
 */
import {
  type Charter,
  CharterSchema,
  decodeBase64url,
  type Ed25519Jwk,
  type GeneralJws,
  hasLapsed,
  parseCanonical,
} from '@amana/core'
import { type Chartered } from './trust-documents.ts'

const CHARTER_BYTES = 64 * 1024

/** A roster key of the own agency. */
export interface NamedRosterKey {
  readonly jwk: Ed25519Jwk
  /** The one that was made with the agency; its keystore is named for it. */
  readonly isFirst: boolean
  /** Named by the charter in force, by one that is to come, or only by one that was in force before. */
  readonly named: 'in-force' | 'next' | 'before'
  /** From the first charter that names it until the end of the last one; absent before a charter is in force. */
  readonly span?: { readonly nbf: number; readonly exp: number }
}

/** What the keys are taken from. */
export interface RosterKeySources {
  readonly agency: string
  /** What the agency said of itself when it was made. */
  readonly first: readonly Ed25519Jwk[]
  readonly chartered: Chartered | undefined
  /** Charters that wait for signatures or for the delay of a recovery. */
  readonly waiting: readonly GeneralJws[]
  /** Seconds since 1970. */
  readonly now: number
}

/** Every roster key, the one in force first, then those to come, then those from before. */
export function rosterKeysOf(sources: RosterKeySources): readonly NamedRosterKey[] {
  const { chartered, first } = sources
  const isFirst = (jwk: Ed25519Jwk): boolean => isIn(first, jwk)
  if (chartered === undefined) {
    return first.map((jwk) => ({ jwk, isFirst: true, named: 'in-force' }))
  }
  const charters = [...chartered.earlier, chartered.charter].map(({ payload }) => payload)
  const known = distinct(charters.toReversed().flatMap((charter) => keysIn(charter, sources)))
  const current = keysIn(chartered.charter.payload, sources)
  const next = distinct(waitingKeys(sources)).filter((jwk) => !isIn(known, jwk))
  const view = (jwk: Ed25519Jwk): NamedRosterKey => {
    const named = isIn(current, jwk) ? 'in-force' : 'before'
    return { jwk, isFirst: isFirst(jwk), named, span: spanOf(jwk, charters, sources) }
  }
  return [
    ...known.filter((jwk) => isIn(current, jwk)).map(view),
    ...next.map((jwk) => ({ jwk, isFirst: isFirst(jwk), named: 'next' as const })),
    ...known.filter((jwk) => !isIn(current, jwk)).map(view),
  ]
}

/** A key that is left out ends with the beginning of the charter that leaves it out. */
function spanOf(
  jwk: Ed25519Jwk,
  charters: readonly Charter[],
  sources: RosterKeySources,
): NonNullable<NamedRosterKey['span']> {
  const names = (charter: Charter): boolean => isIn(keysIn(charter, sources), jwk)
  const last = charters.findLastIndex(names)
  const nbf = charters.find(names)?.iat ?? 0
  return { nbf, exp: charters[last + 1]?.iat ?? charters[last]?.exp ?? nbf }
}

function waitingKeys(sources: RosterKeySources): readonly Ed25519Jwk[] {
  return sources.waiting.flatMap(({ payload }) => {
    const charter = CharterSchema.parse(parseCanonical(decodeBase64url(payload), CHARTER_BYTES))
    return hasLapsed(charter, sources.now) ? [] : keysIn(charter, sources)
  })
}

function keysIn({ agencies }: Charter, { agency }: RosterKeySources): readonly Ed25519Jwk[] {
  return agencies[agency]?.rosterKeys ?? []
}

function isIn(keys: readonly Ed25519Jwk[], { x }: Ed25519Jwk): boolean {
  return keys.some((key) => key.x === x)
}

function distinct(keys: readonly Ed25519Jwk[]): readonly Ed25519Jwk[] {
  return keys.filter((jwk, index) => keys.findIndex(({ x }) => x === jwk.x) === index)
}
