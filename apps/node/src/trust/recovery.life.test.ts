/**
 * An agency that lost its root pairs gets new ones, seven days after both nodes saw it; and its old quorum may say no.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#recovery
 */
import { type Charter, digest, type GeneralJws, type RootPair, signCharter } from '@amana/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { metAgencies } from '../../../../test/support/met-agencies.ts'
import {
  beginTalk,
  carryAll,
  eventsOf,
  leavesOf,
  MEETING_MS,
  queueNew,
  reopened,
  type Side,
  sizeOf,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import {
  meet,
  newChainOf,
  nextOf,
  recoveriesOf,
  rootsOf,
  signedBySides,
} from '../../../../test/support/node-rotation.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { newRoots, publicPair } from '../../../../test/support/rotation.ts'
import { getRecord, RECORDS } from '../records.ts'
import { trustWarnings } from '../services/key-services.ts'
import { signingKey } from '../../../../test/support/trust-fixture.ts'

const DAY = 86_400

beforeAll(async () => {
  await (await metAgencies())[Symbol.asyncDispose]()
}, MEETING_MS)

const versionOf = ({ parts }: Side): number => parts.trust.view().charter.version
const take = async ({ parts }: Side, jws: GeneralJws): Promise<string> =>
  (await parts.trust.addCharterSignatures(jws)).progress

interface Recovery {
  readonly charter: Charter
  readonly jws: GeneralJws
  readonly fresh: readonly RootPair[]
}

/** NAPTIP’s recovery pairs, new root pairs and ANLTP/TIM’s quorum, under a charter with those root pairs. */
async function recoveryOf({ anltp, naptip }: Talk, changes = {}, rules = {}): Promise<Recovery> {
  const fresh = await newRoots(naptip.agency)
  const charter = nextOf(naptip, { ...rules, entry: { roots: fresh.map(publicPair), ...changes } })
  const signers = [...(await recoveriesOf(naptip)), ...fresh.slice(0, 2), ...(await rootsOf(anltp))]
  return { charter, fresh, jws: await signCharter(charter, signers) }
}

/** Both nodes greet each other, each as the speaker. */
async function greet({ anltp, naptip }: Talk): Promise<void> {
  await meet(naptip, anltp)
  await meet(anltp, naptip)
}

describe('a recovery', { timeout: MEETING_MS }, () => {
  it('waits where it is taken in, with the instant in a leaf and in heads', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const { jws } = await recoveryOf(talk)
    const before = sizeOf(naptip)
    expect(await take(naptip, jws)).toBe('recovery')
    const now = talk.clock.now()
    const seen = { digest: digest(jws.payload), seenAt: now, version: 2 }
    const data = { agency: naptip.agency, new: seen.digest, time: now, version: 2 }
    expect((await leavesOf(naptip, before)).map(({ event, data: own }) => [event, own])).toEqual([
      ['g.recovery', data],
    ])
    expect(naptip.parts.trust.sighting).toEqual(seen)
    expect(naptip.parts.trust.pending?.until).toBeUndefined()
    talk.clock.turn(DAY)
    expect(await take(naptip, jws)).toBe('recovery')
    expect(naptip.parts.trust.sighting).toEqual(seen)
    expect(sizeOf(naptip)).toBe(before + 1)
  })

  it('goes to the other node, and both know when each saw it', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const { jws } = await recoveryOf(talk)
    await take(naptip, jws)
    const first = talk.clock.now()
    talk.clock.turn(DAY)
    const second = talk.clock.now()
    expect(await meet(naptip, anltp)).toEqual([digest(jws.payload)])
    await greet(talk)
    const seen = { 'ng.naptip': first, 'ne.anltp-tim': second }
    for (const side of [naptip, anltp]) {
      expect(side.parts.trust.pending?.seen).toEqual(seen)
      expect(side.parts.trust.pending?.until).toBe(second + 7 * DAY)
    }
    const told = (await leavesOf(naptip)).filter(({ event }) => event === 'g.recovery')
    expect(told.map(({ data }) => data)).toEqual([
      { agency: naptip.agency, new: digest(jws.payload), time: first, version: 2 },
      { agency: anltp.agency, new: digest(jws.payload), time: second, version: 2 },
    ])
    const size = sizeOf(naptip)
    await greet(talk)
    expect(sizeOf(naptip)).toBe(size)
    const warning = { agency: naptip.agency, until: second + 7 * DAY }
    expect(trustWarnings(anltp.parts).recovery).toEqual(warning)
  })

  it('comes into force after seven days on both sides, and not a second before', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    const { charter, fresh, jws } = await recoveryOf(talk)
    await take(talk.naptip, jws)
    await meet(talk.naptip, anltp)
    await greet(talk)
    talk.clock.turn(7 * DAY - 1)
    await greet(talk)
    expect([versionOf(talk.naptip), versionOf(anltp)]).toEqual([1, 1])
    await queueNew(anltp, 'jtwg.minutes/1')
    expect(await carryAll(anltp, talk.naptip)).toBe(1)
    await using naptip = await reopened(talk.naptip)
    talk.clock.turn(1)
    const before = sizeOf(naptip)
    await naptip.parts.trust.settle()
    await anltp.parts.trust.settle()
    expect([versionOf(naptip), versionOf(anltp)]).toEqual([2, 2])
    expect(await eventsOf(naptip, before)).toEqual(['g.policy'])
    expect(naptip.parts.trust.pending).toBeUndefined()
    const third = nextOf(naptip)
    expect(third.agencies[naptip.agency]).toEqual(charter.agencies[naptip.agency])
    expect(await take(naptip, await signedBySides(third, [anltp], fresh.slice(0, 2)))).toBe(
      'in-force',
    )
    await using again = await reopened(naptip)
    expect(versionOf(again)).toBe(3)
  })

  it('is not in force while only one side has seen it', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    await take(naptip, (await recoveryOf(talk)).jws)
    talk.clock.turn(8 * DAY)
    await naptip.parts.trust.settle()
    expect(versionOf(naptip)).toBe(1)
    expect(naptip.parts.trust.pending?.until).toBeUndefined()
  })

  it('is taken from the other node up to 300 seconds early, and not earlier', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const { jws } = await recoveryOf(talk)
    await take(naptip, jws)
    await meet(naptip, anltp)
    await greet(talk)
    talk.clock.turn(7 * DAY - 301)
    await anltp.parts.trust.takeOffered(jws)
    expect(versionOf(anltp)).toBe(1)
    talk.clock.turn(1)
    await anltp.parts.trust.takeOffered(jws)
    expect(versionOf(anltp)).toBe(2)
  })

  it('tells its instant also when it is in force, for a node that did not hear it', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const { jws } = await recoveryOf(talk)
    await take(naptip, jws)
    await meet(naptip, anltp)
    await meet(naptip, anltp)
    expect(naptip.parts.trust.pending?.until).toBe(talk.clock.now() + 7 * DAY)
    expect(anltp.parts.trust.pending?.until).toBeUndefined()
    talk.clock.turn(7 * DAY)
    await naptip.parts.trust.settle()
    expect([versionOf(naptip), versionOf(anltp)]).toEqual([2, 1])
    await meet(anltp, naptip)
    expect(versionOf(anltp)).toBe(2)
  })

  it('reaches a node whose line was down for more than 30 days', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await take(naptip, (await recoveryOf(talk)).jws)
    talk.clock.turn(31 * DAY)
    await meet(naptip, anltp)
    expect(anltp.parts.trust.pending?.recovery.version).toBe(2)
  })

  it('that ended while it waited is sent to nobody, and gives way to another', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const short = await recoveryOf(talk, {}, { validForSeconds: 8 * DAY })
    await take(naptip, short.jws)
    talk.clock.turn(8 * DAY - 1)
    expect(naptip.parts.trust.pending?.recovery.digest).toBe(digest(short.jws.payload))
    talk.clock.turn(1)
    expect(naptip.parts.trust.sighting).toBeUndefined()
    expect(await meet(naptip, anltp)).toEqual([])
    const { jws } = await recoveryOf(talk)
    expect(await take(naptip, jws)).toBe('recovery')
    expect(naptip.parts.trust.pending?.recovery.digest).toBe(digest(jws.payload))
  })

  it('brings a new roster key with the first roster by it', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const { entry, roster } = await newChainOf(naptip, await signingKey('new roster key'))
    const { jws } = await recoveryOf(talk, entry)
    await take(naptip, jws)
    await naptip.parts.trust.adoptRoster(roster)
    await meet(naptip, anltp)
    await greet(talk)
    talk.clock.turn(7 * DAY)
    await naptip.parts.trust.settle()
    expect(naptip.parts.trust.ownRoster.digest).toBe(digest(roster.payload))
    await greet(talk)
    expect(versionOf(anltp)).toBe(2)
    expect(anltp.parts.trust.view().rosterOf(naptip.agency).digest).toBe(digest(roster.payload))
  })
})

