/**
 * Where a log stands: what the writer needs to place the next leaves, and what a reader needs to check them.
 * Pure: the node stores what `nextLeaves` gives back, in one batch with the messages.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import { z } from 'zod'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { encodeCanonical, parseCanonical } from '../bytes/jcs.ts'
import { AmanaError } from '../errors.ts'
import { CountSchema, LEAF_CLASSES, type LeafClass, LogOriginSchema } from './event-members.ts'
import { buildLeaf, type Leaf, type NewEvent, parseLeaf } from './leaf.ts'
import {
  appendLeafHash,
  appendSubtree,
  type CompactRange,
  EMPTY_RANGE,
  leafHash,
  type TreeNode,
} from './merkle.ts'

/** The newest leaf of a class: its counter and its index; both -1 where there is none yet. */
export interface ClassHead {
  readonly sequence: number
  readonly index: number
}

/** The state of a log after its newest leaf. */
export interface LogCursor {
  readonly log: string
  readonly range: CompactRange
  /** The classes that are followed: the writer's are all four, a reader's those that were disclosed to him. */
  readonly classes: Readonly<Partial<Record<LeafClass, ClassHead>>>
  /** First index of which every leaf of those classes is shown; 0 for the writer. */
  readonly from: number
  /** Milliseconds since 1970; never falls. */
  readonly timeMs: number
}

/** One leaf with its place and hash. */
export interface PlacedLeaf {
  readonly index: number
  readonly sequence: number
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
}

/** What to store, and where the log then stands. `nodes` are of level 1 and above; level 0 are the leaves' hashes. */
export interface NextLeaves {
  readonly leaves: readonly PlacedLeaf[]
  readonly nodes: readonly TreeNode[]
  readonly cursor: LogCursor
}

const NO_HEAD: ClassHead = { sequence: -1, index: -1 }

/** A log before its first leaf. */
export function createCursor(log: string): LogCursor {
  return followClasses(log, LEAF_CLASSES, 0)
}

/** A reader's start for a log of which only some classes are shown, complete from index `from` on. */
export function followClasses(log: string, classes: readonly LeafClass[], from: number): LogCursor {
  const heads = Object.fromEntries(classes.map((leafClass) => [leafClass, NO_HEAD]))
  return { log, range: EMPTY_RANGE, classes: heads, from, timeMs: 0 }
}

/**
 * Gives events their places after `cursor`, in order. The time of a leaf is the clock's, or the one before it when
 * the clock went back.
 *
 * @throws AUDIT_LEAF_EVENT, AUDIT_LEAF_SCHEMA when an event is not one of the specification
 * @throws AUDIT_GENESIS when the first leaf is not `g.genesis`, or a later one is
 */
export function nextLeaves(
  cursor: LogCursor,
  events: readonly NewEvent[],
  nowMs: number,
): NextLeaves {
  const leaves: PlacedLeaf[] = []
  const nodes: TreeNode[] = []
  let state = cursor
  for (const event of events) {
    const bytes = buildLeaf(event, placeAfter(state, event, nowMs))
    const followed = followLeaf(state, bytes)
    leaves.push(followed.placed)
    nodes.push(...followed.nodes)
    state = followed.cursor
  }
  return { leaves, nodes, cursor: state }
}

/**
 * Seals the log before it is shown: pads it, then records the newest leaf of every class, so that the last leaf of a
 * class cannot be left out later. The log's size is then a multiple of `padTo`, which hides from the witness how much
 * happened inside.
 */
export function sealLog(cursor: LogCursor, padTo: number, nowMs: number): NextLeaves {
  const padCount = (padTo - ((cursor.range.size + 1) % padTo)) % padTo
  const pads = Array.from({ length: padCount }, () => ({ event: 'w.pad', actor: 'sys', data: {} }))
  const padded = nextLeaves(cursor, pads, nowMs)
  const heads = Object.fromEntries(
    LEAF_CLASSES.map((leafClass) => [leafClass, headPair(padded.cursor.classes[leafClass])]),
  )
  const seal = { event: 'w.seal', actor: 'sys', data: { heads } }
  const sealed = nextLeaves(padded.cursor, [seal], nowMs)
  return {
    leaves: [...padded.leaves, ...sealed.leaves],
    nodes: [...padded.nodes, ...sealed.nodes],
    cursor: sealed.cursor,
  }
}

/**
 * Reads the next leaf and checks its place: log, index, class counter, time, seal.
 *
 * @throws AUDIT_LEAF_CANONICAL, AUDIT_LEAF_EVENT, AUDIT_LEAF_SCHEMA as `parseLeaf`
 * @throws AUDIT_LEAF_LOG when it is a leaf of another log
 * @throws AUDIT_LEAF_INDEX when it says another index
 * @throws AUDIT_GENESIS when `g.genesis` is missing at index 0 or stands elsewhere
 * @throws AUDIT_CLASS_CHAIN when a leaf of its class is missing before it, or the class was not to be shown
 * @throws AUDIT_TIME_BACKWARDS when its time is before that of the leaf before it
 * @throws AUDIT_SEAL when a seal names other heads than were shown
 */
export function followLeaf(
  cursor: LogCursor,
  bytes: Uint8Array,
): {
  readonly cursor: LogCursor
  readonly leaf: Leaf
  readonly placed: PlacedLeaf
  readonly nodes: readonly TreeNode[]
} {
  const leaf = parseLeaf(bytes)
  const timeMs = assertFollows(cursor, leaf)
  const hash = leafHash(bytes)
  const { range, nodes } = appendLeafHash(cursor.range, hash)
  const head = { sequence: leaf.seq, index: leaf.index }
  const classes = { ...cursor.classes, [leaf.class]: head }
  return {
    cursor: { ...cursor, range, classes, timeMs },
    leaf,
    placed: { index: leaf.index, sequence: leaf.seq, bytes, hash },
    nodes,
  }
}

