/**
 * The machine beside the model of the design: the same events by the same officers lead to the same states, for a person
 * of whom one thing or another is missing; where the machine does more than the model, it is said here.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#table
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHILD } from '../../../../test/support/child-file.ts'
import {
  agreement,
  type Clear,
  CROSSING,
  giveDocument,
  type Groups,
  JOURNEY,
  NAPTIP,
  NOON,
  type OfficerName,
  overlay,
  ReferralStory,
  WOMAN,
} from '../../../../test/support/referral-fixture.ts'
import {
  MODEL,
  type ModelReferral,
  type ModelStep,
  stepModel,
  unknownGuards,
} from '../../../../test/support/referral-model.ts'
import { HARD_GATES, SOFT_GATES } from './reasons.ts'
import { TRANSITIONS } from './table.ts'

const LATE = '2026-12-22T09:00:00Z'

/** What may be missing: in the file, and in the model of it. */
const LACKS: Readonly<Record<string, readonly [Groups, Partial<ModelReferral>]>> = {
  identity: [{ person: { gender: undefined } }, { isIdentified: false }],
  noContact: [{ safety: { doNotContact: undefined } }, { noContactAnswered: false }],
  risk: [{ safety: { riskLevel: undefined } }, { hasRisk: false }],
  share: [{ consent: { legalBasis: 'consent', consents: [] } }, { shares: false, returns: false }],
  claim: [{ risk: { protectionClaim: 'unknown' } }, { protectionClaim: 'unknown' }],
  clearance: [{ travel: { clearanceRequired: 'yes' } }, { hasClearance: false }],
  fitness: [{ fitness: { assessment: undefined } }, { fitAt: 0 }],
  oldRisk: [
    { safety: { assessedAt: '2026-11-01T00:00:00Z' } },
    { riskAt: Date.parse('2026-11-01T00:00:00Z') },
  ],
}
const DOCUMENT_UNTIL = Date.parse('2026-12-30T00:00:00Z')

const ROLES: Readonly<Partial<Record<OfficerName, readonly string[]>>> = {
  anltpManager: ['case_manager:sending'],
  anltpEscort: ['escort:sending'],
  anltpSupervisor: ['supervisor:sending'],
  naptipManager: ['case_manager:receiving', 'supervisor:receiving'],
  naptipDuty: ['duty_officer:receiving'],
  naptipCustodian: ['custodian:receiving'],
}
/** Events as the machine takes them: usual author, and what is said, with and without why. */
const EVENTS: Readonly<Record<string, readonly [OfficerName, object, object]>> = {
  create: [
    'anltpManager',
    { receivingAgency: NAPTIP, screening: { result: 'PossibleVictimOfTrafficking' } },
    { receivingAgency: NAPTIP },
  ],
  submit: ['anltpManager', {}, {}],
  acknowledge: ['naptipDuty', {}, {}],
  request_info: ['naptipManager', { question: 'Her age?' }, {}],
  provide_info: ['anltpManager', {}, {}],
  accept: ['naptipManager', { receptionOrganisation: NAPTIP }, {}],
  decline: ['naptipManager', { reason: 'unsafe' }, {}],
  reroute: ['anltpManager', { receivingAgency: NAPTIP }, { receivingAgency: NAPTIP }],
  expire: ['anltpManager', {}, {}],
  prepare: ['anltpManager', {}, {}],
  mark_ready: ['anltpManager', JOURNEY, { ...JOURNEY, reception: undefined }],
  start_service: ['naptipManager', {}, {}],
  depart: ['anltpEscort', {}, {}],
  hand_over: ['naptipCustodian', {}, {}],
  start_care: ['naptipManager', { arrivalConfirmed: 'yes' }, { arrivalConfirmed: 'no' }],
  close: [
    'naptipManager',
    { outcome: 'reintegrated', personInformed: 'yes', familyEnquiry: 'yes' },
    { personInformed: 'no', familyEnquiry: 'yes' },
  ],
  reopen: ['naptipManager', { reason: 'x' }, {}],
  cancel: ['anltpManager', { reason: 'other' }, {}],
  suspend: ['anltpManager', { reason: 'health' }, {}],
  resume: ['anltpManager', { causeCleared: 'yes' }, { causeCleared: 'no' }],
  resume_early: ['anltpManager', { causeCleared: 'yes' }, { causeCleared: 'no' }],
  report_missing: ['anltpManager', {}, {}],
  found: ['anltpManager', {}, {}],
  close_missing: ['anltpSupervisor', { outcome: 'lost_contact' }, {}],
  close_deceased: ['anltpSupervisor', { outcome: 'deceased' }, {}],
}

