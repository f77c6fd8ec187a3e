/**
 * What is carried by hand: both ways, in any order, with half of it missing, twice, late, damaged, or somebody else's.
 *
 * @module
 * @spec docs/spec/09-carriers.md#what-is-carried
 */
import {
  decodeUtf8,
  depositKeyIn,
  digest,
  encodeCanonical,
  formatWitnessAnswer,
  sealDeposit,
} from '@amana/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  adoptNext,
  beginTalk,
  carryAll,
  cosign,
  crafted,
  eventsOf,
  leavesOf,
  leaving,
  MEETING_MS,
  nextRoster,
  queueNew,
  receive,
  reopened,
  type Side,
  signedBy,
  sizeOf,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { carriedBytes, takeAll } from '../../../../test/support/carrying.ts'
import { set } from '../../../../test/support/edit-json.ts'
import { asJson, parseText } from '../../../../test/support/json.ts'
import { encodeFrame } from '../exchange/frames.ts'
import { getRecord, RECORDS, sequenceKey } from '../records.ts'
import { acknowledgedBy } from '../trust/acknowledged.ts'
import { rotateDepositKey } from '../agency/key-changes.ts'
import { Arrivals } from './arrivals.ts'
import { carriedRequest } from './carried-witness.ts'
import { countDepartures, departures } from './departures.ts'
import { sealFrame } from './deposits.ts'

const DAY = 86_400

/** Some statements, each in a dispatch of its own, as the deposits that carry them. */
async function envelopesOf(side: Side, count: number): Promise<readonly Uint8Array[]> {
  for (let at = 0; at < count; at += 1) {
    await queueNew(side, 'jtwg.minutes/1')
    await leaving(side, (await side.parts.outbox.position(side.peer)).sequence)
  }
  return carriedBytes(side, 'envelope')
}

async function result(side: Side, bytes: Uint8Array): Promise<string> {
  const { code, ...taken } = { code: undefined, ...(await new Arrivals(side.parts).take(bytes)) }
  return code ?? taken.result
}

