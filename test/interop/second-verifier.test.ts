/**
 * Signed objects before a verifier that was written from the specification alone, in another language: both must say the
 * same of every case, the code included.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalize, decodeUtf8, encodeUtf8, GeneralJwsSchema } from '@amana/core'
import { afterAll, describe, expect, it } from 'vitest'
import { FileVectorsSchema, wordsOfFiles } from '../support/message-verdicts.ts'
import {
  type ObjectVectors,
  ObjectVectorsSchema,
  type ObjectVerdict,
  ourVerdicts,
} from '../support/object-verdicts.ts'
import { readJson, readText, ROOT } from '../support/repository.ts'
import { IS_SKIPPED, secondOverVectors, WHY_SKIPPED } from '../support/second-verifier.ts'
import { seededBytes } from '../support/seeded-bytes.ts'

const VECTORS = 'test/vectors/envelope/envelope.json'
const README = 'examples/other-languages/README.md'
const FLIPS = 200
const vectors = ObjectVectorsSchema.parse(readJson(VECTORS))
const folder = mkdtempSync(join(tmpdir(), 'amana-second-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Cases that only an opened seal can tell: it takes no key, and its package has no ML-KEM-768 to open a seal of A2 with. */
const INSIDE_A_SEAL = [
  'seals: of one statement',
  'seals: of two statements',
  'seals: with one bit of its ciphertext changed',
  'seals: with one bit of its vector changed',
  'seals: with one bit of its tag changed',
  'seals: with one bit of its wrapped key changed',
  'seals: with another content key than it commits to',
  'seals: with another padding',
  'seals: with no openings',
  'envelopes: with a content key that it does not commit to',
  'envelopes: with fewer openings than statements',
  'envelopes: with one statement whose body is not of its kind',
  'envelopes: with one value changed',
]
const INSIDE_A_SEAL_OF_A1 = [
  'seals: of one statement',
  'seals: of two statements',
  'seals: to the second of two keys',
  'seals: with another ephemeral key',
  'seals: with one bit of its wrapped key changed',
  'seals: with one bit of its ciphertext changed',
  'seals: with another content key than it commits to',
  'seals: with another padding',
  'envelopes: with another ephemeral key',
  'envelopes: with one bit of its wrapped key changed',
  'envelopes: with one bit of its ciphertext changed',
  'envelopes: with another content key than it commits to',
  'envelopes: with another padding',
]
/** Cases inside the scope, by part: a part that shrinks must be noticed. */
const FILES: readonly (readonly [string, readonly string[], Readonly<Record<string, number>>])[] = [
  [
    VECTORS,
    INSIDE_A_SEAL,
    { statements: 24, dispatches: 11, receipts: 13, presentations: 10, seals: 7, envelopes: 40 },
  ],
  ['test/vectors/envelope/envelope-a1.json', INSIDE_A_SEAL_OF_A1, { seals: 13, envelopes: 27 }],
  ['test/vectors/trust/charters.json', [], { documents: 2, charters: 34, statements: 9 }],
  ['test/vectors/files/disclosures.json', [], { disclosures: 26 }],
]

function comparable({ part, name, found }: ObjectVerdict): string {
  return `${part}: ${name}: ${found}`
}

