/**
 * Whole envelopes as they arrive, with what becomes of them: the place, and `opened` or a code for each statement.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#vectors
 */
import {
  buildVoidEnvelope,
  decodeUtf8,
  digest,
  isKind,
  type Json,
  DESK_ANSWER,
  isStageKind,
  KINDS,
  type SignedStatement,
  signVoid,
} from '@amana/core'
import { NOW } from '../../support/agencies.ts'
import {
  admitted,
  craft,
  deskKeys,
  headerText,
  put,
  replaced,
  type Steps,
} from '../../support/crafted-envelope.ts'
import {
  officer,
  type Outcome,
  outcomeOf,
  receiverOf,
  signersOf,
  type StatementChoice,
  statementOf,
  type World,
} from '../../support/envelope-fixture.ts'
import { backwards, editAt, flipped, withoutLast } from '../../support/hostile-edits.ts'

type Made = Steps | ((world: World) => Steps)

/** What takes no place. */
const NO_PLACE: readonly (readonly [string, string, Made])[] = [
  ['a newline at its end', 'WIRE_CANON', { bytes: (bytes) => Uint8Array.of(...bytes, 0x0a) }],
  ['a member twice', 'WIRE_CANON', { bytes: replaced('"seal":', '"seal":"x","seal":') }],
  ['a number with a fraction', 'WIRE_CANON', { bytes: replaced('"v":1', '"v":1.0') }],
  ['version 2', 'WIRE_VERSION', { envelope: put(['v'], 2) }],
  ['a member more', 'WIRE_MEMBER', { envelope: put(['note'], 'x') }],
  [
    'a padded signature',
    'WIRE_B64',
    { envelope: put(['dispatch', 'signatures', 0, 'signature'], 'AA==') },
  ],
  [
    'alg none',
    'WIRE_ALG',
    {
      envelope: put(
        ['dispatch', 'signatures', 0, 'protected'],
        headerText({ alg: 'none', kid: digest('x'), typ: 'amana-dispatch+jws' }),
      ),
    },
  ],
  [
    'a key in its header',
    'WIRE_MEMBER',
    {
      envelope: put(
        ['dispatch', 'signatures', 0, 'protected'],
        headerText({ alg: 'Ed25519', jwk: {}, kid: digest('x'), typ: 'amana-dispatch+jws' }),
      ),
    },
  ],
  ['a bit of its seal flipped', 'WIRE_ENVELOPE', { envelope: editAt(['seal'], flipped) }],
  [
    'its statements in another order',
    'WIRE_ENVELOPE',
    { envelope: editAt(['statements'], backwards) },
  ],
  ['a statement less', 'WIRE_ENVELOPE', { envelope: editAt(['statements'], withoutLast) }],
  [
    'the signature of an officer',
    'WIRE_KEY_USE',
    (world) => ({ sealKey: officer(world, 'author') }),
  ],
  ['another agency as addressee', 'WIRE_NOT_FOR_ME', { content: put(['to', 'agency'], 'ng.nis') }],
  ['another channel', 'WIRE_CHANNEL', { content: put(['channel'], 'ng.naptip>ne.anltp-tim') }],
  ['another dispatch before it', 'WIRE_PREV', { previous: digest('x') }],
]

/** What takes its place and is refused as a whole. */
const REFUSED: readonly (readonly [string, string, Made])[] = [
  ['a suite that the charter has not', 'WIRE_SUITE', { content: put(['suite'], 'A1') }],
  ['a time in the future', 'WIRE_TIME_FUTURE', { sentAt: NOW + 301 }],
  ['another charter', 'WIRE_TRUST_CONTEXT', { content: put(['context', 'charter'], digest('x')) }],
  [
    'an acknowledgement of what was never sent',
    'WIRE_ACK',
    { acknowledges: { digest: digest('x'), sequence: 1 } },
  ],
  [
    'the keys of another desk',
    'WIRE_TO',
    (world) => ({ recipients: deskKeys(world, 'intelligence') }),
  ],
  [
    'a key of the sender beside the desk’s',
    'WIRE_TO',
    (world) => ({
      recipients: [...deskKeys(world, 'protection'), admitted(world.sender.desks.protection)],
    }),
  ],
  [
    'a seal that was made for another desk',
    'WIRE_AAD',
    { aad: put(['to', 'desk'], 'intelligence') },
  ],
  [
    'a content key that it does not commit to',
    'WIRE_KEY_COMMIT',
    { content: put(['keyCommitment'], digest('x')) },
  ],
  ['compression', 'WIRE_ZIP', { header: put(['zip'], 'DEF') }],
  ['fewer openings than statements', 'WIRE_DIS', { openings: withoutLast }],
]

