/**
 * Pairs of agencies from fixed seeds that have met: their disks, their keys, and statements and rosters signed before a
 * history begins. Made once, copied for each history.
 *
 * @module
 * @spec docs/spec/12-simulation.md#what-runs
 */
import {
  type Attachment,
  buildFirstRoster,
  buildNextRoster,
  createInvite,
  deriveCharter,
  DigestSchema,
  expectedRetainUntil,
  type GeneralJws,
  type Json,
  openDeposit,
  parseDeposit,
  peerIdOfKey,
  type RosterLists,
  signCharter,
  type SignedStatement,
  signRoster,
  signStatement,
  verifyFirstCharter,
  type VerifiedInvite,
  verifyInvite,
} from '@amana/core'
import { entryPartsOf, firstLists } from '../agency/agency-keys.ts'
import { rotateDeskKey } from '../agency/key-changes.ts'
import { addOfficers } from '../agency/rosters.ts'
import { createLog, openAuditWriter } from '../audit/audit-writer.ts'
import { sealFrame } from '../carriers/deposits.ts'
import { rosterEvent } from '../trust/roster-adoption.ts'
import { contextOf } from '../statements/trust-context.ts'
import { ENTRY_PATH, rosterPath, writeOf } from '../trust/trust-documents.ts'
import { TrustState } from '../trust/trust-state.ts'
import {
  type AgencySecrets,
  createAgencySecrets,
  createSeed,
  type NodeSecrets,
} from '../vault/agency-secrets.ts'
import {
  firstLogNames,
  loadClassicKey,
  loadFirstOpeningKeys,
  loadNodeKeys,
  loadRootPair,
  loadSigningKey,
} from '../vault/load-keys.ts'
import { NodeKeyRing } from '../vault/node-key-ring.ts'
import { Chance } from './chance.ts'
import { SimBlobs } from './sim-blobs.ts'
import { SimDisk } from './sim-disk.ts'
import { SimClock, VirtualTime } from './virtual-time.ts'

/** 24 November 2026, 10:00:00 UTC: when every history begins. */
export const START_SECONDS = 1_795_514_400
/** Agencies of a history, by pairs; the last has a charter with nobody that is there. */
export const SIM_AGENCIES = ['ng.naptip', 'ne.anltp-tim', 'ng.nis', 'ne.dst'] as const
/** The fifth machine of five. */
export const STRANGER = 'zz.stranger'

const DESKS = ['coordination', 'intelligence', 'protection'] as const
/** Statements without a file; those with one follow. */
export const PLAIN_STATEMENTS = 8
/** Bytes of the files of the others: less than a chunk, and some chunks. */
const FILES = { small: 900, large: 150_000 }
/** Whose key each next roster makes anew. */
const ROTATED = ['coordination', 'protection'] as const
const PREPARED_SECONDS = 3600
const ROLES = ['author:jtwg', 'author:referral', 'case_manager', 'supervisor']

/** An agency before a history begins. */
export interface SimAgency {
  readonly id: string
  readonly peer: string
  readonly peerId: string
  readonly ring: NodeKeyRing
  readonly disk: SimDisk
  readonly blobs: SimBlobs
  /** Signed by its officers for the peer, in the order in which they are handed in. */
  readonly statements: readonly SignedStatement[]
  /** What they attach, by their digests. */
  readonly attached: ReadonlyMap<string, Attachment>
  /** Its next rosters, signed. */
  readonly rosters: readonly GeneralJws[]
}

interface Making {
  readonly id: string
  readonly secrets: AgencySecrets
  readonly disk: SimDisk
  readonly clock: SimClock
  readonly chance: Chance
  readonly ring: NodeKeyRing
  readonly officer: string
}

interface Open {
  readonly trust: TrustState
  readonly audit: Awaited<ReturnType<typeof openAuditWriter>>
}

const ON = { isOn: true }

/** Both agencies of a pair, with a charter in force. */
export async function makePair(first: string, second: string): Promise<readonly SimAgency[]> {
  return meet(await makeAgency(first), await makeAgency(second))
}

async function makeAgency(id: string): Promise<Making & Open> {
  const chance = new Chance(`agency ${id}`)
  const secrets = createAgencySecrets(chance.bytes)
  const also = [...DESKS, ...ROTATED].map((use) => ({
    seed: createSeed(chance.bytes),
    suite: 'A1' as const,
    use,
  }))
  const node: NodeSecrets = { ...secrets.node, also }
  const names = firstLogNames(id)
  const file = { path: '', passphrase: '', random: chance.bytes }
  const ring = await NodeKeyRing.load(node, names, file)
  const disk = new SimDisk({ chance })
  const clock = new SimClock(new VirtualTime(), START_SECONDS - PREPARED_SECONDS)
  const officer = createSeed(chance.bytes)
  const making = { id, secrets: { ...secrets, node }, disk, clock, chance, ring, officer }
  return { ...making, ...(await begin(making)) }
}

