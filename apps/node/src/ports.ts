/**
 * What the parts of the node know of each other: narrow interfaces, wired in `node.ts` and nowhere else.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */

/** Instants: whole seconds on the wire, milliseconds in the audit log. One source for both. */
export interface NodeClock {
  /** Seconds since 1970-01-01T00:00:00Z, rounded down. */
  now(): number
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  nowMs(): number
}

/** Waiting, as a parameter: tests turn the clock instead of sleeping. */
export interface Timer {
  /** Resolves after `ms` milliseconds, or at once when `signal` fires. */
  wait(ms: number, signal: AbortSignal): Promise<void>
  /** A signal that fires after `ms` milliseconds. */
  deadline(ms: number): AbortSignal
}

/** One write of an atomic batch. Keys are ids and numbers, never clear text of a message. */
export type StoreWrite =
  | {
      readonly type: 'put'
      readonly space: string
      readonly key: string
      readonly value: Uint8Array
    }
  | { readonly type: 'del'; readonly space: string; readonly key: string }

/** Bounds of an ordered scan inside one space; keys sort by their UTF-8 bytes. */
export interface StoreRange {
  readonly space: string
  readonly gte?: string
  readonly lt?: string
  readonly reverse?: boolean
  /** At most this many rows. */
  readonly limit: number
}

/** What carries a frame where it is no link; the log says which. */
export type Carrier = 'file' | 'mailbox'

/** Types of frames that are carried, in the order in which they are taken in: what is trusted first, what rests on it after. */
export const CARRIED_TYPES = [
  'trust',
  'receipt',
  'witness',
  'pieces',
  'envelope',
  'checkpoint',
  'range',
] as const

/** A type of frame that is carried. */
export type CarriedType = (typeof CARRIED_TYPES)[number]

/** What a visit to a mailbox did. */
export interface MailboxVisit {
  readonly fetched: number
  /** Of them. */
  readonly refused: number
  readonly left: number
}

/** The store behind the node: ordered ranges, atomic synced batches, values encrypted under the store key. */
export interface Store {
  get(space: string, key: string): Promise<Uint8Array | undefined>
  /** Rows in key order, read from one snapshot. */
  range(range: StoreRange): Promise<readonly { readonly key: string; readonly value: Uint8Array }[]>
  /** The keys of such rows alone. */
  keys(range: StoreRange): Promise<readonly string[]>
  /** All writes or none, on disk when the promise resolves. @throws STORE_WRITE */
  batch(writes: readonly StoreWrite[]): Promise<void>
  /** Rewrites the files of some spaces: what was deleted or written over lies in none of them afterwards. @throws STORE_WRITE */
  compact(spaces: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** A leaf to be appended; the writer assigns index, sequence, previous and time. */
export interface AuditEvent {
  readonly event: string
  readonly actor: string
  readonly data: Readonly<Record<string, unknown>>
  /** Digests of what it commits to outside the log. */
  readonly sd?: readonly string[]
}

/** Where a leaf ended up, once it is durable. */
export interface AppendedLeaf {
  readonly index: number
  /** The class counter: what receipts name. */
  readonly sequence: number
  /** base64url of the RFC 6962 leaf hash. */
  readonly hash: string
}

/** What the caller of `commit` wants written with its leaves; receipts need the places of their own leaves first. */
export interface CommitPlan {
  readonly events: readonly AuditEvent[]
  /** Business writes of the same batch, made when the leaves of `events` have their places; may add further leaves. */
  readonly writes: (
    leaves: readonly AppendedLeaf[],
  ) => Promise<{ readonly writes: readonly StoreWrite[]; readonly events: readonly AuditEvent[] }>
}

/** The one writer of the log (decisions: the store and the log change together or not at all). */
export interface AuditWriter {
  /** Resolves when leaves and writes are durable in one synced batch. Any store error poisons the writer. @throws STORE_WRITE */
  commit(plan: CommitPlan): Promise<readonly AppendedLeaf[]>
  /** Number of leaves, and the root over them. */
  head(): { readonly size: number; readonly root: Uint8Array }
  /** The newest checkpoint, signed by the log's Ed25519 key over the durable head. */
  checkpoint(): Promise<string>
  /** Leaf bytes in index order. */
  leaves(from: number, to: number): Promise<readonly Uint8Array[]>
  consistencyProof(from: number, to: number): Promise<readonly Uint8Array[]>
  inclusionProof(index: number, size: number): Promise<readonly Uint8Array[]>
}

/** One authenticated session with a peer: whole frames, in order, with back-pressure. */
export interface LinkSession {
  readonly peerId: string
  /** True where this side dialled. */
  readonly initiator: boolean
  /** Resolves when the transport took the frame. @throws NET_CLOSED, NET_TIMEOUT */
  send(frame: Uint8Array, signal?: AbortSignal): Promise<void>
  /** The next frame, or null when the other side ended at a frame boundary. @throws NET_CLOSED, NET_FRAME */
  receive(signal?: AbortSignal): Promise<Uint8Array | null>
  /** Ends both directions. Frames that the other side has not taken by then may be lost to it. */
  close(): Promise<void>
}

/** The transport. libp2p is its one adapter; nothing else of the node knows libp2p. */
export interface Link {
  readonly peerId: string
  /** Addresses on which this node listens, with its peer id. */
  addresses(): readonly string[]
  /** @throws NET_UNREACHABLE, NET_TIMEOUT */
  dial(peerId: string, addresses: readonly string[], signal: AbortSignal): Promise<LinkSession>
  /** Called for each session that a roster peer opened. */
  onSession(accept: (session: LinkSession) => void): void
  /** Peers that may connect now; others are cut after the handshake, open ones are hung up. */
  allow(peerIds: ReadonlySet<string>): Promise<void>
  close(): Promise<void>
}

/** Streams for attachments, over the connection of an open session. Their ends end no session. */
export interface BlobLink {
  /** @throws NET_UNREACHABLE where no connection to any of these peers is open, NET_TIMEOUT */
  openBlobs(peerIds: readonly string[], signal: AbortSignal): Promise<LinkSession>
  /** Called for each such stream that a roster peer opened. */
  onBlobs(accept: (frames: LinkSession) => void): void
}
