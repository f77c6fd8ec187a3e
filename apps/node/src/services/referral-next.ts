/**
 * What an officer needs before the next step of a referral: which steps are possible now and what is missing for each, and
 * where the statement that she signs will stand.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#next-steps
 */
import { computeReferral, nextPlaceOf, nextSteps, parseStatement } from '@amana/core'
import { type Actor } from '../access/officers.ts'
import { type NodeParts } from '../node-parts.ts'
import { endedBefore } from '../rights/life.ts'
import { type StatementRecord } from '../records.ts'
import { type ReferralNext, type ReferralPlaceView } from '../service-views.ts'
import { messageInstant, referralStatements } from '../statements/referral-statements.ts'

/** A referral, its records, and who asks. */
interface Asked {
  readonly reference: string
  readonly records: readonly StatementRecord[]
  readonly who: Actor
}

/** The steps that are possible now; without an officer none of them is hers. @throws STORE_DAMAGED */
export async function nextOf(
  { agency, clock, ledger, store }: NodeParts,
  { records, reference, who }: Asked,
): Promise<ReferralNext> {
  const now = clock.now()
  const at = messageInstant(now)
  const known = await referralStatements({ ledger, store }, records)
  const { organisation = agency, id: officer = '', roles = [] } = who.officer ?? {}
  const steps = nextSteps(reference, known, { agency, organisation, officer, roles, at, iat: now })
  const { exercise, pending, state, told, urgency } = computeReferral(reference, known, at)
  const ended = await endedBefore({ ledger, store }, reference)
  if (ended !== undefined)
    return { reference, state: ended.state, pending: [], told: [], steps: [] }
  return {
    reference,
    state,
    pending,
    told,
    steps,
    ...(exercise === undefined ? {} : { exercise }),
    ...(urgency === undefined ? {} : { urgency }),
  }
}

/** The place of the next own statement; also of the first one of a referral. @throws TRUST_NO_CHARTER, STORE_DAMAGED */
export async function placeOf(
  { agency, clock, ledger, store, trust }: NodeParts,
  reference: string,
  records: readonly StatementRecord[],
): Promise<ReferralPlaceView> {
  const now = clock.now()
  const known = await referralStatements({ ledger, store }, records)
  const newest = records.at(-1)
  const { pending } = computeReferral(reference, known, messageInstant(now))
  return {
    agency,
    peer: trust.peer(),
    reference,
    now,
    pending: pending.filter(({ exp }) => exp > now),
    ...nextPlaceOf(reference, known, agency),
    ...(newest === undefined ? {} : { handling: handlingOf(newest) }),
  }
}

/** An exercise stays one, and what is said of a case goes no further than what was said before. */
function handlingOf({ statement }: StatementRecord): NonNullable<ReferralPlaceView['handling']> {
  const { caveats, tlp } = parseStatement(statement).content.handling
  return { caveats, tlp }
}
