/**
 * Mutual witness: this node cosigns the peer's log when it has proof that the log only grew, and asks the same of the
 * peer. What it cosigns is stored before the answer leaves.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#witnessing
 */
import {
  addCosignatures,
  AmanaError,
  cosignCheckpoint,
  decideWitness,
  decodeBase64url,
  digest,
  encodeBase64url,
  type ErrorCode,
  formatNote,
  formatWitnessAnswer,
  formatWitnessRequest,
  isAmanaError,
  isAnyAmanaError,
  type NoteSigner,
  parseLogEpoch,
  parseNote,
  parseVkey,
  parseWitnessAnswer,
  type TrustView,
  verifyCheckpoint,
  type VerifiedCheckpoint,
  type Witness as WitnessKeys,
  type WitnessAnswer,
  type WitnessedLog,
} from '@amana/core'
import { type AppendedLeaf, type AuditWriter, type NodeClock, type Store } from '../ports.ts'
import { allRecords, getRecord, listRecords, orderKey, putRecord, RECORDS } from '../records.ts'
import { Exclusive } from '../statements/exclusive.ts'
import { type ClockWatch } from './clock-watch.ts'
import { type Conflict, ConflictBook } from './conflict-book.ts'
import { logOf, witnessOf } from './log-keys.ts'
import { type WitnessAge, witnessAge } from './witness-age.ts'

/** The head that this node shows is always a multiple of this many leaves, so that its size says little. */
const PAD_TO = 16
/** How long a peer that did not cosign is not asked again. */
const ASK_AGAIN_MS = 60_000
/** Of one size there are at most so many cosignatures, one a heartbeat: then the node's own leaves fill a page. */
const NEWEST = 16
/** A peer that is there cosigns at least as often, also where nothing was logged. */
const BEAT_MS = 600_000
const FIRST_LOG = '/amana/audit/1'

/** What the witness needs of the node. */
export interface WitnessParts {
  readonly agency: string
  readonly origin: string
  readonly store: Store
  readonly audit: AuditWriter & { seal(padTo: number): Promise<readonly AppendedLeaf[]> }
  readonly clock: NodeClock
  readonly signers: readonly NoteSigner[]
  readonly trust: () => TrustView
  readonly clocks: ClockWatch
  /** Seconds since 1970 since when there is a peer that could cosign; nothing before a charter. */
  readonly peerSince: () => number | undefined
}

/** A head of the own log that the peer cosigned. */
export interface CosignedHead {
  readonly size: number
  readonly note: string
  /** Seconds since 1970, by the peer's clock. */
  readonly time: number
}

interface Asked {
  readonly note: string
  readonly oldSize: number
  readonly size: number
  /** The peer has named its size once already; nobody needs to be asked a third time. */
  readonly isAgain: boolean
}

/** A log of the peer, with the note that was cosigned last. */
interface FollowedLog extends WitnessedLog {
  readonly genesis: string
  readonly note: string | undefined
}

/** What an answer is refused with; nothing of it ends a session. */
const NOT_COSIGNED: readonly ErrorCode[] = [
  'AUDIT_CHECKPOINT_SIGNATURE',
  'AUDIT_NOTE',
  'AUDIT_NOT_WITNESSED',
  'AUDIT_WITNESS_ANSWER',
]

function notWitnessed({ size }: Asked, cause?: AmanaError): AmanaError {
  return new AmanaError('AUDIT_NOT_WITNESSED', { size, witnesses: 0, quorum: 1 }, { cause })
}

/** Both sides of the mutual witness. */
export class Witness {
  /** What is held against the peer's logs. */
  readonly conflicts: ConflictBook
  readonly #parts: WitnessParts
  readonly #exclusive = new Exclusive()
  readonly #carrying = new Exclusive()
  /** The request that waits for its answer; a new session asks anew. */
  #asked: Asked | undefined
  #uncovered = true
  /** When the peer said that it does not cosign, in milliseconds; nothing once it cosigned. */
  #refusedAt: number | undefined
  /** For which its answers were refused since it cosigned last. */
  readonly #refusals = new Set<ErrorCode>()
  /** When the peer cosigned last since the node started, in milliseconds. */
  #cosignedAt: number | undefined
  #claimedSize: number | undefined
  /** The size at which `request` sealed last: a log that has not grown since needs no second seal. */
  #sealedSize: number | undefined
  /** Logs whose fork was told since the node started. */
  readonly #toldForks = new Set<string>()
  readonly #cosigned: ((size: number) => void)[] = []
  #conflict: (origin: string) => void = () => undefined

