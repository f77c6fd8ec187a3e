/**
 * From what waits in the queue to the next dispatch of the channel.
 *
 * @module
 * @spec docs/spec/08-exchange.md#outbox
 */
import {
  AmanaError,
  ATTACHMENT_LIMITS,
  buildEnvelope,
  channelName,
  deskIn,
  type Digest,
  DigestSchema,
  encodeBase64url,
  encodeCanonical,
  type ErrorCode,
  isAnyAmanaError,
  type LockReason,
  parseOpening,
  parseStatement,
  type PrivateKey,
  type Random,
  type ReadingDesk,
  type SignedStatement,
  signVoid,
  type TrustView,
  WIRE_LIMITS,
} from '@amana/core'
import {
  type OutRecord,
  type Position,
  type QueueRecord,
  type StatementRecord,
} from '../records.ts'
import { rankIn, urgencyPart } from './queue-keys.ts'
import { type StatementLedger } from '../statements/statement-ledger.ts'
import { attachmentsIn } from '../statements/statement-values.ts'
import { contextOf } from '../statements/trust-context.ts'

/** A statement of a batch, with its place in the queue. */
export interface Queued {
  readonly key: string
  readonly desk: string
  /** The desk when an officer asked for it. */
  readonly asked: ReadingDesk
  readonly record: StatementRecord
}

/** A row of the queue. */
export interface QueueRow {
  readonly key: string
  readonly value: QueueRecord
}

/** Whether two rows are for one desk, and that was the same when each was asked for. */
export function isSameReader(one: QueueRecord, other: QueueRecord): boolean {
  return one.desk === other.desk && isSameRow(askedOf(one), askedOf(other))
}

function askedOf({ desk: id, external, roles }: QueueRecord): ReadingDesk {
  return { external, id, roles }
}

function isSameRow(one: ReadingDesk, other: ReadingDesk): boolean {
  return one.external === other.external && one.roles.join(' ') === other.roles.join(' ')
}

/** What a batch is made from. */
export interface Batching {
  readonly ledger: StatementLedger
  /** Why something may not leave for the desk that it waits for, by what is known now. */
  readonly lockOf: (record: StatementRecord, desk: ReadingDesk) => Promise<LockReason | undefined>
  /** Keys of rows that may not: they are added here and left where they are. */
  readonly locked: Set<string>
  /** One statement goes in any case. */
  readonly mostBytes?: number | undefined
}

/** What waits for one desk, up to what one dispatch may carry; nothing where all of it is locked. @throws STORE_DAMAGED */
export async function batchOf(
  rows: readonly QueueRow[],
  { ledger, locked, lockOf, mostBytes = WIRE_LIMITS.batchBytes }: Batching,
): Promise<readonly Queued[]> {
  const [first] = rows
  const batch: Queued[] = []
  let load = { attachments: 0, disclosures: 0, sizeBytes: 0 }
  for (const { key, value } of rows) {
    const isOther = first === undefined || !goTogether(first, { key, value })
    if (isOther || batch.length === WIRE_LIMITS.statementsPerDispatch) break
    const record = await ledger.get(value.digest)
    if (record === undefined) throw new AmanaError('STORE_DAMAGED', { space: 'queue' })
    if ((await lockOf(record, askedOf(value))) !== undefined) {
      locked.add(key)
      continue
    }
    load = loaded(load, record)
    if (batch.length > 0 && isFull(load, mostBytes)) break
    batch.push({ key, desk: value.desk, asked: askedOf(value), record })
  }
  return batch
}

/** For one desk, and of one urgency: what is about lives at risk carries nothing else. */
function goTogether(one: QueueRow, other: QueueRow): boolean {
  return isSameReader(one.value, other.value) && urgencyPart(one.key) === urgencyPart(other.key)
}

interface BatchLoad {
  readonly attachments: number
  readonly disclosures: number
  readonly sizeBytes: number
}

function loaded(load: BatchLoad, record: StatementRecord): BatchLoad {
  return {
    attachments: load.attachments + attachmentsIn(record).length,
    disclosures: load.disclosures + valuesIn(record.opening),
    sizeBytes: load.sizeBytes + estimatedBytes(record),
  }
}

function isFull({ attachments, disclosures, sizeBytes }: BatchLoad, mostBytes: number): boolean {
  return (
    sizeBytes > Math.min(mostBytes, WIRE_LIMITS.batchBytes) ||
    disclosures > WIRE_LIMITS.disclosuresPerDispatch ||
    attachments > ATTACHMENT_LIMITS.perDispatch
  )
}

/** Whether what stands in the way may pass: a newer roster, another key, a clock that is right again. */
export function mayPass(code: ErrorCode): boolean {
  return code.startsWith('TRUST_') || PASSING.has(code)
}

