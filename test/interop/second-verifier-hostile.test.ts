/**
 * Message files and charters that nobody wrote by hand: every record moved, doubled, left out, exchanged and changed, every
 * member of a charter replaced and signed again. Both verifiers must say the same of each, the code included.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  canonicalize,
  decodeBase64url,
  decodeUtf8,
  digest,
  encodeBase64url,
  encodeCanonical,
  encodeUtf8,
  type GeneralJws,
  GeneralJwsSchema,
  type Json,
  parseCanonicalText,
} from '@amana/core'
import { afterAll, describe, expect, it } from 'vitest'
import { beginExchange, send, signStatements } from '../support/built-exchange.ts'
import { type Path, set } from '../support/edit-json.ts'
import { backwards, flipped } from '../support/hostile-edits.ts'
import { at, textAt } from '../support/json.ts'
import { forgeMessage, messageFileOf } from '../support/message-files.ts'
import { type FileVectors, wordsOfFiles } from '../support/message-verdicts.ts'
import { type ObjectVectors, ourVerdicts } from '../support/object-verdicts.ts'
import { proposed, quorumsOf } from '../support/rotation.ts'
import { IS_SKIPPED, secondOverVectors, WHY_SKIPPED } from '../support/second-verifier.ts'
import { seededBytes } from '../support/seeded-bytes.ts'
import { halvesOf, jsonOf, membersIn, signAny } from '../support/trust-fixture.ts'
import { chartersWorld } from '../vectors/trust/charter-cases.ts'

const FLIPS = 100
const folder = mkdtempSync(join(tmpdir(), 'amana-second-hostile-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

type Named<T> = readonly (readonly [name: string, made: T])[]

/** What the second verifier says of every case of a vector file, as `name: …`. */
function secondWords(vectors: unknown): readonly string[] {
  const path = join(folder, 'vectors.json')
  writeFileSync(path, JSON.stringify(vectors))
  return secondOverVectors(path).rows.map(({ found, name }) => `${name}: ${found}`)
}

/** How many of these words refuse. */
function refusedIn(words: readonly string[], accepted: string): number {
  return words.filter((word) => !word.endsWith(accepted)).length
}

const exchange = await beginExchange()
const whole = await recordsAt(60, 1)
const foreign = await recordsAt(90, 2)

/** The records of a message file but its end. */
async function recordsAt(second: number, sequence: number): Promise<readonly Json[]> {
  const sending = { from: 'naptip', sequence, kinds: ['intel.report/1'], at: second } as const
  const [signed] = await signStatements(exchange, sending)
  const key = exchange.naptip.agency.officers['approver']
  if (signed === undefined || key === undefined) throw new Error('nothing signed')
  await send(exchange, { ...sending, statements: [signed] })
  const by = { agency: exchange.naptip.agency.id, key }
  const file = await messageFileOf(exchange, signed, { fields: ['body.note'], by })
  return [file.header, ...file.evidence].map((record) => jsonOf(record))
}

/** What is done to the record at a place; nothing where it cannot be done there. */
type Change = (place: number) => readonly Json[] | undefined

const CHANGES: Named<Change> = [
  ['is left out', (place) => whole.toSpliced(place, 1)],
  ['stands twice', (place) => whole.toSpliced(place, 0, recordAt(place))],
  ['stands behind the next', (place) => exchanged(place, place + 1)],
  ['stands at the end', (place) => [...whole.toSpliced(place, 1), recordAt(place)]],
  ['is that of another message', (place) => whole.with(place, foreign[place] ?? null)],
  ['has a member more', (place) => whole.with(place, edit(recordAt(place), ['note'], 'x'))],
  ['is of another version', (place) => payloadEdited(place, ['v'], 2)],
  ['has another first instant', (place) => payloadEdited(place, ...laterInstant(place))],
  ['has its signatures backwards', (place) => signaturesEdited(place, backwards)],
  ['has a letter of its signature changed', (place) => signatureEdited(place, 'signature')],
  ['has a letter of its header changed', (place) => signatureEdited(place, 'protected')],
  ['is signed by the header of another', (place) => withHeaderOf(place)],
  ['has the signature of another message', (place) => withSignaturesOf(place)],
  ['has no signature', (place) => signaturesEdited(place, () => [])],
]

