/**
 * Which charter an envelope is judged by, where there is more than one.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#which-charter-counts
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { NOW, type Pair, twoAgencies } from '../../../../test/support/agencies.ts'
import { craft } from '../../../../test/support/crafted-envelope.ts'
import {
  makeWorld,
  type Outcome,
  outcomeOf,
  receiverOf,
  statementOf,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import { DAY, proposed, renewed } from '../../../../test/support/rotation.ts'
import { type NextCharterParts } from '../trust/build-charter.ts'
import { createTrustView, type TrustView } from '../trust/trust-view.ts'
import { type VerifiedCharter } from '../trust/verified-charter.ts'
import { type ChannelHead } from './channel.ts'

let world: World
let pair: Pair

beforeAll(async () => {
  world = await makeWorld()
  pair = await twoAgencies()
})

/** The receiver's view after a renewal; the rosters are those of before. */
function viewAfter(second: VerifiedCharter): TrustView {
  const rosters = [pair.naptip.roster, pair.anltp.roster]
  return createTrustView({ charter: second, earlier: [pair.charter], rosters })
}

interface Arrival {
  /** What the sender names in its dispatch. */
  readonly named: VerifiedCharter
  /** What its officer named; the same where nothing is said. */
  readonly signedUnder?: VerifiedCharter
  readonly trust: TrustView
  readonly sentAt?: number
  readonly now?: number
  readonly charterVersion?: number
}

async function arrives(arrival: Arrival): Promise<Outcome> {
  const { named, signedUnder = named, trust, sentAt = NOW, now = sentAt } = arrival
  const contextOf = (charter: VerifiedCharter): World => ({
    ...world,
    context: { ...world.context, charter: charter.digest },
  })
  const statement = await statementOf(contextOf(signedUnder))
  const { bytes } = await craft(contextOf(named), {
    statements: [statement],
    sentAt,
  })
  const head: ChannelHead = {
    sequence: 0,
    digest: world.genesis,
    sentAt: 0,
    acknowledged: 0,
    ...(arrival.charterVersion === undefined ? {} : { charterVersion: arrival.charterVersion }),
  }
  return outcomeOf(bytes, receiverOf(world, { trust, now, headOf: async () => head }))
}

async function renewedBy(parts: Partial<NextCharterParts>): Promise<VerifiedCharter> {
  return renewed(pair, { issuedAt: NOW - DAY, ...parts })
}

const opened = { place: 'taken', results: ['opened'] }
const refused = (code: string): unknown => ({ place: 'taken', results: [code] })

describe('an envelope after a renewal of the charter', () => {
  it('is opened under the new charter and under the one before', async () => {
    const second = await renewedBy({})
    const trust = viewAfter(second)
    expect(await arrives({ named: second, trust })).toEqual(opened)
    expect(await arrives({ named: pair.charter, trust })).toEqual(opened)
    expect(await arrives({ named: second, signedUnder: pair.charter, trust })).toEqual(opened)
  })

  it('is refused under a charter that is not in force here', async () => {
    const second = await renewedBy({})
    const other = await renewedBy({ entry: { name: 'another second charter' } })
    expect(await arrives({ named: second, trust: pair.trust })).toEqual(
      refused('WIRE_TRUST_CONTEXT'),
    )
    expect(await arrives({ named: other, trust: viewAfter(second) })).toEqual(
      refused('WIRE_TRUST_CONTEXT'),
    )
    expect(await arrives({ named: second, signedUnder: other, trust: viewAfter(second) })).toEqual(
      refused('WIRE_TRUST_CONTEXT'),
    )
  })

  it('does not go back to the charter before once the channel named the new one', async () => {
    const second = await renewedBy({})
    const trust = viewAfter(second)
    const charterVersion = 2
    expect(await arrives({ named: pair.charter, trust, charterVersion })).toEqual(
      refused('WIRE_TRUST_CONTEXT'),
    )
    expect(await arrives({ named: second, trust, charterVersion })).toEqual(opened)
    expect(await arrives({ named: second, trust, charterVersion: 1 })).toEqual(opened)
  })

  it('is judged by the kinds of the charter that its officer named', async () => {
    const second = await renewedBy({ kinds: {} })
    const trust = viewAfter(second)
    expect(await arrives({ named: second, signedUnder: pair.charter, trust })).toEqual(opened)
    expect(await arrives({ named: second, trust })).toEqual(refused('WIRE_POLICY'))
  })

  it('is judged by the suites and limits of the charter that its node named', async () => {
    const limits = { ...pair.charter.payload.limits, hold: 3_600 }
    const shorter = await renewedBy({ limits })
    const late = { now: NOW + 3_601, trust: viewAfter(shorter) }
    expect(await arrives({ named: pair.charter, ...late })).toEqual(opened)
    expect(await arrives({ named: shorter, ...late })).toEqual(refused('WIRE_TIME_STALE'))
    const suites = await renewedBy({ suites: ['A1'] })
    expect(await arrives({ named: pair.charter, trust: viewAfter(suites) })).toEqual(opened)
    expect(await arrives({ named: suites, trust: viewAfter(suites) })).toEqual(
      refused('WIRE_SUITE'),
    )
  })

  it('is refused under the charter before from 60 days after the date of the new one', async () => {
    const second = await renewedBy({ issuedAt: NOW - 60 * DAY })
    const trust = viewAfter(second)
    expect(await arrives({ named: pair.charter, trust })).toEqual(refused('WIRE_TRUST_CONTEXT'))
    const earlier = viewAfter(await renewedBy({ issuedAt: NOW - 60 * DAY + 1 }))
    expect(await arrives({ named: pair.charter, trust: earlier })).toEqual(opened)
  })
})

describe('an envelope after the end of its charter', () => {
  it.each([
    ['29 days', 29 * DAY, 'opened'],
    ['30 days less a second', 30 * DAY - 1, 'opened'],
    ['30 days', 30 * DAY, 'TRUST_EXPIRED'],
  ])('that ended for %s has its outcome', async (_name, endedFor, result) => {
    const second = await renewedBy({ issuedAt: NOW - endedFor - DAY, validForSeconds: DAY })
    expect(second.payload.exp).toBe(NOW - endedFor)
    expect(await arrives({ named: second, trust: viewAfter(second) })).toEqual({
      place: 'taken',
      results: [result],
    })
  })
})

it('charter 2 of these tests is what NAPTIP proposes', async () => {
  const second = await renewedBy({})
  expect(second.payload).toEqual(proposed(pair.charter, { issuedAt: NOW - DAY }))
})
