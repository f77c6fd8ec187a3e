/**
 * A backlog on a line of 64 kbit/s, 600 ms and 5 % loss, in a time of its own: the line is full, and a message about lives
 * at risk waits for few bytes. The sizes are those of filled referrals, and of messages a third as long.
 *
 * @module
 * @spec docs/spec/08-exchange.md#on-the-way
 */
import { describe, expect, it } from 'vitest'
import { type MessageSizes, VirtualBacklog } from '../../../../test/support/virtual-backlog.ts'
import { share } from '../../../../test/support/virtual-line.ts'

const RECEIPT = (statements: number): number => 300 + 144 * statements
const LONG: MessageSizes = {
  estimated: 11_714,
  envelope: (statements) => 3600 + 9929 * statements,
  frame: (statements) => 2400 + 6760 * statements,
  receipt: RECEIPT,
}
const SHORT: MessageSizes = {
  estimated: 6700,
  envelope: (statements) => 3600 + 5500 * statements,
  frame: (statements) => 2400 + 3300 * statements,
  receipt: RECEIPT,
}

describe.each<[string, MessageSizes]>([
  ['filled referrals', LONG],
  ['shorter messages', SHORT],
])('a backlog of %s', (_name, sizes) => {
  const alone = new VirtualBacklog('backlog', sizes, 1000).drain(false)
  const beside = new VirtualBacklog('backlog', sizes, 1000).drain(true)

  it('fills the line', () => {
    expect(alone.used).toBeGreaterThan(0.9)
    expect(beside.used).toBeGreaterThan(0.9)
  })

  it('goes several in a dispatch', () => {
    expect(1000 / alone.dispatches).toBeGreaterThan(1.2)
  })

  it('lets what is about lives at risk wait for a few seconds of the line at most', () => {
    const ahead = beside.urgent.map(({ aheadBytes }) => aheadBytes)
    const tookMs = beside.urgent.map((one) => one.tookMs)
    expect(beside.urgent.length).toBeGreaterThan(20)
    expect(Math.max(...ahead)).toBeLessThan(64 * 1024)
    expect(share(tookMs, 0.5)).toBeLessThan(6000)
    expect(Math.max(...tookMs)).toBeLessThan(12_000)
  })
})
