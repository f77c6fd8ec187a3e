/**
 * Several desks between two nodes: the same statement to the desk of its kind and to a partner desk, what the hosting node
 * keeps, and the answer of the desk's officer as the last word.
 *
 * @module
 * @spec docs/spec/08-exchange.md#several-desks
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digest, parseDispatch, parseReceipt, signReceipt } from '@amana/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { craft, put } from '../../../test/support/crafted-envelope.ts'
import {
  answer,
  beginHosted,
  handIn,
  type Hosted,
  openedAtDesk,
  sendToBoth,
  statesOf,
  submitTo,
} from '../../../test/support/hosted-desk.ts'
import {
  beginningOf,
  beginTalk,
  carryAll,
  crafted,
  craftingWorld,
  eventsOf,
  leavesOf,
  leaving,
  MEETING_MS,
  queue,
  receive,
  reopened,
  signedBy,
  sizeOf,
} from '../../../test/support/node-fixture.ts'
import { SHELTER } from '../../../test/support/partner-desk.ts'
import { codeOf, refusalOf } from '../../../test/support/refusals.ts'
import { told } from '../../../test/support/told.ts'
import { listRecords, putRecord, RECORDS } from './records.ts'
import { createMessageServices } from './services/message-services.ts'

const REFERRAL = 'victim.referral/1'

describe('a statement for two desks', { timeout: MEETING_MS }, () => {
  it('goes in two dispatches under one digest and the same signatures, each with its own groups', async () => {
    await using talk = await beginHosted()
    const { anltp, naptip } = talk
    const signed = await signedBy(naptip, REFERRAL)
    await queue(naptip, signed, [SHELTER])
    expect(await statesOf(naptip, signed.digest)).toEqual([
      'protection queued',
      `${SHELTER} queued`,
    ])
    expect(await carryAll(naptip, anltp)).toBe(2)
    const sent = await Promise.all(
      [1, 2].map((at) => naptip.parts.outbox.dispatchAt(naptip.peer, at)),
    )
    const contents = sent.map((record) => parseDispatch(record?.dispatch).content)
    expect(contents.map(({ statements, to }) => [to.desk, statements])).toEqual([
      ['protection', [signed.digest]],
      [SHELTER, [signed.digest]],
    ])
    expect(contents[0]?.signatures).toEqual(contents[1]?.signatures)
    expect(sent.map((record) => record?.envelope)).toEqual([undefined, undefined])
    expect(await statesOf(naptip, signed.digest)).toEqual([
      'protection opened',
      `${SHELTER} stored`,
    ])
    expect(await statesOf(anltp, signed.digest)).toEqual([
      'protection received',
      `${SHELTER} stored`,
    ])
    expect(await anltp.parts.ledger.newest(9)).toHaveLength(1)
  })

  it('is kept closed for the partner desk, and there after a reopening', async () => {
    await using talk = await beginHosted()
    const { naptip } = talk
    const signed = await signedBy(naptip, REFERRAL)
    await queue(naptip, signed, [SHELTER])
    await carryAll(naptip, talk.anltp)
    await using anltp = await reopened(talk.anltp)
    const kept = await anltp.parts.inbox.dispatchAt(naptip.agency, 2)
    expect(kept?.envelope).toBeDefined()
    const found = await openedAtDesk({ anltp, keys: talk.keys }, signed.digest)
    expect(found.statement).toBe(signed.digest)
  })

  it('may reach the partner desk first: what is read then takes the record', async () => {
    await using talk = await beginHosted()
    const { anltp, naptip } = talk
    const signed = await signedBy(naptip, REFERRAL)
    const first = { sequence: 1, previous: beginningOf(naptip), desk: SHELTER }
    const stored = await crafted(naptip, [signed], first)
    expect(told(await receive(anltp, naptip, stored.bytes))).toEqual(['stored'])
    expect(await statesOf(anltp, signed.digest)).toEqual([`${SHELTER} stored`])
    expect(await anltp.parts.ledger.get(signed.digest)).not.toHaveProperty('opening')
    const second = await crafted(naptip, [signed], { sequence: 2, previous: stored.digest })
    expect(told(await receive(anltp, naptip, second.bytes))).toEqual(['opened'])
    expect(await statesOf(anltp, signed.digest)).toEqual([
      'protection received',
      `${SHELTER} stored`,
    ])
    const again = { sequence: 3, previous: second.digest, desk: SHELTER }
    const third = await crafted(naptip, [signed], again)
    expect(told(await receive(anltp, naptip, third.bytes))).toEqual(['stored'])
    const record = await anltp.parts.ledger.get(signed.digest)
    expect(record?.further).toMatchObject([{ dispatch: stored.digest }])
    expect(await anltp.parts.inbox.dispatchAt(naptip.agency, 3)).not.toHaveProperty('envelope')
    expect(record).toHaveProperty('opening')
  })

  it('is refused for a desk that reads nothing of it or has no key', async () => {
    await using talk = await beginHosted()
    const signed = await signedBy(talk.naptip, 'intel.report/1')
    expect(await refusalOf(() => queue(talk.naptip, signed, [SHELTER]))).toEqual({
      code: 'WIRE_POLICY',
      details: { rule: `intel.report/1 for the desk ${SHELTER}` },
    })
    const referral = await signedBy(talk.naptip, REFERRAL)
    expect(await refusalOf(() => queue(talk.naptip, referral, ['nowhere']))).toMatchObject({
      code: 'WIRE_POLICY',
    })
    expect(await talk.naptip.parts.outbox.pending(talk.naptip.peer)).toBe(0)
  })

  it('is refused for an embassy of which the person may be afraid', async () => {
    await using talk = await beginHosted(['embassy_consular'])
    const task = await signedBy(talk.naptip, 'task.travel-document/1')
    await queue(talk.naptip, task, [SHELTER])
    const clearance = await signedBy(talk.naptip, 'task.clearance/1')
    expect(await refusalOf(() => queue(talk.naptip, clearance, [SHELTER]))).toEqual({
      code: 'WIRE_POLICY',
      details: { rule: 'protection claim' },
    })
  })

  it('is taken back for both', async () => {
    await using talk = await beginHosted()
    const { anltp, naptip } = talk
    const waiting = await signedBy(naptip, REFERRAL)
    await queue(naptip, waiting, [SHELTER])
    const { outbox } = naptip.parts
    expect(await outbox.withdraw(waiting.digest, 'consent')).toEqual({ others: [], way: 'queue' })
    expect(await outbox.pending(naptip.peer)).toBe(0)
    const sent = await signedBy(naptip, REFERRAL)
    await queue(naptip, sent, [SHELTER])
    await leaving(naptip)
    expect(await outbox.withdraw(sent.digest, 'consent')).toEqual({ others: [], way: 'void' })
    await carryAll(naptip, anltp)
    const both = ['protection withdrawn', `${SHELTER} withdrawn`]
    expect(await statesOf(naptip, waiting.digest)).toEqual(both)
    expect(await statesOf(naptip, sent.digest)).toEqual(both)
    const late = await signedBy(naptip, REFERRAL)
    await queue(naptip, late, [SHELTER])
    const { envelope } = await leaving(naptip)
    await outbox.acceptReceipt(await receive(anltp, naptip, envelope))
    expect(await outbox.withdrawal(late.digest)).toEqual({
      late: ['protection'],
      others: [],
      way: 'queue',
    })
    await outbox.withdraw(late.digest, 'mistake')
    expect(await statesOf(naptip, late.digest)).toEqual([
      'protection opened',
      `${SHELTER} withdrawn`,
    ])
  })
})

describe('a file for a partner desk', { timeout: MEETING_MS }, () => {
  it('leaves after its leaf, and there is none for another desk', async () => {
    await using talk = await beginHosted()
    const { anltp, naptip } = talk
    const signed = await signedBy(naptip, REFERRAL)
    await queue(naptip, signed, [SHELTER])
    await carryAll(naptip, anltp)
    const size = sizeOf(anltp)
    const { dispatch } = await openedAtDesk(talk, signed.digest)
    const leaves = await leavesOf(anltp, size)
    expect(leaves.map(({ data, event }) => [event, data])).toEqual([
      [
        'a.export',
        expect.objectContaining({
          env: dispatch,
          format: 'envelope',
          purpose: 'protection',
          std: signed.digest,
        }),
      ],
    ])
    const to = join(tmpdir(), 'never.amana.json')
    const asked = { desk: 'protection', digest: signed.digest, purpose: 'protection', to } as const
    const { exportEnvelope } = createMessageServices(anltp.parts)
    expect(await refusalOf(() => exportEnvelope(asked))).toEqual({
      code: 'CLI_NOT_KEPT',
      details: { desk: 'protection', digest: signed.digest },
    })
  })
})

describe('the answer of a partner desk', { timeout: MEETING_MS }, () => {
  it('is the last word at both sides, and the seal goes', async () => {
    await using talk = await beginHosted()
    const { anltp, naptip } = talk
    const opened = await sendToBoth(talk)
    await handIn(anltp, await answer(talk, opened))
    expect(await statesOf(anltp, opened.statement)).toContain(`${SHELTER} stored`)
    await carryAll(anltp, naptip)
    expect(await statesOf(naptip, opened.statement)).toEqual([
      'protection opened',
      `${SHELTER} opened`,
    ])
    expect(await statesOf(anltp, opened.statement)).toEqual([
      'protection received',
      `${SHELTER} opened`,
    ])
    expect(await anltp.parts.inbox.dispatchAt(naptip.agency, 2)).not.toHaveProperty('envelope')
    const another = await answer(talk, opened, { refusal: 'trust', result: 'refused' })
    expect(await refusalOf(() => handIn(anltp, another))).toEqual({
      code: 'WIRE_ANSWER',
      details: { reason: 'again' },
    })
  })

  it('is taken once of two that are handed in at the same time', async () => {
    await using talk = await beginHosted()
    const opened = await sendToBoth(talk)
    const two = [
      await answer(talk, opened),
      await answer(talk, opened, { refusal: 'trust', result: 'refused' }),
    ]
    const services = createMessageServices(talk.anltp.parts)
    const results = await Promise.allSettled(two.map((one) => submitTo(services, one)))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })

  it('stays with the sender’s word where the sender refuses it, and another may come', async () => {
    await using talk = await beginHosted()
    const { anltp, naptip } = talk
    const opened = await sendToBoth(talk)
    const wrong = { ...opened, groups: digest('other groups') }
    await handIn(anltp, await answer(talk, wrong))
    await carryAll(anltp, naptip)
    expect(await statesOf(naptip, opened.statement)).toContain(`${SHELTER} stored`)
    expect(await statesOf(anltp, opened.statement)).toContain(`${SHELTER} stored`)
    expect(await anltp.parts.inbox.dispatchAt(naptip.agency, 2)).toHaveProperty('envelope')
    await handIn(anltp, await answer(talk, opened, { refusal: 'trust', result: 'refused' }))
    await carryAll(anltp, naptip)
    expect(await statesOf(naptip, opened.statement)).toContain(`${SHELTER} refused`)
    expect(await anltp.parts.inbox.dispatchAt(naptip.agency, 2)).not.toHaveProperty('envelope')
  })

  it('makes room for another where it is taken back before it went', async () => {
    await using talk = await beginHosted()
    const opened = await sendToBoth(talk)
    const mistaken = await answer(talk, opened, { refusal: 'trust', result: 'refused' })
    await handIn(talk.anltp, mistaken)
    await talk.anltp.parts.outbox.withdraw(mistaken.digest, 'mistake')
    await handIn(talk.anltp, await answer(talk, opened))
    await carryAll(talk.anltp, talk.naptip)
    expect(await statesOf(talk.naptip, opened.statement)).toContain(`${SHELTER} opened`)
  })

  it('is neither taken nor refused where the node cannot read what it sent the desk', async () => {
    await using talk = await beginHosted()
    const { anltp, naptip } = talk
    await handIn(anltp, await answer(talk, await sendToBoth(talk)))
    const { envelope } = await leaving(anltp)
    const { parts } = naptip
    const dispatch = parts.trust.ownRoster.jws
    for (const { key, value } of await listRecords(parts.store, RECORDS.out, { limit: 9 }))
      await parts.store.batch([putRecord(RECORDS.out, key, { ...value, dispatch })])
    expect(await codeOf(() => receive(naptip, anltp, envelope))).toBe('WIRE_TYP')
    expect(await parts.inbox.dispatchAt(anltp.agency, 1)).toBeUndefined()
  })

  it('is refused for what the desk was not sent', async () => {
    await using talk = await beginHosted()
    const opened = await sendToBoth(talk)
    const other = { ...opened, statement: digest('other') }
    expect(await refusalOf(async () => handIn(talk.anltp, await answer(talk, other)))).toEqual({
      code: 'WIRE_ANSWER',
      details: { reason: 'delivery' },
    })
    expect(await eventsOf(talk.naptip)).not.toContain('x.rejected')
  })
})

describe('what a node may not say or send', { timeout: MEETING_MS }, () => {
  let talk: Hosted
  beforeAll(async () => {
    talk = await beginHosted()
  }, MEETING_MS)
  afterAll(() => talk[Symbol.asyncDispose]())

  it('is that a partner desk opened: only its officer does', async () => {
    const { anltp, naptip } = talk
    const signed = await signedBy(naptip, REFERRAL)
    await queue(naptip, signed, [SHELTER])
    const own = await leaving(naptip)
    await naptip.parts.outbox.acceptReceipt(await receive(anltp, naptip, own.envelope))
    const { envelope } = await leaving(naptip)
    const { content } = parseReceipt(await receive(anltp, naptip, envelope))
    const results = content.results.map((result) => ({
      ...result,
      groups: digest('groups'),
      result: 'opened' as const,
    }))
    const lie = await signReceipt({ ...content, results }, anltp.parts.keys.sealKey)
    expect(await refusalOf(() => naptip.parts.outbox.acceptReceipt(lie))).toEqual({
      code: 'WIRE_RECEIPT',
      details: { reason: 'desk' },
    })
  })

  it('is a group that the desk may not see: it is destroyed, and the log says which', async () => {
    await using other = await beginTalk()
    const { anltp, naptip } = other
    const signed = await signedBy(naptip, REFERRAL)
    const now = other.clock.now()
    const { recipients } = naptip.parts.trust.view().deskKeys(anltp.agency, 'protection', now)
    const { bytes } = await craft(await craftingWorld(naptip, anltp), {
      statements: [signed],
      recipients,
      sentAt: now,
      openings: put([0], signed.opening),
    })
    const size = sizeOf(anltp)
    const receipt = await receive(anltp, naptip, bytes)
    const leaves = await leavesOf(anltp, size)
    expect(leaves.map(({ event }) => event)).toEqual(['x.received', 'x.receipt', 'x.excess'])
    expect(leaves.at(-1)?.data).toEqual({
      env: parseReceipt(receipt).content.dispatch,
      groups: ['health', 'investigation'],
      std: signed.digest,
    })
  })
})
