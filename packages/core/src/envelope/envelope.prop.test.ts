/**
 * Whatever bytes arrive: one changed byte anywhere takes no place, and every reader gives a value or an error of the table.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#envelope
 */
import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { craft, put } from '../../../../test/support/crafted-envelope.ts'
import {
  makeWorld,
  outcomeOf,
  receiverOf,
  statementOf,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import { type Path } from '../../../../test/support/edit-json.ts'
import { editAt, onBytes } from '../../../../test/support/hostile-edits.ts'
import { at, parseText, textAt } from '../../../../test/support/json.ts'
import { isAnyAmanaError } from '../errors.ts'
import { encodeCanonical } from '../bytes/jcs.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { z } from 'zod'
import { parseDispatch } from './dispatch.ts'
import { parseEnvelope } from './envelope.ts'
import { parseHeads } from './heads.ts'
import { parseOpening } from './opening.ts'
import { buildPresentation, parsePresentation } from './presentation.ts'
import { parseReceipt } from './receipt.ts'
import { parseSeal } from './seal.ts'
import { parseStatement, type SignedStatement } from './statement.ts'
import { parseVoid } from './void.ts'

vi.setConfig({ testTimeout: 30_000 })

const SEED = 20_261_124
const KIND = 'task.clearance/1'

let world: World
let statements: readonly SignedStatement[]
let bytes: Uint8Array

beforeAll(async () => {
  world = await makeWorld()
  statements = [await statementOf(world, { kind: KIND }), await statementOf(world)]
  bytes = (await craft(world, { statements })).bytes
})

/** The parts of an envelope that stand in base64url. */
const LAYERS = [
  ['dispatch', 'payload'],
  ['dispatch', 'signatures', 0, 'protected'],
  ['dispatch', 'signatures', 0, 'signature'],
  ['statements', 0, 'payload'],
  ['statements', 0, 'signatures', 0, 'protected'],
  ['statements', 1, 'signatures', 0, 'signature'],
] as const

/** The parts of the seal that stand in base64url. */
const SEAL_LAYERS = [
  ['aad'],
  ['ciphertext'],
  ['iv'],
  ['protected'],
  ['tag'],
  ['recipients', 0, 'encrypted_key'],
  ['recipients', 0, 'header', 'ek'],
] as const

const changed = (data: Uint8Array, position: number, bit: number): Uint8Array => {
  const index = position % data.length
  return data.with(index, (data[index] ?? 0) ^ (1 << bit))
}
const anywhere = fc.record({ position: fc.nat(), bit: fc.integer({ min: 0, max: 7 }) })

describe('an envelope with one bit changed takes no place', () => {
  it('anywhere in its bytes', async () => {
    expect((await outcomeOf(bytes, receiverOf(world))).place).toBe('taken')
    await fc.assert(
      fc.asyncProperty(anywhere, async ({ position, bit }) => {
        const outcome = await outcomeOf(changed(bytes, position, bit), receiverOf(world))
        expect(outcome.place).toBe('none')
      }),
      { seed: SEED, numRuns: 400 },
    )
  })

  it.each(LAYERS.map((path) => [path.join('.'), path] as const))(
    'anywhere inside its %s',
    async (_name, path) => {
      const envelope = parseText(decodeUtf8(bytes))
      await fc.assert(
        fc.asyncProperty(anywhere, async ({ position, bit }) => {
          const change = onBytes((data) => changed(data, position, bit))
          const hostile = encoded(editAt(path, change)(envelope))
          const outcome = await outcomeOf(hostile, receiverOf(world))
          expect(outcome.place).toBe('none')
        }),
        { seed: SEED, numRuns: 60 },
      )
    },
  )

  it.each(SEAL_LAYERS.map((path) => [path.join('.'), path] as const))(
    'anywhere inside the %s of its seal',
    async (_name, path) => {
      const envelope = parseText(decodeUtf8(bytes))
      const jwe = parseText(textAt(envelope, ['seal']))
      await fc.assert(
        fc.asyncProperty(anywhere, async ({ position, bit }) => {
          const change = onBytes((data) => changed(data, position, bit))
          const seal = JSON.stringify(editAt(path, change)(jwe))
          const outcome = await outcomeOf(encoded(put(['seal'], seal)(envelope)), receiverOf(world))
          expect(outcome).toEqual({ place: 'none', results: ['WIRE_ENVELOPE'] })
        }),
        { seed: SEED, numRuns: 40 },
      )
    },
  )
})

/** Every reader of what a stranger sends. */
const READERS: readonly (readonly [string, (value: unknown) => unknown])[] = [
  ['parseEnvelope', (value) => parseEnvelope(encodeUtf8(textOf(value)))],
  ['parseDispatch', parseDispatch],
  ['parseStatement', parseStatement],
  ['parseReceipt', parseReceipt],
  ['parseHeads', parseHeads],
  ['parseVoid', parseVoid],
  ['parseOpening', parseOpening],
  ['parseSeal', (value) => parseSeal(textOf(value), 'A2')],
  ['parseSeal of A1', (value) => parseSeal(textOf(value), 'A1')],
  ['parsePresentation', (value) => parsePresentation(textOf(value))],
]

describe.each(READERS)('%s gives a value or an error of the table', (_name, read) => {
  it('for any value', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(isValueOrError(() => read(value))).toBe(true)
      }),
      { seed: SEED, numRuns: 300 },
    )
  })

  it('for any text of its own alphabet', () => {
    const letters = fc.constantFrom(...'{}[]":,~.0aA_=-\\u\u0000é\ud800'.split(''))
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 60 }), (text) => {
        expect(isValueOrError(() => read(text))).toBe(true)
      }),
      { seed: SEED, numRuns: 300 },
    )
  })

  it('for objects of its form whose texts were changed', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom('', 'A', '~', '=', '{', '\u0000'),
        (position, insert) => {
          for (const honest of honestValues()) {
            expect(isValueOrError(() => read(spoilt(honest, position, insert)))).toBe(true)
          }
        },
      ),
      { seed: SEED, numRuns: 60 },
    )
  })
})

