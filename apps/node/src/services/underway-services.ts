/**
 * Referrals seen together: who is in motion, what is overdue, and how much of it, without anything about a person.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#underway
 */
import { overdueIn, overdueSteps, type Referral, underway } from '@amana/core'
import { acting } from '../access/recorded.ts'
import { type NodeParts } from '../node-parts.ts'
import { type NodeServices } from '../services.ts'
import { type OverdueReferralStep } from '../service-views.ts'
import { logListed } from './listed.ts'
import { allReferrals } from './referral-services.ts'

type UnderwayServices = Pick<NodeServices, 'underway' | 'overdueSteps' | 'statistics'>

/** The methods about all referrals; the leaf of each list is durable before it is given. */
export function createUnderwayServices(parts: NodeParts): UnderwayServices {
  const what = 'referrals'
  return {
    underway: async (input) =>
      acting(parts, { act: 'list', method: 'underway', input }, async (who) => {
        const lines = underway(await allReferrals(parts)).slice(0, input.limit)
        const listed = { asked: input, who, what, count: lines.length, query: 'underway' } as const
        await logListed(parts, listed)
        return lines
      }),
    overdueSteps: async (input) =>
      acting(parts, { act: 'list', method: 'overdueSteps', input }, async (who) => {
        const steps = overdueOf(await allReferrals(parts)).slice(0, input.limit)
        const listed = { asked: input, who, what, count: steps.length, query: 'overdue' } as const
        await logListed(parts, listed)
        return steps
      }),
    statistics: async (input) =>
      acting(parts, { act: 'list', method: 'statistics', input }, async (who) => {
        const { exercises = false, from, until } = input
        const referrals = await allReferrals(parts)
        const counted = referrals.filter(({ exercise = false }) => exercise === exercises)
        const rows = overdueSteps(counted, { from, until })
        const query = `statistics ${from} ${until}`
        await logListed(parts, { asked: input, who, what, count: rows.length, query })
        return rows
      }),
  }
}

function overdueOf(referrals: readonly Referral[]): readonly OverdueReferralStep[] {
  return referrals
    .flatMap((referral) => {
      const { exercise, reference } = referral
      const mark = exercise === undefined ? {} : { exercise }
      return overdueIn(referral).map((step) => ({ reference, ...mark, ...step }))
    })
    .toSorted((one, other) => one.dueAt.localeCompare(other.dueAt))
}
