/**
 * The way out: what officers signed waits in the queue, goes into dispatches of one desk each, and stays until the peer's
 * receipt is durable. Every step is written with its leaf of the log before its bytes leave.
 *
 * @module
 * @spec docs/spec/08-exchange.md#outbox
 */
import {
  AmanaError,
  decodeBase64url,
  digest,
  type ErrorCode,
  parseDispatch,
  parseReceipt,
  parseStatement,
  type PrivateKey,
  type Random,
  type ReadingDesk,
  type TrustView,
  type UnverifiedReceipt,
  assertReceiptArrives,
  verifyReceipt,
} from '@amana/core'
import {
  type AuditWriter,
  type Carrier,
  type NodeClock,
  type Store,
  type StoreWrite,
} from '../ports.ts'
import {
  deleteRecord,
  forkWrites,
  getRecord,
  type OutRecord,
  type Position,
  putRecord,
  RECORDS,
  sequenceKey,
  type StatementRecord,
  type WithdrawalReason,
} from '../records.ts'
import { answerWrite, readingDesk } from '../statements/answers.ts'
import { withDelivery } from '../statements/deliveries.ts'
import { Exclusive } from '../statements/exclusive.ts'
import { type GroupsAtRest } from '../statements/groups-at-rest.ts'
import { actedWrites, stageWrite } from '../statements/stages.ts'
import { type StatementLedger } from '../statements/statement-ledger.ts'
import { channelStart } from '../statements/trust-context.ts'
import { deliveredEvent, sealedEvent, sentEvent } from './out-events.ts'
import { fitOf, lockingBy } from './release.ts'
import { isFinal, isSameWord, newlySettled, settle } from './receipted.ts'
import { isAtRisk, queueKey } from './queue-keys.ts'
import { movedWrites, placeInQueue, type QueuePlace } from './queueing.ts'
import { deskQueues, queueLength, queuePages } from './queue-rows.ts'
import { batchOf, passing, type Queued, type QueueRow, sealBatch } from './sealing.ts'
import { assertNew, assertNotKnown, type CheckedSubmission } from './submission.ts'
import { stopWrites, withdrawalWrites } from './taking-back.ts'
import { expiring, settledWrites, unreceipted } from './unanswered.ts'
import { answersVoid, isOpenAt, type WithdrawalPlan, withdrawing } from './withdrawal.ts'

/** What the outbox needs of the node. */
export interface OutboxParts {
  readonly agency: string
  readonly peerId: string
  readonly store: Store
  readonly audit: AuditWriter
  readonly ledger: StatementLedger
  readonly atRest: GroupsAtRest
  readonly clock: NodeClock
  readonly random: Random
  readonly sealKey: PrivateKey<'Ed25519'>
  readonly trust: () => TrustView
  /** For how many hours nobody has cosigned the log, where that holds intelligence up. */
  readonly unwitnessedHours: () => Promise<number | undefined>
  /** The version in force, where there are two charters of it. */
  readonly dividedVersion: () => number | undefined
}

/** How an envelope goes. */
export interface SendingWay {
  /** What carries it, where that is no link. */
  readonly by?: Carrier | undefined
  /** What a new dispatch may have before compression; as much as any dispatch where nothing is said. */
  readonly mostBytes?: number | undefined
  /** Nothing but a new dispatch about lives at risk. */
  readonly onlyAtRisk?: boolean
}

/** One envelope of the own channel. */
export interface NextEnvelope {
  readonly sequence: number
  readonly envelope: Uint8Array
}

/** The desk for which nothing is sealed while the log has not been cosigned for 72 hours. */
const HELD_DESK = 'intelligence'

/** The way out. */
export class Outbox {
  readonly #parts: OutboxParts
  readonly #exclusive = new Exclusive()
  /** Statements that are being queued, by issuer and message id. */
  readonly #taking = new Map<string, string>()
  #nextInQueue: number
  #problem: ErrorCode | undefined
  #queued: () => void = () => undefined
  #delivered: () => void = () => undefined

  private constructor(parts: OutboxParts, nextInQueue: number) {
    this.#parts = parts
    this.#nextInQueue = nextInQueue
  }

