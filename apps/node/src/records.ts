/**
 * What the node keeps, record by record: schemas, keys and their encoding. Values are encrypted below this file.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */
import {
  AmanaError,
  DESK_ROLES,
  encodeCanonical,
  type Json,
  parseCanonical,
  SealedGroupSchema,
} from '@amana/core'
import { z } from 'zod'
import { type Store, type StoreRange, type StoreWrite } from './ports.ts'

const DigestText = z.string().length(43)
const JwsSchema = z.strictObject({
  payload: z.string(),
  signatures: z.array(z.strictObject({ protected: z.string(), signature: z.string() })),
})
const OpeningSchema = z.strictObject({
  groups: z.record(z.string(), z.strictObject({ seed: z.string(), value: z.json() })),
  salt: z.string(),
  withheld: z.record(z.string(), DigestText),
})

/** A body at rest: digests of the groups that lie sealed, that wait for a reader, and that never came here. */
const AtRestSchema = z.strictObject({
  salt: z.string(),
  sealed: z.record(z.string(), DigestText),
  waiting: z.record(z.string(), DigestText),
  withheld: z.record(z.string(), DigestText),
})

const SignerSchema = z.strictObject({
  act: z.enum(['author', 'approve']),
  agency: z.string(),
  keyId: z.string(),
  officer: z.string(),
  organisation: z.string(),
  roles: z.array(z.string()),
})

/** No kind has more groups. */
const MOST_GROUPS = 32

/** Officers who do not read a group any more: the last of them. */
export const MOST_LEFT = 64

/** Why a sender takes a statement back. */
export const WITHDRAWAL_REASONS = ['consent', 'erased', 'lost', 'mistake'] as const

/** How a statement stands at one desk. */
const DELIVERY = {
  desk: z.string(),
  dispatch: z.exactOptional(DigestText),
  receipt: z.exactOptional(DigestText),
  /** The class that the peer told, or the own code. */
  refusal: z.exactOptional(z.string()),
  state: z.enum(['queued', 'sent', 'stored', 'opened', 'refused', 'held', 'received', 'withdrawn']),
  /** Its dispatch was voided for this desk alone. */
  takenBack: z.exactOptional(z.literal(true)),
}
const DeliverySchema = z.strictObject(DELIVERY)

/** A statement that this agency signed or received, with the opening of the groups that it may see. */
export const StatementRecordSchema = z.strictObject({
  ...DELIVERY,
  /** Absent as long as no officer of the own agency has an encryption key. */
  atRest: z.exactOptional(AtRestSchema),
  /** The files that a body at rest names, without their keys and names; `settled` once the node needs no key for it. */
  attachments: z.exactOptional(
    z.array(
      z.strictObject({
        digest: DigestText,
        group: z.string(),
        length: z.int().min(1),
        media: z.string(),
        settled: z.exactOptional(z.literal(true)),
      }),
    ),
  ),
  direction: z.enum(['in', 'out']),
  digest: DigestText,
  /** Groups that were destroyed here; their digests stay in `atRest.sealed` or `opening.withheld`. */
  erased: z.exactOptional(z.array(z.string()).max(MOST_GROUPS)),
  /** How it stands at further desks; none of them is the desk above. */
  further: z.exactOptional(z.array(DeliverySchema)),
  /** What the machine needs of a body that lies sealed. */
  facts: z.exactOptional(z.record(z.string(), z.record(z.string(), z.json()))),
  /**
   * Absent where the statement was refused before its body was opened. Of a body at rest: all of it until the last receipt
   * of an own statement, then groups that no officer reads.
   */
  opening: z.exactOptional(OpeningSchema),
  peer: z.string(),
  signers: z.array(SignerSchema),
  statement: JwsSchema,
  /** Why the own officers took it back, also where that came too late. */
  withdrawal: z.exactOptional(z.enum(WITHDRAWAL_REASONS)),
})

/** A dispatch of the own channel; the envelope, sealed or void, is dropped when the final receipt is durable. */
export const OutRecordSchema = z.strictObject({
  desk: z.string(),
  digest: DigestText,
  dispatch: JwsSchema,
  envelope: z.exactOptional(z.string()),
  /** That no receipt came in time stands in the log. */
  expired: z.exactOptional(z.literal(true)),
  /** Of its statements: 0 to 2, the most urgent first. */
  rank: z.exactOptional(z.int().min(0).max(2)),
  receipt: z.exactOptional(JwsSchema),
  sentAt: z.int(),
  sequence: z.int().min(1),
  statements: z.array(DigestText),
  tries: z.int().min(0),
  /** Signed with the dispatch: the key may be gone when it is needed. Absent once the final receipt is durable. */
  void: z.exactOptional(JwsSchema),
})

