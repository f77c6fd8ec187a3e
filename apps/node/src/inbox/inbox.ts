/**
 * The way in: an envelope is checked in the receiver's order, its statements, leaves and receipt become durable in one
 * batch, and only then is the receipt given back. The same envelope again gets the same receipt bytes.
 *
 * @module
 * @spec docs/spec/08-exchange.md#inbox
 */
import {
  AmanaError,
  digest,
  type DispatchContent,
  encodeBase64url,
  type GeneralJws,
  isAnyAmanaError,
  type OpeningKey,
  openEnvelope,
  parseEnvelope,
  type PrivateKey,
  type ReceivedEnvelope,
  signReceipt,
  type TrustView,
  type UnverifiedDispatch,
  verifyDispatch,
} from '@amana/core'
import {
  type AppendedLeaf,
  type AuditWriter,
  type NodeClock,
  type Store,
  type StoreWrite,
} from '../ports.ts'
import {
  forkWrites,
  getRecord,
  type InRecord,
  type Position,
  putRecord,
  RECORDS,
  sequenceKey,
  type StatementRecord,
} from '../records.ts'
import { sentDelivery } from '../statements/answers.ts'
import { cameAgain } from '../statements/deliveries.ts'
import { Exclusive } from '../statements/exclusive.ts'
import { type GroupsAtRest, type Sealed } from '../statements/groups-at-rest.ts'
import { arrivedWrites, sentMessage } from '../statements/stages.ts'
import { type StatementLedger } from '../statements/statement-ledger.ts'
import { channelStart } from '../statements/trust-context.ts'
import {
  answerWrites,
  digestOf,
  outcomeEvents,
  receivedEvents,
  recordOf,
  resultOf,
} from './in-records.ts'
import { RejectionLog } from './rejection-log.ts'

/** What the inbox needs of the node. */
export interface InboxParts {
  readonly agency: string
  readonly peerId: string
  readonly origin: string
  readonly store: Store
  readonly audit: AuditWriter
  readonly ledger: StatementLedger
  readonly atRest: GroupsAtRest
  readonly clock: NodeClock
  readonly sealKey: PrivateKey<'Ed25519'>
  readonly deskKey: (keyId: string) => OpeningKey | undefined
  readonly trust: () => TrustView
  /** Our own dispatch at a place of the channel to `receiver`. */
  readonly ownDispatchAt: (receiver: string, sequence: number) => Promise<string | undefined>
  /** Does at once what statements ask for that became durable; their receipt goes after it. */
  readonly arrived: (statements: readonly string[]) => Promise<void>
}

type Placed = Extract<ReceivedEnvelope, { outcome: 'placed' }>

interface Arrived {
  readonly bytes: Uint8Array
  readonly placed: Placed
  readonly charterVersion: number
  readonly sealed: ReadonlyMap<string, Sealed>
  readonly stages: readonly StoreWrite[]
}

/** An envelope that was taken, now or before. */
interface Taken {
  readonly isNew: boolean
  readonly receipt: GeneralJws
  readonly statements: readonly string[]
}

/** The way in. */
export class Inbox {
  readonly #parts: InboxParts
  readonly #exclusive = new Exclusive()
  readonly #rejections = new RejectionLog()
  #placed: () => void = () => undefined

  constructor(parts: InboxParts) {
    this.#parts = parts
  }

  /** Called when a dispatch took its place. */
  onPlaced(listener: () => void): void {
    this.#placed = listener
  }