  /** Opens the outbox where the store left it. */
  static async open(parts: OutboxParts): Promise<Outbox> {
    const newest = await getRecord(parts.store, RECORDS.counter, 'queue')
    return new Outbox(parts, (newest?.last ?? 0) + 1)
  }

  /** Called when something new waits. */
  onQueued(listener: () => void): void {
    this.#queued = listener
  }

  /** Called when a receipt became durable. */
  onDelivered(listener: () => void): void {
    this.#delivered = listener
  }

  /** Why nothing can be sealed at present; nothing where it can. */
  get problem(): ErrorCode | undefined {
    return this.#problem
  }

  /**
   * Makes a checked submission durable; it leaves when the line allows. Many at once go into one batch of the store.
   *
   * @throws WIRE_REPLAY, WIRE_FORK when its message id was taken since it was checked; STORE_WRITE
   */
  async queue({ answer, desks, record, peer, stage }: CheckedSubmission): Promise<void> {
    const { content } = parseStatement(record.statement)
    const id = `${content.iss}/${content.jti}`
    assertNotKnown(this.#taking.get(id), record.digest)
    this.#taking.set(id, record.digest)
    try {
      await assertNew(this.#parts.ledger, content, record.digest)
      const place = await placeInQueue(this.#parts.ledger, record)
      const sealed = await this.#parts.atRest.sealed(record)
      const acted = await actedWrites(this.#parts, record)
      const take = async (): Promise<void> => {
        const moved = await movedWrites(this.#parts.store, peer, place)
        // places in the queue are given in the order of the batches: nothing is awaited from here to the commit
        const writes = [
          ...moved,
          ...this.#parts.ledger.added(sealed.record),
          ...sealed.writes,
          ...desks.flatMap((desk) => this.#queueWrites(peer, desk, { record, place })),
          ...(answer === undefined ? [] : [answerWrite(answer, record.digest, false)]),
          ...(stage === undefined ? [] : [stageWrite(stage, record, false)]),
          ...acted,
        ]
        await this.#parts.audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
      }
      await (place.ahead.size === 0 ? take() : this.#exclusive.run(take))
    } finally {
      this.#taking.delete(id)
    }
    this.#queued()
  }

  #queueWrites(
    peer: string,
    { external, id: desk, roles }: ReadingDesk,
    { place, record }: { readonly place: QueuePlace; readonly record: StatementRecord },
  ): readonly StoreWrite[] {
    const row = { desk, digest: record.digest, external, peer, roles: [...roles] }
    const last = this.#nextInQueue
    this.#nextInQueue += 1
    return [
      putRecord(RECORDS.queue, queueKey(peer, place.urgency, last), row),
      putRecord(RECORDS.counter, 'queue', { last }),
    ]
  }

  /** Runs a step while nothing is sealed, receipted or taken back. */
  async alone<T>(step: () => Promise<T>): Promise<T> {
    return this.#exclusive.run(step)
  }

  /** What a withdrawal would do now. @throws CLI_NO_MESSAGE, CLI_NOT_WITHDRAWABLE */
  async withdrawal(statement: string): Promise<WithdrawalPlan> {
    return this.#exclusive.run(async () => (await withdrawing(this.#parts, statement)).plan)
  }

  /**
   * Takes a statement back: out of the queue for good, or by a void in place of the envelope, which is durable when this
   * returns; then the peer's receipt says whether it came in time.
   *
   * @throws CLI_NO_MESSAGE, CLI_NOT_WITHDRAWABLE; STORE_WRITE
   */
  async withdraw(statement: string, reason: WithdrawalReason): Promise<WithdrawalPlan> {
    const plan = await this.#exclusive.run(async () => {
      const found = await withdrawing(this.#parts, statement)
      const writes = await withdrawalWrites(this.#parts, found, reason)
      await this.#parts.audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
      return found.plan
    })
    this.#queued()
    return plan
  }

  /**
   * Takes a statement back from some of the desks that have not answered: it leaves neither the queue nor, as anything but
   * a void, in a dispatch. Where they are all, it is withdrawn. Nothing is done where each has answered meanwhile.
   *
   * @throws STORE_WRITE
   */
  async stop(statement: string, desks: readonly string[]): Promise<void> {
    await this.#exclusive.run(async () => {
      const known = await this.#parts.ledger.get(statement)
      if (known === undefined || !isOpenAt(known, desks)) return
      const found = await withdrawing(this.#parts, statement)
      const writes = await stopWrites(this.#parts, found, desks)
      await this.#parts.audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
    })
    this.#queued()
  }

  /**
   * How many statements the peer has not receipted. One that is sealed meanwhile may count twice, and never not at all: the
   * queue is read before the dispatches.
   */
  async pending(peer: string): Promise<number> {
    let pending = await queueLength(this.#parts.store, peer)
    for await (const { statements } of this.open(peer)) pending += statements.length
    return pending
  }

  /**
   * A dispatch as it may be sent now: what must not leave any more gives way to its void, which is durable when this
   * returns. Its statements come back into the queue with the receipt of the void, and stay there while they are locked.
   *
   * @throws STORE_WRITE
   */
  async fit(peer: string, sequence: number): Promise<OutRecord | undefined> {
    return this.#exclusive.run(async () => {
      const record = await this.dispatchAt(peer, sequence)
      return record === undefined ? undefined : this.#fit(peer, record)
    })
  }

  async #fit(peer: string, record: OutRecord): Promise<OutRecord> {
    const fit = await fitOf(this.#parts, record)
    if (fit === record) return record
    const writes = [putRecord(RECORDS.out, sequenceKey(peer, record.sequence), fit)]
    await this.#parts.audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
    return fit
  }

  /** The last dispatch made to a peer; sequence 0 and the channel's beginning before the first. */
  async position(peer: string): Promise<Position> {
    const known = await getRecord(this.#parts.store, RECORDS.position, `out/${peer}`)
    if (known !== undefined) return known
    const { agency, trust } = this.#parts
    return { acknowledged: 0, digest: channelStart(trust(), agency, peer), sentAt: 0, sequence: 0 }
  }

  /** The dispatch at a place of the own channel. */
  async dispatchAt(peer: string, sequence: number): Promise<OutRecord | undefined> {
    return getRecord(this.#parts.store, RECORDS.out, sequenceKey(peer, sequence))
  }

  /** What is to be sent now of a dispatch that `next` gave: its void, where it was taken back since then. */
  async envelopeAt(peer: string, sequence: number): Promise<Uint8Array | undefined> {
    return this.#exclusive.run(async () => {
      const record = await this.dispatchAt(peer, sequence)
      const envelope = record === undefined ? undefined : (await this.#fit(peer, record)).envelope
      return envelope === undefined ? undefined : decodeBase64url(envelope)
    })
  }

  /** The last dispatch before the first one that has no final receipt: sending begins after it. */
  async settled(peer: string): Promise<number> {
    for await (const { sequence } of this.open(peer)) return sequence - 1
    return (await this.position(peer)).sequence
  }

  /**
   * Digests of the statements that a peer has not answered for.
   *
   * @yields each, of several desks more than once
   */
  async *unanswered(peer: string): AsyncGenerator<string> {
    for await (const rows of queuePages(this.#parts.store, peer)) {
      for (const { value } of rows) yield value.digest
    }
    for await (const { statements } of this.open(peer)) yield* statements
  }

  /**
   * The dispatches to a peer without a final receipt, after a place, in rising order.
   *
   * @yields each
   */
  async *open(peer: string, after = 0): AsyncGenerator<OutRecord> {
    const { sequence } = await this.position(peer)
    yield* unreceipted(this.#parts.store, peer, { after, sequence })
  }

  /**
   * Records those that got no receipt in the time that their charter gives: the peer would refuse them as too old.
   *
   * @throws STORE_WRITE
   */
  async expire(peer: string): Promise<void> {
    await this.#exclusive.run(async () => {
      const { audit, clock, trust } = this.#parts
      const open: OutRecord[] = []
      for await (const record of this.open(peer)) open.push(record)
      const { events, writes } = expiring(open, { now: clock.now(), peer, trust: trust() })
      await audit.commit({ events, writes: async () => ({ writes, events: [] }) })
    })
  }

  /**
   * The next envelope to send after `sequence`: one that exists, or a new one from the queue. Its `x.sent` leaf is durable
   * before it is returned. Nothing where nothing waits, or where trust does not allow it now: then `problem` says why.
   */
  async next(
    peer: string,
    sequence: number,
    way: SendingWay = {},
  ): Promise<NextEnvelope | undefined> {
    return this.#exclusive.run(async () => {
      const waiting = await this.#openAfter(peer, sequence)
      if (waiting !== undefined && way.onlyAtRisk === true) return undefined
      const open = waiting === undefined ? undefined : await this.#fit(peer, waiting)
      if (open !== undefined) await this.#logSentAgain(peer, open, way.by)
      const record = open ?? (await this.#sealIfAllowed(peer, way))
      if (record?.envelope === undefined) return undefined
      return { sequence: record.sequence, envelope: decodeBase64url(record.envelope) }
    })
  }

  /** One more try of a dispatch by a carrier, as `next`; nothing where it has its final receipt. @throws STORE_WRITE */
  async again(peer: string, sequence: number, by: Carrier): Promise<Uint8Array | undefined> {
    return this.#exclusive.run(async () => {
      const known = await this.dispatchAt(peer, sequence)
      if (known?.envelope === undefined) return undefined
      const record = await this.#fit(peer, known)
      await this.#logSentAgain(peer, record, by)
      return decodeBase64url(record.envelope ?? '')
    })
  }

  /**
   * Takes the peer's receipt. The same one again changes nothing; another word about what was said before is a fork.
   *
   * @throws WIRE_RECEIPT when it answers nothing of ours; WIRE_FORK; as `verifyReceipt`
   */
  async acceptReceipt(value: unknown): Promise<void> {
    await this.#exclusive.run(async () => {
      const receipt = parseReceipt(value)
      const peer = receipt.content.receiver.agency
      const record = await this.dispatchAt(peer, receipt.content.sequence)
      if (record === undefined) throw new AmanaError('WIRE_RECEIPT', { reason: 'dispatch' })
      const { clock, trust } = this.#parts
      await verifyReceipt(receipt, parseDispatch(record.dispatch), trust())
      assertReceiptArrives(receipt, clock.now(), trust())
      const before = record.receipt
      if (before !== undefined && digest(before.payload) === receipt.digest) return
      if (before !== undefined && !isSameWord(before, receipt)) await this.#refuseWord(receipt)
      if (before !== undefined && newlySettled(before, receipt).length === 0) return
      await this.#deliver(peer, record, receipt)
    })
    this.#delivered()
  }

  /** Another word is kept: with the first one it proves that the peer's node signed two histories. */
  async #refuseWord({ content, signed }: UnverifiedReceipt): Promise<never> {
    const { audit, store } = this.#parts
    const key = `out/${sequenceKey(content.receiver.agency, content.sequence)}`
    const writes = await forkWrites(store, key, signed.jws)
    await audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
    throw new AmanaError('WIRE_FORK', { what: 'receipt' })
  }

