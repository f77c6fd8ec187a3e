/**
 * A keyed count of all rows as they lie on the disk: two stores with the same tally hold the same rows. It changes with a
 * batch by what the batch changes, so that a lost batch shows at the next opening, and a row that somebody put there.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */
import {
  concatBytes,
  constantTimeEqual,
  encodeUint64,
  encodeUtf8,
  hkdfSha256,
  hmacSha256,
} from '@amana/core'

/** What a batch does to one row: its sealed value before and after, none where there is no row. */
export interface RowChange {
  readonly rowKey: string
  readonly before: Uint8Array | undefined
  readonly after: Uint8Array | undefined
}

/** The tally of a store. */
export interface RowTally {
  /** Adds a row that was found. */
  count(rowKey: string, sealed: Uint8Array): void
  isEmpty(): boolean
  matches(bytes: Uint8Array): boolean
  /** The tally after a batch; `keep` when the batch is on the disk. */
  after(changes: readonly RowChange[]): { readonly bytes: Uint8Array; keep(): void }
}

const HASH_BYTES = 32

/** A tally of no rows under HKDF of the master key (32 bytes) with the label `rows`. */
export function createRowTally(master: Uint8Array): RowTally {
  const label = { salt: new Uint8Array(), info: encodeUtf8('rows') }
  const key = hkdfSha256(master, label, HASH_BYTES)
  const markOf = (rowKey: string, sealed: Uint8Array): Uint8Array =>
    hmacSha256(key, concatBytes(encodeUtf8(`${rowKey}\0`), sealed))
  let state: TallyState = { rows: 0, sum: new Uint8Array(HASH_BYTES) }
  return {
    count(rowKey, sealed) {
      state = { rows: state.rows + 1, sum: xor(state.sum, markOf(rowKey, sealed)) }
    },
    isEmpty: () => state.rows === 0,
    matches: (bytes) => constantTimeEqual(bytes, bytesOf(state)),
    after(changes) {
      let next = state
      for (const { rowKey, before, after } of changes) {
        if (before !== undefined) {
          next = { rows: next.rows - 1, sum: xor(next.sum, markOf(rowKey, before)) }
        }
        if (after !== undefined) {
          next = { rows: next.rows + 1, sum: xor(next.sum, markOf(rowKey, after)) }
        }
      }
      const keep = (): void => {
        state = next
      }
      return { bytes: bytesOf(next), keep }
    },
  }
}

interface TallyState {
  readonly rows: number
  readonly sum: Uint8Array
}

function bytesOf({ rows, sum }: TallyState): Uint8Array {
  return concatBytes(encodeUint64(rows), sum)
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, index) => byte ^ (b[index] ?? 0))
}
