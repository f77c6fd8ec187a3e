/**
 * Statements and envelopes that stand at the edges of the pages, before both verifiers: what the vectors do not have, and
 * where a page once said too little to write a second program.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#the-receivers-order
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  decodeUtf8,
  digest,
  encodeBase64url,
  encodeCanonical,
  generateKey,
  type Json,
  type SignedStatement,
} from '@amana/core'
import { afterAll, describe, expect, it } from 'vitest'
import { NOW, seededRandom } from '../support/agencies.ts'
import { craft, drop, type Edit, forged, put, type Steps } from '../support/crafted-envelope.ts'
import { makeWorld, signersOf, statementOf, type World } from '../support/envelope-fixture.ts'
import { backwards, editAt } from '../support/hostile-edits.ts'
import { asJson, at } from '../support/json.ts'
import { ourVerdicts, type ObjectVectors } from '../support/object-verdicts.ts'
import { IS_SKIPPED, secondOverVectors, WHY_SKIPPED } from '../support/second-verifier.ts'

const KIND = 'referral.event/1'
const world = await makeWorld()
const classic = await makeWorld('A1')
const honest = await statementOf(world, { kind: KIND })
const strangeKey = await generateKey('Ed25519', seededRandom('a strange key'))
const folder = mkdtempSync(join(tmpdir(), 'amana-second-objects-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** A payload after a change, signed again by its officers. */
const STATEMENTS: readonly (readonly [string, string, Edit])[] = [
  ['no change', 'accepted', (value) => value],
  ['a list in place of its payload', 'WIRE_MEMBER', () => []],
  ['no version', 'WIRE_MEMBER', drop('v')],
  ['the version true', 'WIRE_VERSION', put(['v'], true)],
  ['a digest algorithm of 33 letters', 'WIRE_MEMBER', put(['_sd_alg'], 'a'.repeat(33))],
  ['a number as digest algorithm', 'WIRE_MEMBER', put(['_sd_alg'], 256)],
  ['a digest in another spelling', 'WIRE_MEMBER', put(['_sd'], [`${'A'.repeat(42)}B`])],
  ['an id in another spelling', 'WIRE_MEMBER', put(['jti'], `${'A'.repeat(21)}B`)],
  ['no rosters', 'WIRE_TRUST_CONTEXT', put(['context', 'rosters'], {})],
  ['an empty list of links', 'WIRE_MEMBER', put(['relates'], [])],
  [
    'an unknown relation',
    'WIRE_MEMBER',
    put(['relates'], [{ digest: digest('x'), relation: 'echoes' }]),
  ],
  ['a kind that the charter does not list', 'WIRE_POLICY', put(['kind'], 'intel.rumour/1')],
  ['another version of its kind', 'WIRE_POLICY', put(['kind'], 'referral.event/2')],
  ['another day of another month', 'WIRE_MEMBER', put(['handling', 'retainUntil'], '2031-06-30')],
  ['another year', 'WIRE_POLICY', put(['handling', 'retainUntil'], '2032-12-31')],
  ['a TLP wider than its kind', 'WIRE_POLICY', put(['handling', 'tlp'], 'GREEN')],
  ['two scopes', 'WIRE_POLICY', put(['handling', 'caveats'], ['dist:agency', 'dist:jtwg'])],
  ['a scope beyond its TLP', 'WIRE_POLICY', put(['handling', 'caveats'], ['dist:community'])],
  [
    'two permissible actions',
    'WIRE_POLICY',
    put(['handling', 'caveats'], ['pap:AMBER', 'pap:RED']),
  ],
  ['H0 beside another code', 'WIRE_POLICY', put(['handling', 'caveats'], ['eu:H0', 'eu:H1'])],
  ['caveats that do not rise', 'WIRE_MEMBER', put(['handling', 'caveats'], ['pap:RED', 'eu:H1'])],
  ['an audience outside of its kind', 'WIRE_AUD', put(['aud'], ['ng.nis'])],
  ['an issuer outside of the charter', 'WIRE_TRUST_CONTEXT', put(['iss'], 'ng.nis')],
  ['the other agency as issuer', 'WIRE_ISS', put(['iss'], 'ng.naptip')],
  ['a date before its key', 'WIRE_KEY_EXPIRED', put(['iat'], NOW - 7200)],
  ['a date after its key', 'WIRE_KEY_EXPIRED', put(['iat'], NOW + 40 * 86_400)],
]