/** The first leaf, the entry, roster 1 and the roster with the officer. */
async function begin({ clock, disk, id, officer: seed, secrets }: Making): Promise<Open> {
  const names = firstLogNames(id)
  const keys = {
    ...(await loadNodeKeys(secrets.node, names)),
    ...(await loadFirstOpeningKeys(secrets.node)),
  }
  const store = disk.storeOf(ON)
  const log = { store, origin: names.origin, clock, checkpointFile: '', heads: disk.headsOf(ON) }
  const noteKeys = [keys.log.ed25519, keys.log.mlDsa44, keys.witness.ed25519, keys.witness.mlDsa44]
  const genesis = DigestSchema.parse(await createLog({ ...log, agency: id, keys: noteKeys }))
  const audit = await openAuditWriter({ ...log, logKeys: keys.log })
  const entry = await entryPartsOf(id, secrets)
  const writes = [writeOf([ENTRY_PATH, entry])]
  await audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
  const trust = await TrustState.load({ store, audit, clock, agency: id })
  const now = clock.now()
  const addresses = [`/dns4/${id}/tcp/4180`]
  const lists = await firstLists({ agency: id, names, keys, now, addresses, genesis })
  const rosterKey = await loadSigningKey(secrets.roster.seed)
  const classic = await classicDesks(lists, secrets.node)
  const first = await trust.adoptRoster(
    await signRoster(buildFirstRoster(id, now, classic), rosterKey),
  )
  const key = await loadSigningKey(seed)
  const officer = { id: 'author', organisation: id, roles: ROLES, key, days: 365 }
  const added = await addOfficers([officer])(first, now)
  await trust.adoptRoster(await signRoster(buildNextRoster(first, now, added), rosterKey))
  return { audit, trust }
}

/** The desks under suite A1, whose primitives Node has without its pool of threads. */
async function classicDesks(lists: RosterLists, { also = [] }: NodeSecrets): Promise<RosterLists> {
  const desks = await Promise.all(
    lists.desks.map(async (desk) => {
      const seed = also.find(({ use }) => use === desk.id)?.seed ?? ''
      const { publicJwk: jwk } = await loadClassicKey(seed)
      return { ...desk, encryption: desk.encryption.map((key) => ({ ...key, jwk })) }
    }),
  )
  return { ...lists, desks }
}

type Made = Making & Open

/** Charter 1 under suite A1, signed by both and in force on both disks. */
async function meet(one: Made, other: Made): Promise<readonly SimAgency[]> {
  const invites = [await inviteOf(one), await inviteOf(other)] as const
  const charter = { ...deriveCharter(...invites), suites: ['A1' as const] }
  const roots = await Promise.all(
    [one, other].flatMap(({ secrets }) =>
      secrets.roots.slice(0, 2).map((root) => loadRootPair(root)),
    ),
  )
  const signed = await signCharter(charter, roots)
  await enterIntoForce(one, signed, invites[1])
  await enterIntoForce(other, signed, invites[0])
  return [await prepared(one, other), await prepared(other, one)]
}

async function inviteOf({ clock, id, secrets, trust }: Made): Promise<VerifiedInvite> {
  const rosterKey = await loadSigningKey(secrets.roster.seed)
  const content = { agency: id, entry: trust.ownEntry(), roster: trust.ownRoster }
  const invite = await createInvite({ ...content, issuedAt: clock.now() }, rosterKey)
  return verifyInvite(invite, clock.now())
}

async function enterIntoForce(
  { audit, clock }: Made,
  jws: GeneralJws,
  peer: VerifiedInvite,
): Promise<void> {
  const charter = await verifyFirstCharter(jws, { now: clock.now() })
  const events = [
    rosterEvent(peer.roster, undefined),
    { event: 'g.policy', actor: 'sys', data: { new: charter.digest, version: 1 } },
  ]
  const writes = [
    writeOf(['charter', jws]),
    writeOf([rosterPath(peer.agency, peer.roster.version), peer.roster.jws]),
  ]
  await audit.commit({ events, writes: async () => ({ writes, events: [] }) })
}

