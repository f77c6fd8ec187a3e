/**
 * One body of every kind that its schemas accept. Persons, numbers and places in them are invented.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#kinds
 */
import { digest, type Json, type Kind, parseDraft } from '@amana/core'
import { readJson } from './repository.ts'
import { FILLED_REFERRAL } from './filled-referral.ts'
import { asJson } from './json.ts'

/** Groups of a body by name. */
export type Groups = Readonly<Record<string, { readonly [member: string]: Json }>>

const PLACE = { referral: 'NE-ANLTP-26-5T9XW2HD-D', occurredAt: '2026-11-24T09:50:00Z' }

const MINUTES = {
  meeting: {
    number: 4,
    type: 'jtwg',
    mode: 'virtual',
    from: '2026-11-23',
    to: '2026-11-23',
    place: { en: 'by video link', fr: 'par visioconférence' },
  },
  attendance: [{ seat: 'NG-NAPTIP-01', present: 'yes' }],
  items: [
    {
      number: 1,
      title: { en: 'Opening', fr: 'Ouverture' },
      summary: { en: 'The chair opened the meeting.', fr: 'La présidence a ouvert la séance.' },
      decisions: [],
      actions: [],
    },
  ],
  decisions: [],
  actions: [],
  status: 'drafting',
  dueToChairs: '2026-11-26',
  draftedIn: 'fr',
  casesMentioned: 'none',
}

/** A body of each kind. */
export const BODIES: Readonly<Record<Kind, Groups>> = {
  'victim.referral/1': FILLED_REFERRAL,
  'referral.event/1': { body: { ...PLACE, sequence: 2, event: 'submit' } },
  'handover.receipt/1': {
    body: {
      ...PLACE,
      sequence: 3,
      act: 'release',
      leg: 'leg-1',
      legType: 'cross_border',
      from: { organisation: 'ne.anltp-tim', type: 'state_shelter' },
      to: { organisation: 'ng.naptip', type: 'anti_tip_agency' },
      place: 'NG-FC-01',
      condition: 'stable',
    },
  },
  'task.travel-document/1': {
    routing: {
      ...PLACE,
      sequence: 4,
      act: 'request',
      status: 'requested',
      authority: 'ng.embassy',
      documentType: 'etc',
    },
    travel: { nameForDocument: 'Ladi Test Invented' },
    risk: { protectionClaimChecked: 'yes' },
  },
  'task.clearance/1': {
    routing: {
      ...PLACE,
      sequence: 5,
      act: 'request',
      status: 'requested',
      authority: 'ne.police',
      clearanceType: 'exit_authorisation',
      nonPunishment: 'yes',
    },
    travel: {},
  },
  'intel.report/1': intelligenceReport(),
  'jtwg.minutes/1': { body: MINUTES },
  'desk.answer/1': {
    body: {
      desk: 'shelter-x',
      dispatch: digest('dispatch'),
      groups: digest('groups'),
      result: 'opened',
    },
  },
}

function intelligenceReport(): Groups {
  const draft = parseDraft(readJson('examples/agadez/intel-report.json'))
  const groups = Object.entries(draft.groups).map(([name, group]) => [name, asJson(group)] as const)
  return Object.fromEntries(groups)
}
