/**
 * What each event of a referral asks of the officer who signs it, as options of her command.
 *
 * @module
 * @spec docs/spec/08-exchange.md#acts-of-a-referral
 */
import { type CodeOf, SOFT_GATES } from '@amana/core'
import { type Form } from './typed-values.ts'

/** An option that fills a member of the body. */
export interface Field {
  readonly flag: `--${string}`
  /** Where it stands in the body. */
  readonly path: readonly [string, ...string[]]
  readonly form: Form
  /** Asked for where nobody gave it. */
  readonly needed?: true
}

const yesNo = { list: 'yesNo' } as const
const needed = true as const

const RECEIVING: Field = { flag: '--receiving', path: ['receivingAgency'], form: 'office', needed }
const REASON: Field = { flag: '--reason', path: ['reason'], form: 'text', needed }
const ESCORTS: Field = { flag: '--escort', path: ['escorts'], form: 'escorts' }
const OUTCOME: Field = {
  flag: '--outcome',
  path: ['outcome'],
  form: { list: 'closureOutcome' },
  needed,
}
const CAUSE: Field = { flag: '--cause-cleared', path: ['causeCleared'], form: yesNo, needed }

const reasonOf = (list: 'declineReason' | 'cancelReason' | 'suspendReason'): Field => ({
  ...REASON,
  form: { list },
})

/** Members of each event, in the order in which they are asked for; those that are not here have none. */
const FIELDS: Partial<Readonly<Record<CodeOf<'referralEvent'>, readonly Field[]>>> = {
  create: [
    RECEIVING,
    {
      flag: '--screening',
      path: ['screening', 'result'],
      form: { list: 'traffickingStatus' },
      needed,
    },
    { flag: '--screened-at', path: ['screening', 'at'], form: 'instant' },
  ],
  reroute: [RECEIVING],
  request_info: [{ flag: '--question', path: ['question'], form: 'text', needed }],
  provide_info: [{ flag: '--answer', path: ['answer'], form: 'text', needed }],
  accept: [{ flag: '--reception', path: ['receptionOrganisation'], form: 'office', needed }],
  decline: [
    reasonOf('declineReason'),
    { flag: '--alternative', path: ['alternative'], form: 'text' },
  ],
  mark_ready: [
    { flag: '--arrival', path: ['plannedArrival'], form: 'instant', needed },
    ESCORTS,
    { flag: '--reception', path: ['reception', 'organisation'], form: 'office' },
    { flag: '--bed', path: ['reception', 'bed'], form: 'text' },
    { flag: '--met-by', path: ['reception', 'metBy'], form: 'office' },
    { flag: '--meeting-place', path: ['reception', 'meetingPlace'], form: 'text' },
  ],
  start_care: [{ flag: '--arrival-confirmed', path: ['arrivalConfirmed'], form: yesNo, needed }],
  declare_emergency: [
    { flag: '--destination', path: ['destination'], form: 'office', needed },
    { flag: '--leg', path: ['legType'], form: { list: 'legType' }, needed },
    ESCORTS,
  ],
  waive_gate: [{ flag: '--gate', path: ['gate'], form: { of: SOFT_GATES }, needed }, REASON],
  close: [
    OUTCOME,
    { flag: '--person-informed', path: ['personInformed'], form: yesNo, needed },
    { flag: '--family-enquiry', path: ['familyEnquiry'], form: yesNo, needed },
  ],
  close_missing: [OUTCOME],
  close_deceased: [OUTCOME],
  reopen: [REASON],
  cancel: [reasonOf('cancelReason')],
  suspend: [reasonOf('suspendReason')],
  resume: [CAUSE],
  resume_early: [CAUSE],
}

/** The options of an event. */
export function fieldsOf(event: CodeOf<'referralEvent'>): readonly Field[] {
  return FIELDS[event] ?? []
}
