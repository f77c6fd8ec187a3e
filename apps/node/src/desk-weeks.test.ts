import {
  canonicalize,
  expiriesOf,
  parseEnvelope,
  type Roster,
  thumbprint,
  TRUST_LIMITS,
} from '@amana/core'
import { describe, expect, it } from 'vitest'
import { openSeal, parseSeal } from '../../../packages/core/src/envelope/seal.ts'
import { passphraseOf } from '../../../test/support/met-agencies.ts'
import {
  adoptNext,
  beginTalk,
  carryAll,
  leaving,
  MEETING_MS,
  queueNew,
  type Side,
} from '../../../test/support/node-fixture.ts'
import { codeOf, refusalOf } from '../../../test/support/refusals.ts'
import { random } from '../../../test/support/store-fixture.ts'
import { listWeeks, planWeeks, type WeekPlan } from './agency/desk-weeks.ts'
import { destroyEndedKeys } from './key-upkeep.ts'
import { createKeyServices } from './services/key-services.ts'
import { MOST_KEYS, type NodeSecrets, NodeSecretsSchema } from './vault/agency-secrets.ts'
import { keystorePath, readKeystore } from './vault/keystore-file.ts'
import { firstLogNames } from './vault/load-keys.ts'
import { NodeKeyRing } from './vault/node-key-ring.ts'

const DAY = 86_400
const WEEK = 7 * DAY
const DESK = 'coordination'
const ALGORITHM = 'HPKE-9-KE'

interface Wish {
  readonly weeks: number
  readonly supersede?: boolean
  readonly suite?: 'A1' | 'A2'
}

/** What the command does for the coordination desk of a node; both nodes take the roster. */
async function weekly(side: Side, other: Side, wish: Wish): Promise<WeekPlan> {
  const { supersede = false, suite = 'A2', weeks } = wish
  const { payload } = side.parts.trust.ownRoster
  const algorithm = suite === 'A1' ? 'ECDH-ES+A256KW' : ALGORITHM
  const plan = planWeeks(payload, { desk: DESK, algorithm, weeks, supersede }, side.clock.now())
  const { makeKeys } = createKeyServices(side.parts)
  const made = await makeKeys({ use: DESK, suite, count: plan.spans.length })
  const jwks = made.map(({ jwk }) => jwk)
  const lists = await listWeeks(plan, jwks)(side.parts.trust.ownRoster, side.clock.now())
  await adoptNext(side, other, lists)
  return plan
}

function keysOf({ parts }: Side): Roster['desks'][number]['encryption'] {
  return parts.trust.ownRoster.payload.desks.find(({ id }) => id === DESK)?.encryption ?? []
}

/** The ids of the keys that a dispatch names, and its envelope. */
async function sealed(
  side: Side,
): Promise<{ readonly kids: readonly string[]; envelope: Uint8Array }> {
  const { envelope } = await leaving(side)
  return { kids: parseEnvelope(envelope).dispatch.content.to.kids, envelope }
}

async function kidsOf(side: Side): Promise<readonly string[]> {
  return Promise.all(keysOf(side).map(({ jwk }) => thumbprint(jwk)))
}

function planOf(side: Side, { weeks }: Wish): WeekPlan {
  const wish = { desk: DESK, algorithm: ALGORITHM, weeks, supersede: false } as const
  return planWeeks(side.parts.trust.ownRoster.payload, wish, side.clock.now())
}

/** Bytes of an agency's newest roster. */
function sizeOf({ parts }: Side): number {
  return canonicalize({ ...parts.trust.ownRoster.payload }).length
}

/** Every seed of a desk in a keystore. */
function seedsOf({ also = [], desks }: NodeSecrets): readonly string[] {
  return [...Object.values(desks), ...also.map(({ seed }) => seed)]
}

async function keystoreOf({ place }: Side): Promise<NodeSecrets> {
  return readKeystore(keystorePath(place.folder, 'node'), passphraseOf('node'), NodeSecretsSchema)
}

