/**
 * Changes of custody as steps: who lets the person go, who takes her, and what the receipt of a cross-border leg moves.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#custody
 */
import { type HandoverReceipt } from '../messages/handover-receipt.ts'
import { type Clock, endClocks, followUpClocks, startClock } from './clocks.ts'
import { type Cause, moveTo } from './event-effects.ts'
import { isAfterwardsFileComplete } from './file-step.ts'
import { clearanceReasons } from './gates.ts'
import { later } from './instants.ts'
import {
  isAgreement,
  isDispute,
  isReleasePending,
  jointPartOf,
  pairAgreement,
  pairDispute,
  proposalReasons,
  takeBack,
  withProposal,
} from './joint-acts.ts'
import { accept, type Outcome, refuse } from './outcome.ts'
import { isWithdrawn } from './person.ts'
import {
  type CustodyLeg,
  isKnownTo,
  mayDo,
  type Progress,
  recordedBy,
  type Step,
  urgencyOf,
} from './progress.ts'
import { type ReferralReason } from './reasons.ts'
import { LEGS, STOPS } from './table.ts'

/** Judges one half of a change of custody. */
export function judgeCustody(progress: Progress, step: Step, body: HandoverReceipt): Outcome {
  if (jointPartOf(step.statement) === 'withdrawal') return judgeTakenBack(progress, step, body)
  if (body.act === 'receipt' && isDispute(step.statement)) return judgeDispute(progress, step, body)
  return body.act === 'release'
    ? judgeRelease(progress, step, body)
    : judgeReceipt(progress, step, body)
}

/** Who has the person: by the last receipt or, before there is one, by the file. */
export function custodianOf(
  progress: Progress,
): { readonly organisation: string; readonly type: string; readonly receipt?: string } | undefined {
  const leg = lastReceived(progress)
  if (leg?.receipt !== undefined) return { ...leg.to, receipt: leg.receipt }
  return progress.file?.facts.custody?.custodian
}

function judgeTakenBack(progress: Progress, step: Step, body: HandoverReceipt): Outcome {
  const taken = takeBack(progress, step)
  if (!('state' in taken)) return refuse(taken)
  const { digest } = step.statement
  const leg = taken.legs.find(({ release }) => taken.proposals.get(release)?.withdrawnBy === digest)
  if (body.act === 'receipt' || leg?.status !== 'released') return refuse(['proposal_unknown'])
  const legs = taken.legs.map((each) =>
    each === leg ? { ...leg, status: 'void' as const, disputed: false } : each,
  )
  return accept(progress, { ...taken, legs })
}

function judgeRelease(progress: Progress, step: Step, body: HandoverReceipt): Outcome {
  const row = LEGS[body.legType]
  const reasons: ReferralReason[] = []
  if (!row.release.includes(progress.state)) reasons.push('wrong_state')
  if (!mayDo(step, row.releasedBy)) reasons.push('wrong_role')
  if (step.author.organisation !== body.from.organisation) reasons.push('wrong_organisation')
  if (isAgreement(step.statement.relates)) reasons.push('proposal_unknown')
  if (isLegTaken(progress, step, body)) reasons.push('leg_disputed')
  reasons.push(...proposalReasons(step), ...evacuationReasons(progress, step, body))
  if (reasons.length > 0) return refuse(reasons)
  const legs = [...progress.legs, releasedLeg(progress, step, body)]
  const known = withProposal({ ...progress, legs }, step)
  return { effect: 'proposed', progress: owesFile(known, step, body) }
}

function judgeReceipt(progress: Progress, step: Step, body: HandoverReceipt): Outcome {
  const own = receiverReasons(step, body)
  if (!isAgreement(step.statement.relates)) return refuse([...own, 'release_missing'])
  const { proposal, reasons } = pairAgreement(progress, step, 'organisation')
  const release = proposal?.statement.digest
  const isSecond = progress.legs.some((leg) => leg.release === release && leg.status === 'received')
  const placed = isSecond || mayArrive(progress, step, body) ? [] : (['wrong_state'] as const)
  if (proposal === undefined || placed.length + own.length + reasons.length > 0) {
    return refuse([...placed, ...own, ...reasons])
  }
  const received = receive(progress, step, proposal.statement.digest)
  if (isSecond || body.legType !== 'cross_border') return accept(progress, received)
  const at = later(proposal.occurredAt, step.occurredAt)
  return accept(progress, handOver(received, { at, by: recordedBy(step) }))
}

/** Who should have taken the person says why not. Nothing moves; both versions are kept, and the leg shows it. */
function judgeDispute(progress: Progress, step: Step, body: HandoverReceipt): Outcome {
  const unsaid = body.reservations === undefined ? (['reason_missing'] as const) : []
  const { proposal, reasons } = pairDispute(progress, step)
  const all = [...receiverReasons(step, body), ...unsaid, ...reasons]
  if (proposal === undefined || all.length > 0) return refuse(all)
  const { digest } = proposal.statement
  const legs = progress.legs.map((leg) =>
    leg.release === digest ? { ...leg, disputed: true, dispute: recordedBy(step) } : leg,
  )
  return accept(progress, { ...progress, legs })
}

