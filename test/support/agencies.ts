/**
 * Two agencies from fixed seeds with a charter in force, for tests of whatever they sign for each other.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#pairing
 */
import {
  buildFirstRoster,
  createCharterEntry,
  createInvite,
  createRosterNode,
  createRosterOfficer,
  createTrustView,
  deriveCharter,
  digest,
  encodeUtf8,
  formatVkey,
  createNoteSigner,
  type NoteKeyType,
  type NoteSigner,
  type OpeningKey,
  type PrivateKey,
  privateKeyFromSeed,
  type Random,
  type RootPair,
  sha256,
  signCharter,
  signRoster,
  type Suite,
  type TrustView,
  verifyFirstCharter,
  type VerifiedCharter,
  type VerifiedRoster,
  verifyInvite,
  verifyRoster,
} from '@amana/core'

/** 24 November 2026, 10:00:00 UTC. */
export const NOW = 1_795_514_400

/** Randomness that repeats: SHA-256 in counter mode over a label. */
export function seededRandom(label: string): Random {
  let counter = 0
  return (sizeBytes) => {
    const bytes = new Uint8Array(sizeBytes)
    for (let offset = 0; offset < sizeBytes; offset += 32) {
      counter += 1
      const block = sha256(encodeUtf8(`${label} ${String(counter)}`))
      bytes.set(block.subarray(0, Math.min(32, sizeBytes - offset)), offset)
    }
    return bytes
  }
}

/** Every key of a test agency. */
export interface TestAgency {
  readonly id: string
  readonly peerKey: PrivateKey<'Ed25519'>
  readonly sealKey: PrivateKey<'Ed25519'>
  readonly rosterKey: PrivateKey<'Ed25519'>
  readonly roots: readonly RootPair[]
  readonly desks: Readonly<Record<Desk, OpeningKey>>
  readonly officers: Readonly<Record<string, PrivateKey<'Ed25519'>>>
  readonly logSigners: readonly [NoteSigner, NoteSigner]
  readonly witnessSigners: readonly [NoteSigner, NoteSigner]
  readonly origin: string
  readonly roster: VerifiedRoster
  readonly peerId: string
}

/** The desks of a test agency. */
export type Desk = 'protection' | 'intelligence' | 'coordination'

/** Two agencies that confirmed each other. */
export interface Pair {
  readonly naptip: TestAgency
  readonly anltp: TestAgency
  readonly charter: VerifiedCharter
  readonly trust: TrustView
}

const AREAS = ['handover', 'intel', 'jtwg', 'referral', 'rights', 'task', 'victim']
const OFFICERS = {
  author: AREAS.map((area) => `author:${area}`),
  approver: AREAS.map((area) => `approve:${area}`),
  second: AREAS.map((area) => `approve:${area}`),
  reader: ['supervisor'],
}

const pairsBySuite = new Map<Suite, Promise<Pair>>()

/** The pair, by default as pairing makes it; made once a process. */
export async function twoAgencies(suite: Suite = 'A2'): Promise<Pair> {
  const pair = pairsBySuite.get(suite) ?? makePair(suite)
  pairsBySuite.set(suite, pair)
  return pair
}

async function makePair(suite: Suite): Promise<Pair> {
  const naptip = await makeAgency('ng.naptip', suite)
  const anltp = await makeAgency('ne.anltp-tim', suite)
  const invites = await Promise.all([inviteOf(naptip), inviteOf(anltp)])
  const charter = { ...deriveCharter(invites[0], invites[1]), suites: [suite] }
  const jws = await signCharter(charter, [...naptip.roots.slice(0, 2), ...anltp.roots.slice(1)])
  const verified = await verifyFirstCharter(jws, { now: NOW })
  const rosters = [naptip.roster, anltp.roster]
  return {
    naptip,
    anltp,
    charter: verified,
    trust: createTrustView({ charter: verified, rosters }),
  }
}

async function inviteOf(agency: TestAgency): Promise<Awaited<ReturnType<typeof verifyInvite>>> {
  const entry = createCharterEntry(await entryParts(agency), agency.roster)
  const content = { agency: agency.id, entry, roster: agency.roster, issuedAt: NOW - 60 }
  return verifyInvite(await createInvite(content, agency.rosterKey), NOW)
}

function pairsOf(pairs: readonly RootPair[]): Parameters<typeof createCharterEntry>[0]['roots'] {
  return pairs.map(({ ed, pq }) => ({ ed: ed.publicJwk, pq: pq.publicJwk }))
}

async function entryParts(
  agency: Pick<TestAgency, 'id' | 'roots' | 'rosterKey'>,
): Promise<Parameters<typeof createCharterEntry>[0]> {
  const recovery = await rootPairs(`${agency.id} recovery`)
  return {
    name: agency.id === 'ng.naptip' ? 'NAPTIP' : 'ANLTP/TIM',
    recovery: pairsOf(recovery),
    recoveryThreshold: 2,
    roots: pairsOf(agency.roots),
    rosterKeys: [agency.rosterKey.publicJwk],
    threshold: 2,
  }
}