  /** The last dispatch placed in the channel from a sender; sequence 0 and the channel's beginning before the first. */
  async position(sender: string): Promise<Position> {
    const known = await getRecord(this.#parts.store, RECORDS.position, `in/${sender}`)
    if (known !== undefined) return known
    const { agency, trust } = this.#parts
    return {
      acknowledged: 0,
      digest: channelStart(trust(), sender, agency),
      sentAt: 0,
      sequence: 0,
    }
  }

  /** The dispatch at a place of the channel from a sender. */
  async dispatchAt(sender: string, sequence: number): Promise<InRecord | undefined> {
    return getRecord(this.#parts.store, RECORDS.in, sequenceKey(sender, sequence))
  }

  /**
   * Takes an envelope and gives the receipt, durable before it is returned. `carriedBy` is the peer whose link brought it;
   * nobody where it came by a carrier.
   *
   * @throws WIRE_SEQ_GAP when dispatches before it are missing; what fails before the place; each after its leaf is durable
   */
  async receive(bytes: Uint8Array, carriedBy?: string): Promise<GeneralJws> {
    const { isNew, receipt, statements } = await this.#exclusive.run(async () => {
      try {
        return await this.#receive(bytes, carriedBy)
      } catch (error) {
        if (isAnyAmanaError(error)) await this.#logRejected(bytes, error)
        throw error
      }
    })
    // outside: who takes the outbox first and then the inbox would wait for this one, and this one for it
    await this.#parts.arrived(statements)
    if (isNew) this.#placed()
    return receipt
  }

  async #receive(bytes: Uint8Array, carriedBy: string | undefined): Promise<Taken> {
    const received = await this.#open(bytes, carriedBy)
    if (received.outcome === 'placed') {
      const statements = received.statements.map((outcome) => digestOf(outcome))
      return { isNew: true, receipt: await this.#place(received, bytes), statements }
    }
    const { from, sequence } = received.dispatch.content
    if (received.outcome === 'gap') {
      throw new AmanaError('WIRE_SEQ_GAP', { expected: received.expected, found: sequence })
    }
    const record = await this.dispatchAt(from.agency, sequence)
    if (record === undefined) throw new AmanaError('STORE_DAMAGED', { space: 'in' })
    return { isNew: false, receipt: record.receipt, statements: record.statements }
  }

