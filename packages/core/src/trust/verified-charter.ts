/**
 * Verifying charters: both quorums, one version after the other, and a recovery in the place of one quorum.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#signing-a-charter
 */
import { type Digest } from '../crypto/digest.ts'
import { type GeneralJws, type UnverifiedJws } from '../crypto/jws.ts'
import { AmanaError } from '../errors.ts'
import { TRUST_LIMITS } from '../limits/trust.ts'
import { assertCharterRules, assertRosterChains } from './charter-rules.ts'
import {
  assertQuorums,
  type CharterWithKeys,
  countPairs,
  countsOf,
  type PairCount,
  parseCharterJws,
  verifiedRoots,
} from './charter-signatures.ts'
import { type Charter, CharterSchema } from './charter.ts'
import { admitKeys, assertOneUse, charterKeySlots, type KeyRing } from './key-ring.ts'
import { parsePayload } from './payload.ts'
import { assertCurrent } from './time-window.ts'
import { assertFirst, assertFollows } from './versions.ts'

/** Who has signed a charter so far. Every signature present is good; the quorums may be missing. */
export interface CharterTally {
  readonly charter: Charter
  readonly digest: Digest
  readonly jws: GeneralJws
  /** Root pairs of each agency of which both halves signed. */
  readonly pairs: Readonly<Record<string, number>>
  /** Whether every agency reached its threshold. */
  readonly inForce: boolean
}

/** Who has signed a charter N+1 so far, by the pairs of N and by its own. Every signature present is good. */
export interface NextTally extends CharterTally {
  /** Root pairs of N of each agency of N of which both halves signed. */
  readonly before: Readonly<Record<string, number>>
  /** The agencies of N whose quorum of N signed. */
  readonly agreed: readonly string[]
  /** The agency whose recovery pairs stand in for its quorum of N, where every other quorum of both versions signed. */
  readonly recovers?: string
}

/**
 * A charter that every agency of it signed. Made by `verifyFirstCharter`, `verifyNextCharter` and
 * `RecoveryCharter` only.
 */
class VerifiedCharter {
  readonly #payload: Charter
  readonly digest: Digest
  readonly jws: GeneralJws
  readonly keys: KeyRing
  /** The agency that it gives new root pairs by its recovery pairs. */
  readonly recovers: string | undefined

  constructor({ charter, digest: ownDigest, jws }: CharterTally, keys: KeyRing, recovers?: string) {
    this.#payload = charter
    this.digest = ownDigest
    this.jws = jws
    this.keys = keys
    this.recovers = recovers
  }

  get payload(): Charter {
    return this.#payload
  }

  get version(): number {
    return this.#payload.version
  }
}
export type { VerifiedCharter }

/** A recovery whose delay is not over, or not known to be: nothing is trusted by it yet. Made by `verifyRecovery` only. */
class RecoveryCharter {
  readonly #next: VerifiedCharter
  readonly #witnesses: readonly string[]
  /** The agency that lost its quorum. */
  readonly agency: string

  constructor(next: VerifiedCharter, agency: string, witnesses: readonly string[]) {
    this.#next = next
    this.agency = agency
    this.#witnesses = witnesses
  }

  get digest(): Digest {
    return this.#next.digest
  }

  get jws(): GeneralJws {
    return this.#next.jws
  }

  get payload(): Charter {
    return this.#next.payload
  }

  get version(): number {
    return this.#next.version
  }

  /**
   * Seven days after the last agency of the charter before has seen it; nothing while one of them has not.
   * `seen` holds seconds since 1970 by agency.
   */
  takesEffectAt(seen: Readonly<Record<string, number>>): number | undefined {
    const instants = this.#witnesses.map((agency) => seen[agency])
    if (instants.includes(undefined)) return undefined
    const last = Math.max(...instants.map((instant) => instant ?? 0))
    return last + TRUST_LIMITS.recoveryDelaySeconds
  }

