/**
 * The one writer of the log: it gives leaves their places and writes them with the rows that they are about, in one
 * synced batch for everybody who waits.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import {
  AmanaError,
  consistencyProof,
  createCursor,
  encodeBase64url,
  formatVkey,
  inclusionProof,
  isAmanaError,
  type LogCursor,
  nextLeaves,
  type NextLeaves,
  type NoteKey,
  type NoteSigner,
  rootOf,
  sealLog,
  signCheckpoint,
} from '@amana/core'
import {
  type AppendedLeaf,
  type AuditWriter,
  type CommitPlan,
  type NodeClock,
  type Store,
  type StoreWrite,
} from '../ports.ts'
import { type CheckpointFile, type HeadFiles, headFiles, type LogHead } from './checkpoint-file.ts'
import { checkOpenedLog, verifyWholeLog } from './log-check.ts'
import {
  createNodeReader,
  leafWrites,
  type LogState,
  readLeaves,
  readState,
  stateWrites,
} from './log-rows.ts'

/** The keys of a log; both sign every checkpoint. */
export interface LogKeys {
  readonly ed25519: NoteSigner
  readonly mlDsa44: NoteSigner
}

/** What a log is begun with. */
export interface NewLog {
  readonly store: Store
  /** `<agency>/amana/audit/<epoch>`. */
  readonly origin: string
  readonly agency: string
  /** The public keys that the first leaf names: the log's two and the witness's two. */
  readonly keys: readonly NoteKey[]
  readonly clock: NodeClock
  /** A file in another folder than the store's. */
  readonly checkpointFile: string
  /** The disk's, where nothing is said. */
  readonly heads?: HeadFiles | undefined
}

/** What a log is opened with. */
export interface AuditWriterOptions {
  readonly store: Store
  readonly origin: string
  readonly logKeys: LogKeys
  readonly clock: NodeClock
  readonly checkpointFile: string
  /** The disk's, where nothing is said. */
  readonly heads?: HeadFiles | undefined
}

/** Leaves that were read again, of how many. */
export interface CheckProgress {
  readonly read: number
  readonly size: number
}

/** The writer as the node holds it. */
export interface OpenAuditWriter extends AuditWriter {
  /** How far `verify` is; nothing while it does not read. */
  readonly checking: CheckProgress | undefined
  /** Reads the whole log again. @throws STORE_DAMAGED, and AUDIT codes of a leaf out of place */
  verify(): Promise<LogHead>
  /**
   * Pads the log to a multiple of `padTo` leaves, the last of which is a seal (docs/spec/05). It ends its batch: who waits
   * for it and asks for the head at once gets the sealed one.
   *
   * @throws STORE_WRITE
   */
  seal(padTo: number): Promise<readonly AppendedLeaf[]>
  /** Fires with the STORE_WRITE error when a batch failed: nothing is taken any more, and the node had better end. */
  readonly failed: AbortSignal
  /** Waits for the batch under way. The store stays open. */
  close(): Promise<void>
}

/** More who wait than this go into the next batch: bounds its size. */
const BATCH_PLANS = 256

/**
 * Begins a log with its first leaf, whose hash (base64url) goes into the roster.
 *
 * @throws STORE_LOG_EXISTS when the store or the file of heads holds one
 */
export async function createLog(options: NewLog): Promise<string> {
  const { store, origin, agency, checkpointFile, heads = headFiles } = options
  const exists = (await readState(store)) !== undefined
  if (exists || (await heads.has(checkpointFile))) {
    throw new AmanaError('STORE_LOG_EXISTS', { origin })
  }
  const keys = options.keys.map((key) => formatVkey(key))
  const genesis = { event: 'g.genesis', actor: 'sys', data: { agency, keys } }
  const next = nextLeaves(createCursor(origin), [genesis], options.clock.nowMs())
  const state = { cursor: next.cursor, commits: 1 }
  const file = await heads.open(checkpointFile)
  try {
    await store.batch([...leafWrites(next), ...stateWrites(state)])
    await file.append({ ...headOf(next.cursor), commits: state.commits })
  } finally {
    await file.close()
  }
  return encodeBase64url(rootOf(next.cursor.range))
}

/**
 * Opens the log and checks it against itself and against the heads recorded outside the store.
 *
 * @throws STORE_GUARD when the file of heads is missing
 * @throws STORE_ROLLBACK when the store is older than that file, or is another
 * @throws STORE_DAMAGED, AUDIT_CURSOR when leaves, hashes and state do not agree
 */
export async function openAuditWriter(options: AuditWriterOptions): Promise<OpenAuditWriter> {
  const { store, origin, checkpointFile, heads = headFiles } = options
  const recorded = await heads.newest(checkpointFile)
  const state = await readState(store)
  if (state === undefined || state.cursor.log !== origin) {
    throw new AmanaError('STORE_ROLLBACK', { size: 0, recorded: recorded.size })
  }
  await checkOpenedLog(store, state, recorded)
  return new GroupCommitWriter(options, state, await heads.open(checkpointFile))
}

/** What one caller adds to a batch, made after the place where the batch stands. */
interface Addition {
  readonly parts: readonly NextLeaves[]
  readonly writes: readonly StoreWrite[]
}

interface Waiting {
  /** Nothing may stand behind it in its batch. */
  readonly isLast: boolean
  readonly add: (cursor: LogCursor) => Promise<Addition>
  readonly resolve: (leaves: readonly AppendedLeaf[]) => void
  readonly reject: (error: unknown) => void
}

interface Placed {
  readonly waiting: Waiting
  readonly addition: Addition
}

