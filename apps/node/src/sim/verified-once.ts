/**
 * Charters and rosters that some machine of some history verified: thousands of openings find the same few on their disks.
 *
 * @module
 * @spec docs/spec/12-simulation.md#what-runs
 */
import { type Before, type VerifiedBefore } from '../trust/verified-before.ts'

/** Beyond so many all are forgotten: each history with new keys has documents of its own. */
const MOST_DOCUMENTS = 400

/** By what is written in a document, and by the digests of what it is held against. */
class ByContent<T> implements Before<T> {
  readonly #known = new Map<string, T>()

  async of(document: unknown, against: readonly unknown[], verify: () => Promise<T>): Promise<T> {
    const name = JSON.stringify([document, ...against.map((one) => nameOf(one))])
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const verified = await verify()
    if (this.#known.size >= MOST_DOCUMENTS) this.#known.clear()
    this.#known.set(name, verified)
    return verified
  }
}

/** The digest of what was verified; the own entry is not, and is taken as it is. */
function nameOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'digest' in value ? value.digest : value
}

/** Of all machines of this process. */
export const VERIFIED_ONCE: VerifiedBefore = {
  charters: new ByContent(),
  own: new ByContent(),
  rosters: new ByContent(),
}
