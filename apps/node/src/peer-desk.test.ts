import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  decodeUtf8,
  digest,
  encodeBase64url,
  encodeCanonical,
  type HeadsContent,
  parseCanonical,
  parseEnvelope,
  parseHeads,
  signHeads,
  signRoster,
  buildNextRoster,
  encodeUtf8,
} from '@amana/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { flipped } from '../../../test/support/hostile-edits.ts'
import { jsonOf } from '../../../test/support/met-agencies.ts'
import {
  adoptNext,
  beginAlone,
  beginTalk,
  carryAll,
  cosign,
  eventsOf,
  inviteOf,
  leaving,
  MEETING_MS,
  nextRoster,
  openSide,
  payloadOf,
  queueNew,
  type Side,
  sizeOf,
  type Talk,
} from '../../../test/support/node-fixture.ts'
import { codeOf, refusalOf } from '../../../test/support/refusals.ts'
import { random } from '../../../test/support/store-fixture.ts'
import { type Greeted } from './exchange/session.ts'
import { PeerDesk } from './peer-desk.ts'
import { loadSigningKey } from './vault/load-keys.ts'

const NONCE = encodeBase64url(random(16))

function deskOf({ parts }: Side): PeerDesk {
  return new PeerDesk(parts)
}

/** What `listener` learns when `speaker` greets. */
async function greet(speaker: Side, listener: Side): Promise<Greeted> {
  const desk = deskOf(listener)
  const floor = await desk.floor()
  const heads = await deskOf(speaker).heads(listener.parts.peerId, NONCE)
  return desk.greeted(heads, { peerId: speaker.parts.peerId, nonce: NONCE, floor })
}

/** The same with heads that say something else, signed by the speaker’s node. */
async function greetWith(
  speaker: Side,
  listener: Side,
  change: (content: HeadsContent) => HeadsContent,
): Promise<Greeted> {
  const bytes = await deskOf(speaker).heads(listener.parts.peerId, NONCE)
  const { content } = parseHeads(parseCanonical(bytes, 65_536))
  const signed = await signHeads(change(content), speaker.parts.keys.sealKey)
  const heads = encodeCanonical(jsonOf(signed))
  const desk = deskOf(listener)
  const floor = await desk.floor()
  return desk.greeted(heads, { peerId: speaker.parts.peerId, nonce: NONCE, floor })
}

describe('a greeting', { timeout: MEETING_MS }, () => {
  it('says who speaks, where both channels stand and which documents are in force', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await queueNew(naptip, 'jtwg.minutes/1')
    await carryAll(naptip, anltp)
    const bytes = await deskOf(naptip).heads(anltp.parts.peerId, NONCE)
    const view = naptip.parts.trust.view()
    const made = await naptip.parts.outbox.position(anltp.agency)
    const placed = await naptip.parts.inbox.position(anltp.agency)
    expect(parseHeads(parseCanonical(bytes, 65_536)).content).toEqual({
      channels: {
        'ne.anltp-tim>ng.naptip': { digest: placed.digest, sequence: 0 },
        'ng.naptip>ne.anltp-tim': { digest: made.digest, sequence: 1 },
      },
      charter: { digest: view.charter.digest, version: 1 },
      from: { agency: naptip.agency, node: naptip.parts.peerId },
      issuedAt: talk.clock.now(),
      nonce: NONCE,
      rosters: {
        'ne.anltp-tim': { digest: view.rosterOf(anltp.agency).digest, version: 2 },
        'ng.naptip': { digest: view.rosterOf(naptip.agency).digest, version: 2 },
      },
      v: 1,
    })
  })

  it('gives the place from which the listener goes on', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    expect(await greet(anltp, naptip)).toEqual({
      agency: anltp.agency,
      place: { charterVersion: 1, rosterVersion: 2, sent: [], sequence: 0 },
    })
    await queueNew(naptip, 'jtwg.minutes/1')
    await carryAll(naptip, anltp)
    await queueNew(naptip, 'jtwg.minutes/1')
    await leaving(naptip)
    expect((await greet(anltp, naptip)).place).toEqual({
      charterVersion: 1,
      rosterVersion: 2,
      sent: [],
      sequence: 1,
    })
    expect((await greet(naptip, anltp)).agency).toBe(naptip.agency)
  })

  it('is not to be had before there is a charter', async () => {
    await using talk = await beginAlone()
    expect(await codeOf(() => deskOf(talk.naptip).heads('peer', NONCE))).toBe('TRUST_NO_CHARTER')
  })
})

