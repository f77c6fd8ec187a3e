import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKey, parseEnvelope, type RosterLists, type SignedStatement } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { forged, put } from '../../../../test/support/crafted-envelope.ts'
import { asJson, at } from '../../../../test/support/json.ts'
import { BODIES, type Groups } from '../../../../test/support/message-bodies.ts'
import {
  adoptNext,
  beginTalk,
  carryAll,
  eventsOf,
  leavesOf,
  leaving,
  MEETING_MS,
  nextRoster,
  officerKey,
  openingKeyOf,
  openSide,
  payloadOf,
  queue,
  queueNew,
  reopened,
  type Side,
  signedBy,
  sizeOf,
} from '../../../../test/support/node-fixture.ts'
import { random } from '../../../../test/support/store-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { checkSubmission } from './submission.ts'

const DAY = 86_400

describe('a statement that waits', { timeout: MEETING_MS }, () => {
  it('is still there when the node is opened again, and leaves in its order', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    const queued = [
      await queueNew(talk.naptip, 'jtwg.minutes/1'),
      await queueNew(talk.naptip, 'jtwg.minutes/1'),
    ]
    await using naptip = await reopened(talk.naptip)
    expect(await naptip.parts.outbox.pending(anltp.agency)).toBe(2)
    queued.push(await queueNew(naptip, 'jtwg.minutes/1'))
    expect(await carryAll(naptip, anltp)).toBe(1)
    const record = await naptip.parts.outbox.dispatchAt(anltp.agency, 1)
    expect(record?.statements).toEqual(queued)
    expect(await naptip.parts.outbox.pending(anltp.agency)).toBe(0)
  })

  it('counts as waiting at every moment until its receipt, also while it is sealed', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const sealed = new AbortController()
    const counts: number[] = []
    const watch = async (): Promise<void> => {
      while (!sealed.signal.aborted) counts.push(await naptip.parts.outbox.pending(anltp.agency))
    }
    await queueNew(naptip, 'jtwg.minutes/1')
    const watching = Array.from({ length: 32 }, watch)
    for (let sequence = 0; sequence < 8; sequence += 1) {
      await naptip.parts.outbox.next(anltp.agency, sequence)
      await queueNew(naptip, 'jtwg.minutes/1')
    }
    sealed.abort()
    await Promise.all(watching)
    expect(counts).not.toContain(0)
    expect(counts.length).toBeGreaterThan(32)
  })

  it('is refused the second time, also when both are handed in at once', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const signed = await signedBy(naptip, 'jtwg.minutes/1')
    const both = await Promise.all([
      codeOf(() => queue(naptip, signed)),
      codeOf(() => queue(naptip, signed)),
    ])
    expect(both.map(orTaken).toSorted(byText)).toEqual(['WIRE_REPLAY', 'taken'])
    expect(await codeOf(() => queue(naptip, signed))).toBe('WIRE_REPLAY')
    expect(await naptip.parts.outbox.pending(naptip.peer)).toBe(1)
  })

  it('is queued once where it was checked twice before it was queued', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const { outbox } = naptip.parts
    const record = await recordOf(naptip, await signedBy(naptip, 'jtwg.minutes/1'))
    await outbox.queue(record)
    expect(await codeOf(() => outbox.queue(record))).toBe('WIRE_REPLAY')
    expect(await outbox.pending(naptip.peer)).toBe(1)
  })

  it.each(['one after the other', 'at once'])(
    'keeps another statement of the same message id out, handed in %s',
    async (when) => {
      await using talk = await beginTalk()
      const { naptip } = talk
      const first = await signedBy(naptip, 'jtwg.minutes/1')
      const second = await withMessageIdOf(naptip, first)
      const codes =
        when === 'at once'
          ? await Promise.all([
              codeOf(() => queue(naptip, first)),
              codeOf(() => queue(naptip, second)),
            ])
          : [await codeOf(() => queue(naptip, first)), await codeOf(() => queue(naptip, second))]
      expect(codes.map(orTaken).toSorted(byText)).toEqual(['WIRE_FORK', 'taken'])
      expect(await naptip.parts.outbox.pending(naptip.peer)).toBe(1)
      expect(await naptip.parts.ledger.newest(9)).toHaveLength(1)
    },
  )

  it('is not there when the disk took nothing', async () => {
    await using talk = await beginTalk()
    const signed = await signedBy(talk.naptip, 'jtwg.minutes/1')
    talk.naptip.disk.full = true
    expect(await codeOf(() => queue(talk.naptip, signed))).toBe('STORE_WRITE')
    await using naptip = await reopened(talk.naptip)
    expect(await naptip.parts.outbox.pending(naptip.peer)).toBe(0)
    expect(await naptip.parts.ledger.get(signed.digest)).toBeUndefined()
    expect(await queue(naptip, signed)).toBe(signed.digest)
  })

  it('wakes the line', async () => {
    await using talk = await beginTalk()
    let woken = 0
    talk.naptip.parts.outbox.onQueued(() => {
      woken += 1
    })
    await queueNew(talk.naptip, 'jtwg.minutes/1')
    expect(woken).toBe(1)
  })
})

