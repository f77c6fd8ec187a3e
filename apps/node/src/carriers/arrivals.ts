/**
 * What a carrier brought, taken in one deposit at a time: whatever one is, the next one goes on.
 *
 * @module
 * @spec docs/spec/09-carriers.md#taking-in
 */
import {
  AmanaError,
  decodeBase64url,
  digest,
  encodeBase64url,
  type ErrorCode,
  type GeneralJws,
  isAnyAmanaError,
  parseCanonical,
  parseCheckpoint,
  parseEnvelope,
  parseNote,
  parseRange,
  parseReceipt,
  parseWitnessRequest,
  type UnverifiedDispatch,
  verifyDispatch,
  WIRE_LIMITS,
} from '@amana/core'
import { z } from 'zod'
import { type NodeParts } from '../node-parts.ts'
import { CARRIED_TYPES, type CarriedType, type StoreWrite } from '../ports.ts'
import {
  deleteRecord,
  getRecord,
  listRecords,
  putRecord,
  RECORDS,
  sequenceKey,
} from '../records.ts'
import { noteAcknowledged } from '../trust/acknowledged.ts'
import { isCharter, parseDocument } from '../trust/standing.ts'
import { takeRange, takeWord } from './carried-pieces.ts'
import { answerCarried, takeAnswer } from './carried-witness.ts'
import { type CarriedFrame, openFrame } from './deposits.ts'

const RECEIPT_BYTES = 2 * WIRE_LIMITS.receiptPayloadBytes
const DOCUMENT_BYTES = 512 * 1024
/** Envelopes that wait for those before them, counted from the head: the rest of a stick is read again when its turn comes. */
const HELD_AHEAD = 256

/** What a deposit holds, as far as it says so itself. */
export interface Sight {
  readonly type: CarriedType
  /** Its order among those of its type: a place in a channel, a version, a size. */
  readonly order: number
  /** Of an envelope: it takes back what its place was made for. */
  readonly isVoid?: true
}

/** What became of a deposit. */
export type Taken = {
  readonly type?: CarriedType
  readonly order?: number
} & (
  | {
      readonly result: 'taken'
      /** Of an envelope: statements, and how many of them were refused. */
      readonly statements?: number
      readonly refused?: number
      /** Of an envelope: how many that were held went after it. */
      readonly released?: number
    }
  | { readonly result: 'known' }
  /** Kept until those before it, and the rosters that it rests on, are there; how many of those before it are not. */
  | { readonly result: 'held'; readonly missing: number }
  | { readonly result: 'refused'; readonly code: ErrorCode }
)

/** Takes in what carriers bring. */
export class Arrivals {
  readonly #parts: NodeParts

  constructor(parts: NodeParts) {
    this.#parts = parts
  }

