import { describe, expect, it } from 'vitest'
import { breakGlass, servicesOf, signedFor } from '../../../../test/support/acting.ts'
import { type OfficerName } from '../../../../test/support/met-agencies.ts'
import {
  beginTalk,
  leavesOf,
  MEETING_MS,
  queueNew,
  reopened,
  type Side,
  sizeOf,
} from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'

const DAY = 24 * 3600

async function judge(side: Side, id: OfficerName, index: number): Promise<string | undefined> {
  const input = { by: null, index, result: 'justified', reason: 'she was in danger' } as const
  const call = { act: 'review', method: 'auditReview', input } as const
  return codeOf(async () => servicesOf(side).auditReview(await signedFor(side, id, call)))
}

async function waiting(side: Side): Promise<unknown> {
  return (await servicesOf(side).status({})).reviews
}

describe('an opening against the usual rule', { timeout: MEETING_MS }, () => {
  it('needs an officer and a reason, and is shown to nobody without', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const std = await queueNew(naptip, 'jtwg.minutes/1')
    const size = sizeOf(naptip)
    const services = servicesOf(naptip)
    const input = { breakGlass: true, digest: std, purpose: 'emergency' } as const
    const nobody = { ...input, reason: 'at night' }
    expect(await codeOf(() => services.message(nobody))).toBe('AUDIT_BREAK_GLASS')
    const call = { act: 'open', method: 'message', input } as const
    const signed = await signedFor(naptip, 'author', call)
    expect(await codeOf(() => services.message(signed))).toBe('AUDIT_BREAK_GLASS')
    const events = (await leavesOf(naptip, size)).map(({ event }) => event)
    expect(events).toEqual(['a.denied', 'g.actor', 'a.denied'])
  })

  it('is told of before it is shown, and waits for another officer until the next day', async () => {
    await using talk = await beginTalk()
    const { clock, naptip } = talk
    const std = await queueNew(naptip, 'jtwg.minutes/1')
    const told: number[] = []
    naptip.parts.reviews.onBroken((index) => {
      told.push(index)
    })
    const { review } = await breakGlass(naptip, 'author', std)
    const opened = (await leavesOf(naptip)).at(-1)
    expect(opened).toMatchObject({ event: 'a.open', data: { bg: true, purpose: 'emergency' } })
    const dueAt = clock.now() + DAY
    expect(review).toEqual({ index: opened?.index, dueAt })
    expect(told).toEqual([opened?.index])
    const { actor, index } = opened ?? { actor: '', index: -1 }
    const openedAt = clock.now()
    const line = { actor, dueAt, index, openedAt, statement: std }
    expect(await waiting(naptip)).toEqual([{ ...line, overdue: false }])
    clock.turn(DAY)
    await using again = await reopened(naptip)
    expect(await waiting(again)).toEqual([{ ...line, overdue: true }])
    expect(await judge(again, 'approver', index)).toBeUndefined()
    expect(await waiting(again)).toEqual([])
    expect((await leavesOf(again)).at(-1)).toMatchObject({
      event: 'a.review',
      data: { ref: index, result: 'justified' },
    })
  })

  it('is not reviewed by the officer who opened, not twice, and not where none is', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const std = await queueNew(naptip, 'jtwg.minutes/1')
    const { review } = await breakGlass(naptip, 'author', std)
    const index = review?.index ?? -1
    const size = sizeOf(naptip)
    expect(await judge(naptip, 'author', index)).toBe('AUDIT_REVIEW_OWN')
    expect(await judge(naptip, 'approver', index - 1)).toBe('AUDIT_REVIEW_NONE')
    expect((await leavesOf(naptip, size)).map(({ event }) => event)).toEqual([
      'a.denied',
      'g.actor',
      'a.denied',
    ])
    const codes = await Promise.all([
      judge(naptip, 'approver', index),
      judge(naptip, 'reader', index),
    ])
    expect(new Set(codes)).toEqual(new Set(['AUDIT_REVIEW_NONE', undefined]))
    const reviews = (await leavesOf(naptip, size)).filter(({ event }) => event === 'a.review')
    expect(reviews).toHaveLength(1)
  })

  it('is not reviewed by the officer who opened under his pseudonym of the next year', async () => {
    await using talk = await beginTalk()
    const { clock, naptip } = talk
    const std = await queueNew(naptip, 'jtwg.minutes/1')
    const { year } = naptip.parts.years
    clock.turn(Date.UTC(year + 1, 0, 1) / 1000 - 60 - clock.now())
    const { review } = await breakGlass(naptip, 'author', std)
    clock.turn(120)
    const index = review?.index ?? -1
    expect(await judge(naptip, 'author', index)).toBe('AUDIT_REVIEW_OWN')
    await naptip.parts.store.batch([{ type: 'del', space: 'year', key: String(year) }])
    expect(await judge(naptip, 'approver', index)).toBe('AUDIT_REVIEW_OWN')
  })
})
