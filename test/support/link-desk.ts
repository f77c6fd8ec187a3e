/**
 * The desk of a test agency: real heads and a queue in memory. It sends what it is given, answers each envelope with a
 * receipt that names it, and takes only the receipt of the oldest envelope that has none.
 *
 * @module
 * @spec docs/spec/08-exchange.md#session
 */
import {
  AmanaError,
  digest,
  encodeCanonical,
  encodeUtf8,
  type HeadsContent,
  parseCanonical,
  parseHeads,
  type Random,
  signHeads,
  type TrustView,
  verifyHeads,
} from '@amana/core'
import {
  type Asked,
  type ExchangeDesk,
  type Greeted,
  type Greeting,
  type HistoryFloor,
  type Outgoing,
} from '../../apps/node/src/exchange/session.ts'
import { Wakeup } from '../../apps/node/src/exchange/wakeup.ts'
import { NOW, seededRandom, type TestAgency } from './agencies.ts'
import { Diary } from './link-diary.ts'

const HEADS_BYTES = 128 * 1024

/** What a desk has been asked, in order. */
export interface Call {
  readonly what: 'envelope' | 'receipt' | 'checkpoint' | 'witness' | 'cosigned' | 'trust' | 'seen'
  /** Digest of what came with it. */
  readonly digest: string
}

/** The receipt that a desk gives for an envelope. */
export function receiptOf(envelope: Uint8Array): Uint8Array {
  return encodeUtf8(`receipt of ${digest(envelope)}`)
}

/** One agency's side of an exchange. */
export class TestDesk implements ExchangeDesk {
  readonly random: Random
  readonly calls = new Diary<Call>()
  readonly #agency: TestAgency
  readonly #trust: TrustView
  readonly #news = new Wakeup()
  readonly #envelopes: Uint8Array[] = []
  readonly #rosters: Uint8Array[] = []
  #receipted = 0
  /** Replaces the answer to an envelope. */
  answer: (envelope: Uint8Array) => Promise<Uint8Array | undefined> = async (envelope) =>
    receiptOf(envelope)
  /** What leaves of an envelope when its turn has come. */
  read: (envelope: Uint8Array) => Promise<Uint8Array | undefined> = async (envelope) => envelope
  /** Requests to cosign that go out, one a question; an error is thrown instead. */
  requests: (Uint8Array | Error)[] = []
  /** Takes its time before the peer's heads are judged. */
  ponder: () => Promise<void> = async () => undefined
  /** Whether a trust document ends the session, so that both greet each other anew. */
  isGreetedAnew = false
  /** Called when something arrived. */
  onSeen: () => void = () => undefined

  constructor(agency: TestAgency, trust: TrustView) {
    this.#agency = agency
    this.#trust = trust
    this.random = seededRandom(agency.id)
  }

  nowMs(): number {
    return NOW * 1000
  }

  /** Envelopes whose receipts have come. */
  get receipted(): number {
    return this.#receipted
  }

  /** What was asked of one kind, in order. */
  callsOf(what: Call['what']): readonly string[] {
    return this.calls.entries.filter((call) => call.what === what).map((call) => call.digest)
  }

  queue(...envelopes: readonly Uint8Array[]): void {
    this.#envelopes.push(...envelopes)
    this.#news.wake()
  }

  queueRoster(roster: Uint8Array): void {
    this.#rosters.push(roster)
    this.#news.wake()
  }

  /** The heads that this desk would send, with changes, signed by its seal key. */
  async headsWith(
    nonce: string,
    changes: Partial<HeadsContent> = {},
    sealKey = this.#agency.sealKey,
  ): Promise<Uint8Array> {
    const { charter } = this.#trust
    const content: HeadsContent = {
      channels: {},
      charter: { digest: charter.digest, version: charter.version },
      from: { agency: this.#agency.id, node: this.#agency.peerId },
      issuedAt: NOW,
      nonce,
      rosters: {},
      v: 1,
      ...changes,
    }
    const { payload, signatures } = await signHeads(content, sealKey)
    return encodeCanonical({ payload, signatures })
  }

  async heads(_peerId: string, nonce: string): Promise<Uint8Array> {
    return this.headsWith(nonce)
  }

  async floor(): Promise<HistoryFloor> {
    return { received: 0, settled: 0, rosterVersion: 0 }
  }

  async greeted(bytes: Uint8Array, greeting: Greeting): Promise<Greeted> {
    const heads = parseHeads(parseCanonical(bytes, HEADS_BYTES))
    await this.ponder()
    const { agency } = await verifyHeads(heads, { ...greeting, now: NOW }, this.#trust)
    const place = { sequence: this.#receipted, rosterVersion: 0, charterVersion: 1, sent: [] }
    return { agency, place }
  }

  async next(_agency: string, place: Asked, signal: AbortSignal): Promise<Outgoing | undefined> {
    while (!signal.aborted) {
      const seen = this.#news.count
      const roster = this.#rosters[place.rosterVersion]
      if (roster !== undefined) {
        return { type: 'trust', place: { rosterVersion: place.rosterVersion + 1 }, body: roster }
      }
      const envelope = this.#envelopes[place.sequence]
      if (envelope !== undefined && (place.room ?? 'any') === 'any') {
        return { type: 'envelope', sequence: place.sequence + 1, read: () => this.read(envelope) }
      }
      await this.#news.after(seen, signal)
    }
    return undefined
  }

  async envelope(bytes: Uint8Array): Promise<Uint8Array | undefined> {
    this.#note('envelope', bytes)
    return this.answer(bytes)
  }

  async receipt(bytes: Uint8Array): Promise<void> {
    const oldest = this.#envelopes[this.#receipted]
    const isExpected = oldest !== undefined && digest(receiptOf(oldest)) === digest(bytes)
    if (isExpected) this.#receipted += 1
    this.#note('receipt', bytes)
    if (!isExpected) throw new AmanaError('WIRE_RECEIPT', { reason: 'dispatch' })
  }

  async checkpoint(agency: string): Promise<Uint8Array | undefined> {
    this.#note('checkpoint', encodeUtf8(agency))
    return this.#nextRequest()
  }

  async witness(request: Uint8Array, agency: string): Promise<Uint8Array> {
    this.#note('witness', request)
    return encodeUtf8(`${this.#agency.id} cosigns for ${agency} ${digest(request)}`)
  }

  async cosigned(answer: Uint8Array): Promise<Uint8Array | undefined> {
    this.#note('cosigned', answer)
    return this.#nextRequest()
  }

  async trust(document: Uint8Array): Promise<boolean> {
    this.#note('trust', document)
    return this.isGreetedAnew
  }

  seen(agency: string): void {
    this.#note('seen', encodeUtf8(agency))
    this.onSeen()
  }

  #nextRequest(): Uint8Array | undefined {
    const next = this.requests.shift()
    if (next instanceof Error) throw next
    return next
  }

  #note(what: Call['what'], bytes: Uint8Array): void {
    this.calls.write({ what, digest: digest(bytes) })
  }
}
