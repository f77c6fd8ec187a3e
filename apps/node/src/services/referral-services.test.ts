import { type SignedStatement } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { FILLED_REFERRAL } from '../../../../test/support/filled-referral.ts'
import { asJson } from '../../../../test/support/json.ts'
import { jsonOf } from '../../../../test/support/met-agencies.ts'
import {
  beginTalk,
  carryAll,
  leavesOf,
  MEETING_MS,
  queue,
  queueNew,
  signedBy,
  sizeOf,
  type Side,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { codeOf, refusalOf } from '../../../../test/support/refusals.ts'
import { createMessageServices } from './message-services.ts'
import { createReferralServices } from './referral-services.ts'

const REFERENCE = 'NE-ANLTP-26-5T9XW2HD-D'

const CREATE = {
  sequence: 2,
  event: 'create',
  receivingAgency: 'ng.naptip',
  screening: { result: 'PossibleVictimOfTrafficking' },
}
const SUBMIT = { sequence: 3, event: 'submit' }

type Body = Readonly<Record<string, unknown>>

/** The clock’s time as messages write it. */
function instantOf({ clock }: Side): string {
  return `${new Date(clock.nowMs()).toISOString().slice(0, 19)}Z`
}

/** An event of the referral that happens now. */
async function eventOf(side: Side, body: Body): Promise<SignedStatement> {
  const groups = { body: asJson({ referral: REFERENCE, occurredAt: instantOf(side), ...body }) }
  return signedBy(side, 'referral.event/1', { groups })
}

/** The file of the referral, told now. */
async function fileOf(side: Side): Promise<SignedStatement> {
  const routing = asJson({ ...FILLED_REFERRAL['routing'], occurredAt: instantOf(side) })
  return signedBy(side, 'victim.referral/1', { groups: { ...FILLED_REFERRAL, routing } })
}

async function submit(side: Side, signed: SignedStatement, dryRun = false): Promise<unknown> {
  return createMessageServices(side.parts).submit({
    statement: jsonOf(signed.statement),
    opening: { ...signed.opening },
    dryRun,
  })
}

/** ANLTP/TIM hands in the file, and the events. */
async function begin({ anltp }: Pick<Talk, 'anltp'>, events: readonly Body[]): Promise<void> {
  await submit(anltp, await fileOf(anltp))
  for (const body of events) await submit(anltp, await eventOf(anltp, body))
}

describe('a referral', { timeout: MEETING_MS }, () => {
  it('is computed alike by both agencies from what each has', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await begin(talk, [CREATE, SUBMIT])
    await carryAll(anltp, naptip)
    const input = { reference: REFERENCE, purpose: 'referral' } as const
    const [there, here] = [
      await createReferralServices(anltp.parts).referral(input),
      await createReferralServices(naptip.parts).referral(input),
    ]
    expect(there.state).toBe('submitted')
    expect(there.steps.map(({ event: name, effect }) => [name, effect === 'refused'])).toEqual([
      ['file', false],
      ['create', false],
      ['submit', false],
    ])
    expect(here).toEqual(there)
  })

  it('leaves one leaf for each of its statements before it is shown', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await begin(talk, [CREATE])
    await carryAll(anltp, naptip)
    const before = sizeOf(naptip)
    const services = createReferralServices(naptip.parts)
    const { steps } = await services.referral({ reference: REFERENCE, purpose: 'protection' })
    const leaves = await leavesOf(naptip, before)
    expect(leaves.map(({ data, event: name }) => [name, data])).toMatchObject(
      steps.map(({ statement: std }) => ['a.open', { purpose: 'protection', std }]),
    )
    expect(leaves).toHaveLength(2)
  })

  it('is not shown when the leaves cannot be written', async () => {
    await using talk = await beginTalk()
    await begin(talk, [])
    const { anltp } = talk
    anltp.disk.full = true
    const services = createReferralServices(anltp.parts)
    const input = { reference: REFERENCE, purpose: 'referral' } as const
    expect(await codeOf(() => services.referral(input))).toBe('STORE_WRITE')
  })

  it('that nobody knows is refused', async () => {
    await using talk = await beginTalk()
    const services = createReferralServices(talk.naptip.parts)
    const input = { reference: REFERENCE, purpose: 'referral' } as const
    const size = sizeOf(talk.naptip)
    expect(await codeOf(() => services.referral(input))).toBe('CLI_NO_REFERRAL')
    expect((await leavesOf(talk.naptip, size)).map(({ data }) => data)).toEqual([
      { act: 'open', code: 'CLI_NO_REFERRAL' },
    ])
    expect(await services.referrals({ limit: 9 })).toEqual([])
  })

  it('is listed newest first, with nothing of the person, each list with its leaf', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    await begin(talk, [CREATE])
    const older = { referral: 'NE-ANLTP-21-7K3QX9M4-I', sequence: 1, event: 'submit' }
    await queue(anltp, await eventOf(anltp, older))
    await queueNew(anltp, 'jtwg.minutes/1')
    const size = sizeOf(anltp)
    const services = createReferralServices(anltp.parts)
    const listed = await services.referrals({ limit: 9 })
    expect(listed.map(({ reference, state }) => [reference, state])).toEqual([
      [REFERENCE, 'draft'],
      ['NE-ANLTP-21-7K3QX9M4-I', 'none'],
    ])
    expect(listed[0]).toMatchObject({ urgency: 'urgent' })
    expect(JSON.stringify(listed)).not.toContain('Ladi')
    expect(await services.referrals({ limit: 1 })).toHaveLength(1)
    expect((await leavesOf(anltp, size)).map(({ data }) => data)).toEqual([
      { count: 10, what: 'referrals' },
      { count: 1, what: 'referrals' },
    ])
  })

  it('tells of clocks that have run out', async () => {
    await using talk = await beginTalk()
    const { anltp, clock } = talk
    await begin(talk, [CREATE, SUBMIT])
    const services = createReferralServices(anltp.parts)
    const [before] = await services.referrals({ limit: 1 })
    expect(before?.overdue).toBe(0)
    clock.turn(30 * 86_400)
    const [after] = await services.referrals({ limit: 1 })
    expect(after?.overdue).toBeGreaterThan(0)
  })
})

describe('a step of a referral', { timeout: MEETING_MS }, () => {
  it('that the referral does not allow is refused before it is queued, with every reason', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    await begin(talk, [])
    const early = await eventOf(anltp, SUBMIT)
    for (const dryRun of [true, false]) {
      const refusal = await refusalOf(() => submit(anltp, early, dryRun))
      expect(refusal).toMatchObject({ code: 'REFERRAL_REFUSED', details: { event: 'submit' } })
      expect(refusal?.details['reasons']).not.toEqual([])
    }
    expect(await anltp.parts.outbox.pending(anltp.peer)).toBe(1)
    expect(await anltp.parts.ledger.get(early.digest)).toBeUndefined()
  })

  it('is judged after those before it, though they were handed in at once', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    await begin(talk, [])
    const steps = [await eventOf(anltp, CREATE), await eventOf(anltp, SUBMIT)]
    const services = createMessageServices(anltp.parts)
    const handIn = async (signed: SignedStatement): Promise<unknown> =>
      services.submit({
        statement: jsonOf(signed.statement),
        opening: { ...signed.opening },
        dryRun: false,
      })
    const codes = await Promise.all(steps.map((signed) => codeOf(() => handIn(signed))))
    expect(codes).toEqual([undefined, undefined])
    const { state } = await createReferralServices(anltp.parts).referral({
      reference: REFERENCE,
      purpose: 'referral',
    })
    expect(state).toBe('submitted')
  })
})