  constructor(parts: WitnessParts) {
    this.#parts = parts
    this.conflicts = new ConflictBook(parts)
  }

  /** Something was logged that a cosigned checkpoint should cover. */
  touch(): void {
    this.#uncovered = true
  }

  /** Whether leaves wait for a cosignature that the peer may be asked for now. */
  get uncovered(): boolean {
    return (this.#uncovered || this.#isBeatDue()) && !this.#isPausing()
  }

  /** How many leaves the peer says to have cosigned, where this log has fewer: an older copy, or a peer that lies. */
  get claimedSize(): number | undefined {
    return this.#claimedSize
  }

  /** Called with the size when a cosigned checkpoint became durable. */
  onCosigned(listener: (size: number) => void): void {
    this.#cosigned.push(listener)
  }

  /** Called with the log's name when two of its heads cannot be of one history; for a fork once while the node runs. */
  onConflict(listener: (origin: string) => void): void {
    this.#conflict = listener
  }

  /** The newest head that the peer cosigned; size 0 before the first. */
  async newest(): Promise<CosignedHead> {
    const [row] = await listRecords(this.#parts.store, RECORDS.note, { limit: 1, reverse: true })
    if (row === undefined) return { size: 0, note: '', time: 0 }
    const [size, time] = row.key.split('/').map(Number)
    return { size: size ?? 0, note: row.value.note, time: time ?? 0 }
  }

  /** How old the newest cosignature is; nothing before there is a peer. @throws STORE_DAMAGED */
  async age(): Promise<WitnessAge | undefined> {
    const since = this.#parts.peerSince()
    if (since === undefined) return undefined
    const rows = await listRecords(this.#parts.store, RECORDS.note, {
      limit: NEWEST,
      reverse: true,
    })
    const cosigned = rows.map(({ key, value }) => {
      return { takenAt: value.takenAt, time: Number(key.split('/')[1]) }
    })
    return witnessAge(cosigned, { now: this.#parts.clock.now(), since })
  }

  /**
   * The request to cosign the newest head, from the size that the peer saw last; where nothing was logged since, ten
   * minutes after the last cosignature, the same head again. Nothing when all is covered, or within 60 s after the peer did
   * not cosign.
   */
  async request(): Promise<Uint8Array | undefined> {
    return this.#exclusive.run(async () => {
      if (!this.uncovered) return undefined
      const newest = await this.newest()
      const isBeat = !this.#uncovered && this.#parts.audit.head().size - newest.size < PAD_TO
      this.#uncovered = false
      this.#cosignedAt = undefined
      return isBeat ? this.#requestAgain(newest) : this.#requestFrom(Math.max(newest.size, 1))
    })
  }

  /** What carriers ask for and keep, one after the other. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#carrying.run(work)
  }

  /**
   * A request to cosign the newest head from `from` on, for a carrier: its answer may come weeks later, so the caller keeps
   * what it asked for.
   */
  async carriedRequest(from: number): Promise<Asked & { readonly request: Uint8Array }> {
    return this.#exclusive.run(async () => {
      const asked = await this.#headFrom(from)
      return { ...asked, request: await this.#requestOf(asked) }
    })
  }

