/**
 * The statements of a referral as the machine of core reads them, made from the records of this node.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#what-the-machine-sees
 */
import {
  isAnyAmanaError,
  parseDispatch,
  parseStatement,
  readContent,
  type ReferralStatement,
} from '@amana/core'
import { type Store } from '../ports.ts'
import { getRecord, RECORDS, type StatementRecord } from '../records.ts'
import { type StatementLedger } from './statement-ledger.ts'

/** Where the dispatch of a statement stands, and how far it acknowledges the other direction. */
interface Carried {
  readonly digest: string
  readonly direction: StatementRecord['direction']
  readonly sequence: number
  readonly acknowledged: number
}

/**
 * The records in the order in which they came, as the machine reads them; those of which too much was erased are no steps
 * any more.
 *
 * @throws STORE_DAMAGED
 */
export async function referralStatements(
  { ledger, store }: { readonly ledger: StatementLedger; readonly store: Store },
  known: readonly StatementRecord[],
): Promise<readonly ReferralStatement[]> {
  const records = known.filter((record) => isReadable(ledger, record))
  const carried = await Promise.all(records.map((record) => carriedBy(store, record)))
  return records.map((record, index) => {
    const own = carried[index]
    if (own === undefined) return referralStatement(ledger, record)
    const acknowledges = carried
      .filter((other) => other !== undefined)
      .filter(({ direction, sequence }) => isAcknowledged(own, direction, sequence))
      .map(({ digest }) => digest)
    return { ...referralStatement(ledger, record), acknowledges }
  })
}

/** One record as the machine reads it; what its dispatch acknowledges is not known. */
export function referralStatement(
  ledger: StatementLedger,
  record: StatementRecord,
): ReferralStatement {
  const { exp, handling, iat, kind, relates } = parseStatement(record.statement).content
  return {
    digest: record.digest,
    kind,
    iat,
    ...(exp === undefined ? {} : { exp }),
    relates: relates ?? [],
    ...(handling.caveats.includes('test:data') ? { exercise: true } : {}),
    signers: record.signers,
    groups: ledger.factsOf(record),
  }
}

/** An instant as messages write it, from seconds since 1970. */
export function messageInstant(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 'YYYY-MM-DDThh:mm:ss'.length)}Z`
}

function isReadable(ledger: StatementLedger, record: StatementRecord): boolean {
  if (record.erased === undefined) return true
  try {
    readContent(referralStatement(ledger, record))
    return true
  } catch (error) {
    if (isAnyAmanaError(error)) return false
    throw error
  }
}

function isAcknowledged(own: Carried, direction: string, sequence: number): boolean {
  return direction !== own.direction && sequence <= own.acknowledged
}

async function carriedBy(
  store: Store,
  { digest, direction, dispatch }: StatementRecord,
): Promise<Carried | undefined> {
  const place =
    dispatch === undefined ? undefined : await getRecord(store, RECORDS.dispatch, dispatch)
  if (place === undefined) return undefined
  const carrier =
    direction === 'out'
      ? await getRecord(store, RECORDS.out, place.key)
      : await getRecord(store, RECORDS.in, place.key)
  if (carrier === undefined) return undefined
  const { acknowledges } = parseDispatch(carrier.dispatch).content
  const acknowledged = acknowledges?.sequence ?? 0
  return { digest, direction, sequence: carrier.sequence, acknowledged }
}
