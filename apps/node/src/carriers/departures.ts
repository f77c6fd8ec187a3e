/**
 * What goes to the peer by a carrier: all that it has not answered, in the order in which it can be taken in.
 *
 * @module
 * @spec docs/spec/09-carriers.md#what-is-carried
 */
import { decodeBase64url, digest, encodeCanonical, type GeneralJws } from '@amana/core'
import { type NodeParts } from '../node-parts.ts'
import { CARRIED_TYPES, type CarriedType, type Carrier } from '../ports.ts'
import { deleteRecord, listRecords, type OutRecord, RECORDS, sequenceKey } from '../records.ts'
import { acknowledgedBy } from '../trust/acknowledged.ts'
import { nextOffer, type PeerPlace } from '../trust/offers.ts'
import { ownWord } from './carried-pieces.ts'
import { leavingRanges, rangesLeaving, readRange } from './leaving-ranges.ts'
import { carriedAnswer, carriedRequest } from './carried-witness.ts'

/** A receipt goes again for so long after its envelope came: after that the envelope would be refused as too old. */
const RECEIPT_SECONDS = 30 * 86_400
const PAGE_ROWS = 64

/** Where a list of departures is: so that it can be made in pieces. */
export interface Cursor {
  readonly type: CarriedType
  /** After this one of its type; 0 before the first. */
  readonly after: number
}

/** Before the first. */
export const FIRST: Cursor = { type: 'trust', after: 0 }

/** A frame that could go. */
export interface Departure {
  readonly type: CarriedType
  /** Its order among those of its type. */
  readonly order: number
  /** The same for the same content, also the next time. */
  readonly id: string
  /** Of a receipt: when its envelope came last, in seconds since 1970. */
  readonly since?: number
  /** Its body, after the leaf of this try is durable; nothing where it need not go any more. */
  read(): Promise<Uint8Array | undefined>
}

/** How many of each could go, without any of them being made. */
export interface DepartureCount {
  readonly documents: number
  readonly receipts: number
  readonly envelopes: number
  /** Statements that wait for a dispatch. */
  readonly queued: number
  /** Parts of attachments, and their bytes as files. */
  readonly ranges: number
  readonly rangeBytes: number
}

type Parts = Pick<
  NodeParts,
  | 'agency'
  | 'audit'
  | 'blobs'
  | 'clock'
  | 'inbox'
  | 'keys'
  | 'ledger'
  | 'outbox'
  | 'peerId'
  | 'store'
  | 'trust'
  | 'witness'
>

/**
 * What could go, from a cursor on. Envelopes are sealed from the queue as they are asked for.
 *
 * @yields each
 * @throws TRUST_NO_CHARTER, STORE_WRITE, STORE_DAMAGED
 */
export async function* departures(
  parts: Parts,
  by: Carrier,
  { after, type }: Cursor = FIRST,
): AsyncGenerator<Departure> {
  const stages: Readonly<Record<CarriedType, (from: number) => AsyncGenerator<Departure>>> = {
    trust: (from) => documents(parts, from),
    receipt: (from) => receipts(parts, from),
    witness: (from) => answer(parts, from),
    pieces: (from) => word(parts, from),
    envelope: (from) => envelopes(parts, by, from),
    checkpoint: (from) => request(parts, from),
    range: (from) => ranges(parts, from),
  }
  for (const stage of CARRIED_TYPES.slice(CARRIED_TYPES.indexOf(type))) {
    yield* stages[stage](stage === type ? after : 0)
  }
}

/** What would go now. @throws TRUST_NO_CHARTER, STORE_DAMAGED */
export async function countDepartures(parts: Parts): Promise<DepartureCount> {
  const peer = parts.trust.peer()
  let [envelopes_, statements, documents_, receipts_] = [0, 0, 0, 0]
  for await (const { statements: own } of parts.outbox.open(peer)) {
    envelopes_ += 1
    statements += own.length
  }
  for await (const _ of documents(parts, 0)) documents_ += 1
  for await (const _ of receipts(parts, 0)) receipts_ += 1
  return {
    documents: documents_,
    receipts: receipts_,
    envelopes: envelopes_,
    queued: (await parts.outbox.pending(peer)) - statements,
    ...(await rangesLeaving(parts)),
  }
}

/**
 * Each goes as a link would send it to a peer that has charter 1 and the own roster that it acknowledged.
 *
 * @yields charters and rosters
 */
