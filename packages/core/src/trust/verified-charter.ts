/**
 * Signing and verifying charters: root pairs per agency, both quorums, one version after the other.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#signing-a-charter
 */
import { encodeBase64url } from '../bytes/base64.ts'
import { encodeCanonical, type Json } from '../bytes/jcs.ts'
import { type Digest, digest, type Random } from '../crypto/digest.ts'
import { generateKey, type KeyId, type PrivateKey } from '../crypto/jwk.ts'
import {
  type GeneralJws,
  parseJws,
  signJws,
  type UnverifiedJws,
  verifyJwsSignature,
} from '../crypto/jws.ts'
import { AmanaError } from '../errors.ts'
import { TRUST_LIMITS } from '../limits/trust.ts'
import { assertCharterRules } from './charter-rules.ts'
import { type Charter, CHARTER_TYPE, CharterSchema } from './charter.ts'
import { admitKeys, type AdmittedSlot, charterKeySlots, type KeyRing } from './key-ring.ts'
import { parsePayload } from './payload.ts'
import { assertCurrent } from './time-window.ts'
import { assertFirst, assertFollows } from './versions.ts'

/** Both halves of a root key, on the machine that signs charters and nowhere else. */
export interface RootPair {
  readonly ed: PrivateKey<'Ed25519'>
  readonly pq: PrivateKey<'ML-DSA-65'>
}

/** Who has signed a charter so far. Every signature present is good; the quorums may be missing. */
export interface CharterTally {
  readonly charter: Charter
  readonly digest: Digest
  readonly jws: GeneralJws
  /** Root pairs of each agency of which both halves signed. */
  readonly pairs: Readonly<Record<string, number>>
  /** Whether every agency reached its threshold. */
  readonly inForce: boolean
}

/** A charter that every agency of it signed. Made by `verifyFirstCharter` and `verifyNextCharter` only. */
class VerifiedCharter {
  readonly #payload: Charter
  readonly digest: Digest
  readonly jws: GeneralJws
  readonly keys: KeyRing

  constructor({ charter, digest: ownDigest, jws }: CharterTally, keys: KeyRing) {
    this.#payload = charter
    this.digest = ownDigest
    this.jws = jws
    this.keys = keys
  }

  get payload(): Charter {
    return this.#payload
  }

  get version(): number {
    return this.#payload.version
  }
}
export type { VerifiedCharter }

/** Makes a root or recovery pair. */
export async function generateRootPair(random: Random): Promise<RootPair> {
  return {
    ed: await generateKey('Ed25519', random),
    pq: await generateKey('ML-DSA-65', random),
  }
}

/** The digest by which charters and rosters are named: that of the payload as a JWS carries it. */
export function documentDigest(payload: Json): Digest {
  return digest(encodeBase64url(encodeCanonical(payload)))
}

/** Signs with both halves of each pair. Nothing is checked: `tallyCharter` does. */
export async function signCharter(
  charter: Charter,
  pairs: readonly RootPair[],
): Promise<GeneralJws> {
  const signers = pairs.flatMap(({ ed, pq }) => [{ key: ed }, { key: pq }])
  return signJws({ payload: encodeCanonical(charter), typ: CHARTER_TYPE, signers })
}

/**
 * One JWS with the signatures of both, in the order of their key ids; where both have one of a key, that of `own` stays.
 * Signatures are not verified.
 *
 * @throws TRUST_OTHER_CHARTER when the payloads differ
 * @throws WIRE_SIZE when there are together more signatures than a charter may carry
 */
export function mergeCharterSignatures(own: unknown, other: unknown): GeneralJws {
  const first = parseCharterJws(own)
  const second = parseCharterJws(other)
  if (first.digest !== second.digest) {
    throw new AmanaError('TRUST_OTHER_CHARTER', { expected: first.digest, found: second.digest })
  }
  const byKeyId = new Map([...signaturesByKeyId(second), ...signaturesByKeyId(first)])
  assertSignatureCount(byKeyId.size)
  const signatures = [...byKeyId.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, signature]) => signature)
  return { payload: first.jws.payload, signatures }
}

/** What a merge gives must still be readable as a charter. */
function assertSignatureCount(count: number): void {
  const limitBytes = TRUST_LIMITS.charterSignatures
  if (count > limitBytes) throw new AmanaError('WIRE_SIZE', { sizeBytes: count, limitBytes })
}

type JwsSignature = GeneralJws['signatures'][number]

function signaturesByKeyId({ jws, signatures }: UnverifiedJws): readonly [KeyId, JwsSignature][] {
  return signatures.flatMap(({ keyId, index }): [KeyId, JwsSignature][] => {
    const signature = jws.signatures[index]
    return signature === undefined ? [] : [[keyId, signature]]
  })
}

/**
 * Reads a charter 1 that may lack signatures and says whose are there.
 *
 * @throws WIRE_MEMBER, WIRE_VERSION, WIRE_KEY and the codes of `parseJws` when form or keys are wrong
 * @throws TRUST_THRESHOLD when a threshold could not bind its agency
 * @throws TRUST_CHAIN when it is not a first charter
 * @throws WIRE_KID_UNKNOWN, WIRE_KEY_USE, WIRE_SIG when a signature is not one of its root keys
 */
