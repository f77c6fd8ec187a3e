import {
  digest,
  type ErrorCode,
  type GeneralJws,
  generateKey,
  parseReceipt,
  type ReceiptContent,
  type ReceiptResult,
  signReceipt,
} from '@amana/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  adoptNext,
  beginTalk,
  carryAll,
  eventsOf,
  leavesOf,
  leaving,
  MEETING_MS,
  queue,
  queueNew,
  receive,
  reopened,
  type Side,
  signedBy,
  sizeOf,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { madeKey } from '../../../../test/support/made-key.ts'
import { codeOf, refusalOf } from '../../../../test/support/refusals.ts'
import { random } from '../../../../test/support/store-fixture.ts'
import { rotateDeskKey } from '../agency/key-changes.ts'
import { getRecord, listRecords, RECORDS, sequenceKey } from '../records.ts'

type KeyJwk = Parameters<typeof rotateDeskKey>[1]

/** NAPTIP sent two statements in one dispatch; ANLTP/TIM gave its receipt, which NAPTIP has not seen. */
interface Sent {
  readonly talk: Talk
  readonly statements: readonly string[]
  readonly receipt: GeneralJws
}

async function send(talk: Talk): Promise<Sent> {
  const { anltp, naptip } = talk
  const statements = [
    await queueNew(naptip, 'jtwg.minutes/1'),
    await queueNew(naptip, 'jtwg.minutes/1'),
  ]
  const { envelope } = await leaving(naptip)
  return { talk, statements, receipt: await receive(anltp, naptip, envelope) }
}

function contentOf({ receipt }: Sent): ReceiptContent {
  return parseReceipt(receipt).content
}

/** The receipt with other members, really signed by the receiver's node. */
async function variant(sent: Sent, changes: Partial<ReceiptContent>): Promise<GeneralJws> {
  const { sealKey } = sent.talk.anltp.parts.keys
  return signReceipt({ ...contentOf(sent), ...changes }, sealKey)
}

/** The results with another outcome at some places; the others stay. */
function outcomes(
  sent: Sent,
  changed: Readonly<Record<number, 'held' | 'opened' | 'refused'>>,
  refusal: 'content' | 'policy' = 'policy',
): ReceiptResult[] {
  return contentOf(sent).results.map((result, index) => {
    const { groups, leaf, statement } = result
    const outcome = changed[index]
    if (outcome === undefined || outcome === 'opened') return result
    if (outcome === 'held') return { leaf, result: outcome, statement }
    expect(groups).toBeDefined()
    return { leaf, refusal, result: outcome, statement }
  })
}

/** A receipt that its node should not have given; `reason` is what the refusal says. */
interface HostileReceipt {
  readonly name: string
  readonly code: ErrorCode
  readonly reason?: string
  readonly make: (made: Sent) => Promise<GeneralJws>
}

async function statesOf({ talk, statements }: Sent): Promise<readonly (string | undefined)[]> {
  const records = await Promise.all(
    statements.map((statement) => talk.naptip.parts.ledger.get(statement)),
  )
  return records.map((record) => record?.state)
}

async function accept({ talk }: Sent, receipt: unknown): Promise<void> {
  await talk.naptip.parts.outbox.acceptReceipt(receipt)
}