describe('a message on a stick', { timeout: MEETING_MS }, () => {
  it('arrives, and its receipt comes back the same way', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const statement = await queueNew(naptip, 'jtwg.minutes/1')
    const size = sizeOf(naptip)
    const out = await carriedBytes(naptip)
    expect(await eventsOf(naptip, size)).toEqual(expect.arrayContaining(['x.sealed', 'x.sent']))
    const [sent] = (await leavesOf(naptip, size)).filter(({ event }) => event === 'x.sent')
    expect(sent?.data).toMatchObject({ by: 'file', to: 'ne.anltp-tim', try: 1 })
    await takeAll(anltp, out)
    expect((await anltp.parts.ledger.get(statement))?.state).toBe('received')
    expect((await naptip.parts.ledger.get(statement))?.state).toBe('sent')
    await takeAll(naptip, await carriedBytes(anltp))
    expect((await naptip.parts.ledger.get(statement))?.state).toBe('opened')
    expect(await carriedBytes(naptip, 'envelope')).toEqual([])
  })

  it('is taken once, also over the link, and gets the same receipt', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const [deposit] = await envelopesOf(naptip, 1)
    if (deposit === undefined) throw new Error('nothing leaves')
    expect(await result(anltp, deposit)).toBe('taken')
    const first = await anltp.parts.inbox.dispatchAt(anltp.peer, 1)
    const size = sizeOf(anltp)
    expect(await result(anltp, deposit)).toBe('known')
    const { envelope } = await leaving(naptip)
    expect(await receive(anltp, naptip, envelope)).toEqual(first?.receipt)
    expect(sizeOf(anltp)).toBe(size)
    await naptip.parts.outbox.acceptReceipt(first?.receipt)
    const after = sizeOf(naptip)
    const receipts = await carriedBytes(anltp, 'receipt')
    expect(await Promise.all(receipts.map((one) => result(naptip, one)))).toEqual(['known'])
    expect(sizeOf(naptip)).toBe(after)
  })

  it('waits for those before it, and goes after them, also over a new start', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const [first, second, third, fourth] = await envelopesOf(naptip, 4)
    if (!first || !second || !third || !fourth) throw new Error('nothing leaves')
    const arrivals = new Arrivals(anltp.parts)
    const size = sizeOf(anltp)
    expect(await arrivals.take(fourth)).toMatchObject({ result: 'held', missing: 3, order: 4 })
    expect(await arrivals.take(second)).toMatchObject({ result: 'held', missing: 1, order: 2 })
    expect(await arrivals.take(fourth)).toMatchObject({ result: 'held', missing: 2 })
    expect(sizeOf(anltp)).toBe(size)
    await using again = await reopened(anltp)
    expect(await new Arrivals(again.parts).take(first)).toMatchObject({
      result: 'taken',
      released: 1,
    })
    expect(await new Arrivals(again.parts).take(third)).toMatchObject({ released: 1 })
    expect((await again.parts.inbox.position(again.peer)).sequence).toBe(4)
    expect(await getRecord(again.parts.store, RECORDS.held, sequenceKey(again.peer, 4))).toBe(
      undefined,
    )
    await takeAll(naptip, await carriedBytes(again, 'receipt'))
    expect(await naptip.parts.outbox.settled(naptip.peer)).toBe(4)
  })

  it('waits for the roster that its sender had, when the stick lost it', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await naptip.parts.trust.adoptRoster(await nextRoster(naptip))
    const roster = await carriedBytes(naptip, 'trust')
    const [first, second] = await envelopesOf(naptip, 2)
    if (first === undefined || second === undefined) throw new Error('nothing leaves')
    expect(await result(anltp, second)).toBe('held')
    expect(await result(anltp, first)).toBe('held')
    await using again = await reopened(anltp)
    await takeAll(again, roster)
    expect((await again.parts.inbox.position(again.peer)).sequence).toBe(2)
    await takeAll(naptip, await carriedBytes(again, 'receipt'))
    expect(await naptip.parts.outbox.pending(naptip.peer)).toBe(0)
  })

  it('that waits is forgotten when a link has brought all', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const [, , third] = await envelopesOf(naptip, 3)
    if (third === undefined) throw new Error('nothing leaves')
    expect(await result(anltp, third)).toBe('held')
    await carryAll(naptip, anltp)
    const [fourth] = await envelopesOf(naptip, 1)
    if (fourth === undefined) throw new Error('nothing leaves')
    expect(await result(anltp, fourth)).toBe('taken')
    const key = sequenceKey(anltp.peer, 3)
    expect(await getRecord(anltp.parts.store, RECORDS.held, key)).toBeUndefined()
  })

  it('comes again by itself when it is too old, and is said to be', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const [deposit] = await envelopesOf(naptip, 1)
    if (deposit === undefined) throw new Error('nothing leaves')
    clock.turn(31 * DAY)
    await naptip.parts.outbox.expire(naptip.peer)
    expect((await eventsOf(naptip)).at(-1)).toBe('x.expired')
    const taken = await new Arrivals(anltp.parts).take(deposit)
    expect(taken).toMatchObject({ result: 'taken', statements: 1, refused: 1 })
    await takeAll(naptip, await carriedBytes(anltp, 'receipt'))
    await takeAll(anltp, await carriedBytes(naptip, 'envelope'))
    await takeAll(naptip, await carriedBytes(anltp, 'receipt'))
    expect(await naptip.parts.outbox.pending(naptip.peer)).toBe(0)
  })

  it('goes as a void when it was taken back before', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const statement = await queueNew(naptip, 'jtwg.minutes/1')
    await leaving(naptip)
    await naptip.parts.outbox.withdraw(statement, 'consent')
    await takeAll(anltp, await carriedBytes(naptip))
    await takeAll(naptip, await carriedBytes(anltp))
    expect((await naptip.parts.ledger.get(statement))?.state).toBe('withdrawn')
  })
})

