/**
 * What sealing and opening cannot do without: signatures, the key encapsulation in both halves for each recipient, the
 * authenticated encryption, and on opening a salt (HMAC-SHA-256) and a digest (SHA-256) for each field, all straight from
 * `node:crypto`, over as many bytes as the envelope has. No parsing, no checks, no JSON.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#key-wrap
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  decapsulate,
  diffieHellman,
  encapsulate,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'

/** The bytes that an envelope signs and encrypts. */
export interface EnvelopeBytes {
  /** Of the dispatch's signing input. */
  readonly dispatch: number
  /** Of the signing input of each signature of a statement. */
  readonly signatures: readonly number[]
  /** Of the padded openings. */
  readonly plaintext: number
  /** Of each disclosure, in base64url. */
  readonly disclosures: readonly number[]
  readonly recipients: number
}

/** The primitives, ready to run again and again. */
export interface BarePrimitives {
  readonly seal: () => void
  readonly open: () => void
}

const TAG_BYTES = 16
/** A path is some ten bytes, a block of SHA-256 in any case. */
const PATH_BYTES = 16

/** Makes keys and buffers; throws where the primitives do not undo each other. */
export function createBarePrimitives(bytes: EnvelopeBytes): BarePrimitives {
  const signing = generateKeyPairSync('ed25519')
  const mlKem = generateKeyPairSync('ml-kem-768')
  const x25519 = generateKeyPairSync('x25519')
  const texts = [bytes.dispatch, ...bytes.signatures].map((sizeBytes) => {
    const text = randomBytes(sizeBytes)
    return { text, signature: sign(null, text, signing.privateKey) }
  })
  const [dispatch] = texts
  if (dispatch === undefined) throw new Error('no dispatch')
  const plaintext = randomBytes(bytes.plaintext)
  const key = randomBytes(32)
  const iv = randomBytes(12)
  const sealed = encrypt(key, iv, plaintext)
  const wrapped = encapsulate(mlKem.publicKey)
  const peer = generateKeyPairSync('x25519').publicKey
  const disclosures = bytes.disclosures.map((sizeBytes) => 'A'.repeat(sizeBytes))
  return {
    seal: () => {
      for (let recipient = 0; recipient < bytes.recipients; recipient += 1) {
        encapsulate(mlKem.publicKey)
        agreeAfresh(x25519.publicKey)
        encrypt(key, iv, key)
      }
      encrypt(key, iv, plaintext)
      sign(null, dispatch.text, signing.privateKey)
    },
    open: () => {
      for (const { text, signature } of texts) {
        if (!verify(null, text, signing.publicKey, signature)) throw new Error('signature')
      }
      decapsulate(mlKem.privateKey, wrapped.ciphertext)
      diffieHellman({ privateKey: x25519.privateKey, publicKey: peer })
      if (decrypt(key, iv, sealed).byteLength !== bytes.plaintext) throw new Error('plaintext')
      for (const text of disclosures) saltAndDigest(key, text)
    },
  }
}

function saltAndDigest(key: Uint8Array, text: string): void {
  createHmac('sha256', key).update(key.subarray(0, PATH_BYTES)).digest()
  hash('sha256', text, 'base64url')
}

function agreeAfresh(publicKey: KeyObject): void {
  const { privateKey } = generateKeyPairSync('x25519')
  diffieHellman({ privateKey, publicKey })
}

function encrypt(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: Uint8Array, iv: Uint8Array, sealed: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', key, iv)
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()])
}
