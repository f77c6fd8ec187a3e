/**
 * Content keys as recipients get them, made step by step from the specification, so that a hostile sender may mix suites.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#key-wrap
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
} from 'node:crypto'
import {
  type AdmittedKey,
  concatBytes,
  encodeBase64url,
  encodeUtf8,
  hpkeSealKey,
  type Json,
  type OpeningKey,
  type Random,
} from '@amana/core'

/** A key that a seal is made for, of either suite. */
export type RecipientKey = AdmittedKey<OpeningKey['algorithm']>

/** The protected header of each suite. */
export const SEAL_HEADERS = {
  A1: {
    alg: 'ECDH-ES+A256KW',
    cty: 'amana-openings+json',
    enc: 'A256GCM',
    typ: 'amana-seal+jwe',
  },
  A2: {
    alg: 'HPKE-9-KE',
    cty: 'amana-openings+json',
    enc: 'A256GCM',
    typ: 'amana-seal-draft+jwe',
  },
} as const

/** What a wrap is made of. */
export interface Wrapping {
  readonly contentKey: Uint8Array
  readonly binding: Uint8Array
  readonly random: Random
}

/** The entry of one recipient, by the algorithm of its key. */
export async function wrappedFor({ keyId, jwk }: RecipientKey, wrapping: Wrapping): Promise<Json> {
  const { contentKey, binding, random } = wrapping
  if (jwk.alg === 'ECDH-ES+A256KW') return wrappedByEcdh({ keyId, x: jwk.x }, contentKey, random)
  const info = infoOf(keyId, binding)
  const sealed = await hpkeSealKey({ recipient: jwk, contentKey, info })
  return {
    encrypted_key: encodeBase64url(sealed.encryptedKey),
    header: { ek: encodeBase64url(sealed.encapsulated), kid: keyId },
  }
}

/** DER of an X25519 private key (RFC 8410) up to its 32 bytes. */
const X25519_PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex')
const WRAP_CHECK = Buffer.alloc(8, 0xa6)

function wrappedByEcdh(
  { keyId, x }: { readonly keyId: string; readonly x: string },
  contentKey: Uint8Array,
  random: Random,
): Json {
  const privateKey = privateKeyOf(random(32))
  const cipher = createCipheriv('id-aes256-wrap', wrappingKeyOf(privateKey, x), WRAP_CHECK)
  const encryptedKey = Buffer.concat([cipher.update(contentKey), cipher.final()])
  const own = createPublicKey(privateKey).export({ format: 'jwk' })
  const epk = { crv: 'X25519', kty: 'OKP', x: own.x ?? '' }
  return { encrypted_key: encodeBase64url(encryptedKey), header: { epk, kid: keyId } }
}

/** The content key of an entry of A1, as any program with the recipient's seed gets it. */
export function unwrappedByEcdh(
  entry: { readonly encryptedKey: string; readonly x: string },
  seed: Uint8Array,
): Uint8Array {
  const key = wrappingKeyOf(privateKeyOf(seed), entry.x)
  const decipher = createDecipheriv('id-aes256-wrap', key, WRAP_CHECK)
  const wrapped = Buffer.from(entry.encryptedKey, 'base64url')
  return Buffer.concat([decipher.update(wrapped), decipher.final()])
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  const key = Buffer.concat([X25519_PKCS8, seed])
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

/** The Concat KDF of RFC 7518 section 4.6.2. */
function wrappingKeyOf(privateKey: KeyObject, x: string): Uint8Array {
  const publicKey = createPublicKey({ key: { crv: 'X25519', kty: 'OKP', x }, format: 'jwk' })
  return createHash('sha256')
    .update(Buffer.from('00000001', 'hex'))
    .update(diffieHellman({ privateKey, publicKey }))
    .update(Buffer.from('0000000e', 'hex'))
    .update('ECDH-ES+A256KW')
    .update(Buffer.from('000000000000000000000100', 'hex'))
    .digest()
}

function infoOf(keyId: string, binding: Uint8Array): Uint8Array {
  const separator = Uint8Array.of(0xff)
  const parts = ['JOSE-HPKE rcpt', 'A256GCM', 'amana/1', keyId].flatMap((text) => [
    encodeUtf8(text),
    separator,
  ])
  return concatBytes(...parts, createHash('sha256').update(binding).digest())
}
