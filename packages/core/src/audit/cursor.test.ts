/**
 * The order of the log: what the writer places, a reader follows, and nothing else.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import { describe, expect, it } from 'vitest'
import {
  buildLog,
  eventOf,
  genesisEvent,
  LOG,
  START_MS,
} from '../../../../test/support/built-log.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import {
  createCursor,
  decodeCursor,
  encodeCursor,
  followClasses,
  followLeaf,
  type LogCursor,
  nextLeaves,
  sealLog,
  skipSubtree,
} from './cursor.ts'
import { parseLeaf } from './leaf.ts'
import { EMPTY_RANGE, rootOf } from './merkle.ts'
import { loadRange } from './proofs.ts'

const log = buildLog(12)

describe('the writer', () => {
  it('writes the documented bytes', () => {
    const { leaves } = nextLeaves(createCursor(LOG), [genesisEvent(), eventOf(1)], START_MS)
    const env = '7f866x0scU7bku-EJ67ioezPFF9tvtdnKsqcs65tx5Q'
    expect(leaves.map((leaf) => decodeUtf8(leaf.bytes))).toEqual([
      `{"actor":"sys","class":"g","data":{"agency":"ng.naptip","keys":["ng.naptip/amana/audit/1+00000000+AQAA"]},"event":"g.genesis","index":0,"log":"ng.naptip/amana/audit/1","prev":-1,"sd":[],"seq":0,"time":"2026-11-22T12:00:00.500Z","v":1}`,
      `{"actor":"sys","class":"x","data":{"env":"${env}","to":"ne.anltp-tim","try":1},"event":"x.sent","index":1,"log":"ng.naptip/amana/audit/1","prev":-1,"sd":[],"seq":0,"time":"2026-11-22T12:00:00.500Z","v":1}`,
    ])
  })

  it('never lets the time of the log fall when the clock goes back', () => {
    const { leaves } = nextLeaves(log.cursor, [eventOf(1)], START_MS - 60_000)
    expect(leafTime(leaves[0]?.bytes)).toBe(leafTime(log.leaves.at(-1)?.bytes))
  })

  it('goes on from its stored cursor as if it had never stopped', () => {
    const stored = decodeCursor(encodeCursor(log.cursor))
    const [resumed, kept] = [stored, log.cursor].map((cursor) =>
      nextLeaves(cursor, [eventOf(3), eventOf(4)], START_MS),
    )
    expect(resumed?.leaves.map((leaf) => decodeUtf8(leaf.bytes))).toEqual(
      kept?.leaves.map((leaf) => decodeUtf8(leaf.bytes)),
    )
    expect(rootOf(resumed?.cursor.range ?? EMPTY_RANGE)).toEqual(
      rootOf(kept?.cursor.range ?? log.cursor.range),
    )
  })

  it('finds its compact range again in the stored nodes', async () => {
    const range = await loadRange(log.readNode, log.size)
    expect(rootOf(range)).toEqual(log.root)
  })

  it.each([1, 2, 3, 15, 16, 17])(
    'after %i leaves pads to a multiple of 16 with the seal last',
    (size) => {
      const events = [genesisEvent(), ...Array.from({ length: size - 1 }, (_, n) => eventOf(n))]
      const { cursor } = nextLeaves(createCursor(LOG), events, START_MS)
      const sealed = sealLog(cursor, 16, START_MS)
      expect(sealed.cursor.range.size % 16).toBe(0)
      expect(sealed.cursor.range.size - size).toBeLessThanOrEqual(16)
      expect(parseLeaf(sealed.leaves.at(-1)?.bytes ?? new Uint8Array()).event).toBe('w.seal')
    },
  )

  it('refuses a cursor that is not one', () => {
    expect(() => decodeCursor(encodeUtf8('{}'))).toThrow(
      expect.objectContaining({ code: 'AUDIT_CURSOR' }),
    )
  })

  it('refuses a cursor after the year 9999, in which no leaf can be dated', () => {
    const timeMs = Date.UTC(10_000, 0, 1)
    expect(decodeCursor(encodeCursor({ ...log.cursor, timeMs: timeMs - 1 })).timeMs).toBe(
      timeMs - 1,
    )
    expect(() => decodeCursor(encodeCursor({ ...log.cursor, timeMs }))).toThrow(
      expect.objectContaining({ code: 'AUDIT_CURSOR' }),
    )
  })
})

describe('a reader refuses', () => {
  const before = cursorAt(5)
  const cases: readonly [string, string, readonly [string | RegExp, string]][] = [
    ['a leaf of another log', 'AUDIT_LEAF_LOG', [LOG, 'ne.anltp-tim/amana/audit/1']],
    ['another index', 'AUDIT_LEAF_INDEX', ['"index":5', '"index":6']],
    ['a counter that jumps', 'AUDIT_CLASS_CHAIN', [/"seq":\d+/, '"seq":9']],
    ['a back pointer that skips', 'AUDIT_CLASS_CHAIN', [/"prev":-?\d+/, '"prev":0']],
    ['an earlier time', 'AUDIT_TIME_BACKWARDS', ['12:00:00.500Z', '12:00:00.499Z']],
    ['an unknown event', 'AUDIT_LEAF_EVENT', ['"w.pad"', '"w.pat"']],
    ['an unknown member', 'AUDIT_LEAF_SCHEMA', ['"data":{}', '"data":{"note":"x"}']],
    ['an instant that does not exist', 'AUDIT_LEAF_SCHEMA', ['2026-11-22', '2026-11-31']],
    ['an actor by name', 'AUDIT_LEAF_SCHEMA', ['"sys"', '"aisha"']],
    ['a class that is not the event’s', 'AUDIT_LEAF_SCHEMA', ['"class":"w"', '"class":"x"']],
    [
      'digests that are not sorted',
      'AUDIT_LEAF_SCHEMA',
      ['"sd":[]', `"sd":["${'B'.repeat(42)}A","${'A'.repeat(43)}"]`],
    ],
    ['a space', 'AUDIT_LEAF_CANONICAL', ['"v":1', '"v": 1']],
    ['a member twice', 'AUDIT_LEAF_CANONICAL', ['"v":1', '"v":1,"v":1']],
  ]

  it.each(cases)('%s: %s', (_name, code, [from, to]) => {
    const text = decodeUtf8(log.leaves[5]?.bytes ?? new Uint8Array())
    const forged = encodeUtf8(text.replace(from, to))
    expect(decodeUtf8(forged)).not.toBe(text)
    expect(() => followLeaf(before, forged)).toThrow(expect.objectContaining({ code }))
  })

  it('a log that does not begin with its genesis: AUDIT_GENESIS', () => {
    const code = 'AUDIT_GENESIS'
    const start = createCursor(LOG)
    expect(() => nextLeaves(start, [eventOf(0)], 0)).toThrow(expect.objectContaining({ code }))
    expect(() => nextLeaves(before, [genesisEvent()], START_MS)).toThrow(
      expect.objectContaining({ code }),
    )
  })

  it('a seal that names other heads: AUDIT_SEAL', () => {
    const seal = log.leaves.at(-1)?.bytes ?? new Uint8Array()
    const forged = encodeUtf8(decodeUtf8(seal).replace(/"x":\[\d+,\d+\]/, '"x":[0,1]'))
    expect(() => followLeaf(cursorAt(11), forged)).toThrow(
      expect.objectContaining({ code: 'AUDIT_SEAL' }),
    )
  })

  it('a leaf of a class that was not to be shown: AUDIT_CLASS_CHAIN', () => {
    const genesis = log.leaves[0]?.bytes ?? new Uint8Array()
    expect(() => followLeaf(followClasses(LOG, ['x'], 0), genesis)).toThrow(
      expect.objectContaining({ code: 'AUDIT_CLASS_CHAIN' }),
    )
  })

  it('a withheld subtree where none of its size can stand: AUDIT_INDEX_GAP', () => {
    expect(() => skipSubtree(before, 1, log.root)).toThrow(
      expect.objectContaining({ code: 'AUDIT_INDEX_GAP' }),
    )
  })

  it('nothing of what the writer wrote', () => {
    expect(cursorAt(12)).toEqual(log.cursor)
  })
})

function cursorAt(size: number): LogCursor {
  return log.leaves
    .slice(0, size)
    .reduce((cursor, leaf) => followLeaf(cursor, leaf.bytes).cursor, createCursor(LOG))
}

function leafTime(bytes: Uint8Array | undefined): string {
  return parseLeaf(bytes ?? new Uint8Array()).time
}
