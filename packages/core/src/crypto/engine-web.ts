/**
 * Primitives from WebCrypto, with the synchronous hashes from @noble/hashes: browsers and other platforms.
 *
 * @module
 * @spec docs/spec/01-bytes.md#primitives
 */
import { argon2id } from '@noble/hashes/argon2.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { concatBytes } from '../bytes/concat.ts'
import { encodeBase64url, decodeBase64url } from '../bytes/base64.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import {
  type AeadInput,
  type Engine,
  type KeyPairAlgorithm,
  type SignatureAlgorithm,
} from './engine.ts'

const PKCS8_PREFIX = {
  Ed25519: '302e020100300506032b657004220420',
  'ML-DSA-44': '3034020100300b060960864801650304031104228020',
  'ML-DSA-65': '3034020100300b060960864801650304031204228020',
  X25519: '302e020100300506032b656e04220420',
} as const
const WRAPPED_KEY_BYTES = 40

/** WebCrypto wants memory that is not shared; a copy of what is passed in is. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
}

async function importPrivate(algorithm: KeyPairAlgorithm, seed: Uint8Array): Promise<CryptoKey> {
  const prefix = PKCS8_PREFIX[algorithm].match(/../g)?.map((pair) => Number.parseInt(pair, 16))
  const pkcs8 = concatBytes(Uint8Array.from(prefix ?? []), seed)
  const use: KeyUsage = algorithm === 'X25519' ? 'deriveBits' : 'sign'
  return crypto.subtle.importKey('pkcs8', pkcs8, { name: algorithm }, true, [use])
}

function bytesOf(data: Uint8Array | string): Uint8Array {
  return typeof data === 'string' ? encodeUtf8(data) : data
}

function publicJwk(algorithm: SignatureAlgorithm, publicKey: Uint8Array): JsonWebKey {
  const text = encodeBase64url(publicKey)
  const jwk =
    algorithm === 'Ed25519'
      ? { kty: 'OKP', crv: 'Ed25519', x: text }
      : { kty: 'AKP', alg: algorithm, pub: text }
  return jwk
}

async function publicKeyOf(algorithm: KeyPairAlgorithm, seed: Uint8Array): Promise<Uint8Array> {
  const key = await importPrivate(algorithm, seed)
  const jwk = new Map(Object.entries(await crypto.subtle.exportKey('jwk', key)))
  const text: unknown = jwk.get(algorithm.startsWith('ML-DSA') ? 'pub' : 'x')
  return typeof text === 'string' ? decodeBase64url(text) : new Uint8Array()
}

async function aesKey(key: Uint8Array, name: 'AES-GCM' | 'AES-CBC'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', own(key), name, false, ['encrypt', 'decrypt'])
}

function gcm({ iv, aad }: AeadInput): AesGcmParams {
  return { name: 'AES-GCM', iv: own(iv), additionalData: own(aad), tagLength: 128 }
}

async function wrappingKey(key: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', own(key), 'AES-KW', false, ['wrapKey', 'unwrapKey'])
}

/** The engine of every platform that is not Node. */
export const engine: Engine = {
  sha256: (bytes) => sha256(bytes),
  sha256Text: (data) => encodeBase64url(sha256(bytesOf(data))),
  sha512: (bytes) => sha512(bytes),
  hmacSha256: (key, data) => hmac(sha256, key, bytesOf(data)),
  publicKeyOf,
  sign: async (algorithm, seed, bytes) => {
    const key = await importPrivate(algorithm, seed)
    return new Uint8Array(await crypto.subtle.sign({ name: algorithm }, key, own(bytes)))
  },
  verify: async (algorithm, publicKey, { bytes, signature }) => {
    try {
      const jwk = publicJwk(algorithm, publicKey)
      const key = await crypto.subtle.importKey('jwk', jwk, { name: algorithm }, true, ['verify'])
      return await crypto.subtle.verify({ name: algorithm }, key, own(signature), own(bytes))
    } catch {
      return false
    }
  },
  aesGcmSeal: async (input, plaintext) => {
    const key = await aesKey(input.key, 'AES-GCM')
    return new Uint8Array(await crypto.subtle.encrypt(gcm(input), key, own(plaintext)))
  },
  aesGcmOpen: async (input, sealed) => {
    const key = await aesKey(input.key, 'AES-GCM')
    try {
      return new Uint8Array(await crypto.subtle.decrypt(gcm(input), key, own(sealed)))
    } catch {
      return undefined
    }
  },
  aesBlock: async (key, block) => {
    const cbc = { name: 'AES-CBC', iv: new Uint8Array(16) }
    const sealed = await crypto.subtle.encrypt(cbc, await aesKey(key, 'AES-CBC'), own(block))
    return new Uint8Array(sealed, 0, 16)
  },
  x25519: async (seed, publicKey) => {
    try {
      const theirs = await crypto.subtle.importKey('raw', own(publicKey), 'X25519', false, [])
      const ours = await importPrivate('X25519', seed)
      return new Uint8Array(
        await crypto.subtle.deriveBits({ name: 'X25519', public: theirs }, ours, 256),
      )
    } catch {
      return undefined
    }
  },
  aesKeyWrap: async (key, content) => {
    const wrapped = await crypto.subtle.importKey('raw', own(content), 'AES-GCM', true, ['encrypt'])
    return new Uint8Array(
      await crypto.subtle.wrapKey('raw', wrapped, await wrappingKey(key), 'AES-KW'),
    )
  },
  aesKeyUnwrap: async (key, wrapped) => {
    if (wrapped.byteLength !== WRAPPED_KEY_BYTES) return undefined
    const unwrapping = await wrappingKey(key)
    try {
      const content = await crypto.subtle.unwrapKey(
        'raw',
        own(wrapped),
        unwrapping,
        'AES-KW',
        'AES-GCM',
        true,
        ['encrypt'],
      )
      return new Uint8Array(await crypto.subtle.exportKey('raw', content))
    } catch {
      return undefined
    }
  },
  argon2id: (passphrase, salt, { cost, associatedData }) =>
    Promise.resolve(
      argon2id(passphrase, salt, {
        t: cost.passes,
        m: cost.memoryKib,
        p: cost.lanes,
        dkLen: 32,
        personalization: associatedData,
      }),
    ),
}
