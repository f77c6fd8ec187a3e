/**
 * Two nodes that work without a line, each on what it knows: whatever order brings their statements together, both compute
 * the same referral, a withdrawal holds, and nobody has left without the gates.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#order
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  agreement,
  ANLTP,
  CROSSING,
  JOURNEY,
  NAPTIP,
  NOON,
  OFFICERS,
  type OfficerName,
  REFERENCE,
  type ReferralStory,
  type Told,
  toldUpTo,
} from '../../../../test/support/referral-fixture.ts'
import { addHours } from './instants.ts'
import { computeReferral, type Referral } from './referral.ts'
import { type ReferralStatement } from './statement.ts'

type Body = Readonly<Record<string, unknown>>

const END = '2027-01-01T00:00:00Z'
const SENDING: readonly (readonly [OfficerName, Body])[] = [
  ['anltpManager', { event: 'submit' }],
  ['anltpManager', { event: 'provide_info', answer: '24' }],
  ['anltpManager', { event: 'reroute', receivingAgency: NAPTIP }],
  ['anltpManager', { event: 'expire' }],
  ['anltpManager', { event: 'prepare' }],
  ['anltpManager', { ...JOURNEY }],
  ['anltpEscort', { event: 'depart' }],
  ['anltpManager', { event: 'cancel', reason: 'local_solution' }],
  ['anltpManager', { event: 'suspend', reason: 'health' }],
  ['anltpManager', { event: 'resume', causeCleared: 'yes' }],
  ['anltpManager', { event: 'resume_early', causeCleared: 'yes' }],
  ['anltpManager', { event: 'report_missing' }],
  ['anltpManager', { event: 'found' }],
  ['anltpSupervisor', { event: 'close_missing', outcome: 'lost_contact' }],
  ['anltpSupervisor', { event: 'close_deceased', outcome: 'deceased' }],
  ['anltpManager', { event: 'withdraw_consent', scope: 'assistance' }],
  ['anltpHead', { event: 'waive_gate', gate: 'fitness', reason: 'x' }],
]
const RECEIVING: readonly (readonly [OfficerName, Body])[] = [
  ['naptipDuty', { event: 'acknowledge' }],
  ['naptipManager', { event: 'request_info', question: 'Her age?' }],
  ['naptipManager', { event: 'accept', receptionOrganisation: NAPTIP }],
  ['naptipManager', { event: 'decline', reason: 'no_capacity', alternative: 'Kano' }],
  ['naptipManager', { event: 'start_care', arrivalConfirmed: 'yes' }],
  ['naptipManager', { event: 'suspend', reason: 'health' }],
  ['naptipManager', { event: 'report_missing' }],
  ['naptipManager', { event: 'found' }],
  ['naptipManager', { event: 'reopen', reason: 'x' }],
  [
    'naptipSupervisor',
    { event: 'close', outcome: 'reintegrated', personInformed: 'yes', familyEnquiry: 'yes' },
  ],
  ['naptipSupervisor', { event: 'close_deceased', outcome: 'deceased' }],
  ['naptipManager', { event: 'withdraw_consent', scope: 'return' }],
]

/** What one side does: an event, a half of a joint act, a leg, or a line that comes up for a moment. */
type Act = 'event' | 'agree' | 'release' | 'receipt' | 'file' | 'send'
interface Try {
  readonly act: Act
  readonly choice: number
  readonly minute: number
  readonly side: 'sending' | 'receiving'
}

const Tries = fc.array(
  fc.record<Try>({
    side: fc.constantFrom('sending', 'receiving'),
    act: fc.oneof(
      { weight: 6, arbitrary: fc.constant<Act>('event') },
      fc.constantFrom<Act>('agree', 'release', 'receipt', 'file', 'send'),
    ),
    choice: fc.nat({ max: 100 }),
    minute: fc.integer({ min: 0, max: 600 }),
  }),
  { minLength: 1, maxLength: 24 },
)
const Start = fc.constantFrom<Told>(
  'draft',
  'submitted',
  'acknowledged',
  'accepted',
  'preparing',
  'ready',
  'in_transit',
  'handed_over',
  'in_care',
)

interface Node {
  readonly story: ReferralStory
  readonly agency: string
  /** How many of its statements the other side has. */
  sent: number
}

/** Both nodes after everything arrived at both. */
function apart(start: Told, tries: readonly Try[]): readonly [Node, Node] {
  const story = toldUpTo(start)
  const nodes: readonly [Node, Node] = [
    { story, agency: ANLTP, sent: 0 },
    { story: story.fork(), agency: NAPTIP, sent: 0 },
  ]
  const own = new Map<Node, ReferralStatement[]>(nodes.map((node) => [node, []]))
  const send = (from: Node, to: Node): void => {
    const signed = own.get(from) ?? []
    to.story.statements.push(...signed.slice(from.sent))
    from.sent = signed.length
  }
  for (const attempt of tries) {
    const [from, to] = attempt.side === 'sending' ? nodes : [nodes[1], nodes[0]]
    if (attempt.act === 'send') {
      send(from, to)
      continue
    }
    const statement = made(from, { ...attempt, act: actOf(attempt) })
    from.story.statements.push(statement)
    own.get(from)?.push(statement)
  }
  send(nodes[0], nodes[1])
  send(nodes[1], nodes[0])
  return nodes
}

