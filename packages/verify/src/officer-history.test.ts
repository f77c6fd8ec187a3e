import { describe, expect, it } from 'vitest'
import { NOW } from '../../../test/support/agencies.ts'
import { makeWorld, withNextRoster } from '../../../test/support/envelope-fixture.ts'
import { codeOf } from '../../../test/support/refusals.ts'
import { historyLookup } from './officer-history.ts'

const LONG_AFTER = NOW + 10 * 366 * 86_400

describe('a key that was revoked', () => {
  it('is named as revoked before anything else is said of it, also when it has ended', async () => {
    const world = await makeWorld()
    const { id, officers } = world.sender
    const { keyId } = officers['author'] ?? world.sender.sealKey
    const revoked = [{ kid: keyId, reason: 'lost' as const, since: NOW - 60 }]
    const { trust } = await withNextRoster(world, 'sender', {
      issuedAt: NOW - 60,
      changes: { revoked },
    })
    const asked: string[] = []
    const uncovered = {
      coverOf: () => undefined,
      onDisputed: (agency: string) => asked.push(agency),
    }
    const codes = [world.trust, trust].map((view) =>
      codeOf(() => historyLookup(view, uncovered)(id, keyId, LONG_AFTER)),
    )
    expect(await Promise.all(codes)).toEqual(['WIRE_KEY_EXPIRED', 'WIRE_KEY_REVOKED'])
    expect(asked).toEqual([])
  })
})
