/**
 * The engine of the verifier's page: it verifies, and signs its own sample; it can neither seal nor open. Of every
 * Ed25519 signature WebCrypto and `tweetnacl` must say the same.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#two-opinions
 */
import { encodeBase64url } from '../bytes/base64.ts'
import { bytesOf } from '../bytes/utf8.ts'
import { isPointOfGroup } from './edwards-point.ts'
import { type Engine } from './engine.ts'
import { createSha256, hmacSha256, sha256, sha256Into, sha512 } from './page-sha2.mjs'
import { confirmEd25519 } from './second-opinion.ts'
import { publicKeyOf, signWithWebCrypto, verifyWithWebCrypto } from './web-signature.ts'

const ML_KEM = 'ML-KEM-768'
const ML_KEM_BYTES = 1184
const X25519_BYTES = 32

/** An X25519 key that is not zero, behind an ML-KEM-768 key that WebCrypto takes. */
async function isHybridKey(bytes: Uint8Array): Promise<boolean> {
  const classical = bytes.subarray(ML_KEM_BYTES)
  if (classical.byteLength !== X25519_BYTES || classical.every((byte) => byte === 0)) return false
  const pub = encodeBase64url(bytes.subarray(0, ML_KEM_BYTES))
  const jwk: JsonWebKey = { kty: 'AKP', alg: ML_KEM }
  try {
    await crypto.subtle.importKey('jwk', Object.assign(jwk, { pub }), ML_KEM, true, [])
    return true
  } catch {
    return false
  }
}

/** What the page is not made for. */
function never(): never {
  throw new Error('the page neither seals nor opens')
}

/** The engine of the verifier's page. */
export const engine: Engine = {
  sha256,
  sha256Into,
  createSha256,
  sha256Text: (data) => encodeBase64url(sha256(bytesOf(data))),
  sha512,
  hmacSha256: (key, data) => hmacSha256(key, bytesOf(data)),
  verify: async (algorithm, publicKey, signed) => {
    const isValid = await verifyWithWebCrypto(algorithm, publicKey, signed)
    if (algorithm === 'Ed25519') confirmEd25519(publicKey, signed, isValid)
    return isValid
  },
  confirm: confirmEd25519,
  isSoundPoint: isPointOfGroup,
  isHybridKey,
  // the sample that the page makes is signed
  publicKeyOf,
  sign: signWithWebCrypto,
  hybridPublicKeyOf: never,
  aesGcmSeal: never,
  aesGcmOpen: never,
  chachaSeal: never,
  chachaOpen: never,
  aesBlocks: never,
  x25519: never,
  aesKeyWrap: never,
  aesKeyUnwrap: never,
  argon2id: never,
}
