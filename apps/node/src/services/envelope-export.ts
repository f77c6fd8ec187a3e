/**
 * What is kept for a partner desk as a file: the desk opens it without a node.
 *
 * @module
 * @spec docs/spec/08-exchange.md#several-desks
 */
import { AmanaError, decodeBase64url, deskIn, digest, parseEnvelope } from '@amana/core'
import { type Actor } from '../access/officers.ts'
import { reasonOf, recordAct } from '../access/recorded.ts'
import { type NodeParts } from '../node-parts.ts'
import { assertMayLeave } from '../outbox/release.ts'
import { getRecord, RECORDS, type StatementRecord } from '../records.ts'
import { type ServiceInput } from '../service-inputs.ts'
import { type ServiceResults } from '../services.ts'
import { deliveryTo } from '../statements/deliveries.ts'
import { writeWhole } from './written-file.ts'

/**
 * Writes the envelope; a leaf for each statement in it is durable before the file has its name.
 *
 * @throws REFERRAL_LOCKED when the desk may not be told any more
 * @throws CLI_NOT_KEPT when nothing of the statement is kept for that desk; CLI_FILE, STORE_WRITE
 */
export async function exportEnvelopeTo(
  parts: NodeParts,
  record: StatementRecord,
  { asked, who }: { readonly asked: ServiceInput<'exportEnvelope'>; readonly who: Actor },
): Promise<ServiceResults['exportEnvelope']> {
  const { desk, purpose, to } = asked
  const bytes = await keptEnvelope(parts, record, desk)
  const { dispatch } = parseEnvelope(bytes)
  await assertHandedOut(parts, dispatch.content.statements, desk)
  const data = { digest: digest(bytes), env: dispatch.digest, format: 'envelope', purpose }
  const leaves = dispatch.content.statements.map((std) => ({
    event: 'a.export' as const,
    data: { ...data, std },
  }))
  return writeWhole(to, async (file) => {
    await file.write(bytes)
    await recordAct(parts, { who, leaves, fields: reasonOf(asked) })
    await file.finish()
    return { file: to, digest: record.digest, statements: leaves.length }
  })
}

/** What came to be known since it arrived counts here too. @throws REFERRAL_LOCKED */
async function assertHandedOut(
  parts: NodeParts,
  statements: readonly string[],
  desk: string,
): Promise<void> {
  const reading = deskIn(parts.trust.ownRoster.payload, desk)
  for (const statement of statements) {
    const record = await parts.ledger.get(statement)
    if (record !== undefined) await assertMayLeave(parts, record, [reading])
  }
}

async function keptEnvelope(
  { store }: NodeParts,
  record: StatementRecord,
  desk: string,
): Promise<Uint8Array> {
  const delivery = record.direction === 'in' ? deliveryTo(record, desk) : undefined
  const place = await getRecord(store, RECORDS.dispatch, delivery?.dispatch ?? '')
  const entry = await getRecord(store, RECORDS.in, place?.key ?? '')
  if (entry?.envelope !== undefined) return decodeBase64url(entry.envelope)
  throw new AmanaError('CLI_NOT_KEPT', { desk, digest: record.digest })
}