describe('what a carrier brings', { timeout: MEETING_MS }, () => {
  let talk: Talk
  let deposits: readonly Uint8Array[]
  beforeAll(async () => {
    talk = await beginTalk()
    deposits = await envelopesOf(talk.naptip, 3)
  }, MEETING_MS)
  afterAll(() => talk[Symbol.asyncDispose]())

  it('is refused by whom it is not for', async () => {
    const [own = new Uint8Array()] = deposits
    expect(await result(talk.naptip, own)).toBe('WIRE_NOT_FOR_ME')
  })

  it('is refused in the name of a stranger', async () => {
    const { parts } = talk.naptip
    const sealed = await sealFrame(
      { ...parts, agency: 'ne.dst' },
      { type: 'receipt', body: new Uint8Array(1) },
    )
    expect(await result(talk.anltp, sealed)).toBe('WIRE_ISS')
  })

  it.each(['hello', 'heads', 'ping', 'bye'] as const)('is no %s', async (type) => {
    const { agency, clock, peer, parts } = talk.naptip
    const sealed = await sealDeposit({
      from: agency,
      to: peer,
      frame: encodeFrame({ type, body: new Uint8Array() }),
      key: depositKeyIn(parts.trust.view().rosterOf(peer), clock.now()),
      random: parts.random,
    })
    expect(await result(talk.anltp, sealed)).toBe('NET_FRAME')
  })

  it('is refused where it cannot be read, and what follows is taken', async () => {
    const [first = new Uint8Array(), second = new Uint8Array()] = deposits
    const cut = first.subarray(0, first.byteLength / 2)
    const results = []
    for (const bytes of [new Uint8Array(), cut, new Uint8Array(3).fill(255), first, second]) {
      results.push(await result(talk.anltp, bytes))
    }
    expect(results).toEqual(['WIRE_JSON', 'WIRE_JSON', 'WIRE_UTF8', 'taken', 'taken'])
  })

  it('leaves a leaf where an envelope is refused, and none where nobody signed', async () => {
    const size = sizeOf(talk.anltp)
    const body = new Uint8Array(10).fill(0x20)
    const sealed = await sealFrame(talk.naptip.parts, { type: 'envelope', body })
    expect(await result(talk.anltp, sealed)).toBe('WIRE_JSON')
    expect(await eventsOf(talk.anltp, size)).toEqual(['x.rejected'])
  })

  it('is not kept where it is further ahead than 256', async () => {
    const { anltp, naptip } = talk
    const next = (await anltp.parts.inbox.position(anltp.peer)).sequence + 1
    const statements = [await signedBy(naptip, 'jtwg.minutes/1')]
    const at = async (sequence: number): Promise<string> => {
      const { bytes } = await crafted(naptip, statements, { sequence, previous: digest('') })
      return result(anltp, await sealFrame(naptip.parts, { type: 'envelope', body: bytes }))
    }
    expect([await at(next + 256), await at(next + 257)]).toEqual(['held', 'WIRE_SEQ_GAP'])
  })

  it('is not kept where the peer’s node did not sign it', async () => {
    const { anltp, naptip } = talk
    const statements = [await signedBy(naptip, 'jtwg.minutes/1')]
    const { bytes } = await crafted(naptip, statements, { sequence: 9, previous: digest('') })
    const wrong = 'A'.repeat(86)
    const body = encodeCanonical(
      asJson(set(parseText(decodeUtf8(bytes)), ['dispatch', 'signatures', 0, 'signature'], wrong)),
    )
    const size = sizeOf(anltp)
    const sealed = await sealFrame(naptip.parts, { type: 'envelope', body })
    expect(await result(anltp, sealed)).toBe('WIRE_SIG')
    expect(await eventsOf(anltp, size)).toEqual(['x.rejected'])
    const key = sequenceKey(anltp.peer, 9)
    expect(await getRecord(anltp.parts.store, RECORDS.held, key)).toBeUndefined()
  })

  it('is counted before anything is made', async () => {
    const size = sizeOf(talk.naptip)
    const count = { documents: 0, envelopes: 3, queued: 0, receipts: 0 }
    expect(await countDepartures(talk.naptip.parts)).toMatchObject({ ...count, documents: 1 })
    expect(sizeOf(talk.naptip)).toBe(size)
  })
})

