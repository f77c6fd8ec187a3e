/**
 * A charter of three agencies: ANLTP/TIM, NAPTIP, and `ng.nis` with one officer, for tests of what one agency may do with
 * another's statements.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#charter
 */
import {
  buildFirstRoster,
  createRosterNode,
  createRosterOfficer,
  createTrustView,
  digest,
  formatVkey,
  createNoteSigner,
  encodeUtf8,
  generateKey,
  generateRootPair,
  type PrivateKey,
  type RootPair,
  sha256,
  signCharter,
  signRoster,
  verifyFirstCharter,
  verifyRoster,
  type VerifiedRoster,
} from '@amana/core'
import { NOW, seededRandom } from './agencies.ts'
import { type World } from './envelope-fixture.ts'

const ID = 'ng.nis'
const SPAN = { nbf: NOW - 3600, exp: NOW + 30 * 86_400 }
const random = seededRandom('third agency')

/** The two agencies of a world under a charter with a third one, and that one's author. */
export async function withThirdAgency(
  world: World,
): Promise<{ readonly world: World; readonly author: PrivateKey<'Ed25519'> }> {
  const rosterKey = await generateKey('Ed25519', random)
  const author = await generateKey('Ed25519', random)
  const roots = [await generateRootPair(random), await generateRootPair(random)]
  const roster = await signRoster(await thirdRoster(author), rosterKey)
  const { payload } = world.trust.charter
  const entry = {
    name: 'NIS',
    recovery: publicPairs([await generateRootPair(random)]),
    recoveryThreshold: 1,
    roots: publicPairs(roots),
    roster: { digest: digest(roster.payload), version: 1 },
    rosterKeys: [rosterKey.publicJwk],
    threshold: 2,
  }
  const ids = [world.sender.id, world.receiver.id, ID].toSorted()
  const kinds = Object.entries(payload.kinds).map(
    ([kind, rule]) => [kind, { ...rule, aud: ids }] as const,
  )
  const agencies = { ...payload.agencies, [ID]: entry }
  const signed = await signCharter({ ...payload, agencies, kinds: Object.fromEntries(kinds) }, [
    ...world.sender.roots.slice(0, 2),
    ...world.receiver.roots.slice(0, 2),
    ...roots,
  ])
  const charter = await verifyFirstCharter(signed, {})
  const rosters: readonly VerifiedRoster[] = [
    world.sender.roster,
    world.receiver.roster,
    await verifyRoster(roster, { authority: charter }),
  ]
  const named = rosters.map((known) => [known.agency, known.digest] as const)
  return {
    author,
    world: {
      ...world,
      trust: createTrustView({ charter, rosters }),
      context: { charter: charter.digest, rosters: Object.fromEntries(named) },
    },
  }
}

async function thirdRoster(
  author: PrivateKey<'Ed25519'>,
): Promise<ReturnType<typeof buildFirstRoster>> {
  const desk = await generateKey('HPKE-9-KE', random)
  const deposit = await generateKey('HPKE-9-KE', random)
  const node = await createRosterNode(ID, {
    ...SPAN,
    addresses: [],
    depositKey: [{ ...SPAN, jwk: deposit.publicJwk }],
    desks: ['protection'],
    log: {
      genesis: digest(ID),
      log: await vkeys(`${ID}/amana/audit/1`, 'log'),
      origin: `${ID}/amana/audit/1`,
      witness: await vkeys(`${ID}/amana/witness/1`, 'cosigner'),
    },
    peerKey: await generateKey('Ed25519', random),
    sealKey: await generateKey('Ed25519', random),
  })
  const officer = await createRosterOfficer(ID, {
    ...SPAN,
    encryption: [],
    id: 'author',
    key: author,
    organisation: ID,
    roles: ['author:referral'],
  })
  return buildFirstRoster(ID, NOW - 600, {
    desks: [
      {
        encryption: [{ ...SPAN, jwk: desk.publicJwk }],
        external: false,
        id: 'protection',
        roles: [],
      },
    ],
    nodes: [node],
    officers: [officer],
    revoked: [],
  })
}

async function vkeys(name: string, type: 'log' | 'cosigner'): Promise<[string, string]> {
  const seedOf = (label: string): Uint8Array => sha256(encodeUtf8(`${name} ${label}`))
  return [
    formatVkey(await createNoteSigner(name, type, seedOf('1'))),
    formatVkey(await createNoteSigner(name, 'post-quantum', seedOf('2'))),
  ]
}

function publicPairs(
  pairs: readonly RootPair[],
): { ed: RootPair['ed']['publicJwk']; pq: RootPair['pq']['publicJwk'] }[] {
  return pairs.map(({ ed, pq }) => ({ ed: ed.publicJwk, pq: pq.publicJwk }))
}
