/**
 * When keys and documents of trust end: for how long the private half of a key is needed, and when people are told that
 * something is about to end.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#the-life-of-a-key
 */
import { TRUST_LIMITS } from '../limits/trust.ts'
import { publicKeyText } from '../crypto/jwk.ts'
import { sealingSuite, type Suite, suiteOfAlgorithm } from '../crypto/suites.ts'
import { type RotatingKey } from './roster.ts'
import { type VerifiedCharter } from './verified-charter.ts'
import { type VerifiedRoster } from './verified-roster.ts'

/** How near an end is; `ended` when it has come. */
export type ExpiryLevel = 'notice' | 'soon' | 'urgent' | 'ended'

/** Something that ends, or has ended, and that somebody has to renew. */
export interface Expiry {
  /** Whose; absent for the charter, which is of all its agencies. */
  readonly agency?: string
  readonly what: 'charter' | 'roster' | 'officer' | 'desk' | 'node' | 'deposit'
  /** Version of a charter or roster; id of an officer or desk; peer id of a node. */
  readonly id: string
  /** Seconds since 1970. */
  readonly expiresAt: number
  readonly level: ExpiryLevel
}

/** Days before an end, the farthest first. */
export type ExpiryDays = readonly [notice: number, soon: number, urgent: number]

const DAY_SECONDS = 86_400
/** A roster holds for 35 days: the steps of a key would begin before it does. */
const ROSTER_DAYS: ExpiryDays = [10, 5, 2]
const KEY_DAYS: ExpiryDays = [60, 30, 7]
/** Weekly keys are listed for some weeks ahead, and more of them every month. */
const WEEKLY_DAYS: ExpiryDays = [21, 14, 7]

/** How near the end of a key is; nothing while nobody has to be told. Instants in seconds since 1970. */
export function keyExpiryLevel(expiresAt: number, now: number): ExpiryLevel | undefined {
  return levelOf(expiresAt, now, KEY_DAYS)
}

/** The same for a roster, which is signed anew every month. */
export function rosterExpiryLevel(expiresAt: number, now: number): ExpiryLevel | undefined {
  return levelOf(expiresAt, now, ROSTER_DAYS)
}

function levelOf(
  expiresAt: number,
  now: number,
  [notice, soon, urgent]: ExpiryDays,
): ExpiryLevel | undefined {
  const left = expiresAt - now
  if (left <= 0) return 'ended'
  if (left <= urgent * DAY_SECONDS) return 'urgent'
  if (left <= soon * DAY_SECONDS) return 'soon'
  return left <= notice * DAY_SECONDS ? 'notice' : undefined
}

/**
 * Everything of a charter and of the newest rosters of its agencies that ends soon or has ended, the nearest end first. Of
 * a desk or node with several keys the last end counts, of a desk among the keys of the suite under which the charter has
 * everybody seal; keys that are revoked do not. A node that is listed under old and new keys ends with the later ones.
 */
export function expiriesOf(
  charter: Pick<VerifiedCharter, 'payload'> | undefined,
  newest: readonly VerifiedRoster[],
  now: number,
): readonly Expiry[] {
  const own = charter === undefined ? [] : charterEnds(charter.payload)
  const suite = charter === undefined ? undefined : sealingSuite(charter.payload.suites)
  return [...own, ...newest.flatMap((roster) => endsIn(roster, suite))]
    .flatMap(({ days, ...end }) => {
      const level = levelOf(end.expiresAt, now, days)
      return level === undefined ? [] : [{ ...end, level }]
    })
    .toSorted((a, b) => a.expiresAt - b.expiresAt)
}

type End = Omit<Expiry, 'level'> & { readonly days: ExpiryDays }

function charterEnds({ exp, version }: VerifiedCharter['payload']): readonly End[] {
  return [{ what: 'charter', id: String(version), expiresAt: exp, days: KEY_DAYS }]
}