function recordAt(place: number): Json {
  return whole[place] ?? null
}

function edit(value: Json, path: Path, put: unknown): Json {
  return jsonOf(set(value, path, put))
}

function exchanged(place: number, other: number): readonly Json[] | undefined {
  const [first, second] = [whole[place], whole[other]]
  if (first === undefined || second === undefined) return undefined
  return whole.with(place, second).with(other, first)
}

function jwsAt(place: number, records = whole): GeneralJws | undefined {
  const jws = GeneralJwsSchema.safeParse(at(records[place], ['content']))
  return jws.success ? jws.data : undefined
}

/** The record with another payload, its digest the right one, under the signatures that it had. */
function payloadEdited(place: number, path: Path, put: unknown): readonly Json[] | undefined {
  const jws = jwsAt(place)
  if (jws === undefined) return undefined
  const content = payloadOf(jws)
  const payload = encodeBase64url(encodeCanonical(edit(content, path, put)))
  const changed = edit(recordAt(place), ['content', 'payload'], payload)
  return whole.with(place, edit(changed, ['digest'], digest(payload)))
}

function payloadOf({ payload }: GeneralJws): Json {
  return parseCanonicalText(decodeUtf8(decodeBase64url(payload)))
}

function laterInstant(place: number): readonly [Path, unknown] {
  const jws = jwsAt(place)
  const content = jws === undefined ? {} : payloadOf(jws)
  const names = ['iat', 'sentAt', 'issuedAt', 'disclosedAt']
  const name = names.find((one) => at(content, [one]) !== undefined) ?? 'iat'
  return [[name], Number(at(content, [name])) + 1]
}

function signaturesEdited(
  place: number,
  change: (list: unknown) => unknown,
): readonly Json[] | undefined {
  const jws = jwsAt(place)
  if (jws === undefined) return undefined
  return whole.with(place, edit(recordAt(place), [...SIGNATURES], change(jws.signatures)))
}

const SIGNATURES = ['content', 'signatures'] as const

/** A letter of the first Ed25519 signature: the second verifier has no ML-DSA. */
function signatureEdited(
  place: number,
  member: 'protected' | 'signature',
): readonly Json[] | undefined {
  const entries = jwsAt(place)?.signatures ?? []
  const classic = entries.findIndex(({ signature }) => signature.length === ED25519_CHARACTERS)
  const text = entries[classic]?.[member]
  if (text === undefined) return undefined
  return whole.with(place, edit(recordAt(place), [...SIGNATURES, classic, member], flipped(text)))
}

const ED25519_CHARACTERS = 86

function withHeaderOf(place: number): readonly Json[] | undefined {
  const other = jwsAt(place === 1 ? 2 : 1)?.signatures[0]
  if (jwsAt(place) === undefined || other === undefined) return undefined
  const path = [...SIGNATURES, 0, 'protected']
  return whole.with(place, edit(recordAt(place), path, other.protected))
}

function withSignaturesOf(place: number): readonly Json[] | undefined {
  const other = jwsAt(place, foreign)
  return other === undefined ? undefined : signaturesEdited(place, () => other.signatures)
}

/** Every record changed in every way that it can be. */
function hostileFiles(): FileVectors {
  const changed = whole.flatMap((record, place) =>
    CHANGES.flatMap(([what, change]): readonly FileCase[] => {
      const records = change(place)
      const name = `${place === 0 ? 'header' : textAt(record, ['kind'])} ${String(place)} ${what}`
      return records === undefined ? [] : [fileOf(name, records)]
    }),
  )
  const files = [fileOf('as it is', whole), ...changed]
  return { about: '', policies: [exchange.policyText], files, lines: [] }
}

type FileCase = FileVectors['files'][number]

function fileOf(name: string, records: readonly Json[]): FileCase {
  return { name, policy: 0, says: [], pieces: [decodeUtf8(forgeMessage(records))] }
}

