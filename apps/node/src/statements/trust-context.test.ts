import { describe, expect, it } from 'vitest'
import { NOW } from '../../../../test/support/agencies.ts'
import { makeWorld, withNextRoster } from '../../../../test/support/envelope-fixture.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { logOf } from '../witness/log-keys.ts'
import { channelStart } from './trust-context.ts'

describe('an agency whose newest roster lists no node', () => {
  it('has no channel and no log', async () => {
    const before = await makeWorld()
    const changed = { issuedAt: NOW - 60, changes: { nodes: [] } }
    const { receiver, sender, trust } = await withNextRoster(before, 'receiver', changed)
    const refusal = { code: 'TRUST_NO_ROSTER', details: { agency: receiver.id } }
    expect(await refusalOf(() => channelStart(trust, sender.id, receiver.id))).toEqual(refusal)
    expect(await refusalOf(() => channelStart(trust, receiver.id, sender.id))).toEqual(refusal)
    expect(await refusalOf(() => logOf(trust, receiver.id))).toEqual(refusal)
    expect(channelStart(before.trust, sender.id, receiver.id)).toBe(before.genesis)
  })
})
