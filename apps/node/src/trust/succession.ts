/**
 * Charters after the first: what is to be written when one arrives, when its first roster arrives, and when the delay of
 * a recovery is over. Nothing is written here, and nothing is trusted before it was.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#proposing-a-charter
 */
import {
  AmanaError,
  type Charter,
  digest,
  type GeneralJws,
  hasLapsed,
  isAnyAmanaError,
  mergeCharterSignatures,
  type NextTally,
  tallyNextCharter,
  type VerifiedCharter,
  verifyNextCharter,
  verifyRoster,
  type VerifiedRoster,
} from '@amana/core'
import { chainEvent, firstRosterIn, newChains, strayRosters } from './begun-chains.ts'
import { draftSignedHere, NEXT_PATH, nextTally } from './draft.ts'
import { pendingRecovery, RECOVERY_PATH } from './pending-recovery.ts'
import { pend, refuse, refuses } from './recovery-steps.ts'
import { isRefused, refusalChange, refusalEvent } from './refusals.ts'
import { type Standing, type Step, unchanged, versionOf } from './standing.ts'
import { type Change, charterForkPath, charterPath, jwsAt, rosterPath } from './trust-documents.ts'

/**
 * A charter that arrives where one is in force: known, of the next version, or another one of a version that is over.
 *
 * @throws WIRE_FORK when it contradicts a charter that was in force; as `tallyNextCharter` and `verifyNextCharter`
 * @throws TRUST_OTHER_CHARTER when another one of that version was signed here
 * @throws TRUST_EXPIRED when signatures come later than 30 days after it was dated
 */
export async function takeCharter(value: GeneralJws, standing: Standing): Promise<Step> {
  const { charter, earlier } = standing.chartered
  const found = digest(value.payload)
  const known = [...earlier, charter].find((one) => one.digest === found)
  if (known !== undefined) return unchanged('in-force', known.jws)
  const tally = await tallyNextCharter(value, charter)
  if (isRefused(standing.documents, tally.digest)) return unchanged('refused', tally.jws)
  const merged = await withDraft(tally, standing)
  if (merged.inForce) return complete(merged, standing)
  if (merged.recovers !== undefined) return pend(merged, standing)
  assertNotLapsed(merged.charter, standing.now)
  return collect(merged, standing)
}

/**
 * Signatures that are here already are kept; one of two charters of a version is signed by an agency. What says no to a
 * recovery that waits is taken whatever was signed here.
 */
async function withDraft(tally: NextTally, standing: Standing): Promise<NextTally> {
  const { chartered, documents } = standing
  const here = [NEXT_PATH, RECOVERY_PATH].flatMap((path) => jwsAt(documents, path) ?? [])
  const same = here.find(({ payload }) => digest(payload) === tally.digest)
  if (same !== undefined) {
    return tallyNextCharter(mergeCharterSignatures(same, tally.jws), chartered.charter)
  }
  const signed = await draftSignedHere(standing)
  if (signed === undefined || tally.recovers !== undefined) return tally
  const pending = await pendingRecovery(standing)
  if (pending !== undefined && refuses(tally, pending.recovery)) return tally
  throw new AmanaError('TRUST_OTHER_CHARTER', { expected: signed.digest, found: tally.digest })
}

/** @throws TRUST_EXPIRED when it lapsed before every signature was there */
function assertNotLapsed(charter: Charter, now: number): void {
  if (!hasLapsed(charter, now)) return
  throw new AmanaError('TRUST_EXPIRED', { document: 'charter', exp: charter.iat, bound: now })
}

/** Every quorum is there: in force, with the first roster of each chain that it begins, or waiting for one. */
async function complete({ jws }: NextTally, standing: Standing): Promise<Step> {
  const { chartered, now } = standing
  const next = await verifyNextCharter(jws, { previous: chartered.charter, now })
  return enter(next, standing)
}

