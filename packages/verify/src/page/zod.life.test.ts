/**
 * The schemas of core as the page judges them, against zod: the same answer to whatever stands in real files, changed here
 * and there.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeBase64url } from '@amana/core'
import { build, type Plugin } from 'esbuild'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { seededRandom } from '../../../../test/support/agencies.ts'
import { buildExchange } from '../../../../test/support/built-exchange.ts'
import { messageFileOf, messageBytes } from '../../../../test/support/message-files.ts'

const CORE = new URL('../../../core/src/', import.meta.url)
const PAGE_ZOD = fileURLToPath(new URL('zod.mjs', import.meta.url))
/** Of core, by folder: the files whose schemas a verifier asks. */
const FILES = {
  audit: [
    'conflict-evidence',
    'cursor',
    'event-members',
    'events',
    'events-access',
    'events-exchange',
    'events-governance',
    'events-witness',
    'leaf',
    'leaf-disclosure',
  ],
  bundle: ['log-epoch', 'message-records', 'records', 'signed-act', 'signed-disclosure'],
  crypto: ['digest', 'jwk', 'jws', 'suites'],
  envelope: [
    'dispatch',
    'envelope',
    'heads',
    'node-signature',
    'opening',
    'presentation',
    'receipt',
    'statement',
    'void',
  ],
  messages: ['handling', 'message'],
  trust: ['charter', 'identifiers', 'invite', 'roster'],
}

const Answer = z.object({
  success: z.boolean(),
  data: z.unknown(),
  error: z.unknown(),
})
interface Judge {
  readonly safeParse: (value: unknown) => z.output<typeof Answer>
}
const Issues = z.object({
  issues: z.array(z.object({ path: z.array(z.unknown()), code: z.string().optional() })),
})

/** Every file shows all its schemas, also those that it keeps to itself. */
const showSchemas: Plugin = {
  name: 'show-schemas',
  setup: (building) => {
    building.onLoad({ filter: /core\/src\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const names = [...source.matchAll(/^(?:export )?const (\w+) = z\b/gm)].map(([, name]) => name)
      return { contents: `${source}\nexport const SHOWN = { ${names.join(', ')} }`, loader: 'ts' }
    })
  },
}

const folder = await mkdtemp(join(tmpdir(), 'amana-zod-'))
afterAll(async () => {
  await rm(folder, { recursive: true })
})

type Schemas = readonly (readonly [string, unknown])[]

/** All schemas by file and name, made by zod or by what stands in its place. */
async function schemasWith(zod: Readonly<Record<string, string>>): Promise<Schemas> {
  const outfile = join(folder, `${String(Object.keys(zod).length)}.mjs`)
  const lines = Object.entries(FILES).flatMap(([area, names]) =>
    names.map(
      (file) => `export { SHOWN as ${moduleName(area, file)} } from './${area}/${file}.ts'`,
    ),
  )
  await build({
    alias: zod,
    bundle: true,
    conditions: ['@amana/source', 'node', 'import', 'default'],
    format: 'esm',
    logLevel: 'error',
    outfile,
    platform: 'node',
    plugins: [showSchemas],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    stdin: { contents: lines.join('\n'), resolveDir: fileURLToPath(CORE) },
  })
  const made: unknown = await import(outfile)
  return entriesOf(made).flatMap(([file, shown]) =>
    entriesOf(shown).map(([schema, judge]) => [`${file} ${schema}`, judge] as const),
  )
}

function moduleName(area: string, file: string): string {
  return `${area}_${file.replaceAll('-', '_')}`
}

function entriesOf(value: unknown): Schemas {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}

function isJudge(value: unknown): value is Judge {
  return typeof value === 'object' && value !== null && 'safeParse' in value
}

/** What a caller can see of an answer. */
function seen(judge: unknown, value: unknown): unknown {
  if (!isJudge(judge)) return 'no schema'
  const { data, error, success } = judge.safeParse(value)
  if (success) return { data: sorted(data) }
  const [first] = Issues.parse(error).issues
  return { path: first?.path.join('.'), isUnknown: first?.code === 'unrecognized_keys' }
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

/** Every value inside a value, and what its base64url texts hold as JSON. */
function insideOf(value: unknown): readonly unknown[] {
  if (typeof value === 'string') return [value, ...hiddenIn(value).flatMap(insideOf)]
  if (typeof value !== 'object' || value === null) return [value]
  return [value, ...Object.values(value).flatMap(insideOf)]
}

function hiddenIn(text: string): readonly unknown[] {
  try {
    const inner: unknown = JSON.parse(new TextDecoder().decode(decodeBase64url(text)))
    return typeof inner === 'object' ? [inner] : []
  } catch {
    return []
  }
}

const exchange = await buildExchange()
const message = await messageFileOf(exchange, exchange.sent[0]!.statements[0]!)
const bytes = [
  await exchange.naptip.log.bundle(exchange),
  await exchange.anltp.log.bundle(exchange),
  messageBytes(message),
]
const lines = bytes.flatMap((file) => new TextDecoder().decode(file).trimEnd().split('\n'))
const found = lines.flatMap((line) => insideOf(JSON.parse(line)))
/** One of each form; strings and numbers as they are. */
const values = [...new Map(found.map((value) => [sorted(value), value])).values()]

const ODD: readonly unknown[] = [
  null,
  true,
  '',
  'a',
  'x'.repeat(5000),
  0,
  -1,
  1.5,
  2 ** 53,
  [],
  [null],
  ['a', 'a'],
  {},
  { a: 1 },
  JSON.parse('{"__proto__":{"a":1}}'),
  { constructor: 1 },
  'A'.repeat(43),
  '2026-02-30T00:00:00.000Z',
]

/** One member or element of the value, or of one inside it, is another, gone, or new. */
function changed(value: unknown, pick: (count: number) => number): unknown {
  if (typeof value !== 'object' || value === null || pick(4) === 0) return ODD[pick(ODD.length)]
  const entries = entriesOf(value)
  const at = pick(entries.length + 1)
  const [name, inner] = entries[at] ?? ['more', 0]
  const other = pick(5) === 0 ? [] : [[name, changed(inner, pick)] as const]
  const made = [...entries.slice(0, at), ...other, ...entries.slice(at + 1)]
  return Array.isArray(value) ? made.map(([, one]) => one) : Object.fromEntries(made)
}

describe('the schemas of the page', async () => {
  const [own, real] = await Promise.all([schemasWith({ zod: PAGE_ZOD }), schemasWith({})])
  const random = seededRandom('schemas')
  const pick = (count: number): number => (random(4)[0] ?? 0) % count

  it('are all there', () => {
    expect(own.map(([name]) => name)).toEqual(real.map(([name]) => name))
    expect(own.length).toBeGreaterThan(100)
  })

  it('judge as zod does whatever stands in files, and what is made of it', () => {
    const tried = [...ODD, ...values.flatMap((value) => [value, changed(value, pick)])]
    const accepted = new Set<string>()
    for (const [n, [name, judge]] of real.entries()) {
      for (const value of tried) {
        const expected = seen(judge, value)
        if (entriesOf(expected).some(([member]) => member === 'data')) accepted.add(name)
        expect(seen(own[n]?.[1], value), `${name} of ${sorted(value).slice(0, 400)}`).toEqual(
          expected,
        )
      }
    }
    expect(accepted.size).toBeGreaterThan(real.length / 2)
  })
})
