/**
 * Primitives from `node:crypto` (OpenSSL), synchronous but for Argon2id, which runs in the thread pool.
 *
 * @module
 * @spec docs/spec/01-bytes.md#primitives
 */
import {
  argon2,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hash,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'
import { promisify } from 'node:util'
import { encodeBase64url } from '../bytes/base64.ts'
import { type Engine, type KeyPairAlgorithm, type SignatureAlgorithm } from './engine.ts'
import { hpkePublicKeyOf, isHpkePublicKey } from './hpke.ts'
import { isSoundPoint } from './sound-point.ts'

const TAG_BYTES = 16
const CHACHA = 'chacha20-poly1305'
const CHACHA_TAG = { authTagLength: TAG_BYTES }
const WRAPPED_KEY_BYTES = 40
/** Check value of RFC 3394 section 2.2.3.1. */
const WRAP_CHECK = Buffer.alloc(8, 0xa6)
/** Key objects are costly to make and asked for again and again; public ones only, so nothing secret stays. */
const PUBLIC_KEYS = 256

const argon2Async = promisify(argon2)
const publicKeys = new Map<string, KeyObject>()

/** Points that passed: the test costs a millisecond, and every roster of an agency lists the same keys again. */
const SOUND_POINTS = 1024
const soundPoints = new Set<string>()

function isKnownSoundPoint(bytes: Uint8Array): boolean {
  const name = encodeBase64url(bytes)
  if (soundPoints.has(name)) return true
  if (!isSoundPoint(bytes)) return false
  if (soundPoints.size >= SOUND_POINTS) soundPoints.clear()
  soundPoints.add(name)
  return true
}

const SHA256_BYTES = 32

/** By way of a text of 32 characters, which Node gives in half the time of a buffer. */
function sha256Into(bytes: Uint8Array, target: Uint8Array, offset: number): void {
  writeLatin1(target, hash('sha256', bytes, 'latin1'), offset)
}

function sha256(bytes: Uint8Array): Uint8Array {
  const digest = new Uint8Array(SHA256_BYTES)
  sha256Into(bytes, digest, 0)
  return digest
}

/** What `write` of a buffer calls for that encoding; any memory will do for it. */
interface Latin1Writer {
  readonly latin1Write: (this: Uint8Array, text: string, ...place: readonly number[]) => number
}

function isLatin1Writer(memory: unknown): memory is Latin1Writer {
  return typeof memory === 'object' && memory !== null && 'latin1Write' in memory
}

/** The text's characters as bytes, from there on. */
const writeLatin1 = latin1WriterOf(Buffer.prototype)

function latin1WriterOf(
  memory: unknown,
): (target: Uint8Array, text: string, offset: number) => unknown {
  if (isLatin1Writer(memory)) {
    const { latin1Write } = memory
    return (target, text, offset) => latin1Write.call(target, text, offset, text.length)
  }
  return (target, text, offset) => {
    target.set(Buffer.from(text, 'latin1'), offset)
  }
}

function hashBytes(name: string, bytes: Uint8Array): Uint8Array {
  return hash(name, bytes, 'buffer')
}

function privateKeyObject(algorithm: KeyPairAlgorithm, seed: Uint8Array): KeyObject {
  return createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX[algorithm], seed]),
    format: 'der',
    type: 'pkcs8',
  })
}

const PUBLIC_KEY_BYTES = {
  Ed25519: 32,
  'ML-DSA-44': 1312,
  'ML-DSA-65': 1952,
  X25519: 32,
} as const

/** DER of an RFC 8410 / RFC 9881 private key up to its 32-byte seed. */
const PKCS8_PREFIX = {
  Ed25519: Buffer.from('302e020100300506032b657004220420', 'hex'),
  'ML-DSA-44': Buffer.from('3034020100300b060960864801650304031104228020', 'hex'),
  'ML-DSA-65': Buffer.from('3034020100300b060960864801650304031204228020', 'hex'),
  X25519: Buffer.from('302e020100300506032b656e04220420', 'hex'),
} as const

function publicJwk(algorithm: SignatureAlgorithm, publicKey: Uint8Array): Record<string, string> {
  const text = encodeBase64url(publicKey)
  if (algorithm === 'Ed25519') return { kty: 'OKP', crv: 'Ed25519', x: text }
  return { kty: 'AKP', alg: algorithm, pub: text }
}

