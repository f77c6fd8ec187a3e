/**
 * One key, one use: every key of a charter or roster is admitted, and none stands in two places.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#one-key-one-use
 */
import { type AdmittedKey, admitKey, type PublicJwk, publicKeyText } from '../crypto/jwk.ts'
import { AmanaError } from '../errors.ts'
import { type Charter, type CharterEntry } from './charter.ts'
import { keyOfPeerId } from './peer-id.ts'
import { type Roster, type RosterNode, type RotatingKey } from './roster.ts'
import { logKeys } from './verifier-key.ts'

/** What a key is for. */
export type KeyUse =
  | 'root'
  | 'recovery'
  | 'roster'
  | 'charter-witness'
  | 'officer'
  | 'officer-encryption'
  | 'desk'
  | 'node-seal'
  | 'deposit'
  | 'libp2p'
  | 'log'
  | 'witness'

/** A place in a document that holds a key. */
export interface KeySlot {
  readonly use: KeyUse
  /** Agency and, inside it, whose: the same key may stand again only for the same use and owner. */
  readonly owner: string
  /** Raw public key in base64url: what is compared, whatever algorithm or form it is dressed in. */
  readonly publicKey: string
  /** Absent for ML-DSA-44 keys of notes, which have no JWK here. */
  readonly jwk?: PublicJwk
}

/** A slot whose key passed the admission test. */
export interface AdmittedSlot extends KeySlot {
  readonly admitted?: AdmittedKey
}

/** The keys of one document. */
export interface KeyRing {
  readonly slots: readonly AdmittedSlot[]
  readonly byKeyId: ReadonlyMap<string, AdmittedSlot>
}

/** Keys of one agency's charter entry. */
export function entryKeySlots(agency: string, entry: CharterEntry): readonly KeySlot[] {
  const pairs = (use: KeyUse, list: CharterEntry['roots']): readonly KeySlot[] =>
    list.flatMap((pair, index) => [
      jwkSlot({ use, owner: `${agency} ${index}` }, pair.ed),
      jwkSlot({ use, owner: `${agency} ${index}` }, pair.pq),
    ])
  return [
    ...pairs('root', entry.roots),
    ...pairs('recovery', entry.recovery),
    ...entry.rosterKeys.map((jwk) => jwkSlot({ use: 'roster', owner: agency }, jwk)),
  ]
}

/** Keys of a charter: of every agency, and of the independent witnesses. */
export function charterKeySlots(charter: Charter): readonly KeySlot[] {
  const entries = Object.entries(charter.agencies)
  const witnesses = charter.witnesses.map(({ key, name }) =>
    jwkSlot({ use: 'charter-witness', owner: name }, key),
  )
  return [...entries.flatMap(([agency, entry]) => entryKeySlots(agency, entry)), ...witnesses]
}

/**
 * Keys of a roster. Nodes of one agency share its one log, whose keys are counted once.
 *
 * @throws WIRE_KEY when a peer id or verifier key has not its form
 */
export function rosterKeySlots(roster: Roster): readonly KeySlot[] {
  const { agency } = roster
  const desks = roster.desks.flatMap((desk) =>
    rotatingSlots({ use: 'desk', owner: `${agency} ${desk.id}` }, desk.encryption),
  )
  const officers = roster.officers.flatMap((officer) => {
    const owner = `${agency} ${officer.id}`
    return [
      jwkSlot({ use: 'officer', owner }, officer.key),
      ...rotatingSlots({ use: 'officer-encryption', owner }, officer.encryption),
    ]
  })
  const nodes = roster.nodes.flatMap((node) => nodeKeySlots(agency, node))
  return [...desks, ...officers, ...nodes, ...logKeySlots(roster)]
}

function nodeKeySlots(agency: string, node: RosterNode): readonly KeySlot[] {
  const owner = `${agency} ${node.peerId}`
  return [
    jwkSlot({ use: 'libp2p', owner }, keyOfPeerId(node.peerId)),
    jwkSlot({ use: 'node-seal', owner }, node.sealKey),
    ...rotatingSlots({ use: 'deposit', owner }, node.depositKey),
  ]
}

function logKeySlots(roster: Roster): readonly KeySlot[] {
  const log = roster.nodes[0]?.log
  if (log === undefined) return []
  return logKeys(roster.agency, log).map(({ use, algorithm, publicKey }) => {
    const place = { use, owner: roster.agency }
    if (algorithm === 'ML-DSA-44') return { ...place, publicKey }
    return jwkSlot(place, { alg: 'Ed25519', crv: 'Ed25519', kty: 'OKP', x: publicKey })
  })
}

type Place = Pick<KeySlot, 'use' | 'owner'>

function rotatingSlots(place: Place, keys: readonly RotatingKey[]): readonly KeySlot[] {
  return keys.map(({ jwk }) => jwkSlot(place, jwk))
}

function jwkSlot(place: Place, jwk: PublicJwk): KeySlot {
  return { ...place, jwk, publicKey: publicKeyText(jwk) }
}

/**
 * Admits every key of a document and refuses one that stands in it twice.
 *
 * @throws WIRE_KEY when a key fails the admission test or stands in two places
 */
export async function admitKeys(slots: readonly KeySlot[]): Promise<KeyRing> {
  assertNoneTwice(slots)
  const admitted: AdmittedSlot[] = []
  const byKeyId = new Map<string, AdmittedSlot>()
  for (const slot of slots) {
    const entry = await admitSlot(slot)
    admitted.push(entry)
    if (entry.admitted !== undefined) byKeyId.set(entry.admitted.keyId, entry)
  }
  return { slots: admitted, byKeyId }
}

async function admitSlot(slot: KeySlot): Promise<AdmittedSlot> {
  if (slot.jwk === undefined) return slot
  return { ...slot, admitted: await admitKey(slot.jwk) }
}

/**
 * @throws WIRE_KEY when one public key stands in two slots of one document
 */
export function assertNoneTwice(slots: readonly KeySlot[]): void {
  const seen = new Map<string, KeySlot>()
  for (const slot of slots) {
    const other = seen.get(slot.publicKey)
    if (other !== undefined) throw twoUses(other, slot)
    seen.set(slot.publicKey, slot)
  }
}

/**
 * Compares documents with each other: a key of one may stand in another only for the same use and owner,
 * as an officer's key does in the next roster. Root and recovery pairs may change their positions.
 *
 * @throws WIRE_KEY when it does not
 */
export function assertOneUse(rings: readonly KeyRing[]): void {
  const seen = new Map<string, KeySlot>()
  for (const slot of rings.flatMap((ring) => ring.slots)) {
    const other = seen.get(slot.publicKey)
    if (other !== undefined && (other.use !== slot.use || holderOf(other) !== holderOf(slot))) {
      throw twoUses(other, slot)
    }
    seen.set(slot.publicKey, slot)
  }
}

/** Whose key it is in any document: a pair may stand at another position in the next charter. */
function holderOf({ use, owner }: KeySlot): string {
  return use === 'root' || use === 'recovery' ? owner.replace(/ \d+$/, '') : owner
}

function twoUses(first: KeySlot, second: KeySlot): AmanaError {
  const reason = `one key in two places: ${first.use} of ${first.owner}, ${second.use} of ${second.owner}`
  return new AmanaError('WIRE_KEY', { reason })
}
