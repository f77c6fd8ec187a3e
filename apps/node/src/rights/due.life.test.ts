import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { servicesOf, signedFor } from '../../../../test/support/acting.ts'
import { FILLED_REFERRAL } from '../../../../test/support/filled-referral.ts'
import {
  beginTalk,
  carryAll,
  eventsOf,
  MEETING_MS,
  officerKey,
  queueNew,
  type Side,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { type Groups } from '../../../../test/support/message-bodies.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { askAsTwo } from '../agency/erasing.ts'
import { sendDraft } from '../agency/signing.ts'
import { type NodeServices } from '../services.ts'

const YEAR = 31_557_600
const LONG_AGO = { occurredAt: '2019-05-02T09:00:00Z' }
const REFERENCE = 'NE-ANLTP-26-5T9XW2HD-D'

/** A referral that was cancelled long ago, told now. */
async function cancelled(talk: Talk): Promise<readonly [string, string]> {
  const { anltp, naptip } = talk
  const routing = { ...FILLED_REFERRAL['routing'], ...LONG_AGO }
  const file = await queueNew(anltp, 'victim.referral/1', {
    groups: { ...FILLED_REFERRAL, routing },
  })
  const stepped = async (sequence: number, previous: string, step: Groups[string]) => {
    const place = { ...LONG_AGO, previous, referral: REFERENCE, sequence }
    return queueNew(anltp, 'referral.event/1', { groups: { body: { ...step, ...place } } })
  }
  const submitted = await stepped(2, file, {
    event: 'create',
    receivingAgency: 'ng.naptip',
    screening: { result: 'ActualVictimOfTrafficking' },
  })
  const event = await stepped(3, submitted, { event: 'cancel', reason: 'local_solution' })
  await carryAll(anltp, naptip)
  return [file, event]
}

async function run(side: Side): ReturnType<NodeServices['retain']> {
  const officer = async (id: 'approver' | 'author') => ({
    id,
    key: await officerKey(side.place, id),
  })
  const two = { first: await officer('author'), second: await officer('approver') }
  const services = servicesOf(side)
  const call = { act: 'erase', method: 'retain', input: { reason: 'yearly' } } as const
  return services.retain(await askAsTwo(services, two, call))
}

describe('what falls due', { timeout: MEETING_MS }, () => {
  let talk: Talk
  let file = ''
  let event = ''
  let report = ''
  beforeAll(async () => {
    talk = await beginTalk()
    ;[file, event] = await cancelled(talk)
    report = await queueNew(talk.naptip, 'intel.report/1')
    await carryAll(talk.naptip, talk.anltp)
  }, MEETING_MS)
  afterAll(() => talk[Symbol.asyncDispose]())

  it('is a referral that was cancelled more than a year ago, but for its routing; no name is told', async () => {
    const { due } = await servicesOf(talk.naptip).retention({})
    expect(due.map(({ action, class: id, statement }) => [id, action, statement])).toEqual(
      expect.arrayContaining([
        ['ended-early', 'erase', file],
        ['ended-early', 'erase', event],
      ]),
    )
    expect(due).toHaveLength(3)
    expect(due[0]?.dueAt).toBe(Date.parse('2020-05-02T09:00:00Z') / 1000)
    const groups = due.find(({ statement }) => statement === file)?.groups ?? []
    expect(groups).toContain('identity')
    expect(groups).not.toContain('routing')
    expect(JSON.stringify(due)).not.toMatch(/Ladi|Rose|Invented/)
  })

  it('is a report after the year that was signed, and not a day before', async () => {
    const { clock, naptip } = talk
    const now = clock.now()
    const end = Date.UTC(new Date(now * 1000).getUTCFullYear() + 4, 0, 1) / 1000
    const isDue = async (): Promise<boolean> => {
      const { due } = await servicesOf(naptip).retention({})
      return due.some(({ class: id, statement }) => id === 'term' && statement === report)
    }
    clock.turn(end - 1 - now)
    expect(await isDue()).toBe(false)
    clock.turn(1)
    expect(await isDue()).toBe(true)
    clock.turn(now - end)
  })

  it('stays while it is held, and is erased by two officers afterwards', async () => {
    const { naptip } = talk
    const services = servicesOf(naptip)
    const input = {
      about: REFERENCE,
      basis: 'court-order',
      office: 'ng.court-x',
      reason: 'appeal',
      until: '2027-01-01',
    } as const
    await services.hold(await signedFor(naptip, 'author', { act: 'hold', method: 'hold', input }))
    expect((await services.retention({})).due.map(({ kept }) => kept)).toEqual([
      'held',
      'held',
      'held',
    ])
    expect(await run(naptip)).toEqual({ erased: 0, left: 0 })
    const lift = { about: REFERENCE, reason: 'decided' }
    await services.unhold(
      await signedFor(naptip, 'author', { act: 'hold', method: 'unhold', input: lift }),
    )
    const { erased, left } = await run(naptip)
    expect([erased > 10, left]).toEqual([true, 0])
    expect((await services.retention({})).due).toEqual([])
    expect((await eventsOf(naptip)).filter((name) => name === 'g.erased')).toHaveLength(3)
    expect(await codeOf(() => services.retain({}))).toBe('CLI_OPTION')
  })

  it('leaves a referral that still says how it ended, and takes no further step', async () => {
    const { naptip } = talk
    const services = servicesOf(naptip)
    const [summary] = await services.referrals({ limit: 5 })
    expect(summary).toMatchObject({ reference: REFERENCE, state: 'cancelled', overdue: 0 })
    const body = {
      event: 'acknowledge',
      referral: REFERENCE,
      sequence: 1,
      occurredAt: '2026-11-27T09:00:00Z',
    }
    const author = { id: 'author', key: await officerKey(naptip.place, 'author') }
    const draft = {
      kind: 'referral.event/1',
      to: { agency: 'ne.anltp-tim' },
      handling: { caveats: ['test:data' as const], tlp: 'AMBER' as const },
      groups: { body },
    }
    expect(await codeOf(() => sendDraft(services, draft, { author, approvers: [] }))).toBe(
      'RIGHTS_ERASED',
    )
    const { clock } = talk
    clock.turn(11 * YEAR)
    const { due } = await services.retention({})
    expect(due.filter(({ class: id }) => id === 'routing')).toMatchObject([
      { groups: ['routing'], statement: file },
    ])
    clock.turn(-11 * YEAR)
  })
})
