import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LEASE_SILENCE_MS, takesOver } from './lease.ts'

/** A session between `a` and `b`, as one of them sees it. */
function seenBy(own: string, other: string, initiator: string) {
  return { initiator: initiator === own, peerId: other, silentMs: 0 }
}

describe('of two sessions', () => {
  it.each([
    { name: 'the own by the smaller id stays', own: 'a', held: 'a', fresh: 'b', comes: false },
    { name: 'the peer’s by the smaller id stays', own: 'b', held: 'a', fresh: 'b', comes: false },
    { name: 'the own by the smaller id comes', own: 'a', held: 'b', fresh: 'a', comes: true },
    { name: 'the peer’s by the smaller id comes', own: 'b', held: 'b', fresh: 'a', comes: true },
    { name: 'the newer of two own comes', own: 'a', held: 'a', fresh: 'a', comes: true },
    {
      name: 'the newer of two own by the greater id comes',
      own: 'b',
      held: 'b',
      fresh: 'b',
      comes: true,
    },
    { name: 'the newer of two of the peer comes', own: 'a', held: 'b', fresh: 'b', comes: true },
  ])('$name', ({ own, held, fresh, comes }) => {
    const peer = own === 'a' ? 'b' : 'a'
    expect(takesOver(own, seenBy(own, peer, held), seenBy(own, peer, fresh))).toBe(comes)
  })

  it.each([
    [LEASE_SILENCE_MS, false],
    [LEASE_SILENCE_MS + 1, true],
  ])('the one that has been silent for %i ms loses its claim: %s', (silentMs, expected) => {
    const held = { ...seenBy('a', 'b', 'a'), silentMs }
    expect(takesOver('a', held, seenBy('a', 'b', 'b'))).toBe(expected)
  })

  it('both sides keep the same one, in whatever order they come', () => {
    const id = fc.string({ minLength: 1 })
    fc.assert(
      fc.property(fc.tuple(id, id), fc.tuple(fc.boolean(), fc.boolean()), (ids, isOwnFirst) => {
        const [a, b] = ids
        fc.pre(a !== b)
        expect(keptBy(a, b, isOwnFirst[0])).toBe(keptBy(b, a, isOwnFirst[1]))
      }),
    )
  })
})

/** Whose session one side keeps, when its own came first or second. */
function keptBy(own: string, other: string, isOwnFirst: boolean): string {
  const [held, fresh] = isOwnFirst ? [own, other] : [other, own]
  return takesOver(own, seenBy(own, other, held), seenBy(own, other, fresh)) ? fresh : held
}
