/**
 * The seal: openings encrypted to the keys of one desk. A JWE in General JSON, carried as one string.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#seal
 */
import { z } from 'zod'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { encodeCanonical, parseCanonical, canonicalize, type Json } from '../bytes/jcs.ts'
import { concatBytes } from '../bytes/concat.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { aesGcmOpen, aesGcmSeal } from '../crypto/aead.ts'
import { constantTimeEqual, hmacSha256, type Random } from '../crypto/digest.ts'
import { type KeyId, type OpeningKey } from '../crypto/jwk.ts'
import { type SealKeys, type Suite, suiteOfAlgorithm } from '../crypto/suites.ts'
import { AmanaError } from '../errors.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { type Opening, OpeningSchema } from './opening.ts'
import {
  keyIdsOf,
  parseRecipients,
  PROTECTED_HEADERS,
  type UnverifiedRecipients,
  unwrapContentKey,
  wrapContentKey,
} from './seal-recipients.ts'

const KEY_BYTES = 32
const IV_BYTES = 12
const SMALLEST_PLAINTEXT = 256
/** `pad` is the first member: its text starts after `{"pad":"`. */
const PAD_STARTS = 8
const ZERO = 0x30
const COMMITMENT_LABEL = encodeUtf8('amana/1/key-commitment')

const base64urlText = (maxChars: number): z.ZodString =>
  z
    .string()
    .max(maxChars)
    .regex(/^[A-Za-z0-9_-]*$/)
const SealSchema = z.strictObject({
  aad: base64urlText(2 * WIRE_LIMITS.sealAadBytes),
  ciphertext: base64urlText(WIRE_LIMITS.sealBytes),
  iv: base64urlText(16).length(16),
  protected: base64urlText(2 * WIRE_LIMITS.protectedHeaderBytes),
  recipients: z.array(z.unknown()).min(1).max(WIRE_LIMITS.recipients),
  tag: base64urlText(22).length(22),
})
const PlaintextSchema = z.strictObject({
  pad: z.string().regex(/^0*$/),
  statements: z.array(OpeningSchema).min(1).max(WIRE_LIMITS.statementsPerDispatch),
})

/** A seal of the right form; nothing was decrypted. */
export interface UnverifiedSeal {
  readonly jwe: Omit<z.output<typeof SealSchema>, 'recipients'>
  readonly recipients: UnverifiedRecipients
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
 * Encrypts openings to the keys of one desk, under the suite of these keys.
 *
 * @param options.aad canonical JSON `{"from","statements","to"}`, as the dispatch says them
 * @throws WIRE_SIZE when the seal would be above 900 KiB
 */
export async function sealOpenings(options: {
  readonly openings: readonly Opening[]
  readonly aad: Json
  readonly keys: SealKeys
  readonly random: Random
}): Promise<Sealed> {
  const { openings, keys, random } = options
  const contentKey = random(KEY_BYTES)
  const aad = encodeBase64url(encodeCanonical(options.aad))
  const header = PROTECTED_HEADERS[keys.suite]
  const binding = bindingOf(header, aad)
  const input = { key: contentKey, iv: random(IV_BYTES), aad: binding }
  const sealed = await aesGcmSeal(input, padded(openings))
  const recipients = await wrapContentKey(keys, contentKey, { binding, random })
  const seal = canonicalize({
    aad,
    ciphertext: encodeBase64url(sealed.ciphertext),
    iv: encodeBase64url(input.iv),
    protected: header,
    recipients,
    tag: encodeBase64url(sealed.tag),
  })
  assertSealSize(seal)
  const keyCommitment = encodeBase64url(hmacSha256(contentKey, COMMITMENT_LABEL))
  contentKey.fill(0)
  return { seal, keyCommitment }
}

/**
 * Reads the form of a seal of the suite that its dispatch names, without any key: members, header, recipients.
 *
 * @throws WIRE_SIZE, WIRE_CANON, WIRE_JSON, WIRE_JWE, WIRE_ZIP, WIRE_CRIT, WIRE_SUITE, WIRE_B64
 */
export function parseSeal(text: string, suite: Suite): UnverifiedSeal {
  assertSealSize(text)
  const parsed = SealSchema.safeParse(parseCanonical(encodeUtf8(text), WIRE_LIMITS.sealBytes))
  if (!parsed.success) throw new AmanaError('WIRE_JWE', { part: partOf(parsed.error) })
  const { recipients: entries, ...jwe } = parsed.data
  assertHeader(jwe.protected, suite)
  const recipients = parseRecipients(suite, entries)
  const aad = parseCanonical(decodeBase64url(jwe.aad), WIRE_LIMITS.sealAadBytes)
  return { jwe, recipients, aad, keyIds: keyIdsOf(recipients) }
}

/**
 * Opens a seal with the key of one recipient; its own entry and no other is tried.
 *
 * @throws WIRE_NOT_FOR_ME when the key is not among the recipients, WIRE_KEY_USE when it is of another suite
 * @throws WIRE_DECRYPT, WIRE_KEY_COMMIT, WIRE_DIS, WIRE_CANON, WIRE_B64
 */
export async function openSeal(
  seal: UnverifiedSeal,
  key: OpeningKey,
  { keyCommitment, dispatch }: { readonly keyCommitment: string; readonly dispatch: string },
): Promise<readonly Opening[]> {
  const binding = bindingOf(seal.jwe.protected, seal.jwe.aad)
  const contentKey = await unwrapContentKey(seal.recipients, key, binding)
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

function bindingOf(protectedHeader: string, aad: string): Uint8Array {
  return encodeUtf8(`${protectedHeader}.${aad}`)
}

/** Canonical plaintext, padded with zeros to a Padmé size of at least 256 bytes: at most 6.25 % more. */
function padded(openings: readonly Opening[]): Uint8Array {
  const statements: Json = openings.map((opening) => ({ ...opening }))
  const bare = encodeCanonical({ pad: '', statements })
  const padding = padmeSize(Math.max(bare.byteLength, SMALLEST_PLAINTEXT)) - bare.byteLength
  const zeros = new Uint8Array(padding).fill(ZERO)
  return concatBytes(bare.subarray(0, PAD_STARTS), zeros, bare.subarray(PAD_STARTS))
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

/** The protected header is one constant of the suite; what stands instead says which refusal fits. */
function assertHeader(text: string, suite: Suite): void {
  if (text === PROTECTED_HEADERS[suite]) return
  const header = HeaderSchema.safeParse(
    parseCanonical(decodeBase64url(text), WIRE_LIMITS.protectedHeaderBytes),
  )
  if (!header.success) throw new AmanaError('WIRE_JWE', { part: 'protected' })
  if (Object.hasOwn(header.data, 'zip')) throw new AmanaError('WIRE_ZIP', { member: 'zip' })
  if (Object.hasOwn(header.data, 'crit')) throw new AmanaError('WIRE_CRIT', { member: 'crit' })
  const found = suiteOfAlgorithm(header.data['alg'])
  if (found !== suite) throw new AmanaError('WIRE_SUITE', { suite: found ?? 'unknown' })
  throw new AmanaError('WIRE_JWE', { part: 'protected' })
}

function partOf(error: z.ZodError): string {
  return error.issues[0]?.path.map(String).join('.') ?? ''
}