describe('a recovery that the old quorum refuses', { timeout: MEETING_MS }, () => {
  it('falls on both sides, though the other agency signed nothing else', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    const { jws } = await recoveryOf(talk)
    await take(talk.naptip, jws)
    await meet(talk.naptip, anltp)
    await greet(talk)
    const no = await signedBySides(nextOf(talk.naptip), [talk.naptip])
    const before = sizeOf(talk.naptip)
    expect(await take(talk.naptip, no)).toBe('waiting')
    const data = { by: digest(no.payload), new: digest(jws.payload), version: 2 }
    expect((await leavesOf(talk.naptip, before)).map(({ data: own }) => own)).toEqual([data])
    await using naptip = await reopened(talk.naptip)
    expect(naptip.parts.trust.pending).toBeUndefined()
    expect(await meet(naptip, anltp)).toEqual([digest(no.payload)])
    expect(anltp.parts.trust.pending).toBeUndefined()
    talk.clock.turn(8 * DAY)
    for (const side of [naptip, anltp]) {
      await side.parts.trust.settle()
      expect(versionOf(side)).toBe(1)
      expect(await take(side, jws)).toBe('refused')
    }
    expect(await take(anltp, await signedBySides(nextOf(naptip, pastOf(no)), [anltp]))).toBe(
      'in-force',
    )
  })

  it('falls before it waits, where the no was there first', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const { jws } = await recoveryOf(talk)
    await take(naptip, await signedBySides(nextOf(naptip), [naptip]))
    expect(await take(naptip, jws)).toBe('refused')
    expect(naptip.parts.trust.pending).toBeUndefined()
    expect(await eventsOf(naptip)).toContain('g.recovery-refused')
  })

  it('does not fall by the signatures of the other agency, nor by one pair', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await take(naptip, (await recoveryOf(talk)).jws)
    const charter = nextOf(naptip)
    await take(naptip, await signedBySides(charter, [anltp]))
    await take(naptip, await signCharter(charter, (await rootsOf(naptip)).slice(0, 1)))
    expect(naptip.parts.trust.pending?.recovery.version).toBe(2)
    await take(naptip, await signCharter(charter, (await rootsOf(naptip)).slice(1)))
    expect(naptip.parts.trust.pending).toBeUndefined()
    expect(versionOf(naptip)).toBe(2)
  })

  it('falls though the own agency signed another charter of that version, which still counts as signed', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const signed = nextOf(anltp, { validForSeconds: 100 * DAY })
    expect(await take(anltp, await signedBySides(signed, [anltp]))).toBe('waiting')
    const { jws } = await recoveryOf(talk)
    expect(await take(anltp, jws)).toBe('recovery')
    const no = await signedBySides(nextOf(naptip), [naptip])
    expect(await take(anltp, no)).toBe('waiting')
    expect(anltp.parts.trust.pending).toBeUndefined()
    expect(anltp.parts.trust.refusalOf(digest(jws.payload))).toEqual(no)
    const other = await recoveryOf(talk)
    expect(await take(anltp, other.jws)).toBe('refused')
    await take(naptip, jws)
    expect(await meet(anltp, naptip)).toEqual([digest(no.payload)])
    expect(naptip.parts.trust.pending).toBeUndefined()
    const third = await signedBySides(nextOf(anltp, { validForSeconds: 9 * DAY }), [anltp])
    expect(await codeOf(() => take(anltp, third))).toBe('TRUST_OTHER_CHARTER')
  })

  it('stays as evidence beside what refuses it, and is no second charter once that is in force', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const { jws } = await recoveryOf(talk)
    await take(anltp, jws)
    const charter = await signedBySides(nextOf(naptip), [naptip, anltp])
    expect(await take(anltp, charter)).toBe('in-force')
    const path = `refused/${digest(jws.payload)}`
    expect(await getRecord(anltp.parts.store, RECORDS.trust, path)).toEqual({
      document: { by: digest(charter.payload), charter, recovery: jws },
    })
    expect((await anltp.parts.trust.takeOffered(jws)).progress).toBe('refused')
    expect(anltp.parts.trust.charterForks).toEqual([])
    await take(naptip, jws)
    expect(await meet(naptip, anltp)).toEqual([digest(jws.payload)])
    await meet(anltp, naptip)
    expect([versionOf(naptip), versionOf(anltp)]).toEqual([2, 2])
  })

  it('comes into force at once where the old quorum turns up and signs it too', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const { charter, jws } = await recoveryOf(talk)
    await take(naptip, jws)
    expect(await take(naptip, await signedBySides(charter, [naptip]))).toBe('in-force')
  })
})

