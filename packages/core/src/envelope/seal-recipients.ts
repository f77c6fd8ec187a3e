/**
 * What differs between suites inside a seal: its protected header, and how each recipient's entry holds the content key.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#seal
 */
import { z } from 'zod'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { encodeCanonical, type Json } from '../bytes/jcs.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { type Random, sha256 } from '../crypto/digest.ts'
import { ecdhOpenKey, ecdhSealKey, isX25519PublicKey } from '../crypto/ecdh.ts'
import { hpkeOpenKey, hpkeSealKey } from '../crypto/hpke.ts'
import { type AdmittedKey, type KeyId, KeyIdSchema, type OpeningKey } from '../crypto/jwk.ts'
import { pathOf } from '../crypto/jws.ts'
import { type SealKeys, type Suite } from '../crypto/suites.ts'
import { AmanaError } from '../errors.ts'

const CONTENT = { cty: 'amana-openings+json', enc: 'A256GCM' } as const
const HEADERS = {
  A1: { ...CONTENT, alg: 'ECDH-ES+A256KW', typ: 'amana-seal+jwe' },
  A2: { ...CONTENT, alg: 'HPKE-9-KE', typ: 'amana-seal-draft+jwe' },
} as const
/** The protected header of each suite, as every seal has it. */
export const PROTECTED_HEADERS = {
  A1: encodeBase64url(encodeCanonical(HEADERS.A1)),
  A2: encodeBase64url(encodeCanonical(HEADERS.A2)),
} as const

const ENCRYPTED_KEY_CHARS = { A1: 54, A2: 64 } as const
const X25519_CHARS = 43
const ENCAPSULATED_CHARS = 1494
const FF = Uint8Array.of(0xff)
const SEAL_LABEL = 'amana/1'

const base64urlOf = (chars: number): z.ZodString =>
  z
    .string()
    .length(chars)
    .regex(/^[A-Za-z0-9_-]*$/)
const EphemeralKeySchema = z.strictObject({
  crv: z.literal('X25519'),
  kty: z.literal('OKP'),
  x: base64urlOf(X25519_CHARS),
})
const A1EntriesSchema = z.array(
  z.strictObject({
    encrypted_key: base64urlOf(ENCRYPTED_KEY_CHARS.A1),
    header: z.strictObject({ epk: EphemeralKeySchema, kid: KeyIdSchema }),
  }),
)
const A2EntriesSchema = z.array(
  z.strictObject({
    encrypted_key: base64urlOf(ENCRYPTED_KEY_CHARS.A2),
    header: z.strictObject({ ek: base64urlOf(ENCAPSULATED_CHARS), kid: KeyIdSchema }),
  }),
)

type A1Entry = z.output<typeof A1EntriesSchema>[number]

/** Entries of the recipients, all of one suite; nothing was decrypted. */
export type UnverifiedRecipients =
  | { readonly suite: 'A1'; readonly entries: z.output<typeof A1EntriesSchema> }
  | { readonly suite: 'A2'; readonly entries: z.output<typeof A2EntriesSchema> }

/**
 * Reads the entries of a suite: members, lengths, order; of A1 also that no ephemeral key is of small order.
 *
 * @throws WIRE_JWE, WIRE_B64
 */
export function parseRecipients(suite: Suite, json: readonly unknown[]): UnverifiedRecipients {
  const recipients = entriesOf(suite, json)
  assertRising(keyIdsOf(recipients))
  if (recipients.suite === 'A1') recipients.entries.forEach(assertEphemeralKey)
  return recipients
}

/** Ids of the recipients' keys, in their order. */
export function keyIdsOf({ entries }: UnverifiedRecipients): readonly KeyId[] {
  return entries.map(({ header }) => header.kid)
}

/** Wraps the content key for every recipient, in the order given. */
export async function wrapContentKey(
  keys: SealKeys,
  contentKey: Uint8Array,
  { binding, random }: { readonly binding: Uint8Array; readonly random: Random },
): Promise<readonly Json[]> {
  const entries: Json[] = []
  if (keys.suite === 'A1') {
    for (const key of keys.recipients) entries.push(await wrapForA1(key, contentKey, random))
  } else {
    for (const key of keys.recipients) entries.push(await wrapForA2(key, contentKey, binding))
  }
  return entries
}

