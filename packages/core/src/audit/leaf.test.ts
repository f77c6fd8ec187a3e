/**
 * Every event of the specification: its leaf is written, read, and refused with one member more or less.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#events
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LOG, START_MS } from '../../../../test/support/built-log.ts'
import { LEAF_EXAMPLES } from '../../../../test/support/leaf-examples.ts'
import { digest, hmacSha256 } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'
import { actorOf } from './actor.ts'
import { buildLeaf, type LeafPlace, parseLeaf } from './leaf.ts'

const place: LeafPlace = { log: LOG, index: 7, seq: 2, prev: 3, timeMs: START_MS }

describe.each(Object.entries(LEAF_EXAMPLES))('%s', (event, data) => {
  it('reads back as it was written', () => {
    const leaf = parseLeaf(buildLeaf({ event, actor: 'sys', data }, place))
    expect(leaf).toMatchObject({ event, data, class: event.slice(0, 1), sd: [] })
  })

  it('has no member more and none less', () => {
    const code = 'AUDIT_LEAF_SCHEMA'
    const more = { ...data, note: 'she is afraid' }
    expect(() => buildLeaf({ event, actor: 'sys', data: more }, place)).toThrow(
      expect.objectContaining({ code }),
    )
    const [first] = Object.keys(data)
    const less = Object.fromEntries(Object.entries(data).slice(1))
    if (first === undefined) return
    expect(() => buildLeaf({ event, actor: 'sys', data: less }, place)).toThrow(
      expect.objectContaining({ code }),
    )
  })
})

describe('a leaf', () => {
  it('holds no free text: every string of every event has a form of its own', () => {
    for (const [event, data] of Object.entries(LEAF_EXAMPLES)) {
      for (const member of Object.keys(data)) {
        const told = { ...data, [member]: 'Aïcha, 14 years' }
        expect(() => buildLeaf({ event, actor: 'sys', data: told }, place)).toThrow(
          expect.objectContaining({ code: 'AUDIT_LEAF_SCHEMA' }),
        )
      }
    }
  })

  it('commits to something only where its event has a name for it', () => {
    const sd = [digest('b'), digest('a')]
    const opened = { event: 'a.open', actor: 'sys', data: LEAF_EXAMPLES['a.open'], sd }
    expect(parseLeaf(buildLeaf(opened, place)).sd).toEqual(sd.toSorted())
    const padded = { event: 'w.pad', actor: 'sys', data: {}, sd }
    expect(() => buildLeaf(padded, place)).toThrow(
      expect.objectContaining({ code: 'AUDIT_LEAF_SCHEMA', details: { index: 7, path: 'sd' } }),
    )
  })

  it('opens against the usual rule only with a reason', () => {
    const opened = { event: 'a.open', actor: 'sys', data: { ...LEAF_EXAMPLES['a.open'], bg: true } }
    expect(() => buildLeaf(opened, place)).toThrow(
      expect.objectContaining({ code: 'AUDIT_LEAF_SCHEMA', details: { index: 7, path: 'sd' } }),
    )
    const explained = buildLeaf({ ...opened, sd: [digest('reason')] }, place)
    expect(parseLeaf(explained).data).toMatchObject({ bg: true })
  })

  it('refuses arbitrary bytes with an error of the table', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(caught(() => parseLeaf(bytes))).toBeInstanceOf(AmanaError)
      }),
    )
  })

  it('names its actor by a pseudonym that depends on key and officer', () => {
    const key = hmacSha256(new Uint8Array(32), new Uint8Array())
    const actors = [
      actorOf(key, 'off-1'),
      actorOf(key, 'off-2'),
      actorOf(key.toReversed(), 'off-1'),
    ]
    expect(new Set(actors).size).toBe(3)
    const actor = actors[0] ?? ''
    expect(parseLeaf(buildLeaf({ event: 'w.pad', actor, data: {} }, place)).actor).toBe(actor)
  })
})

function caught(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}
