/**
 * Amana's core: everything that decides trust. No I/O, no clock, no randomness of its own.
 *
 * @module
 */
export {
  AmanaError,
  ERRORS,
  isAmanaError,
  isErrorCode,
  reviveError,
  type ErrorCode,
  type ErrorDetails,
} from './errors.ts'
export { concatBytes, encodeUint64, equalBytes } from './bytes/concat.ts'
export {
  decodeBase64,
  decodeBase64url,
  encodeBase64,
  encodeBase64url,
} from './bytes/base64.ts'
export {
  canonicalize,
  encodeCanonical,
  parseCanonical,
  parseCanonicalText,
  type Json,
} from './bytes/jcs.ts'
export { decodeUtf8, encodeUtf8 } from './bytes/utf8.ts'
export { aesGcmOpen, aesGcmSeal, xaesOpen, xaesSeal } from './crypto/aead.ts'
export {
  constantTimeEqual,
  digest,
  DigestSchema,
  hkdfSha256,
  hmacSha256,
  sha256,
  sha512,
  type Clock,
  type Digest,
  type Random,
} from './crypto/digest.ts'
export { type AeadInput } from './crypto/engine.ts'
export { hpkeOpenKey, hpkeSealKey, type WrappedKey } from './crypto/hpke.ts'
export {
  admitKey,
  Ed25519JwkSchema,
  generateKey,
  HpkeJwkSchema,
  KeyIdSchema,
  MlDsaJwkSchema,
  privateKeyFromSeed,
  PublicJwkSchema,
  rawPublicKey,
  requireAlgorithm,
  signRaw,
  thumbprint,
  verifyRaw,
  type AdmittedKey,
  type Algorithm,
  type Ed25519Jwk,
  type HpkeJwk,
  type JwkOf,
  type KeyId,
  type MlDsaJwk,
  type PrivateKey,
  type PublicJwk,
  type SigningKey,
} from './crypto/jwk.ts'
export {
  GeneralJwsSchema,
  parseJws,
  pathOf,
  signJws,
  verifyJwsSignature,
  type Act,
  type GeneralJws,
  type JwsExpectation,
  type JwsSigner,
  type UnverifiedJws,
  type UnverifiedSignature,
} from './crypto/jws.ts'
export { KeystoreSchema, openKeystore, sealKeystore, type Keystore } from './crypto/keystore.ts'
export { WIRE_LIMITS } from './limits/wire.ts'