class GroupCommitWriter implements OpenAuditWriter {
  readonly #options: AuditWriterOptions
  readonly #file: CheckpointFile
  /** The durable state; only `#commitGroup` sets it, after the batch and the head are on the disk. */
  #state: LogState
  #queue: Waiting[] = []
  /** While a run empties the queue; that run alone clears it, in the same step in which it found nothing more. */
  #busy = false
  #running: Promise<void> = Promise.resolve()
  /** Set by the first failure of a disk; everybody gets it from then on. */
  #failure: AmanaError | undefined
  readonly #failed = new AbortController()
  #checking: CheckProgress | undefined
  #signed: { readonly size: number; readonly note: Promise<string> } | undefined

  constructor(options: AuditWriterOptions, state: LogState, file: CheckpointFile) {
    this.#options = options
    this.#state = state
    this.#file = file
  }

  commit(plan: CommitPlan): Promise<readonly AppendedLeaf[]> {
    return this.#enqueue(false, (cursor) => this.#carryOut(plan, cursor))
  }

  seal(padTo: number): Promise<readonly AppendedLeaf[]> {
    return this.#enqueue(true, async (cursor) => ({
      parts: [sealLog(cursor, padTo, this.#options.clock.nowMs())],
      writes: [],
    }))
  }

  head(): LogHead {
    return headOf(this.#state.cursor)
  }

  checkpoint(): Promise<string> {
    const head = this.head()
    if (this.#signed?.size !== head.size) {
      const { origin, logKeys, clock } = this.#options
      const signers = [logKeys.ed25519, logKeys.mlDsa44]
      const note = signCheckpoint({ origin, ...head }, signers, clock.now())
      this.#signed = { size: head.size, note }
    }
    return this.#signed.note
  }

  leaves(from: number, to: number): Promise<readonly Uint8Array[]> {
    return readLeaves(this.#options.store, from, to)
  }

  consistencyProof(from: number, to: number): Promise<readonly Uint8Array[]> {
    return consistencyProof(createNodeReader(this.#options.store), from, to)
  }

  inclusionProof(index: number, size: number): Promise<readonly Uint8Array[]> {
    return inclusionProof(createNodeReader(this.#options.store), index, size)
  }

  get checking(): CheckProgress | undefined {
    return this.#checking
  }

  async verify(): Promise<LogHead> {
    const { cursor } = this.#state
    const { size } = cursor.range
    try {
      return await verifyWholeLog(this.#options.store, cursor, (read) => {
        this.#checking = { read, size }
      })
    } finally {
      this.#checking = undefined
    }
  }

  get failed(): AbortSignal {
    return this.#failed.signal
  }

  async close(): Promise<void> {
    await this.#running
    await this.#file.close()
  }

  #enqueue(isLast: boolean, add: Waiting['add']): Promise<readonly AppendedLeaf[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly AppendedLeaf[]>()
    this.#queue.push({ isLast, add, resolve, reject })
    if (!this.#busy) {
      this.#busy = true
      this.#running = this.#run()
    }
    return promise
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const last = this.#queue.findIndex(({ isLast }) => isLast)
      const group = this.#queue.splice(0, last < 0 ? BATCH_PLANS : Math.min(BATCH_PLANS, last + 1))
      if (this.#failure === undefined) await this.#commitGroup(group)
      else for (const { reject } of group) reject(this.#failure)
    }
    this.#busy = false
  }

  /** One batch for all of the group. A plan that is refused leaves no trace and does not hold up the others. */
  async #commitGroup(group: readonly Waiting[]): Promise<void> {
    const placed: Placed[] = []
    let cursor = this.#state.cursor
    for (const waiting of group) {
      try {
        const addition = await waiting.add(cursor)
        cursor = addition.parts.at(-1)?.cursor ?? cursor
        placed.push({ waiting, addition })
      } catch (error) {
        waiting.reject(error)
      }
    }
    try {
      await this.#makeDurable(placed, cursor)
    } catch (cause) {
      this.#failure = failureOf(cause)
      for (const { waiting } of placed) waiting.reject(this.#failure)
      this.#failed.abort(this.#failure)
      return
    }
    for (const { waiting, addition } of placed) waiting.resolve(appendedOf(addition.parts))
  }

  async #makeDurable(placed: readonly Placed[], cursor: LogCursor): Promise<void> {
    const writes = placed.flatMap(({ addition }) => [
      ...addition.parts.flatMap((part) => leafWrites(part)),
      ...addition.writes,
    ])
    if (writes.length === 0) return
    const state = { cursor, commits: this.#state.commits + 1 }
    await this.#options.store.batch([...writes, ...stateWrites(state)])
    await this.#file.append({ ...headOf(cursor), commits: state.commits })
    this.#state = state
  }

  async #carryOut(plan: CommitPlan, cursor: LogCursor): Promise<Addition> {
    const nowMs = this.#options.clock.nowMs()
    const first = nextLeaves(cursor, plan.events, nowMs)
    const { writes, events } = await plan.writes(appendedOf([first]))
    return { parts: [first, nextLeaves(first.cursor, events, nowMs)], writes }
  }
}

function headOf({ range }: LogCursor): LogHead {
  return { size: range.size, root: rootOf(range) }
}

function appendedOf(parts: readonly NextLeaves[]): readonly AppendedLeaf[] {
  return parts
    .flatMap((part) => part.leaves)
    .map(({ index, sequence, hash }) => ({ index, sequence, hash: encodeBase64url(hash) }))
}

/** Whatever failed, the caller may count on one code; the guard's own failure stands behind it as the cause. */
function failureOf(cause: unknown): AmanaError {
  if (isAmanaError(cause, 'STORE_WRITE')) return cause
  const reason = isAmanaError(cause, 'STORE_GUARD') ? 'STORE_GUARD' : 'unknown'
  return new AmanaError('STORE_WRITE', { reason }, { cause })
}
