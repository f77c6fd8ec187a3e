/**
 * What a sender takes back: out of the queue, or with a void in place of the envelope.
 *
 * @module
 * @spec docs/spec/08-exchange.md#withdrawal
 */
import {
  AmanaError,
  buildVoidEnvelope,
  decodeBase64url,
  encodeBase64url,
  parseDispatch,
  parseEnvelope,
  type PrivateKey,
  type ReceiptContent,
  signVoid,
} from '@amana/core'
import { type Store } from '../ports.ts'
import { getRecord, type OutRecord, RECORDS, type StatementRecord } from '../records.ts'
import { type StatementLedger } from '../statements/statement-ledger.ts'

/** What a withdrawal does. */
export interface WithdrawalPlan {
  /** Nothing went out yet; or its dispatch is voided, and the peer may have it already. */
  readonly way: 'queue' | 'void'
  /** Statements of the same dispatch that go into a new one, in their order. */
  readonly others: readonly string[]
}

/** A statement that may be taken back; with its dispatch where it has one. */
export interface Withdrawing {
  readonly plan: WithdrawalPlan
  readonly record: StatementRecord
  readonly sent?: OutRecord
}

/** What is known of a statement that is to be taken back. @throws CLI_NO_MESSAGE, CLI_NOT_WITHDRAWABLE; STORE_DAMAGED */
export async function withdrawing(
  { ledger, store }: { readonly ledger: StatementLedger; readonly store: Store },
  statement: string,
): Promise<Withdrawing> {
  const record = await ledger.get(statement)
  if (record === undefined) throw new AmanaError('CLI_NO_MESSAGE', { digest: statement })
  const way = wayOf(record)
  if (way === 'queue') return { plan: { way, others: [] }, record }
  const place = await getRecord(store, RECORDS.dispatch, record.dispatch ?? '')
  const sent = await getRecord(store, RECORDS.out, place?.key ?? '')
  if (sent === undefined) throw new AmanaError('STORE_DAMAGED', { space: 'out' })
  const known = await Promise.all(sent.statements.map(async (one) => ledger.get(one)))
  const others = known
    .filter((one) => one !== undefined)
    .filter(({ digest, withdrawal }) => digest !== statement && withdrawal === undefined)
    .map(({ digest }) => digest)
  return { plan: { way, others }, record, sent }
}

/** Only the sender's own, and only before the peer answered. @throws CLI_NOT_WITHDRAWABLE */
function wayOf({ digest, direction, state }: StatementRecord): WithdrawalPlan['way'] {
  if (direction === 'out' && state === 'queued') return 'queue'
  if (direction === 'out' && state === 'sent') return 'void'
  throw new AmanaError('CLI_NOT_WITHDRAWABLE', { digest, state })
}

/** The dispatch with a void in place of seal and statements. */
export async function voided(
  record: OutRecord,
  sealKey: PrivateKey<'Ed25519'>,
): Promise<OutRecord> {
  const { content, digest: dispatch } = parseDispatch(record.dispatch)
  const { channel, sequence } = content
  const signed = await signVoid({ channel, dispatch, sequence }, sealKey)
  return { ...record, envelope: encodeBase64url(buildVoidEnvelope(record.dispatch, signed)) }
}

/**
 * Whether a receipt can be the answer to a void. A peer that had placed the dispatch before repeats what it said of each
 * statement then.
 */
export function answersVoid(record: OutRecord, { results }: ReceiptContent): boolean {
  return isVoid(record) && results.every(({ refusal }) => refusal === 'policy')
}

function isVoid({ envelope }: OutRecord): boolean {
  return envelope !== undefined && parseEnvelope(decodeBase64url(envelope)).form === 'void'
}
