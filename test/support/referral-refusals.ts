/**
 * One step for each reason for which a step of a referral is refused: it would stand but for that reason.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#reasons
 */
import { type ReferralReason, type ReferralStatement } from '@amana/core'
import { CHILD } from './child-file.ts'
import {
  agreement,
  CROSSING,
  type Groups,
  JOURNEY,
  link,
  NOON,
  OFFICERS,
  overlay,
  PATH_TO_PREPARING,
  type ReferralStory,
  type Told,
  WOMAN,
} from './referral-fixture.ts'

type Make = (story: ReferralStory) => ReferralStatement
type Case = readonly [ReferralReason, Told, Make, Groups?]

/** A step, the state before it and the file, and the one reason for which it is refused. */
export interface Refusal {
  readonly reason: ReferralReason
  readonly state: Told
  readonly make: Make
  readonly groups: Groups
}

const CREATE = PATH_TO_PREPARING[0][1]
const EMERGENCY = {
  event: 'declare_emergency',
  destination: 'ne.hospital-niamey',
  legType: 'in_country_evacuation',
  escorts: JOURNEY.escorts,
}
const WAIVER = { event: 'waive_gate', gate: 'clearance', reason: 'The office is closed today' }
const CLOSE = {
  event: 'close',
  outcome: 'family_reunified',
  personInformed: 'yes',
  familyEnquiry: 'no',
}
const DOCUMENT = { documentType: 'etc', authority: 'ng.embassy' }

const event =
  (by: Parameters<ReferralStory['event']>[0], body: Readonly<Record<string, unknown>>): Make =>
  (story) =>
    story.event(by, body)

const proposal =
  (by: Parameters<ReferralStory['event']>[0], body: Readonly<Record<string, unknown>>): Make =>
  (story) =>
    story.event(by, body, story.expiring())

const ready =
  (changes: Groups, journey: Readonly<Record<string, unknown>> = JOURNEY): Make =>
  (story) => {
    story.keep(story.file('anltpManager', changes))
    return story.event('anltpManager', journey, story.expiring())
  }

/** The file of one who is stranded takes the place of the file, before the step. */
const stranded =
  (
    risk: Readonly<Record<string, unknown>>,
    body: Readonly<Record<string, unknown>>,
    result = 'NotAVictimOfTrafficking',
  ): Make =>
  (story) => {
    const screening = { screenedForTrafficking: 'yes', result, at: '2026-11-14T00:00:00Z' }
    story.keep(story.stranded('anltpManager', { risk, screening }))
    return story.event('anltpManager', body, story.expiring())
  }

const release =
  (body: Readonly<Record<string, unknown>>): Make =>
  (story) =>
    story.custody('anltpEscort', { ...CROSSING, act: 'release', ...body }, story.expiring())

const agreed =
  (
    change: (made: ReferralStatement, story: ReferralStory) => Partial<ReferralStatement>,
    body: Readonly<Record<string, unknown>> = JOURNEY,
  ): Make =>
  (story) => {
    const made = story.event('anltpManager', JOURNEY, story.expiring())
    story.keep(made)
    const answer = story.event('naptipManager', body, { relates: [link('agrees', made)] })
    return { ...answer, ...change(made, story) }
  }

/** From the escort to a police station; `changes` to her own signature make the one who takes the person. */
const transfer =
  (
    changes: { readonly officer?: string; readonly organisation: string },
    approver?: 'anltpGuard',
  ): Make =>
  (story) => {
    const way = {
      ...CROSSING,
      legType: 'in_country_transfer',
      to: { organisation: 'ne.police', type: 'police' },
    }
    const released = story.custody('anltpEscort', { ...way, act: 'release' }, story.expiring())
    story.keep(released)
    const relates = [link('agrees', released)]
    const received = story.custody('anltpEscort', { ...way, act: 'receipt' }, { relates })
    const second =
      approver === undefined ? [] : [{ ...OFFICERS[approver], act: 'approve' as const }]
    return { ...received, signers: [{ ...OFFICERS.anltpEscort, ...changes }, ...second] }
  }

const task =
  (routing: Readonly<Record<string, unknown>>): Make =>
  (story) =>
    story.task('anltpManager', {
      routing: { ...DOCUMENT, ...routing },
    })