/**
 * Unwraps the content key from the entry of the key's own id; no other is tried.
 *
 * @throws WIRE_NOT_FOR_ME when there is none, WIRE_KEY_USE when the key is of another suite, WIRE_B64, WIRE_DECRYPT
 */
export async function unwrapContentKey(
  recipients: UnverifiedRecipients,
  key: OpeningKey,
  binding: Uint8Array,
): Promise<Uint8Array> {
  if (recipients.suite === 'A1') {
    const { encrypted_key: encryptedKey, header } = ownEntry(recipients.entries, key)
    assertAlgorithm(key, HEADERS.A1.alg)
    const ephemeral = decodeBase64url(header.epk.x)
    return ecdhOpenKey({ key, wrapped: { encryptedKey: decodeBase64url(encryptedKey), ephemeral } })
  }
  const { encrypted_key: encryptedKey, header } = ownEntry(recipients.entries, key)
  assertAlgorithm(key, HEADERS.A2.alg)
  const encapsulated = decodeBase64url(header.ek)
  return hpkeOpenKey({
    key,
    info: hpkeWrapInfo(SEAL_LABEL, key.keyId, binding),
    wrapped: { encryptedKey: decodeBase64url(encryptedKey), encapsulated },
  })
}

async function wrapForA1(
  { jwk, keyId }: AdmittedKey<'ECDH-ES+A256KW'>,
  contentKey: Uint8Array,
  random: Random,
): Promise<Json> {
  const { encryptedKey, ephemeral } = await ecdhSealKey({ recipient: jwk, contentKey, random })
  const epk = { crv: 'X25519', kty: 'OKP', x: encodeBase64url(ephemeral) }
  return { encrypted_key: encodeBase64url(encryptedKey), header: { epk, kid: keyId } }
}

async function wrapForA2(
  { jwk, keyId }: AdmittedKey<'HPKE-9-KE'>,
  contentKey: Uint8Array,
  binding: Uint8Array,
): Promise<Json> {
  const info = hpkeWrapInfo(SEAL_LABEL, keyId, binding)
  const { encryptedKey, encapsulated } = await hpkeSealKey({ recipient: jwk, contentKey, info })
  const header = { ek: encodeBase64url(encapsulated), kid: keyId }
  return { encrypted_key: encodeBase64url(encryptedKey), header }
}

/** A wrap of HPKE is good for one use, one message and one recipient: `info` names them. */
export function hpkeWrapInfo(label: string, keyId: KeyId, binding: Uint8Array): Uint8Array {
  const texts = ['JOSE-HPKE rcpt', 'A256GCM', label, keyId]
  return concatBytes(...texts.flatMap((text) => [encodeUtf8(text), FF]), sha256(binding))
}

function entriesOf(suite: Suite, json: readonly unknown[]): UnverifiedRecipients {
  if (suite === 'A1') return { suite, entries: parsedBy(A1EntriesSchema, json) }
  return { suite, entries: parsedBy(A2EntriesSchema, json) }
}

function parsedBy<T>(schema: z.ZodType<T>, json: readonly unknown[]): T {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new AmanaError('WIRE_JWE', { part: `recipients.${pathOf(parsed.error)}` })
}

function assertRising(keyIds: readonly string[]): void {
  if (keyIds.some((keyId, index) => index > 0 && keyId <= (keyIds[index - 1] ?? ''))) {
    throw new AmanaError('WIRE_JWE', { part: 'recipients' })
  }
}

function assertEphemeralKey({ header }: A1Entry, index: number): void {
  if (isX25519PublicKey(decodeBase64url(header.epk.x))) return
  throw new AmanaError('WIRE_JWE', { part: `recipients.${String(index)}.header.epk` })
}

function ownEntry<E extends { readonly header: { readonly kid: KeyId } }>(
  entries: readonly E[],
  { keyId }: OpeningKey,
): E {
  const own = entries.find(({ header }) => header.kid === keyId)
  if (own === undefined) throw new AmanaError('WIRE_NOT_FOR_ME', { agency: '' })
  return own
}

function assertAlgorithm(key: OpeningKey, algorithm: OpeningKey['algorithm']): void {
  if (key.algorithm !== algorithm) throw new AmanaError('WIRE_KEY_USE', { keyId: key.keyId })
}
