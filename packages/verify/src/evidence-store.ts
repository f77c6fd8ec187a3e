/**
 * Where the evidence of a bundle stands in its file. The objects themselves are read again when they are looked at, and
 * again held against their digest: memory grows by some 300 bytes a record, whatever its size.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#bundle
 */
import {
  AmanaError,
  AUDIT_LIMITS,
  type BundleLine,
  type EvidenceRecord,
  readEvidenceLine,
  signaturesDigest,
} from '@amana/core'
import { type StreamedFile } from './source.ts'

/** A record of evidence and the bytes of its line. */
export interface EvidencePlace {
  readonly kind: EvidenceRecord['kind']
  readonly digest: string
  /** Digest of the signatures of a signed object; empty for a text. */
  readonly signatures: string
  readonly start: number
  readonly end: number
}

/** The evidence of a bundle, by kind and digest, in its order. Nothing of it is verified. */
export class EvidenceStore {
  readonly #file: StreamedFile
  readonly #places = new Map<string, EvidencePlace[]>()
  #count = 0

  constructor(file: StreamedFile) {
    this.#file = file
  }

  /**
   * Keeps the place of a record. The same object twice is one; the digest is over what is signed, so others differ in
   * their signatures only.
   *
   * @throws AUDIT_BUNDLE_LIMIT when there are too many
   */
  add(record: EvidenceRecord, { start, end }: Pick<BundleLine, 'start' | 'end'>): void {
    const { kind, digest } = record
    const signatures = signaturesOf(record)
    const name = `${kind} ${digest}`
    const alike = this.#places.get(name)
    if (alike?.some((place) => place.signatures === signatures) === true) return
    this.#count += 1
    if (this.#count > AUDIT_LIMITS.bundleEvidence) {
      throw new AmanaError('AUDIT_BUNDLE_LIMIT', { line: this.#count })
    }
    const place = { kind, digest, signatures, start, end }
    if (alike === undefined) this.#places.set(name, [place])
    else alike.push(place)
  }

  /** Records of one object, told apart by their signatures; of a text there is only one. */
  of(kind: EvidenceRecord['kind'], digest: string): readonly EvidencePlace[] {
    return this.#places.get(`${kind} ${digest}`) ?? []
  }

  /** @yields every place */
  *all(): Generator<EvidencePlace> {
    for (const alike of this.#places.values()) yield* alike
  }

  /** The first record of each object of these kinds. */
  async firstOfEach(kinds: readonly EvidenceRecord['kind'][]): Promise<readonly EvidenceRecord[]> {
    const records: EvidenceRecord[] = []
    for (const [place] of this.#places.values()) {
      if (place !== undefined && kinds.includes(place.kind)) records.push(await this.read(place))
    }
    return records
  }

  /** The record itself. @throws AUDIT_BUNDLE_DIGEST when the file was changed since it was first read */
  async read(place: EvidencePlace): Promise<EvidenceRecord> {
    const record = await readEvidenceLine(this.#file.chunks(place.start, place.end))
    const isSame =
      record?.kind === place.kind &&
      record.digest === place.digest &&
      signaturesOf(record) === place.signatures
    if (!isSame) throw new AmanaError('AUDIT_BUNDLE_DIGEST', { line: 0 })
    return record
  }
}

function signaturesOf({ content }: EvidenceRecord): string {
  return typeof content === 'string' ? '' : signaturesDigest(content)
}