  async #open(bytes: Uint8Array, carriedBy: string | undefined): Promise<ReceivedEnvelope> {
    const { agency, clock, trust, ledger, store, deskKey, ownDispatchAt } = this.#parts
    const faults: AmanaError[] = []
    const received = await openEnvelope(bytes, {
      agency,
      now: clock.now(),
      trust: trust(),
      ...(carriedBy === undefined ? {} : { carriedBy }),
      deskKey,
      ownDispatchAt: (peer, sequence) => noting(faults, ownDispatchAt(peer, sequence)),
      sentTo: (peer, statement, desk) =>
        noting(faults, sentDelivery({ ledger, store, trust: trust() }, { peer, statement, desk })),
      stagedAt: (peer, statement) =>
        noting(faults, sentMessage({ ledger, store }, peer, statement)),
      headOf: (sender) => this.position(sender),
      dispatchAt: async (sender, sequence) => (await this.dispatchAt(sender, sequence))?.digest,
      statementOf: (issuer, id) => noting(faults, ledger.digestOf(issuer, id)),
    })
    const [fault] = faults
    if (fault !== undefined) throw fault
    return received
  }

  /** One batch: `x.received` leaves, the receipt that names them, the leaves of the outcome, records. */
  async #place(placed: Placed, bytes: Uint8Array): Promise<GeneralJws> {
    const { dispatch, statements } = placed
    const known = await this.#knownBefore(statements)
    const charterVersion = await this.#charterVersion(dispatch.content)
    const sealed = await this.#sealedOf(placed, known)
    const stages = await this.#stagesOf(placed, known)
    let receipt: GeneralJws | undefined
    await this.#parts.audit.commit({
      events: receivedEvents(dispatch),
      writes: async (leaves) => {
        const signed = await this.#receiptFor(placed, leaves)
        receipt = signed
        const rcpt = digest(signed.payload)
        return {
          events: statements.flatMap((outcome) => outcomeEvents(dispatch.digest, outcome, rcpt)),
          writes: this.#placedWrites(
            { bytes, placed, charterVersion, sealed, stages },
            signed,
            known,
          ),
        }
      },
    })
    if (receipt === undefined) throw new AmanaError('STORE_DAMAGED', { space: 'in' })
    return receipt
  }

  /** What is opened now and not known yet lies sealed for officers from its first batch on. */
  async #sealedOf(
    { dispatch, statements }: Placed,
    known: ReadonlyMap<string, StatementRecord>,
  ): Promise<ReadonlyMap<string, Sealed>> {
    const sealed = new Map<string, Sealed>()
    for (const outcome of statements) {
      const record = recordOf(dispatch, outcome, '')
      if (record?.opening === undefined) continue
      const before = known.get(record.digest)
      const isNew = before === undefined || cameAgain(before, record)?.isFirst === true
      if (isNew) sealed.set(record.digest, await this.#parts.atRest.sealed(record))
    }
    return sealed
  }

  /** What officers of the peer say of own messages by what is opened now for the first time. */
  async #stagesOf(
    { dispatch, statements }: Placed,
    known: ReadonlyMap<string, StatementRecord>,
  ): Promise<readonly StoreWrite[]> {
    const writes: StoreWrite[] = []
    for (const outcome of statements) {
      const record = outcome.result === 'opened' ? recordOf(dispatch, outcome, '') : undefined
      if (record === undefined || known.get(record.digest)?.state === 'received') continue
      writes.push(...(await arrivedWrites(this.#parts, record)))
    }
    return writes
  }

  /** Runs a step while nothing arrives. */
  async alone<T>(step: () => Promise<T>): Promise<T> {
    return this.#exclusive.run(step)
  }

  /** The newest charter that the channel named: its sender does not go back to an earlier one. */
  async #charterVersion({ context, from }: DispatchContent): Promise<number> {
    const { charterVersion = 1 } = await this.position(from.agency)
    const { charters } = this.#parts.trust()
    const named = charters.find((charter) => charter.digest === context.charter)
    return Math.max(charterVersion, named?.version ?? 1)
  }

  #placedWrites(
    { bytes, placed: { dispatch, statements }, charterVersion, sealed, stages }: Arrived,
    receipt: GeneralJws,
    known: ReadonlyMap<string, StatementRecord>,
  ): readonly StoreWrite[] {
    const { acknowledges, from, sentAt, sequence } = dispatch.content
    const rcpt = digest(receipt.payload)
    const records = statements
      .flatMap((outcome) => recordOf(dispatch, outcome, rcpt) ?? [])
      .map((record) => ({ ...record, ...formOf(sealed.get(record.digest)?.record) }))
    const isKept = records.some((record) => isKeptFor(record, known.get(record.digest)))
    const entry: InRecord = {
      digest: dispatch.digest,
      dispatch: dispatch.signed.jws,
      ...(isKept ? { envelope: encodeBase64url(bytes) } : {}),
      receipt,
      sentAt,
      sequence,
      statements: dispatch.content.statements,
    }
    const position: Position = {
      acknowledged: acknowledges?.sequence ?? 0,
      charterVersion,
      digest: dispatch.digest,
      sentAt,
      sequence,
    }
    const key = sequenceKey(from.agency, sequence)
    return [
      putRecord(RECORDS.in, key, entry),
      putRecord(RECORDS.dispatch, dispatch.digest, { key }),
      putRecord(RECORDS.position, `in/${from.agency}`, position),
      ...records.flatMap((record) => this.#recordWrites(record, known.get(record.digest))),
      ...[...sealed.values()].flatMap(({ writes }) => writes),
      ...statements.flatMap(answerWrites),
      ...stages,
    ]
  }

  /** The dispatch binds what came now, so its signatures stay, also where the record is that of before. */
  #recordWrites(
    record: StatementRecord,
    known: StatementRecord | undefined,
  ): readonly StoreWrite[] {
    const { ledger } = this.#parts
    if (known === undefined) return ledger.added(record)
    const change = cameAgain(known, record)
    if (change?.isFirst === true) return ledger.added(change.record)
    const beside = ledger.cameAgain(known, record.statement)
    return change === undefined ? beside : [ledger.updated(change.record), ...beside]
  }

  async #receiptFor(
    { dispatch, statements }: Placed,
    leaves: readonly AppendedLeaf[],
  ): Promise<GeneralJws> {
    const { agency, peerId, origin, clock, sealKey } = this.#parts
    const { channel, sequence } = dispatch.content
    return signReceipt(
      {
        channel,
        dispatch: dispatch.digest,
        issuedAt: clock.now(),
        log: origin,
        receiver: { agency, node: peerId },
        results: statements.map((outcome, index) => resultOf(outcome, leaves[index])),
        sequence,
        v: 1,
      },
      sealKey,
    )
  }

  /** The records of statements that came before, in another dispatch or as our own. */
  async #knownBefore(
    statements: Placed['statements'],
  ): Promise<ReadonlyMap<string, StatementRecord>> {
    const records = await Promise.all(
      statements.map((outcome) => this.#parts.ledger.get(digestOf(outcome))),
    )
    return new Map(records.flatMap((known) => (known === undefined ? [] : [[known.digest, known]])))
  }

  /** What takes no place leaves one leaf, and repeated ones of a source are counted together. */
  async #logRejected(bytes: Uint8Array, error: AmanaError): Promise<void> {
    const proven = await this.#provenDispatch(bytes)
    const names = proven === undefined ? {} : namesOf(proven)
    const count = this.#rejections.count(`${names.from ?? ''} ${error.code}`)
    const writes = error.code === 'WIRE_FORK' ? await this.#forkOf(proven) : []
    if (count === 0 && writes.length === 0) return
    const data = { code: error.code, count, ...names }
    const events = count === 0 ? [] : [{ event: 'x.rejected', actor: 'sys', data }]
    await this.#parts.audit.commit({ events, writes: async () => ({ writes, events: [] }) })
  }

  /** A second dispatch for one place is kept: with the first one it proves that its node signed two histories. */
  async #forkOf(dispatch: UnverifiedDispatch | undefined): Promise<readonly StoreWrite[]> {
    if (dispatch === undefined) return []
    const { from, sequence } = dispatch.content
    const key = `in/${sequenceKey(from.agency, sequence)}`
    return forkWrites(this.#parts.store, key, dispatch.signed.jws)
  }

  /** Named only when the dispatch's signature verifies: a stranger must not write names into the log. */
  async #provenDispatch(bytes: Uint8Array): Promise<UnverifiedDispatch | undefined> {
    try {
      const { dispatch } = parseEnvelope(bytes)
      await verifyDispatch(dispatch, this.#parts.trust())
      return dispatch
    } catch (error) {
      if (isAnyAmanaError(error)) return undefined
      throw error
    }
  }
}

/** Whether a partner desk is to open it from this very dispatch, and not from one that it came in before. */
function isKeptFor(record: StatementRecord, known: StatementRecord | undefined): boolean {
  const isNew = known === undefined || cameAgain(known, record) !== undefined
  return record.state === 'stored' && isNew
}

/** What sealing at rest adds to a record. */
function formOf(record: StatementRecord | undefined): Partial<StatementRecord> {
  const { atRest, attachments, facts } = record ?? {}
  return {
    ...(attachments === undefined ? {} : { attachments }),
    ...(atRest === undefined ? {} : { atRest }),
    ...(facts === undefined ? {} : { facts }),
  }
}

function namesOf({ content, digest: env }: UnverifiedDispatch): {
  readonly env?: string
  readonly from?: string
} {
  return { env, from: content.from.agency }
}

/** Notes that the own store could not be read: no reason to refuse for ever what a peer sent. */
async function noting<T>(faults: AmanaError[], reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (error) {
    if (isAnyAmanaError(error)) faults.push(error)
    throw error
  }
}