/** A dispatch of the peer's channel and the receipt that answers it, byte for byte the same on a replay. */
export const InRecordSchema = z.strictObject({
  digest: DigestText,
  dispatch: JwsSchema,
  /** For a partner desk, until the sender has its answer: base64url. */
  envelope: z.exactOptional(z.string()),
  receipt: JwsSchema,
  sentAt: z.int(),
  sequence: z.int().min(1),
  statements: z.array(DigestText),
})

/** A statement that waits for its dispatch. */
export const QueueRecordSchema = z.strictObject({
  desk: z.string(),
  digest: DigestText,
  /** What the desk was when an officer asked for it, and so what it may be sent of the statement. */
  external: z.boolean(),
  peer: z.string(),
  roles: z.array(z.enum(DESK_ROLES)),
})

/** A sealed file that a statement names. */
export const AttachmentRecordSchema = z.strictObject({
  /** Why it is not what the statement says. */
  code: z.exactOptional(z.string()),
  direction: z.enum(['in', 'out']),
  /** The other agency has begun to fetch it. */
  fetched: z.exactOptional(z.literal(true)),
  length: z.int().min(1),
  /** Of an own one, as the peer's node said by a carrier: gaps, none where it wants nothing of it. */
  missing: z.exactOptional(z.array(z.tuple([z.int().min(0), z.int().min(0)]))),
  peer: z.string(),
  /** Of one that is to be fetched: 0 to 2, the most urgent first. */
  rank: z.exactOptional(z.int().min(0).max(2)),
  state: z.enum(['waits', 'whole', 'unfit']),
})

/** What went over the line to a peer on the newest day, and how fast it was when that was last measured. */
export const TrafficRecordSchema = z.strictObject({
  bytes: z.int().min(0),
  bytesPerSecond: z.exactOptional(z.int().min(1)),
  /** Days since 1970 in UTC. */
  day: z.int().min(0),
})

/** What an officer of a partner desk answered for a statement. */
export const AnswerRecordSchema = z.strictObject({
  /** The statement by which she did. */
  digest: DigestText,
  /** Whether both agencies have it. */
  isFinal: z.boolean(),
  refusal: z.exactOptional(z.string()),
  result: z.enum(['opened', 'refused']),
})

/** What officers of the receiver signed of a message, or a step that answers it. */
export const StageRecordSchema = z.strictObject({
  /** Of the statement that says so, in seconds since 1970. */
  at: z.int(),
  digest: DigestText,
  /** Whether both agencies have it. */
  isFinal: z.boolean(),
  /** A step that answers the message, and no receipt. */
  isStep: z.exactOptional(z.literal(true)),
})

/** A group at rest, and who read it before and does not any more. */
export const GroupRecordSchema = SealedGroupSchema.extend({
  left: z.exactOptional(z.array(z.string()).max(MOST_LEFT)),
})

/** A position in a channel: the last dispatch made or placed. */
export const PositionSchema = z.strictObject({
  /** The highest of the other direction that it acknowledged. */
  acknowledged: z.int().min(0),
  /** Of the channel in: the newest version of the charter that it named. */
  charterVersion: z.exactOptional(z.int().min(1)),
  digest: DigestText,
  sentAt: z.int(),
  sequence: z.int().min(0),
})

/** What this node cosigned last for a log, and its note. */
export const WitnessRecordSchema = z.strictObject({
  note: z.string(),
  root: z.string(),
  size: z.int().min(0),
})

/** Why a log of the peer is not cosigned: the file of evidence, since when, and when it has shown a proof after all. */
export const ConflictRecordSchema = z.strictObject({
  answeredAt: z.exactOptional(z.int()),
  evidence: z.string(),
  since: z.int(),
})

/** A round of the scrub: leaves before `at` of `to` were read again. Instants in seconds since 1970. */
export const ScrubRecordSchema = z.strictObject({
  at: z.int().min(0),
  /** Leaves that do not lead to the stored hashes: the log does not open as long as they do not. */
  damaged: z.exactOptional(z.strictObject({ from: z.int().min(0), to: z.int().min(1) })),
  endedAt: z.exactOptional(z.int()),
  isWhole: z.boolean(),
  startedAt: z.int(),
  to: z.int().min(1),
})

/** A signed document of trust as it was received. */
export const TrustRecordSchema = z.strictObject({ document: z.json() })

/** An officer whose pseudonym the log binds to him: what it committed to, by its digest. */
export const ActorRecordSchema = z.strictObject({
  facts: DigestText,
  /** Of the newest `g.actor` leaf. */
  index: z.int().min(0),
})

