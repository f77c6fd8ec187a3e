/**
 * Receipts of officers: an officer who may read the message says once that it was read, and once that it was acted on.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#read-and-acted
 */
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { NOW } from '../../../../test/support/agencies.ts'
import { craft } from '../../../../test/support/crafted-envelope.ts'
import {
  makeWorld,
  officer,
  receiverOf,
  statementOf,
  withNextRoster,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import { digest } from '../crypto/digest.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { mayReadOf } from '../messages/officer-matrix.ts'
import { openEnvelope } from './open.ts'
import { hasStages, type StagedMessage } from './stage.ts'
import { type SignedStatement, type StatementDraft } from './statement.ts'

vi.setConfig({ testTimeout: 30_000 })

const dispatch = digest('dispatch')
const TOO_LATE = WIRE_LIMITS.clockSkewSeconds + 1
const message: StagedMessage = {
  kind: 'victim.referral/1',
  dispatch,
  sentAt: NOW - 60,
  signed: [],
}
const names = { digest: digest('statement'), relation: 'answers' } as const

let world: World

beforeAll(async () => {
  world = await makeWorld()
})

interface Receipting {
  readonly kind?: 'receipt.acted/1' | 'receipt.read/1'
  readonly body?: StatementDraft['groups'][string]
  readonly relates?: StatementDraft['relates']
  readonly about?: Partial<StagedMessage>
  readonly label?: string
  /** `reader` has no role of an author. */
  readonly by?: 'author' | 'reader'
}

async function receipt({
  body = { dispatch },
  by = 'author',
  kind = 'receipt.read/1',
  label = '',
  relates = [names],
}: Receipting = {}): Promise<SignedStatement> {
  const draft = { groups: { body }, relates }
  const signers = [{ act: 'author' as const, key: officer(world, by) }]
  return statementOf(world, { draft, kind, label: label + JSON.stringify(draft), signers })
}

async function told(
  statements: readonly SignedStatement[],
  about: StagedMessage | undefined = message,
  at: World = world,
): Promise<readonly unknown[]> {
  const { bytes } = await craft(at, { statements })
  const receiver = receiverOf(at, { stagedAt: async () => about })
  const received = await openEnvelope(bytes, receiver)
  const outcomes = received.outcome === 'placed' ? received.statements : []
  return outcomes.map((one) =>
    one.result === 'refused' ? [one.error.code, one.error.details] : one.result,
  )
}

describe('a receipt of an officer', () => {
  it('is taken in under a charter that lists neither kind, in either order', async () => {
    expect(Object.keys(world.trust.charter.payload.kinds)).not.toContain('receipt.read/1')
    const acted = await receipt({ kind: 'receipt.acted/1', body: { dispatch, note: 'done' } })
    expect(await told([acted])).toEqual(['opened'])
    expect(await told([await receipt()], { ...message, signed: ['acted'] })).toEqual(['opened'])
  })

  it('needs no role of an author, but that its officer reads the message', async () => {
    expect(await told([await receipt({ by: 'reader' })])).toEqual(['opened'])
  })

  it('is taken in once for each of the two, also within one dispatch', async () => {
    const statements = [
      await receipt(),
      await receipt({ label: 'again' }),
      await receipt({ kind: 'receipt.acted/1' }),
    ]
    expect(await told(statements)).toEqual([
      'opened',
      ['WIRE_STAGE', { reason: 'again' }],
      'opened',
    ])
  })

  it.each<readonly [string, string, Receipting]>([
    ['for a message of another dispatch', 'dispatch', { body: { dispatch: digest('x') } }],
    [
      'for a message that its officer may not read',
      'officer',
      { by: 'reader', about: { kind: 'intel.report/1' } },
    ],
    ['that is older than its message', 'time', { about: { sentAt: NOW + TOO_LATE } }],
    ['that was signed before', 'again', { about: { signed: ['read'] } }],
    ['for another receipt', 'message', { about: { kind: 'receipt.acted/1' } }],
    ['for the answer of a partner desk', 'message', { about: { kind: 'desk.answer/1' } }],
    ['that replies', 'relates', { relates: [{ ...names, relation: 'reply' }] }],
    ['for two messages', 'relates', { relates: [names, { ...names, digest: digest('other') }] }],
  ])('is refused %s', async (_name, reason, choice) => {
    const about = { ...message, ...choice.about }
    expect(await told([await receipt(choice)], about)).toEqual([['WIRE_STAGE', { reason }]])
  })

  it('is refused for a message that was not delivered', async () => {
    const { bytes } = await craft(world, { statements: [await receipt()] })
    const received = await openEnvelope(bytes, receiverOf(world))
    expect(received).toMatchObject({
      statements: [{ error: { code: 'WIRE_STAGE', details: { reason: 'message' } } }],
    })
  })

  it('is not refused for a clock that goes a little ahead', async () => {
    const about = { ...message, sentAt: NOW + WIRE_LIMITS.clockSkewSeconds }
    expect(await told([await receipt()], about)).toEqual(['opened'])
  })

  it('is refused of an officer whose key was revoked, or who is another agency’s', async () => {
    const signed = await receipt()
    const { keyId } = officer(world, 'author')
    const revoked = [{ kid: keyId, since: NOW - 10, reason: 'compromise' as const }]
    const later = await withNextRoster(world, 'sender', {
      issuedAt: NOW - 5,
      changes: { revoked },
    })
    expect(await told([signed], message, later)).toEqual([['WIRE_KEY_REVOKED', expect.anything()]])
    const stranger = world.receiver.officers['author']
    if (stranger === undefined) throw new Error('no officer')
    const foreign = await statementOf(world, {
      draft: { groups: { body: { dispatch } }, relates: [names] },
      kind: 'receipt.read/1',
      signers: [{ act: 'author', key: stranger }],
    })
    expect(await told([foreign])).toEqual([['WIRE_ISS', expect.anything()]])
  })
})

describe('who may say that a message was read', () => {
  it('is who reads something of its kind, or writes in its area', () => {
    expect(mayReadOf(['case_manager'], 'victim.referral/1')).toBe(true)
    expect(mayReadOf(['head'], 'intel.report/1')).toBe(true)
    expect(mayReadOf(['author:task'], 'task.clearance/1')).toBe(true)
    expect(mayReadOf(['approve:task'], 'task.clearance/1')).toBe(true)
    expect(mayReadOf(['author:victim', 'case_manager'], 'intel.report/1')).toBe(false)
    expect(mayReadOf(['author:intel'], 'victim.referral/1')).toBe(false)
  })

  it('is nobody where the message is a receipt itself, or an answer of a desk', () => {
    expect(['intel.report/1', 'referral.event/1'].every((kind) => hasStages(kind))).toBe(true)
    expect(
      ['receipt.read/1', 'receipt.acted/1', 'desk.answer/1'].some((kind) => hasStages(kind)),
    ).toBe(false)
  })
})
