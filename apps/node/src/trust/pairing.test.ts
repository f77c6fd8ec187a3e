import { charterSafetyNumber, type ErrorCode, type GeneralJws } from '@amana/core'
import { describe, expect, it } from 'vitest'
import {
  beginAlone,
  eventsOf,
  exchangeInvites,
  inviteOf,
  leavesOf,
  MEETING_MS,
  nextRoster,
  reopened,
  type Side,
  signedCharter,
  sizeOf,
} from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'

const DAY = 86_400

async function stateOf({ parts }: Side): Promise<string> {
  const peers = await parts.trust.peers()
  return peers.map(({ agency, state }) => `${agency} ${state}`).join(', ')
}

/** The code with which a node refuses signatures under a charter. */
async function refused(side: Side, charter: GeneralJws): Promise<string | undefined> {
  return codeOf(() => side.parts.trust.addCharterSignatures(charter))
}

describe('two agencies that meet', { timeout: MEETING_MS }, () => {
  it('derive one charter, and with both quorums it is in force on both sides', async () => {
    await using talk = await beginAlone()
    const { anltp, naptip } = talk
    expect(await codeOf(() => naptip.parts.trust.view())).toBe('TRUST_NO_CHARTER')
    expect(await stateOf(naptip)).toBe('')
    await naptip.parts.trust.importInvite(await inviteOf(anltp))
    expect(await stateOf(naptip)).toBe('ne.anltp-tim invited')
    await exchangeInvites(naptip, anltp)
    expect(await stateOf(naptip)).toBe('ne.anltp-tim comparing')
    const numbers = await Promise.all(
      [naptip, anltp].map(async ({ parts, peer }) =>
        charterSafetyNumber((await parts.trust.compare(peer)).charter),
      ),
    )
    expect(numbers[0]).toMatch(/^(?:\d{5} ){11}\d{5}$/)
    expect(numbers[1]).toBe(numbers[0])
    const half = await naptip.parts.trust.addCharterSignatures(await signedCharter(naptip))
    expect(half.inForce).toBe(false)
    expect(await stateOf(naptip)).toBe('ne.anltp-tim confirmed-here')
    expect(await codeOf(() => naptip.parts.trust.peer())).toBe('TRUST_NO_CHARTER')
    const before = sizeOf(anltp)
    await anltp.parts.trust.addCharterSignatures(half.charter)
    expect(await stateOf(anltp)).toBe('ng.naptip comparing')
    expect(sizeOf(anltp)).toBe(before)
    const whole = await anltp.parts.trust.addCharterSignatures(await signedCharter(anltp))
    expect(whole.inForce).toBe(true)
    await naptip.parts.trust.addCharterSignatures(whole.charter)
    for (const side of [naptip, anltp]) {
      expect(side.parts.trust.peer()).toBe(side.peer)
      expect(await stateOf(side)).toBe(`${side.peer} in-force`)
    }
    const [charter, other] = [naptip, anltp].map(({ parts }) => parts.trust.view().charter.digest)
    expect(other).toBe(charter)
    const peerRoster = naptip.parts.trust.ownRoster
    expect((await leavesOf(anltp, before)).map(({ event, data }) => [event, data])).toEqual([
      ['g.roster', { agency: naptip.agency, new: peerRoster.digest, version: peerRoster.version }],
      ['g.policy', { new: charter, version: 1 }],
    ])
  })

  it('know after a reopening what they knew before, and a charter in force is taken once', async () => {
    await using talk = await beginAlone()
    const { anltp } = talk
    await exchangeInvites(talk.naptip, anltp)
    const half = await talk.naptip.parts.trust.addCharterSignatures(
      await signedCharter(talk.naptip),
    )
    await anltp.parts.trust.addCharterSignatures(half.charter)
    const { charter } = await anltp.parts.trust.addCharterSignatures(await signedCharter(anltp))
    await using naptip = await reopened(talk.naptip)
    expect(await stateOf(naptip)).toBe('ne.anltp-tim confirmed-here')
    await naptip.parts.trust.addCharterSignatures(charter)
    await using again = await reopened(naptip)
    const [own, other] = [again, anltp].map(({ parts }) => parts.trust.view().charter.digest)
    expect(own).toBe(other)
    const size = sizeOf(again)
    const taken = await again.parts.trust.addCharterSignatures(charter)
    expect(taken).toEqual({ inForce: true, progress: 'in-force', charter })
    expect(sizeOf(again)).toBe(size)
    expect(await eventsOf(again)).toHaveLength(size)
  })

  it('are not bound by one root pair of two', async () => {
    await using talk = await beginAlone()
    const { anltp, naptip } = talk
    await exchangeInvites(naptip, anltp)
    const one = await signedCharter(naptip, undefined, 1)
    await anltp.parts.trust.addCharterSignatures(one)
    const { inForce } = await anltp.parts.trust.addCharterSignatures(await signedCharter(anltp))
    expect(inForce).toBe(false)
    expect(await codeOf(() => anltp.parts.trust.view())).toBe('TRUST_NO_CHARTER')
  })

  it('are told of every change', async () => {
    await using talk = await beginAlone()
    const { anltp, naptip } = talk
    let changes = 0
    naptip.parts.trust.onChange(() => {
      changes += 1
    })
    await naptip.parts.trust.importInvite(await inviteOf(anltp))
    await naptip.parts.trust.adoptRoster(await nextRoster(naptip))
    expect(changes).toBe(2)
  })

  it('have confirmed nothing when the disk takes nothing', async () => {
    await using talk = await beginAlone()
    const { anltp } = talk
    await exchangeInvites(talk.naptip, anltp)
    const charter = await signedCharter(talk.naptip)
    talk.naptip.disk.full = true
    expect(await refused(talk.naptip, charter)).toBe('STORE_WRITE')
    expect(await stateOf(talk.naptip)).toBe('ne.anltp-tim comparing')
    await using naptip = await reopened(talk.naptip)
    expect(await stateOf(naptip)).toBe('ne.anltp-tim comparing')
  })
})

