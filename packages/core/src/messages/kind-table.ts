/**
 * The kinds of messages as data: area, desk, groups, and how long each is kept.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#kinds
 */
import { type z } from 'zod'
import { ASSESSMENT_GROUPS } from './assessment.ts'
import { BED_QUERY_GROUPS } from './bed-query.ts'
import { BREACH_GROUPS } from './breach.ts'
import { CHECK_IN_GROUPS } from './check-in.ts'
import { CONSENT_GROUPS } from './consent-record.ts'
import { CORRECTION_GROUPS } from './correction.ts'
import { DESK_ANSWER_GROUPS } from './desk-answer.ts'
import { ERASURE_GROUPS } from './erasure.ts'
import { ESCORT_PLAN_GROUPS } from './escort-plan.ts'
import { FOLLOW_UP_GROUPS } from './follow-up.ts'
import { HANDOVER_RECEIPT_GROUPS } from './handover-receipt.ts'
import { INTEL_REPORT_GROUPS } from './intel-report.ts'
import { JTWG_MINUTES_GROUPS } from './jtwg-minutes.ts'
import { MANIFEST_GROUPS } from './manifest.ts'
import { REFERRAL_EVENT_GROUPS } from './referral-event.ts'
import { RIGHTS_ANSWER_GROUPS, RIGHTS_REQUEST_GROUPS } from './rights-request.ts'
import { ASSISTANCE_GROUPS, SERVICE_GROUPS } from './service.ts'
import { ACTED_RECEIPT_GROUPS, READ_RECEIPT_GROUPS } from './stage-receipt.ts'
import { STRANDED_MIGRANT_GROUPS } from './stranded-migrant.ts'
import { CLEARANCE_GROUPS, TRAVEL_DOCUMENT_GROUPS } from './tasks.ts'
import { TOLD_GROUPS } from './told.ts'
import { VICTIM_REFERRAL_GROUPS } from './victim-referral.ts'
import { contradictedAge, VICTIM_REFERRAL_2_GROUPS } from './victim-referral-2.ts'

/** The desks of an agency. */
export type Desk = 'protection' | 'intelligence' | 'coordination'

/** The first part of a kind; roles are `author:<area>` and `approve:<area>`. */
export type Area =
  | 'desk'
  | 'victim'
  | 'referral'
  | 'handover'
  | 'task'
  | 'intel'
  | 'jtwg'
  | 'rights'
  | 'receipt'

/** What the exchange must know of a kind. */
export interface KindDefinition {
  readonly area: Area
  readonly desk: Desk
  /** The closed list of field groups, each with its schema. */
  readonly groups: Readonly<Record<string, z.ZodType>>
  /** Groups that the reading desk may not see: they travel as digests only. */
  readonly withheldGroups: readonly string[]
  /** Years after the year of signing. */
  readonly retainYears: number
  /** Whether a statement of this kind may be one half of a joint act. */
  readonly jointAct: boolean
  /** A rule over several groups that are open: the path of what breaks it. */
  readonly contradiction?: (groups: Readonly<Record<string, unknown>>) => string | undefined
  /** The least strict marking. Nothing about a person goes to the community. */
  readonly widestTlp: 'AMBER' | 'GREEN'
}

const PERSON = {
  retainYears: 5,
  widestTlp: 'AMBER',
  desk: 'protection',
  withheldGroups: [],
} as const

