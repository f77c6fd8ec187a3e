/**
 * The machine of a referral as data: which event leads from which states to which, who may sign it, and which acts two
 * must do together.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#table
 */
import { type CodeOf } from '../messages/code-lists.ts'
import { type ReferralEventName } from '../messages/referral-event.ts'

/** State of a referral; computed from its statements, never stored as truth. */
export type ReferralState = CodeOf<'referralStatus'>

/** `none` is the state before `create`. */
export type AnyState = ReferralState | 'none'

/** The agency that made the file is sending, the one named in `create` receiving. */
export type Side = 'sending' | 'receiving'

/** A role with its side. */
export type SidedRole = `${string}:${Side}`

/** What moves a referral: an event, or the receipt that is the hand-over. */
export type MoveName = ReferralEventName | 'hand_over'

/** One row of the table; `to` is absent where the event moves nothing. */
export interface TransitionRow {
  readonly from: readonly AnyState[]
  readonly to?: ReferralState
  readonly by: readonly SidedRole[]
  /**
   * States that the other side may have reached, not knowing of this event: it stands all the same. Before a hand-over
   * only; `closed` only where the person was given up as missing.
   */
  readonly crossing?: readonly ReferralState[]
  /** Where it leads once the person was handed over. */
  readonly toAfterHandOver?: ReferralState
}

const CASE_MANAGERS = ['case_manager:sending', 'case_manager:receiving'] as const
const HEADS = ['head:sending', 'head:receiving'] as const
const SUPERVISORS = ['supervisor:sending', 'supervisor:receiving'] as const
const DUTY_OFFICERS = ['duty_officer:sending', 'duty_officer:receiving'] as const
const CLINICIANS = ['clinician:sending', 'clinician:receiving'] as const
const KEEPERS = [
  'custodian:sending',
  'custodian:receiving',
  'escort:sending',
  'escort:receiving',
  ...CLINICIANS,
] as const
const EVERYONE = [...CASE_MANAGERS, ...HEADS, ...SUPERVISORS, ...DUTY_OFFICERS, ...KEEPERS] as const

const AGREED = ['submitted', 'acknowledged', 'info_requested', 'accepted'] as const
const BEFORE_DEPARTURE = [...AGREED, 'preparing', 'ready'] as const
const UNDER_WAY = [...BEFORE_DEPARTURE, 'in_transit'] as const
/** What befalls a person is recorded although the other side ended the referral meanwhile. */
const ENDED = ['declined', 'expired', 'cancelled'] as const
const EVACUABLE = ['draft', ...AGREED, 'preparing', 'suspended'] as const

/** States in which somebody still has to do something for the person; each can be left. */
export const OPEN_STATES = [
  'draft',
  ...UNDER_WAY,
  'handed_over',
  'in_care',
  'suspended',
  'missing',
] as const satisfies readonly ReferralState[]

/** States before a departure, in which a screen shows what still stops it. */
export const TO_BE_READY: readonly AnyState[] = ['draft', ...BEFORE_DEPARTURE, 'suspended']

/** Who may do each, by event. */
export const TRANSITIONS: Readonly<Record<MoveName, TransitionRow>> = {
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
  start_service: {
    from: ['accepted', 'preparing'],
    to: 'in_care',
    by: ['case_manager:receiving'],
  },
  depart: { from: ['ready'], to: 'in_transit', by: ['escort:sending'] },
  hand_over: { from: ['in_transit'], to: 'handed_over', by: ['custodian:receiving'] },
  start_care: { from: ['handed_over'], to: 'in_care', by: ['case_manager:receiving'] },
  close: { from: ['in_care'], to: 'closed', by: ['supervisor:receiving'] },
  reopen: { from: ['closed'], to: 'in_care', by: ['case_manager:receiving'] },
  cancel: {
    from: ['draft', ...BEFORE_DEPARTURE, 'suspended'],
    to: 'cancelled',
    by: ['case_manager:sending'],
    crossing: ['declined', 'in_care'],
  },
  suspend: {
    from: UNDER_WAY,
    to: 'suspended',
    by: [...CASE_MANAGERS, 'escort:sending'],
    crossing: ['in_care'],
  },
  resume: { from: ['suspended'], to: 'preparing', by: ['case_manager:sending'] },
  resume_early: { from: ['suspended'], to: 'submitted', by: ['case_manager:sending'] },
  report_missing: {
    from: [...UNDER_WAY, 'handed_over', 'in_care', 'suspended'],
    to: 'missing',
    by: [...CASE_MANAGERS, 'escort:sending', 'custodian:receiving'],
    crossing: ENDED,
  },
  found: {
    from: ['missing'],
    to: 'suspended',
    by: CASE_MANAGERS,
    toAfterHandOver: 'in_care',
    crossing: ['closed'],
  },
  close_missing: { from: ['missing'], to: 'closed', by: SUPERVISORS },
  close_deceased: { from: OPEN_STATES, to: 'closed', by: SUPERVISORS, crossing: ENDED },
  declare_emergency: {
    from: EVACUABLE,
    by: [...CASE_MANAGERS, ...HEADS, ...DUTY_OFFICERS, ...CLINICIANS],
  },
  waive_gate: { from: ['preparing', 'ready'], by: HEADS },
  withdraw_consent: {
    from: ['none', ...OPEN_STATES, 'declined', 'expired', 'cancelled', 'closed'],
    by: EVERYONE,
  },
}

