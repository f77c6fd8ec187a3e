/**
 * Receipts of officers between two nodes: over the link, on sticks in any order, once in effect, and what is overdue.
 *
 * @module
 * @spec docs/spec/08-exchange.md#stages-of-a-message
 */
import { type CodeOf, DigestSchema, type Stage } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { servicesOf } from '../../../test/support/acting.ts'
import { carriedBytes, takeAll } from '../../../test/support/carrying.ts'
import { BODIES } from '../../../test/support/message-bodies.ts'
import { type OfficerName } from '../../../test/support/met-agencies.ts'
import {
  beginTalk,
  carryAll,
  eventsOf,
  leaving,
  MEETING_MS,
  officerKey,
  queueNew,
  reopened,
  type Side,
  signedBy,
  sizeOf,
} from '../../../test/support/node-fixture.ts'
import { codeOf, refusalOf } from '../../../test/support/refusals.ts'
import { type NodeServices } from './services.ts'
import { isReadOwed, signReceiptOf } from './agency/receipting.ts'
import { type StageReceiptChoice, submitted } from '../../../test/support/staging.ts'

const HOUR = 3600

async function say(
  side: Side & { readonly services?: NodeServices },
  digest: string,
  {
    by = 'author',
    note,
    stage = 'read',
  }: { by?: OfficerName; note?: CodeOf<'actedNote'>; stage?: Stage } = {},
): Promise<string> {
  const officer = { id: by, key: await officerKey(side.place, by) }
  const asked = { digest, dryRun: false, note, stage }
  return (await signReceiptOf(side.services ?? servicesOf(side), officer, asked)).digest
}

/** What each side says of a message: its stages. */
async function stagesAt(side: Side, digest: string): Promise<readonly Stage[]> {
  const { stages } = await servicesOf(side).stages({ digest })
  return stages.map(({ stage }) => stage)
}

async function overdueAt(
  side: Side,
  hours?: number,
): Promise<readonly (readonly [string, string | undefined])[]> {
  const overdue = hours === undefined ? {} : { hours }
  const listed = await servicesOf(side).messages({ limit: 9, overdue })
  return listed.map(({ awaited, digest }) => [digest, awaited])
}

describe('a receipt of an officer', { timeout: MEETING_MS }, () => {
  it('goes into both logs, and both nodes say with its time what was done', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const digest = await queueNew(naptip, 'intel.report/1')
    await carryAll(naptip, anltp)
    expect(isReadOwed(await servicesOf(anltp).stages({ digest }))).toBe(true)
    expect(isReadOwed(await servicesOf(naptip).stages({ digest }))).toBe(false)
    const [ours, theirs] = [sizeOf(anltp), sizeOf(naptip)]
    clock.turn(60)
    await say(anltp, digest)
    expect(isReadOwed(await servicesOf(anltp).stages({ digest }))).toBe(false)
    await carryAll(anltp, naptip)
    expect(await eventsOf(anltp, ours)).toEqual(['x.sealed', 'x.sent', 'x.delivered'])
    expect(await eventsOf(naptip, theirs)).toEqual(['x.received', 'x.receipt'])
    clock.turn(60)
    await say(anltp, digest, { note: 'passed_on', stage: 'acted' })
    await carryAll(anltp, naptip)
    await using again = await reopened(naptip)
    const view = await servicesOf(again).message({ digest, purpose: 'audit' })
    expect(view.stages).toEqual([
      { at: clock.now() - 60, stage: 'read' },
      { at: clock.now(), stage: 'acted' },
    ])
    expect(view.receipts).toMatchObject([
      { agency: anltp.agency, at: clock.now() - 120, desk: 'intelligence', stage: 'opened' },
      { agency: anltp.agency, officer: 'author', organisation: anltp.agency, stage: 'read' },
      { note: 'passed_on', stage: 'acted' },
    ])
    expect(view.receipts.at(-1)?.roles).toContain('author:intel')
  })

  it('is signed once, and may be signed again where it was taken back before it went', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const digest = await queueNew(naptip, 'jtwg.minutes/1')
    expect(await codeOf(() => say(naptip, digest))).toBe('CLI_NO_STAGE')
    await carryAll(naptip, anltp)
    const first = await say(anltp, digest)
    expect(await refusalOf(() => say(anltp, digest))).toEqual({
      code: 'WIRE_STAGE',
      details: { reason: 'again' },
    })
    const services = servicesOf(anltp)
    const twice = [1, 2].map(() => say({ ...anltp, services }, digest, { stage: 'acted' }))
    const both = await Promise.allSettled(twice)
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await servicesOf(anltp).withdraw({ digest: first, dryRun: false, reason: 'mistake' })
    expect(await stagesAt(anltp, digest)).toEqual(['acted'])
    await say(anltp, digest)
    await carryAll(anltp, naptip)
    expect(await stagesAt(naptip, digest)).toEqual(['read', 'acted'])
    expect(await codeOf(() => say(anltp, first))).toBe('CLI_NO_STAGE')
  })

  it('counts in whatever order sticks bring it, and however often', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const digest = await queueNew(naptip, 'intel.report/1')
    await takeAll(anltp, await carriedBytes(naptip))
    const receipts = await carriedBytes(anltp, 'receipt')
    await say(anltp, digest, { stage: 'acted' })
    await leaving(anltp)
    await say(anltp, digest)
    await leaving(anltp, 1)
    const [acted, read] = await carriedBytes(anltp, 'envelope')
    if (acted === undefined || read === undefined) throw new Error('nothing leaves')
    await takeAll(naptip, [read, acted, acted, read])
    expect(await stagesAt(naptip, digest)).toEqual(['read', 'acted'])
    expect((await naptip.parts.ledger.get(digest))?.state).toBe('sent')
    const size = sizeOf(naptip)
    await takeAll(naptip, [acted, read])
    expect(sizeOf(naptip)).toBe(size)
    await takeAll(naptip, [...receipts, ...receipts])
    expect((await naptip.parts.ledger.get(digest))?.state).toBe('opened')
    expect(await overdueAt(naptip, 0)).toEqual([])
    expect(await carryAll(anltp, naptip)).toBe(2)
  })

  it.each<readonly [string, string, StageReceiptChoice]>([
    ['of an officer who reads nothing of it', 'officer', { by: 'reader' }],
    ['for another dispatch', 'dispatch', { dispatch: 'A'.repeat(43) }],
    ['for a message that nobody sent', 'message', { about: 'A'.repeat(43) }],
    ['that is older than the message', 'time', { later: -HOUR }],
  ])('is refused by both nodes %s', async (_name, reason, choice) => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    clock.turn(2 * HOUR)
    const digest = await queueNew(naptip, 'intel.report/1')
    await carryAll(naptip, anltp)
    expect(await submitted({ sender: naptip, side: anltp }, digest, choice)).toEqual({
      own: reason,
      peer: 'WIRE_STAGE',
    })
    expect(await stagesAt(naptip, digest)).toEqual([])
    expect(await stagesAt(anltp, digest)).toEqual([])
  })

  it('is refused for a message that was taken back in time', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const digest = await queueNew(naptip, 'intel.report/1')
    await leaving(naptip)
    await servicesOf(naptip).withdraw({ digest, dryRun: false, reason: 'mistake' })
    await carryAll(naptip, anltp)
    expect((await naptip.parts.ledger.get(digest))?.state).toBe('withdrawn')
    const { dispatch = '' } = (await naptip.parts.ledger.get(digest)) ?? {}
    expect(await submitted({ sender: naptip, side: anltp }, digest, { dispatch })).toEqual({
      own: 'message',
      peer: 'WIRE_STAGE',
    })
  })
})

