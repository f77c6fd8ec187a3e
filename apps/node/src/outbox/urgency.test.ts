/**
 * What goes first: lives at risk before everything that waits, and what a statement rests on before it.
 *
 * @module
 * @spec docs/spec/08-exchange.md#urgency
 */
import { DigestSchema } from '@amana/core'
import { describe, expect, it, vi } from 'vitest'
import { BODIES } from '../../../../test/support/message-bodies.ts'
import {
  beginTalk,
  carryAll,
  MEETING_MS,
  queueNew,
  type Side,
  type Talk,
} from '../../../../test/support/node-fixture.ts'

vi.setConfig({ testTimeout: MEETING_MS })

const REPORT = 'intel.report/1'
const FILE = 'victim.referral/1'

async function report(side: Side, urgency: string, relates?: string): Promise<string> {
  const body = { ...BODIES[REPORT]['body'], urgency }
  const digest = DigestSchema.safeParse(relates).data
  const relation = 'supersedes' as const
  const choice = digest === undefined ? {} : { relates: [{ digest, relation }] }
  return queueNew(side, REPORT, { groups: { body }, ...choice })
}

async function file(side: Side, urgency: string): Promise<string> {
  const routing = {
    ...BODIES[FILE]['routing'],
    urgency,
    referral: BODIES['referral.event/1']['body']?.['referral'] ?? '',
  }
  return queueNew(side, FILE, { groups: { ...BODIES[FILE], routing } })
}

/** The statements of each dispatch, when all have gone. */
async function dispatches({ anltp, naptip }: Talk): Promise<readonly (readonly string[])[]> {
  const count = await carryAll(naptip, anltp)
  const sent = Array.from({ length: count }, async (_, at) =>
    naptip.parts.outbox.dispatchAt(naptip.peer, at + 1),
  )
  return (await Promise.all(sent)).map((record) => record?.statements ?? [])
}

describe('the queue', () => {
  it('lets lives at risk go first, alone, and then the urgent', async () => {
    await using talk = await beginTalk()
    const routine = [await report(talk.naptip, 'routine'), await report(talk.naptip, 'routine')]
    const urgent = [
      await report(talk.naptip, 'urgent-indirect'),
      await report(talk.naptip, 'urgent-direct'),
    ]
    const first = await report(talk.naptip, 'life-at-risk')
    expect(await dispatches(talk)).toEqual([[first], urgent, routine])
  })

  it('gives a full line what is about lives at risk and is in no dispatch yet, and nothing else', async () => {
    await using talk = await beginTalk()
    const { outbox } = talk.naptip.parts
    const { peer } = talk.naptip
    await report(talk.naptip, 'routine')
    expect(await outbox.next(peer, 0, { onlyAtRisk: true })).toBeUndefined()
    const first = await report(talk.naptip, 'life-at-risk')
    expect(await outbox.next(peer, 0, { onlyAtRisk: true })).toMatchObject({ sequence: 1 })
    expect((await outbox.dispatchAt(peer, 1))?.statements).toEqual([first])
    await report(talk.naptip, 'life-at-risk')
    expect(await outbox.next(peer, 0, { onlyAtRisk: true })).toBeUndefined()
    expect(await outbox.next(peer, 0)).toMatchObject({ sequence: 1 })
  })

  it('gives a slow line as many statements as it asks for, and always one', async () => {
    await using talk = await beginTalk()
    const { outbox } = talk.naptip.parts
    const { peer } = talk.naptip
    const queued = [await report(talk.naptip, 'routine'), await report(talk.naptip, 'routine')]
    await outbox.next(peer, 0, { mostBytes: 1 })
    expect((await outbox.dispatchAt(peer, 1))?.statements).toEqual(queued.slice(0, 1))
  })

  it('keeps the steps of one referral in their order when it becomes urgent', async () => {
    await using talk = await beginTalk()
    const minutes = await queueNew(talk.naptip, 'jtwg.minutes/1')
    const opened = await file(talk.naptip, 'routine')
    const step = await queueNew(talk.naptip, 'referral.event/1')
    const raised = await file(talk.naptip, 'emergency')
    expect(await dispatches(talk)).toEqual([[opened, step, raised], [minutes]])
  })

  it('takes a step as urgent as can be where its file is not known', async () => {
    await using talk = await beginTalk()
    const urgent = await report(talk.naptip, 'urgent-direct')
    const step = await queueNew(talk.naptip, 'referral.event/1')
    expect(await dispatches(talk)).toEqual([[step], [urgent]])
  })

  it('does not let a statement overtake the one that it relates to', async () => {
    await using talk = await beginTalk()
    const other = await report(talk.naptip, 'routine')
    const before = await report(talk.naptip, 'routine')
    const after = await report(talk.naptip, 'life-at-risk', before)
    expect(await dispatches(talk)).toEqual([[before, after], [other]])
  })
})
