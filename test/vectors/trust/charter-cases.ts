/**
 * Charters after the first: renewals, recoveries, and statements that name one of three charters.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#signing-a-charter
 */
import {
  type Charter,
  digest,
  type GeneralJws,
  GeneralJwsSchema,
  type RootPair,
  type SigningKey,
  verifyFirstCharter,
  type VerifiedCharter,
} from '@amana/core'
import { NOW, type Pair, twoAgencies } from '../../support/agencies.ts'
import { drop, type Edit, put } from '../../support/crafted-envelope.ts'
import { type Path } from '../../support/edit-json.ts'
import { editAt, flipped } from '../../support/hostile-edits.ts'
import {
  DAY,
  newRoots,
  proposed,
  publicPair,
  quorumsOf,
  recoveryPairs,
  withNewRosterKey,
} from '../../support/rotation.ts'
import { halvesOf, jsonOf, rootPair, signAny, signingKey } from '../../support/trust-fixture.ts'

/** Two agencies under a first charter of 70 days ago, in which each has two root pairs and one recovery pair. */
export interface Charters extends Pair {
  readonly charter: VerifiedCharter
}

/** One charter that is to be judged as version 2. */
export interface CharterCase {
  readonly name: string
  readonly code?: string
  /** The agency whose recovery pairs stand in for its quorum. */
  readonly recovers?: string
  readonly charter: GeneralJws
}

const NG = ['agencies', 'ng.naptip'] as const
/** Of the signed object. */
export const TYPE = 'amana-charter+jws'

/** Made once a process. */
export async function chartersWorld(): Promise<Charters> {
  const pair = await twoAgencies()
  const iat = NOW - 70 * DAY
  const agencies = Object.entries(pair.charter.payload.agencies).map(([id, entry]) => {
    const few = { recovery: entry.recovery.slice(0, 1), roots: entry.roots.slice(0, 2) }
    return [id, { ...entry, ...few, recoveryThreshold: 1 }] as const
  })
  const payload = { ...pair.charter.payload, agencies: Object.fromEntries(agencies), iat }
  const jws = await signAny(TYPE, { ...payload, exp: iat + 365 * DAY }, halvesOf(quorumsOf(pair)))
  return { ...pair, charter: await verifyFirstCharter(jws, {}) }
}

/** Version 2 as NAPTIP proposes it, 59 days ago. */
function next({ charter }: Charters, parts: Parameters<typeof proposed>[1] = {}): Charter {
  return proposed(charter, { issuedAt: NOW - 59 * DAY, ...parts })
}

interface Keys {
  readonly both: readonly RootPair[]
  readonly naptip: readonly RootPair[]
  readonly anltp: readonly RootPair[]
  readonly fresh: readonly RootPair[]
  readonly recovery: readonly RootPair[]
  readonly otherRecovery: readonly RootPair[]
  readonly stranger: SigningKey
}

async function keysOf(world: Charters): Promise<Keys> {
  return {
    both: quorumsOf(world),
    naptip: world.naptip.roots.slice(0, 2),
    anltp: world.anltp.roots.slice(0, 2),
    fresh: (await newRoots('ng.naptip')).slice(0, 2),
    recovery: (await recoveryPairs('ng.naptip')).slice(0, 1),
    otherRecovery: (await recoveryPairs('ne.anltp-tim')).slice(0, 1),
    stranger: await signingKey('a stranger'),
  }
}

type Made = readonly [name: string, says: string, content: unknown, keys: readonly SigningKey[]]

/** Each as version 2 after the first charter. `says` is a code, or the agency that recovers, or nothing. */
export async function charterVectors(world: Charters): Promise<readonly CharterCase[]> {
  const keys = await keysOf(world)
  const made = [
    ...(await soundCharters(world, keys)),
    ...signerCases(world, keys),
    ...(await chainCases(world, keys)),
    ...formCases(world, keys),
  ]
  const cases = made.map(async ([name, says, content, signers]) => {
    const said = says === '' ? {} : says.includes('.') ? { recovers: says } : { code: says }
    return { name, ...said, charter: await signAny(TYPE, content, signers) }
  })
  const sound = await signAny(TYPE, next(world), halvesOf(keys.both))
  const broken = jsonOf(editAt(['signatures', 0, 'signature'], flipped)(sound))
  const changed = {
    name: 'with one signature changed',
    code: 'WIRE_SIG',
    charter: GeneralJwsSchema.parse(broken),
  }
  const foreign = await signAny('amana-roster+jws', next(world), halvesOf(keys.both))
  return [
    ...(await Promise.all(cases)),
    changed,
    { name: 'of another type', code: 'WIRE_TYP', charter: foreign },
  ]
}