/** Where the machine goes on and the model does not; a walk ends there. */
const FURTHER: readonly (readonly [event: string, states: readonly string[]])[] = [
  ['cancel', ['declined', 'in_care']],
  ['suspend', ['in_care']],
  ['start_service', ['preparing']],
  ['report_missing', ['declined', 'expired', 'cancelled']],
  ['close_deceased', ['declined', 'expired', 'cancelled']],
  ['found', ['missing', 'closed']],
]

interface Try {
  readonly event: string
  readonly by: OfficerName | 'usual'
  readonly saysWhy: boolean
  readonly late: boolean
}

const path = [
  'create',
  'submit',
  'acknowledge',
  'accept',
  'prepare',
  'mark_ready',
  'depart',
  'hand_over',
  'start_care',
  'close',
]
const usual = { by: 'usual', saysWhy: true, late: false } as const
const AnyTry = fc.record<Try>({
  event: fc.constantFrom(...Object.keys(EVENTS)),
  by: fc.oneof(
    { weight: 5, arbitrary: fc.constant('usual' as const) },
    fc.constantFrom<OfficerName>(
      'anltpManager',
      'anltpEscort',
      'anltpSupervisor',
      'naptipManager',
      'naptipDuty',
      'naptipCustodian',
    ),
  ),
  saysWhy: fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, fc.constant(false)),
  late: fc.oneof({ weight: 12, arbitrary: fc.constant(false) }, fc.constant(true)),
})
/** A way that leads somewhere, with other tries between its steps. */
const Walk = fc
  .tuple(
    fc.nat({ max: path.length }),
    fc.array(fc.tuple(fc.nat({ max: 30 }), AnyTry), { maxLength: 12 }),
  )
  .map(([length, others]) => {
    const tries: Try[] = path.slice(0, length).map((event) => ({ ...usual, event }))
    for (const [at, other] of others) tries.splice(at % (tries.length + 1), 0, other)
    return tries
  })
const Person = fc.record({
  child: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
  service: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
  document: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
  lacks: fc.oneof(
    { weight: 3, arbitrary: fc.constant<string[]>([]) },
    fc.subarray(Object.keys(LACKS), { maxLength: 2 }),
  ),
})
type PersonOf = typeof Person extends fc.Arbitrary<infer P> ? P : never

function modelOf({ child, service, document, lacks }: PersonOf): ModelReferral {
  return lacks.reduce<ModelReferral>((model, name) => ({ ...model, ...LACKS[name]?.[1] }), {
    state: '-',
    accepted: false,
    kind: service ? 'service' : 'transnational',
    ageMin: child ? 15 : 24,
    isIdentified: true,
    noContactAnswered: true,
    hasRisk: true,
    riskAt: Date.parse('2026-11-15T00:00:00Z'),
    shares: true,
    guardianClear: true,
    returns: true,
    bestInterests: true,
    protectionClaim: 'no',
    documentUntil: document ? DOCUMENT_UNTIL : 0,
    hasClearance: true,
    fitAt: Date.parse('2026-11-21T00:00:00Z'),
  })
}

function storyOf({ child, service, lacks }: PersonOf): ReferralStory {
  const kind = { routing: { referralKind: service ? 'service' : 'transnational' } }
  const whole = overlay(child ? CHILD : WOMAN, kind)
  const groups = lacks.reduce<Groups>((file, name) => overlay(file, LACKS[name]?.[0] ?? {}), whole)
  const story = new ReferralStory(pruned(groups))
  story.keep(story.file('anltpManager'))
  return story
}

/** Without the members that are `undefined`. */
function pruned(groups: Groups): Groups {
  const entries = Object.entries(groups).map(([name, group]): readonly [string, Groups[string]] => [
    name,
    Object.fromEntries(Object.entries(group).filter(([, value]) => value !== undefined)),
  ])
  return Object.fromEntries(entries)
}

/** Whoever signs knows everything: what crosses on the way is not in the model. */
function knowingAll({ statements }: ReferralStory): Clear {
  return { acknowledges: statements.map(({ digest }) => digest) }
}

