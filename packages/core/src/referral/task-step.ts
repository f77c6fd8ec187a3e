/**
 * Requests for a document, a clearance, a service or assistance, and their answers, as steps.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#tasks-in-a-referral
 */
import { type CodeOf } from '../messages/code-lists.ts'
import { endClocks, heldClock, startClock } from './clocks.ts'
import { accept, type Outcome, refuse } from './outcome.ts'
import { mayDo, type Progress, type ReferralTask, type Step, urgencyOf } from './progress.ts'
import { type ReferralReason } from './reasons.ts'
import {
  type AssistanceTask,
  type ClearanceTask,
  type ServiceTask,
  type TravelTask,
} from './statement.ts'
import { type AnyState, TASK_ROLES } from './table.ts'

/** What a task says. */
export type TaskContent =
  | { readonly type: 'travel'; readonly task: TravelTask }
  | { readonly type: 'clearance'; readonly task: ClearanceTask }
  | { readonly type: 'service'; readonly task: ServiceTask }
  | { readonly type: 'assistance'; readonly task: AssistanceTask }

type ValidSpan = Pick<ReferralTask, 'issuedAt' | 'validUntil' | 'surrenderedAt'>

const NOTHING_TO_ASK: readonly AnyState[] = ['none', 'cancelled', 'closed']
const FINAL: readonly CodeOf<'requestStatus'>[] = [
  'rejected',
  'fulfilled',
  'failed',
  'cancelled',
  'expired',
]

/** Judges a request or an answer. */
export function judgeTask(progress: Progress, step: Step, content: TaskContent): Outcome {
  const { act } = content.task.routing
  const request = act === 'request' ? undefined : requestOf(progress, step, content)
  const reasons: ReferralReason[] = []
  if (NOTHING_TO_ASK.includes(progress.state)) reasons.push('wrong_state')
  if (!mayDo(step, TASK_ROLES)) reasons.push('wrong_role')
  reasons.push(...statusReasons(content), ...embassyReasons(progress, content))
  if (act === 'answer' && request === undefined) reasons.push('request_unknown')
  if (reasons.length > 0) return refuse(reasons)
  const task = request === undefined ? asked(step, content) : answered(step, content, request)
  return accept(progress, withHolds(withTask(progress, step, task), content, task))
}

/** A request asks; only an answer says that something was obtained. */
function statusReasons({ task }: TaskContent): readonly ReferralReason[] {
  const { act, status } = task.routing
  return (act === 'request') === (status === 'requested') ? [] : ['status_unfit']
}

/**
 * The person’s own State is not turned to while she may fear it. Where nothing is recorded, because she cannot be asked,
 * only a declared emergency opens the way.
 */
function embassyReasons(
  progress: Progress,
  { type, task }: TaskContent,
): readonly ReferralReason[] {
  if (type !== 'travel' || task.routing.act !== 'request') return []
  const claim = progress.file?.facts.risk?.protectionClaim
  const isUnasked = claim === undefined || claim === 'not_asked'
  const isOpen = claim === 'no' || (isUnasked && progress.emergency !== undefined)
  return isOpen ? [] : ['protection_claim_open']
}

function requestOf(
  { tasks }: Progress,
  { statement }: Step,
  content: TaskContent,
): ReferralTask | undefined {
  const answers = statement.relates.filter(({ relation }) => relation === 'answers')
  const kind = kindOf(content)
  return tasks.find(
    (task) => task.kind === kind && answers.length === 1 && answers[0]?.digest === task.request,
  )
}

function asked({ statement, occurredAt }: Step, content: TaskContent): ReferralTask {
  const { status, authority } = content.task.routing
  return {
    kind: kindOf(content),
    request: statement.digest,
    subject: subjectOf(content),
    authority,
    status,
    requestedAt: occurredAt,
    updatedAt: occurredAt,
  }
}

function answered({ occurredAt }: Step, content: TaskContent, request: ReferralTask): ReferralTask {
  const { kind, requestedAt } = request
  const { status, authority } = content.task.routing
  return {
    kind,
    request: request.request,
    subject: subjectOf(content),
    authority,
    status,
    requestedAt,
    updatedAt: occurredAt,
    ...blockerOf(content),
    ...spanOf(content),
  }
}

function spanOf({ type, task }: TaskContent): ValidSpan {
  if (type === 'service' || type === 'assistance') return {}
  const { issuedAt, validUntil } = task.travel ?? {}
  const surrenderedAt = type === 'travel' ? task.travel?.surrenderedAt : undefined
  return {
    ...(issuedAt === undefined ? {} : { issuedAt }),
    ...(validUntil === undefined ? {} : { validUntil }),
    ...(surrenderedAt === undefined ? {} : { surrenderedAt }),
  }
}

function withTask(progress: Progress, step: Step, task: ReferralTask): Progress {
  const others = progress.tasks.filter(({ request }) => request !== task.request)
  const tasks = [...others, task]
  const { kind, request } = task
  if (kind === 'service') return { ...progress, tasks, clocks: holdClocks(progress, step, task) }
  if (kind !== 'travel_document') return { ...progress, tasks }
  const at = step.occurredAt
  const urgency = urgencyOf(progress)
  if (step.statement.digest === request) {
    const begun = startClock({ clock: 'travel_document', at, urgency, request })
    return { ...progress, tasks, clocks: [...progress.clocks, begun] }
  }
  const clocks = FINAL.includes(task.status)
    ? endClocks(progress.clocks, (clock) => clock.request === request, { at, as: 'done' })
    : progress.clocks
  return { ...progress, tasks, clocks }
}

/** What is held for her until an instant is free again after it; whoever held it is reminded before. */
function holdClocks({ clocks }: Progress, step: Step, { request, status }: ReferralTask) {
  const at = step.occurredAt
  const isOver = status === 'fulfilled' || status === 'cancelled'
  const ended = endClocks(clocks, (clock) => clock.request === request, {
    at,
    as: isOver ? 'done' : 'lapsed',
  })
  const { content } = step
  const until = content.type === 'service' ? content.task.routing.holdUntil : undefined
  if (FINAL.includes(status) || until === undefined || until <= at) return ended
  return [...ended, heldClock({ at, request, until })]
}

/** A hold stands until the same request is answered otherwise, or a judicial release was obtained. */
function withHolds(progress: Progress, content: TaskContent, task: ReferralTask): Progress {
  if (content.type !== 'clearance') return progress
  const { request, subject, status } = task
  const { holdFound } = content.task.travel ?? {}
  const holds = new Set(progress.holds)
  if (holdFound === 'no') holds.delete(request)
  if (subject === 'judicial_release' && status === 'fulfilled') holds.clear()
  if (holdFound === 'yes') holds.add(request)
  return { ...progress, holds }
}

function kindOf({ type }: TaskContent): ReferralTask['kind'] {
  return type === 'travel' ? 'travel_document' : type
}

function subjectOf({ type, task }: TaskContent): ReferralTask['subject'] {
  if (type === 'travel') return task.routing.documentType
  return type === 'clearance' ? task.routing.clearanceType : task.routing.service
}

function blockerOf({ type, task }: TaskContent): Pick<ReferralTask, 'blocker'> {
  const blocker = type === 'travel' ? task.routing.blocker : undefined
  return blocker === undefined ? {} : { blocker }
}