async function soundCharters(world: Charters, keys: Keys): Promise<readonly Made[]> {
  const roots = keys.fresh.map(publicPair)
  const replaced = next(world, { entry: { roots } })
  const chain = await withNewRosterKey(world, await signingKey('another roster key of NAPTIP'), {
    iat: NOW - 300,
  })
  const moved = keys.naptip.toReversed().map(publicPair)
  const recovering = [...keys.recovery, ...keys.fresh, ...keys.anltp]
  return [
    ['with another end', '', next(world, { validForSeconds: 30 * DAY }), halvesOf(keys.both)],
    ['with new root pairs', '', replaced, halvesOf([...keys.both, ...keys.fresh])],
    ['with a new roster key', '', chain.charter.payload, halvesOf(keys.both)],
    [
      'with its pairs in another order',
      '',
      next(world, { entry: { roots: moved } }),
      halvesOf(keys.both),
    ],
    ['with suite A1 beside A2', '', next(world, { suites: ['A1', 'A2'] }), halvesOf(keys.both)],
    ['by which NAPTIP recovers', 'ng.naptip', replaced, halvesOf(recovering)],
    [
      'that the old pairs signed beside the recovery pair',
      '',
      replaced,
      halvesOf([...keys.both, ...keys.fresh, ...keys.recovery]),
    ],
  ]
}

function signerCases(world: Charters, keys: Keys): readonly Made[] {
  const plain = next(world)
  const by = halvesOf
  const replaced = next(world, { entry: { roots: keys.fresh.map(publicPair) } })
  const { anltp, both, fresh, naptip, recovery, stranger } = keys
  return [
    ['that NAPTIP signed alone', 'TRUST_THRESHOLD', plain, by(naptip)],
    ['with one pair less', 'TRUST_THRESHOLD', plain, by(both.slice(1))],
    ['with one half less', 'TRUST_THRESHOLD', plain, by(both).slice(1)],
    ['with new root pairs that did not sign', 'TRUST_THRESHOLD', replaced, by(both)],
    ['with new root pairs alone', 'TRUST_THRESHOLD', replaced, by([...fresh, ...anltp])],
    ['that recovers without the other', 'TRUST_THRESHOLD', replaced, by([...recovery, ...fresh])],
    [
      'that recovers without its new pairs',
      'TRUST_THRESHOLD',
      replaced,
      by([...recovery, ...anltp]),
    ],
    [
      'that recovers by half a pair',
      'TRUST_THRESHOLD',
      replaced,
      by([...recovery, ...fresh, ...anltp]).slice(1),
    ],
    [
      'by which both recover at once',
      'TRUST_THRESHOLD',
      plain,
      by([...recovery, ...keys.otherRecovery]),
    ],
    ['that a stranger signed too', 'WIRE_KID_UNKNOWN', plain, [...by(both), stranger]],
    ['that a roster key signed too', 'WIRE_KEY_USE', plain, [...by(both), world.naptip.rosterKey]],
  ]
}

async function chainCases(world: Charters, keys: Keys): Promise<readonly Made[]> {
  const plain = next(world)
  const own = await rootPair('a recovery pair that nobody knows')
  const strange = next(world, { entry: { recovery: [publicPair(own)] } })
  const edits = [...versionEdits(), ...(await keyEdits(plain))]
  const by = halvesOf(keys.both)
  return [
    ...edits.map(([name, says, path, value]): Made => [name, says, put(path, value)(plain), by]),
    [
      'that leaves ANLTP/TIM out without it',
      'WIRE_MEMBER',
      editAt(['agencies'], drop('ne.anltp-tim'))(plain),
      halvesOf(keys.naptip),
    ],
    [
      'signed by a recovery pair of its own',
      'WIRE_KEY_USE',
      strange,
      halvesOf([...keys.both, own]),
    ],
  ]
}

type Put = readonly [name: string, says: string, path: Path, value: unknown]

function versionEdits(): readonly Put[] {
  return [
    ['of version 1', 'WIRE_FORK', ['version'], 1],
    ['of version 3', 'TRUST_ROLLBACK', ['version'], 3],
    ['that follows another charter', 'TRUST_CHAIN', ['previous'], digest('another charter')],
    ['that follows none', 'TRUST_CHAIN', ['previous'], null],
  ]
}

async function keyEdits({ agencies }: Charter): Promise<readonly Put[]> {
  const other = await signingKey('another roster key of NAPTIP')
  const elsewhere = digest('another roster')
  return [
    [
      'with a new roster key and the old roster',
      'TRUST_CHAIN',
      [...NG, 'rosterKeys'],
      [other.publicJwk],
    ],
    [
      'with the old roster key and a new roster',
      'TRUST_CHAIN',
      [...NG, 'roster', 'digest'],
      elsewhere,
    ],
    [
      'that makes a recovery pair a root pair',
      'WIRE_KEY',
      [...NG, 'roots', 1],
      agencies['ng.naptip']?.recovery[0],
    ],
    [
      'that lists a root pair of ANLTP/TIM twice',
      'WIRE_KEY',
      [...NG, 'recovery', 0],
      agencies['ne.anltp-tim']?.roots[0],
    ],
  ]
}

function formCases(world: Charters, keys: Keys): readonly Made[] {
  const plain = next(world)
  const edits: readonly (readonly [string, string, Edit])[] = [
    ['of another form', 'WIRE_VERSION', put(['v'], 2)],
    ['with a member more', 'WIRE_MEMBER', put(['note'], 'x')],
    ['with a threshold of one', 'TRUST_THRESHOLD', put([...NG, 'threshold'], 1)],
    ['of 366 days', 'TRUST_EXPIRED', put(['exp'], plain.iat + 366 * DAY)],
  ]
  return edits.map(([name, says, edit]) => [name, says, edit(plain), halvesOf(keys.both)])
}