describe('a receipt', { timeout: MEETING_MS }, () => {
  it('ends the dispatch: states, leaves, and the envelope is dropped', async () => {
    await using talk = await beginTalk()
    const sent = await send(talk)
    const before = sizeOf(talk.naptip)
    let told = 0
    talk.naptip.parts.outbox.onDelivered(() => {
      told += 1
    })
    await accept(sent, sent.receipt)
    expect(told).toBe(1)
    expect(await statesOf(sent)).toEqual(['opened', 'opened'])
    const { dispatch: env, results } = contentOf(sent)
    const rcpt = digest(sent.receipt.payload)
    expect((await leavesOf(talk.naptip, before)).map(({ event, data }) => [event, data])).toEqual(
      results.map(({ leaf, statement: std }) => [
        'x.delivered',
        {
          env,
          outcome: 'opened',
          peerHash: leaf.hash,
          peerSequence: leaf.sequence,
          rcpt,
          std,
          to: talk.naptip.peer,
        },
      ]),
    )
    const record = await talk.naptip.parts.outbox.dispatchAt(talk.naptip.peer, 1)
    expect(record).toMatchObject({ receipt: sent.receipt })
    expect(record).not.toHaveProperty('envelope')
    expect(await talk.naptip.parts.outbox.pending(talk.naptip.peer)).toBe(0)
  })

  it('of a clock that is ahead by no more than the skew is taken, and any other once the time has come', async () => {
    await using talk = await beginTalk()
    const sent = await send(talk)
    const ahead = await variant(sent, { issuedAt: talk.clock.now() + 301 })
    expect(await codeOf(() => accept(sent, ahead))).toBe('WIRE_TIME_FUTURE')
    talk.clock.turn(1)
    await accept(sent, ahead)
    expect(await statesOf(sent)).toEqual(['opened', 'opened'])
  })

  it('that comes again changes nothing', async () => {
    await using talk = await beginTalk()
    const sent = await send(talk)
    await accept(sent, sent.receipt)
    const before = sizeOf(talk.naptip)
    await accept(sent, sent.receipt)
    expect(sizeOf(talk.naptip)).toBe(before)
  })

  it('is lost with the disk that did not take it, and taken when it comes again', async () => {
    await using talk = await beginTalk()
    const sent = await send(talk)
    talk.naptip.disk.full = true
    expect(await codeOf(() => accept(sent, sent.receipt))).toBe('STORE_WRITE')
    expect(await statesOf(sent)).toEqual(['sent', 'sent'])
    await using naptip = await reopened(talk.naptip)
    expect(await eventsOf(naptip)).not.toContain('x.delivered')
    expect(await carryAll(naptip, talk.anltp)).toBe(1)
    expect(await naptip.parts.ledger.get(sent.statements[0] ?? '')).toMatchObject({
      state: 'opened',
    })
  })

  it('that holds a statement back is followed by the last word, and the envelope stays until then', async () => {
    await using talk = await beginTalk()
    const sent = await send(talk)
    const { outbox } = talk.naptip.parts
    await accept(sent, await variant(sent, { results: outcomes(sent, { 1: 'held' }) }))
    expect(await statesOf(sent)).toEqual(['opened', 'held'])
    expect(await outbox.settled(talk.naptip.peer)).toBe(0)
    expect(await outbox.pending(talk.naptip.peer)).toBe(2)
    await accept(sent, sent.receipt)
    expect(await statesOf(sent)).toEqual(['opened', 'opened'])
    expect(await outbox.pending(talk.naptip.peer)).toBe(0)
  })

  it('that says more than the desk was sent is refused', async () => {
    await using talk = await beginTalk()
    const sent = await send(talk)
    const results = contentOf(sent).results.map((result) => ({
      ...result,
      groups: digest('every group'),
    }))
    expect(await refusalOf(async () => accept(sent, await variant(sent, { results })))).toEqual({
      code: 'WIRE_RECEIPT',
      details: { reason: 'groups' },
    })
    expect(await statesOf(sent)).toEqual(['sent', 'sent'])
  })
})