describe('a charter', { timeout: MEETING_MS }, () => {
  it('may be completed for 30 days, though the invites have ended, and then has lapsed', async () => {
    await using talk = await beginAlone()
    const { anltp, clock, naptip } = talk
    await exchangeInvites(naptip, anltp)
    await naptip.parts.trust.addCharterSignatures(await signedCharter(naptip))
    await anltp.parts.trust.addCharterSignatures(await signedCharter(naptip))
    const signed = await signedCharter(anltp)
    clock.turn(30 * DAY - 1)
    expect(await codeOf(() => anltp.parts.trust.compare(naptip.agency))).toBe('TRUST_EXPIRED')
    expect((await anltp.parts.trust.addCharterSignatures(signed)).inForce).toBe(true)
    clock.turn(1)
    expect(await refused(naptip, signed)).toBe('TRUST_EXPIRED')
    expect(await codeOf(() => naptip.parts.trust.view())).toBe('TRUST_NO_CHARTER')
  })

  it('other than the one that was signed here is refused until that one has lapsed', async () => {
    await using talk = await beginAlone()
    const { anltp, clock, naptip } = talk
    await exchangeInvites(naptip, anltp)
    await naptip.parts.trust.addCharterSignatures(await signedCharter(naptip))
    clock.turn(60)
    await exchangeInvites(naptip, anltp)
    const second = await signedCharter(naptip)
    expect(await refused(naptip, second)).toBe('TRUST_OTHER_CHARTER')
    expect(await refused(naptip, await signedCharter(anltp))).toBe('TRUST_OTHER_CHARTER')
    clock.turn(30 * DAY)
    await exchangeInvites(naptip, anltp)
    const third = await naptip.parts.trust.addCharterSignatures(await signedCharter(naptip))
    expect(third.inForce).toBe(false)
    expect(await stateOf(naptip)).toBe('ne.anltp-tim confirmed-here')
  })

  it('that was only seen here gives way to the one that both invites give', async () => {
    await using talk = await beginAlone()
    const { anltp, clock, naptip } = talk
    await exchangeInvites(naptip, anltp)
    await naptip.parts.trust.addCharterSignatures(await signedCharter(anltp))
    clock.turn(60)
    await exchangeInvites(naptip, anltp)
    await naptip.parts.trust.addCharterSignatures(await signedCharter(anltp))
    const { inForce } = await naptip.parts.trust.addCharterSignatures(await signedCharter(naptip))
    expect(inForce).toBe(true)
  })

  it('that the invites do not give is refused, whoever signed it', async () => {
    await using talk = await beginAlone()
    const { anltp, naptip } = talk
    await exchangeInvites(naptip, anltp)
    const other = await signedCharter(anltp, (charter) => ({
      ...charter,
      limits: { ...charter.limits, hold: 3_600 },
    }))
    expect(await refused(naptip, other)).toBe('TRUST_OTHER_CHARTER')
  })

  it('other than the one in force is refused', async () => {
    await using talk = await beginAlone()
    const { anltp, clock, naptip } = talk
    await exchangeInvites(naptip, anltp)
    await naptip.parts.trust.addCharterSignatures(await signedCharter(naptip))
    await naptip.parts.trust.addCharterSignatures(await signedCharter(anltp))
    const { digest } = naptip.parts.trust.view().charter
    // what was signed here for the first one has lapsed, so that it alone stands in the way
    clock.turn(31 * DAY)
    await exchangeInvites(naptip, anltp)
    expect(await refused(naptip, await signedCharter(anltp))).toBe('TRUST_OTHER_CHARTER')
    expect(naptip.parts.trust.view().charter.digest).toBe(digest)
  })

  it('that is in force is not rejected any more', async () => {
    await using talk = await beginAlone()
    const { anltp, naptip } = talk
    await exchangeInvites(naptip, anltp)
    const { trust } = naptip.parts
    await trust.addCharterSignatures(await signedCharter(naptip))
    await trust.addCharterSignatures(await signedCharter(anltp))
    expect(await codeOf(() => trust.reject(anltp.agency))).toBe('TRUST_IN_FORCE')
    expect(await stateOf(naptip)).toBe('ne.anltp-tim in-force')
  })

  it('that a node sends before there is one is refused', async () => {
    await using talk = await beginAlone()
    const { anltp, naptip } = talk
    await exchangeInvites(naptip, anltp)
    const signed = await signedCharter(anltp)
    expect(await codeOf(() => naptip.parts.trust.takeOffered(signed))).toBe('TRUST_NO_CHARTER')
    expect(await stateOf(naptip)).toBe('ne.anltp-tim comparing')
  })

  it('without both invites is refused', async () => {
    await using talk = await beginAlone()
    const { anltp, naptip } = talk
    await exchangeInvites(naptip, anltp)
    const signed = await signedCharter(anltp)
    await using other = await beginAlone()
    expect(await refused(other.naptip, signed)).toBe('TRUST_NO_INVITE')
  })
})