describe('an envelope', { timeout: MEETING_MS }, () => {
  it('is given only when its leaves and its dispatch are on the disk', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const before = sizeOf(naptip)
    const std = await queueNew(naptip, 'jtwg.minutes/1')
    expect(sizeOf(naptip)).toBe(before)
    const { envelope } = await leaving(naptip)
    const { digest: env } = parseEnvelope(envelope).dispatch
    const folder = join(talk.met.path, 'copy')
    await cp(naptip.place.folder, folder, { recursive: true })
    await using copy = await openSide({ ...naptip.place, folder }, talk.clock)
    expect((await leavesOf(copy, before)).map(({ event, data }) => [event, data])).toEqual([
      ['x.sealed', { env, kind: 'jtwg.minutes/1', std, to: naptip.peer }],
      ['x.sent', { env, to: naptip.peer, try: 1 }],
    ])
    expect(await leaving(copy)).toEqual({ sequence: 1, envelope })
    expect((await leavesOf(copy)).at(-1)?.data).toEqual({ env, to: naptip.peer, try: 2 })
  })

  it('is not given when the disk takes neither leaf nor dispatch, and the statement waits on', async () => {
    await using talk = await beginTalk()
    await queueNew(talk.naptip, 'jtwg.minutes/1')
    const before = sizeOf(talk.naptip)
    talk.naptip.disk.full = true
    expect(await codeOf(() => leaving(talk.naptip))).toBe('STORE_WRITE')
    await using naptip = await reopened(talk.naptip)
    expect(sizeOf(naptip)).toBe(before)
    expect(await naptip.parts.outbox.position(naptip.peer)).toMatchObject({ sequence: 0 })
    expect(await carryAll(naptip, talk.anltp)).toBe(1)
  })

  it('is the same again, with its try counted, until its receipt is there', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    await queueNew(naptip, 'jtwg.minutes/1')
    const first = await leaving(naptip, 0)
    expect(await leaving(naptip, 0)).toEqual(first)
    expect((await naptip.parts.outbox.dispatchAt(naptip.peer, 1))?.tries).toBe(2)
    expect(await naptip.parts.outbox.settled(naptip.peer)).toBe(0)
    await carryAll(naptip, talk.anltp)
    expect(await naptip.parts.outbox.settled(naptip.peer)).toBe(1)
    expect(await naptip.parts.outbox.next(naptip.peer, 1)).toBeUndefined()
  })

  it('follows the one before it and says what was placed from the other side', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await queueNew(anltp, 'jtwg.minutes/1')
    await carryAll(anltp, naptip)
    await queueNew(naptip, 'jtwg.minutes/1')
    const first = await leaving(naptip)
    clock.turn(-60)
    await queueNew(naptip, 'jtwg.minutes/1')
    const second = await leaving(naptip, 1)
    const [one, two] = [first, second].map(({ envelope }) => parseEnvelope(envelope).dispatch)
    const placed = await anltp.parts.outbox.position(naptip.agency)
    expect(one?.content).toMatchObject({
      sequence: 1,
      acknowledges: { digest: placed.digest, sequence: 1 },
    })
    expect(two?.content).toMatchObject({
      sequence: 2,
      previous: one?.digest,
      sentAt: one?.content.sentAt,
    })
  })

  it('takes up to 64 of what waits for one desk', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const queued: string[] = []
    for (let count = 0; count < 65; count += 1) {
      queued.push(await queueNew(naptip, 'jtwg.minutes/1'))
    }
    expect(await carryAll(naptip, anltp)).toBe(2)
    const records = [
      await naptip.parts.outbox.dispatchAt(anltp.agency, 1),
      await naptip.parts.outbox.dispatchAt(anltp.agency, 2),
    ]
    expect(records.map((record) => record?.statements)).toEqual([
      queued.slice(0, 64),
      queued.slice(64),
    ])
    expect(await anltp.parts.ledger.newest(99)).toHaveLength(65)
  })

  it('is of one desk', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const { body } = BODIES['intel.report/1']
    await queueNew(naptip, 'jtwg.minutes/1')
    await queueNew(naptip, 'intel.report/1', { groups: { body: { ...body, urgency: 'routine' } } })
    await queueNew(naptip, 'jtwg.minutes/1')
    await carryAll(naptip, talk.anltp)
    const desks = await Promise.all(
      [1, 2, 3].map(async (n) => (await naptip.parts.outbox.dispatchAt(naptip.peer, n))?.desk),
    )
    expect(desks).toEqual(['coordination', 'intelligence', 'coordination'])
  })

  it('is closed before it has more bytes than the peer takes', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const groups = longMinutes(64, 600)
    for (let n = 0; n < 7; n += 1) await queueNew(naptip, 'jtwg.minutes/1', { groups })
    expect(await carryAll(naptip, anltp)).toBe(2)
    const records = await anltp.parts.ledger.newest(99)
    expect(records.map(({ state }) => state)).toEqual(Array(7).fill('received'))
  })
})

