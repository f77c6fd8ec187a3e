/**
 * Opens a sealed attachment while it comes: each chunk is given when its tag fits, and the whole counts only when both
 * digests do.
 *
 * @module
 * @spec docs/spec/10-attachments.md#opening
 */
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { createSha256 } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'
import { ATTACHMENT_LIMITS } from '../limits/attachment.ts'
import { isSealedLength, openChunk, payloadKey, SEALED_CHUNK_BYTES } from './chunks.ts'
import { type SealedFacts } from './sealer.ts'

const { saltBytes } = ATTACHMENT_LIMITS

/** What may be kept and, once the whole fits, shown. */
export interface OpenedChunk {
  /** As it came; before the first one with the salt. */
  readonly sealed: Uint8Array
  readonly plaintext: Uint8Array
}

/** One attachment that is being opened, from its first byte on. */
export class AttachmentOpener {
  readonly #facts: Omit<SealedFacts, 'digest' | 'plaintext'> & {
    readonly digest: string
    readonly plaintext: string
  }
  readonly #sealedHash = createSha256()
  readonly #plainHash = createSha256()
  #key: Uint8Array | undefined
  #waiting: Uint8Array = new Uint8Array()
  #index = 0
  #verified = 0

  /** @throws WIRE_ATTACHMENT_LENGTH when nothing seals to that length */
  constructor(facts: {
    readonly digest: string
    readonly key: string
    readonly length: number
    readonly plaintext: string
  }) {
    if (!isSealedLength(facts.length)) {
      throw new AmanaError('WIRE_ATTACHMENT_LENGTH', { sizeBytes: facts.length })
    }
    this.#facts = facts
  }

  /** Sealed bytes up to the end of the last chunk whose tag fits: where to go on. */
  get verifiedBytes(): number {
    return this.#verified
  }

  /** Forgets bytes that completed no chunk, or one that did not fit, and says where to go on. */
  restart(): number {
    this.#waiting = new Uint8Array()
    return this.#verified
  }

  /**
   * Takes the next sealed bytes and gives the chunks that they complete.
   *
   * @throws WIRE_ATTACHMENT_CHUNK; WIRE_SIZE for bytes after the last one
   */
  push(bytes: Uint8Array): readonly OpenedChunk[] {
    this.#waiting = concatBytes(this.#waiting, bytes)
    const opened: OpenedChunk[] = []
    for (let size = this.#nextSize(); size > 0; size = this.#nextSize()) {
      if (this.#waiting.byteLength < size) return opened
      opened.push(this.#open(this.#waiting.subarray(0, size)))
      this.#waiting = this.#waiting.subarray(size)
    }
    if (this.#waiting.byteLength === 0) return opened
    const sizeBytes = this.#verified + this.#waiting.byteLength
    throw new AmanaError('WIRE_SIZE', { sizeBytes, limitBytes: this.#facts.length })
  }

  /**
   * The attachment is whole and what the statement says.
   *
   * @throws WIRE_ATTACHMENT_SHORT, WIRE_ATTACHMENT_DIGEST
   */
  end(): void {
    const { digest, length, plaintext } = this.#facts
    if (this.#verified !== length) {
      throw new AmanaError('WIRE_ATTACHMENT_SHORT', { found: this.#verified, length })
    }
    assertDigest(this.#sealedHash.digest(), digest, 'sealed')
    assertDigest(this.#plainHash.digest(), plaintext, 'plaintext')
  }

  /** Bytes of the next chunk, before the first one with the salt; 0 after the last. */
  #nextSize(): number {
    const rest = this.#facts.length - this.#verified
    return Math.min(rest, SEALED_CHUNK_BYTES + (this.#index === 0 ? saltBytes : 0))
  }

  #open(sealed: Uint8Array): OpenedChunk {
    const start = this.#index === 0 ? saltBytes : 0
    this.#key ??= payloadKey(decodeBase64url(this.#facts.key), sealed.subarray(0, saltBytes))
    const isLast = this.#verified + sealed.byteLength === this.#facts.length
    const place = { index: this.#index, isLast }
    const plaintext = openChunk(this.#key, place, sealed.subarray(start))
    this.#sealedHash.update(sealed)
    this.#plainHash.update(plaintext)
    this.#index += 1
    this.#verified += sealed.byteLength
    return { sealed, plaintext }
  }
}

function assertDigest(hash: Uint8Array, expected: string, part: 'plaintext' | 'sealed'): void {
  if (encodeBase64url(hash) !== expected) throw new AmanaError('WIRE_ATTACHMENT_DIGEST', { part })
}