describe('trust and the witness', { timeout: MEETING_MS }, () => {
  it('go by carriers, so that a log is cosigned where no link ever is', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    let { size } = await naptip.parts.witness.newest()
    expect(size).toBe(0)
    let old: readonly Uint8Array[] = []
    for (let round = 0; round < 2; round += 1) {
      const [out] = await carriedBytes(naptip, 'checkpoint')
      const again = await carriedBytes(naptip, 'checkpoint')
      // last month’s answer, while the next one is waited for
      for (const one of old) expect(await result(naptip, one)).toBe('known')
      await takeAll(anltp, [out ?? new Uint8Array(), ...again])
      const answers = await carriedBytes(anltp, 'witness')
      const results = []
      for (const one of [...answers, ...answers]) results.push(await result(naptip, one))
      expect(results).toEqual(['taken', 'known'])
      const { size: cosigned } = await naptip.parts.witness.newest()
      expect(cosigned).toBeGreaterThan(size)
      size = cosigned
      old = answers
      await queueNew(naptip, 'jtwg.minutes/1')
    }
    expect(await cosign(naptip, anltp)).toBeGreaterThan(size)
  })

  it('are asked for once, also by two sticks that are written at the same time', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const requests = await Promise.all([
      carriedBytes(naptip, 'checkpoint'),
      carriedBytes(naptip, 'checkpoint'),
    ])
    for (const request of requests) await takeAll(anltp, request)
    await takeAll(naptip, await carriedBytes(anltp, 'witness'))
    expect((await naptip.parts.witness.newest()).size).toBeGreaterThan(0)
  })

  it('wait for the answer to the last request, whatever says no to one before it', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await carriedRequest(naptip.parts)
    const body = formatWitnessAnswer({ status: 409, cosignatures: [], size: 2 })
    const no = await sealFrame(anltp.parts, { type: 'witness', body })
    expect(await result(naptip, no)).toBe('taken')
    const asked = await carriedRequest(naptip.parts)
    expect(await result(naptip, no)).toBe('known')
    expect(await carriedRequest(naptip.parts)).toEqual(asked)
  })

  it('ask anew where a link had the log cosigned meanwhile', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const [stale = new Uint8Array()] = await carriedBytes(naptip, 'checkpoint')
    await queueNew(naptip, 'jtwg.minutes/1')
    await cosign(naptip, anltp)
    const before = (await naptip.parts.witness.newest()).size
    expect(await result(anltp, stale)).toBe('taken')
    await queueNew(naptip, 'jtwg.minutes/1')
    await carriedBytes(naptip, 'envelope')
    await takeAll(anltp, await carriedBytes(naptip, 'checkpoint'))
    await takeAll(naptip, await carriedBytes(anltp, 'witness'))
    expect((await naptip.parts.witness.newest()).size).toBeGreaterThan(before)
  })

  it('carry a roster that has ended into the next one', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    clock.turn(36 * DAY)
    await queueNew(naptip, 'jtwg.minutes/1').catch(() => undefined)
    expect(await carriedBytes(naptip, 'trust')).not.toEqual([])
    expect(await codeOf(() => carriedBytes(naptip, 'checkpoint'))).toBe('TRUST_EXPIRED')
    await naptip.parts.trust.adoptRoster(await nextRoster(naptip))
    await anltp.parts.trust.adoptRoster(await nextRoster(anltp))
    await takeAll(anltp, await carriedBytes(naptip, 'trust'))
    await takeAll(naptip, await carriedBytes(anltp, 'trust'))
    await takeAll(anltp, await envelopesOf(naptip, 1))
    const { ownRoster } = naptip.parts.trust
    expect(anltp.parts.trust.view().rosterOf(naptip.agency).version).toBe(ownRoster.version)
    await takeAll(naptip, await envelopesOf(anltp, 1))
    // what the other side made under that roster says that it has it
    expect(await acknowledgedBy(naptip.parts, naptip.peer)).toBe(ownRoster.version)
    expect(await carriedBytes(naptip, 'trust')).toEqual([])
  })

  it('use a new deposit key, and open what was sealed to the one before for 30 days', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const [old = new Uint8Array()] = await envelopesOf(naptip, 1)
    const [made] = await anltp.parts.ring.make('deposit', 'A2')
    if (made?.algorithm !== 'HPKE-9-KE') throw new Error('no key')
    const rotation = { days: 300, supersede: false }
    const change = rotateDepositKey(anltp.parts.peerId, made.publicJwk, rotation)
    await adoptNext(anltp, naptip, await change(anltp.parts.trust.ownRoster, anltp.clock.now()))
    talk.clock.turn(1)
    const [fresh = new Uint8Array()] = await carriedBytes(naptip, 'envelope')
    expect(JSON.stringify(JSON.parse(new TextDecoder().decode(fresh)))).toContain(made.keyId)
    expect(await result(anltp, old)).toBe('taken')
    expect(await result(anltp, fresh)).toBe('known')
    const opening = anltp.parts.ring.opening.filter(({ use }) => use === 'deposit')
    await anltp.parts.ring.destroy(new Set([opening[0]?.key.keyId ?? '']))
    expect(await result(anltp, old)).toBe('WIRE_DEPOSIT_KEY')
    expect(await result(anltp, fresh)).toBe('known')
  })
})

it('what goes is listed in pieces, each once', { timeout: MEETING_MS }, async () => {
  await using talk = await beginTalk()
  const { naptip } = talk
  await envelopesOf(naptip, 2)
  await queueNew(naptip, 'jtwg.minutes/1')
  const whole: string[] = []
  for await (const { type, order } of departures(naptip.parts, 'file')) {
    whole.push(`${type} ${String(order)}`)
  }
  const pieces: string[] = []
  let after: Parameters<typeof departures>[2]
  for (let done = false; !done;) {
    done = true
    for await (const { type, order } of departures(naptip.parts, 'file', after)) {
      pieces.push(`${type} ${String(order)}`)
      after = { type, after: order }
      done = false
      break
    }
  }
  expect(pieces).toEqual(whole)
  expect(whole.filter((one) => one.startsWith('envelope'))).toEqual([
    'envelope 1',
    'envelope 2',
    'envelope 3',
  ])
})
