/**
 * Suite A1 is made of nothing but RFCs: programs for JOSE that share nothing with Amana open its seals and verify its
 * statements, and what they seal with our members opens here.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#key-wrap-of-a1
 */
import { spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import {
  buildEnvelope,
  canonicalize,
  decodeBase64url,
  decodeUtf8,
  encodeBase64url,
  encodeUtf8,
  type GeneralJws,
  type OpeningKey,
  openingForDesk,
  ownDesk,
  parseEnvelope,
  type Receiver,
  type SignedStatement,
} from '@amana/core'
import { generalDecrypt, GeneralEncrypt, generalVerify } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { NOW, seededRandom } from '../support/agencies.ts'
import { craft, put } from '../support/crafted-envelope.ts'
import { unwrappedByEcdh } from '../support/crafted-wrap.ts'
import {
  makeWorld,
  type Outcome,
  outcomeOf,
  receiverOf,
  signersOf,
  statementOf,
  withSecondDeskKey,
  type World,
} from '../support/envelope-fixture.ts'
import { editAt, flipped } from '../support/hostile-edits.ts'
import { asJson, at, parseText, textAt } from '../support/json.ts'

const REFERRAL = 'victim.referral/1'
const HEADER = {
  alg: 'ECDH-ES+A256KW',
  cty: 'amana-openings+json',
  enc: 'A256GCM',
  typ: 'amana-seal+jwe',
}
const PYTHON = '/usr/bin/python3'
const SCRIPT = new URL('a1.py', import.meta.url).pathname
const hasJwcrypto = spawnSync(PYTHON, ['-c', 'import jwcrypto']).status === 0
const isGate = spawnSync('printenv', ['CI']).status === 0
const isSkipped = !hasJwcrypto && !isGate
const why = isSkipped ? ' (skipped without Debian’s python3-jwcrypto)' : ''

/** A desk with so many keys, as the seal lists them, and a seal for them, made by the code that ships. */
interface Setting {
  readonly world: World
  readonly keys: readonly OpeningKey[]
  readonly statement: SignedStatement
  readonly seal: string
}

let one: Setting
let two: Setting

beforeAll(async () => {
  const world = await makeWorld('A1')
  const own = world.receiver.desks.protection
  one = await settingOf(world, [own])
  const rotating = await withSecondDeskKey(world, 'A1')
  const both = [own, rotating.second].toSorted((a, b) => (a.keyId < b.keyId ? -1 : 1))
  two = await settingOf(rotating.world, both)
})

async function settingOf(world: World, keys: readonly OpeningKey[]): Promise<Setting> {
  const statement = await statementOf(world, { kind: REFERRAL })
  return { world, keys, statement, seal: await sealOf(world, statement) }
}

async function sealOf(world: World, statement: SignedStatement): Promise<string> {
  const { sender, receiver, trust, context, genesis } = world
  const desk = 'protection'
  const built = await buildEnvelope({
    statements: [statement],
    from: { agency: sender.id, node: sender.peerId },
    to: { agency: receiver.id, desk: ownDesk(desk), keys: trust.deskKeys(receiver.id, desk, NOW) },
    place: {
      acknowledges: null,
      channel: `${sender.id}>${receiver.id}`,
      previous: genesis,
      sequence: 1,
    },
    context,
    sentAt: NOW,
    sealKey: sender.sealKey,
    random: seededRandom('a1 interop'),
  })
  const envelope = parseEnvelope(built.bytes)
  if (envelope.form !== 'sealed') throw new Error('not sealed')
  return envelope.seal
}

type Place = readonly (string | number)[]

/** Every place that somebody could change on the way. */
const PLACES = (
  [
    ['aad'],
    ['ciphertext'],
    ['iv'],
    ['tag'],
    ['recipients', 0, 'encrypted_key'],
    ['recipients', 0, 'header', 'epk', 'x'],
  ] as const satisfies readonly Place[]
).map((place): readonly [string, Place] => [place.join('.'), place])

function changedAt(place: Place): string {
  return canonicalize(asJson(editAt(place, flipped)(parseText(two.seal))))
}

function expectedStatements({ statement }: Setting): unknown {
  return [openingForDesk(REFERRAL, ownDesk('protection'), statement.opening)]
}

function statementsIn(plaintext: string): unknown {
  return at(parseText(plaintext), ['statements'])
}

function aadText({ seal }: Setting): string {
  return decodeUtf8(decodeBase64url(textAt(parseText(seal), ['aad'])))
}

async function plainText(setting: Setting): Promise<string> {
  return decodeUtf8((await openedByJose(setting)).plaintext)
}

/** The same dispatch around a seal that another program made, as it would arrive here. */
async function arrived(
  { world, keys, statement }: Setting,
  foreign: string,
  contentKey: Uint8Array,
): Promise<Outcome> {
  const commitment = createHmac('sha256', contentKey).update('amana/1/key-commitment').digest()
  const { bytes } = await craft(world, {
    statements: [statement],
    seal: () => foreign,
    content: put(['keyCommitment'], encodeBase64url(commitment)),
  })
  const deskKey: Receiver['deskKey'] = (keyId) => keys.find((key) => key.keyId === keyId)
  return outcomeOf(bytes, receiverOf(world, { deskKey }))
}

const OPENED = { place: 'taken', results: ['opened'] }

describe('jose, used plainly', () => {
  it.each([0, 1])('opens a seal with key %i of two', async (n) => {
    const { plaintext, protectedHeader, additionalAuthenticatedData } = await openedByJose(two, n)
    expect(statementsIn(decodeUtf8(plaintext))).toEqual(expectedStatements(two))
    expect(protectedHeader).toEqual(HEADER)
    expect(decodeUtf8(additionalAuthenticatedData ?? new Uint8Array())).toBe(aadText(two))
  })

  it('opens a seal for one key', async () => {
    expect(statementsIn(await plainText(one))).toEqual(expectedStatements(one))
  })

  it.each(PLACES)('opens nothing with one letter changed in %s', async (_name, place) => {
    await expect(openedByJose({ ...two, seal: changedAt(place) })).rejects.toThrow(/./)
  })

  it('verifies every signature of a statement, and none of a changed one', async () => {
    const { statement: object } = two.statement
    const signers = signersOf(two.world, REFERRAL)
    expect(signers).toHaveLength(2)
    for (const [n, { key }] of signers.entries()) {
      const { payload } = await generalVerify(nthOf(object, n), { ...key.publicJwk })
      expect(encodeBase64url(payload)).toBe(object.payload)
      const changed = { ...nthOf(object, n), payload: flipped(object.payload) }
      await expect(generalVerify(changed, { ...key.publicJwk })).rejects.toThrow(/./)
    }
  })

  it('makes a JWE for two keys that opens here', async () => {
    const jwe = await sealedByJose(two)
    const text = canonicalize(asJson(jwe))
    expect(await arrived(two, text, unwrappedOf(two, jwe))).toEqual(OPENED)
  })

  it('puts the ephemeral key of a JWE for one key where no reader here takes it', async () => {
    const jwe = await sealedByJose(one)
    expect(at(jwe, ['recipients', 0, 'header', 'epk'])).toBeUndefined()
    const outcome = await arrived(one, canonicalize(asJson(jwe)), new Uint8Array(32))
    expect(outcome).toEqual({ place: 'taken', results: ['WIRE_CANON'] })
  })
})

describe.skipIf(isSkipped)(`jwcrypto, in Python${why}`, () => {
  it.each([0, 1])('opens a seal with key %i of two', (n) => {
    const { stdout } = runPython('open', { seal: two.seal, key: privateJwk(two, n) })
    const { plaintext, contentKey } = OpenedSchema.parse(parseText(stdout))
    expect(statementsIn(plaintext)).toEqual(expectedStatements(two))
    expect(contentKey).toBe(encodeBase64url(unwrappedOf(two, parseText(two.seal), n)))
  })

  it.each(PLACES)('opens nothing with one letter changed in %s', (_name, place) => {
    const asked = { seal: changedAt(place), key: privateJwk(two) }
    expect(runPython('open', asked).status).not.toBe(0)
  })

  it('verifies every signature of a statement, and none of a changed one', () => {
    const { statement: object } = two.statement
    const signers = signersOf(two.world, REFERRAL).map(({ key }) => key.publicJwk.x)
    expect(runPython('verify', { object, keys: signers }).status).toBe(0)
    const changed = { ...object, payload: flipped(object.payload) }
    expect(runPython('verify', { object: changed, keys: signers }).status).not.toBe(0)
    const exchanged = { object, keys: signers.toReversed() }
    expect(runPython('verify', exchanged).status).not.toBe(0)
  })

  it.each([
    ['one key', () => one],
    ['two keys', () => two],
  ])('makes a JWE for %s that opens here', async (_name, setting) => {
    const { keys } = setting()
    const { stdout } = runPython('seal', {
      plaintext: await plainText(setting()),
      aad: aadText(setting()),
      protected: canonicalize(HEADER),
      keys: keys.map(({ keyId, publicJwk }) => ({ ...publicJwk, kid: keyId })),
    })
    const { jwe, contentKey } = MadeSchema.parse(parseText(stdout))
    const text = canonicalize(asJson(jwe))
    expect(await arrived(setting(), text, decodeBase64url(contentKey))).toEqual(OPENED)
  })
})

const OpenedSchema = z.object({ plaintext: z.string(), contentKey: z.string() })
const MadeSchema = z.object({ jwe: z.unknown(), contentKey: z.string() })
const JweSchema = z.object({
  aad: z.string(),
  ciphertext: z.string(),
  iv: z.string(),
  protected: z.string(),
  recipients: z.array(
    z.object({ encrypted_key: z.string(), header: z.record(z.string(), z.unknown()) }),
  ),
  tag: z.string(),
})

function keyAt({ keys }: Setting, n: number): OpeningKey {
  const key = keys[n]
  if (key === undefined) throw new Error('no key')
  return key
}

function privateJwk(setting: Setting, n = 0): { kty: string; [member: string]: string } {
  const { publicJwk, seed } = keyAt(setting, n)
  return { ...publicJwk, d: encodeBase64url(seed) }
}

async function openedByJose(setting: Setting, n = 0): ReturnType<typeof generalDecrypt> {
  return generalDecrypt(JweSchema.parse(parseText(setting.seal)), privateJwk(setting, n))
}

async function sealedByJose(setting: Setting): Promise<unknown> {
  const sealing = new GeneralEncrypt(encodeUtf8(await plainText(setting)))
    .setProtectedHeader(HEADER)
    .setAdditionalAuthenticatedData(encodeUtf8(aadText(setting)))
  for (const { keyId, publicJwk } of setting.keys) {
    sealing.addRecipient({ ...publicJwk }).setUnprotectedHeader({ kid: keyId })
  }
  return sealing.encrypt()
}

function unwrappedOf(setting: Setting, jwe: unknown, n = 0): Uint8Array {
  const encryptedKey = textAt(jwe, ['recipients', n, 'encrypted_key'])
  const x = textAt(jwe, ['recipients', n, 'header', 'epk', 'x'])
  return unwrappedByEcdh({ encryptedKey, x }, keyAt(setting, n).seed)
}

function nthOf({ payload, signatures }: GeneralJws, n: number): GeneralJws {
  return { payload, signatures: signatures.slice(n, n + 1) }
}

function runPython(
  command: 'open' | 'seal' | 'verify',
  asked: object,
): { readonly status: number | null; readonly stdout: string } {
  const input = JSON.stringify(asked)
  return spawnSync(PYTHON, [SCRIPT, command], { input, encoding: 'utf8', maxBuffer: 1 << 26 })
}
