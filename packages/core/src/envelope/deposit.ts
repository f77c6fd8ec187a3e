/**
 * The deposit: one frame of the exchange, sealed once more to the node that is to have it, so that whoever carries it learns
 * the two agencies and a size among ten.
 *
 * @module
 * @spec docs/spec/09-carriers.md#deposit
 */
import { z } from 'zod'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { encodeCanonical, parseCanonical } from '../bytes/jcs.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { aesGcmOpen, aesGcmSeal } from '../crypto/aead.ts'
import { type Random } from '../crypto/digest.ts'
import { hpkeOpenKey, hpkeSealKey } from '../crypto/hpke.ts'
import { type AdmittedKey, type KeyId, KeyIdSchema, type OpeningKey } from '../crypto/jwk.ts'
import { pathOf } from '../crypto/jws.ts'
import { AmanaError } from '../errors.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { AgencyIdSchema } from '../trust/identifiers.ts'
import { hpkeWrapInfo } from './seal-recipients.ts'

const LABEL = 'amana/1/deposit'
const HEADER = encodeBase64url(
  encodeCanonical({
    alg: 'HPKE-9-KE',
    cty: 'amana-frame',
    enc: 'A256GCM',
    typ: 'amana-deposit-draft+jwe',
  }),
)
const KEY_BYTES = 32
const IV_BYTES = 12
const LENGTH_BYTES = 4
const SMALLEST_BUCKET = 4096
const LARGEST_POWER = 1024 * 1024
/** The smallest multiple of 4 KiB that a frame of 1 MiB and its header fit into. */
const LARGEST_BUCKET = LARGEST_POWER + SMALLEST_BUCKET
const AAD_BYTES = 256

const base64urlOf = (chars: number): z.ZodString =>
  z
    .string()
    .length(chars)
    .regex(/^[A-Za-z0-9_-]*$/)
const BindingSchema = z.strictObject({ from: AgencyIdSchema, to: AgencyIdSchema })
const DepositSchema = z.strictObject({
  aad: z.string().max(2 * AAD_BYTES),
  ciphertext: z
    .string()
    .max(WIRE_LIMITS.depositBytes)
    .regex(/^[A-Za-z0-9_-]*$/),
  iv: base64urlOf(16),
  protected: z.literal(HEADER),
  recipients: z.tuple([
    z.strictObject({
      encrypted_key: base64urlOf(64),
      header: z.strictObject({ ek: base64urlOf(1494), kid: KeyIdSchema }),
    }),
  ]),
  tag: base64urlOf(22),
})

/** What a carrier can read of a deposit; nothing was decrypted, and nobody says that `from` is true. */
export interface UnverifiedDeposit {
  readonly from: string
  readonly to: string
  /** Id of the deposit key of the receiving node. */
  readonly keyId: KeyId
  /** The bucket: length of what was encrypted, in bytes. */
  readonly bucketBytes: number
  readonly jwe: z.output<typeof DepositSchema>
}

/**
 * Seals a frame for the node that has `key`.
 *
 * @param options.frame as it goes over a link: type, compression and body; at most 1 MiB and 2 bytes
 * @throws WIRE_SIZE when the frame is longer
 * @returns the canonical bytes: what a file holds and a mailbox keeps
 */
export async function sealDeposit(options: {
  readonly from: string
  readonly to: string
  readonly frame: Uint8Array
  readonly key: AdmittedKey<'HPKE-9-KE'>
  readonly random: Random
}): Promise<Uint8Array> {
  const { frame, from, key, random, to } = options
  const contentKey = random(KEY_BYTES)
  const aad = encodeBase64url(encodeCanonical({ from, to }))
  const binding = encodeUtf8(`${HEADER}.${aad}`)
  const input = { key: contentKey, iv: random(IV_BYTES), aad: binding }
  const sealed = await aesGcmSeal(input, padded(frame))
  const info = hpkeWrapInfo(LABEL, key.keyId, binding)
  const wrapped = await hpkeSealKey({ recipient: key.jwk, contentKey, info })
  contentKey.fill(0)
  return encodeCanonical({
    aad,
    ciphertext: encodeBase64url(sealed.ciphertext),
    iv: encodeBase64url(input.iv),
    protected: HEADER,
    recipients: [
      {
        encrypted_key: encodeBase64url(wrapped.encryptedKey),
        header: { ek: encodeBase64url(wrapped.encapsulated), kid: key.keyId },
      },
    ],
    tag: encodeBase64url(sealed.tag),
  })
}

