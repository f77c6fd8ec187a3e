/**
 * JSON Web Signatures in General JSON form, read strictly before `jose` sees them.
 *
 * @module
 * @spec docs/spec/01-bytes.md#signed-objects
 */
import { engine } from '#engine'
import { flattenedVerify, GeneralSign } from 'jose'
import { z } from 'zod'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { canonicalize, parseCanonical, type Json } from '../bytes/jcs.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { AmanaError } from '../errors.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { digest, type Digest } from './digest.ts'
import {
  type KeyId,
  KeyIdSchema,
  type PublicJwk,
  publicKeyText,
  rawPublicKey,
  type SigningKey,
} from './jwk.ts'

/** General JSON form, exactly these members; no unprotected header. */
export const GeneralJwsSchema = z.strictObject({
  payload: z.string(),
  signatures: z.array(z.strictObject({ protected: z.string(), signature: z.string() })).min(1),
})
/** A signed object as it is sent and kept; nothing of it is verified. */
export interface GeneralJws extends z.output<typeof GeneralJwsSchema> {}

/** What a statement's signature says of its signer. */
export type Act = 'author' | 'approve'

/** Who is to sign, and as what. */
export interface JwsSigner {
  readonly key: SigningKey
  readonly act?: Act
}

/** One signature's protected header, checked for form only. */
export interface UnverifiedSignature {
  readonly keyId: KeyId
  readonly algorithm: 'Ed25519' | 'ML-DSA-65'
  readonly act?: Act
  readonly index: number
}

/** A signed object of the right form whose signatures nobody has checked yet. */
export interface UnverifiedJws {
  readonly jws: GeneralJws
  /** The payload, canonical. */
  readonly payload: Json
  readonly signatures: readonly UnverifiedSignature[]
  /** The object's digest: over the ASCII of the payload string, so that it does not move with signatures. */
  readonly digest: Digest
}

/** What a reader expects of a signed object. */
export interface JwsExpectation {
  readonly typ: string
  readonly maxPayloadBytes: number
  readonly maxSignatures: number
  /** Whether headers carry `act`. */
  readonly acts?: boolean
}

/**
 * Signs a payload with one or more keys. The protected header is exactly `act` (where given), `alg`, `kid` and `typ`.
 */
export async function signJws(options: {
  readonly payload: Uint8Array
  readonly typ: string
  readonly signers: readonly JwsSigner[]
}): Promise<GeneralJws> {
  const { payload, typ, signers } = options
  const signing = new GeneralSign(payload)
  for (const { key, act } of signers) {
    const header = { alg: key.algorithm, kid: key.keyId, typ }
    signing
      .addSignature(privateJwk(key))
      .setProtectedHeader(act === undefined ? header : { act, ...header })
  }
  const signed = await signing.sign()
  return {
    payload: signed.payload,
    signatures: signed.signatures.map((entry) => ({
      protected: entry.protected ?? '',
      signature: entry.signature,
    })),
  }
}

/**
 * Reads a signed object: members, base64url, headers, canonical payload. Checks no signature.
 *
 * @throws WIRE_MEMBER, WIRE_SIZE, WIRE_B64, WIRE_CANON, WIRE_JSON, WIRE_UTF8, WIRE_CRIT, WIRE_ALG, WIRE_TYP, WIRE_KID,
 * WIRE_HDR, WIRE_SIG (two signatures by one key)
 */
export function parseJws(value: unknown, expected: JwsExpectation): UnverifiedJws {
  const parsed = GeneralJwsSchema.safeParse(value)
  if (!parsed.success) throw new AmanaError('WIRE_MEMBER', { path: pathOf(parsed.error) })
  const jws = parsed.data
  assertCount(jws, expected)
  const payload = parseCanonical(decodeBase64url(jws.payload), expected.maxPayloadBytes)
  const signatures = jws.signatures.map((entry, index) => {
    decodeBase64url(entry.signature)
    return { ...parseHeader(entry.protected, expected), index }
  })
  assertDistinct(signatures)
  return { jws, payload, signatures, digest: digest(jws.payload) }
}

/**
 * Checks one signature of a parsed object under a key that the caller trusts.
 *
 * @throws WIRE_SIG when it does not verify, WIRE_ALG when the key is for another algorithm
 */
export async function verifyJwsSignature(
  parsed: UnverifiedJws,
  index: number,
  jwk: PublicJwk,
): Promise<void> {
  const entry = parsed.jws.signatures[index]
  const header = parsed.signatures[index]
  if (entry === undefined || header === undefined) {
    throw new AmanaError('WIRE_SIG', { keyId: '' })
  }
  if (header.algorithm !== jwk.alg)
    throw new AmanaError('WIRE_ALG', { algorithm: header.algorithm })
  const refusal = await refusalOfJose(parsed.jws.payload, entry, jwk)
  if (jwk.alg === 'Ed25519') {
    const signed = {
      bytes: encodeUtf8(`${entry.protected}.${parsed.jws.payload}`),
      signature: decodeBase64url(entry.signature),
    }
    engine.confirm?.(rawPublicKey(jwk), signed, refusal === undefined)
  }
  if (refusal !== undefined) throw new AmanaError('WIRE_SIG', { keyId: header.keyId }, refusal)
}

