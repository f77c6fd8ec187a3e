/**
 * From what waits in the queue to the next dispatch of the channel.
 *
 * @module
 * @spec docs/spec/08-exchange.md#outbox
 */
import {
  AmanaError,
  buildEnvelope,
  channelName,
  deskIn,
  type Digest,
  DigestSchema,
  encodeBase64url,
  encodeCanonical,
  type ErrorCode,
  parseOpening,
  parseStatement,
  type PrivateKey,
  type Random,
  type SignedStatement,
  type TrustView,
  WIRE_LIMITS,
} from '@amana/core'
import {
  type OutRecord,
  type Position,
  type QueueRecord,
  type StatementRecord,
} from '../records.ts'
import { type StatementLedger } from '../statements/statement-ledger.ts'
import { contextOf } from '../statements/trust-context.ts'

/** A statement of a batch, with its place in the queue. */
export interface Queued {
  readonly key: string
  readonly desk: string
  readonly record: StatementRecord
}

/** A row of the queue. */
export interface QueueRow {
  readonly key: string
  readonly value: QueueRecord
}

/** What waits for one desk, up to what one dispatch may carry. @throws STORE_DAMAGED */
export async function batchOf(
  rows: readonly QueueRow[],
  ledger: StatementLedger,
): Promise<readonly Queued[]> {
  const desk = rows[0]?.value.desk
  const batch: Queued[] = []
  let sizeBytes = 0
  let disclosures = 0
  for (const { key, value } of rows) {
    if (value.desk !== desk || batch.length === WIRE_LIMITS.statementsPerDispatch) break
    const record = await ledger.get(value.digest)
    if (record === undefined) throw new AmanaError('STORE_DAMAGED', { space: 'queue' })
    sizeBytes += estimatedBytes(record)
    disclosures += valuesIn(record.opening)
    const isFull =
      sizeBytes > WIRE_LIMITS.batchBytes || disclosures > WIRE_LIMITS.disclosuresPerDispatch
    if (batch.length > 0 && isFull) break
    batch.push({ key, desk: value.desk, record })
  }
  return batch
}

/** Whether what stands in the way may pass: a newer roster, another key, a clock that is right again. */
export function mayPass(code: ErrorCode): boolean {
  return code.startsWith('TRUST_') || PASSING.has(code)
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
 * @throws TRUST_DESK, TRUST_NO_ROSTER, TRUST_EXPIRED, WIRE_KEY_EXPIRED, WIRE_KEY_REVOKED, WIRE_KID_UNKNOWN when trust does
 * not allow it now
 * @throws WIRE_TIME_FUTURE when the dispatch before is dated by a clock that was ahead: the peer would refuse this one
 * @throws as `buildEnvelope`
 */
export async function sealBatch(sealing: Sealing): Promise<OutRecord> {
  const { agency, peerId, peer, batch, trust, sealKey, random, position } = sealing
  const desk = batch[0]?.desk ?? ''
  const sequence = position.sequence + 1
  const sentAt = Math.max(sealing.now, position.sentAt)
  trust.under(trust.charter.digest, sentAt)
  trust.nodeSealKey(agency, sealKey.keyId, sentAt)
  if (sentAt > sealing.now + trust.charter.payload.limits.skew) {
    throw new AmanaError('WIRE_TIME_FUTURE', { at: sentAt })
  }
  const built = await buildEnvelope({
    statements: batch.map(({ record }) => signedOf(record)),
    from: { agency, node: peerId },
    to: {
      agency: peer,
      desk: deskIn(trust.rosterOf(peer).payload, desk),
      keys: trust.deskKeys(peer, desk, sentAt),
    },
    place: {
      acknowledges: acknowledgement(sealing.placed),
      channel: channelName(agency, peer),
      previous: parseDigest(position.digest),
      sequence,
    },
    context: contextOf(trust, [agency, peer]),
    sentAt,
    sealKey,
    random,
  })
  return {
    desk,
    digest: built.digest,
    dispatch: built.dispatch,
    envelope: encodeBase64url(built.bytes),
    sentAt,
    sequence,
    statements: batch.map(({ record }) => record.digest),
    tries: 1,
  }
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