/** An opening against the usual rule that nobody has judged yet. */
export const ReviewRecordSchema = z.strictObject({
  actor: z.string(),
  /** Milliseconds since 1970. */
  openedAt: z.int(),
  statement: DigestText,
  year: z.int(),
})

/** The request to cosign that went by a carrier and has no answer yet; or from where the next one goes on. */
export const CarriedRequestSchema = z.union([
  z.strictObject({
    at: z.int(),
    note: z.string(),
    oldSize: z.int().min(1),
    request: z.string(),
    size: z.int().min(1),
  }),
  z.strictObject({ from: z.int().min(1) }),
])

/** The answer to a checkpoint that a carrier brought: base64url. */
export const CarriedAnswerSchema = z.strictObject({
  answer: z.string(),
  at: z.int(),
  isCosigned: z.boolean(),
})

/** What a hold rests on, and what an erasure does: members of their leaves. */
export const HOLD_BASES = ['court-order', 'data-subject', 'investigation', 'prosecution'] as const
export const ERASURE_BASES = ['court-order', 'data-subject', 'mistake', 'retention'] as const

/** Something that must not be erased. */
export const HoldRecordSchema = z.strictObject({
  basis: z.enum(HOLD_BASES),
  /** The office that asks for it. */
  by: z.string(),
  /** Hash of the `g.hold` leaf. */
  leaf: DigestText,
  reason: z.string(),
  /** The whole referral of the statement, or this statement alone. */
  scope: z.enum(['message', 'referral']),
  setAt: z.int(),
  /** `YYYY-MM-DD`: when somebody looks at it again. It stands until it is lifted. */
  until: z.string(),
})

/** An erasure that has begun; without `done` it goes on at the next start. */
export const ErasureRecordSchema = z.strictObject({
  basis: z.enum(ERASURE_BASES),
  /** Instant in seconds, and the hash of the `g.erased` leaf. */
  done: z.exactOptional(z.strictObject({ at: z.int(), hash: DigestText })),
  groups: z.array(z.string()).max(MOST_GROUPS),
  /** Of the `g.erasure` leaf. */
  leaf: z.int().min(0),
  statement: DigestText,
})

/** States in which a referral has ended. */
export const ENDS = ['cancelled', 'closed', 'declined', 'expired'] as const

/** How a referral had ended when something of it was erased: its statements do not tell it any more. */
export const EndedRecordSchema = z.strictObject({
  /** Seconds since 1970. */
  endedAt: z.int(),
  handedOverAt: z.exactOptional(z.int()),
  state: z.enum(ENDS),
})

export interface HoldRecord extends z.output<typeof HoldRecordSchema> {}
export interface ErasureRecord extends z.output<typeof ErasureRecordSchema> {}
export interface EndedRecord extends z.output<typeof EndedRecordSchema> {}
export interface ReviewRecord extends z.output<typeof ReviewRecordSchema> {}
export interface StatementRecord extends z.output<typeof StatementRecordSchema> {}
/** How a statement stands at one desk. */
export interface Delivery extends z.output<typeof DeliverySchema> {}
export type WithdrawalReason = (typeof WITHDRAWAL_REASONS)[number]
export interface OutRecord extends z.output<typeof OutRecordSchema> {}
export interface InRecord extends z.output<typeof InRecordSchema> {}
export interface QueueRecord extends z.output<typeof QueueRecordSchema> {}
export interface ConflictRecord extends z.output<typeof ConflictRecordSchema> {}
export interface ScrubRecord extends z.output<typeof ScrubRecordSchema> {}
export interface StageRecord extends z.output<typeof StageRecordSchema> {}
export interface AnswerRecord extends z.output<typeof AnswerRecordSchema> {}
export interface AttachmentRecord extends z.output<typeof AttachmentRecordSchema> {}
export interface TrafficRecord extends z.output<typeof TrafficRecordSchema> {}
export interface GroupRecord extends z.output<typeof GroupRecordSchema> {}
export interface Position extends z.output<typeof PositionSchema> {}

/** A kind of record: its space in the store and its schema. */
export interface RecordKind<T> {
  readonly space: string
  readonly schema: z.ZodType<T>
}

