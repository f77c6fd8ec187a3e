/**
 * One body of every kind that its schemas accept. Persons, numbers and places in them are invented.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#kinds
 */
import { digest, type Json, type Kind, parseDraft } from '@amana/core'
import { z } from 'zod'
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

const { samples } = z
  .object({
    samples: z.array(
      z.object({ kind: z.string(), groups: z.record(z.string(), z.record(z.string(), z.json())) }),
    ),
  })
  .parse(readJson('test/vectors/messages/samples.json'))

/** A body of each kind. */
export const BODIES: Readonly<Record<Kind, Groups>> = {
  'victim.referral/1': FILLED_REFERRAL,
  'victim.referral/2': {
    ...FILLED_REFERRAL,
    routing: { ...FILLED_REFERRAL['routing'], treatAsChild: 'yes' },
    references: { assessments: [{ statement: digest('assessment'), type: 'risk' }] },
  },
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
  'receipt.read/1': { body: { dispatch: digest('dispatch') } },
  'receipt.acted/1': { body: { dispatch: digest('dispatch'), note: 'done' } },
  /** Without the file of the sample, which a dispatch would have to bind. */
  'referral.stranded-migrant/1': { ...sampleOf('referral.stranded-migrant/1'), identity: {} },
  'referral.assessment/1': sampleOf('referral.assessment/1'),
  'referral.consent/1': sampleOf('referral.consent/1'),
  'referral.follow-up/1': sampleOf('referral.follow-up/1'),
  'referral.told/1': sampleOf('referral.told/1'),
  'handover.escort-plan/1': sampleOf('handover.escort-plan/1'),
  'handover.check-in/1': sampleOf('handover.check-in/1'),
  'handover.manifest/1': sampleOf('handover.manifest/1'),
  'task.service/1': sampleOf('task.service/1'),
  'task.bed-query/1': sampleOf('task.bed-query/1'),
  'task.assistance/1': sampleOf('task.assistance/1'),
  'rights.request/1': sampleOf('rights.request/1'),
  'rights.answer/1': sampleOf('rights.answer/1'),
  'rights.correction/1': sampleOf('rights.correction/1'),
  'rights.erasure/1': sampleOf('rights.erasure/1'),
  'rights.breach/1': sampleOf('rights.breach/1'),
}

function sampleOf(kind: Kind): Groups {
  return samples.find((sample) => sample.kind === kind)?.groups ?? {}
}

function intelligenceReport(): Groups {
  const draft = parseDraft(readJson('examples/agadez/intel-report.json'))
  const groups = Object.entries(draft.groups).map(([name, group]) => [name, asJson(group)] as const)
  return Object.fromEntries(groups)
}
