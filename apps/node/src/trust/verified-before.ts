/**
 * What was verified before, so that a change costs the check of what is new in it, and not of everything again.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#room-in-a-chain
 */
import { type VerifiedCharter, type VerifiedRoster } from '@amana/core'

interface Known<T> {
  readonly against: readonly unknown[]
  readonly verified: T
}

/** What was verified of documents of one kind. */
export interface Before<T> {
  /** What `verify` gives of a document that is held `against` those objects: all that the check looks at. */
  of(document: unknown, against: readonly unknown[], verify: () => Promise<T>): Promise<T>
}

/** History is read without a clock, so the same objects give the same answer. */
class ByObject<T> implements Before<T> {
  readonly #known = new WeakMap<object, Known<T>>()

  async of(document: unknown, against: readonly unknown[], verify: () => Promise<T>): Promise<T> {
    if (typeof document !== 'object' || document === null) return verify()
    const known = this.#known.get(document)
    if (known?.against.every((one, index) => one === against[index]) === true) return known.verified
    const verified = await verify()
    this.#known.set(document, { against, verified })
    return verified
  }
}

/** Of a node. Charters by the one before; rosters by charter, or own entry, and by the one before. */
export interface VerifiedBefore {
  readonly charters: Before<VerifiedCharter>
  readonly own: Before<VerifiedRoster>
  readonly rosters: Before<VerifiedRoster>
}

/** For as long as a folder is open. */
export function verifiedSinceOpening(): VerifiedBefore {
  return { charters: new ByObject(), own: new ByObject(), rosters: new ByObject() }
}
