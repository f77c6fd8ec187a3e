/**
 * What holds for any referral, whatever its officers try: gates, withdrawal, an end, and refusals that change nothing.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#states
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  agreement,
  ANLTP,
  CROSSING,
  type Groups,
  JOURNEY,
  link,
  NAPTIP,
  OFFICERS,
  type OfficerName,
  overlay,
  REFERENCE,
  type ReferralStory,
  toldUpTo,
} from '../../../../test/support/referral-fixture.ts'
import { SOFT_GATES } from './reasons.ts'
import { computeReferral, type Referral } from './referral.ts'
import { type ReferralStatement } from './statement.ts'
import { OPEN_STATES } from './table.ts'

type Body = Readonly<Record<string, unknown>>

const NAMES = fc.constantFrom(...Object.keys(OFFICERS).filter(isOfficer))
const BODIES: readonly Body[] = [
  {
    event: 'create',
    receivingAgency: NAPTIP,
    screening: { result: 'PossibleVictimOfTrafficking' },
  },
  { event: 'submit' },
  { event: 'acknowledge' },
  { event: 'request_info', question: 'Her age?' },
  { event: 'provide_info', answer: '24' },
  { event: 'accept', receptionOrganisation: NAPTIP },
  { event: 'decline', reason: 'unsafe', alternative: 'Kano' },
  { event: 'reroute', receivingAgency: NAPTIP },
  { event: 'expire' },
  { event: 'prepare' },
  JOURNEY,
  { event: 'depart' },
  { event: 'start_care', arrivalConfirmed: 'yes' },
  { event: 'close', outcome: 'reintegrated', personInformed: 'yes', familyEnquiry: 'yes' },
  { event: 'reopen', reason: 'x' },
  { event: 'cancel', reason: 'other' },
  { event: 'suspend', reason: 'health' },
  { event: 'resume', causeCleared: 'yes' },
  { event: 'resume_early', causeCleared: 'yes' },
  { event: 'report_missing' },
  { event: 'found' },
  { event: 'close_missing', outcome: 'lost_contact' },
  { event: 'withdraw_consent', scope: 'photo' },
  { event: 'waive_gate', gate: 'fitness', reason: 'x' },
]
/** Who usually does it, so that a walk gets somewhere; the rest of the tries are anybody’s. */
const USUAL: readonly OfficerName[] = [
  'anltpManager',
  'anltpEscort',
  'anltpSupervisor',
  'anltpHead',
  'naptipManager',
  'naptipDuty',
  'naptipCustodian',
  'naptipHead',
]

const Try = fc.record({
  by: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...USUAL) }, NAMES),
  what: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...BODIES) },
    fc.constantFrom('release', 'receipt', 'file', 'agree'),
  ),
})
const Start = fc.constantFrom(
  ...([
    'draft',
    'submitted',
    'acknowledged',
    'accepted',
    'preparing',
    'ready',
    'in_transit',
    'in_care',
  ] as const),
)
const Walk = fc.tuple(Start, fc.array(Try, { minLength: 1, maxLength: 12 }))

/** A referral that was tried at; after each try, what stood before and after it. */
function walk(
  [start, tries]: readonly [
    (typeof OPEN_STATES)[number] & Parameters<typeof toldUpTo>[0],
    readonly Attempt[],
  ],
  check: (before: Referral, after: Referral) => void,
): ReferralStory {
  const story = toldUpTo(start)
  let before = story.at()
  for (const attempt of tries) {
    story.statements.push(made(story, before, attempt))
    const after = story.at()
    check(before, after)
    before = after
  }
  return story
}

interface Attempt {
  readonly by: OfficerName
  readonly what: Body | 'release' | 'receipt' | 'file' | 'agree'
}

function made(story: ReferralStory, known: Referral, { by, what }: Attempt): ReferralStatement {
  const [pending] = known.pending
  const relates = pending === undefined ? [] : [agreement(pending.statement)]
  if (what === 'file') return story.file(by)
  if (what === 'release') return story.custody(by, { ...CROSSING, act: what }, story.expiring())
  if (what === 'receipt') return story.custody(by, { ...CROSSING, act: what }, { relates })
  if (what === 'agree') return story.event(by, JOURNEY, { relates })
  return story.event(by, what, story.expiring())
}

