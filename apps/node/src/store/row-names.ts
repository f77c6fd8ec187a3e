/**
 * How rows are called, and which of them the tree of a log covers: those are written once, and the tally does not count them.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */

/** Of a later log the name of a space ends in a point and its number. */
const TREE_SPACE = /^(?:leaf|node)(?:\.[0-9]+)?$/
/** Where rows of such spaces may begin, in the order of keys. */
const BEGINNINGS = ['leaf!', 'leaf.', 'node!', 'node.'] as const

/** Whether the rows of a space are covered by the tree. */
export function isTreeSpace(space: string): boolean {
  return TREE_SPACE.test(space)
}

/** The space of a row, where the tree covers it. */
export function treeSpaceOf(rowKey: string): string | undefined {
  const [space = ''] = rowKey.split('!', 1)
  return rowKey.length > space.length && isTreeSpace(space) ? space : undefined
}

/** The first name above `rowKey` at which rows of such a space may begin; nothing where there is none. */
export function nextBeginning(rowKey: string): string | undefined {
  return BEGINNINGS.find((beginning) => beginning > rowKey)
}

/** The name of a row. */
export function rowKeyOf({ space, key }: { readonly space: string; readonly key: string }): string {
  return `${prefixOf(space)}${key}`
}

/** What the names of all rows of a space begin with. */
export function prefixOf(space: string): string {
  return `${space}!`
}

/** The character after `!`: above every key of the space, below every other space. */
export function endOf(space: string): string {
  return `${space}"`
}
