/**
 * What a session asks of its node, answered from the node's parts: heads, what is sent next, what arrived.
 *
 * @module
 * @spec docs/spec/08-exchange.md#session
 */
import {
  AmanaError,
  channelName,
  digest,
  DigestSchema,
  encodeCanonical,
  type GeneralJws,
  type HeadsContent,
  isAmanaError,
  isAnyAmanaError,
  parseCanonical,
  parseHeads,
  type Random,
  signHeads,
  type VerifiedRoster,
  verifyHeads,
  WIRE_LIMITS,
} from '@amana/core'
import {
  type Asked,
  type ExchangeDesk,
  type Greeted,
  type Greeting,
  type HistoryFloor,
  type Outgoing,
  type SendPlace,
} from './exchange/session.ts'
import { type NodeEvents } from './events.ts'
import { Wakeup } from './exchange/wakeup.ts'
import { type NodeParts } from './node-parts.ts'
import { type Position } from './records.ts'
import { noteAcknowledged } from './trust/acknowledged.ts'
import { nextOffer } from './trust/offers.ts'
import { isCharter, parseDocument } from './trust/standing.ts'
import { chainOf } from './trust/trust-documents.ts'

const RECEIPT_BYTES = 2 * WIRE_LIMITS.receiptPayloadBytes

/** The desk of one node for its sessions. */
export class PeerDesk implements ExchangeDesk {
  readonly random: Random
  readonly #parts: NodeParts
  readonly #news = new Wakeup()
  readonly #heardAt = new Map<string, number>()
  #heard: (agency: string) => void = () => undefined
  #acknowledged: () => void = () => undefined
  #notWitnessed: NodeEvents['notWitnessed'] = () => undefined

  constructor(parts: NodeParts) {
    this.#parts = parts
    this.random = parts.random
  }

  nowMs(): number {
    return this.#parts.clock.nowMs()
  }

  /** Something may be there to be sent. */
  wake(): void {
    this.#news.wake()
  }

  /** Called whenever something arrived from an agency. */
  onHeard(listener: (agency: string) => void): void {
    this.#heard = listener
  }

  /** Called when an agency said to have a newer own roster. */
  onAcknowledged(listener: () => void): void {
    this.#acknowledged = listener
  }

  /** Called with the size of the own head that an agency did not cosign, and why its answer was refused if it was. */
  onNotWitnessed(listener: NodeEvents['notWitnessed']): void {
    this.#notWitnessed = listener
  }

  /** Seconds since 1970 of the last frame of an agency. */
  heardAt(agency: string): number | undefined {
    return this.#heardAt.get(agency)
  }

  seen(agency: string): void {
    this.#heardAt.set(agency, this.#parts.clock.now())
    this.#heard(agency)
  }

