/**
 * A head that nothing was added to is cosigned again every ten minutes, and what follows when it is not.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#heartbeat
 */
import { decodeUtf8, encodeUtf8, parseWitnessRequest } from '@amana/core'
import { describe, expect, it } from 'vitest'
import {
  beginAlone,
  beginTalk,
  carryAll,
  cosign,
  eventsOf,
  leavesOf,
  MEETING_MS,
  queueNew,
  reopened,
  type Side,
  sizeOf,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { requestOf } from '../../../../test/support/witness-fixture.ts'
import { witnessAge } from './witness-age.ts'

const HOUR = 3600
const YEAR = 365 * 24 * HOUR
const DAY = 24 * HOUR
const NOW = 10 * YEAR

describe('the heartbeat', { timeout: MEETING_MS }, () => {
  it('shows the same head again after ten minutes, and gets a later time for it', async () => {
    await using talk = await beginTalk()
    const { clock, naptip } = talk
    const size = await cosign(naptip, talk.anltp)
    const first = await naptip.parts.witness.newest()
    clock.turn(599)
    expect(naptip.parts.witness.uncovered).toBe(false)
    clock.turn(1)
    expect(naptip.parts.witness.uncovered).toBe(true)
    const length = sizeOf(naptip)
    await beat(talk)
    const second = await naptip.parts.witness.newest()
    expect([second.size, second.time - first.time]).toEqual([size, 600])
    expect(await eventsOf(naptip, length)).toEqual(['w.cosigned'])
    expect(naptip.parts.witness.uncovered).toBe(false)
  })

  it('asks with the own signatures alone, and is asked from another size where the peer has one', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const size = await cosign(naptip, anltp)
    clock.turn(600)
    const request = (await naptip.parts.witness.request()) ?? new Uint8Array()
    expect(parseWitnessRequest(request)).toMatchObject({ oldSize: size, proof: [] })
    expect(decodeUtf8(request)).not.toContain('/amana/witness/')
    const again = await naptip.parts.witness.accept(encodeUtf8('409\n1\n'), anltp.agency)
    expect(parseWitnessRequest(again ?? new Uint8Array()).oldSize).toBe(1)
  })

  it('seals the log anew once its own leaves have filled a page', async () => {
    await using talk = await beginTalk()
    const { clock, naptip } = talk
    const size = await cosign(naptip, talk.anltp)
    for (let round = 0; round < 16; round += 1) {
      clock.turn(600)
      await beat(talk)
    }
    expect((await naptip.parts.witness.newest()).size).toBe(size + 16 * 2)
  })

  it('is not put off by a clock that was set back', async () => {
    await using talk = await beginTalk()
    await cosign(talk.naptip, talk.anltp)
    talk.clock.turn(-1)
    expect(talk.naptip.parts.witness.uncovered).toBe(true)
  })
})

describe('the age of the newest cosignature', { timeout: MEETING_MS }, () => {
  it.each([
    [-5, 'fresh', 0],
    [HOUR - 1, 'fresh', HOUR - 1],
    [HOUR, 'late', HOUR],
    [24 * HOUR, 'alarm', 24 * HOUR],
    [72 * HOUR - 1, 'alarm', 72 * HOUR - 1],
    [72 * HOUR, 'held', 72 * HOUR],
  ])('of %i seconds is %s', (age, level, seconds) => {
    const cosigned = [{ takenAt: NOW - age, time: NOW - age }]
    expect(witnessAge(cosigned, { now: NOW, since: 0 })).toEqual({ level, seconds })
  })

  it.each([
    ['300 s ahead when it was taken', { takenAt: 0, time: 300 }, 'fresh', 0],
    ['301 s ahead when it was taken', { takenAt: 0, time: 301 }, 'ahead', 0],
    ['a year ahead, an hour ago', { takenAt: -HOUR, time: YEAR }, 'ahead', HOUR],
    ['a year ahead, three days ago', { takenAt: -72 * HOUR, time: YEAR }, 'held', 72 * HOUR],
    ['a year behind', { takenAt: 0, time: -YEAR }, 'held', YEAR],
    ['before the own clock was set back', { takenAt: YEAR, time: YEAR }, 'ahead', 0],
  ])('with a time %s is %s', (...row) => {
    const [, { takenAt, time }, level, seconds] = row
    const older = { takenAt: -YEAR, time: -YEAR }
    const cosigned = [{ takenAt: NOW + takenAt, time: NOW + time }, older]
    expect(witnessAge(cosigned, { now: NOW, since: 0 })).toEqual({ level, seconds })
  })

  it('is told as ahead of a peer whose clock is, and grows all the same until it cosigns by a right one', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    clock.turn(2 * DAY)
    const answer = await anltp.parts.witness.answer(await requestOf(naptip), naptip.agency)
    clock.turn(-2 * DAY)
    await naptip.parts.witness.accept(answer, anltp.agency)
    expect(await naptip.parts.witness.age()).toEqual({ level: 'ahead', seconds: 0 })
    clock.turn(72 * HOUR)
    expect(await naptip.parts.witness.age()).toEqual({ level: 'held', seconds: 72 * HOUR })
    await cosign(naptip, anltp)
    expect(await naptip.parts.witness.age()).toEqual({ level: 'fresh', seconds: 0 })
  })

  it('is none before there is a charter, and counts from the charter before the first cosignature', async () => {
    await using alone = await beginAlone()
    expect(await alone.naptip.parts.witness.age()).toBeUndefined()
    await using talk = await beginTalk()
    const { clock, naptip } = talk
    const since = naptip.parts.trust.view().charter.payload.iat
    clock.turn(2 * HOUR)
    expect(await naptip.parts.witness.age()).toEqual({
      level: 'late',
      seconds: clock.now() - since,
    })
    await cosign(naptip, talk.anltp)
    expect(await naptip.parts.witness.age()).toEqual({ level: 'fresh', seconds: 0 })
  })

  it('of 72 hours holds intelligence up and never a referral, until the peer cosigns', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await cosign(naptip, anltp)
    clock.turn(72 * HOUR)
    await queueNew(naptip, 'intel.report/1')
    await queueNew(naptip, 'jtwg.minutes/1')
    expect(await carryAll(naptip, anltp)).toBe(1)
    expect(naptip.parts.outbox.problem).toBe('AUDIT_UNWITNESSED')
    expect(await naptip.parts.outbox.pending(anltp.agency)).toBe(1)
    await cosign(naptip, anltp)
    expect(await carryAll(naptip, anltp)).toBe(1)
    expect(naptip.parts.outbox.problem).toBeUndefined()
  })
})

