/**
 * Signatures on charters: made, merged, verified one by one, and counted as pairs by agency.
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
import { type Charter, CHARTER_TYPE } from './charter.ts'
import { type AdmittedSlot, type KeyRing, type KeyUse } from './key-ring.ts'

/** Both halves of a root key, on the machine that signs charters and nowhere else. */
export interface RootPair {
  readonly ed: PrivateKey<'Ed25519'>
  readonly pq: PrivateKey<'ML-DSA-65'>
}

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

/** The form of a signed charter. @throws as `parseJws` */
export function parseCharterJws(value: unknown): UnverifiedJws {
  return parseJws(value, {
    typ: CHARTER_TYPE,
    maxPayloadBytes: TRUST_LIMITS.charterBytes,
    maxSignatures: TRUST_LIMITS.charterSignatures,
  })
}

/** A charter with its admitted keys: trusted or not. */
export interface CharterWithKeys {
  readonly charter: Charter
  readonly keys: KeyRing
}

/** The root keys that signed. One bad signature refuses the whole: nothing is counted around it. */
export async function verifiedRoots(
  parsed: UnverifiedJws,
  rings: readonly KeyRing[],
  recovery: readonly AdmittedSlot[] = [],
): Promise<ReadonlySet<string>> {
  const signed = new Set<string>()
  for (const { keyId, index } of parsed.signatures) {
    await verifyJwsSignature(parsed, index, signerJwk(keyId, rings, recovery))
    signed.add(keyId)
  }
  return signed
}

function signerJwk(
  keyId: KeyId,
  rings: readonly KeyRing[],
  recovery: readonly AdmittedSlot[],
): NonNullable<AdmittedSlot['jwk']> {
  const found = rings.flatMap((ring) => ring.byKeyId.get(keyId) ?? [])
  const signer =
    found.find((slot) => slot.use === 'root') ??
    recovery.find(({ admitted }) => admitted?.keyId === keyId)
  if (signer?.jwk !== undefined) return signer.jwk
  throw new AmanaError(found.length === 0 ? 'WIRE_KID_UNKNOWN' : 'WIRE_KEY_USE', { keyId })
}

/** Every quorum but that of the agency that recovers. */
export function assertQuorums(
  document: CharterWithKeys,
  signed: ReadonlySet<string>,
  recovers?: string,
): void {
  for (const { agency, pairs, reached, threshold } of countsOf(document, signed)) {
    if (reached || agency === recovers) continue
    throw new AmanaError('TRUST_THRESHOLD', { agency, pairs, threshold })
  }
}

/** How many pairs of an agency signed, of those that its quorum needs. */
export interface PairCount {
  readonly agency: string
  readonly pairs: number
  readonly threshold: number
  readonly reached: boolean
}

export function countsOf(
  { charter, keys }: CharterWithKeys,
  signed: ReadonlySet<string>,
): readonly PairCount[] {
  return Object.entries(charter.agencies).map(([agency, { threshold }]) => {
    const pairs = countPairs({ keys, use: 'root' }, agency, signed)
    return { agency, pairs, threshold, reached: pairs >= threshold }
  })
}

/** A pair counts once, and only if both of its halves signed. */
export function countPairs(
  { keys, use: counted }: { readonly keys: KeyRing; readonly use: KeyUse },
  agency: string,
  signed: ReadonlySet<string>,
): number {
  const halves = new Map<string, number>()
  for (const { use, owner, admitted } of keys.slots) {
    if (use !== counted || admitted === undefined || !signed.has(admitted.keyId)) continue
    halves.set(owner, (halves.get(owner) ?? 0) + 1)
  }
  return [...halves].filter(([owner, count]) => owner.startsWith(`${agency} `) && count === 2)
    .length
}
