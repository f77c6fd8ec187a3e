/**
 * Partner desks: the hosting node keeps what it cannot open, the desk opens it with its own key, and one officer of the
 * desk answers once.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#answer-of-a-partner-desk
 */
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { NOW } from '../../../../test/support/agencies.ts'
import { craft, drop, put, type Steps } from '../../../../test/support/crafted-envelope.ts'
import {
  codeOf,
  makeWorld,
  officer,
  outcomeOf,
  receiverOf,
  type StatementChoice,
  statementOf,
  turned,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import { editAt } from '../../../../test/support/hostile-edits.ts'
import {
  type PartnerKeys,
  SHELTER,
  withPartnerDesk,
} from '../../../../test/support/partner-desk.ts'
import { textAt } from '../../../../test/support/json.ts'
import { type Json } from '../bytes/jcs.ts'
import { digest } from '../crypto/digest.ts'
import { type AnsweredDelivery } from './answer.ts'
import { openAtDesk, type OpenedAtDesk } from './open-at-desk.ts'
import { openEnvelope } from './open.ts'
import { buildVoidEnvelope } from './envelope.ts'
import { openedGroupsDigest, openingForDesk, rebuildOpening } from './opening.ts'
import { signVoid } from './void.ts'
import { type SignedStatement, type StatementDraft } from './statement.ts'

vi.setConfig({ testTimeout: 30_000 })

const REFERRAL = 'victim.referral/1'

let world: World
let keys: PartnerKeys
let referral: SignedStatement

beforeAll(async () => {
  const hosting = await withPartnerDesk(await makeWorld(), 'shelter')
  world = hosting.world
  keys = hosting.keys
  referral = await statementOf(world, { kind: REFERRAL })
})

const toShelter = (steps: Steps = {}): Steps => ({
  desk: SHELTER,
  statements: [referral],
  ...steps,
})

async function hosted(steps: Steps = {}): Promise<readonly string[]> {
  const { bytes } = await craft(world, toShelter(steps))
  return (await outcomeOf(bytes, receiverOf(world))).results
}

async function atDesk(steps: Steps = {}): Promise<OpenedAtDesk> {
  const { bytes } = await craft(world, toShelter(steps))
  return openBytes(bytes)
}

function openBytes(bytes: Uint8Array): Promise<OpenedAtDesk> {
  const { receiver, trust } = world
  const reader = { agency: receiver.id, desk: SHELTER, key: keys.desk, now: NOW, trust }
  return openAtDesk(bytes, reader)
}

describe('the node that hosts a partner desk', () => {
  it('keeps what is for the desk, unopened', async () => {
    const { bytes } = await craft(world, toShelter())
    const received = await openEnvelope(bytes, receiverOf(world))
    expect(received).toMatchObject({ outcome: 'placed', statements: [{ result: 'stored' }] })
    expect(JSON.stringify(received)).not.toContain('"seed"')
  })

  it('keeps it unopened also where it holds the key', async () => {
    const { bytes } = await craft(world, toShelter())
    const receiver = receiverOf(world, { deskKey: () => keys.desk })
    expect((await outcomeOf(bytes, receiver)).results).toEqual(['stored'])
  })

  it.each<readonly [string, string, Steps]>([
    ['a seal for another desk', 'WIRE_AAD', { aad: put(['to', 'desk'], 'protection') }],
    ['a seal out of form', 'WIRE_JWE', { jwe: drop('iv') }],
  ])('refuses %s', async (_name, code, steps) => {
    expect(await hosted(steps)).toEqual([code])
  })

  it('refuses keys that are not the desk’s', async () => {
    const { recipients } = world.trust.deskKeys(world.receiver.id, 'protection', NOW)
    expect(await hosted({ recipients })).toEqual(['WIRE_TO'])
  })

  it('refuses a kind that the desk does not read, and keeps the others of the dispatch', async () => {
    const event = await statementOf(world)
    const openings = (): unknown => [{ ...referral.opening }, { ...event.opening }]
    const statements = [referral, { ...event, kind: REFERRAL, opening: referral.opening }]
    expect(await hosted({ statements, openings })).toEqual(['stored', 'WIRE_POLICY'])
  })

  it('refuses a statement whose signature it refuses, and keeps the others', async () => {
    const unsigned = await statementOf(world, {
      kind: REFERRAL,
      label: 'alone',
      signers: [author()],
    })
    const statements = [unsigned, referral]
    expect(await hosted({ statements })).toEqual(['TRUST_SECOND_OFFICER', 'stored'])
  })
})

function author(): NonNullable<StatementChoice['signers']>[number] {
  return { key: officer(world, 'author'), act: 'author' }
}

describe('a partner desk', () => {
  it('opens with its own key what it may see, and no more', async () => {
    const { statements } = await atDesk()
    expect(statements).toMatchObject([{ result: 'opened', excess: [] }])
    const [opened] = statements
    if (opened?.result !== 'opened') throw new Error('not opened')
    expect(Object.keys(opened.message.groups)).toContain('safeContact')
    expect(Object.keys(opened.opening.withheld)).toEqual(
      expect.arrayContaining(['identity', 'contact', 'exploitation', 'health', 'travel']),
    )
  })

  it('destroys what it should not have been sent, and says so', async () => {
    const { statements } = await atDesk({ openings: put([0], { ...referral.opening }) })
    const [opened] = statements
    if (opened?.result !== 'opened') throw new Error('not opened')
    expect(opened.excess).toEqual(expect.arrayContaining(['health', 'identity']))
    expect(JSON.stringify(opened)).not.toContain('Anaemia')
  })

  it('refuses what lacks a group that it must see', async () => {
    const lost = rebuildOpening(REFERRAL, referral.opening).groups['safety']
    const openings = (all: unknown): unknown =>
      put([0, 'withheld', 'safety'], lost)(editAt([0, 'groups'], drop('safety'))(all))
    const { statements } = await atDesk({ openings })
    expect(statements).toMatchObject([
      { result: 'refused', error: { code: 'WIRE_INCOMPLETE', details: { group: 'safety' } } },
    ])
  })

  it.each<readonly [string, string, Steps]>([
    ['an envelope for another desk', 'WIRE_NOT_FOR_ME', { desk: 'protection' }],
    ['parts that were exchanged', 'WIRE_ENVELOPE', { envelope: put(['seal'], 'x') }],
    [
      'a roster that nobody knows',
      'WIRE_TRUST_CONTEXT',
      { content: put(['context', 'rosters', 'ng.naptip'], digest('x')) },
    ],
    [
      'a sender’s roster that nobody knows',
      'WIRE_TRUST_CONTEXT',
      { content: put(['context', 'rosters', 'ne.anltp-tim'], digest('x')) },
    ],
    [
      'a charter that nobody knows',
      'WIRE_TRUST_CONTEXT',
      { content: put(['context', 'charter'], digest('x')) },
    ],
  ])('refuses %s', async (_name, code, steps) => {
    expect(await codeOf(() => atDesk(steps))).toBe(code)
  })

  it('refuses what the sender’s node did not sign, and what the sender took back', async () => {
    const sealKey = world.receiver.sealKey
    expect(await codeOf(() => atDesk({ sealKey }))).toBe('WIRE_NODE')
    const { content, dispatch } = await craft(world, toShelter())
    const place = { channel: textAt(content, ['channel']), sequence: 1 }
    const voided = await signVoid(
      { ...place, dispatch: digest(dispatch.payload) },
      world.sender.sealKey,
    )
    const bytes = buildVoidEnvelope(dispatch, voided)
    expect(await codeOf(() => openBytes(bytes))).toBe('WIRE_POLICY')
  })

  it('refuses keys that are not its own', async () => {
    const { recipients } = world.trust.deskKeys(world.receiver.id, 'protection', NOW)
    expect(await codeOf(() => atDesk({ recipients }))).toBe('WIRE_TO')
  })
})

describe('an answer of a partner desk', () => {
  const dispatch = digest('dispatch')
  const groups = digest('groups')
  const delivery = { dispatch, groups, isAnswered: false }
  const opened = { desk: SHELTER, dispatch, groups, result: 'opened' }
  const answers = [{ digest: digest('statement'), relation: 'answers' as const }]

  interface Answering {
    readonly body?: Record<string, Json>
    readonly relates?: StatementDraft['relates']
    readonly officer?: 'worker' | 'author'
    readonly delivery?: AnsweredDelivery
  }

  async function answer(choice: Answering = {}): Promise<SignedStatement> {
    const back = turned(world)
    const key = choice.officer === 'author' ? officer(back, 'author') : keys.officer
    const draft = { groups: { body: choice.body ?? opened }, relates: choice.relates ?? answers }
    const signers = [{ key, act: 'author' as const }]
    const label = JSON.stringify(draft)
    return statementOf(back, { kind: 'desk.answer/1', draft, signers, label })
  }

  async function told(
    statements: readonly SignedStatement[],
    sentTo: AnsweredDelivery | null = delivery,
  ): Promise<readonly unknown[]> {
    const back = turned(world)
    const { bytes } = await craft(back, { statements })
    const receiver = receiverOf(back, { sentTo: async () => sentTo ?? undefined })
    const received = await openEnvelope(bytes, receiver)
    const outcomes = received.outcome === 'placed' ? received.statements : []
    return outcomes.map((one) =>
      one.result === 'refused' ? [one.error.code, one.error.details] : one.result,
    )
  }

  it('is taken in under a charter that does not list its kind', async () => {
    expect(world.trust.charter.payload.kinds).not.toHaveProperty(['desk.answer/1'])
    expect(await told([await answer()])).toEqual(['opened'])
    const refusal = { desk: SHELTER, dispatch, refusal: 'trust', result: 'refused' }
    expect(await told([await answer({ body: refusal })])).toEqual(['opened'])
  })

  it('is taken in once, also within one dispatch', async () => {
    const second = { ...opened, result: 'refused', refusal: 'trust' }
    const { groups: _groups, ...body } = second
    const statements = [await answer(), await answer({ body })]
    expect(await told(statements)).toEqual(['opened', ['WIRE_ANSWER', { reason: 'again' }]])
  })

  it('may follow one in the same dispatch that was refused', async () => {
    const wrong = await answer({ body: { ...opened, groups: digest('x') } })
    expect(await told([wrong, await answer()])).toEqual([
      ['WIRE_ANSWER', { reason: 'groups' }],
      'opened',
    ])
  })

  it.each<readonly [string, string, Answering]>([
    ['of an officer of another desk', 'officer', { body: { ...opened, desk: 'protection' } }],
    ['for what the desk was not sent', 'delivery', {}],
    ['for another dispatch', 'dispatch', { body: { ...opened, dispatch: digest('x') } }],
    ['that opened other groups', 'groups', { body: { ...opened, groups: digest('x') } }],
    ['that was given before', 'again', { delivery: { ...delivery, isAnswered: true } }],
    ['that replies', 'relates', { relates: [{ digest: digest('statement'), relation: 'reply' }] }],
    [
      'for two statements',
      'relates',
      { relates: [...answers, { digest: digest('other'), relation: 'answers' }] },
    ],
  ])('is refused %s', async (_name, reason, choice) => {
    const known = reason === 'delivery' ? null : (choice.delivery ?? delivery)
    expect(await told([await answer(choice)], known)).toEqual([['WIRE_ANSWER', { reason }]])
  })

  it('is refused of an officer without the role', async () => {
    expect(await told([await answer({ officer: 'author' })])).toEqual([
      ['WIRE_POLICY', { rule: 'role author:desk' }],
    ])
  })

  it('names the groups as the sender computes them', async () => {
    const { statements } = await atDesk()
    const [one] = statements
    if (one?.result !== 'opened') throw new Error('not opened')
    const sent = openingForDesk(REFERRAL, shelterOf(world), referral.opening)
    expect(openedGroupsDigest(one.opening)).toBe(openedGroupsDigest(sent))
  })
})

function shelterOf({ receiver, trust }: World): Parameters<typeof openingForDesk>[1] {
  const desk = trust.rosterOf(receiver.id).payload.desks.find(({ id }) => id === SHELTER)
  if (desk === undefined) throw new Error('no shelter')
  return desk
}