/** The code of what may pass; anything else is thrown on. */
export function passing(error: unknown): ErrorCode {
  if (isAnyAmanaError(error) && mayPass(error.code)) return error.code
  throw error
}

const PASSING: ReadonlySet<ErrorCode> = new Set([
  'AUDIT_UNWITNESSED',
  'WIRE_KEY_EXPIRED',
  'WIRE_KEY_REVOKED',
  'WIRE_KID_UNKNOWN',
  'WIRE_TIME_FUTURE',
])

/** What a dispatch is made of. */
export interface Sealing {
  readonly agency: string
  readonly peerId: string
  readonly peer: string
  readonly batch: readonly Queued[]
  readonly trust: TrustView
  readonly sealKey: PrivateKey<'Ed25519'>
  readonly random: Random
  /** The last dispatch of the own channel. */
  readonly position: Position
  /** The last dispatch placed in the other direction. */
  readonly placed: Position | undefined
  /** Seconds since 1970. */
  readonly now: number
}

/**
 * Seals the batch for its desk and signs the dispatch; its first try is counted.
 *
 * @throws TRUST_DESK_ROLES when the desk is another one than an officer asked for
 * @throws TRUST_DESK, TRUST_NO_ROSTER, TRUST_EXPIRED, WIRE_KEY_EXPIRED, WIRE_KEY_REVOKED, WIRE_KID_UNKNOWN when trust does
 * not allow it now
 * @throws WIRE_TIME_FUTURE when the dispatch before is dated by a clock that was ahead: the peer would refuse this one
 * @throws as `buildEnvelope`
 */
export async function sealBatch(sealing: Sealing): Promise<OutRecord> {
  const { agency, peerId, peer, batch, trust, sealKey, position } = sealing
  const { desk = '', key = '' } = batch[0] ?? {}
  const [channel, sequence] = [channelName(agency, peer), position.sequence + 1]
  const sentAt = dateOf(sealing)
  const reading = deskIn(trust.rosterOf(peer).payload, desk)
  const keys = trust.deskKeys(peer, desk, sentAt)
  assertAsAsked(batch, reading, peer)
  const built = await buildEnvelope({
    statements: batch.map(({ record }) => signedOf(record)),
    from: { agency, node: peerId },
    to: { agency: peer, desk: reading, keys },
    place: {
      acknowledges: acknowledgement(sealing.placed),
      channel,
      previous: parseDigest(position.digest),
      sequence,
    },
    context: contextOf(trust, [agency, peer]),
    sentAt,
    sealKey,
    random: sealing.random,
  })
  return {
    desk,
    digest: built.digest,
    dispatch: built.dispatch,
    envelope: encodeBase64url(built.bytes),
    rank: rankIn(key),
    sentAt,
    sequence,
    statements: batch.map(({ record }) => record.digest),
    tries: 1,
    void: await signVoid({ channel, dispatch: built.digest, sequence }, sealKey),
  }
}

/** @throws TRUST_EXPIRED, WIRE_KEY_EXPIRED, WIRE_KEY_REVOKED, WIRE_KID_UNKNOWN; WIRE_TIME_FUTURE */
function dateOf({ agency, now, position, sealKey, trust }: Sealing): number {
  const sentAt = Math.max(now, position.sentAt)
  trust.under(trust.charter.digest, sentAt)
  trust.nodeSealKey(agency, sealKey.keyId, sentAt)
  if (sentAt > now + trust.charter.payload.limits.skew) {
    throw new AmanaError('WIRE_TIME_FUTURE', { at: sentAt })
  }
  return sentAt
}

/**
 * What a desk may be sent follows from its row in the other agency's roster, which that agency may change while something
 * waits. Who asked for one desk did not ask for another. @throws TRUST_DESK_ROLES
 */
function assertAsAsked(batch: readonly Queued[], desk: ReadingDesk, agency: string): void {
  if (batch.every(({ asked }) => isSameRow(asked, desk))) return
  throw new AmanaError('TRUST_DESK_ROLES', { agency, desk: desk.id })
}

function acknowledgement(
  placed: Position | undefined,
): { readonly digest: Digest; readonly sequence: number } | null {
  if (placed === undefined || placed.sequence === 0) return null
  return { digest: parseDigest(placed.digest), sequence: placed.sequence }
}

function signedOf({ opening, statement }: StatementRecord): SignedStatement {
  const { content, digest } = parseStatement(statement)
  return { statement, digest, kind: content.kind, opening: parseOpening(opening) }
}

function estimatedBytes({ statement, opening }: StatementRecord): number {
  const plain = encodeCanonical({ ...opening }).byteLength
  return statement.payload.length + Math.ceil(plain * 1.5) + 1024
}

/** As many values as disclosures, or more. */
function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce((total: number, part) => total + valuesIn(part), 1)
}

function parseDigest(text: string): Digest {
  return DigestSchema.parse(text)
}