describe('an invite', { timeout: MEETING_MS }, () => {
  it.each<[string, ErrorCode, (own: Side, other: Side) => Promise<unknown>]>([
    [
      'of the own agency, as another’s',
      'TRUST_SELF',
      async (own) => own.parts.trust.importInvite(await inviteOf(own)),
    ],
    [
      'of another agency, as the own one',
      'WIRE_ISS',
      async (own, other) => own.parts.trust.keepInvite(await inviteOf(other)),
    ],
    ['that nobody gave', 'TRUST_NO_INVITE', async (own) => own.parts.trust.compare(own.peer)],
    [
      'that nobody gave, to reject it',
      'TRUST_NO_INVITE',
      async (own) => own.parts.trust.reject(own.peer),
    ],
    [
      'that ended after seven days',
      'TRUST_EXPIRED',
      async (own, other) => {
        const invite = await inviteOf(other)
        own.clock.turn(7 * DAY)
        return own.parts.trust.importInvite(invite)
      },
    ],
    [
      'from the future',
      'WIRE_TIME_FUTURE',
      async (own, other) => {
        own.clock.turn(301)
        const invite = await inviteOf(other)
        own.clock.turn(-301)
        return own.parts.trust.importInvite(invite)
      },
    ],
  ])('%s is refused with %s', async (_name, code, step) => {
    await using talk = await beginAlone()
    expect(await codeOf(() => step(talk.naptip, talk.anltp))).toBe(code)
    expect(await stateOf(talk.naptip)).toBe('')
  })

  it('that was rejected stays rejected, over a reopening too; a new one may come', async () => {
    await using talk = await beginAlone()
    const { anltp, clock } = talk
    await exchangeInvites(talk.naptip, anltp)
    const invite = await inviteOf(anltp)
    const charter = await signedCharter(anltp)
    await talk.naptip.parts.trust.reject(anltp.agency)
    await using naptip = await reopened(talk.naptip)
    const { trust } = naptip.parts
    expect(await stateOf(naptip)).toBe('ne.anltp-tim rejected')
    expect(await codeOf(() => trust.importInvite(invite))).toBe('TRUST_REJECTED')
    expect(await codeOf(() => trust.compare(anltp.agency))).toBe('TRUST_REJECTED')
    expect(await codeOf(() => trust.reject(anltp.agency))).toBe('TRUST_REJECTED')
    expect(await refused(naptip, charter)).toBe('TRUST_REJECTED')
    clock.turn(60)
    await trust.importInvite(await inviteOf(anltp))
    expect(await stateOf(naptip)).toBe('ne.anltp-tim comparing')
    expect((await trust.compare(anltp.agency)).peer.issuedAt).toBe(clock.now())
  })
})
