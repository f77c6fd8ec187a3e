/**
 * Referrals for the people who use a node: the list, the life of one, and the judgement of a step before it is signed for.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#referral
 */
import {
  AmanaError,
  computeReferral,
  judgeStep,
  parseStatement,
  type Referral,
  type ReferralStep,
  referralReferenceOf,
} from '@amana/core'
import { type Actor } from '../access/officers.ts'
import { acting } from '../access/recorded.ts'
import { type NodeParts } from '../node-parts.ts'
import { type StatementRecord } from '../records.ts'
import { type ServiceInput } from '../service-inputs.ts'
import { type ReferralSummary } from '../service-views.ts'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { endedBefore } from '../rights/life.ts'
import {
  messageInstant,
  referralStatement,
  referralStatements,
} from '../statements/referral-statements.ts'
import { valuesOf } from '../statements/statement-values.ts'
import { logListed } from './listed.ts'
import { consentsOf } from './consents.ts'
import { nextOf, placeOf } from './referral-next.ts'
import { logOpened } from './opened.ts'

type ReferralServices = Pick<
  NodeServices,
  | 'consents'
  | 'referrals'
  | 'referral'
  | 'referralFile'
  | 'referralNext'
  | 'referralPlace'
  | 'knownReferrals'
>

/** The methods about referrals. */
export function createReferralServices(parts: NodeParts): ReferralServices {
  const { ledger } = parts
  return {
    referrals: async (input) =>
      acting(parts, { act: 'list', method: 'referrals', input }, async (who) => {
        const listed = await summaries(parts, input.limit)
        await logListed(parts, { asked: input, who, what: 'referrals', count: listed.length })
        return listed
      }),
    referral: async (input) =>
      acting(parts, { act: 'open', method: 'referral', input }, async (who) => {
        const records = await openedRecords(parts, input, who)
        return referralOf(parts, input.reference, records)
      }),
    referralNext: async (input) =>
      acting(parts, { act: 'open', method: 'referralNext', input }, async (who) => {
        const records = await openedRecords(parts, input, who)
        return nextOf(parts, { reference: input.reference, records, who })
      }),
    consents: async (input) =>
      acting(parts, { act: 'open', method: 'consents', input }, async (who) =>
        consentsOf(parts, await openedRecords(parts, input, who), input),
      ),
    referralPlace: async (input) =>
      acting(parts, { act: 'list', method: 'referralPlace', input }, async (who) => {
        const { reference } = input
        const records = await ledger.ofReferral(reference)
        const listed = { asked: input, who, what: 'referrals', count: 1, query: reference } as const
        await logListed(parts, listed)
        return placeOf(parts, reference, records)
      }),
    knownReferrals: async ({ references }) => {
      const found = await Promise.all(references.map(async (one) => ledger.ofReferral(one)))
      return { references: references.filter((_one, at) => found[at]?.length !== 0) }
    },
    referralFile: async ({ reference }) => fileOf(parts, reference),
  }
}

/** The statements of a referral, once it stands in the log that they are opened. @throws CLI_NO_REFERRAL, STORE_WRITE */
async function openedRecords(
  parts: NodeParts,
  asked: Pick<ServiceInput<'referral'>, 'purpose' | 'reason' | 'reference'>,
  who: Actor,
): Promise<readonly StatementRecord[]> {
  const { reference } = asked
  const records = await parts.ledger.ofReferral(reference)
  if (records.length === 0) throw new AmanaError('CLI_NO_REFERRAL', { reference })
  await logOpened(parts, records, { asked, who })
  return records
}

/** The version of the file in force, by its digest: by that nothing is opened. */
async function fileOf(
  parts: NodeParts,
  reference: string,
): Promise<ServiceResults['referralFile']> {
  const records = await parts.ledger.ofReferral(reference)
  const { file } = await referralOf(parts, reference, records)
  return file === undefined ? {} : { file }
}

async function summaries(parts: NodeParts, limit: number): Promise<readonly ReferralSummary[]> {
  const referrals = await allReferrals(parts)
  return referrals.map(summaryOf).toSorted(byNewest).slice(0, limit)
}

/**
 * Refuses a statement that its referral does not allow, before it is queued; statements of other kinds pass.
 *
 * @throws REFERRAL_REFUSED with every reason
 */
export async function assertStep(
  { ledger, store }: NodeParts,
  record: StatementRecord,
): Promise<ReferralStep | undefined> {
  const reference = referenceOf(record)
  if (reference === undefined) return undefined
  if ((await endedBefore({ ledger, store }, reference)) !== undefined) {
    throw new AmanaError('RIGHTS_ERASED', { reference })
  }
  const known = await referralStatements({ ledger, store }, await ledger.ofReferral(reference))
  return judgeStep(reference, known, referralStatement(ledger, record))
}

/** Every referral as it stands. @throws STORE_DAMAGED */
export async function allReferrals(parts: NodeParts): Promise<readonly Referral[]> {
  const found: Referral[] = []
  for (const records of await parts.ledger.referrals()) {
    const reference = referenceOf(records[0])
    if (reference !== undefined) found.push(await referralOf(parts, reference, records))
  }
  return found
}

async function referralOf(
  { clock, ledger, store }: NodeParts,
  reference: string,
  records: readonly StatementRecord[],
): Promise<Referral> {
  const known = await referralStatements({ ledger, store }, records)
  const referral = computeReferral(reference, known, messageInstant(clock.now()))
  const ended = await endedBefore({ ledger, store }, reference)
  return ended === undefined ? referral : { ...referral, ...NOTHING_OPEN, state: ended.state }
}

/** Of a referral that had ended when something of it was erased: what is left tells of steps that were never to be done. */
const NOTHING_OPEN = { deadlines: [], followUps: [], openGates: [], pending: [] } as const

/** The referral that a statement is about; nothing where its kind has none. */
export function referenceOf(record: StatementRecord | undefined): string | undefined {
  if (record === undefined) return undefined
  return referralReferenceOf(
    parseStatement(record.statement).content.kind,
    record.facts ?? valuesOf(record),
  )
}

/** Nothing of the person. */
function summaryOf(referral: Referral): ReferralSummary {
  const { exercise, reference, state, urgency, updatedAt, followUps, deadlines } = referral
  const overdue = [...deadlines, ...followUps].filter(({ status }) => status === 'overdue').length
  return {
    reference,
    state,
    overdue,
    ...(exercise === undefined ? {} : { exercise }),
    ...(urgency === undefined ? {} : { urgency }),
    ...(updatedAt === undefined ? {} : { updatedAt }),
  }
}

function byNewest(first: ReferralSummary, second: ReferralSummary): number {
  return (second.updatedAt ?? '').localeCompare(first.updatedAt ?? '')
}
