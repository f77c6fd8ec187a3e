import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import {
  channelName,
  digest,
  encodeCanonical,
  type HeadsContent,
  isAnyAmanaError,
  parseCanonical,
  parseHeads,
  signHeads,
} from '@amana/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { openPair } from '../../../../test/support/link-pair.ts'
import {
  type AgencyPlace,
  type MetAgencies,
  metAgencies,
} from '../../../../test/support/met-agencies.ts'
import {
  leaving,
  MEETING_MS,
  nextRoster,
  openSide,
  queueNew,
  type Side,
  TestClock,
} from '../../../../test/support/node-fixture.ts'
import { PeerDesk } from '../peer-desk.ts'
import { openSession, type OpenSession } from './session.ts'

const NEVER = new AbortController().signal
const DETACHED = { timeout: 60_000 }
const HEADS_BYTES = 128 * 1024
const MADE = channelName('ne.anltp-tim', 'ng.naptip')
const PLACED = channelName('ng.naptip', 'ne.anltp-tim')

/** The heads with one head of a channel changed. */
function withHead(channel: string, sequence: number, digestOf: string) {
  const head = { sequence, digest: digest(digestOf) }
  return (heads: HeadsContent): HeadsContent => ({
    ...heads,
    channels: { ...heads.channels, [channel]: head },
  })
}

beforeAll(async () => {
  await (await metAgencies())[Symbol.asyncDispose]()
}, MEETING_MS)

interface Conversation extends AsyncDisposable {
  readonly near: OpenSession
  readonly far: OpenSession
  readonly nearDesk: PeerDesk
}

/** The desk of a node that says something else in its heads than it knows. */
class LyingDesk extends PeerDesk {
  readonly #side: Side
  readonly #lie: (heads: HeadsContent) => HeadsContent

  constructor(side: Side, lie: (heads: HeadsContent) => HeadsContent) {
    super(side.parts)
    this.#side = side
    this.#lie = lie
  }

  override async heads(peerId: string, nonce: string): Promise<Uint8Array> {
    const { content } = parseHeads(parseCanonical(await super.heads(peerId, nonce), HEADS_BYTES))
    const { payload, signatures } = await signHeads(
      this.#lie(content),
      this.#side.parts.keys.sealKey,
    )
    return encodeCanonical({ payload, signatures })
  }
}

interface Attempt {
  /** Codes of both sides, or `open`. */
  readonly near: string
  readonly far: string
}

/** The heads with something else about the roster of an agency. */
function withRoster(
  heads: HeadsContent,
  agency: string,
  change: Partial<HeadsContent['rosters'][string]>,
): HeadsContent {
  const roster = heads.rosters[agency]
  if (roster === undefined) throw new TypeError(agency)
  return { ...heads, rosters: { ...heads.rosters, [agency]: { ...roster, ...change } } }
}

/** Lets two nodes greet each other over real transports. */
async function greet(
  nearSide: Side,
  farSide: Side,
  nearDesk = new PeerDesk(nearSide.parts),
): Promise<Conversation | Attempt> {
  const keys = { near: nearSide.parts.keys.peerKey, far: farSide.parts.keys.peerKey }
  const pair = await openPair(keys)
  const ends = await pair.connect()
  const [near, far] = await Promise.allSettled([
    openSession(ends.near, nearDesk, NEVER),
    openSession(ends.far, new PeerDesk(farSide.parts), NEVER),
  ])
  const dispose = async (): Promise<void> => {
    for (const end of [near, far]) if (end.status === 'fulfilled') await end.value.close()
    await pair[Symbol.asyncDispose]()
  }
  if (near.status === 'fulfilled' && far.status === 'fulfilled') {
    return { near: near.value, far: far.value, nearDesk, [Symbol.asyncDispose]: dispose }
  }
  await dispose()
  return { near: outcomeOf(near), far: outcomeOf(far) }
}

function outcomeOf(end: PromiseSettledResult<unknown>): string {
  if (end.status === 'fulfilled') return 'open'
  const reason: unknown = end.reason
  return isAnyAmanaError(reason) ? `${reason.code} ${JSON.stringify(reason.details)}` : 'other'
}

async function converse(nearSide: Side, farSide: Side): Promise<Conversation> {
  const conversation = await greet(nearSide, farSide)
  if (!('nearDesk' in conversation)) throw new Error(JSON.stringify(conversation))
  return conversation
}

async function delivered(side: Side): Promise<void> {
  await new Promise<void>((resolve) => {
    side.parts.outbox.onDelivered(() => {
      resolve()
    })
  })
}

/** A copy of an agency's folder as it is now. */
async function backup(met: MetAgencies, place: AgencyPlace): Promise<AgencyPlace> {
  const folder = join(met.path, `backup of ${place.id}`)
  await cp(place.folder, folder, { recursive: true })
  return { ...place, folder }
}

/** Sends one statement each way over a session, so that both channels have a history. */
async function exchangeOnce(near: Side, far: Side): Promise<void> {
  await queueNew(near, 'referral.event/1')
  await queueNew(far, 'referral.event/1')
  const done = [delivered(near), delivered(far)]
  await using conversation = await converse(near, far)
  await Promise.all(done)
  expect(await near.parts.outbox.pending(near.peer)).toBe(0)
  expect(await far.parts.outbox.pending(far.peer)).toBe(0)
  expect(conversation.near.agency).toBe(far.agency)
}