  /**
   * The charter, when its delay is over.
   *
   * @throws TRUST_RECOVERY_DELAY before, TRUST_EXPIRED when it ended meanwhile
   */
  inForce(seen: Readonly<Record<string, number>>, now: number): VerifiedCharter {
    const until = this.takesEffectAt(seen)
    if (until === undefined || now < until) {
      throw new AmanaError('TRUST_RECOVERY_DELAY', { agency: this.agency, until: until ?? 0 })
    }
    assertCurrent('charter', this.payload, now)
    return this.#next
  }

  /** The charter as history: that it came into force when it might, whoever asks must know from elsewhere. */
  asHistory(): VerifiedCharter {
    return this.#next
  }
}
export type { RecoveryCharter }

/**
 * Reads a charter 1 that may lack signatures and says whose are there.
 *
 * @throws WIRE_MEMBER, WIRE_VERSION, WIRE_KEY and the codes of `parseJws` when form or keys are wrong
 * @throws TRUST_THRESHOLD when a threshold could not bind its agency
 * @throws TRUST_CHAIN when it is not a first charter
 * @throws WIRE_KID_UNKNOWN, WIRE_KEY_USE, WIRE_SIG when a signature is not one of its root keys
 */
export async function tallyCharter(value: unknown): Promise<CharterTally> {
  const read = await readCharter(value)
  assertFirst('charter', read.place)
  const signed = await verifiedRoots(read.parsed, [read.keys])
  return tally(read, signed)
}

/**
 * Verifies charter 1. What makes it trusted is the comparison of its safety number; signatures only say who agreed.
 * Without `now` its end is not checked: that is for reading history.
 *
 * @throws TRUST_THRESHOLD when an agency's quorum is missing, TRUST_EXPIRED, WIRE_TIME_FUTURE, and as `tallyCharter`
 */
export async function verifyFirstCharter(
  value: unknown,
  { now }: { readonly now?: number },
): Promise<VerifiedCharter> {
  const read = await readCharter(value)
  assertFirst('charter', read.place)
  const signed = await verifiedRoots(read.parsed, [read.keys])
  assertQuorums(read, signed)
  if (now !== undefined) assertCurrent('charter', read.charter, now)
  return new VerifiedCharter(tally(read, signed), read.keys)
}

/** A trusted version N that version N+1 is held against. */
export interface Succession {
  readonly previous: VerifiedCharter
  /** Seconds since 1970; left out when history is read, where the end is not checked. */
  readonly now?: number
}

/**
 * Verifies version N+1 from a trusted version N: the quorum of every agency of N *and* of every agency of N+1.
 *
 * @throws TRUST_ROLLBACK, WIRE_FORK, TRUST_CHAIN when it does not follow; WIRE_KEY when a key of N has another use in
 * N+1; else as `verifyFirstCharter`
 */
export async function verifyNextCharter(
  value: unknown,
  { previous, now }: Succession,
): Promise<VerifiedCharter> {
  const { read, signed } = await readNext(value, previous)
  assertQuorums({ charter: previous.payload, keys: previous.keys }, signed)
  assertQuorums(read, signed)
  if (now !== undefined) assertCurrent('charter', read.charter, now)
  return new VerifiedCharter(tally(read, signed), read.keys)
}

/**
 * Verifies a version N+1 in which the recovery pairs of one agency stand in for its quorum of N. Every other quorum of
 * N and of N+1 must be there all the same. It is not in force before its delay is over.
 *
 * @throws TRUST_THRESHOLD when more is missing than one agency's quorum of N; else as `verifyNextCharter`
 */
export async function verifyRecovery(
  value: unknown,
  { previous, now }: Succession,
): Promise<RecoveryCharter> {
  const { read, signed } = await readNext(value, previous)
  const before = { charter: previous.payload, keys: previous.keys }
  const agency = recoveringAgency(before, signed)
  assertQuorums(before, signed, agency)
  assertQuorums(read, signed)
  if (now !== undefined) assertCurrent('charter', read.charter, now)
  const next = new VerifiedCharter(tally(read, signed), read.keys, agency)
  return new RecoveryCharter(next, agency, Object.keys(previous.payload.agencies))
}