const CASES: readonly Case[] = [
  [
    'other_referral',
    'draft',
    (story) =>
      story.event('anltpManager', { event: 'submit' }, { reference: 'NE-ANLTP-21-00000000-Y' }),
  ],
  [
    'exercise_mixed',
    'draft',
    (story) => ({ ...story.event('anltpManager', { event: 'submit' }), exercise: true }),
  ],
  ['file_in_force', 'draft', (story) => story.file('anltpManager', {}, { relates: [] })],
  [
    'wrong_state',
    'draft',
    event('naptipManager', { event: 'start_care', arrivalConfirmed: 'yes' }),
  ],
  ['wrong_role', 'draft', event('anltpNobody', { event: 'submit' })],
  [
    'wrong_organisation',
    'ready',
    release({ from: { organisation: 'ne.church-agadez', type: 'faith_ngo' } }),
  ],
  [
    'screening_missing',
    'none',
    event('anltpManager', { event: 'create', receivingAgency: 'ng.naptip' }),
  ],
  [
    'identity_missing',
    'draft',
    event('anltpManager', { event: 'submit' }),
    overlay(WOMAN, { identity: { citizenship: [] } }),
  ],
  [
    'no_contact_unanswered',
    'draft',
    event('anltpManager', { event: 'submit' }),
    { ...WOMAN, safety: { riskLevel: 'high' } },
  ],
  [
    'share_consent_missing',
    'draft',
    event('anltpManager', { event: 'submit' }),
    overlay(WOMAN, { consent: { consents: [] } }),
  ],
  [
    'guardian_unclear',
    'draft',
    event('anltpManager', { event: 'submit' }),
    overlay(CHILD, { child: { guardianSuspected: 'yes' } }),
  ],
  [
    'justification_missing',
    'draft',
    event('anltpManager', { event: 'submit' }),
    overlay(WOMAN, { consent: { legalBasis: 'vital_interests' } }),
  ],
  [
    'risk_missing',
    'draft',
    event('anltpManager', { event: 'submit' }),
    { ...WOMAN, safety: { doNotContact: [] } },
  ],
  ['question_missing', 'acknowledged', event('naptipManager', { event: 'request_info' })],
  ['reason_missing', 'ready', event('anltpManager', { event: 'suspend' })],
  ['reception_unnamed', 'acknowledged', event('naptipManager', { event: 'accept' })],
  [
    'head_and_alternative_needed',
    'acknowledged',
    event('naptipManager', { event: 'decline', reason: 'no_capacity', alternative: 'Kano' }),
    overlay(WOMAN, { routing: { urgency: 'emergency' } }),
  ],
  ['too_early', 'submitted', event('anltpManager', { event: 'expire' })],
  [
    'never_accepted',
    'submitted',
    (story) => {
      story.keep(story.event('anltpManager', { event: 'suspend', reason: 'health' }))
      return story.event('anltpManager', { event: 'resume', causeCleared: 'yes' })
    },
  ],
  [
    'best_interests_missing',
    'preparing',
    (story) => {
      const { authorisation: _authorisation, ...child } = CHILD['child'] ?? {}
      story.groups = { ...story.groups, child }
      return ready({})(story)
    },
    CHILD,
  ],
  ['return_consent_missing', 'preparing', ready({ consent: { consents: [] } })],
  [
    'transfer_basis_missing',
    'draft',
    event('anltpManager', { event: 'submit' }),
    {
      ...WOMAN,
      consent: { legalBasis: 'vital_interests', justification: 'She is in danger' },
    },
  ],
  ['return_not_wished', 'preparing', stranded({ returnIntention: 'no' }, JOURNEY)],
  [
    'screening_positive',
    'draft',
    stranded({ returnIntention: 'yes' }, { event: 'submit' }, 'PossibleVictimOfTrafficking'),
  ],
  [
    'consent_withdrawn',
    'accepted',
    (story) => {
      const consents = [{ scope: 'return', status: 'withdrawn', recorded: NOON }]
      story.keep(story.file('anltpManager', { consent: { consents } }))
      return story.event('anltpManager', { event: 'resume', causeCleared: 'yes' })
    },
  ],
  ['protection_claim_open', 'preparing', ready({ risk: { protectionClaim: 'unknown' } })],
  [
    'travel_document_missing',
    'preparing',
    ready({}, { ...JOURNEY, plannedArrival: '2026-12-30T00:00:01Z' }),
  ],
  [
    'judicial_hold',
    'preparing',
    (story) => {
      const routing = {
        clearanceType: 'exit_authorisation',
        authority: 'ne.police',
        nonPunishment: 'yes',
      }
      const asked = story.task('anltpManager', {
        routing: { ...routing, act: 'request', status: 'requested' },
      })
      story.keep(asked)
      const relates = [link('answers', asked)]
      const groups = {
        routing: { ...routing, act: 'answer', status: 'on_hold' },
        travel: { holdFound: 'yes' },
      }
      story.keep(story.task('anltpManager', groups, { relates }))
      return story.event('anltpManager', JOURNEY, story.expiring())
    },
  ],
  ['escort_missing', 'preparing', ready({}, { ...JOURNEY, escorts: [] })],
  [
    'escort_unvetted',
    'preparing',
    ready({}, { ...JOURNEY, escorts: [{ organisation: 'ne.anltp-tim', gender: 'Feminine' }] }),
    CHILD,
  ],
  [
    'female_escort_missing',
    'preparing',
    ready(
      {},
      {
        ...JOURNEY,
        escorts: [{ organisation: 'ne.anltp-tim', officer: 'anltp-07', gender: 'Masculine' }],
      },
    ),
  ],
  ['clearance_missing', 'preparing', ready({ travel: { clearanceRequired: 'yes' } })],
  [
    'fitness_missing',
    'preparing',
    ready({
      fitness: { assessment: { fitToTravel: 'no', assessedAt: NOON, clinician: 'hospital-01' } },
    }),
  ],
  [
    'reception_missing',
    'preparing',
    ready(
      {},
      { event: 'mark_ready', plannedArrival: JOURNEY.plannedArrival, escorts: JOURNEY.escorts },
    ),
  ],
  ['risk_outdated', 'preparing', ready({ safety: { assessedAt: '2026-11-08T08:59:59Z' } })],
  ['release_missing', 'ready', event('anltpEscort', { event: 'depart' })],
  ['same_officer', 'draft', transfer({ organisation: 'ne.police' })],
  [
    'same_organisation',
    'draft',
    transfer({ officer: 'police-01', organisation: 'ne.police' }, 'anltpGuard'),
  ],
  ['same_agency', 'none', event('anltpManager', { ...CREATE, receivingAgency: 'ne.anltp-tim' })],
  ['proposal_without_expiry', 'preparing', event('anltpManager', JOURNEY)],
  ['proposal_unknown', 'preparing', agreed(() => ({ relates: [agreement('A'.repeat(43))] }))],
  ['proposal_expired', 'preparing', agreed((made) => ({ iat: made.exp ?? 0 }))],
  [
    'proposal_differs',
    'preparing',
    agreed(() => ({}), { ...JOURNEY, plannedArrival: '2026-11-23T20:00:00Z' }),
  ],
  [
    'proposal_withdrawn',
    'preparing',
    agreed((made, story) => {
      const taken = story.event('anltpManager', JOURNEY, {
        relates: [link('withdraws', made)],
      })
      story.keep(taken)
      return { acknowledges: [taken.digest] }
    }),
  ],
  [
    'agreement_not_single',
    'preparing',
    agreed((made) => ({ relates: [link('agrees', made), agreement('A'.repeat(43))] })),
  ],
  [
    'agreement_of_agreement',
    'preparing',
    agreed((made, story) => {
      const other = story.event('anltpColleague', JOURNEY, {
        relates: [link('agrees', made)],
      })
      story.keep(other)
      return { relates: [link('agrees', other)] }
    }),
  ],
  ['hard_gate', 'preparing', proposal('anltpHead', { ...WAIVER, gate: 'judicial_hold' })],
  ['emergency_undeclared', 'accepted', release({ legType: 'in_country_evacuation' })],
  [
    'risk_too_low',
    'accepted',
    proposal('anltpManager', EMERGENCY),
    overlay(WOMAN, { safety: { riskLevel: 'medium' } }),
  ],
  [
    'destination_missing',
    'accepted',
    proposal('anltpManager', {
      event: 'declare_emergency',
      legType: 'in_country_evacuation',
      escorts: JOURNEY.escorts,
    }),
  ],
  ['crosses_border', 'accepted', proposal('anltpManager', { ...EMERGENCY, legType: 'onward' })],
  [
    'leg_disputed',
    'in_transit',
    (story) => {
      story.keep(story.event('anltpEscort', { event: 'suspend', reason: 'health' }))
      return release({ legType: 'in_country_transfer' })(story)
    },
  ],
  [
    'arrival_unconfirmed',
    'handed_over',
    event('naptipManager', { event: 'start_care', arrivalConfirmed: 'no' }),
  ],
  [
    'outcome_missing',
    'in_care',
    event('naptipSupervisor', { event: 'close_deceased', outcome: 'reintegrated' }),
  ],
  ['person_not_informed', 'in_care', event('naptipSupervisor', { ...CLOSE, personInformed: 'no' })],
  [
    'case_owner',
    'in_care',
    (story) => {
      story.keep(story.file('naptipManager', { routing: { caseOwner: 'naptip-01' } }))
      return story.event('naptipSupervisor', CLOSE)
    },
  ],
  ['family_enquiry_missing', 'in_care', event('naptipSupervisor', CLOSE), CHILD],
  ['not_a_service', 'accepted', event('naptipManager', { event: 'start_service' })],
  [
    'cause_not_cleared',
    'accepted',
    (story) => {
      story.keep(story.event('anltpManager', { event: 'suspend', reason: 'health' }))
      return story.event('anltpManager', { event: 'resume', causeCleared: 'no' })
    },
  ],
  [
    'already_accepted',
    'accepted',
    (story) => {
      story.keep(story.event('anltpManager', { event: 'suspend', reason: 'health' }))
      return story.event('anltpManager', { event: 'resume_early', causeCleared: 'yes' })
    },
  ],
  ['request_unknown', 'accepted', task({ act: 'answer', status: 'fulfilled' })],
  ['status_unfit', 'accepted', task({ act: 'request', status: 'fulfilled' })],
]

/** A case for every reason but `file_missing`, which has no story to begin with. */
export const REFUSALS: readonly Refusal[] = CASES.map(([reason, state, make, groups = WOMAN]) => ({
  reason,
  state,
  make,
  groups,
}))