const pendingOf = ({ parts }: Side): string | undefined => parts.trust.pending?.recovery.digest

describe('two recoveries of one version', { timeout: MEETING_MS }, () => {
  it('of one agency: the later one takes the place of the other on both sides, and waits seven days of its own', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const stolen = await recoveryOf(talk)
    await take(naptip, stolen.jws)
    await meet(naptip, anltp)
    await greet(talk)
    talk.clock.turn(7 * DAY - 1)
    const { jws } = await recoveryOf(talk)
    const [before, now] = [sizeOf(naptip), talk.clock.now()]
    expect(await take(naptip, jws)).toBe('recovery')
    const [old, fresh] = [digest(stolen.jws.payload), digest(jws.payload)]
    expect((await leavesOf(naptip, before)).map(({ event, data }) => [event, data])).toEqual([
      ['g.recovery-refused', { by: fresh, new: old, version: 2 }],
      ['g.recovery', { agency: naptip.agency, new: fresh, time: now, version: 2 }],
    ])
    await meet(naptip, anltp)
    await greet(talk)
    talk.clock.turn(7 * DAY - 1)
    await greet(talk)
    for (const side of [naptip, anltp]) {
      expect([versionOf(side), pendingOf(side)]).toEqual([1, fresh])
      expect(await take(side, stolen.jws)).toBe('refused')
    }
    talk.clock.turn(1)
    await greet(talk)
    for (const { parts } of [naptip, anltp]) {
      expect(parts.trust.view().charter.digest).toBe(fresh)
      expect(parts.trust.charterForks).toEqual([])
    }
    await using again = await reopened(naptip)
    expect(versionOf(again)).toBe(2)
  })

  it('of one agency: each node gets the later one from the other, whichever it had', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const earlier = await recoveryOf(talk)
    talk.clock.turn(1)
    const later = await recoveryOf(talk)
    await take(naptip, earlier.jws)
    await take(anltp, later.jws)
    await meet(naptip, anltp)
    expect(pendingOf(anltp)).toBe(digest(later.jws.payload))
    await meet(anltp, naptip)
    expect(pendingOf(naptip)).toBe(digest(later.jws.payload))
  })

  it('of one agency and one date: that of the greater digest gives way, in either order', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const short = await recoveryOf(talk, {}, { validForSeconds: 100 * DAY })
    const both = [short.jws, (await recoveryOf(talk)).jws]
    const [smaller, greater] = both.map(({ payload }) => digest(payload)).toSorted()
    expect(smaller).not.toBe(greater)
    for (const jws of both) await take(naptip, jws)
    for (const jws of both.toReversed()) await take(anltp, jws)
    expect([pendingOf(naptip), pendingOf(anltp)]).toEqual([smaller, smaller])
  })

  it('of two agencies fall both, since each bears the quorum that the other says is lost', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const own = await recoveryOf(talk)
    const theirs = await recoveryOf({ ...talk, anltp: naptip, naptip: anltp })
    const digests = [own, theirs].map(({ jws }) => digest(jws.payload))
    await take(naptip, own.jws)
    const before = sizeOf(naptip)
    expect(await take(naptip, theirs.jws)).toBe('refused')
    expect((await leavesOf(naptip, before)).map(({ data }) => data)).toEqual([
      { by: digests[1], new: digests[0], version: 2 },
      { by: digests[0], new: digests[1], version: 2 },
    ])
    await take(anltp, theirs.jws)
    await meet(naptip, anltp)
    for (const side of [naptip, anltp]) {
      expect(pendingOf(side)).toBeUndefined()
      expect([...side.parts.trust.refusedRecoveries].toSorted()).toEqual(digests.toSorted())
      talk.clock.turn(1)
      expect(await take(side, (await recoveryOf(talk)).jws)).toBe('refused')
    }
    expect(await take(anltp, await signedBySides(nextOf(naptip), [naptip, anltp]))).toBe('in-force')
    await using again = await reopened(anltp)
    expect(versionOf(again)).toBe(2)
  })
})

/** The date of a charter that was signed before. */
function pastOf({ payload }: GeneralJws): { readonly issuedAt: number } {
  const text = Buffer.from(payload, 'base64url').toString()
  return { issuedAt: Number(/"iat":(\d+),"kinds"/.exec(text)?.[1]) }
}
