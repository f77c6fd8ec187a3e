/**
 * Breaches of personal data that an authority has not been told of yet, with the end of the time for it.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#requests-and-corrections
 */
import { RIGHTS_TERMS_HOURS } from '@amana/core'
import { type NodeClock } from '../ports.ts'
import { type StatementLedger } from '../statements/statement-ledger.ts'
import { allSaid, secondsOf } from './rights-facts.ts'

const HOUR = 3600

/** A breach as the newest notice of its agency has it. Instants in seconds since 1970. */
export interface BreachView {
  readonly breach: string
  readonly from: string
  readonly severity: string
  readonly awareAt: number
  readonly dueAt: number
  readonly overdue: boolean
  /** The newest notice. */
  readonly digest: string
}

/** Those of which the authority is still to be told: any but one without risk. @throws STORE_DAMAGED */
export async function openBreaches({
  clock,
  ledger,
}: {
  readonly clock: NodeClock
  readonly ledger: StatementLedger
}): Promise<readonly BreachView[]> {
  const now = clock.now()
  const newest = new Map((await allSaid(ledger, 'rights.breach/1')).map((one) => [keyOf(one), one]))
  return [...newest.values()].flatMap(({ facts, from, record }) => {
    const { authorityNotifiedAt, awareAt, breach, severity } = facts.body
    if (authorityNotifiedAt !== undefined || severity === 'no_risk') return []
    const known = secondsOf(awareAt)
    const dueAt = known + RIGHTS_TERMS_HOURS.breachToAuthority * HOUR
    return [
      {
        awareAt: known,
        breach,
        digest: record.digest,
        dueAt,
        from,
        overdue: now > dueAt,
        severity,
      },
    ]
  })
}

function keyOf({
  facts,
  from,
}: {
  readonly from: string
  readonly facts: { readonly body: { readonly breach: string } }
}): string {
  return `${from}/${facts.body.breach}`
}
