/**
 * Who looked at what: openings of statements that the log knows, and emergencies that somebody else has to review.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#access
 */
import { AmanaError, AUDIT_LIMITS, type Leaf } from '@amana/core'
import { type Finding, FindingList } from './findings.ts'

/** A second person looks at an opening against the usual rule within a day. */
const REVIEW_MS = 86_400_000

interface Emergency {
  readonly actor: string
  readonly timeMs: number
}

/** Whether the log has sealed or received this statement in this dispatch. */
type IsKnown = (fact: { readonly env: string; readonly std: string }) => boolean

/** Follows leaves of class a. */
export class AccessCheck {
  readonly #agency: string
  readonly #isKnown: IsKnown | undefined
  readonly #findings = new FindingList()
  readonly #emergencies = new Map<number, Emergency>()
  #values = 0
  #shown = 0

  /** `isKnown` where class x is shown from leaf 0 on. */
  constructor(agency: string, isKnown: IsKnown | undefined) {
    this.#agency = agency
    this.#isKnown = isKnown
  }

  /** @throws AUDIT_BUNDLE_LIMIT when more openings wait for a review than a reader holds */
  take(leaf: Leaf, timeMs: number): void {
    this.#values += leaf.sd.length
    if (leaf.event === 'a.review') this.#review(leaf.data.ref, leaf, timeMs)
    if (leaf.event !== 'a.open') return
    const { bg, env, std } = leaf.data
    if (env !== undefined && this.#isKnown?.({ env, std }) === false) {
      this.#find('LIFECYCLE', `index ${String(leaf.index)}`)
    }
    if (bg) this.#emergencies.set(leaf.index, { actor: leaf.actor, timeMs })
    if (this.#emergencies.size > AUDIT_LIMITS.bundleClaims) {
      throw new AmanaError('AUDIT_BUNDLE_LIMIT', { line: leaf.index })
    }
  }

  /** Counts a value that is shown beside its leaf. */
  show(): void {
    this.#shown += 1
  }

  /** Values that leaves committed to and that are not shown. */
  get withheld(): number {
    return this.#values - this.#shown
  }

  /** What is known when the newest leaf, of that time, was read. */
  all(newestMs: number): readonly Finding[] {
    for (const [index, { timeMs }] of this.#emergencies) {
      if (timeMs + REVIEW_MS < newestMs)
        this.#find('BREAK_GLASS_UNREVIEWED', `index ${String(index)}`)
    }
    return [...this.#findings.all(), ...this.#withheld()]
  }

  /** Another officer's, in time; a late one is told of all the same. */
  #review(ref: number, { actor }: Leaf, timeMs: number): void {
    const opened = this.#emergencies.get(ref)
    if (opened === undefined || opened.actor === actor) return
    if (timeMs <= opened.timeMs + REVIEW_MS) this.#emergencies.delete(ref)
  }

  /** Whether they still exist anywhere, nothing says. */
  #withheld(): readonly Finding[] {
    const count = this.withheld
    if (count === 0) return []
    const party = this.#agency
    const where = `sd ${String(count)}`
    return [{ code: 'VALUES_WITHHELD', severity: 'info', level: 'INFO', party, where }]
  }

  #find(code: 'BREAK_GLASS_UNREVIEWED' | 'LIFECYCLE', where: string): void {
    this.#findings.add({ code, severity: 'fail', level: 'LOCAL', party: this.#agency, where })
  }
}
