/**
 * Every event of the specification: its leaf is written, read, and refused with one member more or less.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#events
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LOG, START_MS } from '../../../../test/support/built-log.ts'
import { digest, hmacSha256 } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'
import { actorOf } from './actor.ts'
import { type EVENT_DATA } from './events.ts'
import { buildLeaf, type LeafPlace, parseLeaf } from './leaf.ts'

const [env, std, rcpt] = [digest('env'), digest('std'), digest('rcpt')]
const to = 'ne.anltp-tim'
const place: LeafPlace = { log: LOG, index: 7, seq: 2, prev: 3, timeMs: START_MS }

const EXAMPLES: Readonly<Record<keyof typeof EVENT_DATA, Record<string, unknown>>> = {
  'a.audit-export': {
    bundle: digest('bundle'),
    classes: ['w', 'x'],
    format: 'bundle',
    purpose: 'audit',
    range: [0, 7],
  },
  'a.export': { digest: digest('file'), format: 'presentation', purpose: 'prosecution', std },
  'a.open': { bg: false, env, purpose: 'referral', std },
  'g.genesis': { agency: 'ng.naptip', keys: [`${LOG}+d829c033+AQAA`] },
  'g.key': { done: 'destroyed', key: digest('key'), use: 'desk' },
  'g.policy': { new: digest('charter'), version: 1 },
  'g.recovery': { agency: to, new: digest('charter 2'), time: 1, version: 2 },
  'g.recovery-refused': { by: digest('another charter 2'), new: digest('charter 2'), version: 2 },
  'g.roster': { agency: to, new: digest('roster 2'), old: digest('roster 1'), version: 2 },
  'w.cosigned': { by: `${to}/amana/witness/1`, note: digest('note'), size: 7, time: 1 },
  'w.pad': {},
  'w.seal': { heads: { a: [-1, -1], g: [0, 0], w: [-1, -1], x: [2, 5] } },
  'w.witness': { log: LOG, note: digest('note'), root: digest('root'), size: 7, time: 1 },
  'x.delivered': {
    env,
    outcome: 'opened',
    peerHash: digest('leaf'),
    peerSequence: 0,
    rcpt,
    std,
    to,
  },
  'x.receipt': { env, outcome: 'refused', rcpt, std },
  'x.received': { env, from: to, osig: digest('osig'), std },
  'x.refused': { code: 'WIRE_SCHEMA', env, std },
  'x.rejected': { code: 'WIRE_SIG', count: 3 },
  'x.sealed': { env, kind: 'task.travel-document/1', std, to },
  'x.sent': { env, to, try: 1 },
}

describe.each(Object.entries(EXAMPLES))('%s', (event, data) => {
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
    for (const [event, data] of Object.entries(EXAMPLES)) {
      for (const member of Object.keys(data)) {
        const told = { ...data, [member]: 'Aïcha, 14 years' }
        expect(() => buildLeaf({ event, actor: 'sys', data: told }, place)).toThrow(
          expect.objectContaining({ code: 'AUDIT_LEAF_SCHEMA' }),
        )
      }
    }
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
