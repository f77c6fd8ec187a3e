/**
 * What a node makes: seals with the key that opens them, dispatches, receipts.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#vectors
 */
import {
  digest,
  encodeBase64url,
  encodeCanonical,
  type GeneralJws,
  type Json,
  openedGroupsDigest,
  parseDispatch,
  type PrivateKey,
  type ReceiptContent,
  type SignedStatement,
  signJws,
} from '@amana/core'
import { z } from 'zod'
import { NOW } from '../../support/agencies.ts'
import { craft, drop, type Edit, put, type Steps } from '../../support/crafted-envelope.ts'
import { officer, statementOf, type World } from '../../support/envelope-fixture.ts'
import { backwards, editAt, flipped, onBytes, withoutLast } from '../../support/hostile-edits.ts'
import { textAt } from '../../support/json.ts'

const flip = onBytes((bytes) => bytes.with(9, (bytes[9] ?? 0) ^ 1))

const SEALS: readonly (readonly [string, string, Steps])[] = [
  ['compression', 'WIRE_ZIP', { header: put(['zip'], 'DEF') }],
  ['an extension', 'WIRE_CRIT', { header: put(['crit'], ['exp']) }],
  ['another algorithm', 'WIRE_SUITE', { header: put(['alg'], 'ECDH-ES+A256KW') }],
  ['another type', 'WIRE_JWE', { header: put(['typ'], 'amana-deposit+jwe') }],
  ['a member more', 'WIRE_JWE', { jwe: put(['unprotected'], {}) }],
  [
    'a tag of four bytes',
    'WIRE_JWE',
    {
      jwe: editAt(
        ['tag'],
        onBytes((tag) => tag.subarray(0, 4)),
      ),
    },
  ],
  ['white space', 'WIRE_CANON', { seal: (text) => `${text} ` }],
  ['one bit of its ciphertext changed', 'WIRE_DECRYPT', { jwe: editAt(['ciphertext'], flip) }],
  ['one bit of its vector changed', 'WIRE_DECRYPT', { jwe: editAt(['iv'], flip) }],
  ['one bit of its tag changed', 'WIRE_DECRYPT', { jwe: editAt(['tag'], flip) }],
  [
    'one bit of its wrapped key changed',
    'WIRE_DECRYPT',
    { jwe: editAt(['recipients', 0, 'encrypted_key'], flip) },
  ],
  [
    'another content key than it commits to',
    'WIRE_KEY_COMMIT',
    { wrapped: (key) => key.with(0, (key[0] ?? 0) ^ 1) },
  ],
  ['another padding', 'WIRE_DIS', { plaintext: (bytes) => bytes.with(8, 0x31) }],
  ['no openings', 'WIRE_DIS', { openings: () => [] }],
]

/** Seals with the recipient's seed and the commitment of the dispatch. */
export async function sealVectors(world: World): Promise<Json> {
  const { keyId, seed } = world.receiver.desks.protection
  const key = { kid: keyId, seed: encodeBase64url(seed) }
  const made = async (steps: Steps): Promise<{ readonly [member: string]: Json }> => {
    const { seal, content } = await craft(world, steps)
    return { ...key, keyCommitment: textAt(content, ['keyCommitment']), seal }
  }
  const pair = [await statementOf(world), await statementOf(world, { kind: 'task.clearance/1' })]
  const hostile = []
  for (const [name, code, steps] of SEALS)
    hostile.push({ name: `with ${name}`, code, ...(await made(steps)) })
  return [
    { name: 'of one statement', openings: [await openingOf(world)], ...(await made({})) },
    {
      name: 'of two statements',
      openings: pair.map(({ opening }) => ({ ...opening })),
      ...(await made({ statements: pair })),
    },
    ...hostile,
  ]
}

async function openingOf(world: World): Promise<Json> {
  return { ...(await statementOf(world)).opening }
}

const DISPATCHES: readonly (readonly [string, string, (world: World) => Steps])[] = [
  ['version 2', 'WIRE_VERSION', () => ({ content: put(['v'], 2) })],
  ['a member more', 'WIRE_MEMBER', () => ({ content: put(['note'], 'x') })],
  ['an attachment', 'WIRE_MEMBER', () => ({ content: put(['attachments'], ['x']) })],
  ['place 0', 'WIRE_MEMBER', () => ({ content: put(['sequence'], 0) })],
  ['the type of a receipt', 'WIRE_TYP', () => ({ typ: 'amana-receipt+jws' })],
  [
    'the signature of an officer',
    'WIRE_KEY_USE',
    (world) => ({ sealKey: officer(world, 'author') }),
  ],
  [
    'the signature of another agency’s node',
    'WIRE_NODE',
    (world) => ({ sealKey: world.receiver.sealKey }),
  ],
  ['a date before the node’s key', 'WIRE_KEY_EXPIRED', () => ({ sentAt: NOW - 7200 })],
]