/** The step as the machine takes it; the state after it. */
function stepMachine(story: ReferralStory, { event, saysWhy }: Try, by: OfficerName): string {
  const [, with_, without] = EVENTS[event] ?? expect.fail()
  const body = pruned({ body: { event, ...(saysWhy ? with_ : without) } })['body'] ?? {}
  if (event === 'hand_over') {
    const release = story.at().pending.find((each) => each.event === 'release')?.statement
    const relates = release === undefined ? [] : [agreement(release)]
    story.keep(story.custody(by, { ...CROSSING, act: 'receipt' }, { relates }))
  } else if (event === 'mark_ready') {
    story.together(['anltpManager', 'naptipManager'], body)
  } else {
    if (event === 'depart' && story.at().state === 'ready') {
      story.keep(story.custody('anltpEscort', { ...CROSSING, act: 'release' }, story.expiring()))
    }
    story.keep(story.event(by, body, knowingAll(story)))
  }
  return story.at().state
}

/** What the model leaves to the system, the sender decides. */
const mayExpire = new Set<string>(TRANSITIONS.expire.by)

function stepOf(story: ReferralStory, attempt: Try, by: OfficerName): ModelStep {
  const { event, saysWhy } = attempt
  const name = story.at().state === 'submitted' ? 'acknowledge' : 'decide'
  const due = story.at().deadlines.findLast(({ clock }) => clock === name)?.dueAt ?? NOON
  const isJoint = event === 'mark_ready'
  const own = ROLES[by] ?? []
  const roles = isJoint ? ['case_manager:sending+case_manager:receiving'] : own
  return {
    event,
    roles: event === 'expire' && own.some((role) => mayExpire.has(role)) ? ['system'] : roles,
    now: Date.parse(story.time),
    deadline: Date.parse(due),
    saysWhy,
    hasReception: saysWhy,
    escorts: ['Feminine'],
    plannedArrival: Date.parse(JOURNEY.plannedArrival),
    isReleased: story.at().openGates.length === 0,
  }
}

const isFurther = (event: string, state: string): boolean =>
  FURTHER.some(([name, states]) => name === event && states.includes(state))

describe('the machine and the model of the design', () => {
  it('have the same states and events', () => {
    expect(unknownGuards()).toEqual([])
    expect(MODEL.states).toHaveLength(16)
    expect(MODEL.transitions.map(({ event }) => event).toSorted()).toEqual(
      Object.keys(EVENTS).toSorted(),
    )
  })

  it.each(MODEL.transitions)('$event has every edge of the model', ({ event, from, to }) => {
    const row = Object.entries(TRANSITIONS).find(([name]) => name === event)?.[1]
    expect(row?.from).toEqual(
      expect.arrayContaining(from.map((state) => (state === '-' ? 'none' : state))),
    )
    expect(row?.to).toBe(to)
  })

  it('waive no gate that the model holds hard', () => {
    expect(MODEL.softGates).toHaveLength(SOFT_GATES.length)
    expect(HARD_GATES).toEqual(
      expect.arrayContaining([
        'acceptance',
        'return_basis',
        'protection_claim',
        'travel_document',
        'judicial_hold',
      ]),
    )
  })

  it('come to the same state by the same events', () => {
    const reached = new Set<string>()
    fc.assert(
      fc.property(Person, Walk, (person, tries) => {
        const model = modelOf(person)
        const story = storyOf(person)
        for (const attempt of tries) {
          if (attempt.late) story.time = LATE
          if (endsWalk(story, attempt)) return
          reached.add(compareStep({ person, story, model }, attempt))
        }
      }),
      { numRuns: 120 },
    )
    expect(reached.size).toBeGreaterThan(12)
  })
})

/** The machine asks for every gate again at a departure that is weeks late; the model does not. */
function endsWalk(story: ReferralStory, { event }: Try): boolean {
  return isFurther(event, story.at().state) || (event === 'depart' && story.time === LATE)
}

interface Beside {
  readonly person: PersonOf
  readonly story: ReferralStory
  readonly model: ModelReferral
}

/** Does a step in both, and compares the states that they come to. */
function compareStep({ person, story, model }: Beside, attempt: Try): string {
  const { event } = attempt
  const by = attempt.by === 'usual' ? (EVENTS[event]?.[0] ?? 'stranger') : attempt.by
  const before = story.at().state
  stepModel(model, stepOf(story, attempt, by))
  const state = stepMachine(story, attempt, by)
  const expected = model.state === '-' ? 'none' : model.state
  expect({ before, event, by, state }).toEqual({ before, event, by, state: expected })
  if (before === 'none' && state === 'draft' && person.document) giveDocument(story)
  return state
}
