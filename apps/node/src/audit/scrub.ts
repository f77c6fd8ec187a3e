/**
 * Reads the whole log again once a week, a slice at a time, and compares every stored hash: what a disk lost or changed
 * is found before somebody needs it.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#opening-and-scrub
 */
import { isAmanaError, type NewEvent } from '@amana/core'
import { type AuditWriter, type NodeClock, type Store } from '../ports.ts'
import { getRecord, putRecord, RECORDS, type ScrubRecord } from '../records.ts'
import { checkLeaves } from './log-check.ts'

/** Leaves of a slice: some tens of milliseconds of reading. */
const SLICE_LEAVES = 2048
const ROUND_SECONDS = 604_800
const KEY = 'round'

/** A slice in which leaves and stored hashes do not agree. */
export interface DamagedRange {
  readonly from: number
  readonly to: number
}

/** What the scrub needs of the node. */
export interface ScrubParts {
  readonly store: Store
  readonly audit: AuditWriter
  readonly clock: NodeClock
}

/** How far the round is, and how the one before ended; nothing before the first. @throws STORE_DAMAGED */
export async function scrubState(store: Store): Promise<ScrubRecord | undefined> {
  return getRecord(store, RECORDS.scrub, KEY)
}

/**
 * Checks the next slice, if a round is under way or due. Each bad slice and each good round has its `w.scrub` leaf.
 *
 * @returns the slice, where it is damaged
 * @throws STORE_WRITE
 */
export async function scrubSlice(parts: ScrubParts): Promise<DamagedRange | undefined> {
  const state = nextRound(parts, await scrubState(parts.store))
  if (state === undefined) return undefined
  const slice = { from: state.at, to: Math.min(state.at + SLICE_LEAVES, state.to) }
  const isWhole = await isSliceWhole(parts.store, slice)
  const next = { ...state, at: slice.to, isWhole: state.isWhole && isWhole }
  const isOver = next.at === next.to
  const endedAt = isOver ? { endedAt: parts.clock.now() } : {}
  const good = isOver && next.isWhole ? [scrubEvent({ from: 0, to: next.to }, true)] : []
  await keep(parts, { ...next, ...endedAt }, isWhole ? good : [scrubEvent(slice, false)])
  return isWhole ? undefined : slice
}

/** The round under way, or a new one where the last one began a week ago. */
function nextRound(
  { audit, clock }: ScrubParts,
  state: ScrubRecord | undefined,
): ScrubRecord | undefined {
  if (state !== undefined && state.at < state.to) return state
  const startedAt = clock.now()
  // a clock that was set back must not put the next round off
  const isDue = state === undefined || Math.abs(startedAt - state.startedAt) >= ROUND_SECONDS
  return isDue ? { at: 0, isWhole: true, startedAt, to: audit.head().size } : undefined
}

async function isSliceWhole(store: Store, { from, to }: DamagedRange): Promise<boolean> {
  try {
    await checkLeaves(store, from, to)
    return true
  } catch (error) {
    if (isAmanaError(error, 'STORE_DAMAGED') || isAmanaError(error, 'STORE_HOLE')) return false
    throw error
  }
}

async function keep(
  { audit }: ScrubParts,
  state: ScrubRecord,
  events: readonly NewEvent[],
): Promise<void> {
  const writes = [putRecord(RECORDS.scrub, KEY, { ...state })]
  await audit.commit({ events, writes: async () => ({ writes, events: [] }) })
}

function scrubEvent(range: DamagedRange, ok: boolean): NewEvent {
  return { event: 'w.scrub', actor: 'sys', data: { ...range, ok } }
}
