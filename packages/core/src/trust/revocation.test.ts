import { describe, expect, it } from 'vitest'
import { judgeRevocation } from './revocation.ts'

const SEEN = 1_000

describe('a statement by a key that a later roster revokes', () => {
  it.each([
    ['that nothing covers', 500, undefined, 'void'],
    ['that nothing covers, revoked from then on', SEEN, undefined, 'void'],
    ['covered before anyone could know', 900, 899, 'stands'],
    ['covered at the instant since which the key is revoked', 900, 900, 'stands'],
    ['covered after that, before the receiver saw it', 900, 901, 'disputed'],
    ['covered one second before the receiver saw it', 900, SEEN - 1, 'disputed'],
    ['covered when the receiver saw it', 900, SEEN, 'void'],
    ['covered after the receiver saw it', 900, SEEN + 1, 'void'],
    ['covered before the receiver saw it, revoked later still', SEEN + 50, SEEN - 1, 'stands'],
    ['covered after the receiver saw it, revoked later still', SEEN + 50, SEEN + 1, 'void'],
  ] as const)('%s', (...row) => {
    const [, since, coveredAt, verdict] = row
    const cover = coveredAt === undefined ? undefined : { coveredAt, firstSeenAt: SEEN }
    expect(judgeRevocation({ since }, cover)).toBe(verdict)
  })
})