describe('a greeting is refused', { timeout: MEETING_MS }, () => {
  let talk: Talk
  beforeAll(async () => {
    talk = await beginTalk()
    await queueNew(talk.naptip, 'jtwg.minutes/1')
    await carryAll(talk.naptip, talk.anltp)
    await queueNew(talk.anltp, 'jtwg.minutes/1')
    await carryAll(talk.anltp, talk.naptip)
  }, MEETING_MS)
  afterAll(() => talk[Symbol.asyncDispose]())

  it('from another node than the connection’s, and for another nonce', async () => {
    const { anltp, naptip } = talk
    const heads = await deskOf(naptip).heads(anltp.parts.peerId, NONCE)
    const desk = deskOf(anltp)
    const { peerId } = naptip.parts
    const floor = await desk.floor()
    const own = { peerId: anltp.parts.peerId, nonce: NONCE, floor }
    expect(await codeOf(() => desk.greeted(heads, own))).toBe('WIRE_NODE')
    const stale = { peerId, nonce: encodeBase64url(random(16)), floor }
    expect(await codeOf(() => desk.greeted(heads, stale))).toBe('WIRE_REPLAY')
  })

  const toNaptip = 'ne.anltp-tim>ng.naptip'
  const fromNaptip = 'ng.naptip>ne.anltp-tim'

  it.each<[string, string, (content: HeadsContent) => HeadsContent]>([
    [
      'under another charter',
      'WIRE_FORK',
      (content) => ({ ...content, charter: { digest: digest('another'), version: 1 } }),
    ],
    [
      'that has placed more than was sent',
      'WIRE_FORK',
      (content) => channel(content, fromNaptip, { digest: digest('second'), sequence: 2 }),
    ],
    [
      'that has placed another dispatch',
      'WIRE_FORK',
      (content) => channel(content, fromNaptip, { digest: digest('another'), sequence: 1 }),
    ],
    [
      'that has placed less than it gave its last word on',
      'WIRE_FORK',
      (content) => channel(content, fromNaptip, { digest: digest('none'), sequence: 0 }),
    ],
    ['that says nothing of its channel', 'WIRE_FORK', (content) => ({ ...content, channels: {} })],
    [
      'that has made less than was placed',
      'WIRE_FORK',
      (content) => channel(content, toNaptip, { digest: digest('none'), sequence: 0 }),
    ],
    [
      'that has made another dispatch',
      'WIRE_FORK',
      (content) => channel(content, toNaptip, { digest: digest('another'), sequence: 1 }),
    ],
    [
      'whose own roster is older than the one known here',
      'TRUST_ROLLBACK',
      (content) => roster(content, 'ne.anltp-tim', { digest: digest('first'), version: 1 }),
    ],
    [
      'whose own roster is another of the same version',
      'WIRE_FORK',
      (content) => roster(content, 'ne.anltp-tim', { digest: digest('another'), version: 2 }),
    ],
    [
      'that knows a newer roster of ours than we do',
      'TRUST_ROLLBACK',
      (content) => roster(content, 'ng.naptip', { digest: digest('third'), version: 3 }),
    ],
    [
      'that knows another roster of ours of the same version',
      'WIRE_FORK',
      (content) => roster(content, 'ng.naptip', { digest: digest('another'), version: 2 }),
    ],
  ])('%s: %s', async (_name, code, change) => {
    const { anltp, naptip } = talk
    expect(await codeOf(() => greetWith(anltp, naptip, change))).toBe(code)
  })

  it('but one that is a dispatch or a roster ahead is not', async () => {
    const { anltp, naptip } = talk
    const greeted = await greetWith(anltp, naptip, (content) =>
      roster(channel(content, toNaptip, { digest: digest('next'), sequence: 2 }), anltp.agency, {
        digest: digest('third'),
        version: 3,
      }),
    )
    expect(greeted.agency).toBe(anltp.agency)
  })

  it('but one that was signed before another session brought more is not', async () => {
    await using own = await beginTalk()
    const { anltp, naptip } = own
    const desk = deskOf(anltp)
    const floor = await desk.floor()
    const heads = await deskOf(naptip).heads(anltp.parts.peerId, NONCE)
    await queueNew(naptip, 'jtwg.minutes/1')
    await carryAll(naptip, anltp)
    await queueNew(anltp, 'jtwg.minutes/1')
    await carryAll(anltp, naptip)
    await anltp.parts.trust.adoptRoster(await nextRoster(naptip))
    const greeting = { peerId: naptip.parts.peerId, nonce: NONCE }
    expect((await desk.greeted(heads, { ...greeting, floor })).agency).toBe(naptip.agency)
    const late = { ...greeting, floor: await desk.floor() }
    expect(await codeOf(() => desk.greeted(heads, late))).toBe('WIRE_FORK')
  })

  it('from a node on an older copy of its disk, by both sides', async () => {
    await using own = await beginTalk()
    const { anltp, met, naptip } = own
    const copy = join(met.path, 'old')
    await cp(naptip.place.folder, copy, { recursive: true })
    await queueNew(naptip, 'jtwg.minutes/1')
    await carryAll(naptip, anltp)
    await naptip[Symbol.asyncDispose]()
    await rm(naptip.place.folder, { recursive: true })
    await cp(copy, naptip.place.folder, { recursive: true })
    await using old = await openSide(naptip.place, own.clock)
    expect(await refusalOf(() => greet(old, anltp))).toEqual({
      code: 'WIRE_FORK',
      details: { what: 'channel received' },
    })
    expect(await refusalOf(() => greet(anltp, old))).toEqual({
      code: 'WIRE_FORK',
      details: { what: 'channel sent' },
    })
  })
})