function receiverReasons(step: Step, { legType, to }: HandoverReceipt): readonly ReferralReason[] {
  const reasons: ReferralReason[] = []
  if (!mayDo(step, LEGS[legType].receivedBy)) reasons.push('wrong_role')
  if (step.author.organisation !== to.organisation) reasons.push('wrong_organisation')
  return reasons
}

/** A receipt that was signed before its agency knew that the journey was stopped tells what happened. */
function mayArrive(progress: Progress, step: Step, { legType }: HandoverReceipt): boolean {
  const { state, stop } = progress
  const { receipt } = LEGS[legType]
  if (receipt.includes(state)) return true
  if (stop === undefined || !STOPS.includes(state) || !receipt.includes(stop.from)) return false
  return step.statement.acknowledges !== undefined && !isKnownTo(step, stop.by)
}

function isLegTaken(progress: Progress, step: Step, { leg }: HandoverReceipt): boolean {
  return progress.legs.some(
    (other) =>
      other.leg === leg &&
      (other.status === 'received' || isReleasePending(progress, other, step.statement.iat)),
  )
}

/** An evacuation needs its declaration, a clearance, and a person who lets herself be helped; it waits for no acceptance. */
function evacuationReasons(
  progress: Progress,
  { occurredAt }: Step,
  { legType }: HandoverReceipt,
): readonly ReferralReason[] {
  if (legType !== 'in_country_evacuation') return []
  return [
    ...(progress.emergency === undefined ? (['emergency_undeclared'] as const) : []),
    ...(isWithdrawn(progress, 'assistance', occurredAt) ? (['consent_withdrawn'] as const) : []),
    ...clearanceReasons(progress, occurredAt),
  ]
}

function releasedLeg(progress: Progress, step: Step, body: HandoverReceipt): CustodyLeg {
  const { leg, legType, from, to } = body
  return {
    leg,
    legType,
    from,
    to,
    status: 'released',
    release: step.statement.digest,
    releasedAt: step.occurredAt,
    continuous: custodianOf(progress)?.organisation === from.organisation,
    disputed: false,
  }
}

/** The first leg of an evacuation opens the file that must be completed afterwards. */
function owesFile(progress: Progress, step: Step, { legType }: HandoverReceipt): Progress {
  const { emergency, file, clocks } = progress
  const at = step.occurredAt
  if (legType !== 'in_country_evacuation' || emergency === undefined) return progress
  const isOwed = clocks.some(
    ({ clock, startedAt }) => clock === 'afterwards_file' && startedAt >= emergency.declaredAt,
  )
  if (isOwed) return progress
  const begun = startClock({ clock: 'afterwards_file', at, urgency: urgencyOf(progress) })
  const isComplete = file !== undefined && isAfterwardsFileComplete(file.facts)
  const clock: Clock = isComplete ? { ...begun, endedAt: at, ending: 'done' } : begun
  return { ...progress, clocks: [...clocks, clock] }
}

/**
 * The leg ends with its first receipt; a second one makes it disputed, and both are kept. Who knew of a dispute and takes
 * the person all the same has settled it.
 */
function receive(progress: Progress, step: Step, release: string): Progress {
  const { statement, occurredAt } = step
  const legs = progress.legs.map((leg): CustodyLeg => {
    if (leg.release !== release) return leg
    if (leg.status === 'received') return { ...leg, disputed: true }
    const { dispute } = leg
    const disputed = leg.disputed && (dispute === undefined || !isKnownTo(step, dispute))
    const receipt = statement.digest
    return { ...leg, status: 'received', receipt, receivedAt: occurredAt, disputed }
  })
  const isEvacuation = legs.some(
    (leg) => leg.release === release && leg.legType === 'in_country_evacuation',
  )
  const clocks = isEvacuation
    ? endClocks(progress.clocks, ({ clock }) => clock === 'evacuation', {
        at: occurredAt,
        as: 'done',
      })
    : progress.clocks
  return { ...progress, legs, clocks }
}

/** Responsibility passes, here and nowhere else. A person who is missing meanwhile stays missing. */
function handOver(progress: Progress, cause: Cause): Progress {
  const { at } = cause
  const arrival = startClock({ clock: 'arrival', at, urgency: urgencyOf(progress) })
  const clocks = [...progress.clocks, arrival, ...followUpClocks(at)]
  const known = { ...progress, clocks, handedOverAt: at }
  if (progress.state !== 'missing') return moveTo(known, 'handed_over', cause)
  return { ...known, stop: { from: 'handed_over', by: progress.stop?.by ?? cause.by } }
}

function lastReceived({ legs }: Progress): CustodyLeg | undefined {
  return legs
    .filter(({ status }) => status === 'received')
    .reduce<CustodyLeg | undefined>(
      (last, leg) => ((last?.receivedAt ?? '') > (leg.receivedAt ?? '') ? last : leg),
      undefined,
    )
}
