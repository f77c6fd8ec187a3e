/**
 * Following a log in place gives what following it step by step gives.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import { describe, expect, it } from 'vitest'
import { buildLog, LOG } from '../../../../test/support/built-log.ts'
import { encodeBase64url } from '../bytes/base64.ts'
import { LEAF_CLASSES } from './event-members.ts'
import { LogFollower } from './log-follower.ts'
import { rootOf } from './merkle.ts'

const log = buildLog(300)

function follower(): LogFollower {
  return new LogFollower(LOG, LEAF_CLASSES, 0)
}

describe('following a log in place', () => {
  it('leads to the same root at every size', () => {
    const followed = follower()
    for (const { bytes, hash } of log.leaves) {
      expect(followed.take(encodeBase64url(bytes)).hash).toEqual(hash)
    }
    expect(followed.root()).toEqual(rootOf(log.cursor.range))
    expect([followed.size, followed.timeMs]).toEqual([log.size, log.cursor.timeMs])
  })

  it('passes over withheld subtrees to the same root', async () => {
    const followed = follower()
    followed.skip(8, encodeBase64url(await log.readNode(8, 0)))
    for (const { hash } of log.leaves.slice(256)) followed.skip(0, encodeBase64url(hash))
    expect(followed.root()).toEqual(log.root)
    expect(() => {
      followed.skip(9, encodeBase64url(log.root))
    }).toThrow(/300/)
  })

  it('refuses a leaf out of its place, and one that is not the one encoding of its bytes', () => {
    const [first, second] = log.leaves.map(({ bytes }) => encodeBase64url(bytes))
    const followed = follower()
    expect(() => followed.take(second ?? '')).toThrow(
      expect.objectContaining({ code: 'AUDIT_LEAF_INDEX' }),
    )
    expect(() => followed.take(`${first ?? ''}=`)).toThrow(
      expect.objectContaining({ code: 'WIRE_B64' }),
    )
    expect(followed.take(first ?? '').leaf.event).toBe('g.genesis')
  })
})