/** What refuses one statement of two. */
const ONE: readonly (readonly [string, string, (world: World) => StatementChoice])[] = [
  [
    'without its approval',
    'TRUST_SECOND_OFFICER',
    (world) => ({ kind: 'victim.referral/1', signers: signersOf(world, 'referral.event/1') }),
  ],
  [
    'by an officer without the role',
    'WIRE_POLICY',
    (world) => ({ signers: [{ key: officer(world, 'reader'), act: 'author' }] }),
  ],
  ['for another agency', 'WIRE_AUD', (world) => ({ draft: { aud: [world.sender.id] } })],
  ['dated in the future', 'WIRE_TIME_FUTURE', () => ({ draft: { iat: NOW + 301 } })],
  ['that has ended', 'WIRE_EXPIRED', () => ({ draft: { exp: NOW } })],
  ['whose body is not of its kind', 'WIRE_SCHEMA', () => ({ draft: { groups: { body: {} } } })],
]

/** Envelopes with seal and statements. */
export async function envelopeVectors(world: World): Promise<readonly Json[]> {
  const pair = [await statementOf(world), await statementOf(world, { kind: 'task.clearance/1' })]
  const vectors: Json[] = []
  for (const kind of Object.keys(KINDS)
    .filter((name) => isKind(name))
    .filter((name) => name !== DESK_ANSWER && !isStageKind(name))) {
    vectors.push(await vectorOf(world, kind, { statements: [await statementOf(world, { kind })] }))
  }
  vectors.push(await vectorOf(world, 'two statements', { statements: pair }))
  for (const [name, code, made] of [...NO_PLACE, ...REFUSED]) {
    const steps = typeof made === 'function' ? made(world) : made
    vectors.push(await vectorOf(world, `with ${name}`, { statements: pair, ...steps }, code))
  }
  for (const [name, code, choice] of ONE) {
    const statement = await statementOf(world, { label: 'one', ...choice(world) })
    const title = `with one statement ${name}`
    vectors.push(
      await vectorOf(world, title, { statements: [...pair.slice(0, 1), statement] }, code),
    )
  }
  vectors.push(...(await bodyVectors(world)))
  return vectors
}

async function bodyVectors(world: World): Promise<readonly Json[]> {
  const referral: SignedStatement = await statementOf(world, { kind: 'victim.referral/1' })
  const statements = [referral]
  const change = put([0, 'groups', 'child', 'value', 'guardianSuspected'], 'yes')
  const whole = put([0], { ...referral.opening })
  return [
    await vectorOf(world, 'with one value changed', { statements, openings: change }, 'WIRE_DIS'),
    await vectorOf(world, 'with groups that the desk may not see', { statements, openings: whole }),
  ]
}

/** Envelopes whose dispatch is voided. */
export async function voidVectors(world: World): Promise<readonly Json[]> {
  const { dispatch, digest: name } = await craft(world)
  const content = {
    channel: 'ne.anltp-tim>ng.naptip',
    dispatch: digest(dispatch.payload),
    sequence: 1,
  }
  const own = await signVoid(content, world.sender.sealKey)
  const other = await signVoid({ ...content, dispatch: digest(name) }, world.sender.sealKey)
  const foreign = await signVoid(content, world.receiver.sealKey)
  return [
    await judged(world, 'voided', buildVoidEnvelope(dispatch, own), 'WIRE_POLICY'),
    await judged(
      world,
      'voided by a void of another dispatch',
      buildVoidEnvelope(dispatch, other),
      'WIRE_ENVELOPE',
    ),
    await judged(
      world,
      'voided by another agency’s node',
      buildVoidEnvelope(dispatch, foreign),
      'WIRE_NODE',
    ),
  ]
}

/** One envelope with what becomes of it; throws when that is not what was meant. */
export async function vectorOf(
  world: World,
  ...[name, steps, code]: [string, Steps, string?]
): Promise<Json> {
  const { bytes } = await craft(world, steps)
  return judged(world, name, bytes, code)
}

/** The outcome is what this code says; that it is the one that was meant is checked here. */
async function judged(
  world: World,
  ...[name, bytes, code]: [string, Uint8Array, string?]
): Promise<Json> {
  const outcome: Outcome = await outcomeOf(bytes, receiverOf(world))
  const meant =
    code === undefined
      ? outcome.results.every((result) => result === 'opened')
      : outcome.results.includes(code)
  if (!meant) throw new Error(`${name}: ${outcome.results.join(' ')}`)
  return { name, envelope: decodeUtf8(bytes), place: outcome.place, results: [...outcome.results] }
}
