/**
 * What leaves of the classes g and w say that later checks ask for: trust documents, cosignatures either way, seals.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#checkpoints
 */
import { AmanaError, AUDIT_LIMITS, type Leaf } from '@amana/core'

type DataOf<E extends Leaf['event']> = Extract<Leaf, { event: E }>['data']

/** A cosignature on an own checkpoint, as the log says. */
export interface CosignedClaim extends DataOf<'w.cosigned'> {
  readonly index: number
}

/** A cosignature on the other log's checkpoint, as the log says. */
export interface WitnessClaim extends DataOf<'w.witness'> {
  readonly index: number
}

/** What was kept, in the order of the log. */
export interface LogClaims {
  readonly governance: readonly Extract<Leaf, { class: 'g' }>[]
  readonly cosigned: readonly CosignedClaim[]
  readonly witnessed: readonly WitnessClaim[]
  /** Index of the newest seal; -1 without any. */
  readonly newestSeal: number
}

/** Takes leaf after leaf; at most `AUDIT_LIMITS.bundleClaims` of them are kept. */
export class ClaimCollector {
  readonly #governance: Extract<Leaf, { class: 'g' }>[] = []
  readonly #cosigned: CosignedClaim[] = []
  readonly #witnessed: WitnessClaim[] = []
  #newestSeal = -1

  /** @throws AUDIT_BUNDLE_LIMIT when there are too many to keep */
  take(leaf: Leaf): void {
    if (leaf.class === 'g') this.#governance.push(leaf)
    else if (leaf.event === 'w.cosigned') this.#cosigned.push({ ...leaf.data, index: leaf.index })
    else if (leaf.event === 'w.witness') this.#witnessed.push({ ...leaf.data, index: leaf.index })
    else if (leaf.event === 'w.seal') this.#newestSeal = leaf.index
    const count = this.#governance.length + this.#cosigned.length + this.#witnessed.length
    if (count > AUDIT_LIMITS.bundleClaims) {
      throw new AmanaError('AUDIT_BUNDLE_LIMIT', { line: leaf.index })
    }
  }

  /** Everything so far. */
  collected(): LogClaims {
    return {
      governance: this.#governance,
      cosigned: this.#cosigned,
      witnessed: this.#witnessed,
      newestSeal: this.#newestSeal,
    }
  }
}