describe('a second word', { timeout: MEETING_MS }, () => {
  it.each<
    [
      string,
      Readonly<Record<number, 'held' | 'refused'>>,
      Readonly<Record<number, 'held' | 'refused'>>,
    ]
  >([
    ['refuses what was opened', {}, { 0: 'refused' }],
    ['opens what was refused', { 0: 'refused' }, {}],
    ['holds back what was opened', {}, { 0: 'held' }],
    ['refuses what was opened beside one held back', { 1: 'held' }, { 0: 'refused' }],
    ['holds back what was opened, for one held back', { 1: 'held' }, { 0: 'held' }],
  ])('that %s is a fork, and the first stands', async (_name, first, second) => {
    await using talk = await beginTalk()
    const sent = await send(talk)
    await accept(sent, await variant(sent, { results: outcomes(sent, first) }))
    const [states, size] = [await statesOf(sent), sizeOf(talk.naptip)]
    const other = await variant(sent, { results: outcomes(sent, second) })
    expect(await refusalOf(() => accept(sent, other))).toEqual({
      code: 'WIRE_FORK',
      details: { what: 'receipt' },
    })
    expect(await statesOf(sent)).toEqual(states)
    expect(sizeOf(talk.naptip)).toBe(size)
    expect(await contradictionOf(talk.naptip)).toEqual({ signed: other })
    const third = await variant(sent, {
      issuedAt: contentOf(sent).issuedAt + 1,
      results: outcomes(sent, second),
    })
    expect(await codeOf(() => accept(sent, third))).toBe('WIRE_FORK')
    expect(await contradictionOf(talk.naptip)).toEqual({ signed: other })
  })

  it('that says the same at another time is a fork after the last one', async () => {
    await using talk = await beginTalk()
    const sent = await send(talk)
    const issuedAt = contentOf(sent).issuedAt + 1
    await accept(sent, await variant(sent, { results: outcomes(sent, { 1: 'held' }) }))
    await accept(sent, await variant(sent, { issuedAt, results: outcomes(sent, { 1: 'held' }) }))
    await accept(sent, sent.receipt)
    const again = await variant(sent, { issuedAt })
    expect(await codeOf(() => accept(sent, again))).toBe('WIRE_FORK')
    expect(await contradictionOf(talk.naptip)).toEqual({ signed: again })
  })

  it('that names another leaf for what was opened is a fork', async () => {
    await using talk = await beginTalk()
    const sent = await send(talk)
    await accept(sent, sent.receipt)
    const results = contentOf(sent).results.map((result) => ({
      ...result,
      leaf: { hash: digest('another leaf'), sequence: result.leaf.sequence },
    }))
    expect(await codeOf(async () => accept(sent, await variant(sent, { results })))).toBe(
      'WIRE_FORK',
    )
  })
})

describe('a refusal that is of the old dispatch', { timeout: MEETING_MS }, () => {
  it('sends the refused one again once, whatever the peer says of the other one', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const sent = await send(talk)
    const lists = rotateDeskKey('coordination', await newDeskKey(anltp), SUPERSEDING)
    await adoptNext(anltp, naptip, await lists(anltp.parts.trust.ownRoster, talk.clock.now()))
    const said = async (outcome: 'held' | 'opened', issuedAt: number): Promise<GeneralJws> => {
      const results = outcomes(sent, { 0: 'refused', 1: outcome }, 'content')
      return variant(sent, { issuedAt, results })
    }
    const at = contentOf(sent).issuedAt
    await accept(sent, await said('held', at))
    expect(await statesOf(sent)).toEqual(['queued', 'held'])
    const size = sizeOf(naptip)
    for (const later of [1, 2]) await accept(sent, await said('held', at + later))
    expect(sizeOf(naptip)).toBe(size)
    expect(await queuedBy(naptip)).toEqual(sent.statements.slice(0, 1))
    const { envelope } = await leaving(naptip, 1)
    await accept(sent, await receive(anltp, naptip, envelope))
    expect(await statesOf(sent)).toEqual(['opened', 'held'])
    await accept(sent, await said('opened', at + 3))
    expect(await statesOf(sent)).toEqual(['opened', 'opened'])
    expect(await queuedBy(naptip)).toEqual([])
  })

  it('gives what comes again a place of its own in the queue, beside what is queued meanwhile', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const sent = await send(talk)
    const lists = rotateDeskKey('coordination', await newDeskKey(anltp), SUPERSEDING)
    await adoptNext(anltp, naptip, await lists(anltp.parts.trust.ownRoster, talk.clock.now()))
    const receipt = await variant(sent, { results: outcomes(sent, { 0: 'refused' }, 'content') })
    const signed = await Promise.all(
      Array.from({ length: 8 }, () => signedBy(naptip, 'jtwg.minutes/1')),
    )
    await Promise.all([accept(sent, receipt), ...signed.map((one) => queue(naptip, one))])
    await using again = await reopened(naptip)
    const last = await queueNew(again, 'jtwg.minutes/1')
    const all = [sent.statements[0], last, ...signed.map(({ digest: own }) => own)]
    const queued = await queuedBy(again)
    expect(queued).toHaveLength(all.length)
    expect(new Set(queued)).toEqual(new Set(all))
  })
})