describe('parseEnvelope', () => {
  it('gives a value or an error of the table for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (data) => {
        expect(isValueOrError(() => parseEnvelope(data))).toBe(true)
      }),
      { seed: SEED, numRuns: 500 },
    )
  })
})

function honestValues(): readonly unknown[] {
  const [first] = statements
  if (first === undefined) return []
  const envelope = parseText(decodeUtf8(bytes))
  return [
    at(envelope, ['dispatch']),
    first.statement,
    { ...first.opening },
    at(envelope, ['seal']),
    buildPresentation(first.statement, first.opening, ['routing.status', 'travel']),
    decodeUtf8(bytes),
  ]
}

/** One text somewhere in the value with something put into it, or one letter taken out. */
function spoilt(value: unknown, position: number, insert: string): unknown {
  const paths = textPaths(value, [])
  const path = paths[position % paths.length] ?? []
  return editAt(path, (found) => {
    const text = z.string().parse(found)
    const index = position % (text.length + 1)
    return `${text.slice(0, index)}${insert}${text.slice(index + (insert === '' ? 1 : 0))}`
  })(value)
}

function textPaths(value: unknown, path: Path): readonly Path[] {
  if (typeof value === 'string') return [path]
  if (Array.isArray(value))
    return value.flatMap((part: unknown, n) => textPaths(part, [...path, n]))
  if (typeof value !== 'object' || value === null) return []
  const members = z.record(z.string(), z.unknown()).parse(value)
  return Object.entries(members).flatMap(([name, part]) => textPaths(part, [...path, name]))
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(safe(value)) ?? '')
}

function safe(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Object.keys(value) : String(value)
}

function encoded(value: unknown): Uint8Array {
  return encodeCanonical(z.json().parse(value))
}

function isValueOrError(step: () => unknown): boolean {
  try {
    step()
    return true
  } catch (error) {
    return isAnyAmanaError(error)
  }
}