async function* documents({ store, trust }: Parts, after: number): AsyncGenerator<Departure> {
  const { agency } = trust.ownRoster
  const rosterVersion = await acknowledgedBy({ store, trust }, trust.peer())
  let place: PeerPlace = { charterVersion: 1, rosterVersion, sent: [] }
  for (let order = 1; ; order += 1) {
    const offer = nextOffer(trust, agency, place)
    if (offer === undefined) return
    place = { ...place, ...offer.place }
    const { jws } = offer
    if (order <= after) continue
    const id = `trust/${digest(jws.payload)}`
    yield { type: 'trust', order, id, read: async () => encodeJws(jws) }
  }
}

async function* receipts(parts: Parts, after: number): AsyncGenerator<Departure> {
  const { audit, clock, inbox, store, trust } = parts
  const peer = trust.peer()
  const tooOld = clock.now() - RECEIPT_SECONDS
  for (let gte = sequenceKey(peer, after + 1); ;) {
    const rows = await listRecords(store, RECORDS.carried, {
      gte,
      lt: `${peer}0`,
      limit: PAGE_ROWS,
    })
    const old = rows.filter(({ value }) => value.at < tooOld)
    if (old.length > 0) {
      const writes = old.map(({ key }) => deleteRecord(RECORDS.carried, key))
      await audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
    }
    for (const { key, value } of rows.filter((row) => !old.includes(row))) {
      const order = Number(key.slice(peer.length + 1))
      const record = await inbox.dispatchAt(peer, order)
      if (record === undefined) continue
      const { receipt } = record
      const id = `receipt/${digest(receipt.payload)}`
      yield { type: 'receipt', order, id, since: value.at, read: async () => encodeJws(receipt) }
    }
    if (rows.length < PAGE_ROWS) return
    gte = `${rows.at(-1)?.key ?? ''}\0`
  }
}

async function* answer(parts: Parts, after: number): AsyncGenerator<Departure> {
  const body = await carriedAnswer(parts)
  if (body === undefined || after > 0) return
  yield { type: 'witness', order: 1, id: `witness/${digest(body)}`, read: async () => body }
}

/**
 * Those in the chain, then new ones as long as the queue gives some.
 *
 * @yields envelopes
 */
async function* envelopes(parts: Parts, by: Carrier, after: number): AsyncGenerator<Departure> {
  const { outbox, trust } = parts
  const peer = trust.peer()
  for await (const { sequence } of outbox.open(peer, after)) {
    const record = await outbox.fit(peer, sequence)
    if (record !== undefined) yield known(parts, by, record)
  }
  for (;;) {
    const { sequence: last } = await outbox.position(peer)
    const next = await outbox.next(peer, last, { by })
    if (next === undefined) return
    const { envelope, sequence: order } = next
    const id = `envelope/${digest(envelope)}`
    yield { type: 'envelope', order, id, read: async () => envelope }
  }
}

function known(
  { outbox, trust }: Parts,
  by: Carrier,
  { envelope, sequence }: OutRecord,
): Departure {
  return {
    type: 'envelope',
    order: sequence,
    id: `envelope/${digest(decodeBase64url(envelope ?? ''))}`,
    // what has its receipt meanwhile, or came to be a void, is read as it is now
    read: async () => outbox.again(trust.peer(), sequence, by),
  }
}

async function* word(parts: Parts, after: number): AsyncGenerator<Departure> {
  const own = await ownWord(parts)
  if (own === undefined || after > 0) return
  yield { type: 'pieces', order: 1, id: `pieces/${own.id}`, read: () => own.sign() }
}

/**
 * Ranges of attachments that the peer was sent the message of, and does not say to have.
 *
 * @yields ranges
 */
async function* ranges(parts: Parts, after: number): AsyncGenerator<Departure> {
  let order = 0
  for await (const one of leavingRanges(parts)) {
    order += 1
    if (order <= after) continue
    const id = `range/${one.digest}/${String(one.index)}`
    yield { type: 'range', order, id, read: () => readRange(parts, one) }
  }
}

async function* request(parts: Parts, after: number): AsyncGenerator<Departure> {
  if (after > 0) return
  yield {
    type: 'checkpoint',
    order: 1,
    id: 'checkpoint',
    read: () => carriedRequest(parts),
  }
}

function encodeJws({ payload, signatures }: GeneralJws): Uint8Array {
  return encodeCanonical({ payload, signatures })
}