/**
 * Reads a charter N+1 that may lack signatures and says whose are there.
 *
 * @throws as `verifyNextCharter`, but for quorums and time
 */
export async function tallyNextCharter(
  value: unknown,
  previous: VerifiedCharter,
): Promise<NextTally> {
  const { read, signed } = await readNext(value, previous)
  const own = tally(read, signed)
  const before = { charter: previous.payload, keys: previous.keys }
  const counts = countsOf(before, signed)
  const missing = counts.filter(({ reached }) => !reached).map(({ agency }) => agency)
  const recovery = recoveryCounts(before, signed).find(({ reached }) => reached)?.agency
  const isRecovery = own.inForce && missing.length === 1 && missing[0] === recovery
  return {
    ...own,
    inForce: own.inForce && missing.length === 0,
    before: Object.fromEntries(counts.map(({ agency, pairs }) => [agency, pairs])),
    agreed: counts.filter(({ reached }) => reached).map(({ agency }) => agency),
    ...(isRecovery && recovery !== undefined ? { recovers: recovery } : {}),
  }
}

interface ReadNext {
  readonly read: ReadCharter
  readonly signed: ReadonlySet<string>
}

/** Everything but quorums and time: a charter that follows, with good signatures only. */
async function readNext(value: unknown, previous: VerifiedCharter): Promise<ReadNext> {
  const read = await readCharter(value)
  assertFollows('charter', read.place, previous)
  assertOneUse([previous.keys, read.keys])
  assertRosterChains(previous.payload, read.charter)
  const recovery = previous.keys.slots.filter(({ use }) => use === 'recovery')
  const signed = await verifiedRoots(read.parsed, [read.keys, previous.keys], recovery)
  return { read, signed }
}

/** The first agency of N whose recovery pairs reach their threshold. @throws TRUST_THRESHOLD when none does */
function recoveringAgency(before: CharterWithKeys, signed: ReadonlySet<string>): string {
  const counts = recoveryCounts(before, signed)
  const found = counts.find(({ reached }) => reached)
  if (found !== undefined) return found.agency
  assertQuorums(before, signed)
  const { agency = '', pairs = 0, threshold = 1 } = counts[0] ?? {}
  throw new AmanaError('TRUST_THRESHOLD', { agency, pairs, threshold })
}

function recoveryCounts(
  { charter, keys }: CharterWithKeys,
  signed: ReadonlySet<string>,
): readonly PairCount[] {
  return Object.entries(charter.agencies).map(([agency, { recoveryThreshold: threshold }]) => {
    const pairs = countPairs({ keys, use: 'recovery' }, agency, signed)
    return { agency, pairs, threshold, reached: pairs >= threshold }
  })
}

interface ReadCharter extends CharterWithKeys {
  readonly parsed: UnverifiedJws
  readonly place: Parameters<typeof assertFirst>[1]
}

async function readCharter(value: unknown): Promise<ReadCharter> {
  const parsed = parseCharterJws(value)
  const charter = parsePayload(CharterSchema, parsed.payload)
  assertCharterRules(charter)
  const keys = await admitKeys(charterKeySlots(charter))
  const { previous, version } = charter
  return { charter, keys, parsed, place: { digest: parsed.digest, previous, version } }
}

function tally(read: ReadCharter, signed: ReadonlySet<string>): CharterTally {
  const counts = countsOf(read, signed)
  return {
    charter: read.charter,
    digest: read.parsed.digest,
    jws: read.parsed.jws,
    pairs: Object.fromEntries(counts.map(({ agency, pairs }) => [agency, pairs])),
    inForce: counts.every(({ reached }) => reached),
  }
}