/** Every kind, by name. */
export const KINDS = {
  'victim.referral/1': {
    ...PERSON,
    area: 'victim',
    groups: VICTIM_REFERRAL_GROUPS,
    withheldGroups: ['health', 'investigation'],
    jointAct: false,
  },
  'victim.referral/2': {
    ...PERSON,
    area: 'victim',
    groups: VICTIM_REFERRAL_2_GROUPS,
    withheldGroups: ['health', 'investigation'],
    jointAct: false,
    contradiction: contradictedAge,
  },
  'referral.event/1': {
    ...PERSON,
    area: 'referral',
    groups: REFERRAL_EVENT_GROUPS,
    jointAct: true,
  },
  'handover.receipt/1': {
    ...PERSON,
    area: 'handover',
    groups: HANDOVER_RECEIPT_GROUPS,
    jointAct: true,
  },
  'task.travel-document/1': {
    ...PERSON,
    area: 'task',
    groups: TRAVEL_DOCUMENT_GROUPS,
    jointAct: false,
  },
  'task.clearance/1': {
    ...PERSON,
    area: 'task',
    groups: CLEARANCE_GROUPS,
    jointAct: false,
  },
  'intel.report/1': {
    area: 'intel',
    desk: 'intelligence',
    groups: INTEL_REPORT_GROUPS,
    withheldGroups: [],
    retainYears: 3,
    jointAct: false,
    widestTlp: 'AMBER',
  },
  'jtwg.minutes/1': {
    area: 'jtwg',
    desk: 'coordination',
    groups: JTWG_MINUTES_GROUPS,
    withheldGroups: [],
    retainYears: 10,
    jointAct: false,
    widestTlp: 'GREEN',
  },
  'desk.answer/1': {
    ...PERSON,
    area: 'desk',
    groups: DESK_ANSWER_GROUPS,
    jointAct: false,
  },
  'referral.stranded-migrant/1': {
    ...PERSON,
    area: 'referral',
    groups: STRANDED_MIGRANT_GROUPS,
    withheldGroups: ['health'],
    jointAct: false,
  },
  'referral.assessment/1': {
    ...PERSON,
    area: 'referral',
    groups: ASSESSMENT_GROUPS,
    withheldGroups: ['health'],
    jointAct: false,
  },
  'referral.consent/1': { ...PERSON, area: 'referral', groups: CONSENT_GROUPS, jointAct: false },
  'referral.follow-up/1': {
    ...PERSON,
    area: 'referral',
    groups: FOLLOW_UP_GROUPS,
    withheldGroups: ['health', 'investigation'],
    jointAct: false,
  },
  'referral.told/1': { ...PERSON, area: 'referral', groups: TOLD_GROUPS, jointAct: false },
  'handover.escort-plan/1': {
    ...PERSON,
    area: 'handover',
    groups: ESCORT_PLAN_GROUPS,
    jointAct: false,
  },
  'handover.check-in/1': { ...PERSON, area: 'handover', groups: CHECK_IN_GROUPS, jointAct: false },
  'handover.manifest/1': { ...PERSON, area: 'handover', groups: MANIFEST_GROUPS, jointAct: false },
  'task.service/1': { ...PERSON, area: 'task', groups: SERVICE_GROUPS, jointAct: false },
  'task.bed-query/1': {
    ...PERSON,
    area: 'task',
    groups: BED_QUERY_GROUPS,
    retainYears: 1,
    jointAct: false,
  },
  'task.assistance/1': { ...PERSON, area: 'task', groups: ASSISTANCE_GROUPS, jointAct: false },
  'rights.request/1': { ...PERSON, area: 'rights', groups: RIGHTS_REQUEST_GROUPS, jointAct: false },
  'rights.answer/1': { ...PERSON, area: 'rights', groups: RIGHTS_ANSWER_GROUPS, jointAct: false },
  'rights.correction/1': { ...PERSON, area: 'rights', groups: CORRECTION_GROUPS, jointAct: false },
  'rights.erasure/1': { ...PERSON, area: 'rights', groups: ERASURE_GROUPS, jointAct: false },
  'rights.breach/1': { ...PERSON, area: 'rights', groups: BREACH_GROUPS, jointAct: false },
  'receipt.read/1': { ...PERSON, area: 'receipt', groups: READ_RECEIPT_GROUPS, jointAct: false },
  'receipt.acted/1': { ...PERSON, area: 'receipt', groups: ACTED_RECEIPT_GROUPS, jointAct: false },
} as const satisfies Readonly<Record<string, KindDefinition>>
