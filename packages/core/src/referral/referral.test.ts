/**
 * The two doors of the machine: a referral computed, and a step judged before it is sent.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#refusal
 */
import { describe, expect, it } from 'vitest'
import {
  JOURNEY,
  link,
  NOON,
  REFERENCE,
  ReferralStory,
  toldUpTo,
} from '../../../../test/support/referral-fixture.ts'
import { ERRORS } from '../errors.ts'
import { computeReferral, judgeStep } from './referral.ts'
import { readContent, referralReferenceOf } from './statement.ts'

function refusal(event: string, ...reasons: readonly string[]): unknown {
  return expect.objectContaining({ code: 'REFERRAL_REFUSED', details: { event, reasons } })
}

function gates(story: ReferralStory): readonly string[] {
  return story.at().openGates.map(({ gate }) => gate)
}

describe('a referral', () => {
  it('of no statement has not begun', () => {
    expect(computeReferral(REFERENCE, [], NOON)).toEqual({
      reference: REFERENCE,
      state: 'none',
      custody: [],
      steps: [],
      pending: [],
      tasks: [],
      told: [],
      waivers: [],
      openGates: [],
      withdrawn: [],
      deadlines: [],
      followUps: [],
    })
  })

  it('names its parties, its file and its urgency', () => {
    const story = toldUpTo('accepted')
    expect(story.at()).toMatchObject({
      sending: 'ne.anltp-tim',
      receiving: 'ng.naptip',
      responsible: 'ne.anltp-tim',
      urgency: 'urgent',
      referralKind: 'transnational',
      caseOwner: 'anltp-01',
      file: story.statements[0]?.digest,
      updatedAt: NOON,
    })
  })

  it('of an exercise is one from its first step that stands, and takes nothing that is not', () => {
    const story = toldUpTo('accepted')
    const drill = story.statements.map((made) => ({ ...made, exercise: true as const }))
    const [file, ...others] = drill
    const astray = { ...story.event('stranger', { event: 'submit' }), digest: 'astray' }
    const real = story.event('anltpManager', { event: 'prepare' })
    const told = [astray, file, ...others, real].filter((made) => made !== undefined)
    const referral = computeReferral(REFERENCE, told, NOON)
    expect(referral).toMatchObject({ exercise: true, state: 'accepted' })
    expect(referral.steps.at(-1)).toMatchObject({ effect: 'refused', refused: ['exercise_mixed'] })
    expect(story.at()).not.toHaveProperty('exercise')
  })

  it('is the same whenever it is looked at, but for its clocks and gates', () => {
    const story = toldUpTo('preparing')
    const { deadlines: _early, openGates: _gates, ...early } = story.at('2020-01-01T00:00:00Z')
    const { deadlines: _late, openGates: _more, ...late } = story.at('2099-01-01T00:00:00Z')
    expect(early).toEqual(late)
  })

  it('passes over a statement that comes again', () => {
    const { statements } = toldUpTo('preparing')
    expect(computeReferral(REFERENCE, [...statements, ...statements], NOON)).toEqual(
      computeReferral(REFERENCE, statements, NOON),
    )
  })

  it('keeps a refused step in its list, with who signed it and why', () => {
    const story = toldUpTo('draft')
    const step = story.keep(
      story.event('naptipManager', { event: 'close', personInformed: 'no', familyEnquiry: 'no' }),
    )
    expect(step).toMatchObject({
      event: 'close',
      occurredAt: NOON,
      by: { agency: 'ng.naptip', organisation: 'ng.naptip', officer: 'naptip-20' },
      state: 'draft',
      effect: 'refused',
      refused: ['wrong_state'],
    })
    expect(story.at().steps.at(-1)).toEqual(step)
  })

  it('shows what stops a departure before anybody proposes one', () => {
    expect(gates(toldUpTo('draft'))).toEqual(['acceptance', 'escort', 'reception'])
    expect(gates(toldUpTo('preparing'))).toEqual(['escort', 'reception'])
    expect(gates(toldUpTo('in_transit'))).toEqual([])
  })

  it('shows the gates of the journey that is proposed', () => {
    const story = toldUpTo('preparing')
    const { reception: _reception, ...unreceived } = JOURNEY
    story.keep(story.event('anltpManager', JOURNEY, story.expiring()))
    expect(story.at().openGates).toEqual([])
    expect(story.reasons(story.event('anltpManager', unreceived, story.expiring()))).toEqual([
      'reception_missing',
    ])
  })

  it.each([
    ['other members', [{ body: { event: 'submit' } }], 'WIRE_SCHEMA'],
    ['another kind', [{ body: {} }, 'intel.report/1'], 'WIRE_SCHEMA'],
  ] as const)('does not read a statement with %s', (_what, [groups, kind], code) => {
    const story = toldUpTo('draft')
    const made = story.event('anltpManager', { event: 'submit' })
    const odd = { ...made, groups, kind: kind ?? made.kind }
    expect(() => computeReferral(REFERENCE, [odd], NOON)).toThrow(expect.objectContaining({ code }))
  })

  it('does not read a statement that nobody wrote', () => {
    const story = toldUpTo('draft')
    const made = story.event('anltpManager', { event: 'submit' })
    const signers = made.signers.map((signer) => ({ ...signer, act: 'approve' as const }))
    expect(() => computeReferral(REFERENCE, [{ ...made, signers }], NOON)).toThrow(
      expect.objectContaining({ code: 'WIRE_SCHEMA', details: { path: 'signers' } }),
    )
  })
})