function publicKeyObject(algorithm: SignatureAlgorithm, publicKey: Uint8Array): KeyObject {
  const jwk = publicJwk(algorithm, publicKey)
  const name = `${algorithm} ${jwk['x'] ?? jwk['pub'] ?? ''}`
  const kept = publicKeys.get(name)
  if (kept !== undefined) return kept
  const made = createPublicKey({ key: jwk, format: 'jwk' })
  if (publicKeys.size >= PUBLIC_KEYS) publicKeys.clear()
  publicKeys.set(name, made)
  return made
}

/** The engine of Node. */
export const engine: Engine = {
  sha256,
  sha256Into,
  sha256Text: (data) => hash('sha256', data, 'base64url'),
  createSha256: () => {
    const hashing = createHash('sha256')
    return {
      update: (bytes) => void hashing.update(bytes),
      digest: () => hashing.copy().digest(),
    }
  },
  sha512: (bytes) => hashBytes('sha512', bytes),
  hmacSha256: (key, data) => createHmac('sha256', key).update(data).digest(),
  publicKeyOf: (algorithm, seed) =>
    createPublicKey(privateKeyObject(algorithm, seed))
      .export({ format: 'der', type: 'spki' })
      .subarray(-PUBLIC_KEY_BYTES[algorithm]),
  sign: (algorithm, seed, bytes) => sign(null, bytes, privateKeyObject(algorithm, seed)),
  verify: (algorithm, publicKey, { bytes, signature }) => {
    try {
      return verify(null, bytes, publicKeyObject(algorithm, publicKey), signature)
    } catch {
      return false
    }
  },
  isSoundPoint: isKnownSoundPoint,
  hybridPublicKeyOf: hpkePublicKeyOf,
  isHybridKey: isHpkePublicKey,
  aesGcmSeal: ({ key, iv, aad }, plaintext) => {
    const cipher = createCipheriv('aes-256-gcm', key, iv)
    cipher.setAAD(aad)
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
  },
  aesGcmOpen: ({ key, iv, aad }, sealed) => {
    if (sealed.byteLength < TAG_BYTES) return undefined
    const decipher = createDecipheriv('aes-256-gcm', key, iv)
    decipher.setAAD(aad)
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
    const opened = decipher.update(sealed.subarray(0, -TAG_BYTES))
    try {
      decipher.final()
    } catch {
      return undefined
    }
    return opened
  },
  chachaSeal: ({ key, nonce }, plaintext) => {
    const cipher = createCipheriv(CHACHA, key, nonce, CHACHA_TAG)
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
  },
  chachaOpen: ({ key, nonce }, sealed) => {
    if (sealed.byteLength < TAG_BYTES) return undefined
    const decipher = createDecipheriv(CHACHA, key, nonce, CHACHA_TAG)
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
    const opened = decipher.update(sealed.subarray(0, -TAG_BYTES))
    try {
      decipher.final()
    } catch {
      return undefined
    }
    return opened
  },
  aesBlocks: (key) => {
    const cipher = createCipheriv('aes-256-ecb', key, null)
    cipher.setAutoPadding(false)
    return (blocks) => cipher.update(blocks)
  },
  x25519: (seed, publicKey) => {
    const jwk = { kty: 'OKP', crv: 'X25519', x: encodeBase64url(publicKey) }
    try {
      return diffieHellman({
        privateKey: privateKeyObject('X25519', seed),
        publicKey: createPublicKey({ key: jwk, format: 'jwk' }),
      })
    } catch {
      return undefined
    }
  },
  aesKeyWrap: (key, content) => {
    const cipher = createCipheriv('id-aes256-wrap', key, WRAP_CHECK)
    return Buffer.concat([cipher.update(content), cipher.final()])
  },
  aesKeyUnwrap: (key, wrapped) => {
    if (wrapped.byteLength !== WRAPPED_KEY_BYTES) return undefined
    const decipher = createDecipheriv('id-aes256-wrap', key, WRAP_CHECK)
    try {
      return Buffer.concat([decipher.update(wrapped), decipher.final()])
    } catch {
      return undefined
    }
  },
  argon2id: async (passphrase, salt, { cost, associatedData }) =>
    argon2Async('argon2id', {
      message: passphrase,
      nonce: salt,
      associatedData,
      memory: cost.memoryKib,
      passes: cost.passes,
      parallelism: cost.lanes,
      tagLength: 32,
    }),
}
