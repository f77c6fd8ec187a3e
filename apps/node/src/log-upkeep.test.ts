/**
 * What a running node does by itself for its log, with the clock in the test's hand.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#opening-and-scrub
 */
import { describe, expect, it } from 'vitest'
import {
  beginTalk,
  cosign,
  leavesOf,
  MEETING_MS,
  openSide,
  openStoreOf,
  reopened,
  type Side,
  sizeOf,
} from '../../../test/support/node-fixture.ts'
import { codeOf } from '../../../test/support/refusals.ts'
import { scrubSlice, scrubState } from './audit/scrub.ts'
import { LogUpkeep } from './log-upkeep.ts'
import { type Timer } from './ports.ts'
import { ClockWatch } from './witness/clock-watch.ts'

const WEEK = 604_800

describe('the scrub', { timeout: MEETING_MS }, () => {
  it('reads the whole log once a week, and says so in a leaf', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const to = await cosign(naptip, anltp)
    const size = sizeOf(naptip)
    const startedAt = clock.now()
    expect(await scrubSlice(naptip.parts)).toBeUndefined()
    expect(await scrubLeaves(naptip)).toEqual([{ from: 0, ok: true, to: size }])
    expect(size).toBeGreaterThan(to)
    const round = { at: size, endedAt: startedAt, isWhole: true, startedAt, to: size }
    expect(await scrubState(naptip.parts.store)).toEqual(round)
    clock.turn(WEEK - 1)
    await scrubSlice(naptip.parts)
    expect(await scrubLeaves(naptip)).toHaveLength(1)
    clock.turn(1)
    await scrubSlice(naptip.parts)
    expect(await scrubLeaves(naptip)).toHaveLength(2)
  })

  it('reads at most 2,048 leaves at a time, and goes on where it was after a restart', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    await grow(naptip, 2500)
    const size = sizeOf(naptip)
    await scrubSlice(naptip.parts)
    expect(await scrubState(naptip.parts.store)).toMatchObject({ at: 2048, to: size })
    await using again = await reopened(naptip)
    await scrubSlice(again.parts)
    expect(await scrubLeaves(again)).toEqual([{ from: 0, ok: true, to: size }])
  })

  it('reads all of it when a node has opened its log, whatever was read before', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    await grow(naptip, 2500)
    await scrubSlice(naptip.parts)
    const size = sizeOf(naptip)
    const told: unknown[] = []
    await upkeepOf(naptip, told).readAll(AT_ONCE, AbortSignal.timeout(MEETING_MS))
    expect(await scrubLeaves(naptip)).toEqual([{ from: 0, ok: true, to: size }])
    await naptip.disk.batch([{ type: 'del', space: 'node', key: '01/000000000003' }])
    const upkeep = upkeepOf(naptip, told)
    expect(upkeep.damaged.aborted).toBe(false)
    await upkeep.readAll(AT_ONCE, AbortSignal.timeout(MEETING_MS))
    expect(told).toEqual([['damaged', 0, 2048]])
    expect(upkeep.damaged.reason).toMatchObject({ code: 'STORE_HOLE' })
  })

  it.each([
    ['a hash that was changed', 'STORE_DAMAGED', { type: 'put', value: new Uint8Array(32) }],
    ['a hash that is missing', 'STORE_HOLE', { type: 'del' }],
  ] as const)(
    'finds %s, says where, and the log does not open any more (%s)',
    async (_name, code, damage) => {
      await using talk = await beginTalk()
      const { naptip } = talk
      await grow(naptip, 4500)
      const size = sizeOf(naptip)
      const row = { space: 'node', key: '01/000000000003' }
      const whole = (await naptip.disk.get(row.space, row.key)) ?? new Uint8Array()
      await naptip.disk.batch([{ ...damage, ...row }])
      const found = { from: 0, to: 2048, error: { code } }
      expect(await scrubSlice(naptip.parts)).toMatchObject(found)
      expect(await scrubSlice(naptip.parts)).toBeUndefined()
      expect(await scrubLeaves(naptip)).toEqual([{ from: 0, ok: false, to: 2048 }])
      const state = { at: 0, damaged: { from: 0, to: 2048 }, isWhole: false, to: size }
      expect(await scrubState(naptip.parts.store)).toMatchObject(state)
      await naptip[Symbol.asyncDispose]()
      expect(await codeOf(() => openSide(naptip.place, naptip.clock))).toBe(code)
      const store = await openStoreOf(naptip.place)
      await store.batch([{ type: 'put', ...row, value: whole }])
      await store.close()
      await using again = await openSide(naptip.place, naptip.clock)
      expect(sizeOf(again)).toBeGreaterThan(size)
    },
  )
})

