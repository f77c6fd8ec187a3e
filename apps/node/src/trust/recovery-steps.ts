/**
 * What is to be written when a recovery arrives, and when one falls: it waits, it gives way to another, or the old quorum
 * refuses it.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#recovery
 */
import { digest, type NextTally, type RecoveryCharter, verifyRecovery } from '@amana/core'
import { draftSignedHere, NEXT_PATH, nextTally } from './draft.ts'
import { isEnded, pendingRecovery, RECOVERY_PATH, seenEvent, seenPath } from './pending-recovery.ts'
import { keptRefusals, refusalChange, refusalEvent } from './refusals.ts'
import { type Standing, type Step, unchanged } from './standing.ts'
import { type Change, type Documents, jwsAt } from './trust-documents.ts'

/** A recovery that is new here is seen now, unless the old quorum has said no already. */
export async function pend(tally: NextTally, standing: Standing): Promise<Step> {
  const { chartered, documents, now } = standing
  const before = await waiting(standing)
  if (before?.digest === tally.digest) return signedMore(tally, before)
  const recovery = await verifyRecovery(tally.jws, { previous: chartered.charter, now })
  if (before !== undefined && before.agency !== recovery.agency) {
    return dropBoth(before, recovery, documents)
  }
  const refusal = await refusalOf(recovery, standing)
  if (refusal !== undefined) return refuse(recovery, refusal, standing)
  if (before === undefined) return begin(recovery, standing)
  if (givesWay(recovery, before)) return dropped(recovery, before, documents)
  const step = begin(recovery, standing)
  const given = dropped(before, recovery, documents)
  return {
    ...step,
    events: [...given.events, ...step.events],
    changes: [...given.changes, ...step.changes],
  }
}

/** The recovery that waits here and has not ended. */
async function waiting(standing: Standing): Promise<RecoveryCharter | undefined> {
  const found = await pendingRecovery(standing)
  return found === undefined || isEnded(found, standing.now) ? undefined : found.recovery
}

function signedMore({ jws }: NextTally, { jws: known }: RecoveryCharter): Step {
  const isMore = jws.signatures.length > known.signatures.length
  return { ...unchanged('recovery', jws), changes: isMore ? [[RECOVERY_PATH, jws]] : [] }
}

function begin(recovery: RecoveryCharter, { agency, documents, now }: Standing): Step {
  return {
    progress: 'recovery',
    charter: recovery.jws,
    events: [seenEvent(recovery, agency, now)],
    changes: [
      [RECOVERY_PATH, recovery.jws],
      [seenPath(recovery.digest, agency), { seenAt: now }],
      ...withoutDraftOf(recovery.digest, documents),
    ],
  }
}

/**
 * Of two recoveries of one agency the one that is dated earlier gives way. The other agency signed both, and the later one
 * last: whoever has old recovery pairs needs its word again each time. Of one date the greater digest gives way.
 */
function givesWay(recovery: RecoveryCharter, other: RecoveryCharter): boolean {
  const [own, others] = [recovery.payload.iat, other.payload.iat]
  return own < others || (own === others && recovery.digest > other.digest)
}

/** It is dropped for good, and both stay as evidence that the other agency signed two. */
function dropped(recovery: RecoveryCharter, by: RecoveryCharter, documents: Documents): Step {
  return {
    progress: 'refused',
    charter: recovery.jws,
    events: [refusalEvent(recovery, by.digest)],
    changes: [refusalChange(recovery, by, documents)],
  }
}

/** Recoveries of two agencies: each bears the quorum that the other one says is lost. */
function dropBoth(before: RecoveryCharter, recovery: RecoveryCharter, documents: Documents): Step {
  const [first, second] = [
    dropped(before, recovery, documents),
    dropped(recovery, before, documents),
  ]
  return {
    ...second,
    events: [...first.events, ...second.events],
    changes: [[RECOVERY_PATH, undefined], ...first.changes, ...second.changes],
  }
}

function withoutDraftOf(found: string, documents: Documents): readonly Change[] {
  const draft = jwsAt(documents, NEXT_PATH)
  return draft !== undefined && digest(draft.payload) === found ? [[NEXT_PATH, undefined]] : []
}

/** The charter here that bears the quorum which the recovery says is lost. */
async function refusalOf(
  recovery: RecoveryCharter,
  { chartered, documents }: Standing,
): Promise<NextTally | undefined> {
  const kept = keptRefusals(documents).flatMap(({ charter }) => charter ?? [])
  for (const jws of [jwsAt(documents, NEXT_PATH), ...kept]) {
    const draft = jws === undefined ? undefined : await nextTally(jws, chartered.charter)
    if (draft !== undefined && refuses(draft, recovery)) return draft
  }
  return undefined
}

/** Whether a charter bears the quorum which the recovery says is lost. */
export function refuses(
  { agreed, digest: own }: NextTally,
  { agency, digest: recovery }: RecoveryCharter,
): boolean {
  return own !== recovery && agreed.includes(agency)
}

/** The recovery falls by that charter, which is kept to be signed on. */
export async function refuse(
  recovery: RecoveryCharter,
  by: NextTally,
  standing: Standing,
): Promise<Step> {
  const signed = await draftSignedHere(standing)
  const isOther = by.recovers !== undefined || (signed !== undefined && signed.digest !== by.digest)
  return {
    progress: 'refused',
    charter: recovery.jws,
    events: [refusalEvent(recovery, by.digest)],
    changes: [
      [RECOVERY_PATH, undefined],
      refusalChange(recovery, by, standing.documents),
      ...(isOther ? [] : [[NEXT_PATH, by.jws] as const]),
    ],
  }
}
