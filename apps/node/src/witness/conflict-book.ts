/**
 * What this node holds against the peer's log: the first head of each kind that cannot be of one history with what was
 * cosigned, as a file that stands alone. A fork is for good; a head without proof becomes one after a day.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#conflict
 */
import {
  digest,
  encodeConflictEvidence,
  decodeUtf8,
  type VerifiedCheckpoint,
  type WitnessDecision,
} from '@amana/core'
import { type AuditWriter, type NodeClock, type Store, type StoreWrite } from '../ports.ts'
import { allRecords, type ConflictRecord, getRecord, putRecord, RECORDS } from '../records.ts'

/** How long a log may take to show the proof that it did not show. */
const PROOF_SECONDS = 86_400

/** Why a head of the peer is not cosigned, where the log itself is to blame. */
export type Conflict = Extract<WitnessDecision, { readonly conflict: string }>

type Kept = Exclude<Conflict['conflict'], 'known'>

/** How a log of the peer stands here. */
export interface ConflictState {
  readonly origin: string
  /** `conflict`: never cosigned again. `suspected`: a proof is awaited. `answered`: one was shown later. */
  readonly state: 'conflict' | 'suspected' | 'answered'
  readonly kind: Kept
  /** Seconds since 1970. */
  readonly since: number
}

/** What the book needs of the node. */
export interface ConflictParts {
  readonly agency: string
  readonly store: Store
  readonly audit: AuditWriter
  readonly clock: NodeClock
}

/** Evidence against logs of the peer, by their names. */
export class ConflictBook {
  readonly #parts: ConflictParts

  constructor(parts: ConflictParts) {
    this.#parts = parts
  }

  /** How a log stands: a fork before a suspicion; nothing where nothing is held against it. @throws STORE_DAMAGED */
  async stateOf(origin: string): Promise<ConflictState | undefined> {
    const fork = await this.#record('fork', origin)
    if (fork !== undefined) {
      return { origin, state: 'conflict', kind: 'fork', since: fork.since }
    }
    const unproven = await this.#record('unproven', origin)
    if (unproven === undefined) return undefined
    return { origin, state: this.#stateOf(unproven), kind: 'unproven', since: unproven.since }
  }

  /** Every log against which something is held, by name. @throws STORE_DAMAGED */
  async list(): Promise<readonly ConflictState[]> {
    const rows = await allRecords(this.#parts.store, RECORDS.conflict, {})
    const origins = new Set(rows.map(({ key }) => key.slice(key.indexOf('/') + 1)))
    const states = await Promise.all([...origins].toSorted().map((origin) => this.stateOf(origin)))
    return states.filter((state) => state !== undefined)
  }

  /** The file of evidence against a log, byte for byte as its leaf names it. @throws STORE_DAMAGED */
  async evidence(origin: string): Promise<string | undefined> {
    const state = await this.stateOf(origin)
    return state === undefined ? undefined : (await this.#record(state.kind, origin))?.evidence
  }

  /**
   * Keeps a refused head with what was cosigned before, and its `w.conflict` leaf, in one batch. The first of each kind
   * stays, so that nobody can cover it up with another; a suspicion that was answered begins anew.
   *
   * @throws STORE_WRITE
   */
  async keep(kind: Kept, refused: VerifiedCheckpoint, cosigned: string | undefined): Promise<void> {
    const { audit, clock } = this.#parts
    const { origin } = refused
    const known = await this.#record(kind, origin)
    if (known !== undefined && known.answeredAt === undefined) return
    const since = clock.now()
    const evidence = known?.evidence ?? this.#evidenceOf(kind, refused, cosigned)
    const writes = [putRecord(RECORDS.conflict, keyOf(kind, origin), { evidence, since })]
    const data = { evidence: digest(evidence), kind, log: origin }
    await audit.commit({
      events: [{ event: 'w.conflict', actor: 'sys', data }],
      writes: async () => ({ writes, events: [] }),
    })
  }

  /** The write that says that the log has shown a proof since; none where none was awaited. @throws STORE_DAMAGED */
  async answered(origin: string): Promise<readonly StoreWrite[]> {
    const record = await this.#record('unproven', origin)
    if (record === undefined || record.answeredAt !== undefined) return []
    const answeredAt = this.#parts.clock.now()
    return [putRecord(RECORDS.conflict, keyOf('unproven', origin), { ...record, answeredAt })]
  }

  #evidenceOf(
    conflict: Kept,
    { note, origin }: VerifiedCheckpoint,
    cosigned: string | undefined,
  ): string {
    const { agency, clock } = this.#parts
    const bytes = encodeConflictEvidence({
      conflict,
      created: clock.now(),
      log: origin,
      notes: cosigned === undefined ? [note] : [cosigned, note],
      record: 'conflict',
      v: 1,
      witness: agency,
    })
    return decodeUtf8(bytes)
  }

  #stateOf({ answeredAt, since }: ConflictRecord): ConflictState['state'] {
    if (answeredAt !== undefined) return 'answered'
    return this.#parts.clock.now() - since >= PROOF_SECONDS ? 'conflict' : 'suspected'
  }

  #record(kind: Kept, origin: string): Promise<ConflictRecord | undefined> {
    return getRecord(this.#parts.store, RECORDS.conflict, keyOf(kind, origin))
  }
}

function keyOf(kind: Kept, origin: string): string {
  return `${kind}/${origin}`
}