const withoutSteps = ({ steps: _steps, ...seen }: Referral): Omit<Referral, 'steps'> => seen

const RUNS = { numRuns: 40 }

describe('whatever officers try', () => {
  it('changes nothing when it is refused', () => {
    fc.assert(
      fc.property(Walk, (attempts) => {
        walk(attempts, (before, after) => {
          const step = after.steps.at(-1)
          if (step?.effect !== 'refused') return
          expect(step.refused.length).toBeGreaterThan(0)
          expect(withoutSteps(after)).toEqual(withoutSteps(before))
        })
      }),
      RUNS,
    )
  })

  it('moves responsibility by a hand-over only', () => {
    fc.assert(
      fc.property(Walk, (attempts) => {
        walk(attempts, (before, after) => {
          if (before.responsible === after.responsible) return
          expect([before.responsible, after.responsible]).toEqual([ANLTP, NAPTIP])
          expect(after.steps.at(-1)?.event).toBe('receipt')
        })
      }),
      RUNS,
    )
  })

  it('leaves the person free to stop it: a withdrawal stands in every open state', () => {
    fc.assert(
      fc.property(Walk, NAMES, (attempts, by) => {
        const story = walk(attempts, () => undefined)
        fc.pre(by !== 'stranger' && by !== 'anltpNobody')
        const { state, custodian: _custodian, responsible } = story.at()
        const step = story.keep(story.event(by, { event: 'withdraw_consent', scope: 'assistance' }))
        expect(step.refused).toEqual([])
        const isHandedOver = responsible === NAPTIP
        const goesOn = OPEN_STATES.some((open) => open === state) && !isHandedOver
        if (goesOn) expect(['suspended', 'missing', 'draft']).toContain(step.state)
      }),
      RUNS,
    )
  })

  it('comes to an end: a supervisor can close it in every state', () => {
    fc.assert(
      fc.property(Walk, fc.constantFrom('anltpSupervisor', 'naptipSupervisor'), (attempts, by) => {
        const story = walk(attempts, () => undefined)
        if (story.at().state === 'closed') return
        const end = story.event(by, { event: 'close_deceased', outcome: 'deceased' })
        expect(story.keep(end).state).toBe('closed')
      }),
      RUNS,
    )
  })

  it('never moves a joint act by one agency alone', () => {
    fc.assert(
      fc.property(Walk, ([start, attempts]) => {
        const own = attempts.map((attempt) => ({
          ...attempt,
          by: OFFICERS[attempt.by].agency === ANLTP ? attempt.by : ('anltpManager' as const),
        }))
        walk([start, own], (before, after) => {
          expect(after.waivers).toEqual(before.waivers.length === 0 ? [] : expect.anything())
          if (before.state === 'preparing') expect(after.state).not.toBe('ready')
          if (before.state === 'in_transit') expect(after.state).not.toBe('handed_over')
        })
      }),
      RUNS,
    )
  })
})

/** What must be there, each with a change of the file or the journey that takes it away. */
const GATES: Readonly<Record<string, { readonly file?: Groups; readonly journey?: Body }>> = {
  return_basis: { file: { consent: { consents: [] } } },
  protection_claim: { file: { risk: { protectionClaim: 'unknown' } } },
  travel_document: { journey: { plannedArrival: '2027-01-01T00:00:00Z' } },
  escort: { journey: { escorts: [] } },
  escort_gender: { journey: { escorts: [{ ...JOURNEY.escorts[0], gender: 'Masculine' }] } },
  clearance: { file: { travel: { clearanceRequired: 'yes' } } },
  fitness: { file: { fitness: {} } },
  reception: { journey: { reception: undefined } },
  risk_age: { file: { safety: { assessedAt: '2026-11-01T00:00:00Z' } } },
}