/** What every key of a node's keystore makes of the seal in an envelope: the code, or `opened`. */
async function triedByAll(side: Side, envelope: Uint8Array): Promise<readonly unknown[]> {
  const parsed = parseEnvelope(envelope)
  if (parsed.form !== 'sealed') throw new Error('a void')
  const { content, digest } = parsed.dispatch
  const path = keystorePath(side.place.folder, 'node')
  const file = { path, passphrase: '', random }
  const names = firstLogNames(side.agency)
  const ring = await NodeKeyRing.load(await keystoreOf(side), names, file)
  const options = { keyCommitment: content.keyCommitment, dispatch: digest }
  const seal = parseSeal(parsed.seal, 'A2')
  return Promise.all(
    ring.opening.map(({ key }) =>
      openSeal(seal, key, options).then(
        () => 'opened',
        async (error: unknown) => codeOf(() => Promise.reject(error)),
      ),
    ),
  )
}

describe('the weekly keys of a desk', { timeout: MEETING_MS }, () => {
  it('follow each other without a gap, and take the place of the key for a year', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await weekly(anltp, naptip, { weeks: 8 })
    const listed = keysOf(anltp)
    const begin = clock.now() - TRUST_LIMITS.skewSeconds
    expect(listed.map(({ exp, nbf }) => [nbf - begin, exp - begin])).toEqual(
      Array.from({ length: 8 }, (_, week) => [week * WEEK, (week + 1) * WEEK]),
    )
    expect(new Set(await kidsOf(anltp)).size).toBe(8)
    expect(anltp.parts.trust.ownRoster.payload.revoked).toEqual([])
  })

  it('are named one a week by the dispatches of that week', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await weekly(anltp, naptip, { weeks: 3 })
    const [first, second, third] = await kidsOf(anltp)
    const named = async (): Promise<readonly string[]> => {
      await queueNew(naptip, 'jtwg.minutes/1')
      const { kids } = await sealed(naptip)
      expect(await carryAll(naptip, anltp)).toBe(1)
      return kids
    }
    expect(await named()).toEqual([first])
    clock.turn(WEEK - TRUST_LIMITS.skewSeconds - 1)
    expect(await named()).toEqual([first])
    clock.turn(1)
    expect(await named()).toEqual([second])
    clock.turn(WEEK)
    expect(await named()).toEqual([third])
    const all = await anltp.parts.ledger.newest(9)
    expect(all.map(({ state }) => state)).toEqual(['received', 'received', 'received', 'received'])
  })

  it('open nothing of their week once the private half is destroyed, whatever else is there', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await weekly(anltp, naptip, { weeks: 8 })
    const [first = ''] = await kidsOf(anltp)
    await queueNew(naptip, 'jtwg.minutes/1')
    const { envelope } = await sealed(naptip)
    const before = await keystoreOf(anltp)
    expect((await triedByAll(anltp, envelope)).filter((one) => one === 'opened')).toHaveLength(1)
    const [{ exp } = { exp: 0 }] = keysOf(anltp)
    clock.turn(exp + 30 * DAY - 1 - clock.now())
    await adoptNext(anltp, naptip)
    expect(await destroyEndedKeys(anltp.parts)).toEqual([])
    clock.turn(1)
    expect(await destroyEndedKeys(anltp.parts)).toEqual([first])
    const after = await triedByAll(anltp, envelope)
    const now = await keystoreOf(anltp)
    expect(new Set(after)).toEqual(new Set(['WIRE_NOT_FOR_ME']))
    // seven weeks, two other desks, the deposit key and the year’s key, which rosters of before may still let somebody use
    expect(after).toHaveLength(11)
    const seeds = seedsOf(before).filter((seed) => !seedsOf(now).includes(seed))
    expect(seeds).toHaveLength(1)
  })

  it('are filled up to the number that is wanted, and revoked with what was before where that is wanted', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await weekly(anltp, naptip, { weeks: 4 })
    const before = await kidsOf(anltp)
    expect(planOf(anltp, { weeks: 4 }).spans).toEqual([])
    clock.turn(WEEK + DAY)
    const plan = await weekly(anltp, naptip, { weeks: 4 })
    expect([plan.kept.length, plan.spans.length]).toEqual([3, 1])
    expect((await kidsOf(anltp)).slice(0, 3)).toEqual(before.slice(1))
    const ends = keysOf(anltp).map(({ exp }) => exp)
    expect(
      keysOf(anltp)
        .slice(1)
        .map(({ nbf }) => nbf),
    ).toEqual(ends.slice(0, 3))
    const listed = await kidsOf(anltp)
    const fresh = await weekly(anltp, naptip, { weeks: 2, supersede: true })
    expect([fresh.kept.length, fresh.spans.length]).toEqual([0, 2])
    const { revoked } = anltp.parts.trust.ownRoster.payload
    expect(new Set(revoked.map(({ kid }) => kid))).toEqual(new Set(listed))
  })

  it('begin anew where a week is missing', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await weekly(anltp, naptip, { weeks: 4 })
    const [one, , three, four] = keysOf(anltp)
    const rest = [one, three, four].flatMap((key) => key ?? [])
    const { desks } = anltp.parts.trust.ownRoster.payload
    await adoptNext(anltp, naptip, {
      desks: desks.map((desk) => (desk.id === DESK ? { ...desk, encryption: rest } : desk)),
    })
    const gap = planOf(anltp, { weeks: 4 })
    expect([gap.kept, gap.spans[0]?.nbf]).toEqual([[one], one?.exp])
    clock.turn(WEEK)
    const late = planOf(anltp, { weeks: 4 })
    expect([late.kept, late.spans[0]?.nbf]).toEqual([[], clock.now() - TRUST_LIMITS.skewSeconds])
  })

  it('leave the keys of the other suite as they are, and fit beside them or are refused', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await weekly(anltp, naptip, { weeks: 8, suite: 'A1' })
    expect(keysOf(anltp)).toHaveLength(9)
    await weekly(anltp, naptip, { weeks: 8 })
    expect(
      keysOf(anltp)
        .map(({ jwk }) => jwk.alg)
        .toSorted(),
    ).toEqual([
      ...Array.from({ length: 8 }, () => 'ECDH-ES+A256KW'),
      ...Array.from({ length: 8 }, () => ALGORITHM),
    ])
    expect(await refusalOf(() => planOf(anltp, { weeks: 9 }))).toMatchObject({
      code: 'CLI_KEY_ROOM',
      details: { desk: DESK, most: 8 },
    })
    const nowhere = { desk: 'nowhere', algorithm: ALGORITHM, weeks: 1, supersede: false } as const
    const { payload } = anltp.parts.trust.ownRoster
    const now = talk.clock.now()
    expect(await codeOf(() => planWeeks(payload, nowhere, now))).toBe('CLI_KEY_HOLDER')
  })

  it('are told of at both ends when few weeks are left', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await weekly(anltp, naptip, { weeks: 8 })
    const end = keysOf(anltp).at(-1)?.exp ?? 0
    const levelAt = (side: Side, daysLeft: number): unknown => {
      const rosters = side.parts.trust.rosters.filter(({ agency }) => agency === anltp.agency)
      const newest = rosters.toSorted((a, b) => a.version - b.version).slice(-1)
      const { charter } = side.parts.trust.view()
      return expiriesOf(charter, newest, end - daysLeft * DAY).find(({ id }) => id === DESK)?.level
    }
    for (const side of [anltp, naptip]) {
      expect([22, 21, 14, 7, 0].map((left) => levelAt(side, left))).toEqual([
        undefined,
        'notice',
        'soon',
        'urgent',
        'ended',
      ])
    }
    const { keys } = await createKeyServices(anltp.parts).keys({})
    const levels = keys.filter(({ holder, use }) => use === 'desk' && holder === DESK)
    expect(levels.map(({ level, state }) => [state, level])).toContainEqual(['current', undefined])
    clock.turn(8 * WEEK)
    await adoptNext(anltp, naptip)
    await adoptNext(naptip, anltp)
    expect(await codeOf(() => queueNew(naptip, 'jtwg.minutes/1'))).toBe('TRUST_DESK')
  })

  it('take 1.7 kB each in a roster, so that three desks with 16 of them leave two thirds of it free', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const before = sizeOf(anltp)
    await weekly(anltp, naptip, { weeks: 8 })
    const one = (sizeOf(anltp) - before) / 7
    expect(one).toBe(1705)
    expect(3 * TRUST_LIMITS.keysInRotation * one).toBeLessThan(TRUST_LIMITS.rosterBytes / 3)
  })
})

describe('a keystore', { timeout: MEETING_MS }, () => {
  it('that holds as many keys as it may takes no more, and stays as it was', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    const { ring } = anltp.parts
    const before = await keystoreOf(anltp)
    expect(await codeOf(() => ring.make(DESK, 'A1', MOST_KEYS + 1))).toBe('STORE_KEYS_FULL')
    expect(await keystoreOf(anltp)).toEqual(before)
    expect(await ring.make(DESK, 'A1', MOST_KEYS)).toHaveLength(MOST_KEYS)
    expect((await keystoreOf(anltp)).also).toHaveLength(MOST_KEYS)
  })
})