const world = await chartersWorld()
const plain = jsonOf(proposed(world.charter))
const ROOTS = halvesOf(quorumsOf(world))

/** What is put in place of a member: each is tried on every one. */
const PUTS: Named<(value: unknown) => unknown> = [
  ['nothing', () => undefined],
  ['null', () => null],
  ['a neighbour', neighbourOf],
]

/** A value of the same kind close by. */
function neighbourOf(value: unknown): unknown {
  if (typeof value === 'number') return value + 1
  if (typeof value === 'string') return flipped(`${value} `).trimEnd()
  return Array.isArray(value) ? backwards(value) : {}
}

/** Every member of a charter but the text of keys, changed and signed again by both quorums. */
async function changedCharters(): Promise<Named<GeneralJws>> {
  const paths = membersIn(plain).filter(
    (path) => !['alg', 'crv', 'kty', 'pub'].includes(last(path)),
  )
  const made = paths.flatMap((path) =>
    PUTS.map(async ([what, change]) => {
      const content = set(plain, path, change(at(plain, path)))
      const jws = await signAny('amana-charter+jws', content, ROOTS)
      return [`${path.join('.')}: ${what}`, jws] as const
    }),
  )
  return Promise.all(made)
}

function last(path: Path): string {
  return String(path.at(-1))
}

/** The text of a charter with one byte changed at seeded places outside of its ML-DSA signatures. */
function flippedTexts(jws: GeneralJws): Named<string> {
  const text = canonicalize(jsonOf(jws))
  const pq = jws.signatures.map(({ signature }) => signature).filter((one) => one.length > 86)
  const spans = pq.map((one) => [text.indexOf(one), text.indexOf(one) + one.length] as const)
  const random = seededBytes('bytes of a charter')
  const bytes = encodeUtf8(text)
  return Array.from({ length: FLIPS }, () => {
    let place = 0
    do {
      const [a = 0, b = 0, c = 0] = random(3)
      place = ((a << 16) | (b << 8) | c) % bytes.length
    } while (spans.some(([from, to]) => place >= from && place < to))
    const [mask = 0] = random(1)
    const changed = bytes.with(place, (bytes[place] ?? 0) ^ ((mask % 127) + 1))
    return [`byte ${String(place)}`, decodeUtf8(changed)] as const
  })
}

async function hostileCharters(): Promise<ObjectVectors> {
  const jws = await signAny('amana-charter+jws', plain, ROOTS)
  const { payload, signatures } = jws
  const objects: Named<unknown> = [
    ['as it is', jws],
    ['signatures backwards', { payload, signatures: signatures.toReversed() }],
    ['one signature twice', { payload, signatures: [...signatures, ...signatures.slice(0, 1)] }],
    ['one signature less', { payload, signatures: signatures.slice(1) }],
    ['the signatures of version 1', { payload, signatures: world.charter.jws.signatures }],
    ['version 1 itself', world.charter.jws],
  ]
  const made: Named<unknown> = [...objects, ...(await changedCharters()), ...flippedTexts(jws)]
  return {
    trust: { charter: world.charter.jws, rosters: [] },
    charters: made.map(([name, charter]) => ({ name, charter })),
  }
}

describe.skipIf(IS_SKIPPED)(`a second verifier before hostile hands${WHY_SKIPPED}`, () => {
  it('says of every changed message file what ours says', async () => {
    const vectors = hostileFiles()
    const ours = await wordsOfFiles(vectors)
    expect(secondWords(vectors)).toEqual(ours.map((word) => word))
    expect(ours[0]).toBe('as it is: ')
    expect(refusedIn(ours, ': ')).toBeGreaterThan(60)
  })

  it('says of every changed charter what ours says', async () => {
    const vectors = await hostileCharters()
    const words = (await ourVerdicts(vectors)).map(({ found, name }) => `${name}: ${found}`)
    expect(secondWords(vectors)).toEqual(words)
    expect(words[0]).toBe('as it is: accepted')
    expect(refusedIn(words, ': accepted')).toBeGreaterThan(200)
  })
})