  async heads(_peerId: string, nonce: string): Promise<Uint8Array> {
    const { agency, peerId, clock, keys, trust } = this.#parts
    await trust.settle()
    const peer = trust.peer()
    const view = trust.view()
    const rosters = [agency, peer].map((name) => {
      const roster = view.rosterOf(name)
      return [name, { digest: roster.digest, version: roster.version }] as const
    })
    const content: HeadsContent = {
      channels: {
        [channelName(agency, peer)]: headOf(await this.#parts.outbox.position(peer)),
        [channelName(peer, agency)]: headOf(await this.#parts.inbox.position(peer)),
      },
      charter: { digest: view.charter.digest, version: view.charter.version },
      from: { agency, node: peerId },
      issuedAt: clock.now(),
      nonce,
      ...(trust.sighting === undefined ? {} : { recovery: trust.sighting }),
      rosters: Object.fromEntries(rosters),
      v: 1,
    }
    return encodeJws(await signHeads(content, keys.sealKey))
  }

  async floor(): Promise<HistoryFloor> {
    const { inbox, outbox, trust } = this.#parts
    const peer = trust.peer()
    const { sequence: received } = await inbox.position(peer)
    const rosterVersion = trust.view().rosterOf(peer).version
    return { received, settled: await outbox.settled(peer), rosterVersion }
  }

  async greeted(bytes: Uint8Array, greeting: Greeting): Promise<Greeted> {
    const { clock, trust, outbox } = this.#parts
    const heads = parseHeads(parseCanonical(bytes, 2 * WIRE_LIMITS.headsPayloadBytes))
    const { agency } = await verifyHeads(heads, { ...greeting, now: clock.now() }, trust.view())
    const { charter, recovery, rosters } = heads.content
    this.#assertSameCharter(charter)
    await this.#assertSameHistory(heads.content, agency, greeting.floor)
    if (recovery !== undefined) await trust.seenByPeer(agency, recovery)
    await trust.settle()
    const { digest: known, version: rosterVersion = 0 } = rosters[this.#parts.agency] ?? {}
    if (trust.rosters.some((roster) => roster.digest === known)) {
      await noteAcknowledged(this.#parts, agency, rosterVersion)
      this.#acknowledged()
    }
    const place = {
      sequence: await outbox.settled(agency),
      rosterVersion,
      charterVersion: charter.version,
      sent: [],
      ...(recovery === undefined ? {} : { recovery: recovery.digest }),
    }
    return { agency, place }
  }

  async next(agency: string, asked: Asked, signal: AbortSignal): Promise<Outgoing | undefined> {
    while (!signal.aborted) {
      const seen = this.#news.count
      await this.#parts.trust.settle()
      const next = this.#nextDocument(asked) ?? (await this.#nextEnvelope(agency, asked))
      // it may be sealed under a roster that was adopted meanwhile: before that roster, the peer would refuse it for good
      const first = next?.type === 'envelope' ? (this.#nextDocument(asked) ?? next) : next
      if (first !== undefined) return first
      await this.#news.after(seen, signal)
    }
    return undefined
  }

  async envelope(bytes: Uint8Array, peerId: string): Promise<Uint8Array | undefined> {
    await this.#parts.trust.settle()
    return encodeJws(await this.#parts.inbox.receive(bytes, peerId))
  }

  async receipt(bytes: Uint8Array): Promise<void> {
    await this.#parts.outbox.acceptReceipt(parseCanonical(bytes, RECEIPT_BYTES))
  }

  checkpoint(): Promise<Uint8Array | undefined> {
    return this.#parts.witness.request()
  }

  witness(request: Uint8Array, agency: string): Promise<Uint8Array> {
    return this.#parts.witness.answer(request, agency)
  }

  /** A peer that does not cosign is told of and asked again later: messages go on meanwhile. @throws as `Witness.accept` */
  async cosigned(answer: Uint8Array, agency: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#parts.witness.accept(answer, agency)
    } catch (error) {
      if (!isAmanaError(error, 'AUDIT_NOT_WITNESSED')) throw error
      const { cause, details } = error
      this.#notWitnessed(agency, details.size, isAnyAmanaError(cause) ? cause.code : undefined)
      return undefined
    }
  }

  /**
   * A roster or a charter. What the other side waits to hear of is told in the next greeting: that a recovery is new here,
   * so that its delay can begin, or that new keys of its node are known.
   *
   * @throws WIRE_MEMBER; as `TrustState.adoptRoster` and `TrustState.takeOffered`
   */
  async trust(document: Uint8Array): Promise<boolean> {
    const jws = parseDocument(document)
    const { trust } = this.#parts
    if (!isCharter(jws)) {
      const before = trust.rosters
      const { agency, payload } = await trust.adoptRoster(jws)
      return payload.nodes.some(({ peerId }) => !isListed(before, agency, peerId))
    }
    const before = trust.pending?.recovery.digest
    await trust.takeOffered(jws)
    return trust.pending !== undefined && trust.pending.recovery.digest !== before
  }

  #nextDocument(place: SendPlace): Outgoing | undefined {
    const { agency, trust } = this.#parts
    const offer = nextOffer(trust, agency, place)
    if (offer === undefined) return undefined
    return { type: 'trust', place: offer.place, body: encodeJws(offer.jws) }
  }

  async #nextEnvelope(
    agency: string,
    { mostBytes, room, sequence }: Asked,
  ): Promise<Outgoing | undefined> {
    if (room === 'none') return undefined
    const onlyAtRisk = room === 'life-at-risk'
    const next = await this.#parts.outbox.next(agency, sequence, { mostBytes, onlyAtRisk })
    if (next === undefined) return undefined
    const { sequence: own } = next
    return {
      type: 'envelope',
      sequence: own,
      read: () => this.#parts.outbox.envelopeAt(agency, own),
    }
  }

  /** A charter that both have in its version is one; who has fewer versions gets the others. @throws WIRE_FORK */
  #assertSameCharter({ digest: found, version }: HeadsContent['charter']): void {
    const known = this.#parts.trust.view().charters.find((charter) => charter.version === version)
    if (known !== undefined && known.digest !== found) fork('charter')
  }

  /**
   * What the peer says of both channels and both rosters must be what this side has: else one of the two stores is an older
   * copy, or another history. Nothing is exchanged then.
   *
   * @throws WIRE_FORK, TRUST_ROLLBACK
   */
  async #assertSameHistory(
    { channels, charter, rosters }: HeadsContent,
    peer: string,
    floor: HistoryFloor,
  ): Promise<void> {
    const { agency, trust } = this.#parts
    await this.#assertSent(channels[channelName(agency, peer)] ?? NOTHING, peer, floor)
    await this.#assertReceived(channels[channelName(peer, agency)] ?? NOTHING, peer, floor)
    if (this.#isSameChain(peer, charter.version)) {
      assertNotOlder(rosters[peer], this.#rosterAt(peer, floor.rosterVersion))
    }
    if (this.#isSameChain(agency, charter.version)) {
      assertNotOlder(trust.view().rosterOf(agency), rosters[agency])
    }
  }

  /** Whether an agency's rosters are counted at the peer, under its charter, as they are here. */
  #isSameChain(agency: string, version: number): boolean {
    const { charters } = this.#parts.trust.view()
    const until = charters.findIndex((charter) => charter.version === version) + 1
    return until > 0 && chainOf(charters.slice(0, until), agency) === chainOf(charters, agency)
  }

  /** What the peer placed last, this side made; and all that the peer ever gave the last word on is there. */
  async #assertSent(placed: ChannelHead, peer: string, { settled }: HistoryFloor): Promise<void> {
    const { outbox } = this.#parts
    if (placed.sequence < settled) fork('channel sent')
    if (placed.sequence === 0) return
    const own = await outbox.position(peer)
    const dispatch = await outbox.dispatchAt(peer, placed.sequence)
    if (placed.sequence > own.sequence || dispatch?.digest !== placed.digest) fork('channel sent')
  }