describe('what trust does not allow now', { timeout: MEETING_MS }, () => {
  it('waits while a roster has ended and leaves when both have a new one', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const { outbox } = naptip.parts
    const digest = await queueNew(naptip, 'jtwg.minutes/1')
    const before = sizeOf(naptip)
    clock.turn(36 * DAY)
    expect(await outbox.next(anltp.agency, 0)).toBeUndefined()
    expect(outbox.problem).toBe('TRUST_EXPIRED')
    expect(sizeOf(naptip)).toBe(before)
    await adoptNext(naptip, anltp)
    expect(await outbox.next(anltp.agency, 0)).toBeUndefined()
    expect(outbox.problem).toBe('TRUST_EXPIRED')
    expect(await naptip.parts.ledger.get(digest)).toMatchObject({ state: 'queued' })
    await adoptNext(anltp, naptip)
    expect(await carryAll(naptip, anltp)).toBe(1)
    expect(outbox.problem).toBeUndefined()
    expect(await naptip.parts.ledger.get(digest)).toMatchObject({ state: 'opened' })
  })

  it('waits while the own node’s key is revoked, and says so', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const { keys, outbox } = naptip.parts
    await queueNew(naptip, 'jtwg.minutes/1')
    const revoked = [{ kid: keys.sealKey.keyId, reason: 'lost' as const, since: talk.clock.now() }]
    await naptip.parts.trust.adoptRoster(await nextRoster(naptip, { revoked }))
    expect(await outbox.next(naptip.peer, 0)).toBeUndefined()
    expect(outbox.problem).toBe('WIRE_KEY_REVOKED')
    expect(await outbox.pending(naptip.peer)).toBe(1)
  })

  it('waits while a desk has no key, and holds up no other desk', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const { ledger, outbox } = naptip.parts
    const waiting = await queueNew(naptip, 'jtwg.minutes/1')
    const urgent = await queueNew(naptip, 'referral.event/1')
    const key = openingKeyOf(anltp, 'coordination')
    const since = talk.clock.now()
    await adoptNext(anltp, naptip, { revoked: [{ kid: key.keyId, reason: 'compromise', since }] })
    expect(await carryAll(naptip, anltp)).toBe(1)
    expect(outbox.problem).toBe('TRUST_DESK')
    expect(await ledger.get(urgent)).toMatchObject({ state: 'opened' })
    expect(await ledger.get(waiting)).toMatchObject({ state: 'queued' })
    expect(await eventsOf(naptip)).toContain('x.sealed')
    const renewed = await withDeskKeyOf(anltp, 'coordination')
    await adoptNext(anltp, naptip, renewed)
    const { envelope } = await leaving(naptip)
    expect(parseEnvelope(envelope).dispatch.content.to.desk).toBe('coordination')
    expect(outbox.problem).toBeUndefined()
  })
})