  /** With the last word the envelope is dropped: seals are transport. */
  async #deliver(peer: string, record: OutRecord, receipt: UnverifiedReceipt): Promise<void> {
    const { clock, trust } = this.#parts
    const results = newlySettled(record.receipt, receipt)
    const rules = {
      trust: trust(),
      now: clock.now(),
      isVoided: answersVoid(record, receipt.content),
    }
    const settled = await settle(this.#parts, { record, receipt: receipt.digest, results, rules })
    const answered = { ...record, receipt: receipt.signed.jws }
    const { envelope: _dropped, void: _unneeded, ...kept } = answered
    const asked = readingDesk(record, rules.trust)
    const isLast = isFinal(answered.receipt)
    const noted = isLast ? await settledWrites(this.#parts.store, peer, record.sequence) : []
    const entry = isLast ? kept : answered
    const events = receipt.content.results.map((result) => deliveredEvent(peer, receipt, result))
    const again = await Promise.all(
      settled.again.map(async (one) => ({
        record: one,
        place: await placeInQueue(this.#parts.ledger, one),
      })),
    )
    // places in the queue are given in the order of the batches: nothing is awaited from here to the commit
    const writes = [
      putRecord(RECORDS.out, sequenceKey(peer, record.sequence), entry),
      ...settled.writes,
      ...noted,
      ...again.flatMap((one) => this.#queueWrites(peer, asked, one)),
      ...replacedWrites(record.receipt),
    ]
    await this.#parts.audit.commit({ events, writes: async () => ({ writes, events: [] }) })
    if (settled.again.length > 0) this.#queued()
  }

  /** A dispatch in the chain that waits for its receipt; those that have it, brought by a carrier, are passed over. */
  async #openAfter(peer: string, sequence: number): Promise<OutRecord | undefined> {
    for (let at = sequence + 1; ; at += 1) {
      const next = await this.dispatchAt(peer, at)
      if (next === undefined || next.envelope !== undefined) return next
    }
  }

  /** For the first desk, in the order of the queue, that trust allows now; one that has to wait holds up no other. */
  async #sealIfAllowed(peer: string, way: SendingWay): Promise<OutRecord | undefined> {
    let problem: ErrorCode | undefined
    let record: OutRecord | undefined
    const locked = new Set<string>()
    for await (const rows of deskQueues(this.#parts.store, peer, locked)) {
      if (way.onlyAtRisk === true && !isAtRisk(rows[0]?.key ?? '/2/')) continue
      const sealed = await this.#seal(peer, rows, { ...way, locked }).catch(passing)
      if (typeof sealed === 'object') {
        record = sealed
        break
      }
      problem ??= sealed ?? 'REFERRAL_LOCKED'
    }
    this.#problem = problem
    return record
  }

  async #seal(
    peer: string,
    rows: readonly QueueRow[],
    { by, locked, mostBytes }: SendingWay & { readonly locked: Set<string> },
  ): Promise<OutRecord | undefined> {
    const { audit, ledger, store, clock, trust, ...own } = this.#parts
    await this.#assertNotHeld(rows)
    const batch = await batchOf(rows, { ledger, locked, lockOf: lockingBy(this.#parts), mostBytes })
    if (batch.length === 0) return undefined
    const record = await sealBatch({
      ...own,
      peer,
      batch,
      trust: trust(),
      position: await this.position(peer),
      placed: await getRecord(store, RECORDS.position, `in/${peer}`),
      now: clock.now(),
    })
    const writes = this.#sealedWrites(peer, batch, record)
    const sealed = batch.map((queued) => sealedEvent(peer, record.digest, queued.record))
    const events = [...sealed, sentEvent(peer, record, by)]
    await audit.commit({ events, writes: async () => ({ writes, events: [] }) })
    return record
  }

  /**
   * What nobody can prove later, or goes out under one of two charters, is not sent, but for people in danger.
   *
   * @throws TRUST_DIVIDED, AUDIT_UNWITNESSED
   */
  async #assertNotHeld([first]: readonly QueueRow[]): Promise<void> {
    if (first?.value.desk !== HELD_DESK) return
    const version = this.#parts.dividedVersion()
    if (version !== undefined) throw new AmanaError('TRUST_DIVIDED', { version })
    const hours = await this.#parts.unwitnessedHours()
    if (hours !== undefined) throw new AmanaError('AUDIT_UNWITNESSED', { hours })
  }

  #sealedWrites(peer: string, batch: readonly Queued[], record: OutRecord): readonly StoreWrite[] {
    const { sequence, sentAt, digest: dispatch } = record
    const position = { acknowledged: 0, digest: dispatch, sentAt, sequence }
    const key = sequenceKey(peer, sequence)
    return [
      putRecord(RECORDS.out, key, record),
      putRecord(RECORDS.dispatch, dispatch, { key }),
      putRecord(RECORDS.position, `out/${peer}`, position),
      ...batch.map((queued) => deleteRecord(RECORDS.queue, queued.key)),
      ...batch.map((queued) =>
        this.#parts.ledger.updated(
          withDelivery(queued.record, { desk: queued.desk, dispatch, state: 'sent' }),
        ),
      ),
    ]
  }

  async #logSentAgain(peer: string, record: OutRecord, by: Carrier | undefined): Promise<void> {
    const again = { ...record, tries: record.tries + 1 }
    const writes = [putRecord(RECORDS.out, sequenceKey(peer, record.sequence), again)]
    const events = [sentEvent(peer, again, by)]
    await this.#parts.audit.commit({ events, writes: async () => ({ writes, events: [] }) })
  }
}

/** The log names it, so it stays. */
function replacedWrites(receipt: OutRecord['receipt']): readonly StoreWrite[] {
  if (receipt === undefined) return []
  return [putRecord(RECORDS.replaced, digest(receipt.payload), { receipt })]
}
