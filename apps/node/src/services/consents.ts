/**
 * What the person of a referral consented to, to whom something of it went, and what a withdrawal would stop.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#stopped-disclosures
 */
import { CODE_LISTS, computeReferral, parseStatement, withdrawnDisclosures } from '@amana/core'
import { z } from 'zod'
import { type NodeParts } from '../node-parts.ts'
import { deskOf, waitingDisclosures } from '../outbox/stopped.ts'
import { type Delivery, type StatementRecord } from '../records.ts'
import { type ServiceInput } from '../service-inputs.ts'
import { type ConsentsView, type ConsentView, type ReachedDesk } from '../service-views.ts'
import { deliveriesOf } from '../statements/deliveries.ts'
import { messageInstant, referralStatements } from '../statements/referral-statements.ts'

const optional = z.exactOptional
const RecordSchema = z.object({
  scope: z.enum(CODE_LISTS.consentScope),
  status: z.enum(CODE_LISTS.consentStatus),
  recorded: z.string(),
  reader: optional(z.enum(CODE_LISTS.readerRole)),
  fieldGroups: optional(z.array(z.enum(CODE_LISTS.fieldGroup))),
  givenBy: optional(z.enum(CODE_LISTS.consentGivenBy)),
  medium: optional(z.enum(CODE_LISTS.consentMedium)),
  language: optional(z.string()),
  notice: optional(z.string()),
  expiresAt: optional(z.string()),
  legalBasis: optional(z.enum(CODE_LISTS.legalBasis)),
  clinician: optional(z.string()),
  secondOrganisation: optional(z.string()),
})
/** The group `consent` of a record, or of a file. */
const ConsentGroupSchema = z.union([
  RecordSchema.transform((record) => [record]),
  z.object({ consents: z.array(RecordSchema) }).transform(({ consents }) => consents),
])

/** A statement that waits does not count as something that a desk has. */
const HAS: readonly Delivery['state'][] = ['sent', 'stored', 'opened', 'held']

/** @throws STORE_DAMAGED, TRUST_NO_CHARTER */
export async function consentsOf(
  { clock, ledger, store, trust }: NodeParts,
  records: readonly StatementRecord[],
  { reference, withdrawing = [] }: ServiceInput<'consents'>,
): Promise<ConsentsView> {
  const known = await referralStatements({ ledger, store }, records)
  const view = { trust: () => trust.view() }
  const { deadlines, state } = computeReferral(reference, known, messageInstant(clock.now()))
  return {
    reference,
    state,
    consents: records.flatMap((record) => consentsIn(record, ledger.factsOf(record)['consent'])),
    withdrawn: withdrawnDisclosures(reference, known),
    desks: desksOf(view, records),
    reviews: deadlines.filter((deadline) => deadline.clock === 'consent_review'),
    stops: waitingDisclosures(view, records, withdrawing),
  }
}

function consentsIn(record: StatementRecord, group: unknown): readonly ConsentView[] {
  const { digest: statement, signers } = record
  const [author] = signers
  const { iss } = parseStatement(record.statement).content
  const by = { agency: author?.agency ?? iss, officer: author?.officer ?? '' }
  const consents = ConsentGroupSchema.safeParse(group).data ?? []
  return consents.map((consent) => ({ statement, ...by, ...consent }))
}

function desksOf(
  view: Parameters<typeof deskOf>[0],
  records: readonly StatementRecord[],
): readonly ReachedDesk[] {
  const desks = new Map<string, ReachedDesk>()
  for (const record of records.filter(({ direction }) => direction === 'out')) {
    for (const { desk, state } of deliveriesOf(record)) {
      const { external, roles } = deskOf(view, record.peer, desk)
      const before = desks.get(desk) ?? { desk, external, roles, has: 0, waits: 0 }
      desks.set(desk, {
        ...before,
        has: before.has + Number(HAS.includes(state)),
        waits: before.waits + Number(state === 'queued'),
      })
    }
  }
  return [...desks.values()]
}