describe('a step before it is sent', () => {
  it('is told where it leads', () => {
    const story = toldUpTo('draft')
    const step = judgeStep(
      REFERENCE,
      story.statements,
      story.event('anltpManager', { event: 'submit' }),
    )
    expect(step).toMatchObject({
      event: 'submit',
      state: 'submitted',
      effect: 'moved',
      warnings: [],
    })
    expect(story.at().state).toBe('draft')
  })

  it('is refused with every reason', () => {
    const story = toldUpTo('draft')
    const ready = story.event('naptipManager', { event: 'start_care', arrivalConfirmed: 'no' })
    expect(() => judgeStep(REFERENCE, story.statements, ready)).toThrow(
      refusal('start_care', 'wrong_state'),
    )
    const create = story.event('naptipManager', { event: 'create', receivingAgency: 'ng.naptip' })
    expect(() => judgeStep(REFERENCE, story.statements, create)).toThrow(
      refusal('create', 'wrong_state', 'wrong_role'),
    )
  })

  it('is judged by who knows every statement that it follows', () => {
    const story = toldUpTo('preparing')
    const proposal = story.event('anltpManager', JOURNEY, story.expiring())
    story.keep(proposal)
    story.keep(story.event('anltpManager', JOURNEY, { relates: [link('withdraws', proposal)] }))
    const agreed = story.event('naptipManager', JOURNEY, { relates: [link('agrees', proposal)] })
    expect(story.reasons(agreed)).toEqual([])
    expect(() => judgeStep(REFERENCE, story.statements, agreed)).toThrow(
      refusal('mark_ready', 'proposal_withdrawn'),
    )
  })

  it('is refused with the exit status of what is not allowed, and told to no peer', () => {
    expect(ERRORS.REFERRAL_REFUSED).toMatchObject({ exit: 5, http: 409, retry: 'after-change' })
    expect(ERRORS.REFERRAL_REFUSED.refusal).toBeUndefined()
  })
})

describe('the reference of a statement', () => {
  it.each(toldUpTo('closed').statements)('is read from $kind', ({ kind, groups }) => {
    expect(referralReferenceOf(kind, groups)).toBe(REFERENCE)
  })

  it.each([
    ['a kind of no referral', 'jtwg.minutes/1', { body: {} }],
    ['a group that is not open', 'referral.event/1', {}],
    [
      'a reference with a wrong check character',
      'referral.event/1',
      { body: { referral: `${REFERENCE.slice(0, -1)}0`, occurredAt: NOON, sequence: 1 } },
    ],
    ['what is no object', 'referral.event/1', 'body'],
  ])('is none in %s', (_what, kind, groups) => {
    expect(referralReferenceOf(kind, groups)).toBeUndefined()
  })
})

describe('groups that are withheld', () => {
  it('count as empty', () => {
    const story = new ReferralStory()
    const { groups, ...file } = story.file('anltpManager')
    const { routing } = groups
    expect(readContent({ ...file, groups: { routing } })).toMatchObject({ type: 'file' })
    story.keep({ ...file, groups: { routing } })
    const create = {
      event: 'create',
      receivingAgency: 'ng.naptip',
      screening: { result: 'PossibleVictimOfTrafficking' },
    }
    story.keep(story.event('anltpManager', create))
    expect(story.reasons(story.event('anltpManager', { event: 'submit' }))).toEqual([
      'identity_missing',
      'no_contact_unanswered',
      'risk_missing',
      'justification_missing',
      'transfer_basis_missing',
    ])
  })
})