/** States that interrupt another one. */
export const STOPS: readonly AnyState[] = ['suspended', 'missing']

/** Scopes whose withdrawal stops the referral. */
export const STOPPING_SCOPES = ['assistance', 'share_receiving_agency', 'return'] as const

/** States before a hand-over that such a withdrawal turns into `suspended`: safe stop, then a decision. */
export const STOPPED_BY_WITHDRAWAL: readonly AnyState[] = [...UNDER_WAY, 'in_care']

/** Events that carry a referral on: none of them stands while such a consent is withdrawn. */
export const CARRYING_ON: readonly ReferralEventName[] = [
  'submit',
  'prepare',
  'mark_ready',
  'start_service',
  'depart',
  'resume',
  'resume_early',
]

/** Answers that are kept beneath a stop: what the other side did before it knew that the referral was stopped. */
export const KEPT_BENEATH_A_STOP: readonly ReferralEventName[] = [
  'acknowledge',
  'request_info',
  'provide_info',
  'accept',
]

/** Events that end a suspended referral whose interrupted state they may leave. */
export const END_A_SUSPENSION: readonly ReferralEventName[] = ['decline', 'expire']

/** Answers that undo an expiry when they were given in time. */
export const ANSWERS_IN_TIME: readonly ReferralEventName[] = [
  'acknowledge',
  'request_info',
  'accept',
  'decline',
]

/** Who the two of a joint act must be to each other. */
export type JointRule = 'agency' | 'agency_or_clinician' | 'organisation'

/** Events that two must do together; a change of custody is the fourth joint act, by `organisation`. */
export const JOINT_EVENTS: ReadonlyMap<string, JointRule> = new Map([
  ['mark_ready', 'agency'],
  ['declare_emergency', 'agency_or_clinician'],
  ['waive_gate', 'agency'],
])

/** Where and by whom a leg is begun and ended. */
export interface LegRow {
  readonly release: readonly AnyState[]
  readonly releasedBy: readonly SidedRole[]
  readonly receipt: readonly AnyState[]
  readonly receivedBy: readonly SidedRole[]
}

/** The legs, by type. */
export const LEGS: Readonly<Record<CodeOf<'legType'>, LegRow>> = {
  in_country_evacuation: {
    release: EVACUABLE,
    releasedBy: KEEPERS,
    receipt: OPEN_STATES,
    receivedBy: KEEPERS,
  },
  in_country_transfer: {
    release: ['draft', ...BEFORE_DEPARTURE, 'suspended'],
    releasedBy: KEEPERS,
    receipt: OPEN_STATES,
    receivedBy: KEEPERS,
  },
  cross_border: {
    release: ['ready'],
    releasedBy: ['custodian:sending', 'escort:sending'],
    receipt: TRANSITIONS.hand_over.from,
    receivedBy: TRANSITIONS.hand_over.by,
  },
  onward: {
    release: ['handed_over', 'in_care'],
    releasedBy: ['custodian:receiving', 'escort:receiving', 'clinician:receiving'],
    receipt: OPEN_STATES,
    receivedBy: ['custodian:receiving', 'escort:receiving', 'clinician:receiving'],
  },
}

/** Who may make the file and its next versions, for the agency that is responsible. */
export const FILE_ROLES = ['case_manager', 'duty_officer'] as const

/** Who may record what is known of the person, of her way, and of what was told. */
export const RECORD_ROLES = {
  assessment: [...CASE_MANAGERS, ...SUPERVISORS, ...DUTY_OFFICERS, ...CLINICIANS],
  fitness: CLINICIANS,
  consent: EVERYONE,
  follow_up: ['case_manager:receiving', 'supervisor:receiving', 'clinician:receiving'],
  escort_plan: [...CASE_MANAGERS, ...KEEPERS],
  told: EVERYONE,
  check_in: [...CASE_MANAGERS, ...KEEPERS],
} as const satisfies Readonly<Record<string, readonly SidedRole[]>>

/** Who may ask for a travel document or a clearance, and answer. */
export const TASK_ROLES: readonly SidedRole[] = [...CASE_MANAGERS, ...DUTY_OFFICERS]