describe('two nodes that greet each other', () => {
  it('exchange what waits, and go on in the next session', DETACHED, async () => {
    await using met = await metAgencies()
    const clock = new TestClock(met.madeAt)
    await using near = await openSide(met.anltp, clock)
    await using far = await openSide(met.naptip, clock)
    await exchangeOnce(near, far)
    await exchangeOnce(near, far)
    expect((await far.parts.inbox.position(near.agency)).sequence).toBe(2)
    expect((await near.parts.inbox.position(far.agency)).sequence).toBe(2)
  })

  it('pass on a new roster before the session, and during it', DETACHED, async () => {
    await using met = await metAgencies()
    const clock = new TestClock(met.madeAt)
    await using near = await openSide(met.anltp, clock)
    await using far = await openSide(met.naptip, clock)
    clock.turn(60)
    const adopted = async (): Promise<number> =>
      new Promise((resolve) => {
        far.parts.trust.onChange(() => {
          resolve(far.parts.trust.view().rosterOf(near.agency).version)
        })
      })
    const { version } = await near.parts.trust.adoptRoster(await nextRoster(near))
    const before = adopted()
    await using conversation = await converse(near, far)
    expect(await before).toBe(version)
    const during = adopted()
    await near.parts.trust.adoptRoster(await nextRoster(near))
    conversation.nearDesk.wake()
    expect(await during).toBe(version + 1)
  })

  it('find a node whose store is an older copy', DETACHED, async () => {
    await using met = await metAgencies()
    const clock = new TestClock(met.madeAt)
    const old = await backup(met, met.anltp)
    await using far = await openSide(met.naptip, clock)
    {
      await using near = await openSide(met.anltp, clock)
      await exchangeOnce(near, far)
    }
    await using restored = await openSide(old, clock)
    expect(await greet(restored, far)).toEqual({
      near: 'WIRE_FORK {"what":"channel sent"}',
      far: 'WIRE_FORK {"what":"channel sent"}',
    })
  })

  it('find a second history of the same length', DETACHED, async () => {
    await using met = await metAgencies()
    const clock = new TestClock(met.madeAt)
    const old = await backup(met, met.anltp)
    await using far = await openSide(met.naptip, clock)
    {
      await using near = await openSide(met.anltp, clock)
      await exchangeOnce(near, far)
    }
    await using restored = await openSide(old, clock)
    await queueNew(restored, 'referral.event/1')
    const second = await leaving(restored)
    expect(second.sequence).toBe(1)
    expect(await greet(restored, far)).toEqual({
      near: 'WIRE_FORK {"what":"channel sent"}',
      far: 'WIRE_FORK {"what":"channel sent"}',
    })
  })

  it('find a peer that went back to an older roster', DETACHED, async () => {
    await using met = await metAgencies()
    const clock = new TestClock(met.madeAt)
    const old = await backup(met, met.anltp)
    await using far = await openSide(met.naptip, clock)
    clock.turn(60)
    let version = 0
    {
      await using near = await openSide(met.anltp, clock)
      const roster = await nextRoster(near)
      await near.parts.trust.adoptRoster(roster)
      ;({ version } = await far.parts.trust.adoptRoster(roster))
    }
    await using restored = await openSide(old, clock)
    const details = { document: 'roster', found: version - 1, known: version }
    const refused = `TRUST_ROLLBACK ${JSON.stringify(details)}`
    expect(await greet(restored, far)).toEqual({ near: refused, far: refused })
  })

  const lies: readonly (readonly [string, (heads: HeadsContent) => HeadsContent, string])[] = [
    [
      'another charter',
      (heads) => ({ ...heads, charter: { ...heads.charter, digest: digest('another') } }),
      'WIRE_FORK {"what":"charter"}',
    ],
    [
      'another dispatch at the same place of its channel',
      withHead(MADE, 1, 'another'),
      'WIRE_FORK {"what":"channel received"}',
    ],
    ['no dispatch made', withHead(MADE, 0, 'none'), 'WIRE_FORK {"what":"channel received"}'],
    [
      'another dispatch placed',
      withHead(PLACED, 1, 'another'),
      'WIRE_FORK {"what":"channel sent"}',
    ],
    [
      'a dispatch placed that was never made',
      withHead(PLACED, 2, 'never'),
      'WIRE_FORK {"what":"channel sent"}',
    ],
    ['more dispatches made than came', withHead(MADE, 2, 'on its way'), 'open'],
    [
      'an own roster older than the one that the other has',
      (heads) => withRoster(heads, 'ne.anltp-tim', { version: 1 }),
      'TRUST_ROLLBACK {"document":"roster","found":1,"known":2}',
    ],
    [
      'another own roster of the same version',
      (heads) => withRoster(heads, 'ne.anltp-tim', { digest: digest('another') }),
      'WIRE_FORK {"what":"roster"}',
    ],
    [
      'a newer roster of the other than the other has',
      (heads) => withRoster(heads, 'ng.naptip', { version: 3 }),
      'TRUST_ROLLBACK {"document":"roster","found":2,"known":3}',
    ],
    [
      'no channel at all',
      (heads) => ({ ...heads, channels: {} }),
      'WIRE_FORK {"what":"channel sent"}',
    ],
  ]

  it('judge each claim of the other’s heads', DETACHED, async () => {
    await using met = await metAgencies()
    const clock = new TestClock(met.madeAt)
    await using near = await openSide(met.anltp, clock)
    await using far = await openSide(met.naptip, clock)
    await exchangeOnce(near, far)
    for (const [name, lie, outcome] of lies) {
      const attempt = await greet(near, far, new LyingDesk(near, lie))
      if ('nearDesk' in attempt) await attempt[Symbol.asyncDispose]()
      expect([name, 'nearDesk' in attempt ? 'open' : attempt.far]).toEqual([name, outcome])
    }
  })
})