describe('a person', () => {
  it('is in transit exactly if every gate is passed, or waived where it may be', () => {
    const names = Object.keys(GATES)
    const some = fc.subarray(names, { maxLength: 3 })
    fc.assert(
      fc.property(some, fc.subarray([...SOFT_GATES]), (missing, waived) => {
        const story = toldUpTo('preparing')
        story.groups = missing.reduce<Groups>((groups, name) => laid(groups, name), story.groups)
        story.keep(story.file('anltpManager'))
        for (const gate of waived) {
          story.together(['anltpHead', 'naptipHead'], { event: 'waive_gate', gate, reason: 'x' })
        }
        story.together(['anltpManager', 'naptipManager'], journeyWithout(missing))
        story.keep(story.custody('anltpEscort', { ...CROSSING, act: 'release' }, story.expiring()))
        story.keep(story.event('anltpEscort', { event: 'depart' }))
        const open = missing.filter((name) => !waived.some((gate) => gate === name))
        const nobody = missing.includes('escort') && missing.includes('escort_gender')
        const blocked = open.length > 0 || nobody
        expect(story.at().state).toBe(blocked ? 'preparing' : 'in_transit')
      }),
    )
  })

  it.each(Object.keys(GATES).filter((name) => GATES[name]?.file !== undefined))(
    'does not leave when %s closes after everybody was ready',
    (name) => {
      const story = toldUpTo('ready')
      story.groups = laid(story.groups, name)
      story.keep(story.file('anltpManager'))
      story.keep(story.custody('anltpEscort', { ...CROSSING, act: 'release' }, story.expiring()))
      expect(story.keep(story.event('anltpEscort', { event: 'depart' })).refused).toHaveLength(1)
    },
  )
})

describe('agreements that are mixed up', () => {
  const acts: readonly (readonly [readonly [OfficerName, OfficerName], Body])[] = [
    [['anltpManager', 'naptipManager'], JOURNEY],
    [['anltpManager', 'naptipManager'], { ...JOURNEY, plannedArrival: '2026-11-23T08:00:00Z' }],
    [['naptipManager', 'anltpManager'], { ...JOURNEY, plannedArrival: '2026-11-23T09:00:00Z' }],
    [['anltpHead', 'naptipHead'], { event: 'waive_gate', gate: 'fitness', reason: 'x' }],
    [['anltpHead', 'naptipHead'], { event: 'waive_gate', gate: 'clearance', reason: 'x' }],
    [['naptipHead', 'anltpHead'], { event: 'waive_gate', gate: 'fitness', reason: 'y' }],
  ]
  const indexes = acts.map((_act, index) => index)

  it('complete their own proposal or none', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(indexes, { minLength: 2 }),
        fc.shuffledSubarray(indexes, { minLength: 6 }),
        (order, links) => {
          const story = toldUpTo('preparing')
          const proposals = acts.map(([[by], body]) => {
            const proposal = story.event(by, body, story.expiring())
            story.keep(proposal)
            return proposal
          })
          for (const index of order) {
            const [[, by], body] = acts[index] ?? expect.fail()
            const target = links[index] ?? index
            const relates = [link('agrees', proposals[target] ?? expect.fail())]
            const step = story.keep(story.event(by, body, { relates }))
            if (target !== index) expect(step.effect).toBe('refused')
          }
        },
      ),
    )
  })
})

describe('the same statements', () => {
  it('give the same referral', () => {
    fc.assert(
      fc.property(Walk, (attempts) => {
        const { statements, time } = walk(attempts, () => undefined)
        expect(computeReferral(REFERENCE, statements, time)).toEqual(
          computeReferral(REFERENCE, structuredClone(statements), time),
        )
      }),
      RUNS,
    )
  })
})

function laid(groups: Groups, name: string): Groups {
  const change = GATES[name]?.file
  if (change === undefined) return groups
  return change['fitness'] === undefined ? overlay(groups, change) : { ...groups, fitness: {} }
}

function journeyWithout(missing: readonly string[]): Body {
  const changed = missing.reduce<Body>(
    (body, name) => ({ ...body, ...GATES[name]?.journey }),
    JOURNEY,
  )
  const nobody = missing.includes('escort') ? { escorts: [] } : {}
  return Object.fromEntries(
    Object.entries({ ...changed, ...nobody }).filter(([, value]) => value !== undefined),
  )
}

function isOfficer(name: string): name is OfficerName {
  return Object.hasOwn(OFFICERS, name)
}