describe('a step that answers a message', { timeout: MEETING_MS }, () => {
  it('shows that it was acted on, and a receipt may follow', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const digest = await queueNew(naptip, 'jtwg.minutes/1')
    await carryAll(naptip, anltp)
    const reply = await signedBy(anltp, 'jtwg.minutes/1', {
      relates: [{ digest: DigestSchema.parse(digest), relation: 'reply' }],
    })
    await servicesOf(anltp).submit({
      dryRun: false,
      opening: { ...reply.opening },
      statement: { ...reply.statement },
    })
    expect(await stagesAt(anltp, digest)).toEqual(['acted'])
    await carryAll(anltp, naptip)
    const { receipts } = await servicesOf(naptip).message({ digest, purpose: 'audit' })
    expect(receipts.at(-1)).toMatchObject({ digest: reply.digest, isStep: true, stage: 'acted' })
    await say(anltp, digest, { stage: 'acted' })
    await carryAll(anltp, naptip)
    const after = await servicesOf(naptip).message({ digest, purpose: 'audit' })
    expect(after.receipts.at(-1)).not.toHaveProperty('isStep')
  })

  it('answers nothing once it is taken back', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const digest = await queueNew(naptip, 'jtwg.minutes/1')
    await carryAll(naptip, anltp)
    const relates = [{ digest: DigestSchema.parse(digest), relation: 'reply' as const }]
    const reply = await queueNew(anltp, 'jtwg.minutes/1', { relates })
    expect(await stagesAt(anltp, digest)).toEqual(['acted'])
    await servicesOf(anltp).withdraw({ digest: reply, dryRun: false, reason: 'mistake' })
    expect(await stagesAt(anltp, digest)).toEqual([])
  })

  it('is the first word on a referral, for its file', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const digest = await queueNew(naptip, 'victim.referral/1')
    await carryAll(naptip, anltp)
    expect(await overdueAt(naptip, 0)).toEqual([[digest, 'read']])
    const { body } = BODIES['referral.event/1']
    const groups = { body: { ...body, event: 'acknowledge' } }
    await queueNew(anltp, 'referral.event/1', { groups })
    await carryAll(anltp, naptip)
    expect(await stagesAt(naptip, digest)).toEqual(['acted'])
    expect(await overdueAt(naptip, 0)).toEqual([])
  })
})

describe('what is overdue', { timeout: MEETING_MS }, () => {
  it('follows the urgency, stage by stage', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const report = await queueNew(naptip, 'intel.report/1')
    const minutes = await queueNew(naptip, 'jtwg.minutes/1')
    clock.turn(24 * HOUR)
    expect(await overdueAt(naptip)).toEqual([[report, 'received']])
    await carryAll(naptip, anltp)
    expect(await overdueAt(naptip)).toEqual([])
    clock.turn(24 * HOUR)
    expect(await overdueAt(naptip)).toEqual([[report, 'read']])
    await say(anltp, report)
    await carryAll(anltp, naptip)
    clock.turn(13 * 24 * HOUR)
    expect(new Map(await overdueAt(naptip))).toEqual(
      new Map([
        [minutes, 'read'],
        [report, 'acted'],
      ]),
    )
  })
})