/** The spaces of the store that hold business records. */
export const RECORDS = {
  /** by statement digest */
  statement: { space: 'statement', schema: StatementRecordSchema },
  /** a statement under signatures that its record does not keep for good, by its digest and that of the signatures */
  signed: { space: 'signed', schema: z.strictObject({ statement: JwsSchema }) },
  /** by statement and group: sealed for officers */
  group: { space: 'group', schema: GroupRecordSchema },
  /** by statement and partner desk */
  answer: { space: 'answer', schema: AnswerRecordSchema },
  /** by statement and stage */
  stage: { space: 'stage', schema: StageRecordSchema },
  /** own statements that the peer opened and of which its officers owe a word, by their digest */
  owed: { space: 'owed', schema: z.strictObject({}) },
  /** by peer and sequence */
  out: { space: 'out', schema: OutRecordSchema },
  /** by peer and sequence */
  in: { space: 'in', schema: InRecordSchema },
  /** receipts that held a statement back and were followed by another, by their digest */
  replaced: { space: 'replaced', schema: z.strictObject({ receipt: JwsSchema }) },
  /** the first signed object that contradicts one of `in` or `out`, by `in/` or `out/` and its key */
  fork: { space: 'fork', schema: z.strictObject({ signed: JwsSchema }) },
  /** where a dispatch lies, by its digest: the key in `out` or `in` */
  dispatch: { space: 'dispatch', schema: z.strictObject({ key: z.string() }) },
  /** by peer and sequence: an envelope that a carrier brought, so that its receipt goes by carriers too; when, in seconds */
  carried: { space: 'carried', schema: z.strictObject({ at: z.int() }) },
  /** by peer and sequence: an envelope that a carrier brought and that waits for those before it: base64url */
  held: { space: 'held', schema: z.strictObject({ envelope: z.string() }) },
  /** by digest of an attachment of the peer of which a carrier brought something: when, in seconds */
  pieced: { space: 'pieced', schema: z.strictObject({ at: z.int() }) },
  /** by peer id of a mailbox and what was left there: when, in seconds */
  left: { space: 'left', schema: z.strictObject({ at: z.int() }) },
  /** by peer */
  carriedRequest: { space: 'asked', schema: CarriedRequestSchema },
  /** by peer */
  carriedAnswer: { space: 'answered', schema: CarriedAnswerSchema },
  /** numbers that count up, by what they count */
  counter: { space: 'counter', schema: z.strictObject({ last: z.int().min(0) }) },
  /** by peer, urgency and order of submission */
  queue: { space: 'queue', schema: QueueRecordSchema },
  /** by digest of the sealed file and digest of a statement that names it */
  attachment: { space: 'attachment', schema: AttachmentRecordSchema },
  /** attachments to be fetched: by peer, what an officer said, urgency, size, digest and statement */
  wanted: {
    space: 'wanted',
    schema: z.strictObject({ digest: DigestText, statement: DigestText }),
  },
  /** `line` */
  traffic: { space: 'traffic', schema: TrafficRecordSchema },
  /** by `in/<peer>` and `out/<peer>` */
  position: { space: 'position', schema: PositionSchema },
  /** by log origin: what was cosigned last */
  witness: { space: 'witness', schema: WitnessRecordSchema },
  /** by `fork/` or `unproven/` and log origin: the first head that contradicts what was cosigned */
  conflict: { space: 'conflict', schema: ConflictRecordSchema },
  /** agreements on a new log, by its name */
  epoch: { space: 'epoch', schema: z.strictObject({ agreement: JwsSchema, before: z.string() }) },
  /** `round`: how far the log was read again */
  scrub: { space: 'scrub', schema: ScrubRecordSchema },
  /** signed notes of the peer's log that this node cosigned, by their digest */
  witnessed: { space: 'witnessed', schema: z.strictObject({ note: z.string() }) },
  /** cosigned notes of the own log, by size and instant of the cosignature; when the own clock saw it */
  note: {
    space: 'note',
    schema: z.strictObject({ note: z.string(), takenAt: z.int().min(0) }),
  },
  /** by path, see `trust/trust-state.ts` */
  trust: { space: 'trust', schema: TrustRecordSchema },
  /** statements in the order in which they came, by a counter */
  order: { space: 'order', schema: z.strictObject({ digest: DigestText }) },
  /** statements of one referral in that order, by a keyed hash of the reference and the counter */
  referral: { space: 'referral', schema: z.strictObject({ digest: DigestText }) },
  /** statements about a person’s rights in the order in which they came, by the counter of `order` */
  rights: { space: 'rights', schema: z.strictObject({ digest: DigestText }) },
  /** by statement digest */
  hold: { space: 'hold', schema: HoldRecordSchema },
  /** by the order’s digest or `retention`, and the index of the leaf */
  erasure: { space: 'erasure', schema: ErasureRecordSchema },
  /** by a keyed hash of the reference */
  ended: { space: 'ended', schema: EndedRecordSchema },
  /** what the pseudonyms and disclosures of a year hang on, by the year: without it nobody can lead them back */
  year: { space: 'year', schema: z.strictObject({ secret: DigestText }) },
  /** by pseudonym */
  actor: { space: 'actor', schema: ActorRecordSchema },
  /** what a leaf committed to, sealed under a key of its year, by index of the leaf and digest */
  disclosure: {
    space: 'disclosure',
    schema: z.strictObject({ sealed: z.string(), year: z.int() }),
  },
  /** by index of the `a.open` leaf */
  review: { space: 'review', schema: ReviewRecordSchema },
  /** issuer and message id of every statement seen, to its digest: one id, one statement */
  identity: { space: 'identity', schema: z.strictObject({ digest: DigestText }) },
} as const

