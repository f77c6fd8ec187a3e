/**
 * Charters after the first in a node: signatures by files, the chain in the store, trust documents between two nodes.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#proposing-a-charter
 */
import { buildNextRoster, digest, type GeneralJws, signCharter, signRoster } from '@amana/core'
import { describe, expect, it } from 'vitest'
import {
  adoptNext,
  beginTalk,
  carryAll,
  eventsOf,
  leavesOf,
  MEETING_MS,
  nextRoster,
  queueNew,
  reopened,
  type Side,
  signedBy,
  queue,
  sizeOf,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import {
  meet,
  newChainOf,
  nextOf,
  rootsOf,
  signedBySides,
} from '../../../../test/support/node-rotation.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { newRoots, publicPair } from '../../../../test/support/rotation.ts'
import { signingKey } from '../../../../test/support/trust-fixture.ts'
import { renewalOf, signRenewal } from '../agency/renewal.ts'
import { createTrustServices } from '../services/trust-services.ts'
import { systemClock } from '../system.ts'
import { acknowledgedBy } from './acknowledged.ts'

const DAY = 86_400
const KIND = 'jtwg.minutes/1'

const versionOf = ({ parts }: Side): number => parts.trust.view().charter.version
const take = async ({ parts }: Side, jws: GeneralJws): Promise<string> =>
  (await parts.trust.addCharterSignatures(jws)).progress
const refused = async ({ parts }: Side, jws: GeneralJws): Promise<string | undefined> =>
  codeOf(async () => parts.trust.addCharterSignatures(jws))

/** NAPTIP proposes, ANLTP/TIM signs: in force at NAPTIP, whose node tells the other’s. */
async function renew({ anltp, naptip }: Talk): Promise<GeneralJws> {
  const charter = nextOf(naptip)
  await take(naptip, await signedBySides(charter, [naptip]))
  await take(naptip, await signedBySides(charter, [anltp]))
  const { jws } = naptip.parts.trust.view().charter
  await meet(naptip, anltp)
  return jws
}

describe('a renewal of the charter', { timeout: MEETING_MS }, () => {
  it('waits for both quorums, is logged, and is there when the folder opens again', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    await using opened = await reopened(talk.naptip)
    const first = opened.parts.trust.view().charter.digest
    const charter = nextOf(opened)
    const half = await signedBySides(charter, [opened])
    expect(await take(opened, half)).toBe('waiting')
    expect(versionOf(opened)).toBe(1)
    await using naptip = await reopened(opened)
    const before = sizeOf(naptip)
    const state = await naptip.parts.trust.addCharterSignatures(
      await signedBySides(charter, [anltp]),
    )
    expect([state.inForce, state.progress]).toEqual([true, 'in-force'])
    const second = digest(half.payload)
    expect((await leavesOf(naptip, before)).map(({ event, data }) => [event, data])).toEqual([
      ['g.policy', { new: second, old: first, version: 2 }],
    ])
    await using again = await reopened(naptip)
    expect(again.parts.trust.view().charters.map((one) => one.digest)).toEqual([first, second])
    expect(await take(again, half)).toBe('in-force')
  })

  it('goes to the other node by itself, in the session after', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const jws = await renew(talk)
    expect([versionOf(naptip), versionOf(anltp)]).toEqual([2, 2])
    expect(anltp.parts.trust.view().charter.digest).toBe(digest(jws.payload))
    expect(await meet(naptip, anltp)).toEqual([])
    expect(await meet(anltp, naptip)).toEqual([])
  })

  it('is greeted by a node that is one version behind, from either side', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const charter = nextOf(naptip)
    await take(naptip, await signedBySides(charter, [naptip, anltp]))
    expect(await meet(anltp, naptip)).toEqual([])
    expect(versionOf(anltp)).toBe(1)
    expect(await meet(naptip, anltp)).toEqual([naptip.parts.trust.view().charter.digest])
    expect(versionOf(anltp)).toBe(2)
  })

  it('lets a node catch up over several versions, one after the other', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    for (const issuedAt of [0, 1]) {
      const charter = nextOf(naptip, { issuedAt: naptip.clock.now() + issuedAt })
      await take(naptip, await signedBySides(charter, [naptip, anltp]))
    }
    expect(await meet(naptip, anltp)).toHaveLength(2)
    expect(versionOf(anltp)).toBe(3)
  })

  it('does not stop messages: what was sealed before and what is sealed after is opened', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const signedBefore = await signedBy(anltp, KIND)
    await queueNew(anltp, KIND)
    await anltp.parts.outbox.next(naptip.agency, 0)
    await renew(talk)
    await queue(anltp, signedBefore)
    await queueNew(naptip, KIND)
    expect(await carryAll(anltp, naptip)).toBe(2)
    expect(await carryAll(naptip, anltp)).toBe(1)
    const outcomes = (await leavesOf(naptip)).flatMap((leaf) =>
      leaf.event === 'x.receipt' ? [leaf.data.outcome] : [],
    )
    expect(outcomes).toEqual(['opened', 'opened'])
    expect((await naptip.parts.inbox.position(anltp.agency)).charterVersion).toBe(2)
    expect(await eventsOf(anltp)).not.toContain('x.refused')
  })

  it('has roots of its own: the next version is signed by them', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const fresh = await newRoots(naptip.agency)
    const charter = nextOf(naptip, { entry: { roots: fresh.map(publicPair) } })
    const jws = await signedBySides(charter, [naptip, anltp], fresh.slice(0, 2))
    expect(await take(naptip, jws)).toBe('in-force')
    const third = nextOf(naptip)
    expect(await refused(naptip, await signedBySides(third, [naptip, anltp]))).toBe(
      'WIRE_KID_UNKNOWN',
    )
    expect(await take(naptip, await signedBySides(third, [anltp], fresh.slice(0, 2)))).toBe(
      'in-force',
    )
  })

  it('is signed once by an agency, and not after 30 days', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const charter = nextOf(naptip)
    await take(naptip, await signedBySides(charter, [naptip]))
    const other = nextOf(naptip, { suites: ['A1', 'A2'] })
    expect(await refused(naptip, await signedBySides(other, [naptip, anltp]))).toBe(
      'TRUST_OTHER_CHARTER',
    )
    talk.clock.turn(30 * DAY)
    expect(await refused(naptip, await signedBySides(charter, [naptip]))).toBe('TRUST_EXPIRED')
    const fresh = nextOf(naptip)
    expect(await take(naptip, await signedBySides(fresh, [naptip]))).toBe('waiting')
    expect(await take(naptip, await signedBySides(fresh, [anltp]))).toBe('in-force')
  })

  it('is signed by nobody after 30 days, also where that signature would complete it', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const issuedAt = systemClock.now() - 30 * DAY
    const charter = nextOf(naptip, { issuedAt })
    const file = await signedBySides(charter, [anltp])
    const renewal = renewalOf(naptip.parts.trust.view().charter.payload, charter)
    const signing = { file, pairs: await rootsOf(naptip) }
    const services = createTrustServices(naptip.parts)
    expect(await codeOf(() => signRenewal(services, renewal, signing))).toBe('TRUST_EXPIRED')
    expect(versionOf(naptip)).toBe(1)
  })

  it('that is complete is taken late, where no other one was signed', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const charter = nextOf(naptip)
    await take(anltp, await signedBySides(charter, [anltp]))
    await take(naptip, await signedBySides(charter, [naptip, anltp]))
    talk.clock.turn(31 * DAY)
    expect(await take(anltp, naptip.parts.trust.view().charter.jws)).toBe('in-force')
  })

  it('is refused where it does not follow', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const charter = nextOf(naptip)
    const sides = [naptip, anltp]
    const skipping = await signedBySides({ ...charter, version: 3 }, sides)
    expect(await refused(naptip, skipping)).toBe('TRUST_ROLLBACK')
    const apart = await signedBySides({ ...charter, previous: digest('another') }, sides)
    expect(await refused(naptip, apart)).toBe('TRUST_CHAIN')
    const alone = [...(await rootsOf(naptip)), ...(await rootsOf(naptip))]
    expect(await take(naptip, await signCharter(charter, alone.slice(0, 2)))).toBe('waiting')
    talk.clock.turn(366 * DAY)
    expect(await refused(naptip, await signedBySides(charter, sides))).toBe('TRUST_EXPIRED')
  })

  it('of which two are signed by both is kept as evidence, and nothing is exchanged', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const sides = [naptip, anltp]
    const half = await signedBySides(nextOf(anltp, { suites: ['A1'] }), [anltp])
    await take(naptip, await signedBySides(nextOf(naptip), sides))
    expect(await refused(naptip, half)).toBe('WIRE_FORK')
    expect(naptip.parts.trust.charterForks).toEqual([])
    const other = await signedBySides(nextOf(anltp, { suites: ['A1', 'A2'] }), sides)
    await take(anltp, other)
    const size = sizeOf(naptip)
    expect(await codeOf(() => meet(naptip, anltp))).toBe('WIRE_FORK')
    expect(await refused(naptip, other)).toBe('WIRE_FORK')
    expect(naptip.parts.trust.charterForks).toEqual([2])
    expect(await refused(naptip, other)).toBe('WIRE_FORK')
    expect(sizeOf(naptip)).toBe(size)
    await using again = await reopened(naptip)
    expect(again.parts.trust.charterForks).toEqual([2])
  })

  it('of which two are signed holds intelligence up and no referral, until the next one is in force', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const sides = [naptip, anltp]
    const second = await signedBySides(nextOf(naptip), sides)
    const other = await signedBySides(nextOf(anltp, { suites: ['A1', 'A2'] }), sides)
    for (const side of sides) await take(side, second)
    expect(await refused(naptip, other)).toBe('WIRE_FORK')
    const { ledger, outbox } = naptip.parts
    const report = await queueNew(naptip, 'intel.report/1')
    const urgent = await queueNew(naptip, 'referral.event/1')
    expect(await carryAll(naptip, anltp)).toBe(1)
    expect(outbox.problem).toBe('TRUST_DIVIDED')
    expect(await ledger.get(urgent)).toMatchObject({ state: 'opened' })
    expect(await ledger.get(report)).toMatchObject({ state: 'queued' })
    await queueNew(anltp, 'intel.report/1')
    expect(await carryAll(anltp, naptip)).toBe(1)
    const third = await signedBySides(nextOf(naptip), sides)
    for (const side of sides) await take(side, third)
    expect(await carryAll(naptip, anltp)).toBe(1)
    expect(outbox.problem).toBeUndefined()
    // two stories of a version stay two, however many come after it
    expect(await refused(naptip, other)).toBe('WIRE_FORK')
    expect(naptip.parts.trust.charterForks).toEqual([2])
  })

  it('is not taken half signed from the other node', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const half = await signedBySides(nextOf(naptip), [naptip])
    expect(await codeOf(async () => anltp.parts.trust.takeOffered(half))).toBe('TRUST_THRESHOLD')
    expect(anltp.parts.trust.next).toBeUndefined()
  })

  it('is not in force when the disk takes nothing', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    const charter = nextOf(talk.naptip)
    const jws = await signedBySides(charter, [talk.naptip, anltp])
    talk.naptip.disk.full = true
    expect(await refused(talk.naptip, jws)).toBe('STORE_WRITE')
    expect(versionOf(talk.naptip)).toBe(1)
    talk.naptip.disk.full = false
    await using naptip = await reopened(talk.naptip)
    expect(versionOf(naptip)).toBe(1)
    expect(await take(naptip, jws)).toBe('in-force')
  })
})