/**
 * Passes over a withheld subtree by its root.
 *
 * @throws AUDIT_INDEX_GAP when a subtree of that size cannot stand here
 */
export function skipSubtree(cursor: LogCursor, level: number, hash: Uint8Array): LogCursor {
  return { ...cursor, range: appendSubtree(cursor.range, level, hash).range }
}

/** The last instant that a leaf can say: its year has four digits. */
const LAST_MS_OF_YEAR_9999 = 253_402_300_799_999

const HeadSchema = z.tuple([z.int().min(-1), z.int().min(-1)])
const StoredCursorSchema = z.strictObject({
  classes: z.strictObject({ a: HeadSchema, g: HeadSchema, w: HeadSchema, x: HeadSchema }),
  hashes: z.array(z.string().length(43)).max(53),
  log: LogOriginSchema,
  size: CountSchema,
  timeMs: CountSchema.max(LAST_MS_OF_YEAR_9999),
})
const STORED_CURSOR_BYTES = 4096

/** The writer's cursor as bytes for the store. */
export function encodeCursor(cursor: LogCursor): Uint8Array {
  const { a, g, w, x } = cursor.classes
  return encodeCanonical({
    classes: { a: headPair(a), g: headPair(g), w: headPair(w), x: headPair(x) },
    hashes: cursor.range.hashes.map((hash) => encodeBase64url(hash)),
    log: cursor.log,
    size: cursor.range.size,
    timeMs: cursor.timeMs,
  })
}

/**
 * The writer's cursor from the store. Says nothing about the leaves: compare `rootOf(range)` with `loadRange`.
 *
 * @throws AUDIT_CURSOR when the bytes are not a cursor
 */
export function decodeCursor(bytes: Uint8Array): LogCursor {
  try {
    const stored = StoredCursorSchema.parse(parseCanonical(bytes, STORED_CURSOR_BYTES))
    const { a, g, w, x } = stored.classes
    return {
      log: stored.log,
      range: { size: stored.size, hashes: stored.hashes.map((hash) => decodeBase64url(hash)) },
      classes: { a: headOf(a), g: headOf(g), w: headOf(w), x: headOf(x) },
      from: 0,
      timeMs: stored.timeMs,
    }
  } catch (cause) {
    throw new AmanaError('AUDIT_CURSOR', {}, { cause })
  }
}

function placeAfter(cursor: LogCursor, event: NewEvent, nowMs: number) {
  const leafClass = LEAF_CLASSES.find((name) => event.event.startsWith(`${name}.`))
  const head = (leafClass === undefined ? undefined : cursor.classes[leafClass]) ?? NO_HEAD
  return {
    log: cursor.log,
    index: cursor.range.size,
    seq: head.sequence + 1,
    prev: head.index,
    timeMs: Math.max(nowMs, cursor.timeMs),
  }
}

/** Whether a leaf may stand next, in the order of the specification; gives its time. @throws as `followLeaf` */
export function assertFollows(cursor: LogCursor, leaf: Leaf): number {
  const timeMs = Date.parse(leaf.time)
  assertPlace(cursor, leaf, timeMs)
  assertClassChain(cursor, leaf)
  assertSeal(cursor, leaf)
  return timeMs
}

function assertPlace(cursor: LogCursor, leaf: Leaf, timeMs: number): void {
  const index = cursor.range.size
  if (leaf.log !== cursor.log) throw new AmanaError('AUDIT_LEAF_LOG', { index })
  if (leaf.index !== index) throw new AmanaError('AUDIT_LEAF_INDEX', { index, found: leaf.index })
  if ((index === 0) !== (leaf.event === 'g.genesis')) {
    throw new AmanaError('AUDIT_GENESIS', { index })
  }
  if (timeMs < cursor.timeMs) {
    throw new AmanaError('AUDIT_TIME_BACKWARDS', { index })
  }
}

function assertClassChain(cursor: LogCursor, leaf: Leaf): void {
  const head = cursor.classes[leaf.class]
  if (head === undefined || !continues(cursor, head, leaf)) {
    throw new AmanaError('AUDIT_CLASS_CHAIN', { index: leaf.index, class: leaf.class })
  }
}

/** The first leaf shown of a class may have its predecessor before the part that is shown, and nowhere else. */
function continues(cursor: LogCursor, head: ClassHead, leaf: Leaf): boolean {
  if (leaf.seq === head.sequence + 1 && leaf.prev === head.index) return true
  return head.sequence === -1 && leaf.seq > 0 && leaf.prev >= 0 && leaf.prev < cursor.from
}

function assertSeal(cursor: LogCursor, leaf: Leaf): void {
  if (leaf.event !== 'w.seal') return
  const { heads } = leaf.data
  for (const leafClass of LEAF_CLASSES) {
    const head = cursor.classes[leafClass]
    const [sequence, index] = heads[leafClass]
    if (head === undefined || isBeforeView(cursor, head, index)) continue
    if (head.sequence !== sequence || head.index !== index) {
      throw new AmanaError('AUDIT_SEAL', { index: leaf.index, class: leafClass })
    }
  }
}

/** A seal may name a leaf before the part that is shown, where none of that class was shown yet. */
function isBeforeView(cursor: LogCursor, head: ClassHead, index: number): boolean {
  return head.sequence === -1 && cursor.from > 0 && index < cursor.from
}

function headPair(head: ClassHead = NO_HEAD): [number, number] {
  return [head.sequence, head.index]
}

function headOf([sequence, index]: readonly [number, number]): ClassHead {
  return { sequence, index }
}