/** Does not wait. */
const AT_ONCE: Timer = {
  wait: () => Promise.resolve(),
  deadline: (ms) => AbortSignal.timeout(ms),
}

describe('a clock that is moved', { timeout: MEETING_MS }, () => {
  it('by more than two seconds has a leaf with its rough size', () => {
    let [nowMs, monotonicMs] = [1_000_000, 500]
    const clock = { now: () => Math.floor(nowMs / 1000), nowMs: () => nowMs }
    const watch = new ClockWatch(clock, () => monotonicMs)
    const after = (wallMs: number, realMs: number): readonly unknown[] => {
      nowMs += wallMs
      monotonicMs += realMs
      return watch.own().map(({ data, event }) => [event, data])
    }
    expect(after(60_000, 60_000)).toEqual([])
    expect(after(62_000, 60_000)).toEqual([])
    expect(after(62_001, 60_000)).toEqual([['w.clock', { offset: 30, source: 'own' }]])
    expect(after(60_000, 60_000)).toEqual([])
    expect(after(-240_001, 60_000)).toEqual([['w.clock', { offset: -3600, source: 'own' }]])
    expect(after(900_000_000, 0)).toEqual([['w.clock', { offset: 86_400, source: 'own' }]])
  })
})

describe('a look at the log', { timeout: MEETING_MS }, () => {
  it('tells once a day that nobody cosigns, and at once when it gets worse', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await cosign(naptip, anltp)
    const told: unknown[] = []
    const upkeep = upkeepOf(naptip, told)
    const tell = async (seconds: number): Promise<readonly unknown[]> => {
      clock.turn(seconds)
      await upkeep.look()
      return told.splice(0)
    }
    expect(await tell(3599)).toEqual([])
    expect(await tell(1)).toEqual(['late'])
    expect(await tell(3600)).toEqual([])
    expect(await tell(86_400 - 7200)).toEqual(['alarm'])
    expect(await tell(86_400)).toEqual(['alarm'])
    expect(await tell(86_400)).toEqual(['held'])
    await cosign(naptip, anltp)
    expect(await tell(60)).toEqual([])
  })

  it('tells of a slice that is damaged, and that the node is to end', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const told: unknown[] = []
    const size = sizeOf(naptip)
    await naptip.disk.batch([{ type: 'del', space: 'node', key: '01/000000000000' }])
    const upkeep = upkeepOf(naptip, told)
    await upkeep.look()
    expect(told).toEqual([['damaged', 0, size]])
    expect(upkeep.damaged.reason).toMatchObject({ code: 'STORE_HOLE' })
  })
})

function upkeepOf({ parts }: Side, told: unknown[]): LogUpkeep {
  return new LogUpkeep(parts, {
    logDamaged: (from, to) => told.push(['damaged', from, to]),
    shorterThanCosigned: (claimed, size) => told.push(['shorter', claimed, size]),
    unwitnessed: ({ level }) => told.push(level),
  })
}

async function scrubLeaves(side: Side): Promise<readonly unknown[]> {
  const leaves = await leavesOf(side)
  return leaves.flatMap(({ data, event }) => (event === 'w.scrub' ? [data] : []))
}

async function grow({ parts }: Side, leaves: number): Promise<void> {
  const events = Array.from({ length: leaves }, () => ({ event: 'w.pad', actor: 'sys', data: {} }))
  await parts.audit.commit({ events, writes: async () => ({ writes: [], events: [] }) })
}
