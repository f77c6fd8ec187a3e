/**
 * Receipts of officers with the message that they are about, as its sender knows it.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#read-and-acted
 */
import { digest, type Json, type StagedMessage, type StatementDraft } from '@amana/core'
import { NOW } from '../../support/agencies.ts'
import { officer, statementOf, type World } from '../../support/envelope-fixture.ts'

const dispatch = digest('dispatch')
const named = { digest: digest('message'), relation: 'answers' } as const
const MESSAGE = { dispatch, kind: 'victim.referral/1', sentAt: NOW - 60, signed: [] }

interface Case {
  readonly kind?: 'receipt.acted/1' | 'receipt.read/1'
  readonly body?: StatementDraft['groups'][string]
  readonly relates?: StatementDraft['relates']
  readonly about?: Partial<StagedMessage> | null
  readonly by?: 'author' | 'reader'
  readonly iat?: number
}

const CASES: readonly (readonly [name: string, reason: string | undefined, one: Case])[] = [
  ['read', undefined, {}],
  ['read by an officer who reads and writes nothing', undefined, { by: 'reader' }],
  ['read after it was acted on', undefined, { about: { signed: ['acted'] } }],
  ['read 300 s before it was sent', undefined, { about: { sentAt: NOW + 300 } }],
  ['acted', undefined, { kind: 'receipt.acted/1' }],
  ['acted, with a note', undefined, { kind: 'receipt.acted/1', body: { dispatch, note: 'done' } }],
  ['a reply', 'relates', { relates: [{ ...named, relation: 'reply' }] }],
  ['two messages', 'relates', { relates: [named, { ...named, digest: digest('other') }] }],
  ['a message that was not sent', 'message', { about: null }],
  ['a receipt', 'message', { about: { kind: 'receipt.read/1' } }],
  ['an answer of a partner desk', 'message', { about: { kind: 'desk.answer/1' } }],
  ['another dispatch', 'dispatch', { body: { dispatch: digest('other') } }],
  [
    'an officer who reads nothing of it',
    'officer',
    { by: 'reader', about: { kind: 'intel.report/1' } },
  ],
  ['a message that was sent 301 s later', 'time', { about: { sentAt: NOW + 301 } }],
  ['what was read before', 'again', { about: { signed: ['read'] } }],
  [
    'what was acted on before',
    'again',
    { kind: 'receipt.acted/1', about: { signed: ['read', 'acted'] } },
  ],
]

/** Every case as JSON. */
export async function stageVectors(world: World): Promise<Json> {
  const vectors: Json[] = []
  for (const [name, reason, one] of CASES) {
    const { about, body = { dispatch }, by = 'author', relates = [named] } = one
    const kind = one.kind ?? 'receipt.read/1'
    const signed = await statementOf(world, {
      draft: { groups: { body }, relates },
      kind,
      label: name,
      signers: [{ act: 'author', key: officer(world, by) }],
    })
    const known = about === null ? null : { ...MESSAGE, ...about }
    vectors.push({
      name,
      ...(reason === undefined ? {} : { reason }),
      message: known === null ? null : { ...known, signed: [...known.signed] },
      opening: { ...signed.opening },
      statement: { ...signed.statement },
    })
  }
  return vectors
}