/** Dispatches; the signature is checked under the rosters. */
export async function dispatchVectors(world: World): Promise<Json> {
  const first = await craft(world)
  const second = await craft(world, { sequence: 2, previous: first.digest })
  const hostile = []
  for (const [name, code, steps] of DISPATCHES) {
    const { dispatch } = await craft(world, steps(world))
    hostile.push({ name: `with ${name}`, code, dispatch: { ...dispatch } })
  }
  const broken = editAt(['signatures', 0, 'signature'], flipped)(first.dispatch)
  return [
    { name: 'the first', digest: first.digest, dispatch: { ...first.dispatch } },
    { name: 'the second', digest: second.digest, dispatch: { ...second.dispatch } },
    ...hostile,
    { name: 'with a signature changed', code: 'WIRE_SIG', dispatch: z.json().parse(broken) },
  ]
}

const RECEIPTS: readonly (readonly [string, string, Edit])[] = [
  ['another dispatch', 'WIRE_RECEIPT', put(['dispatch'], digest('x'))],
  ['another place', 'WIRE_RECEIPT', put(['sequence'], 2)],
  ['a result less', 'WIRE_RECEIPT', editAt(['results'], withoutLast)],
  ['results in another order', 'WIRE_RECEIPT', editAt(['results'], backwards)],
  ['a refusal of what was opened', 'WIRE_RECEIPT', put(['results', 0, 'refusal'], 'policy')],
  ['no groups of what was opened', 'WIRE_RECEIPT', editAt(['results', 0], drop('groups'))],
  ['a date before its dispatch', 'WIRE_TIME_ORDER', put(['issuedAt'], NOW - 301)],
  ['a code in place of a class', 'WIRE_MEMBER', put(['results', 0, 'refusal'], 'WIRE_DIS')],
  ['an unknown result', 'WIRE_MEMBER', put(['results', 0, 'result'], 'read')],
]

/** Receipts, each with the dispatch that it answers. */
export async function receiptVectors(world: World): Promise<Json> {
  const pair = [await statementOf(world), await statementOf(world, { label: 'second' })]
  const { dispatch } = await craft(world, { statements: pair })
  const opened = pair.map((statement, n) => openedResult(statement, n))
  const refused = opened.map(({ groups: _groups, ...result }) => ({
    ...result,
    refusal: 'content' as const,
    result: 'refused' as const,
  }))
  const contents: readonly (readonly [string, ReceiptContent['results']])[] = [
    ['both opened', opened],
    ['both refused', refused],
    ['one opened, one refused', [...opened.slice(0, 1), ...refused.slice(1)]],
  ]
  const { sealKey } = world.receiver
  const vectors: { readonly [member: string]: Json }[] = []
  for (const [name, results] of contents) {
    const receipt = await signed(contentOf(world, dispatch, results), sealKey)
    vectors.push({ name, dispatch: { ...dispatch }, receipt })
  }
  const honest = contentOf(world, dispatch, opened)
  for (const [name, code, edit] of RECEIPTS) {
    const receipt = await signed(edit(honest), sealKey)
    vectors.push({ name: `with ${name}`, code, dispatch: { ...dispatch }, receipt })
  }
  const receipt = await signed(honest, world.sender.sealKey)
  const forged = { name: 'signed by the sender', code: 'WIRE_NODE' }
  return [...vectors, { ...forged, dispatch: { ...dispatch }, receipt }]
}

function openedResult(
  { digest: statement, opening }: SignedStatement,
  n: number,
): ReceiptContent['results'][number] {
  return {
    groups: openedGroupsDigest(opening),
    leaf: { hash: digest(`leaf ${String(n)}`), sequence: n },
    result: 'opened',
    statement,
  }
}

function contentOf(
  { receiver }: World,
  dispatch: GeneralJws,
  results: ReceiptContent['results'],
): ReceiptContent {
  const { content, digest: answered } = parseDispatch(dispatch)
  return {
    channel: content.channel,
    dispatch: answered,
    issuedAt: NOW + 1,
    log: receiver.origin,
    receiver: { agency: receiver.id, node: receiver.peerId },
    results,
    sequence: 1,
    v: 1,
  }
}

async function signed(content: unknown, key: PrivateKey<'Ed25519'>): Promise<Json> {
  const payload = encodeCanonical(z.json().parse(content))
  return { ...(await signJws({ payload, typ: 'amana-receipt+jws', signers: [{ key }] })) }
}
