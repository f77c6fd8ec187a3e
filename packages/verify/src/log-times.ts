/**
 * The log's times against the other agency's clock: between which two cosignatures a leaf was written, and how long
 * nobody cosigned. The node's own times are never taken for it.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#times
 */
import { type Leaf } from '@amana/core'
import { type Finding, FindingList } from './findings.ts'
import { instantOf } from './instant.ts'

/** Two honest clocks differ by this much at most. */
const SKEW_MS = 300_000
/** Nodes have a cosignature every ten minutes; an hour without one is worth a word. */
const GAP_SECONDS = 3600

/** A checkpoint as far as its cosignatures go. */
interface CosignedSize {
  readonly size: number
  /** Digest of the note. */
  readonly note: string
  readonly cosignatures: readonly { readonly witness: string; readonly time: number }[]
}

/** Holds leaf after leaf against the cosignatures of checkpoints that were read before. */
export class TimeCheck {
  readonly #agency: string
  readonly #findings = new FindingList()
  /** Earliest time at which a tree of this size or a larger one was cosigned, by rising size. */
  readonly #uppers: readonly { readonly size: number; readonly time: number }[]
  readonly #times: ReadonlyMap<string, ReadonlySet<string>>
  #next = 0
  #lower: number | undefined
  /** The bracket in which something was already found. */
  #told = ''

  constructor(agency: string, checkpoints: readonly CosignedSize[]) {
    this.#agency = agency
    this.#uppers = uppersOf(checkpoints)
    this.#times = new Map(
      checkpoints.map(({ cosignatures, note }) => [
        note,
        new Set(cosignatures.map(({ time, witness }) => `${witness} ${String(time)}`)),
      ]),
    )
  }

  /** Only the first leaf of a bracket is told of: the next ones have its fault. */
  take(leaf: Leaf, timeMs: number): void {
    const upper = this.#upperOf(leaf.index)
    if (this.#lower !== undefined && timeMs + SKEW_MS < this.#lower * 1000) {
      this.#tell('TIME_BEFORE_WITNESS', leaf, upper)
    }
    if (upper !== undefined && timeMs - SKEW_MS >= (upper + 1) * 1000) {
      this.#tell('TIME_AFTER_WITNESS', leaf, upper)
    }
    if (leaf.event !== 'w.cosigned') return
    const { by, note, time } = leaf.data
    const isSigned = this.#times.get(note)?.has(`${by} ${String(time)}`) === true
    if (isSigned) this.#lower = Math.max(this.#lower ?? 0, time)
  }

  /** Everything so far. */
  all(): readonly Finding[] {
    return this.#findings.all()
  }

  #upperOf(index: number): number | undefined {
    while ((this.#uppers[this.#next]?.size ?? Infinity) <= index) this.#next += 1
    return this.#uppers[this.#next]?.time
  }

  #tell(
    code: 'TIME_AFTER_WITNESS' | 'TIME_BEFORE_WITNESS',
    { index, time }: Leaf,
    upper: number | undefined,
  ): void {
    const bracket = [this.#lower, upper].map((at) => (at === undefined ? '…' : instantOf(at)))
    const between = `${code} ${bracket.join(' – ')}`
    if (this.#told === between) return
    this.#told = between
    const where = `index ${String(index)}, ${time}; ${bracket.join(' – ')}`
    const party = this.#agency
    this.#findings.add({ code, severity: 'fail', level: 'CONTRADICTED', party, where })
  }
}

function uppersOf(checkpoints: readonly CosignedSize[]): readonly { size: number; time: number }[] {
  const cosigned = checkpoints.flatMap(({ cosignatures, size }) =>
    cosignatures.map(({ time }) => ({ size, time })),
  )
  const uppers: { size: number; time: number }[] = []
  let earliest = Infinity
  for (const { size, time } of cosigned.toSorted((a, b) => b.size - a.size)) {
    earliest = Math.min(earliest, time)
    const last = uppers.at(-1)
    if (last?.size === size) last.time = earliest
    else uppers.push({ size, time: earliest })
  }
  return uppers.toReversed()
}

/** How long nobody cosigned, from one time to the next. It speaks against nobody: a link may have been down. */
export function livenessFindings(
  party: string,
  proven: readonly { readonly cosignedAt: readonly number[] }[],
): readonly Finding[] {
  const times = proven.flatMap(({ cosignedAt }) => cosignedAt).toSorted((a, b) => a - b)
  const list = new FindingList()
  for (const [place, time] of times.entries()) {
    const before = times[place - 1] ?? time
    if (time - before <= GAP_SECONDS) continue
    const where = `${instantOf(before)} – ${instantOf(time)}`
    list.add({ code: 'LIVENESS_GAP', severity: 'warn', level: 'INFO', party, where })
  }
  return list.all()
}

/** After a day without one, the newest cosignature is no longer new. */
const STALE_SECONDS = 86_400

/** An older copy of a log verifies as well as a new one: what was written since is not in it. */
export function staleFindings(
  party: string,
  newestCosignature: number | undefined,
  now: number,
): readonly Finding[] {
  if (newestCosignature === undefined || now - newestCosignature <= STALE_SECONDS) return []
  const where = instantOf(newestCosignature)
  return [{ code: 'STALE', severity: 'warn', level: 'LOCAL', party, where }]
}