const RECORD_BYTES = 8 * 1024 * 1024
const SEQUENCE_DIGITS = 16
/** Some megabytes at a time. */
const PAGE_ROWS = 1000

/** The key of a place in a channel: sorts by number. */
export function sequenceKey(peer: string, sequence: number): string {
  return `${peer}/${orderKey(sequence)}`
}

/** A counter that sorts by number. */
export function orderKey(counter: number): string {
  return String(counter).padStart(SEQUENCE_DIGITS, '0')
}

/** A write of one record. */
export function putRecord<T extends Json>(kind: RecordKind<T>, key: string, value: T): StoreWrite {
  return { type: 'put', space: kind.space, key, value: encodeCanonical(value) }
}

/** The write that keeps what contradicts a dispatch or receipt; none where something is kept already. @throws STORE_DAMAGED */
export async function forkWrites(
  store: Store,
  key: string,
  signed: z.output<typeof JwsSchema>,
): Promise<readonly StoreWrite[]> {
  const known = await getRecord(store, RECORDS.fork, key)
  return known === undefined ? [putRecord(RECORDS.fork, key, { signed })] : []
}

/** A deletion of one record. */
export function deleteRecord(kind: { readonly space: string }, key: string): StoreWrite {
  return { type: 'del', space: kind.space, key }
}

/** Reads one record. @throws STORE_DAMAGED when what lies there is not of its schema */
export async function getRecord<T>(
  store: Store,
  kind: RecordKind<T>,
  key: string,
): Promise<T | undefined> {
  const value = await store.get(kind.space, key)
  return value === undefined ? undefined : decodeRecord(kind, value)
}

/** Reads records in key order. @throws STORE_DAMAGED */
export async function listRecords<T>(
  store: Store,
  kind: RecordKind<T>,
  range: Omit<StoreRange, 'space'>,
): Promise<readonly { readonly key: string; readonly value: T }[]> {
  const rows = await store.range({ ...range, space: kind.space })
  return rows.map(({ key, value }) => ({ key, value: decodeRecord(kind, value) }))
}

/**
 * Every record of a range in key order, read page by page: a list that ended early would be a wrong answer.
 *
 * @throws STORE_DAMAGED
 */
export async function allRecords<T>(
  store: Store,
  kind: RecordKind<T>,
  range: Pick<StoreRange, 'gte' | 'lt'>,
): Promise<readonly { readonly key: string; readonly value: T }[]> {
  const all: { readonly key: string; readonly value: T }[] = []
  for (let next = range; ;) {
    const rows = await listRecords(store, kind, { ...next, limit: PAGE_ROWS })
    all.push(...rows)
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE_ROWS) return all
    next = { ...range, gte: `${last.key}\0` }
  }
}

/**
 * Every record of a kind in key order, with few of them in memory at a time.
 *
 * @yields rows with their keys
 * @throws STORE_DAMAGED
 */
export async function* eachRecord<T>(
  store: Store,
  kind: RecordKind<T>,
  { after, limit }: { readonly limit: number; readonly after?: string | undefined },
): AsyncGenerator<{ readonly key: string; readonly value: T }> {
  for (let gte = after === undefined ? '' : `${after}\0`; ;) {
    const rows = await listRecords(store, kind, { gte, limit })
    yield* rows
    if (rows.length < limit) return
    gte = `${rows.at(-1)?.key ?? ''}\0`
  }
}

function decodeRecord<T>({ schema, space }: RecordKind<T>, bytes: Uint8Array): T {
  const parsed = schema.safeParse(parseRecord(space, bytes))
  if (!parsed.success) throw new AmanaError('STORE_DAMAGED', { space })
  return parsed.data
}

/** What cannot be read here is our own fault, never a peer's: it must not look like something that arrived. */
function parseRecord(space: string, bytes: Uint8Array): Json {
  try {
    return parseCanonical(bytes, RECORD_BYTES)
  } catch (cause) {
    throw new AmanaError('STORE_DAMAGED', { space }, { cause })
  }
}
