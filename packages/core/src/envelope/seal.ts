/**
 * The seal: openings encrypted to the keys of one desk. A JWE in General JSON, carried as one string.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#seal
 */
import { z } from 'zod'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { encodeCanonical, parseCanonical, canonicalize, type Json } from '../bytes/jcs.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { aesGcmOpen, aesGcmSeal } from '../crypto/aead.ts'
import { constantTimeEqual, hmacSha256, sha256, type Random } from '../crypto/digest.ts'
import { hpkeOpenKey, hpkeSealKey } from '../crypto/hpke.ts'
import { type AdmittedKey, KeyIdSchema, type KeyId, type PrivateKey } from '../crypto/jwk.ts'
import { AmanaError } from '../errors.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { type Opening, OpeningSchema } from './opening.ts'

const HEADER = {
  alg: 'HPKE-9-KE',
  cty: 'amana-openings+json',
  enc: 'A256GCM',
  typ: 'amana-seal-draft+jwe',
} as const
const PROTECTED = encodeBase64url(encodeCanonical(HEADER))
const KEY_BYTES = 32
const IV_BYTES = 12
const SMALLEST_PLAINTEXT = 256
const ENCRYPTED_KEY_CHARS = 64
const ENCAPSULATED_CHARS = 1494
const COMMITMENT_LABEL = encodeUtf8('amana/1/key-commitment')
const WRAP_PREFIX = concatBytes(
  encodeUtf8('JOSE-HPKE rcpt'),
  Uint8Array.of(0xff),
  encodeUtf8('A256GCM'),
  Uint8Array.of(0xff),
  encodeUtf8('amana/1'),
  Uint8Array.of(0xff),
)

const base64urlText = (maxChars: number): z.ZodString =>
  z
    .string()
    .max(maxChars)
    .regex(/^[A-Za-z0-9_-]*$/)
const RecipientSchema = z.strictObject({
  encrypted_key: base64urlText(ENCRYPTED_KEY_CHARS).length(ENCRYPTED_KEY_CHARS),
  header: z.strictObject({
    ek: base64urlText(ENCAPSULATED_CHARS).length(ENCAPSULATED_CHARS),
    kid: KeyIdSchema,
  }),
})
const SealSchema = z.strictObject({
  aad: base64urlText(2 * WIRE_LIMITS.sealAadBytes),
  ciphertext: base64urlText(WIRE_LIMITS.sealBytes),
  iv: base64urlText(16).length(16),
  protected: base64urlText(2 * WIRE_LIMITS.protectedHeaderBytes),
  recipients: z.array(RecipientSchema).min(1).max(WIRE_LIMITS.recipients),
  tag: base64urlText(22).length(22),
})
const PlaintextSchema = z.strictObject({
  pad: z.string().regex(/^0*$/),
  statements: z.array(OpeningSchema).min(1).max(WIRE_LIMITS.statementsPerDispatch),
})

/** A seal of the right form; nothing was decrypted. */
export interface UnverifiedSeal {
  readonly jwe: z.output<typeof SealSchema>
  /** What the seal is bound to. */
  readonly aad: Json
  readonly keyIds: readonly KeyId[]
}

/** Openings under a content key that is good for this seal only. */
export interface Sealed {
  /** The JWE as one string. */
  readonly seal: string
  readonly keyCommitment: string
}

/**
 * Encrypts openings to the keys of one desk.
 *
 * @param options.aad canonical JSON `{"from","statements","to"}`, as the dispatch says them
 * @throws WIRE_SIZE when the seal would be above 900 KiB
 */
export async function sealOpenings(options: {
  readonly openings: readonly Opening[]
  readonly aad: Json
  readonly recipients: readonly AdmittedKey<'HPKE-9-KE'>[]
  readonly random: Random
}): Promise<Sealed> {
  const { openings, recipients, random } = options
  const contentKey = random(KEY_BYTES)
  const aad = encodeBase64url(encodeCanonical(options.aad))
  const input = { key: contentKey, iv: random(IV_BYTES), aad: bindingOf(PROTECTED, aad) }
  const sealed = await aesGcmSeal(input, padded(openings))
  const wrapped = []
  for (const recipient of recipients) wrapped.push(await wrap(recipient, contentKey, input.aad))
  const seal = canonicalize({
    aad,
    ciphertext: encodeBase64url(sealed.ciphertext),
    iv: encodeBase64url(input.iv),
    protected: PROTECTED,
    recipients: wrapped,
    tag: encodeBase64url(sealed.tag),
  })
  assertSealSize(seal)
  const keyCommitment = encodeBase64url(hmacSha256(contentKey, COMMITMENT_LABEL))
  contentKey.fill(0)
  return { seal, keyCommitment }
}

/**
 * Reads a seal's form without any key: members, header, recipients.
 *
 * @throws WIRE_SIZE, WIRE_CANON, WIRE_JSON, WIRE_JWE, WIRE_ZIP, WIRE_CRIT, WIRE_SUITE
 */
export function parseSeal(text: string): UnverifiedSeal {
  assertSealSize(text)
  const parsed = SealSchema.safeParse(parseCanonical(encodeUtf8(text), WIRE_LIMITS.sealBytes))
  if (!parsed.success) throw new AmanaError('WIRE_JWE', { part: partOf(parsed.error) })
  assertHeader(parsed.data.protected)
  const keyIds = parsed.data.recipients.map(({ header }) => header.kid)
  if (keyIds.some((keyId, index) => index > 0 && keyId <= (keyIds[index - 1] ?? ''))) {
    throw new AmanaError('WIRE_JWE', { part: 'recipients' })
  }
  const aad = parseCanonical(decodeBase64url(parsed.data.aad), WIRE_LIMITS.sealAadBytes)
  return { jwe: parsed.data, aad, keyIds }
}