  /** What the peer made last is no less than this side has, and the same where both have it. */
  async #assertReceived(
    made: ChannelHead,
    peer: string,
    { received }: HistoryFloor,
  ): Promise<void> {
    const placed = await this.#parts.inbox.dispatchAt(peer, made.sequence)
    const isOther = placed !== undefined && placed.digest !== made.digest
    if (made.sequence < received || isOther) fork('channel received')
  }

  #rosterAt(agency: string, version: number): RosterPlace | undefined {
    return this.#parts.trust.rosters.find(
      (roster) => roster.agency === agency && roster.version === version,
    )
  }
}

/** Whether some roster of the agency lists that node. */
function isListed(rosters: readonly VerifiedRoster[], agency: string, peerId: string): boolean {
  return rosters
    .filter((roster) => roster.agency === agency)
    .some(({ payload }) => payload.nodes.some((node) => node.peerId === peerId))
}

/** A channel that heads do not name. */
const NOTHING: ChannelHead = { digest: digest(''), sequence: 0 }

type ChannelHead = HeadsContent['channels'][string]
type RosterPlace = HeadsContent['rosters'][string]

/** An agency’s own roster is the one that the other knows of it, or a later one. @throws TRUST_ROLLBACK, WIRE_FORK */
function assertNotOlder(own: RosterPlace | undefined, known: RosterPlace | undefined): void {
  if (known === undefined) return
  const found = own?.version ?? 0
  if (found < known.version) {
    throw new AmanaError('TRUST_ROLLBACK', { document: 'roster', found, known: known.version })
  }
  if (found === known.version && own?.digest !== known.digest) fork('roster')
}

function fork(what: string): never {
  throw new AmanaError('WIRE_FORK', { what })
}

function headOf(position: Position): ChannelHead {
  return { digest: DigestSchema.parse(position.digest), sequence: position.sequence }
}

function encodeJws({ payload, signatures }: GeneralJws): Uint8Array {
  return encodeCanonical({ payload, signatures })
}