describe('what is sent next', { timeout: MEETING_MS }, () => {
  it('is every roster that the peer lacks, one after another, before the envelopes', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const rosters = [await nextRoster(naptip)]
    await naptip.parts.trust.adoptRoster(rosters[0] ?? anltp.parts.trust.ownRoster.jws)
    rosters.push(await nextRoster(naptip))
    await naptip.parts.trust.adoptRoster(rosters[1] ?? anltp.parts.trust.ownRoster.jws)
    await queueNew(naptip, 'jtwg.minutes/1')
    const desk = deskOf(naptip)
    const { signal } = new AbortController()
    let { place } = await greet(anltp, naptip)
    for (const jws of rosters) {
      const next = await desk.next(anltp.agency, place, signal)
      if (next?.type !== 'trust') throw new TypeError('no roster')
      expect(next.body).toEqual(encodeCanonical(jsonOf(jws)))
      await deskOf(anltp).trust(next.body)
      place = { ...place, ...next.place }
    }
    expect(anltp.parts.trust.view().rosterOf(naptip.agency).version).toBe(4)
    expect(await desk.next(anltp.agency, place, signal)).toMatchObject({
      type: 'envelope',
      sequence: 1,
    })
  })

  it('of a statement that is taken back before its turn is the void', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const statement = await queueNew(naptip, 'jtwg.minutes/1')
    const { place } = await greet(anltp, naptip)
    const next = await deskOf(naptip).next(anltp.agency, place, new AbortController().signal)
    if (next?.type !== 'envelope') throw new TypeError('no envelope')
    const formNow = async (): Promise<string | undefined> => {
      const bytes = await next.read()
      return bytes === undefined ? undefined : parseEnvelope(bytes).form
    }
    expect(await formNow()).toBe('sealed')
    await naptip.parts.outbox.withdraw(statement, 'consent')
    expect(await formNow()).toBe('void')
    await carryAll(naptip, anltp)
    expect(await formNow()).toBeUndefined()
  })

  it('is waited for until something is queued, or the session ends', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const desk = deskOf(naptip)
    const stop = new AbortController()
    const place = { charterVersion: 1, rosterVersion: 2, sent: [], sequence: 0 }
    const waiting = desk.next(anltp.agency, place, stop.signal)
    await queueNew(naptip, 'jtwg.minutes/1')
    desk.wake()
    expect(await waiting).toMatchObject({ type: 'envelope', sequence: 1 })
    const ended = desk.next(anltp.agency, { ...place, sequence: 1 }, stop.signal)
    stop.abort()
    expect(await ended).toBeUndefined()
  })
})