/** What officers and the roster key sign ahead. */
async function prepared(made: Made, peer: Made): Promise<SimAgency> {
  const { audit, chance, clock, disk, id, officer, ring } = made
  const trust = await TrustState.load({ store: disk.storeOf(ON), audit, clock, agency: id })
  const context = contextOf(trust.view(), [id, peer.id])
  const key = await loadSigningKey(officer)
  const blobs = new SimBlobs({ chance })
  const files = await sealedFiles(blobs, chance)
  const statements: SignedStatement[] = []
  const attached = new Map<string, Attachment>()
  for (let number = 1; number <= PLAIN_STATEMENTS + files.length; number += 1) {
    const file = files[number - PLAIN_STATEMENTS - 1]
    const iat = clock.now()
    const draft = { ...bodyOf(number, file), aud: [peer.id], context, iat, iss: id }
    const retainUntil = expectedRetainUntil(draft.kind, iat)
    const signed = await signStatement({
      draft: { ...draft, handling: { caveats: ['test:data'], retainUntil, tlp: 'AMBER' } },
      signers: [{ key, act: 'author' }],
      random: chance.bytes,
    })
    statements.push(signed)
    if (file !== undefined) attached.set(signed.digest, file)
  }
  await sealOnce({ agency: id, clock, random: chance.bytes, trust }, peer.ring)
  const rosters = await nextRosters(made)
  const peerId = peerIdOfKey(ring.keys.peerKey.publicJwk)
  return { id, peer: peer.id, peerId, ring, disk, blobs, statements, attached, rosters }
}

/** The last one attaches the first file again. */
async function sealedFiles(blobs: SimBlobs, chance: Chance): Promise<readonly Attachment[]> {
  const seal = async (name: string, sizeBytes: number): Promise<Attachment> => {
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield chance.bytes(sizeBytes)
    }
    const facts = await blobs.blobsOf(ON).seal(source(), chance.bytes)
    return { ...facts, media: 'application/octet-stream', name }
  }
  const first = await seal('first.bin', FILES.small)
  return [first, await seal('second.bin', FILES.large), first]
}

/** What the library of carriers' keys keeps of a key must be there before any history, or the first would be another. */
async function sealOnce(parts: Parameters<typeof sealFrame>[0], ring: NodeKeyRing): Promise<void> {
  const bytes = await sealFrame(parts, { type: 'trust', body: new Uint8Array() })
  const deposit = parseDeposit(bytes)
  const key = ring.depositKey(deposit.keyId)
  if (key !== undefined) await openDeposit(deposit, key)
}

/** Adopted on a copy of the disk alone. */
async function nextRosters(made: Made): Promise<GeneralJws[]> {
  const { chance, clock, disk, id, ring, secrets } = made
  const copy = new SimDisk({ chance }, disk)
  const store = copy.storeOf(ON)
  const { origin } = firstLogNames(id)
  const heads = copy.headsOf(ON)
  const { log: logKeys } = ring.keys
  const audit = await openAuditWriter({ store, origin, logKeys, clock, checkpointFile: '', heads })
  const trust = await TrustState.load({ store, audit, clock, agency: id })
  const rosterKey = await loadSigningKey(secrets.roster.seed)
  const rosters: GeneralJws[] = []
  for (const [index, desk] of ROTATED.entries()) {
    const { seed = '' } = secrets.node.also?.[DESKS.length + index] ?? {}
    const { publicJwk: jwk } = await loadClassicKey(seed)
    const change = rotateDeskKey(desk, jwk, { days: KEY_DAYS, supersede: false })
    const lists = await change(trust.ownRoster, clock.now())
    const next = buildNextRoster(trust.ownRoster, clock.now(), lists)
    const jws = await signRoster(next, rosterKey)
    await trust.adoptRoster(jws)
    rosters.push(jws)
  }
  return rosters
}

const KEY_DAYS = 30

type Body = Pick<Parameters<typeof signStatement>[0]['draft'], 'groups' | 'kind'>

/** Minutes for one desk, and a step of a referral for another. */
function bodyOf(number: number, file: Attachment | undefined): Body {
  if (file !== undefined) {
    const body = { ...minutesOf(number), attachments: [{ ...file }] }
    return { kind: 'jtwg.minutes/1', groups: { body } }
  }
  if (number % 3 !== 0) return { kind: 'jtwg.minutes/1', groups: { body: minutesOf(number) } }
  const occurredAt = '2026-11-24T08:50:00Z'
  const referral = 'NE-ANLTP-26-5T9XW2HD-D'
  const body = { event: 'submit', occurredAt, referral, sequence: number }
  return { kind: 'referral.event/1', groups: { body } }
}

function minutesOf(number: number): { readonly [member: string]: Json } {
  return {
    meeting: {
      number,
      type: 'jtwg',
      mode: 'virtual',
      from: '2026-11-23',
      to: '2026-11-23',
      place: { en: 'by video link', fr: 'par visioconférence' },
    },
    attendance: [{ seat: 'NG-NAPTIP-01', present: 'yes' }],
    items: [
      {
        number: 1,
        title: { en: 'Opening', fr: 'Ouverture' },
        summary: { en: 'The chair opened the meeting.', fr: 'La présidence a ouvert la séance.' },
        decisions: [],
        actions: [],
      },
    ],
    decisions: [],
    actions: [],
    status: 'drafting',
    dueToChairs: '2026-11-26',
    draftedIn: 'fr',
    casesMentioned: 'none',
  }
}