/**
 * Opens a seal with the key of one recipient; its own entry and no other is tried.
 *
 * @throws WIRE_NOT_FOR_ME when the key is not among the recipients
 * @throws WIRE_DECRYPT, WIRE_KEY_COMMIT, WIRE_DIS, WIRE_CANON
 */
export async function openSeal(
  seal: UnverifiedSeal,
  key: PrivateKey<'HPKE-9-KE'>,
  { keyCommitment, dispatch }: { readonly keyCommitment: string; readonly dispatch: string },
): Promise<readonly Opening[]> {
  const binding = bindingOf(seal.jwe.protected, seal.jwe.aad)
  const contentKey = await unwrap(seal, key, binding)
  try {
    const commitment = hmacSha256(contentKey, COMMITMENT_LABEL)
    if (!constantTimeEqual(commitment, decodeBase64url(keyCommitment))) {
      throw new AmanaError('WIRE_KEY_COMMIT', { dispatch })
    }
    const plaintext = await decrypt(seal, contentKey, binding)
    if (plaintext === undefined) throw new AmanaError('WIRE_DECRYPT', { keyId: key.keyId })
    return parsePlaintext(plaintext)
  } finally {
    contentKey.fill(0)
  }
}

async function decrypt(
  { jwe }: UnverifiedSeal,
  key: Uint8Array,
  aad: Uint8Array,
): Promise<Uint8Array | undefined> {
  const input = { key, iv: decodeBase64url(jwe.iv), aad }
  const tag = decodeBase64url(jwe.tag)
  return aesGcmOpen(input, { ciphertext: decodeBase64url(jwe.ciphertext), tag })
}

function parsePlaintext(plaintext: Uint8Array): readonly Opening[] {
  const parsed = PlaintextSchema.safeParse(parseCanonical(plaintext, WIRE_LIMITS.sealBytes))
  if (!parsed.success) throw new AmanaError('WIRE_DIS', { reason: 'form' })
  return parsed.data.statements
}

async function wrap(
  recipient: AdmittedKey<'HPKE-9-KE'>,
  contentKey: Uint8Array,
  binding: Uint8Array,
): Promise<Json> {
  const info = wrapInfo(recipient.keyId, binding)
  const wrapped = await hpkeSealKey({ recipient: recipient.jwk, contentKey, info })
  return {
    encrypted_key: encodeBase64url(wrapped.encryptedKey),
    header: { ek: encodeBase64url(wrapped.encapsulated), kid: recipient.keyId },
  }
}

async function unwrap(
  { jwe }: UnverifiedSeal,
  key: PrivateKey<'HPKE-9-KE'>,
  binding: Uint8Array,
): Promise<Uint8Array> {
  const own = jwe.recipients.find(({ header }) => header.kid === key.keyId)
  if (own === undefined) throw new AmanaError('WIRE_NOT_FOR_ME', { agency: '' })
  return hpkeOpenKey({
    key,
    info: wrapInfo(key.keyId, binding),
    wrapped: {
      encryptedKey: decodeBase64url(own.encrypted_key),
      encapsulated: decodeBase64url(own.header.ek),
    },
  })
}

/** A wrap is good for one message and one recipient: `info` names both. */
function wrapInfo(keyId: KeyId, binding: Uint8Array): Uint8Array {
  return concatBytes(WRAP_PREFIX, encodeUtf8(keyId), Uint8Array.of(0xff), sha256(binding))
}

function bindingOf(protectedHeader: string, aad: string): Uint8Array {
  return encodeUtf8(`${protectedHeader}.${aad}`)
}

/** Canonical plaintext, padded with zeros to a Padmé size of at least 256 bytes: at most 6.25 % more. */
function padded(openings: readonly Opening[]): Uint8Array {
  const statements: Json = openings.map((opening) => ({ ...opening }))
  const bare = encodeCanonical({ pad: '', statements })
  const size = padmeSize(Math.max(bare.byteLength, SMALLEST_PLAINTEXT))
  return encodeCanonical({ pad: '0'.repeat(size - bare.byteLength), statements })
}

function padmeSize(sizeBytes: number): number {
  const exponent = Math.floor(Math.log2(sizeBytes))
  const kept = Math.floor(Math.log2(exponent)) + 1
  const step = 2 ** (exponent - kept)
  return Math.ceil(sizeBytes / step) * step
}

function assertSealSize(seal: string): void {
  if (seal.length > WIRE_LIMITS.sealBytes) {
    throw new AmanaError('WIRE_SIZE', {
      sizeBytes: seal.length,
      limitBytes: WIRE_LIMITS.sealBytes,
    })
  }
}

const HeaderSchema = z.record(z.string(), z.unknown())

/** The protected header is one constant; what stands instead says which refusal fits. */
function assertHeader(text: string): void {
  if (text === PROTECTED) return
  const header = HeaderSchema.safeParse(
    parseCanonical(decodeBase64url(text), WIRE_LIMITS.protectedHeaderBytes),
  )
  if (!header.success) throw new AmanaError('WIRE_JWE', { part: 'protected' })
  if (Object.hasOwn(header.data, 'zip')) throw new AmanaError('WIRE_ZIP', { member: 'zip' })
  if (Object.hasOwn(header.data, 'crit')) throw new AmanaError('WIRE_CRIT', { member: 'crit' })
  if (header.data['alg'] !== HEADER.alg) throw new AmanaError('WIRE_SUITE', { suite: 'seal' })
  throw new AmanaError('WIRE_JWE', { part: 'protected' })
}

function partOf(error: z.ZodError): string {
  return error.issues[0]?.path.map(String).join('.') ?? ''
}
