/**
 * Counts all rows of a store at its opening.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */
import { AmanaError } from '@amana/core'
import { type Level } from 'level'
import { endOf, nextBeginning, prefixOf, rowKeyOf, treeSpaceOf } from './row-names.ts'
import { type RowChange, type RowTally } from './row-tally.ts'
import { type ValueCipher } from './value-cipher.ts'

/** LevelDB with the names of rows and their sealed values. */
export type RowDatabase = Level<string, Uint8Array>

/** Rows a step: few round trips to the reading thread, some megabytes in memory. */
const SCAN_ROWS = 1000
/** Where the store's own tally lies; no space of a caller has this name. */
const OWN_SPACE = 'store'
/** The place of the tally. */
export const TALLY_PLACE = { space: OWN_SPACE, key: 'rows' }
/** Its name. */
export const TALLY_KEY = rowKeyOf(TALLY_PLACE)

/** That there are rows of a tree is counted: a space of them that is lost as a whole, or that nobody began, shows. */
export function mark(space: string): RowChange {
  return { rowKey: prefixOf(space), before: undefined, after: new Uint8Array() }
}

/**
 * LevelDB passes over a damaged record of its journal and goes on with the next one, and takes any row that somebody
 * writes into its tables. So every row is counted here, as it lies there, against what the last batch wrote down; of the
 * trees only that they are there, because their rows lead to one hash. Gives the spaces of trees that have rows.
 *
 * @throws STORE_DAMAGED when the rows are not those that were written
 */
export async function checkRows(
  database: RowDatabase,
  cipher: ValueCipher,
  tally: RowTally,
): Promise<Set<string>> {
  const { sealed, trees } = await countRows(database, tally)
  if (sealed === undefined && tally.isEmpty()) return trees
  const expected = await cipher.open(TALLY_PLACE, sealed ?? new Uint8Array())
  if (!tally.matches(expected)) throw new AmanaError('STORE_DAMAGED', { space: OWN_SPACE })
  return trees
}

/** Counts all rows but the tally's own, which it gives back as it lies there. */
async function countRows(
  database: RowDatabase,
  tally: RowTally,
): Promise<{ readonly sealed: Uint8Array | undefined; readonly trees: Set<string> }> {
  const trees = new Set<string>()
  let sealed: Uint8Array | undefined
  try {
    for (let from = await rowFrom(database, ''); from !== undefined;) {
      const tree = treeSpaceOf(from)
      const lt = tree === undefined ? nextBeginning(from) : endOf(tree)
      if (tree === undefined) {
        sealed = (await countRange(database, tally, rangeOf(from, lt))) ?? sealed
      } else {
        trees.add(tree)
        tally.count(prefixOf(tree), new Uint8Array())
      }
      from = lt === undefined ? undefined : await rowFrom(database, lt)
    }
  } catch (cause) {
    throw new AmanaError('STORE_DAMAGED', { space: OWN_SPACE }, { cause })
  }
  return { sealed, trees }
}

interface RowRange {
  readonly gte: string
  readonly lt?: string
}

function rangeOf(gte: string, lt: string | undefined): RowRange {
  return lt === undefined ? { gte } : { gte, lt }
}

/** The name of the first row from there on: of a tree it is read from an end of a table, which was checked. */
async function rowFrom(database: RowDatabase, gte: string): Promise<string | undefined> {
  const [first] = await database.keys({ gte, limit: 1 }).all()
  return first
}

async function countRange(
  database: RowDatabase,
  tally: RowTally,
  range: RowRange,
): Promise<Uint8Array | undefined> {
  let own: Uint8Array | undefined
  await using iterator = database.iterator(range)
  for (let rows = await iterator.nextv(SCAN_ROWS); rows.length > 0;) {
    for (const [rowKey, sealed] of rows) {
      if (rowKey === TALLY_KEY) own = sealed
      else tally.count(rowKey, sealed)
    }
    rows = await iterator.nextv(SCAN_ROWS)
  }
  return own
}