/** Why `jose` refuses a signature; undefined where it verifies. */
async function refusalOfJose(
  payload: string,
  entry: GeneralJws['signatures'][number],
  jwk: PublicJwk,
): Promise<{ readonly cause: unknown } | undefined> {
  try {
    await flattenedVerify({ payload, ...entry }, verifyingJwk(jwk), { algorithms: [jwk.alg] })
    return undefined
  } catch (cause) {
    return { cause }
  }
}

/** The first place of a zod error, as a path that a stranger may read. */
export function pathOf(error: z.ZodError): string {
  const issue = error.issues[0]
  return issue === undefined ? '' : issue.path.map(String).join('.')
}

/** One object a key, so that `jose` imports it once. */
const verifyingKeys = new Map<string, { [member: string]: string }>()
const VERIFYING_KEYS = 256

function verifyingJwk(jwk: PublicJwk): { [member: string]: string } {
  const name = publicKeyText(jwk)
  const kept = verifyingKeys.get(name)
  if (kept !== undefined) return kept
  const made = { ...jwk }
  if (verifyingKeys.size >= VERIFYING_KEYS) verifyingKeys.clear()
  verifyingKeys.set(name, made)
  return made
}

function privateJwk(key: SigningKey): { [member: string]: string } & {
  kty: string
} {
  const { publicJwk, seed } = key
  const secret = encodeBase64url(seed)
  return publicJwk.alg === 'Ed25519' ? { ...publicJwk, d: secret } : { ...publicJwk, priv: secret }
}

function assertCount(jws: GeneralJws, expected: JwsExpectation): void {
  const count = jws.signatures.length
  if (count > expected.maxSignatures) {
    throw new AmanaError('WIRE_SIZE', { sizeBytes: count, limitBytes: expected.maxSignatures })
  }
  const most = Math.ceil((expected.maxPayloadBytes * 4) / 3)
  if (jws.payload.length > most) {
    throw new AmanaError('WIRE_SIZE', { sizeBytes: jws.payload.length, limitBytes: most })
  }
}

function assertDistinct(signatures: readonly UnverifiedSignature[]): void {
  const seen = new Set<string>()
  for (const { keyId } of signatures) {
    if (seen.has(keyId)) throw new AmanaError('WIRE_SIG', { keyId })
    seen.add(keyId)
  }
}

const HeaderSchema = z.record(z.string(), z.unknown())
const ActSchema = z.enum(['author', 'approve'])
const ALLOWED = new Set(['act', 'alg', 'kid', 'typ'])

function parseHeader(text: string, expected: JwsExpectation): Omit<UnverifiedSignature, 'index'> {
  const bytes = decodeBase64url(text)
  const header = HeaderSchema.safeParse(parseCanonical(bytes, WIRE_LIMITS.protectedHeaderBytes))
  if (!header.success) throw new AmanaError('WIRE_HDR', { member: '' })
  assertHeaderMembers(header.data)
  const algorithm = algorithmOf(header.data['alg'])
  if (header.data['typ'] !== expected.typ)
    throw new AmanaError('WIRE_TYP', { expected: expected.typ })
  const keyId = KeyIdSchema.safeParse(header.data['kid'])
  if (!keyId.success) throw new AmanaError('WIRE_KID', { keyId: '' })
  const act = actOf(header.data['act'], expected)
  return { keyId: keyId.data, algorithm, ...(act === undefined ? {} : { act }) }
}

function assertHeaderMembers(header: Readonly<Record<string, unknown>>): void {
  for (const member of ['crit', 'b64']) {
    if (Object.hasOwn(header, member)) throw new AmanaError('WIRE_CRIT', { member })
  }
  for (const member of Object.keys(header)) {
    if (!ALLOWED.has(member)) throw new AmanaError('WIRE_MEMBER', { path: `protected.${member}` })
  }
}

function algorithmOf(value: unknown): 'Ed25519' | 'ML-DSA-65' {
  if (value === 'Ed25519' || value === 'ML-DSA-65') return value
  throw new AmanaError('WIRE_ALG', {
    algorithm: typeof value === 'string' ? canonicalize(value).slice(1, -1).slice(0, 32) : '',
  })
}

function actOf(value: unknown, expected: JwsExpectation): Act | undefined {
  if (expected.acts !== true) {
    if (value !== undefined) throw new AmanaError('WIRE_MEMBER', { path: 'protected.act' })
    return undefined
  }
  const act = ActSchema.safeParse(value)
  if (!act.success) throw new AmanaError('WIRE_HDR', { member: 'act' })
  return act.data
}