describe('what arrives', { timeout: MEETING_MS }, () => {
  it('is answered with the bytes of the receipt, which the sender takes', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const std = await queueNew(naptip, 'jtwg.minutes/1')
    const { envelope } = await leaving(naptip)
    const receipt = await deskOf(anltp).envelope(envelope, naptip.parts.peerId)
    await deskOf(naptip).receipt(receipt ?? new Uint8Array())
    expect(await naptip.parts.ledger.get(std)).toMatchObject({ state: 'opened' })
  })

  it('is refused as a receipt or a trust document when it is neither', async () => {
    await using talk = await beginTalk()
    const desk = deskOf(talk.naptip)
    const size = sizeOf(talk.naptip)
    expect(await codeOf(() => desk.receipt(encodeUtf8('{}')))).toBe('WIRE_MEMBER')
    expect(await codeOf(() => desk.receipt(encodeUtf8('receipt')))).toBe('WIRE_JSON')
    expect(await codeOf(() => desk.trust(encodeUtf8('{}')))).toBe('WIRE_MEMBER')
    const third = await strangersRoster(talk.anltp)
    expect(await codeOf(() => desk.trust(third))).toBe('WIRE_ISS')
    const invite = encodeCanonical(jsonOf(await inviteOf(talk.anltp)))
    expect(await codeOf(() => desk.trust(invite))).toBe('WIRE_TYP')
    expect(sizeOf(talk.naptip)).toBe(size)
  })

  it('is noted with its time', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const desk = deskOf(naptip)
    const heard: string[] = []
    desk.onHeard((agency) => heard.push(agency))
    expect(desk.heardAt(anltp.agency)).toBeUndefined()
    desk.seen(anltp.agency)
    expect(desk.heardAt(anltp.agency)).toBe(clock.now())
    expect(heard).toEqual([anltp.agency])
  })

  it('as a request to cosign is answered, and the answer taken', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await adoptNext(naptip, anltp)
    const request = await deskOf(naptip).checkpoint()
    const answer = await deskOf(anltp).witness(request ?? new Uint8Array(), naptip.agency)
    expect(await deskOf(naptip).cosigned(answer, anltp.agency)).toBeUndefined()
    expect(await eventsOf(naptip)).toContain('w.cosigned')
    expect(await cosign(naptip, anltp)).toBe(32)
  })

  it('as the word of a peer that does not cosign is told of, and ends nothing', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const desk = deskOf(naptip)
    const told: (readonly [string, number])[] = []
    desk.onNotWitnessed((agency, size) => told.push([agency, size]))
    await desk.checkpoint()
    expect(await desk.cosigned(encodeUtf8('422\n'), anltp.agency)).toBeUndefined()
    expect(told).toEqual([[anltp.agency, sizeOf(naptip)]])
    expect(await desk.checkpoint()).toBeUndefined()
  })

  it('as a wrong cosignature, or as an answer that is none, is told of, and ends nothing', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const desk = deskOf(naptip)
    const request = await desk.checkpoint()
    const answer = await deskOf(anltp).witness(request ?? new Uint8Array(), naptip.agency)
    const told: unknown[] = []
    desk.onNotWitnessed((...what) => told.push(what.at(-1)))
    const wrong = encodeUtf8(flipped(decodeUtf8(answer)))
    expect(await desk.cosigned(wrong, anltp.agency)).toBeUndefined()
    clock.turn(60)
    await desk.checkpoint()
    expect(await desk.cosigned(encodeUtf8('500\n'), anltp.agency)).toBeUndefined()
    expect(told).toEqual(['AUDIT_CHECKPOINT_SIGNATURE', 'AUDIT_WITNESS_ANSWER'])
  })

  it('as an answer to no request is refused', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const accept = (): Promise<unknown> =>
      deskOf(naptip).cosigned(encodeUtf8('404\n'), anltp.agency)
    expect(await codeOf(accept)).toBe('AUDIT_WITNESS_ANSWER')
  })
})

function channel(
  content: HeadsContent,
  name: string,
  head: { readonly digest: ReturnType<typeof digest>; readonly sequence: number },
): HeadsContent {
  return { ...content, channels: { ...content.channels, [name]: head } }
}

function roster(
  content: HeadsContent,
  agency: string,
  known: { readonly digest: ReturnType<typeof digest>; readonly version: number },
): HeadsContent {
  return { ...content, rosters: { ...content.rosters, [agency]: known } }
}

/** A roster that says to be of a third agency. */
async function strangersRoster({ clock, parts, place }: Side): Promise<Uint8Array> {
  const next = buildNextRoster(parts.trust.ownRoster, clock.now(), {})
  const key = await loadSigningKey(place.secrets.roster.seed)
  const signed = await signRoster({ ...next, agency: 'ng.nis' }, key)
  expect(payloadOf(signed)).toMatchObject({ agency: 'ng.nis' })
  return encodeCanonical(jsonOf(signed))
}
