/**
 * A disk in memory: the store and the file of heads of one node. What was not written when the machine went off is lost;
 * of what was being written, as much as chance says is there.
 *
 * @module
 * @spec docs/spec/12-simulation.md#disk
 */
import { AmanaError } from '@amana/core'
import { type HeadFiles, type RecordedHead } from '../audit/checkpoint-file.ts'
import { type Store, type StoreRange, type StoreWrite } from '../ports.ts'
import { type Chance } from './chance.ts'
import { type Life, type VirtualTime } from './virtual-time.ts'

const MOST_WRITE_MS = 15
/** A disk that lies writes so much later than it says. */
const LIE_MS = 400

type Change = () => () => void

interface Pending {
  readonly apply: Change
  readonly done: () => void
  readonly refused: (error: AmanaError) => void
}

/** What a disk is made with. */
export interface DiskParts {
  /** Without it, writing takes no time. */
  readonly time?: VirtualTime
  readonly chance: Chance
  /** Says that something is written before it is. */
  readonly lies?: boolean
}

/** Rows and heads; copies of it are disks of their own. */
export class SimDisk {
  readonly #parts: DiskParts
  readonly #spaces: Map<string, Map<string, Uint8Array>>
  readonly #sorted = new Map<string, readonly string[]>()
  #head: RecordedHead | undefined
  #pending: Pending[] = []
  /** How to undo what a disk that lies has said to be written. */
  #unwritten: (() => void)[] = []
  #isBusy = false
  /** How many writes are refused, as by a disk that is full. */
  refusals = 0
  /** Called when a write is durable and before anybody hears of it. */
  onDurable: () => void = () => undefined

  constructor(parts: DiskParts, source?: SimDisk) {
    this.#parts = parts
    this.#spaces = new Map(
      [...(source?.spaces ?? [])].map(([space, rows]) => [space, new Map(rows)]),
    )
    this.#head = source?.head
  }

  get spaces(): ReadonlyMap<string, ReadonlyMap<string, Uint8Array>> {
    return this.#spaces
  }

  get head(): RecordedHead | undefined {
    return this.#head
  }

  /** The store as a machine sees it while it is on. */
  storeOf(life: Life): Store {
    return {
      get: async (space, key) => this.#spaces.get(space)?.get(key),
      range: async (range) => this.#range(range),
      keys: async (range) => this.#range(range).map(({ key }) => key),
      batch: (writes) => this.#write(life, () => this.#apply(writes)),
      compact: () => Promise.resolve(),
      close: () => Promise.resolve(),
    }
  }

  /** The file of heads as a machine sees it while it is on; of a log after the first there is none. */
  headsOf(life: Life): HeadFiles {
    return {
      has: async () => false,
      newest: async (path) => {
        if (this.#head === undefined) throw new AmanaError('STORE_GUARD', { path })
        return this.#head
      },
      open: async () => ({
        append: (head) =>
          this.#write(life, () => {
            const before = this.#head
            this.#head = head
            return () => {
              this.#head = before
            }
          }),
        close: () => Promise.resolve(),
      }),
    }
  }

  /** The machine went off. */
  goOff(): void {
    const { chance } = this.#parts
    const kept = this.#pending.slice(0, chance.below(this.#pending.length + 1))
    for (const { apply } of kept) apply()
    const lost = this.#unwritten.slice(chance.below(this.#unwritten.length + 1))
    for (const undo of lost.toReversed()) undo()
    this.#pending = []
    this.#unwritten = []
    this.#isBusy = false
  }

  #write(life: Life, apply: Change): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (!life.isOn) return
      if (this.#parts.time === undefined) {
        apply()
        resolve()
        return
      }
      if (this.#parts.lies === true) {
        this.#lie(apply)
        resolve()
        return
      }
      this.#pending.push({ apply, done: resolve, refused: reject })
      if (!this.#isBusy) this.#begin(life)
    })
  }

  #begin(life: Life): void {
    const [next] = this.#pending
    this.#isBusy = next !== undefined
    if (next === undefined) return
    this.#parts.time?.after(this.#parts.chance.between(1, MOST_WRITE_MS), () => {
      if (!life.isOn) return
      this.#pending.shift()
      if (this.refusals > 0) {
        this.refusals -= 1
        next.refused(new AmanaError('STORE_WRITE', { reason: 'ENOSPC' }))
      } else {
        next.apply()
        this.onDurable()
        if (!life.isOn) return
        next.done()
      }
      this.#begin(life)
    })
  }

  #lie(apply: Change): void {
    const undo = apply()
    this.#unwritten.push(undo)
    this.#parts.time?.after(this.#parts.chance.between(1, LIE_MS), () => {
      const at = this.#unwritten.indexOf(undo)
      if (at >= 0) this.#unwritten.splice(0, at + 1)
    })
    this.onDurable()
  }

  #apply(writes: readonly StoreWrite[]): () => void {
    const before = writes.map((write) => ({
      ...write,
      value: this.#spaces.get(write.space)?.get(write.key),
    }))
    for (const write of writes) {
      this.#set(write.space, write.key, write.type === 'put' ? write.value : undefined)
    }
    return () => {
      for (const { key, space, value } of before.toReversed()) this.#set(space, key, value)
    }
  }

  #set(space: string, key: string, value: Uint8Array | undefined): void {
    const rows = this.#spaces.get(space) ?? new Map<string, Uint8Array>()
    this.#spaces.set(space, rows)
    if (value === undefined || !rows.has(key)) this.#sorted.delete(space)
    if (value === undefined) rows.delete(key)
    else rows.set(key, value)
  }

  #range({
    gte = '',
    limit,
    lt,
    reverse,
    space,
  }: StoreRange): readonly { readonly key: string; readonly value: Uint8Array }[] {
    const rows = this.#spaces.get(space)
    if (rows === undefined) return []
    const keys = this.#keysOf(space, rows)
    const from = placeOf(keys, gte)
    const to = lt === undefined ? keys.length : placeOf(keys, lt)
    const some =
      reverse === true
        ? keys.slice(Math.max(from, to - limit), to).toReversed()
        : keys.slice(from, Math.min(to, from + limit))
    return some.map((key) => ({ key, value: rows.get(key) ?? new Uint8Array() }))
  }

  #keysOf(space: string, rows: ReadonlyMap<string, Uint8Array>): readonly string[] {
    const known = this.#sorted.get(space)
    if (known !== undefined) return known
    const keys = [...rows.keys()].toSorted(byBytes)
    this.#sorted.set(space, keys)
    return keys
  }
}

/** Where the first key stands that is not before that one. */
function placeOf(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((keys[middle] ?? '') < key) low = middle + 1
    else high = middle
  }
  return low
}

/** Keys are of ASCII, so that characters sort as bytes do. */
function byBytes(first: string, second: string): number {
  return first < second ? -1 : 1
}
