/**
 * Seals and envelopes of suite A1, under a charter that lists it alone. They come out the same whenever they are made:
 * the ephemeral keys are drawn like everything else.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#key-wrap-of-a1
 */
import {
  concatBytes,
  digest,
  encodeBase64url,
  isKind,
  type Json,
  DESK_ANSWER,
  isStageKind,
  KINDS,
  type OpeningKey,
  type SignedStatement,
} from '@amana/core'
import { classicDeskKey, NOW, seededRandom } from '../../support/agencies.ts'
import {
  admitted,
  craft,
  type Crafted,
  deskKeys,
  drop,
  type Edit,
  put,
  type Steps,
} from '../../support/crafted-envelope.ts'
import { makeWorld, statementOf, type World } from '../../support/envelope-fixture.ts'
import { appended, editAt, onBytes } from '../../support/hostile-edits.ts'
import { at, parseText, textAt } from '../../support/json.ts'
import { vectorOf } from './envelope-cases.ts'

const FIRST = ['recipients', 0] as const
const EPK = [...FIRST, 'header', 'epk'] as const
const odd: Edit = (text) => `${String(text).slice(0, -1)}B`
const flip = onBytes((bytes) => bytes.with(9, (bytes[9] ?? 0) ^ 1))
const ephemeral = (bytes: Uint8Array): Steps => ({
  jwe: put([...EPK, 'x'], encodeBase64url(bytes)),
})
const filled = (first: number, rest: number, last: number): Uint8Array =>
  new Uint8Array(32).fill(rest).with(0, first).with(31, last)

const HOSTILE: readonly (readonly [string, string, Steps])[] = [
  ['compression', 'WIRE_ZIP', { header: put(['zip'], 'DEF') }],
  ['an extension', 'WIRE_CRIT', { header: put(['crit'], ['exp']) }],
  ['the algorithm of suite A2', 'WIRE_SUITE', { header: put(['alg'], 'HPKE-9-KE') }],
  ['a key that is agreed and not wrapped', 'WIRE_SUITE', { header: put(['alg'], 'ECDH-ES') }],
  ['the rounds of a passphrase', 'WIRE_JWE', { header: put(['p2c'], 1_000_000) }],
  ['a producer', 'WIRE_JWE', { header: put(['apu'], 'QWxpY2U') }],
  ['the type of a draft', 'WIRE_JWE', { header: put(['typ'], 'amana-seal-draft+jwe') }],
  ['no ephemeral key', 'WIRE_JWE', { jwe: editAt([...FIRST, 'header'], drop('epk')) }],
  ['a private ephemeral key', 'WIRE_JWE', { jwe: put([...EPK, 'd'], 'A'.repeat(43)) }],
  ['an ephemeral key on another curve', 'WIRE_JWE', { jwe: put([...EPK, 'crv'], 'X448') }],
  ['an ephemeral key of small order', 'WIRE_JWE', ephemeral(filled(1, 0, 0))],
  ['an ephemeral key above the prime', 'WIRE_JWE', ephemeral(filled(0xee, 0xff, 0x7f))],
  ['a second spelling of its ephemeral key', 'WIRE_B64', { jwe: editAt([...EPK, 'x'], odd) }],
  ['another ephemeral key', 'WIRE_DECRYPT', { jwe: editAt([...EPK, 'x'], flip) }],
  [
    'one bit of its wrapped key changed',
    'WIRE_DECRYPT',
    { jwe: editAt([...FIRST, 'encrypted_key'], flip) },
  ],
  ['one bit of its ciphertext changed', 'WIRE_DECRYPT', { jwe: editAt(['ciphertext'], flip) }],
  [
    'another content key than it commits to',
    'WIRE_KEY_COMMIT',
    { wrapped: (key) => key.with(0, (key[0] ?? 0) ^ 1) },
  ],
  ['another padding', 'WIRE_DIS', { plaintext: (bytes) => bytes.with(8, 0x31) }],
]

/** Seals with one recipient's seed and the commitment of the dispatch; of what opens also all that was drawn for it. */
export async function sealsOfA1(world: World): Promise<Json> {
  const one = [await statementOf(world)]
  const two = [...one, await statementOf(world, { kind: 'task.clearance/1' })]
  const key = world.receiver.desks.protection
  const next = await classicDeskKey(world.receiver.id, 'protection next')
  const rotating = [key, next].map((each) => admitted(each))
  const hostile = []
  for (const [name, code, steps] of HOSTILE) {
    hostile.push({ name: `with ${name}`, code, ...sealVector(await craft(world, steps), key) })
  }
  return [
    { name: 'of one statement', ...(await opened(world, key, { statements: one })) },
    { name: 'of two statements', ...(await opened(world, key, { statements: two })) },
    {
      name: 'to the second of two keys',
      ...(await opened(world, next, { statements: one, recipients: rotating })),
    },
    ...hostile,
  ]
}

async function opened(
  world: World,
  key: OpeningKey,
  steps: Steps & { readonly statements: readonly SignedStatement[] },
): Promise<{ readonly [member: string]: Json }> {
  const crafted = await craft(world, steps)
  const random = seededRandom(`seal ${digest(crafted.plaintext)}`)
  const ephemeralKeys = (steps.recipients ?? [key]).map(() => 32)
  const drawn = concatBytes(...[32, 12, ...ephemeralKeys].map((sizeBytes) => random(sizeBytes)))
  return {
    ...sealVector(crafted, key),
    openings: steps.statements.map(({ opening }) => ({ ...opening })),
    drawn: encodeBase64url(drawn),
  }
}

function sealVector(
  { seal, content }: Crafted,
  { keyId, seed }: OpeningKey,
): { readonly [member: string]: Json } {
  const keyCommitment = textAt(content, ['keyCommitment'])
  return { suite: 'A1', kid: keyId, seed: encodeBase64url(seed), keyCommitment, seal }
}

/** Envelopes; those of A2 are made for the keys that the same desks have under the other charter. */
export async function envelopesOfA1(world: World): Promise<Json> {
  const pair = [await statementOf(world), await statementOf(world, { kind: 'task.clearance/1' })]
  const vectors: Json[] = []
  for (const kind of Object.keys(KINDS)
    .filter((name) => isKind(name))
    .filter((name) => name !== DESK_ANSWER && !isStageKind(name))) {
    vectors.push(await vectorOf(world, kind, { statements: [await statementOf(world, { kind })] }))
  }
  vectors.push(await vectorOf(world, 'two statements', { statements: pair }))
  for (const [name, code, steps] of [...(await suites()), ...HOSTILE]) {
    vectors.push(await vectorOf(world, `with ${name}`, steps, code))
  }
  return vectors
}

async function suites(): Promise<readonly (readonly [string, string, Steps])[]> {
  const hybrid = await makeWorld()
  const recipients = deskKeys(hybrid, 'protection')
  const { seal } = await craft(hybrid)
  const entry = at(parseText(seal), ['recipients', 0])
  return [
    ['the suite A2', 'WIRE_SUITE', { suite: 'A2', recipients }],
    ['addressees of the suite A2', 'WIRE_TO', { recipients }],
    ['a seal of the suite A2', 'WIRE_SUITE', { seal: () => seal }],
    ['one recipient of the suite A2', 'WIRE_JWE', { jwe: editAt(['recipients'], appended(entry)) }],
    ['a time in the future', 'WIRE_TIME_FUTURE', { sentAt: NOW + 301 }],
    ['additional data of another desk', 'WIRE_AAD', { aad: put(['to', 'desk'], 'intelligence') }],
  ]
}