describe('the end of a charter', { timeout: MEETING_MS }, () => {
  it('stops what is sealed 30 days later, and a renewal lets it go', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const charter = nextOf(naptip, { validForSeconds: DAY })
    await take(naptip, await signedBySides(charter, [naptip, anltp]))
    await meet(naptip, anltp)
    talk.clock.turn(30 * DAY)
    await queueNew(naptip, KIND)
    expect(await carryAll(naptip, anltp)).toBe(1)
    const waiting = await signedBy(naptip, KIND)
    await queue(naptip, waiting)
    talk.clock.turn(DAY)
    expect(await carryAll(naptip, anltp)).toBe(0)
    expect(naptip.parts.outbox.problem).toBe('TRUST_EXPIRED')
    expect(await codeOf(async () => queueNew(naptip, KIND))).toBe('TRUST_EXPIRED')
    await take(naptip, await signedBySides(nextOf(naptip), [naptip, anltp]))
    await meet(naptip, anltp)
    expect(await carryAll(naptip, anltp)).toBe(1)
  })
})

describe('a new roster key', { timeout: MEETING_MS }, () => {
  it('comes into force with the first roster of its chain, and not without', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const { entry, roster } = await newChainOf(naptip, await signingKey('new roster key'))
    const jws = await signedBySides(nextOf(naptip, { entry }), [naptip, anltp])
    expect(await take(naptip, jws)).toBe('roster')
    expect(versionOf(naptip)).toBe(1)
    const before = sizeOf(naptip)
    await naptip.parts.trust.adoptRoster(roster)
    expect(versionOf(naptip)).toBe(2)
    expect(await eventsOf(naptip, before)).toEqual(['g.policy', 'g.roster'])
    expect(naptip.parts.trust.ownRoster.version).toBe(1)
    await using again = await reopened(naptip)
    expect(again.parts.trust.ownRoster.digest).toBe(digest(roster.payload))
    expect(again.parts.trust.allRosters.map(({ agency }) => agency)).toContain(anltp.agency)
  })

  it('takes its first roster before the last signature, too', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const { entry, roster } = await newChainOf(naptip, await signingKey('new roster key'))
    const charter = nextOf(naptip, { entry })
    await take(naptip, await signedBySides(charter, [naptip]))
    await naptip.parts.trust.adoptRoster(roster)
    expect(versionOf(naptip)).toBe(1)
    expect(naptip.parts.trust.ownRoster.version).toBe(2)
    expect(await take(naptip, await signedBySides(charter, [anltp]))).toBe('in-force')
    expect(naptip.parts.trust.ownRoster.version).toBe(1)
  })

  it('is acknowledged anew, and two rosters of one version are kept in each chain', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const known = async (): Promise<number> => acknowledgedBy(naptip.parts, anltp.agency)
    const first = await nextRoster(naptip, { officers: [] })
    await adoptNext(naptip, anltp)
    await adoptNext(naptip, anltp)
    expect(await codeOf(async () => anltp.parts.trust.adoptRoster(first))).toBe('WIRE_FORK')
    await meet(naptip, anltp)
    expect(await known()).toBe(4)
    const key = await signingKey('new roster key')
    const { entry, roster } = await newChainOf(naptip, key)
    await take(naptip, await signedBySides(nextOf(naptip, { entry }), [naptip, anltp]))
    await naptip.parts.trust.adoptRoster(roster)
    expect(await known()).toBe(0)
    await meet(naptip, anltp)
    expect(await known()).toBe(0)
    await meet(naptip, anltp)
    expect(await known()).toBe(1)
    const now = talk.clock.now()
    const second = buildNextRoster(naptip.parts.trust.ownRoster, now, {})
    const adopted = await anltp.parts.trust.adoptRoster(await signRoster(second, key))
    const third = buildNextRoster(adopted, now, {})
    await anltp.parts.trust.adoptRoster(await signRoster(third, key))
    const other = await signRoster({ ...third, officers: [] }, key)
    expect(await codeOf(async () => anltp.parts.trust.adoptRoster(other))).toBe('WIRE_FORK')
    await using again = await reopened(anltp)
    const fork = { agency: naptip.agency, version: 3 }
    expect(again.parts.trust.forks).toEqual([fork, fork])
  })

  it('of a proposal that lapsed changes nothing, and another one takes its place', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const { trust } = naptip.parts
    const named = (): readonly string[] => trust.rosterKeys.map((key) => key.named)
    const before = trust.ownRoster.digest
    const lapsed = await newChainOf(naptip, await signingKey('new roster key'))
    await take(naptip, await signedBySides(nextOf(naptip, { entry: lapsed.entry }), [naptip]))
    await trust.adoptRoster(lapsed.roster)
    expect(named()).toEqual(['in-force', 'next'])
    talk.clock.turn(30 * DAY)
    expect([named(), trust.ownRoster.digest]).toEqual([['in-force'], before])
    const { entry, roster } = await newChainOf(naptip, await signingKey('another roster key'))
    const charter = nextOf(naptip, { entry })
    await take(naptip, await signedBySides(charter, [naptip]))
    await trust.adoptRoster(roster)
    expect(await take(naptip, await signedBySides(charter, [anltp]))).toBe('in-force')
    expect(trust.ownRoster.digest).toBe(digest(roster.payload))
    const spans = trust.rosterKeys.map(({ isFirst, named: how, span }) => [how, isFirst, span])
    const charters = trust.view().charters.map(({ payload }) => payload)
    expect(spans).toEqual([
      ['in-force', false, { nbf: charters[1]?.iat, exp: charters[1]?.exp }],
      ['before', true, { nbf: charters[0]?.iat, exp: charters[1]?.iat }],
    ])
  })

  it('is not given up for the one before it, whose chain was left behind', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const { agencies } = naptip.parts.trust.view().charter.payload
    const before = agencies[naptip.agency] ?? {}
    const { entry, roster } = await newChainOf(naptip, await signingKey('new roster key'))
    await take(naptip, await signedBySides(nextOf(naptip, { entry }), [naptip, anltp]))
    await naptip.parts.trust.adoptRoster(roster)
    const back = nextOf(naptip, { entry: before })
    const jws = await signedBySides(back, [naptip, anltp])
    expect(await codeOf(() => take(naptip, jws))).toBe('TRUST_CHAIN')
    await using again = await reopened(naptip)
    expect(again.parts.trust.ownRoster.digest).toBe(digest(roster.payload))
  })

  it('leaves behind what the old key signed, and messages go on', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const key = await signingKey('new roster key')
    const stolen = await nextRoster(naptip)
    const { entry, roster } = await newChainOf(naptip, key)
    await queueNew(anltp, KIND)
    await anltp.parts.outbox.next(naptip.agency, 0)
    await take(naptip, await signedBySides(nextOf(naptip, { entry }), [naptip, anltp]))
    await naptip.parts.trust.adoptRoster(roster)
    const charter = naptip.parts.trust.view().charter.digest
    expect(await meet(naptip, anltp)).toEqual([charter, digest(roster.payload)])
    expect(versionOf(anltp)).toBe(2)
    expect(anltp.parts.trust.view().rosterOf(naptip.agency).version).toBe(1)
    expect(await codeOf(async () => anltp.parts.trust.adoptRoster(stolen))).toBe('WIRE_SIG')
    expect(await meet(anltp, naptip)).toEqual([])
    await queueNew(naptip, KIND)
    await queueNew(anltp, KIND)
    expect([await carryAll(naptip, anltp), await carryAll(anltp, naptip)]).toEqual([1, 2])
    expect(await eventsOf(anltp)).not.toContain('x.refused')
    expect(await eventsOf(naptip)).not.toContain('x.refused')
  })
})
