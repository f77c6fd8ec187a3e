/**
 * A field group at rest: its seed and value under a data key of its own, and that key wrapped to the encryption key of each
 * officer who may read it. Whoever holds the stored bytes and the node's keys opens none of it.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#a-group-at-rest
 */
import { z } from 'zod'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { encodeCanonical, parseCanonical } from '../bytes/jcs.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { aesGcmOpen, aesGcmSeal } from '../crypto/aead.ts'
import { type Random } from '../crypto/digest.ts'
import { hpkeOpenKey, hpkeSealKey } from '../crypto/hpke.ts'
import { type HpkeJwk, KeyIdSchema, type KeyId, type PrivateKey } from '../crypto/jwk.ts'
import { AmanaError, isAnyAmanaError } from '../errors.ts'
import { TRUST_LIMITS } from '../limits/trust.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { LocalIdSchema } from '../trust/identifiers.ts'
import { type Opening, OpeningSchema } from './opening.ts'

const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16
const LABEL = encodeUtf8('amana/1/at-rest')
const ZERO = Uint8Array.of(0)
const ENCAPSULATED_CHARS = 1494
const WRAPPED_CHARS = 64
/** Base64url of a whole body, its seed and what encryption adds. */
const SEALED_CHARS = 2 * WIRE_LIMITS.bodyBytes

const textOf = (chars: number): z.ZodString =>
  z
    .string()
    .length(chars)
    .regex(/^[A-Za-z0-9_-]*$/)

/** The data key of a group as one officer gets it. */
export const GroupWrapSchema = z.strictObject({
  encapsulated: textOf(ENCAPSULATED_CHARS),
  key: textOf(WRAPPED_CHARS),
  kid: KeyIdSchema,
  officer: LocalIdSchema,
})
/** Form of `SealedGroup`. */
export const SealedGroupSchema = z.strictObject({
  sealed: z
    .string()
    .max(SEALED_CHARS)
    .regex(/^[A-Za-z0-9_-]*$/),
  wraps: z.array(GroupWrapSchema).max(TRUST_LIMITS.officers),
})

/** The data key of a group as one officer gets it. */
export interface GroupWrap extends z.output<typeof GroupWrapSchema> {}
/** A group that only officers open. */
export interface SealedGroup extends z.output<typeof SealedGroupSchema> {}

/** A group with the seed of its commitment. */
export type OpenGroup = Opening['groups'][string]

/** Which group of which statement: what is sealed as one does not open as another. */
export interface GroupName {
  readonly statement: string
  readonly group: string
}

/** An officer to whom a data key is wrapped. */
export interface GroupReader {
  readonly officer: string
  readonly keyId: KeyId
  readonly jwk: HpkeJwk
}

/** Seals a group under a fresh data key for its readers. */
export async function sealGroup(
  name: GroupName,
  open: OpenGroup,
  { random, readers }: { readonly random: Random; readonly readers: readonly GroupReader[] },
): Promise<SealedGroup> {
  const key = random(KEY_BYTES)
  const iv = random(IV_BYTES)
  const { ciphertext, tag } = await aesGcmSeal({ key, iv, aad: aadOf(name) }, encodeCanonical(open))
  const wraps = await Promise.all(readers.map((reader) => wrapFor(name, key, reader)))
  key.fill(0)
  return { sealed: encodeBase64url(concatBytes(iv, ciphertext, tag)), wraps }
}

/**
 * Opens a group with an officer's key.
 *
 * @throws STORE_GROUP_KEY when nothing is wrapped to this key
 * @throws STORE_GROUP when the bytes are not those that were sealed
 */
export async function openGroup(
  name: GroupName,
  { sealed, wraps }: SealedGroup,
  key: PrivateKey<'HPKE-9-KE'>,
): Promise<OpenGroup> {
  const dataKey = await unwrapGroupKey(name, wraps, key)
  const bytes = decodeBase64url(sealed)
  const plain = await aesGcmOpen(
    { key: dataKey, iv: bytes.subarray(0, IV_BYTES), aad: aadOf(name) },
    { ciphertext: bytes.subarray(IV_BYTES, -TAG_BYTES), tag: bytes.subarray(-TAG_BYTES) },
  )
  dataKey.fill(0)
  const parsed =
    plain === undefined
      ? undefined
      : OpeningSchema.shape.groups.valueType.safeParse(parseCanonical(plain, SEALED_CHARS))
  if (parsed?.success !== true) throw new AmanaError('STORE_GROUP', { group: name.group })
  return parsed.data
}

/**
 * The data key of a group, by an officer's key, wrapped for another officer: only who can read can let another one read.
 *
 * @throws STORE_GROUP_KEY, STORE_GROUP as `openGroup`
 */
export async function rewrapGroup(
  name: GroupName,
  wraps: readonly GroupWrap[],
  { key, reader }: { readonly key: PrivateKey<'HPKE-9-KE'>; readonly reader: GroupReader },
): Promise<GroupWrap> {
  const dataKey = await unwrapGroupKey(name, wraps, key)
  const wrap = await wrapFor(name, dataKey, reader)
  dataKey.fill(0)
  return wrap
}

async function unwrapGroupKey(
  name: GroupName,
  wraps: readonly GroupWrap[],
  key: PrivateKey<'HPKE-9-KE'>,
): Promise<Uint8Array> {
  const own = wraps.find(({ kid }) => kid === key.keyId)
  if (own === undefined) throw new AmanaError('STORE_GROUP_KEY', { group: name.group })
  const wrapped = {
    encapsulated: decodeBase64url(own.encapsulated),
    encryptedKey: decodeBase64url(own.key),
  }
  try {
    return await hpkeOpenKey({ key, wrapped, info: infoOf(name, key.keyId) })
  } catch (cause) {
    if (!isAnyAmanaError(cause)) throw cause
    throw new AmanaError('STORE_GROUP', { group: name.group }, { cause })
  }
}

async function wrapFor(
  name: GroupName,
  dataKey: Uint8Array,
  { jwk, keyId, officer }: GroupReader,
): Promise<GroupWrap> {
  const info = infoOf(name, keyId)
  const wrapped = await hpkeSealKey({ recipient: jwk, contentKey: dataKey, info })
  return {
    encapsulated: encodeBase64url(wrapped.encapsulated),
    key: encodeBase64url(wrapped.encryptedKey),
    kid: keyId,
    officer,
  }
}

function aadOf({ group, statement }: GroupName): Uint8Array {
  return encodeCanonical({ group, statement })
}

function infoOf({ group, statement }: GroupName, keyId: KeyId): Uint8Array {
  const parts = [statement, group, keyId].flatMap((part) => [ZERO, encodeUtf8(part)])
  return concatBytes(LABEL, ...parts)
}