  /** Keeps what the peer cosigned of a note that a carrier took. @throws AUDIT_CHECKPOINT_SIGNATURE */
  async takeCarried(
    note: string,
    cosignatures: WitnessAnswer['cosignatures'],
    agency: string,
  ): Promise<void> {
    await this.#exclusive.run(async () => {
      const witness = witnessOf(this.#parts.trust(), agency)
      await this.#keepCosigned(addCosignatures(note, cosignatures, witness), witness)
    })
  }

  /**
   * Decides over the peer's request. Its answer may leave: what it says is durable.
   *
   * @throws TRUST_NO_ROSTER when the agency's roster names no log
   */
  async answer(request: Uint8Array, agency: string): Promise<Uint8Array> {
    return this.#exclusive.run(async () => {
      const log = await this.#followed(agency)
      const decision = await decideWitness(request, (await this.#mayFollow(log)) ? [log] : [])
      if (decision.status === 200) return this.#cosign(decision.checkpoint)
      if ('conflict' in decision) await this.#keepAndTell(log, decision)
      const size = decision.status === 409 ? { size: decision.size } : {}
      return formatWitnessAnswer({ status: decision.status, cosignatures: [], ...size })
    })
  }

  /**
   * Takes the peer's answer. A peer that does not cosign is not asked again for 60 s; nor is one whose answer is refused,
   * for which there is a leaf.
   *
   * @returns a request to send at once, where the peer continues from another size than this side thought
   * @throws AUDIT_NOT_WITNESSED when the peer does not cosign, caused by the refusal of its answer where that was refused
   * @throws AUDIT_WITNESS_ANSWER when nothing was asked
   */
  async accept(bytes: Uint8Array, agency: string): Promise<Uint8Array | undefined> {
    return this.#exclusive.run(async () => {
      const asked = this.#asked
      this.#asked = undefined
      if (asked === undefined) throw new AmanaError('AUDIT_WITNESS_ANSWER', {})
      try {
        return await this.#take(asked, parseWitnessAnswer(bytes), agency)
      } catch (error) {
        if (!isAnyAmanaError(error) || !NOT_COSIGNED.includes(error.code)) throw error
        this.#pause()
        if (isAmanaError(error, 'AUDIT_NOT_WITNESSED')) throw error
        await this.#noteRefused(error.code)
        throw notWitnessed(asked, error)
      }
    })
  }

  async #take(
    asked: Asked,
    answer: WitnessAnswer,
    agency: string,
  ): Promise<Uint8Array | undefined> {
    if (answer.status === 200) {
      const witness = witnessOf(this.#parts.trust(), agency)
      await this.#keepCosigned(addCosignatures(asked.note, answer.cosignatures, witness), witness)
      return undefined
    }
    const from = answer.size ?? 0
    this.#claimedSize = from > this.#parts.audit.head().size ? from : undefined
    const isOther = from > 0 && from <= asked.size && from !== asked.oldSize
    if (isOther && !asked.isAgain) return this.#ask({ ...asked, oldSize: from, isAgain: true })
    throw notWitnessed(asked)
  }

  /** Each refusal once until the peer cosigns: a peer that always answers so does not make the log grow. */
  async #noteRefused(code: ErrorCode): Promise<void> {
    if (this.#refusals.has(code)) return
    await this.#parts.audit.commit({
      events: [{ event: 'w.refused', actor: 'sys', data: { code } }],
      writes: async () => ({ writes: [], events: [] }),
    })
    this.#refusals.add(code)
  }

  /** The head still waits, but not for an answer that was given a moment ago. */
  #pause(): void {
    this.#uncovered = true
    this.#refusedAt = this.#parts.clock.nowMs()
  }

  /** A clock that was set back does not put it off. */
  #isBeatDue(): boolean {
    if (this.#cosignedAt === undefined) return false
    const elapsedMs = this.#parts.clock.nowMs() - this.#cosignedAt
    return elapsedMs < 0 || elapsedMs >= BEAT_MS
  }

  /** A clock that was set back makes no pause longer. */
  #isPausing(): boolean {
    if (this.#refusedAt === undefined) return false
    const elapsedMs = this.#parts.clock.nowMs() - this.#refusedAt
    return elapsedMs >= 0 && elapsedMs < ASK_AGAIN_MS
  }

  /** What this node holds of the log that an agency's roster names. @throws TRUST_NO_ROSTER, STORE_DAMAGED */
  async held(agency: string): Promise<Pick<FollowedLog, 'note' | 'origin' | 'root' | 'size'>> {
    return this.#followed(agency)
  }

  /** The peer's log, and what this node holds of it. */
  async #followed(agency: string): Promise<FollowedLog> {
    const { store, trust } = this.#parts
    const { genesis, log, origin } = logOf(trust(), agency)
    const known = await getRecord(store, RECORDS.witness, origin)
    const conflict = await this.conflicts.stateOf(origin)
    return {
      origin,
      logKeys: log.map((vkey) => parseVkey(vkey)),
      size: known?.size ?? 1,
      root: decodeBase64url(known?.root ?? genesis),
      genesis,
      note: known?.note,
      isForked: conflict?.state === 'conflict',
    }
  }

  /** A log after the first is followed once both agencies agreed on it, and the one before is not from then on. */
  async #mayFollow({ genesis, origin }: FollowedLog): Promise<boolean> {
    const agreements = await allRecords(this.#parts.store, RECORDS.epoch, {})
    if (agreements.some(({ value }) => value.before === origin)) return false
    if (origin.endsWith(FIRST_LOG)) return true
    const known = agreements.find(({ key }) => key === origin)
    return (
      known !== undefined && parseLogEpoch(known.value.agreement).content.log.genesis === genesis
    )
  }

  /** The head that the peer cosigned last, under the own signatures alone. */
  async #requestAgain({ note, size }: CosignedHead): Promise<Uint8Array> {
    const { text, signatures } = parseNote(note)
    const own = signatures.filter(({ name }) => name === this.#parts.origin)
    return this.#ask({
      note: formatNote({ text, signatures: own }),
      oldSize: size,
      size,
      isAgain: false,
    })
  }

  async #requestFrom(oldSize: number): Promise<Uint8Array> {
    return this.#ask(await this.#headFrom(oldSize))
  }

  async #headFrom(oldSize: number): Promise<Asked> {
    const { audit } = this.#parts
    if (audit.head().size !== this.#sealedSize) {
      const sealed = await audit.seal(PAD_TO)
      this.#sealedSize = (sealed.at(-1)?.index ?? 0) + 1
    }
    const { size } = audit.head()
    return { note: await audit.checkpoint(), oldSize, size, isAgain: false }
  }

  async #ask(asked: Asked): Promise<Uint8Array> {
    this.#asked = asked
    return this.#requestOf(asked)
  }

  async #requestOf({ note, oldSize, size }: Asked): Promise<Uint8Array> {
    const proof = await this.#parts.audit.consistencyProof(oldSize, size)
    return formatWitnessRequest({ oldSize, proof, note })
  }

  async #cosign(checkpoint: VerifiedCheckpoint): Promise<Uint8Array> {
    const { signers, clock, audit } = this.#parts
    const time = clock.now()
    const cosignatures = await cosignCheckpoint(checkpoint, signers, time)
    const { origin, size, note } = checkpoint
    const root = encodeBase64url(checkpoint.root)
    const data = { log: origin, note: digest(note), root, size, time }
    const writes = [
      putRecord(RECORDS.witness, origin, { note, root, size }),
      putRecord(RECORDS.witnessed, data.note, { note }),
      ...(await this.conflicts.answered(origin)),
    ]
    await audit.commit({
      events: [{ event: 'w.witness', actor: 'sys', data }],
      writes: async () => ({ writes, events: [] }),
    })
    return formatWitnessAnswer({ status: 200, cosignatures })
  }

  async #keepCosigned(note: string, witness: WitnessKeys): Promise<void> {
    const { agency, origin, audit, clock, clocks, trust } = this.#parts
    const logKeys = logOf(trust(), agency).log.map((vkey) => parseVkey(vkey))
    const policy = { origin, logKeys, witnesses: [witness], quorum: 1 }
    const verified = await verifyCheckpoint(note, policy)
    const time = verified.cosignatures[0]?.time ?? 0
    const data = { by: witness.name, note: digest(note), size: verified.size, time }
    const key = `${orderKey(verified.size)}/${orderKey(time)}`
    const cosigned = { event: 'w.cosigned', actor: 'sys', data }
    const writes = [putRecord(RECORDS.note, key, { note, takenAt: clock.now() })]
    await audit.commit({
      events: [cosigned, ...clocks.peer(time)],
      writes: async () => ({ writes, events: [] }),
    })
    this.#refusedAt = undefined
    this.#refusals.clear()
    this.#claimedSize = undefined
    this.#cosignedAt = clock.nowMs()
    for (const listener of this.#cosigned) listener(verified.size)
  }

  /** A fork is told once, however often the peer asks; a head without proof each time, since the next may have one. */
  async #keepAndTell({ note, origin }: FollowedLog, decision: Conflict): Promise<void> {
    if (decision.conflict !== 'known') {
      await this.conflicts.keep(decision.conflict, decision.checkpoint, note)
    }
    const isFork = decision.conflict !== 'unproven'
    const isTold = isFork && this.#toldForks.has(origin)
    if (isFork) this.#toldForks.add(origin)
    if (!isTold) this.#conflict(origin)
  }
}
