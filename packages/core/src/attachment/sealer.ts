/**
 * Seals an attachment while it is read: never more than one chunk of it is held.
 *
 * @module
 * @spec docs/spec/10-attachments.md#sealed-form
 */
import { encodeBase64url } from '../bytes/base64.ts'
import { createSha256, type Digest, DigestSchema, type Random } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'
import { ATTACHMENT_LIMITS } from '../limits/attachment.ts'
import { payloadKey, sealChunk } from './chunks.ts'

const FILE_KEY_BYTES = 32

/** What the body of the statement says of the sealed bytes. */
export interface SealedFacts {
  /** Of the sealed form. */
  readonly digest: Digest
  /** base64url of the file key, 32 bytes. */
  readonly key: string
  /** Bytes of the sealed form. */
  readonly length: number
  /** Digest of the plaintext. */
  readonly plaintext: Digest
}

/** One attachment that is being sealed, under a key of its own. */
export class AttachmentSealer {
  readonly #fileKey: Uint8Array
  readonly #key: Uint8Array
  readonly #sealedHash = createSha256()
  readonly #plainHash = createSha256()
  readonly #chunk = new Uint8Array(ATTACHMENT_LIMITS.chunkBytes)
  #held = 0
  #index = 0
  #plainBytes = 0
  #sealedBytes = 0
  /** The salt, until it has gone out before the first chunk. */
  #salt: Uint8Array | undefined

  constructor(random: Random) {
    this.#fileKey = random(FILE_KEY_BYTES)
    this.#salt = random(ATTACHMENT_LIMITS.saltBytes)
    this.#key = payloadKey(this.#fileKey, this.#salt)
  }

  /**
   * Takes the next bytes of the file and gives what is sealed of it, in order. The bytes may be used again afterwards.
   *
   * @throws WIRE_SIZE above 2 GiB
   */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    this.#plainBytes += bytes.byteLength
    if (this.#plainBytes > ATTACHMENT_LIMITS.plaintextBytes) {
      const limitBytes = ATTACHMENT_LIMITS.plaintextBytes
      throw new AmanaError('WIRE_SIZE', { sizeBytes: this.#plainBytes, limitBytes })
    }
    this.#plainHash.update(bytes)
    const sealed: Uint8Array[] = []
    for (let rest = bytes; rest.byteLength > 0;) {
      if (this.#held === this.#chunk.byteLength) sealed.push(...this.#seal(false))
      const taken = rest.subarray(0, this.#chunk.byteLength - this.#held)
      this.#chunk.set(taken, this.#held)
      this.#held += taken.byteLength
      rest = rest.subarray(taken.byteLength)
    }
    return sealed
  }

  /** The last sealed bytes, and what is to be said of them. Nothing may follow. */
  end(): { readonly sealed: readonly Uint8Array[]; readonly facts: SealedFacts } {
    const sealed = this.#seal(true)
    const facts = {
      digest: textOf(this.#sealedHash.digest()),
      key: encodeBase64url(this.#fileKey),
      length: this.#sealedBytes,
      plaintext: textOf(this.#plainHash.digest()),
    }
    this.#chunk.fill(0)
    return { sealed, facts }
  }

  #seal(isLast: boolean): readonly Uint8Array[] {
    const place = { index: this.#index, isLast }
    const chunk = sealChunk(this.#key, place, this.#chunk.subarray(0, this.#held))
    const sealed = this.#salt === undefined ? [chunk] : [this.#salt, chunk]
    this.#salt = undefined
    this.#index += 1
    this.#held = 0
    for (const bytes of sealed) {
      this.#sealedHash.update(bytes)
      this.#sealedBytes += bytes.byteLength
    }
    return sealed
  }
}

function textOf(hash: Uint8Array): Digest {
  return DigestSchema.parse(encodeBase64url(hash))
}