/** What a hostile sender changes on the way to an envelope. */
const ENVELOPES: readonly (readonly [string, string, Steps])[] = [
  ['no change', 'taken closed', {}],
  ['no name of a channel', 'none WIRE_MEMBER', { content: put(['channel'], 'a channel') }],
  ['no seal', 'none WIRE_MEMBER', { envelope: put(['seal'], '') }],
  ['a seal beyond its limit', 'none WIRE_MEMBER', { envelope: put(['seal'], 'x'.repeat(921_601)) }],
  ['seal and void', 'none WIRE_MEMBER', { envelope: put(['void'], {}) }],
  ['one statement twice', 'none WIRE_ENVELOPE', { content: twice('statements', 'signatures') }],
  ['a signature digest too many', 'none WIRE_ENVELOPE', { content: twice('signatures') }],
  ['keys that do not rise', 'none WIRE_MEMBER', { content: editAt(['to', 'kids'], doubled) }],
  ['a libp2p key as signer', 'none WIRE_KEY_USE', { sealKey: world.sender.peerKey }],
  ['a roster key as signer', 'none WIRE_KEY_USE', { sealKey: world.sender.rosterKey }],
  ['a strange key as signer', 'none WIRE_KID_UNKNOWN', { sealKey: strangeKey }],
  ['another node as sender', 'none WIRE_NODE', { content: put(['from', 'node'], 'x') }],
  ['no rosters', 'taken WIRE_TRUST_CONTEXT', { content: put(['context', 'rosters'], {}) }],
  [
    'the receiver’s roster unknown',
    'taken WIRE_TRUST_CONTEXT',
    { content: put(['context', 'rosters', 'ng.naptip'], digest('x')) },
  ],
  ['a desk that the roster has not', 'taken WIRE_TO', { content: put(['to', 'desk'], 'archive') }],
  [
    'another addressee in its seal',
    'taken WIRE_TO',
    { jwe: put(['recipients', 0, 'header', 'kid'], digest('x')) },
  ],
  ['no addressee in its seal', 'taken WIRE_JWE', { jwe: put(['recipients'], []) }],
  [
    'additional data of 16,388 letters',
    'taken WIRE_JWE',
    { jwe: put(['aad'], 'A'.repeat(16_388)) },
  ],
  [
    'additional data of 8,193 bytes',
    'taken WIRE_SIZE',
    { jwe: put(['aad'], encodeBase64url(new Uint8Array(8193))) },
  ],
  ['another header with padding', 'taken WIRE_JWE', { jwe: put(['protected'], 'e30=') }],
  ['an empty header', 'taken WIRE_SUITE', { header: () => ({}) }],
  ['no text as header', 'taken WIRE_JWE', { header: () => 'x' }],
]

/** Envelopes of suite A1, under a charter that lists nothing else. */
const CLASSIC: readonly (readonly [string, string, Steps])[] = [
  ['no change', 'taken closed', {}],
  ['the other suite named', 'taken WIRE_SUITE', { content: put(['suite'], 'A2') }],
  ['a seal that names the other suite', 'taken WIRE_SUITE', { header: put(['alg'], 'HPKE-9-KE') }],
  ['a draft’s type', 'taken WIRE_JWE', { header: put(['typ'], 'amana-seal-draft+jwe') }],
  [
    'the wrap of the other suite',
    'taken WIRE_JWE',
    { jwe: put(['recipients', 0, 'header', 'ek'], 'A'.repeat(1494)) },
  ],
  [
    'an ephemeral key of small order',
    'taken WIRE_JWE',
    { jwe: put(['recipients', 0, 'header', 'epk', 'x'], 'A'.repeat(43)) },
  ],
  [
    'an ephemeral key in another spelling',
    'taken WIRE_B64',
    { jwe: put(['recipients', 0, 'header', 'epk', 'x'], `${'A'.repeat(42)}B`) },
  ],
]

function doubled(list: unknown): unknown {
  return [at(list, [0]), at(list, [0])]
}

function twice(...names: readonly string[]): Edit {
  return (content) =>
    names.reduce<unknown>((value, name) => editAt([name], doubled)(value), content)
}

