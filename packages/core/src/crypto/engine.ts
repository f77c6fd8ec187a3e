/**
 * The few primitives that differ between Node and other platforms. Hashes are synchronous everywhere; the rest may be
 * synchronous (Node) or promised (WebCrypto), so callers await. Both engines give the same bytes.
 *
 * @module
 * @spec docs/spec/01-bytes.md#primitives
 */

/** A value now or later. */
export type Awaitable<T> = T | Promise<T>

/** Signature algorithms by their JOSE names. */
export type SignatureAlgorithm = 'Ed25519' | 'ML-DSA-44' | 'ML-DSA-65'

/** Algorithms of key pairs that an engine makes from a seed. */
export type KeyPairAlgorithm = SignatureAlgorithm | 'X25519'

/** AES-256-GCM with a 12-byte nonce and a 16-byte tag. */
export interface AeadInput {
  readonly key: Uint8Array
  readonly iv: Uint8Array
  readonly aad: Uint8Array
}

/** ChaCha20-Poly1305 (RFC 8439) with a 12-byte nonce, a 16-byte tag and no additional data. */
export interface ChachaInput {
  readonly key: Uint8Array
  readonly nonce: Uint8Array
}

/** Cost of Argon2id: memory in KiB, passes, lanes. */
export interface Argon2Cost {
  readonly memoryKib: number
  readonly passes: number
  readonly lanes: number
}

/** SHA-256 of bytes that come in pieces. */
export interface Sha256Stream {
  update(bytes: Uint8Array): void
  /** The digest of everything so far; more may follow. */
  digest(): Uint8Array
}

/** What an engine offers. Inputs are never kept. */
export interface Engine {
  sha256(bytes: Uint8Array): Uint8Array
  /** Writes the 32 bytes into memory of the caller, from `offset` on. */
  sha256Into(bytes: Uint8Array, target: Uint8Array, offset: number): void
  /** base64url of SHA-256 of bytes, or of a text's UTF-8. */
  sha256Text(data: Uint8Array | string): string
  createSha256(): Sha256Stream
  sha512(bytes: Uint8Array): Uint8Array
  /** HMAC-SHA-256 of bytes, or of a text's UTF-8. */
  hmacSha256(key: Uint8Array, data: Uint8Array | string): Uint8Array
  /** The public key of a 32-byte seed. */
  publicKeyOf(algorithm: KeyPairAlgorithm, seed: Uint8Array): Awaitable<Uint8Array>
  sign(algorithm: SignatureAlgorithm, seed: Uint8Array, bytes: Uint8Array): Awaitable<Uint8Array>
  /** False for any signature or key that does not verify; never throws. */
  verify(
    algorithm: SignatureAlgorithm,
    publicKey: Uint8Array,
    signed: { readonly bytes: Uint8Array; readonly signature: Uint8Array },
  ): Awaitable<boolean>
  /**
   * A second opinion on what another library judged, where the platform has one; throws what is no refusal where the
   * two differ.
   */
  confirm?(
    publicKey: Uint8Array,
    signed: { readonly bytes: Uint8Array; readonly signature: Uint8Array },
    verdict: boolean,
  ): void
  /** Whether an Ed25519 key is a point, canonical, not of small order, free of torsion. */
  isSoundPoint(publicKey: Uint8Array): boolean
  /** The HPKE-9-KE public key of a 32-byte seed. */
  hybridPublicKeyOf(seed: Uint8Array): Awaitable<Uint8Array>
  /** Whether these are 1,216 bytes whose X25519 half is not zero, and a key of HPKE-9-KE. */
  isHybridKey(publicKey: Uint8Array): Awaitable<boolean>
  /** Ciphertext followed by the 16-byte tag. */
  aesGcmSeal(input: AeadInput, plaintext: Uint8Array): Awaitable<Uint8Array>
  /** The plaintext, or undefined when the tag does not fit. */
  aesGcmOpen(input: AeadInput, sealed: Uint8Array): Awaitable<Uint8Array | undefined>
  /** Ciphertext followed by the 16-byte tag. */
  chachaSeal(input: ChachaInput, plaintext: Uint8Array): Uint8Array
  /** The plaintext, or undefined when the tag does not fit. */
  chachaOpen(input: ChachaInput, sealed: Uint8Array): Uint8Array | undefined
  /** AES-256 under that key over two blocks in ECB, 32 bytes, for the CMAC of XAES-256-GCM (C2SP). */
  aesBlocks(key: Uint8Array): (blocks: Uint8Array) => Awaitable<Uint8Array>
  /** The shared secret of X25519 (RFC 7748), 32 bytes; undefined when it is zero, or the public key is not 32 bytes. */
  x25519(seed: Uint8Array, publicKey: Uint8Array): Awaitable<Uint8Array | undefined>
  /** 40 bytes of AES-256 key wrap (RFC 3394) of a 32-byte key. */
  aesKeyWrap(key: Uint8Array, content: Uint8Array): Awaitable<Uint8Array>
  /** The 32-byte key, or undefined when the check value does not fit or there are not 40 bytes. */
  aesKeyUnwrap(key: Uint8Array, wrapped: Uint8Array): Awaitable<Uint8Array | undefined>
  /** 32 bytes of Argon2id (RFC 9106). */
  argon2id(
    passphrase: Uint8Array,
    salt: Uint8Array,
    options: { readonly cost: Argon2Cost; readonly associatedData: Uint8Array },
  ): Promise<Uint8Array>
}
