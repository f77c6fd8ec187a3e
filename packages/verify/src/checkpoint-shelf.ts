/**
 * The checkpoints of a bundle: each is verified once, however often it stands there, and they have an end.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#verifier
 */
import {
  AmanaError,
  AUDIT_LIMITS,
  type CheckpointPolicy,
  CheckpointVerifier,
  digest,
  encodeBase64url,
  type VerifiedCheckpoint,
} from '@amana/core'

/** A checkpoint that both keys of the log signed; cosignatures by known witnesses verified. Its note is not kept. */
export interface ReadCheckpoint extends Pick<VerifiedCheckpoint, 'cosignatures' | 'size'> {
  /** base64url. */
  readonly root: string
  /** Digest of the note. */
  readonly note: string
}

/** Takes note after note. */
export class CheckpointShelf {
  readonly #verifier: CheckpointVerifier
  readonly #byNote = new Map<string, ReadCheckpoint>()
  readonly #sizes = new Set<number>()

  constructor(policy: CheckpointPolicy) {
    this.#verifier = new CheckpointVerifier(policy)
  }

  /** How many signatures were verified so far. */
  get signatureCount(): number {
    return this.#verifier.signatureCount
  }

  /**
   * Verifies a note, unless it is known; the same one twice is one.
   *
   * @throws AUDIT_BUNDLE_LIMIT when there are too many; as `verifyCheckpoint`
   */
  async take(text: string): Promise<void> {
    const note = digest(text)
    if (this.#byNote.has(note)) return
    const { cosignatures, root, size } = await this.#verifier.verify(text)
    this.keep({ cosignatures, note, root: encodeBase64url(root), size })
  }

  /** Keeps one that was verified. @throws AUDIT_BUNDLE_LIMIT when there are too many */
  keep(checkpoint: ReadCheckpoint): void {
    if (this.#byNote.size >= AUDIT_LIMITS.bundleCheckpoints) {
      throw new AmanaError('AUDIT_BUNDLE_LIMIT', { line: this.#byNote.size })
    }
    this.#byNote.set(checkpoint.note, checkpoint)
    this.#sizes.add(checkpoint.size)
  }

  /** Whether there is one of this size. */
  hasSize(size: number): boolean {
    return this.#sizes.has(size)
  }

  /** In their order. */
  all(): readonly ReadCheckpoint[] {
    return [...this.#byNote.values()]
  }
}