async function enter(next: VerifiedCharter, standing: Standing): Promise<Step> {
  const { chartered, documents } = standing
  const begun = newChains(next, chartered)
  const first = begun.map((chain) => firstRosterIn(documents, chain))
  if (first.includes(undefined)) {
    return { ...unchanged('roster', next.jws), changes: [[NEXT_PATH, next.jws]] }
  }
  const { digest: own, version } = next
  const data = { new: own, old: chartered.charter.digest, version }
  const pending = await pendingRecovery(standing)
  const superseded = pending !== undefined && pending.recovery.digest !== own
  return {
    progress: 'in-force',
    charter: next.jws,
    events: [
      ...(superseded ? [refusalEvent(pending.recovery, own)] : []),
      { event: 'g.policy', actor: 'sys', data },
      ...begun.map(chainEvent),
    ],
    changes: [
      [charterPath(version), next.jws],
      [NEXT_PATH, undefined],
      [RECOVERY_PATH, undefined],
      ...(superseded ? [refusalChange(pending.recovery, next, documents)] : []),
      ...begun.flatMap((chain) => strayRosters(documents, chain)),
    ],
  }
}

/** Signatures are missing: they are collected, and may say no to a recovery all the same. */
async function collect(tally: NextTally, standing: Standing): Promise<Step> {
  const pending = await pendingRecovery(standing)
  if (pending !== undefined && refuses(tally, pending.recovery)) {
    const step = await refuse(pending.recovery, tally, standing)
    return { ...step, progress: 'waiting', charter: tally.jws }
  }
  return { ...unchanged('waiting', tally.jws), changes: [[NEXT_PATH, tally.jws]] }
}

/** The recovery whose delay is over, `earlierBy` seconds before at the most. */
export async function dueRecovery(standing: Standing, earlierBy = 0): Promise<Step | undefined> {
  const pending = await pendingRecovery(standing)
  const until = pending?.until
  if (pending === undefined || until === undefined || standing.now < until - earlierBy) {
    return undefined
  }
  const at = Math.max(standing.now, until)
  try {
    const step = await enter(pending.recovery.inForce(pending.seen, at), standing)
    return step.progress === 'in-force' ? step : undefined
  } catch (error) {
    // it ended while it waited: the charter before stays in force
    if (isAnyAmanaError(error) && error.code === 'TRUST_EXPIRED') return undefined
    throw error
  }
}

/** A roster that begins a chain which the charter to come, or the recovery that waits, names. */
export async function firstRosterFor(
  jws: GeneralJws,
  standing: Standing,
): Promise<{ readonly roster: VerifiedRoster; readonly change: Change } | undefined> {
  const { chartered, documents } = standing
  for (const path of [NEXT_PATH, RECOVERY_PATH]) {
    const next = jwsAt(documents, path)
    const tally = next === undefined ? undefined : await nextTally(next, chartered.charter)
    if (tally === undefined) continue
    const { charter } = tally
    const begun = newChains({ payload: charter, version: charter.version }, chartered)
    const chain = begun.find(({ bound }) => bound.digest === digest(jws.payload))
    const entry = chain === undefined ? undefined : charter.agencies[chain.agency]
    if (chain === undefined || entry === undefined) continue
    const roster = await verifyRoster(jws, { authority: { agency: chain.agency, entry } })
    return { roster, change: [rosterPath(chain.agency, roster.version, chain.chain), jws] }
  }
  return undefined
}

/** The charter that has every signature and waited for this roster. */
export async function afterRoster(standing: Standing): Promise<Step | undefined> {
  const jws = jwsAt(standing.documents, NEXT_PATH)
  if (jws === undefined) return undefined
  const tally = await nextTally(jws, standing.chartered.charter)
  return tally?.inForce === true ? complete(tally, standing) : undefined
}

/**
 * A charter of a version that is over and that is not the one which was in force: kept once where its signatures are
 * good, as evidence of two stories.
 */
export async function contradiction(
  jws: GeneralJws,
  { chartered, documents }: Standing,
): Promise<Change | undefined> {
  const version = versionOf(jws)
  const charters = [...chartered.earlier, chartered.charter]
  const [previous, known] = [charters[version - 2], charters[version - 1]]
  if (previous === undefined || known === undefined || known.digest === digest(jws.payload)) {
    return undefined
  }
  const path = charterForkPath(version)
  const { inForce, recovers } = await tallyNextCharter(jws, previous)
  return (inForce || recovers !== undefined) && !documents.has(path) ? [path, jws] : undefined
}