/** A release is signed by the sending side, a receipt by the receiving one. */
function actOf({ act, side }: Try): Act {
  if (act === 'release' && side === 'receiving') return 'receipt'
  return act === 'receipt' && side === 'sending' ? 'release' : act
}

/** What the side signs, knowing what it has. */
function made({ story, agency }: Node, { act, choice, minute }: Try): ReferralStatement {
  const acknowledges = story.statements
    .filter(({ signers }) => signers[0]?.agency !== agency)
    .map(({ digest }) => digest)
  const at = addHours(NOON, minute / 60)
  const isSending = agency === ANLTP
  const manager = isSending ? 'anltpManager' : 'naptipManager'
  const [pending] = story.at().pending
  const answer = {
    acknowledges,
    at,
    relates: pending === undefined ? [] : [agreement(pending.statement)],
  }
  if (act === 'file') return story.file(manager, {}, { acknowledges, at })
  if (act === 'agree') return story.event(manager, JOURNEY, answer)
  if (act === 'receipt') return taken(story, answer)
  const clear = { acknowledges, at, ...story.expiring() }
  if (act === 'release') return story.custody('anltpEscort', { ...CROSSING, act }, clear)
  const list = isSending ? SENDING : RECEIVING
  const [by, body] = list[choice % list.length] ?? expect.fail()
  return story.event(by, body, clear)
}

const digests = ({ story }: Node): readonly string[] => story.statements.map(({ digest }) => digest)

const taken = (story: ReferralStory, clear: Parameters<ReferralStory['custody']>[2]) =>
  story.custody('naptipCustodian', { ...CROSSING, act: 'receipt' }, clear)

const seenBy = ({ story }: Node): Referral => computeReferral(REFERENCE, story.statements, END)
const STOPPED: readonly string[] = [
  'submitted',
  'acknowledged',
  'info_requested',
  'accepted',
  'preparing',
  'ready',
  'in_transit',
]
const RUNS = { numRuns: 60 }

describe('two nodes without a line', () => {
  it('compute the same referral when everything has arrived', () => {
    fc.assert(
      fc.property(Start, Tries, (start, tries) => {
        const [sending, receiving] = apart(start, tries)
        expect(seenBy(receiving)).toEqual(seenBy(sending))
      }),
      RUNS,
    )
  })

  it('have arrived at statements in another order', () => {
    const tries: readonly Try[] = [
      { side: 'sending', act: 'event', choice: 7, minute: 2 },
      { side: 'receiving', act: 'event', choice: 0, minute: 1 },
    ]
    const [sending, receiving] = apart('submitted', tries)
    expect(digests(sending)).not.toEqual(digests(receiving))
    expect(seenBy(sending)).toMatchObject({ state: 'cancelled' })
    expect(seenBy(receiving)).toEqual(seenBy(sending))
  })

  it('stop at a withdrawal, whatever the other one did meanwhile', () => {
    fc.assert(
      fc.property(Start, Tries, (start, tries) => {
        const [sending] = apart(start, tries)
        const { state, withdrawn, responsible } = seenBy(sending)
        if (withdrawn.length === 0 || responsible !== ANLTP) return
        expect(STOPPED).not.toContain(state)
      }),
      RUNS,
    )
  })

  it('let nobody leave for whom a gate was open', () => {
    fc.assert(
      fc.property(Start, Tries, (start, tries) => {
        const [sending] = apart(start, tries)
        const { steps } = seenBy(sending)
        const left = steps.findLastIndex(
          ({ event, effect }) => event === 'depart' && effect === 'moved',
        )
        if (left === -1) return
        const before = new Set(steps.slice(0, left).map(({ statement }) => statement))
        const known = sending.story.statements.filter(({ digest }) => before.has(digest))
        const { occurredAt = END } = steps[left] ?? {}
        const { openGates, state } = computeReferral(REFERENCE, known, occurredAt)
        expect({ openGates, state }).toEqual({ openGates: [], state: 'ready' })
      }),
      RUNS,
    )
  })
})

it.each([
  [ANLTP, SENDING],
  [NAPTIP, RECEIVING],
] as const)('the officers of %s belong to it', (agency, list) => {
  expect(new Set(list.map(([by]) => OFFICERS[by].agency))).toEqual(new Set([agency]))
})