describe('a clock that was ahead', { timeout: MEETING_MS }, () => {
  it('holds back what the peer would refuse, until the clock is there', async () => {
    await using talk = await beginTalk()
    const { clock, naptip } = talk
    const { outbox } = naptip.parts
    clock.turn(DAY)
    await queueNew(naptip, 'jtwg.minutes/1')
    await leaving(naptip)
    clock.turn(-DAY)
    const digest = await queueNew(naptip, 'jtwg.minutes/1')
    expect(await outbox.next(naptip.peer, 1)).toBeUndefined()
    expect(outbox.problem).toBe('WIRE_TIME_FUTURE')
    clock.turn(DAY)
    await carryAll(naptip, talk.anltp)
    expect(await naptip.parts.ledger.get(digest)).toMatchObject({ state: 'opened' })
  })
})

function orTaken(code: string | undefined): string {
  return code ?? 'taken'
}

function byText(first: string, second: string): number {
  return first < second ? -1 : 1
}

async function recordOf(
  { parts, clock }: Side,
  signed: SignedStatement,
): Promise<Parameters<Side['parts']['outbox']['queue']>[0]> {
  const { agency, ledger, store, trust } = parts
  return checkSubmission(signed, { agency, ledger, store, trust: trust.view(), now: clock.now() })
}

/** Another statement with the message id of `other`, really signed. */
async function withMessageIdOf(side: Side, other: SignedStatement): Promise<SignedStatement> {
  const signed = await signedBy(side, 'jtwg.minutes/1')
  const key = await officerKey(side.place, 'author')
  const jti = at(payloadOf(other.statement), ['jti'])
  return forged(signed, put(['jti'], jti), [{ key, act: 'author' }])
}

/** The desks of a roster with another key of one of them. */
async function withDeskKeyOf({ parts, clock }: Side, id: string): Promise<Partial<RosterLists>> {
  const jwk = (await generateKey('HPKE-9-KE', random)).publicJwk
  const span = { nbf: clock.now(), exp: clock.now() + 300 * DAY }
  const desks = parts.trust.ownRoster.payload.desks.map((desk) =>
    desk.id === id ? { ...desk, encryption: [...desk.encryption, { ...span, jwk }] } : desk,
  )
  return { desks }
}

/** Minutes of many items with long texts. */
function longMinutes(items: number, chars: number): Groups {
  const { body = {} } = BODIES['jtwg.minutes/1']
  const [item] = [at(body, ['items', 0])]
  const text = { en: 'x'.repeat(chars), fr: 'x'.repeat(chars) }
  return {
    body: asJson({
      ...body,
      items: Array.from({ length: items }, (_, n) => ({
        ...asJson(item),
        number: n + 1,
        summary: text,
      })),
    }),
  }
}
