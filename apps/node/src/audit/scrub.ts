/**
 * Reads the whole log again after every opening and once a week, a slice at a time, and compares every stored hash: what a
 * disk lost or somebody changed is found before anybody needs it.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#opening-and-scrub
 */
import { type AmanaError, isAmanaError, type NewEvent } from '@amana/core'
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
  /** STORE_HOLE or STORE_DAMAGED. */
  readonly error: AmanaError
}

type Slice = Pick<DamagedRange, 'from' | 'to'>

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
 * The slice that was damaged when it was read last is whole again.
 *
 * @throws STORE_HOLE, STORE_DAMAGED where it is not
 */
export async function assertScrubbed(store: Store): Promise<void> {
  const damaged = (await scrubState(store))?.damaged
  if (damaged !== undefined) await checkLeaves(store, damaged.from, damaged.to)
}

/** Begins a round of all that is there now; `scrubSlice` carries it out. @throws STORE_WRITE */
export async function beginRound(parts: ScrubParts): Promise<void> {
  await keep(parts, newRound(parts), [])
}

/** Whether a round is under way. @throws STORE_DAMAGED */
export async function isScrubbing(store: Store): Promise<boolean> {
  const state = await scrubState(store)
  return state !== undefined && isUnderWay(state)
}

/**
 * Checks the next slice, if a round is under way or due. Each bad slice and each good round has its `w.scrub` leaf; with
 * a bad slice the round is over.
 *
 * @returns the slice, where it is damaged
 * @throws STORE_WRITE
 */
export async function scrubSlice(parts: ScrubParts): Promise<DamagedRange | undefined> {
  const state = nextRound(parts, await scrubState(parts.store))
  if (state === undefined) return undefined
  const slice = { from: state.at, to: Math.min(state.at + SLICE_LEAVES, state.to) }
  const error = await damageOf(parts.store, slice)
  const endedAt = parts.clock.now()
  if (error !== undefined) {
    const damaged = { ...state, damaged: slice, endedAt, isWhole: false }
    await keep(parts, damaged, [scrubEvent(slice, false)])
    return { ...slice, error }
  }
  const isOver = slice.to === state.to
  const next = { ...state, at: slice.to, ...(isOver ? { endedAt } : {}) }
  await keep(parts, next, isOver ? [scrubEvent({ from: 0, to: slice.to }, true)] : [])
  return undefined
}

/** The round under way, or a new one where the last one began a week ago. */
function nextRound(parts: ScrubParts, state: ScrubRecord | undefined): ScrubRecord | undefined {
  if (state === undefined) return newRound(parts)
  if (isUnderWay(state)) return state
  // a clock that was set back must not put the next round off
  const isDue = Math.abs(parts.clock.now() - state.startedAt) >= ROUND_SECONDS
  return isDue ? newRound(parts) : undefined
}

function newRound({ audit, clock }: ScrubParts): ScrubRecord {
  return { at: 0, isWhole: true, startedAt: clock.now(), to: audit.head().size }
}

function isUnderWay({ endedAt }: ScrubRecord): boolean {
  return endedAt === undefined
}

async function damageOf(store: Store, { from, to }: Slice): Promise<AmanaError | undefined> {
  try {
    await checkLeaves(store, from, to)
    return undefined
  } catch (error) {
    if (isAmanaError(error, 'STORE_DAMAGED') || isAmanaError(error, 'STORE_HOLE')) return error
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

function scrubEvent(range: Slice, ok: boolean): NewEvent {
  return { event: 'w.scrub', actor: 'sys', data: { ...range, ok } }
}