export async function tallyCharter(value: unknown): Promise<CharterTally> {
  const read = await readCharter(value)
  assertFirst('charter', read.place)
  const signed = await verifiedRoots(read.parsed, [read.keys])
  return tally(read, signed)
}

/**
 * Verifies charter 1. What makes it trusted is the comparison of its safety number; signatures only say who agreed.
 * Without `now` its end is not checked: that is for reading history.
 *
 * @throws TRUST_THRESHOLD when an agency's quorum is missing, TRUST_EXPIRED, WIRE_TIME_FUTURE, and as `tallyCharter`
 */
export async function verifyFirstCharter(
  value: unknown,
  { now }: { readonly now?: number },
): Promise<VerifiedCharter> {
  const read = await readCharter(value)
  assertFirst('charter', read.place)
  const signed = await verifiedRoots(read.parsed, [read.keys])
  assertQuorums(read, signed)
  if (now !== undefined) assertCurrent('charter', read.charter, now)
  return new VerifiedCharter(tally(read, signed), read.keys)
}

/**
 * Verifies version N+1 from a trusted version N: the quorum of every agency of N *and* of every agency of N+1.
 *
 * @throws TRUST_ROLLBACK, WIRE_FORK, TRUST_CHAIN when it does not follow; else as `verifyFirstCharter`
 */
export async function verifyNextCharter(
  value: unknown,
  { previous, now }: { readonly previous: VerifiedCharter; readonly now?: number },
): Promise<VerifiedCharter> {
  const read = await readCharter(value)
  assertFollows('charter', read.place, previous)
  const signed = await verifiedRoots(read.parsed, [read.keys, previous.keys])
  assertQuorums({ charter: previous.payload, keys: previous.keys }, signed)
  assertQuorums(read, signed)
  if (now !== undefined) assertCurrent('charter', read.charter, now)
  return new VerifiedCharter(tally(read, signed), read.keys)
}

interface CharterWithKeys {
  readonly charter: Charter
  readonly keys: KeyRing
}

interface ReadCharter extends CharterWithKeys {
  readonly parsed: UnverifiedJws
  readonly place: Parameters<typeof assertFirst>[1]
}

async function readCharter(value: unknown): Promise<ReadCharter> {
  const parsed = parseCharterJws(value)
  const charter = parsePayload(CharterSchema, parsed.payload)
  assertCharterRules(charter)
  const keys = await admitKeys(charterKeySlots(charter))
  const { previous, version } = charter
  return { charter, keys, parsed, place: { digest: parsed.digest, previous, version } }
}

function parseCharterJws(value: unknown): UnverifiedJws {
  return parseJws(value, {
    typ: CHARTER_TYPE,
    maxPayloadBytes: TRUST_LIMITS.charterBytes,
    maxSignatures: TRUST_LIMITS.charterSignatures,
  })
}

/** The root keys that signed. One bad signature refuses the whole: nothing is counted around it. */
async function verifiedRoots(
  parsed: UnverifiedJws,
  rings: readonly KeyRing[],
): Promise<ReadonlySet<string>> {
  const signed = new Set<string>()
  for (const { keyId, index } of parsed.signatures) {
    await verifyJwsSignature(parsed, index, rootJwk(keyId, rings))
    signed.add(keyId)
  }
  return signed
}

function rootJwk(keyId: KeyId, rings: readonly KeyRing[]): NonNullable<AdmittedSlot['jwk']> {
  const found = rings.flatMap((ring) => ring.byKeyId.get(keyId) ?? [])
  const root = found.find((slot) => slot.use === 'root')
  if (root?.jwk !== undefined) return root.jwk
  throw new AmanaError(found.length === 0 ? 'WIRE_KID_UNKNOWN' : 'WIRE_KEY_USE', { keyId })
}

function assertQuorums({ charter, keys }: CharterWithKeys, signed: ReadonlySet<string>): void {
  for (const [agency, { threshold }] of Object.entries(charter.agencies)) {
    const pairs = countPairs(keys, agency, signed)
    if (pairs < threshold) throw new AmanaError('TRUST_THRESHOLD', { agency, pairs, threshold })
  }
}

/** A pair counts once, and only if both of its halves signed. */
function countPairs(keys: KeyRing, agency: string, signed: ReadonlySet<string>): number {
  const halves = new Map<string, number>()
  for (const { use, owner, admitted } of keys.slots) {
    if (use !== 'root' || admitted === undefined || !signed.has(admitted.keyId)) continue
    halves.set(owner, (halves.get(owner) ?? 0) + 1)
  }
  return [...halves].filter(([owner, count]) => owner.startsWith(`${agency} `) && count === 2)
    .length
}

function tally(read: ReadCharter, signed: ReadonlySet<string>): CharterTally {
  const counts = Object.entries(read.charter.agencies).map(([agency, { threshold }]) => {
    const pairs = countPairs(read.keys, agency, signed)
    return { agency, pairs, reached: pairs >= threshold }
  })
  return {
    charter: read.charter,
    digest: read.parsed.digest,
    jws: read.parsed.jws,
    pairs: Object.fromEntries(counts.map(({ agency, pairs }) => [agency, pairs])),
    inForce: counts.every(({ reached }) => reached),
  }
}
