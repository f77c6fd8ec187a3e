/**
 * The machine of a referral as data: which event leads from which states to which, and who may sign it.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#table
 */
import { type CodeOf } from '../messages/code-lists.ts'
import { type ReferralEventName } from '../messages/referral-event.ts'

/** State of a referral; computed from its statements, never stored as truth. */
export type ReferralState = CodeOf<'referralStatus'>

/** A role with its side: the agency that made the file is sending, the one named in `create` receiving. */
export type SidedRole = `${string}:${'sending' | 'receiving'}`

/** One row of the table. `none` is the state before `create`; `to` is absent where the event moves nothing. */
export interface TransitionRow {
  readonly from: readonly (ReferralState | 'none')[]
  readonly to?: ReferralState
  readonly by: readonly SidedRole[]
}

const CASE_MANAGERS = ['case_manager:sending', 'case_manager:receiving'] as const
const HEADS = ['head:sending', 'head:receiving'] as const
const SUPERVISORS = ['supervisor:sending', 'supervisor:receiving'] as const
const ANYONE_WITH_HER = [
  ...CASE_MANAGERS,
  'escort:sending',
  'custodian:sending',
  'custodian:receiving',
] as const
const DECLARERS = [
  ...CASE_MANAGERS,
  ...HEADS,
  'duty_officer:sending',
  'duty_officer:receiving',
  'clinician:sending',
  'clinician:receiving',
] as const

const AGREED = ['submitted', 'acknowledged', 'info_requested', 'accepted'] as const
const BEFORE_DEPARTURE = [...AGREED, 'preparing', 'ready'] as const
const UNDER_WAY = [...BEFORE_DEPARTURE, 'in_transit'] as const
const ANY_OPEN = ['draft', ...UNDER_WAY, 'handed_over', 'in_care', 'suspended', 'missing'] as const

/** The table, by event; the hand-over itself is a receipt and not an event. */
export const TRANSITIONS: Readonly<Record<ReferralEventName, TransitionRow>> = {
  create: { from: ['none'], to: 'draft', by: ['case_manager:sending', 'duty_officer:sending'] },
  submit: { from: ['draft'], to: 'submitted', by: ['case_manager:sending'] },
  acknowledge: { from: ['submitted'], to: 'acknowledged', by: ['duty_officer:receiving'] },
  request_info: { from: ['acknowledged'], to: 'info_requested', by: ['case_manager:receiving'] },
  provide_info: { from: ['info_requested'], to: 'acknowledged', by: ['case_manager:sending'] },
  accept: { from: ['acknowledged'], to: 'accepted', by: ['case_manager:receiving'] },
  decline: {
    from: ['acknowledged', 'info_requested'],
    to: 'declined',
    by: ['case_manager:receiving', 'head:receiving'],
  },
  reroute: { from: ['declined', 'expired'], to: 'draft', by: ['case_manager:sending'] },
  expire: {
    from: ['submitted', 'acknowledged', 'info_requested'],
    to: 'expired',
    by: ['case_manager:sending', 'supervisor:sending'],
  },
  prepare: { from: ['accepted'], to: 'preparing', by: ['case_manager:sending'] },
  mark_ready: { from: ['preparing'], to: 'ready', by: CASE_MANAGERS },
  start_service: { from: ['accepted'], to: 'in_care', by: ['case_manager:receiving'] },
  depart: { from: ['ready'], to: 'in_transit', by: ['escort:sending'] },
  start_care: { from: ['handed_over'], to: 'in_care', by: ['case_manager:receiving'] },
  close: { from: ['in_care'], to: 'closed', by: ['supervisor:receiving'] },
  reopen: { from: ['closed'], to: 'in_care', by: ['case_manager:receiving'] },
  cancel: {
    from: ['draft', ...BEFORE_DEPARTURE, 'suspended'],
    to: 'cancelled',
    by: ['case_manager:sending'],
  },
  suspend: { from: UNDER_WAY, to: 'suspended', by: [...CASE_MANAGERS, 'escort:sending'] },
  resume: { from: ['suspended'], to: 'preparing', by: ['case_manager:sending'] },
  resume_early: { from: ['suspended'], to: 'submitted', by: ['case_manager:sending'] },
  report_missing: {
    from: [...UNDER_WAY, 'handed_over', 'in_care', 'suspended'],
    to: 'missing',
    by: [...CASE_MANAGERS, 'escort:sending', 'custodian:receiving'],
  },
  found: { from: ['missing'], to: 'suspended', by: CASE_MANAGERS },
  close_missing: { from: ['missing'], to: 'closed', by: SUPERVISORS },
  close_deceased: { from: ANY_OPEN, to: 'closed', by: SUPERVISORS },
  declare_emergency: {
    from: ['draft', ...AGREED, 'preparing', 'suspended'],
    by: DECLARERS,
  },
  waive_gate: { from: ['preparing'], by: HEADS },
  withdraw_consent: { from: [...ANY_OPEN, 'declined', 'expired'], by: ANYONE_WITH_HER },
}

/** States in which a withdrawn consent to share or to return stops everything: safe stop, then a decision. */
export const STOPPED_BY_WITHDRAWAL: readonly ReferralState[] = UNDER_WAY

/** Events that two must do together. */
export const JOINT_EVENTS: readonly ReferralEventName[] = [
  'mark_ready',
  'declare_emergency',
  'waive_gate',
]