async function rootPairs(label: string): Promise<readonly RootPair[]> {
  return Promise.all(
    [1, 2, 3].map(async (n) => ({
      ed: await privateKeyFromSeed('Ed25519', seedOf(`${label} ${String(n)} ed`)),
      pq: await privateKeyFromSeed('ML-DSA-65', seedOf(`${label} ${String(n)} pq`)),
    })),
  )
}

async function makeAgency(id: string, suite: Suite): Promise<TestAgency> {
  const signing = async (name: string): Promise<PrivateKey<'Ed25519'>> =>
    privateKeyFromSeed('Ed25519', seedOf(`${id} ${name}`))
  const sealing = async (name: string): Promise<PrivateKey<'HPKE-9-KE'>> =>
    privateKeyFromSeed('HPKE-9-KE', seedOf(`${id} ${name}`))
  const origin = `${id}/amana/audit/1`
  const opening = async (name: string): Promise<OpeningKey> =>
    suite === 'A2' ? sealing(name) : classicDeskKey(id, name)
  const desks = {
    protection: await opening('protection'),
    intelligence: await opening('intelligence'),
    coordination: await opening('coordination'),
  }
  const officers: Record<string, PrivateKey<'Ed25519'>> = {}
  for (const name of Object.keys(OFFICERS)) officers[name] = await signing(`officer ${name}`)
  const made = {
    id,
    origin,
    desks,
    officers,
    peerKey: await signing('peer'),
    sealKey: await signing('seal'),
    rosterKey: await signing('roster'),
    roots: await rootPairs(`${id} root`),
    logSigners: await noteSigners(origin, ['log', 'post-quantum']),
    witnessSigners: await noteSigners(`${id}/amana/witness/1`, ['cosigner', 'post-quantum']),
  }
  const roster = await makeRoster(made, await sealing('deposit'))
  return { ...made, roster, peerId: roster.payload.nodes[0]?.peerId ?? '' }
}

/** The key of a desk for suite A1. */
export async function classicDeskKey(
  agency: string,
  desk: string,
): Promise<PrivateKey<'ECDH-ES+A256KW'>> {
  return privateKeyFromSeed('ECDH-ES+A256KW', seedOf(`${agency} ${desk} A1`))
}

type Unlisted = Omit<TestAgency, 'roster' | 'peerId'>

async function makeRoster(
  agency: Unlisted,
  depositKey: PrivateKey<'HPKE-9-KE'>,
): Promise<VerifiedRoster> {
  const { id, desks } = agency
  const span = { nbf: NOW - 3600, exp: NOW + 30 * 86_400 }
  const node = await createRosterNode(id, {
    ...span,
    addresses: ['/ip4/127.0.0.1/tcp/4001'],
    depositKey: [{ ...span, jwk: depositKey.publicJwk }],
    desks: Object.keys(desks),
    log: {
      genesis: digest(`${id} genesis`),
      log: vkeysOf(agency.logSigners),
      origin: agency.origin,
      witness: vkeysOf(agency.witnessSigners),
    },
    peerKey: agency.peerKey,
    sealKey: agency.sealKey,
  })
  const officers = await Promise.all(
    Object.entries(OFFICERS).map(async ([name, roles]) => {
      const key = agency.officers[name] ?? agency.sealKey
      return createRosterOfficer(id, {
        ...span,
        encryption: [],
        id: name,
        key,
        organisation: id,
        roles,
      })
    }),
  )
  const roster = buildFirstRoster(id, NOW - 600, {
    desks: Object.entries(desks).map(([desk, key]) => ({
      encryption: [{ ...span, jwk: key.publicJwk }],
      external: false,
      id: desk,
      roles: [],
    })),
    nodes: [node],
    officers,
    revoked: [],
  })
  const jws = await signRoster(roster, agency.rosterKey)
  const parts = await entryParts(agency)
  const bound = { digest: digest(jws.payload), version: 1 }
  return verifyRoster(jws, {
    authority: { agency: id, entry: { ...parts, roster: bound } },
    now: NOW,
  })
}

function vkeysOf([first, second]: readonly [NoteSigner, NoteSigner]): [string, string] {
  return [formatVkey(first), formatVkey(second)]
}

async function noteSigners(
  name: string,
  types: readonly [NoteKeyType, NoteKeyType],
): Promise<readonly [NoteSigner, NoteSigner]> {
  const [first, second] = types
  return [
    await createNoteSigner(name, first, seedOf(`${name} ${first} 1`)),
    await createNoteSigner(name, second, seedOf(`${name} ${second} 2`)),
  ]
}

function seedOf(label: string): Uint8Array {
  return sha256(encodeUtf8(label))
}