/** Groups of a presentation as no honest author commits to them; all of it is signed. */
const PRESENTATIONS: readonly (readonly [string, string, (shown: Shown) => Json])[] = [
  ['a group', 'accepted', (shown) => shown.object(['event', 'submit'])],
  ['an empty group', 'accepted', () => ({})],
  ['a member that is nothing', 'WIRE_DIS', (shown) => shown.object(['event', null])],
  ['a member in clear', 'WIRE_DIS', () => ({ event: 'submit' })],
  ['a reserved name', 'WIRE_DIS', (shown) => shown.object(['_sd', 'submit'])],
  ['a name twice', 'WIRE_DIS', (shown) => shown.object(['event', 'submit'], ['event', 'accept'])],
  [
    'digests that do not rise',
    'WIRE_DIS',
    (shown) => backwardsIn(shown.object(['a', 1], ['b', 2])),
  ],
  ['no digest', 'WIRE_DIS', () => ({ _sd: [] })],
  ['values 12 deep', 'accepted', (shown) => nested(shown, 11)],
  ['values 13 deep', 'WIRE_DIS', (shown) => nested(shown, 12)],
]

/** Disclosures that were made so far. */
class Shown {
  readonly texts: string[] = []

  add(...parts: readonly Json[]): string {
    const salt = encodeBase64url(new Uint8Array(16).fill(this.texts.length))
    const text = encodeBase64url(encodeCanonical([salt, ...parts]))
    this.texts.push(text)
    return digest(text)
  }

  object(...members: readonly (readonly [string, Json])[]): Json {
    return { _sd: members.map(([name, value]) => this.add(name, value)).toSorted() }
  }
}

function backwardsIn(committed: Json): Json {
  return asJson(editAt(['_sd'], backwards)(committed))
}

/** A text so many objects deep. */
function nested(shown: Shown, depth: number): Json {
  return depth === 0 ? 'x' : shown.object(['a', nested(shown, depth - 1)])
}

async function presentationOf(make: (shown: Shown) => Json): Promise<string> {
  const shown = new Shown()
  const group = shown.add('value', make(shown))
  const body = shown.add('body', { body: { _sd: [group] } })
  const signers = signersOf(world, KIND)
  const { statement } = await forged(honest, put(['_sd'], [body]), signers)
  const [signature] = statement.signatures
  const jwt = `${signature?.protected ?? ''}.${statement.payload}.${signature?.signature ?? ''}`
  return `${[jwt, ...shown.texts].join('~')}~`
}

/** A vector file of these cases under the documents of this world. */
async function edgeCases(): Promise<ObjectVectors> {
  const statements = STATEMENTS.map(async ([name, , edit]) => {
    const { statement }: SignedStatement = await forged(honest, edit, signersOf(world, KIND))
    return { name, statement: { ...statement } }
  })
  const presentations = PRESENTATIONS.map(async ([name, , make]) => ({
    name,
    presentation: await presentationOf(make),
  }))
  return {
    ...(await envelopesOf(world, ENVELOPES)),
    statements: await Promise.all(statements),
    presentations: await Promise.all(presentations),
  }
}

/** A vector file of envelopes under the documents of a world. */
async function envelopesOf(under: World, cases: typeof ENVELOPES): Promise<ObjectVectors> {
  const { receiver, sender, trust, genesis } = under
  const statement = await statementOf(under, { kind: KIND })
  const envelopes = cases.map(async ([name, , steps]) => {
    const { bytes } = await craft(under, { statements: [statement], ...steps })
    return { name, envelope: decodeUtf8(bytes) }
  })
  return {
    trust: {
      charter: trust.charter.jws,
      rosters: [sender, receiver].map(({ id }) => trust.rosterOf(id).jws),
    },
    receiver: {
      agency: receiver.id,
      carriedBy: sender.peerId,
      deskKeys: Object.values(receiver.desks).map(({ seed }) => ({ seed: encodeBase64url(seed) })),
      now: NOW,
      previous: genesis,
    },
    envelopes: await Promise.all(envelopes),
  }
}

async function expectWords(
  file: ObjectVectors,
  cases: readonly (readonly [name: string, word: string, ...unknown[]])[],
): Promise<void> {
  const path = join(folder, 'edges.json')
  writeFileSync(path, JSON.stringify(file))
  const expected = cases.map(([name, word]) => `${name}: ${word}`)
  const ours = await ourVerdicts(file)
  expect(ours.map(({ name, found }) => `${name}: ${found}`)).toEqual(expected)
  const { rows } = secondOverVectors(path)
  expect(rows.map(({ name, found }) => `${name}: ${found}`)).toEqual(expected)
}

describe.skipIf(IS_SKIPPED)(`a second verifier at the edges of the pages${WHY_SKIPPED}`, () => {
  it('says of each case what ours says', async () => {
    await expectWords(await edgeCases(), [...STATEMENTS, ...PRESENTATIONS, ...ENVELOPES])
  })

  it('says of each envelope of suite A1 what ours says', async () => {
    await expectWords(await envelopesOf(classic, CLASSIC), CLASSIC)
  })
})