/**
 * Reads the form of a deposit without any key: also what a mailbox checks before it keeps one.
 *
 * @throws WIRE_SIZE above 2 MiB, WIRE_UTF8, WIRE_JSON, WIRE_CANON, WIRE_JWE, WIRE_B64
 */
export function parseDeposit(bytes: Uint8Array): UnverifiedDeposit {
  const parsed = DepositSchema.safeParse(parseCanonical(bytes, WIRE_LIMITS.depositBytes))
  if (!parsed.success) throw new AmanaError('WIRE_JWE', { part: pathOf(parsed.error) })
  const { aad, ciphertext, recipients } = parsed.data
  const binding = BindingSchema.safeParse(parseCanonical(decodeBase64url(aad), AAD_BYTES))
  if (!binding.success || binding.data.from === binding.data.to) {
    throw new AmanaError('WIRE_JWE', { part: 'aad' })
  }
  const bucketBytes = decodeBase64url(ciphertext).byteLength
  if (bucketBytes !== bucketFor(bucketBytes))
    throw new AmanaError('WIRE_JWE', { part: 'ciphertext' })
  return { ...binding.data, keyId: recipients[0].header.kid, bucketBytes, jwe: parsed.data }
}

/**
 * Opens a deposit with the deposit key that it names; gives the frame, which says itself who is behind it.
 *
 * @throws WIRE_NOT_FOR_ME when it names another key, WIRE_KEY_USE when the key is of another algorithm
 * @throws WIRE_B64, WIRE_DECRYPT; WIRE_JWE when what was encrypted is not a frame and its zeros
 */
export async function openDeposit(
  { jwe, keyId, to }: UnverifiedDeposit,
  key: OpeningKey,
): Promise<Uint8Array> {
  if (key.keyId !== keyId) throw new AmanaError('WIRE_NOT_FOR_ME', { agency: to })
  if (key.algorithm !== 'HPKE-9-KE') throw new AmanaError('WIRE_KEY_USE', { keyId })
  const binding = encodeUtf8(`${jwe.protected}.${jwe.aad}`)
  const [{ encrypted_key: encryptedKey, header }] = jwe.recipients
  const contentKey = await hpkeOpenKey({
    key,
    info: hpkeWrapInfo(LABEL, keyId, binding),
    wrapped: {
      encryptedKey: decodeBase64url(encryptedKey),
      encapsulated: decodeBase64url(header.ek),
    },
  })
  const input = { key: contentKey, iv: decodeBase64url(jwe.iv), aad: binding }
  const sealed = { ciphertext: decodeBase64url(jwe.ciphertext), tag: decodeBase64url(jwe.tag) }
  const plaintext = await aesGcmOpen(input, sealed)
  contentKey.fill(0)
  if (plaintext === undefined) throw new AmanaError('WIRE_DECRYPT', { keyId })
  return unpadded(plaintext)
}

/** The length, the frame, zeros up to the bucket. @throws WIRE_SIZE */
function padded(frame: Uint8Array): Uint8Array {
  const { frameBytes: limitBytes } = WIRE_LIMITS
  if (frame.byteLength > limitBytes) {
    throw new AmanaError('WIRE_SIZE', { sizeBytes: frame.byteLength, limitBytes })
  }
  const plaintext = new Uint8Array(bucketFor(LENGTH_BYTES + frame.byteLength))
  plaintext.set(concatBytes(lengthBytes(frame.byteLength), frame))
  return plaintext
}

/** One spelling for one frame: the smallest bucket, and nothing but zeros behind it. @throws WIRE_JWE */
function unpadded(plaintext: Uint8Array): Uint8Array {
  const view = new DataView(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength)
  const end = LENGTH_BYTES + view.getUint32(0)
  const isWhole = end <= plaintext.byteLength && bucketFor(end) === plaintext.byteLength
  if (!isWhole || plaintext.subarray(end).some((byte) => byte !== 0)) {
    throw new AmanaError('WIRE_JWE', { part: 'padding' })
  }
  return plaintext.slice(LENGTH_BYTES, end)
}

function lengthBytes(sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(LENGTH_BYTES)
  new DataView(bytes.buffer).setUint32(0, sizeBytes)
  return bytes
}

/** The smallest bucket that so many bytes fit into, up to the largest. */
function bucketFor(sizeBytes: number): number {
  if (sizeBytes > LARGEST_POWER) return LARGEST_BUCKET
  return 2 ** Math.ceil(Math.log2(Math.max(sizeBytes, SMALLEST_BUCKET)))
}