  /** Opens a deposit and says what it holds; nothing is taken in. @throws as `openFrame` and the readers of its body */
  async look(bytes: Uint8Array): Promise<Sight> {
    return sightIn(await openFrame(this.#parts, bytes))
  }

  /** The place in the peer's channel that is taken next. */
  async nextPlace(): Promise<number> {
    const { inbox, trust } = this.#parts
    return (await inbox.position(trust.peer())).sequence + 1
  }

  /** Takes a deposit in. What is wrong with it is an answer; what is wrong here is thrown. @throws STORE_WRITE, STORE_DAMAGED */
  async take(bytes: Uint8Array): Promise<Taken> {
    let sight: Sight | undefined
    try {
      await this.#parts.trust.settle()
      const frame = await openFrame(this.#parts, bytes)
      sight = sightOf(frame)
      return { ...sight, ...(await this.#takeFrame(frame, sight?.order)) }
    } catch (error) {
      if (!isAnyAmanaError(error) || error.code.startsWith('STORE_')) throw error
      return { ...sight, result: 'refused', code: error.code }
    }
  }

  async #takeFrame({ body, type }: CarriedFrame, order = 0): Promise<Taken> {
    if (type === 'trust') {
      const taken = await this.#takeDocument(parseDocument(body))
      await this.#release()
      return taken
    }
    if (type === 'receipt') return this.#takeReceipt(body, order)
    if (type === 'envelope') return this.#takeEnvelope(body, order)
    return takenIf(await TAKES[type](this.#parts, body))
  }

  async #takeDocument(jws: GeneralJws): Promise<Taken> {
    const { trust } = this.#parts
    const own = digest(jws.payload)
    if (isCharter(jws)) {
      const isKnown = trust.view().charters.some((one) => one.digest === own)
      await trust.takeOffered(jws)
      return takenIf(!isKnown)
    }
    const isKnown = trust.allRosters.some((one) => one.digest === own)
    await trust.adoptRoster(jws)
    return takenIf(!isKnown)
  }

  async #takeReceipt(body: Uint8Array, sequence: number): Promise<Taken> {
    const { outbox, trust } = this.#parts
    const value = parseCanonical(body, RECEIPT_BYTES)
    const before = (await outbox.dispatchAt(trust.peer(), sequence))?.receipt
    await outbox.acceptReceipt(value)
    const isKnown = before !== undefined && digest(before.payload) === parseReceipt(value).digest
    return takenIf(!isKnown)
  }

  /** In its turn, or kept for it. What cannot be read is refused in the receiver's order, with its leaf. */
  async #takeEnvelope(body: Uint8Array, sequence: number): Promise<Taken> {
    const next = await this.nextPlace()
    const isEarly = sequence > next || (sequence === next && this.#isAhead(body))
    if (isEarly) return this.#hold(body, sequence, next)
    const receipt = await this.#receive(body, sequence)
    if (sequence < next) return { result: 'known' }
    const { results } = parseReceipt(receipt).content
    return {
      result: 'taken',
      statements: results.length,
      refused: results.filter(({ result }) => result === 'refused').length,
      released: await this.#release(),
    }
  }

  /** The receipt goes back by carriers as long as the envelope comes by them. */
  async #receive(body: Uint8Array, sequence: number): Promise<GeneralJws> {
    const { clock, inbox, trust } = this.#parts
    const receipt = await inbox.receive(body)
    const key = sequenceKey(trust.peer(), sequence)
    await this.#write([
      putRecord(RECORDS.carried, key, { at: clock.now() }),
      deleteRecord(RECORDS.held, key),
    ])
    await this.#noteRoster(parseEnvelope(body).dispatch)
    return receipt
  }

  /** A dispatch names the rosters that its sender had: so this side hears of it where nobody greets. */
  async #noteRoster({ content }: UnverifiedDispatch): Promise<void> {
    const { agency, trust } = this.#parts
    const { ownRoster, rosters } = trust
    const named = content.context.rosters[agency]
    const known = rosters.find(
      ({ chainStart, digest: own }) => own === named && chainStart === ownRoster.chainStart,
    )
    if (known !== undefined) await noteAcknowledged(this.#parts, content.from.agency, known.version)
  }

  /** Nobody may fill this store but the peer's node: its signature is checked before anything is kept. */
  async #hold(body: Uint8Array, sequence: number, next: number): Promise<Taken> {
    const { inbox, trust } = this.#parts
    const peer = trust.peer()
    if (!(await this.#isOfPeer(body))) await inbox.receive(body)
    if (sequence > next + HELD_AHEAD) {
      throw new AmanaError('WIRE_SEQ_GAP', { expected: next, found: sequence })
    }
    const range = { gte: sequenceKey(peer, next), lt: sequenceKey(peer, sequence) }
    const before = await listRecords(this.#parts.store, RECORDS.held, {
      ...range,
      limit: HELD_AHEAD,
    })
    const key = sequenceKey(peer, sequence)
    const kept = await getRecord(this.#parts.store, RECORDS.held, key)
    const isVoid = kept !== undefined && isVoidIn(kept.envelope)
    if (!isVoid)
      await this.#write([putRecord(RECORDS.held, key, { envelope: encodeBase64url(body) })])
    return { result: 'held', missing: sequence - next - before.length }
  }

  /** Its sender had a charter or an own roster that has not come yet: in its turn it would be refused for good. */
  #isAhead(body: Uint8Array): boolean {
    const { trust } = this.#parts
    const { charter, rosters } = parseEnvelope(body).dispatch.content.context
    const named = rosters[trust.peer()]
    const known = trust.allRosters.some((roster) => roster.digest === named)
    return !known || !trust.view().charters.some((one) => one.digest === charter)
  }

  async #isOfPeer(body: Uint8Array): Promise<boolean> {
    const { agency, trust } = this.#parts
    const { dispatch } = parseEnvelope(body)
    const { from, to } = dispatch.content
    try {
      await verifyDispatch(dispatch, trust.view())
    } catch (error) {
      if (isAnyAmanaError(error)) return false
      throw error
    }
    return from.agency === trust.peer() && to.agency === agency
  }

