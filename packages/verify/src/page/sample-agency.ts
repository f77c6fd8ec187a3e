/**
 * The two invented agencies of the page's sample: keys from fixed seeds, a roster each, one charter. Everything in it is
 * test data; whoever holds this page holds every private key of it.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#sample
 */
import {
  buildFirstRoster,
  concatBytes,
  createNoteSigner,
  createRosterNode,
  createRosterOfficer,
  decodeBase64url,
  type Digest,
  encodeBase64url,
  encodeUtf8,
  formatVkey,
  type GeneralJws,
  type NoteSigner,
  type PrivateKey,
  privateKeyFromSeed,
  rawPublicKey,
  type RootPair,
  type Roster,
  sha256,
  signRoster,
} from '@amana/core'

const DAY_SECONDS = 86_400
const AREAS = ['referral', 'task', 'victim']
/** Officers, and what they do; the names say that nobody is meant. */
const OFFICERS = { 'testdata-author': 'author', 'testdata-approver': 'approve' } as const
const ROOT_PAIRS = 2

/** An invented agency with every key. */
export interface SampleAgency {
  readonly id: string
  readonly name: string
  readonly origin: string
  readonly author: PrivateKey<'Ed25519'>
  readonly approver: PrivateKey<'Ed25519'>
  readonly rosterKey: PrivateKey<'Ed25519'>
  readonly sealKey: PrivateKey<'Ed25519'>
  readonly desk: PrivateKey<'ECDH-ES+A256KW'>
  readonly peerKey: PrivateKey<'Ed25519'>
  readonly roots: readonly RootPair[]
  readonly recovery: readonly RootPair[]
  readonly logSigners: readonly [NoteSigner, NoteSigner]
  readonly witnessSigners: readonly [NoteSigner, NoteSigner]
}

/** The keys of an agency, the same each time. */
export async function sampleAgency(id: string, name: string): Promise<SampleAgency> {
  const signing = async (use: string): Promise<PrivateKey<'Ed25519'>> =>
    privateKeyFromSeed('Ed25519', seedOf(`${id} ${use}`))
  const origin = `${id}/amana/audit/1`
  return {
    id,
    name: `${name} (testData)`,
    origin,
    author: await signing('author'),
    approver: await signing('approver'),
    rosterKey: await signing('roster'),
    sealKey: await signing('seal'),
    peerKey: await signing('peer'),
    desk: await privateKeyFromSeed('ECDH-ES+A256KW', seedOf(`${id} desk`)),
    roots: await pairsOf(`${id} root`),
    recovery: await pairsOf(`${id} recovery`),
    logSigners: await signersOf(origin, 'log'),
    witnessSigners: await signersOf(`${id}/amana/witness/1`, 'cosigner'),
  }
}

async function pairsOf(label: string): Promise<readonly RootPair[]> {
  const pairs: RootPair[] = []
  for (let n = 1; n <= ROOT_PAIRS; n += 1) {
    const ed = await privateKeyFromSeed('Ed25519', seedOf(`${label} ${String(n)} ed`))
    const pq = await privateKeyFromSeed('ML-DSA-65', seedOf(`${label} ${String(n)} pq`))
    pairs.push({ ed, pq })
  }
  return pairs
}

async function signersOf(
  name: string,
  type: 'log' | 'cosigner',
): Promise<readonly [NoteSigner, NoteSigner]> {
  return [
    await createNoteSigner(name, type, seedOf(`${name} classical`)),
    await createNoteSigner(name, 'post-quantum', seedOf(`${name} post-quantum`)),
  ]
}

/** Version 1 of its roster, issued at `at` (seconds since 1970). `genesis` is the hash of its log's first leaf. */
export async function sampleRoster(
  agency: SampleAgency,
  at: number,
  genesis: Digest,
): Promise<Roster> {
  const span = { nbf: at - DAY_SECONDS, exp: at + 30 * DAY_SECONDS }
  const [log, witness] = [agency.logSigners, agency.witnessSigners]
  const node = await createRosterNode(agency.id, {
    ...span,
    addresses: [],
    depositKey: [{ ...span, jwk: await depositKeyOf(agency) }],
    desks: ['protection'],
    log: {
      genesis,
      log: [formatVkey(log[0]), formatVkey(log[1])],
      origin: agency.origin,
      witness: [formatVkey(witness[0]), formatVkey(witness[1])],
    },
    peerKey: agency.peerKey,
    sealKey: agency.sealKey,
  })
  const desk = { encryption: [{ ...span, jwk: agency.desk.publicJwk }], external: false }
  return buildFirstRoster(agency.id, at, {
    desks: [{ ...desk, id: 'protection', roles: [] }],
    nodes: [node],
    officers: await officersOf(agency, span),
    revoked: [],
  })
}

async function officersOf(
  agency: SampleAgency,
  span: { readonly nbf: number; readonly exp: number },
): Promise<Roster['officers']> {
  return Promise.all(
    Object.entries(OFFICERS).map(async ([id, act]) =>
      createRosterOfficer(agency.id, {
        ...span,
        encryption: [],
        id,
        key: act === 'author' ? agency.author : agency.approver,
        organisation: agency.id,
        roles: AREAS.map((area) => `${act}:${area}`),
      }),
    ),
  )
}

/** A key that nobody can open with: its ML-KEM half is thrown away as soon as it is made. */
async function depositKeyOf({ desk }: SampleAgency): Promise<{
  readonly alg: 'HPKE-9-KE'
  readonly kty: 'AKP'
  readonly pub: string
}> {
  const uses = ['encapsulateBits', 'decapsulateBits'].filter(isKeyUsage)
  const made = await crypto.subtle.generateKey('ML-KEM-768', true, uses)
  const key = 'publicKey' in made ? made.publicKey : made
  const jwk = new Map(Object.entries(await crypto.subtle.exportKey('jwk', key)))
  const half = decodeBase64url(String(jwk.get('pub')))
  const pub = encodeBase64url(concatBytes(half, sha256(rawPublicKey(desk.publicJwk))))
  return { alg: 'HPKE-9-KE', kty: 'AKP', pub }
}

/** WebCrypto’s names for it, which the DOM’s types do not list yet. */
function isKeyUsage(name: string): name is KeyUsage {
  return name.length > 0
}

/** The roster of somebody who has the agency’s name but not its roster key, with an officer of his own. */
export async function forgedRoster(agency: SampleAgency, roster: Roster): Promise<GeneralJws> {
  const forger = await privateKeyFromSeed('Ed25519', seedOf('forger'))
  const id = 'testdata-author'
  const { key, proof } = await createRosterOfficer(agency.id, {
    encryption: [],
    exp: roster.exp,
    id,
    key: forger,
    nbf: roster.iat,
    organisation: agency.id,
    roles: [],
  })
  const officers = roster.officers.map((officer) =>
    officer.id === id ? { ...officer, key, proof } : officer,
  )
  return signRoster({ ...roster, officers }, forger)
}

/** The seed of a label: public, as everything of the sample. */
export function seedOf(label: string): Uint8Array {
  return sha256(encodeUtf8(`amana sample ${label}`))
}
