/**
 * Primitives from WebCrypto, with the synchronous hashes from @noble/hashes: browsers and other platforms.
 *
 * @module
 * @spec docs/spec/01-bytes.md#primitives
 */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { concatBytes } from '../bytes/concat.ts'
import { argon2id } from '@noble/hashes/argon2.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { encodeBase64url } from '../bytes/base64.ts'
import { bytesOf } from '../bytes/utf8.ts'
import { type AeadInput, type Engine } from './engine.ts'
import { createNobleSha256 } from './noble-sha256.ts'
import { hpkePublicKeyOf, isHpkePublicKey } from './hpke.ts'
import { isSoundPoint } from './sound-point.ts'
import {
  importPrivate,
  publicKeyOf,
  signWithWebCrypto,
  verifyWithWebCrypto,
} from './web-signature.ts'

const WRAPPED_KEY_BYTES = 40

/** WebCrypto wants memory that is not shared; a copy of what is passed in is. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
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
  sha256Into: (bytes, target, offset) => {
    target.set(sha256(bytes), offset)
  },
  sha256Text: (data) => encodeBase64url(sha256(bytesOf(data))),
  createSha256: createNobleSha256,
  sha512: (bytes) => sha512(bytes),
  hmacSha256: (key, data) => hmac(sha256, key, bytesOf(data)),
  publicKeyOf,
  sign: signWithWebCrypto,
  verify: verifyWithWebCrypto,
  isSoundPoint,
  hybridPublicKeyOf: hpkePublicKeyOf,
  isHybridKey: isHpkePublicKey,
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
  chachaSeal: ({ key, nonce }, plaintext) => chacha20poly1305(key, nonce).encrypt(plaintext),
  chachaOpen: ({ key, nonce }, sealed) => {
    try {
      return chacha20poly1305(key, nonce).decrypt(sealed)
    } catch {
      return undefined
    }
  },
  aesBlocks: (key) => async (blocks) => {
    const cbc = { name: 'AES-CBC', iv: new Uint8Array(16) }
    const ofCbc = await aesKey(key, 'AES-CBC')
    const sealed = await Promise.all(
      [blocks.subarray(0, 16), blocks.subarray(16, 32)].map((block) =>
        crypto.subtle.encrypt(cbc, ofCbc, own(block)),
      ),
    )
    return concatBytes(...sealed.map((block) => new Uint8Array(block, 0, 16)))
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