  /** Those that waited for what has just come; how many were taken. One that is refused is kept no longer. */
  async #release(): Promise<number> {
    const { store, trust } = this.#parts
    const peer = trust.peer()
    for (let released = 0; ; released += 1) {
      const next = await this.nextPlace()
      const key = sequenceKey(peer, next)
      // a link may have brought what was waited for, and those behind it
      const passed = { gte: `${peer}/`, lt: key, limit: HELD_AHEAD }
      const over = await listRecords(store, RECORDS.held, passed)
      if (over.length > 0) await this.#write(over.map((row) => deleteRecord(RECORDS.held, row.key)))
      const held = await getRecord(store, RECORDS.held, key)
      const envelope = held === undefined ? undefined : decodeBase64url(held.envelope)
      if (envelope === undefined || this.#isAhead(envelope)) return released
      try {
        await this.#receive(envelope, next)
      } catch (error) {
        if (!isAnyAmanaError(error) || error.code.startsWith('STORE_')) throw error
        await this.#write([deleteRecord(RECORDS.held, key)])
        return released
      }
    }
  }

  async #write(writes: readonly StoreWrite[]): Promise<void> {
    await this.#parts.audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
  }
}

/** A void stays: the sealed envelope that a stick of before brings does not take its place. */
function isVoidIn(envelope: string): boolean {
  return parseEnvelope(decodeBase64url(envelope)).form === 'void'
}

const TAKES = {
  checkpoint: answerCarried,
  pieces: takeWord,
  range: takeRange,
  witness: takeAnswer,
} as const

function takenIf(isNew: boolean): Taken {
  return { result: isNew ? 'taken' : 'known' }
}

/** Nothing where the body is out of form: its own reader says why. */
function sightOf(frame: CarriedFrame): Sight | undefined {
  try {
    return sightIn(frame)
  } catch (error) {
    if (isAnyAmanaError(error)) return undefined
    throw error
  }
}

/** @throws as the reader of the body */
function sightIn(frame: CarriedFrame): Sight {
  const { body, type } = frame
  const isVoid = type === 'envelope' && parseEnvelope(body).form === 'void'
  return { type, order: orderOf(frame), ...(isVoid ? { isVoid } : {}) }
}

/**
 * In the order in which they can be taken in; of two envelopes for one place the void first, so that what was taken back
 * while both lay there does not come after all.
 */
export function inOrder(one: Partial<Sight>, other: Partial<Sight>): number {
  const rank = ({ type }: Partial<Sight>): number =>
    CARRIED_TYPES.findIndex((name) => name === type)
  const taken = ({ isVoid }: Partial<Sight>): number => (isVoid === true ? 0 : 1)
  return (
    rank(one) - rank(other) || (one.order ?? 0) - (other.order ?? 0) || taken(one) - taken(other)
  )
}

/** @throws as the reader of the body */
function orderOf({ body, type }: CarriedFrame): number {
  return ORDERS[type](body)
}

const ORDERS: { readonly [T in CarriedType]: (body: Uint8Array) => number } = {
  trust: (body) => orderOfDocument(parseDocument(body)),
  receipt: (body) => parseReceipt(parseCanonical(body, RECEIPT_BYTES)).content.sequence,
  witness: () => 0,
  envelope: (body) => parseEnvelope(body).dispatch.content.sequence,
  pieces: () => 0,
  range: (body) => parseRange(body).index,
  checkpoint: (body) => parseCheckpoint(parseNote(parseWitnessRequest(body).note).text).size,
}

const VersionSchema = z.looseObject({ version: z.int() })
/** Rosters come after charters, on which they may rest. */
const ROSTERS_FROM = 1_000_000

function orderOfDocument(jws: GeneralJws): number {
  const payload = parseCanonical(decodeBase64url(jws.payload), DOCUMENT_BYTES)
  const { version = 0 } = VersionSchema.safeParse(payload).data ?? {}
  return isCharter(jws) ? version : ROSTERS_FROM + version
}