describe('a peer that cosigned more than the log has', { timeout: MEETING_MS }, () => {
  it('is told of until it cosigns', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await requestOf(naptip)
    const accept = (): Promise<unknown> =>
      naptip.parts.witness.accept(encodeUtf8('409\n999\n'), anltp.agency)
    expect(await codeOf(accept)).toBe('AUDIT_NOT_WITNESSED')
    expect(naptip.parts.witness.claimedSize).toBe(999)
    clock.turn(60)
    await cosign(naptip, anltp)
    expect(naptip.parts.witness.claimedSize).toBeUndefined()
  })

  it('does not let a store open of which the log alone is older', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await cosign(naptip, anltp)
    const { parts } = naptip
    const [row] = await parts.store.range({ space: 'note', limit: 1 })
    const key = row?.key.replace(/^[0-9]+/, '9'.repeat(16)) ?? ''
    const { note } = await anltp.parts.witness.newest()
    const other = await requestOf(anltp)
    const strange = parseWitnessRequest(other).note
    expect(note).toBe('')
    const value = Buffer.from(JSON.stringify({ note: strange, takenAt: 1 }))
    await parts.audit.commit({
      events: [],
      writes: async () => ({ writes: [{ type: 'put', space: 'note', key, value }], events: [] }),
    })
    expect(await codeOf(() => reopened(naptip))).toBe('STORE_ROLLBACK')
  })
})

describe('a clock that differs from the peer’s', { timeout: MEETING_MS }, () => {
  it('by more than 30 seconds has one leaf while it stays so', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    for (const seconds of [30, 60, 61]) await cosignedLate(talk, seconds)
    expect(await clockLeaves(naptip)).toEqual([{ offset: -300, source: 'peer' }])
    await cosignedLate(talk, 0)
    await cosignedLate(talk, 301)
    expect(await clockLeaves(naptip)).toEqual([
      { offset: -300, source: 'peer' },
      { offset: -3600, source: 'peer' },
    ])
  })
})

/** The peer cosigns, and its answer arrives so many seconds later: its clock seems to be behind. */
async function cosignedLate({ anltp, clock, naptip }: Talk, seconds: number): Promise<void> {
  const answer = await anltp.parts.witness.answer(await requestOf(naptip), naptip.agency)
  clock.turn(seconds)
  await naptip.parts.witness.accept(answer, anltp.agency)
}

async function clockLeaves(side: Side): Promise<readonly unknown[]> {
  const leaves = await leavesOf(side)
  return leaves.flatMap(({ data, event }) => (event === 'w.clock' ? [data] : []))
}

/** What the line does when the head is due. */
async function beat({ anltp, naptip }: Talk): Promise<void> {
  const request = await naptip.parts.witness.request()
  const answer = await anltp.parts.witness.answer(request ?? new Uint8Array(), naptip.agency)
  await naptip.parts.witness.accept(answer, anltp.agency)
}