describe.skipIf(IS_SKIPPED)(`a second verifier in Python${WHY_SKIPPED}`, () => {
  it.each(FILES)(
    'agrees with ours on every vector of %s that no seal has to be opened for',
    async (path, insideASeal, counts) => {
      const { status, rows } = secondOverVectors(join(ROOT, path))
      const inside = rows.filter(({ outside }) => !outside)
      const outside = rows.filter((row) => row.outside).map(({ part, name }) => `${part}: ${name}`)
      expect(outside).toEqual(insideASeal)
      const ours = (await ourVerdicts(ObjectVectorsSchema.parse(readJson(path)))).filter(
        ({ part, name }) => !insideASeal.includes(`${part}: ${name}`),
      )
      expect(inside.map(comparable)).toEqual(ours.map(comparable))
      expect(inside.map(({ found }) => found)).toEqual(inside.map(({ expected }) => expected))
      const parts = Map.groupBy(inside, ({ part }) => part)
      expect(Object.fromEntries([...parts].map(([part, { length }]) => [part, length]))).toEqual(
        counts,
      )
      expect(status).toBe(0)
    },
  )

  it('agrees with ours on every message file', async () => {
    const path = 'test/vectors/files/message-files.json'
    const { status, rows } = secondOverVectors(join(ROOT, path))
    const ours = await wordsOfFiles(FileVectorsSchema.parse(readJson(path)))
    expect(rows.map(({ found, name }) => `${name}: ${found}`)).toEqual(ours)
    expect(rows.map(({ found }) => found)).toEqual(rows.map(({ expected }) => expected))
    expect(rows).toHaveLength(58)
    expect(status).toBe(0)
  })

  it.each([
    ['canonical JSON', 'test/vectors/bytes/canonical-json.json', 92],
    ['base64', 'test/vectors/bytes/base64.json', 54],
  ])('reads every vector of %s as its file says', (_name, path, count) => {
    const { status, rows } = secondOverVectors(join(ROOT, path))
    expect(rows.map(({ found }) => found)).toEqual(rows.map(({ expected }) => expected))
    expect(rows).toHaveLength(count)
    expect(status).toBe(0)
  })

  it('says what it does not check', () => {
    const { notes } = secondOverVectors(join(ROOT, VECTORS))
    expect(notes.join('\n')).toMatch(/^charter: Ed25519 half only/m)
    expect(notes.join('\n')).toMatch(/^seals: closed/m)
  })

  it('says no when one case is not as its file says', () => {
    const first = { ...vectors.statements[0], code: 'WIRE_SIG' }
    const { status } = secondOverVectors(fileOf({ ...vectors, statements: [first] }))
    expect(status).toBe(4)
  })

  it.each(goodObjects())(
    `refuses %s with one byte changed at any of ${String(FLIPS)} places, as ours does`,
    async (part, changed) => {
      const file = { ...EMPTY, ...changed }
      const { rows } = secondOverVectors(fileOf(file))
      const ours = await ourVerdicts(file)
      expect(rows).toHaveLength(FLIPS + 1)
      const accepted = part === 'envelopes' ? 'taken closed' : 'accepted'
      expect(rows.filter(({ found }) => found === accepted).map(({ name }) => name)).toEqual([
        'as it is',
      ])
      expect(ours.filter(({ found }) => found === accepted).map(({ name }) => name)).toEqual([
        'as it is',
      ])
      expect(rows.map(comparable)).toEqual(ours.map(comparable))
    },
  )

  it('runs as its page says', () => {
    const blocks = [...readText(README).matchAll(/^```sh\n([^]*?)^```/gm)].map(([, block]) => block)
    expect(blocks.length).toBeGreaterThan(0)
    for (const block of blocks) {
      const script = (block ?? '').replaceAll(/^(?:sudo )?apt-get .*$/gm, '')
      const { status } = spawnSync('bash', ['-euo', 'pipefail', '-c', script], { cwd: ROOT })
      expect(status, script).toBe(0)
    }
  })
})

const EMPTY: ObjectVectors = {
  ...vectors,
  statements: [],
  dispatches: [],
  receipts: [],
  presentations: [],
  seals: [],
  envelopes: [],
}

/** One good object of each part, as it is and with one byte changed at seeded places. */
function goodObjects(): readonly (readonly [part: string, Partial<ObjectVectors>])[] {
  const [statement] = vectors.statements
  const [dispatch] = vectors.dispatches
  const [receipt] = vectors.receipts
  const [presentation] = vectors.presentations
  const envelope = vectors.envelopes.find(({ name }) => name === 'referral.event/1')
  return [
    [
      'statements',
      { statements: changes(textOf(statement?.statement), (text) => ({ statement: text })) },
    ],
    [
      'dispatches',
      { dispatches: changes(textOf(dispatch?.dispatch), (text) => ({ dispatch: text })) },
    ],
    [
      'receipts',
      {
        receipts: changes(textOf(receipt?.receipt), (text) => ({
          dispatch: receipt?.dispatch,
          receipt: text,
        })),
      },
    ],
    [
      'presentations',
      {
        presentations: changes(presentation?.presentation ?? '', (text) => ({
          presentation: text,
        })),
      },
    ],
    ['envelopes', { envelopes: changes(envelope?.envelope ?? '', (text) => ({ envelope: text })) }],
  ]
}

function changes<T extends object>(
  text: string,
  caseOf: (text: string) => T,
): (T & { readonly name: string })[] {
  const random = seededBytes(`flips of ${text}`)
  const bytes = encodeUtf8(text)
  const changed = Array.from({ length: FLIPS }, () => {
    const [a = 0, b = 0, c = 0, mask = 0] = random(4)
    const position = ((a << 16) | (b << 8) | c) % bytes.length
    const other = bytes.with(position, (bytes[position] ?? 0) ^ ((mask % 127) + 1))
    return { name: `byte ${String(position)}`, ...caseOf(decodeUtf8(other)) }
  })
  return [{ name: 'as it is', ...caseOf(text) }, ...changed]
}

function textOf(value: unknown): string {
  const { payload, signatures } = GeneralJwsSchema.parse(value)
  return canonicalize({ payload, signatures: signatures.map((entry) => ({ ...entry })) })
}

function fileOf(content: unknown): string {
  const path = join(folder, 'vectors.json')
  writeFileSync(path, JSON.stringify(content))
  return path
}