function endsIn(roster: VerifiedRoster, suite: Suite | undefined): readonly End[] {
  const { agency, desks, exp, nodes, officers, version } = roster.payload
  const last = (keys: readonly RotatingKey[]): LastEnd => lastEnd(roster, keys)
  const living = nodes.filter((node) => !nodes.some((other) => other.exp > node.exp))
  const ends = [
    ...officers.map(({ id, exp: end }) => ({ what: 'officer' as const, id, expiresAt: end })),
    ...desks.map(({ id, encryption }) => ({
      what: 'desk' as const,
      id,
      ...last(keysInUse(encryption, suite)),
    })),
    ...living.map(({ peerId, exp: end }) => ({
      what: 'node' as const,
      id: peerId,
      expiresAt: end,
    })),
    ...living.map(({ peerId, depositKey }) => ({
      what: 'deposit' as const,
      id: peerId,
      ...last(depositKey),
    })),
  ]
  return [
    { agency, what: 'roster', id: String(version), expiresAt: exp, days: ROSTER_DAYS },
    ...ends.map((end) => ({ agency, days: KEY_DAYS, ...end })),
  ]
}

/** Those of the suite under which everybody seals; all where the desk has none of it, or no charter says. */
function keysInUse(keys: readonly RotatingKey[], suite: Suite | undefined): readonly RotatingKey[] {
  const own = keys.filter(({ jwk }) => suiteOfAlgorithm(jwk.alg) === suite)
  return own.length > 0 ? own : keys
}

type LastEnd = Pick<End, 'days' | 'expiresAt'>

/** The end of the key that ends last, and by whose measure it is told: a weekly one would be told all the time. */
function lastEnd(roster: VerifiedRoster, keys: readonly RotatingKey[]): LastEnd {
  const [last] = keys
    .filter(({ jwk }) => !isRevoked(roster, publicKeyText(jwk)))
    .toSorted((a, b) => b.exp - a.exp)
  if (last === undefined) return { expiresAt: 0, days: KEY_DAYS }
  return { expiresAt: last.exp, days: isWeekly(last) ? WEEKLY_DAYS : KEY_DAYS }
}

/** Whether it is one of the keys of a desk that follow each other week by week. */
export function isWeekly({ exp, nbf }: Pick<RotatingKey, 'exp' | 'nbf'>): boolean {
  return exp - nbf <= TRUST_LIMITS.weeklyKeySeconds
}

function isRevoked({ keys, payload }: VerifiedRoster, publicKey: string): boolean {
  const keyId = keys.slots.find((slot) => slot.publicKey === publicKey)?.admitted?.keyId
  return payload.revoked.some(({ kid }) => kid === keyId)
}

/**
 * The instant from which the private half of an encryption key is of no use any more: 30 days after the last instant at
 * which somebody may have sealed to it by one of these rosters of its agency, of which the last is of the newest chain.
 * Nothing where none of them lists it.
 */
export function openingNeededUntil(
  rosters: readonly VerifiedRoster[],
  publicKey: string,
): number | undefined {
  const newest = newestOf(rosters)
  const ends = rosters.flatMap((roster) => {
    if (isRevoked(roster, publicKey)) return []
    const bound = roster === newest ? Number.POSITIVE_INFINITY : roster.payload.exp
    return rotatingKeys(roster)
      .filter(({ jwk }) => publicKeyText(jwk) === publicKey)
      .map(({ exp }) => Math.min(exp, bound))
  })
  if (ends.length === 0) return undefined
  return Math.max(...ends) + TRUST_LIMITS.keyKeptForSeconds
}

/** Versions are counted anew in each chain: the highest of all may be one that was left behind. */
function newestOf(rosters: readonly VerifiedRoster[]): VerifiedRoster | undefined {
  const chain = rosters.at(-1)?.chainStart
  return rosters
    .filter(({ chainStart }) => chainStart === chain)
    .reduce<VerifiedRoster | undefined>(
      (newest, roster) => ((newest?.version ?? 0) > roster.version ? newest : roster),
      undefined,
    )
}

function rotatingKeys({ payload }: VerifiedRoster): readonly RotatingKey[] {
  return [
    ...payload.desks.flatMap(({ encryption }) => encryption),
    ...payload.nodes.flatMap(({ depositKey }) => depositKey),
  ]
}
