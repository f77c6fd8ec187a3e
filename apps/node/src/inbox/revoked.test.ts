import { type Revocation, type RosterLists } from '@amana/core'
import { describe, expect, it } from 'vitest'
import {
  adoptNext,
  beginningOf,
  beginTalk,
  carryAll,
  crafted,
  leavesOf,
  MEETING_MS,
  officerKey,
  queueNew,
  receive,
  type Side,
  signedBy,
} from '../../../../test/support/node-fixture.ts'
import { told } from '../../../../test/support/told.ts'

const DAY = 86_400

/** The lists of the next roster when the author is revoked, and goes. */
async function withoutAuthor(
  { parts, place }: Side,
  reason: Revocation['reason'],
  since: number,
): Promise<Partial<RosterLists>> {
  const { keyId: kid } = await officerKey(place, 'author')
  const officers = parts.trust.ownRoster.payload.officers.filter(({ id }) => id !== 'author')
  return { officers, revoked: [{ kid, reason, since }] }
}

async function codes(side: Side): Promise<readonly unknown[]> {
  const leaves = await leavesOf(side)
  return leaves.flatMap(({ data, event }) =>
    event === 'x.refused' && 'code' in data ? [data.code] : [],
  )
}

describe('a statement under a revoked key', { timeout: MEETING_MS }, () => {
  it('of an officer who left is refused with WIRE_KEY_REVOKED', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const signed = await signedBy(naptip, 'jtwg.minutes/1', { later: 200 })
    await adoptNext(naptip, anltp, await withoutAuthor(naptip, 'left', clock.now()))
    clock.turn(200)
    const { bytes } = await crafted(naptip, [signed], {
      sequence: 1,
      previous: beginningOf(naptip),
    })
    expect(told(await receive(anltp, naptip, bytes))).toEqual(['refused trust'])
    expect(await codes(anltp)).toEqual(['WIRE_KEY_REVOKED'])
  })

  it('that was stolen is refused with WIRE_KEY_REVOKED, however far it is dated back', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const signed = await signedBy(naptip, 'jtwg.minutes/1', { later: -200 })
    const since = clock.now() - 100
    await adoptNext(naptip, anltp, await withoutAuthor(naptip, 'compromise', since))
    const { bytes } = await crafted(naptip, [signed], {
      sequence: 1,
      previous: beginningOf(naptip),
    })
    expect(told(await receive(anltp, naptip, bytes))).toEqual(['refused trust'])
    expect(await codes(anltp)).toEqual(['WIRE_KEY_REVOKED'])
  })

  it('that was answered before stays as it is', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const digest = await queueNew(naptip, 'jtwg.minutes/1')
    await carryAll(naptip, anltp)
    await adoptNext(naptip, anltp, await withoutAuthor(naptip, 'compromise', clock.now() - DAY))
    expect(await anltp.parts.ledger.get(digest)).toMatchObject({ state: 'received' })
    expect(await naptip.parts.ledger.get(digest)).toMatchObject({ state: 'opened' })
  })
})