describe('a receipt that answers nothing of ours', { timeout: MEETING_MS }, () => {
  let talk: Talk
  let sent: Sent
  beforeAll(async () => {
    talk = await beginTalk()
    sent = await send(talk)
  }, MEETING_MS)
  afterAll(() => talk[Symbol.asyncDispose]())

  const CASES: readonly HostileReceipt[] = [
    {
      name: 'of the own agency',
      code: 'WIRE_RECEIPT',
      reason: 'dispatch',
      make: async (made) => signedAs(made.talk.naptip, contentOf(made)),
    },
    {
      name: 'of an agency that nobody knows',
      code: 'WIRE_RECEIPT',
      reason: 'dispatch',
      make: (made) =>
        variant(made, { receiver: { agency: 'ng.nis', node: made.talk.anltp.parts.peerId } }),
    },
    {
      name: 'for another dispatch',
      code: 'WIRE_RECEIPT',
      reason: 'dispatch',
      make: (made) => variant(made, { dispatch: digest('another') }),
    },
    {
      name: 'for a place that was never taken',
      code: 'WIRE_RECEIPT',
      reason: 'dispatch',
      make: (made) => variant(made, { sequence: 2 }),
    },
    {
      name: 'for the other channel',
      code: 'WIRE_RECEIPT',
      reason: 'place',
      make: (made) => variant(made, { channel: 'ne.anltp-tim>ng.naptip' }),
    },
    {
      name: 'with the statements in another order',
      code: 'WIRE_RECEIPT',
      reason: 'results',
      make: (made) => variant(made, { results: contentOf(made).results.toReversed() }),
    },
    {
      name: 'for one statement of two',
      code: 'WIRE_RECEIPT',
      reason: 'results',
      make: (made) => variant(made, { results: contentOf(made).results.slice(1) }),
    },
    {
      name: 'of a node that the roster does not know',
      code: 'WIRE_NODE',
      make: (made) =>
        variant(made, {
          receiver: { agency: made.talk.anltp.agency, node: made.talk.naptip.parts.peerId },
        }),
    },
    {
      name: 'from the future',
      code: 'WIRE_TIME_FUTURE',
      make: (made) => variant(made, { issuedAt: made.talk.clock.now() + 301 }),
    },
    {
      name: 'from beyond the span of its node’s key',
      code: 'WIRE_KEY_EXPIRED',
      make: (made) => variant(made, { issuedAt: made.talk.clock.now() + 3650 * 86_400 }),
    },
    {
      name: 'by a key that nobody named',
      code: 'WIRE_KID_UNKNOWN',
      make: async (made) => signReceipt(contentOf(made), await generateKey('Ed25519', random)),
    },
    {
      name: 'by the own node in the name of the other',
      code: 'WIRE_NODE',
      make: async (made) => signReceipt(contentOf(made), made.talk.naptip.parts.keys.sealKey),
    },
  ]

  it.each(CASES)(
    '$name is refused with $code and changes nothing',
    async ({ code, make, reason }) => {
      const size = sizeOf(talk.naptip)
      const refusal = await refusalOf(async () => accept(sent, await make(sent)))
      expect(refusal?.code).toBe(code)
      expect(refusal?.details['reason']).toBe(reason)
      expect(await statesOf(sent)).toEqual(['sent', 'sent'])
      expect(sizeOf(talk.naptip)).toBe(size)
    },
  )

  it.each([
    ['nothing', undefined],
    ['a text', 'receipt'],
    ['an object of another form', { payload: '', signatures: [] }],
  ])('is refused where it is %s', async (_name, value) => {
    expect(await codeOf(() => accept(sent, value))).toBe('WIRE_MEMBER')
  })
})

/** What is kept beside the receipt of the first dispatch. */
async function contradictionOf({ parts, peer }: Side): Promise<unknown> {
  return getRecord(parts.store, RECORDS.fork, `out/${sequenceKey(peer, 1)}`)
}

const SUPERSEDING = { days: 365, supersede: true }

/** A key that is made in the agency's node for the desk to which the statements went. */
async function newDeskKey({ parts }: Side): Promise<KeyJwk> {
  return (await madeKey(parts, { use: 'coordination' })).jwk
}

/** The statements that wait in the queue. */
async function queuedBy({ parts, peer }: Side): Promise<readonly string[]> {
  const rows = await listRecords(parts.store, RECORDS.queue, {
    gte: `${peer}/`,
    lt: `${peer}0`,
    limit: 99,
  })
  return rows.map(({ value }) => value.digest)
}

/** A receipt that a node signs in its own name. */
async function signedAs({ agency, parts }: Side, content: ReceiptContent): Promise<GeneralJws> {
  return signReceipt({ ...content, receiver: { agency, node: parts.peerId } }, parts.keys.sealKey)
}
