/**
 * The timeline: every statement of a log, who signed it, what became of it, and between which instants of the other
 * agency's clock it entered the log.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#report
 */
import { type ProvenCheckpoint } from './bundle-log.ts'
import { type EvidenceCheck } from './evidence.ts'
import { type ExchangeFact, factKey } from './exchange-facts.ts'
import { instantOf } from './instant.ts'
import { type TimelineRow } from './report.ts'

/** One row a statement and dispatch, in the order of the log. A statement without evidence has no row. */
export function timelineOf(check: EvidenceCheck): readonly TimelineRow[] {
  return check.facts.flatMap((fact): readonly TimelineRow[] => {
    const checked = check.statements.get(factKey(fact))
    if (checked === undefined) return []
    const own = check.reading.agency
    const between = bracketOf(check.proven, fact.index)
    return [
      {
        signedAt: instantOf(checked.iat),
        kind: checked.kind,
        from: fact.direction === 'sent' ? own : fact.peer,
        to: fact.direction === 'sent' ? fact.peer : own,
        signers: checked.signers,
        outcome: outcomeOf(fact),
        statement: fact.std,
        ...(between === undefined ? {} : { between }),
      },
    ]
  })
}

/** The newest answer: `held` may be followed by a final one. */
export function outcomeOf({ answers, refusal }: ExchangeFact): string {
  return answers.at(-1)?.outcome ?? (refusal === undefined ? 'pending' : 'refused')
}

/** Last cosignature without the leaf, first one with it. */
function bracketOf(
  proven: readonly ProvenCheckpoint[],
  index: number,
): readonly [string, string] | undefined {
  const before = proven.findLast(({ size, cosignedAt }) => size <= index && cosignedAt.length > 0)
  const after = proven.find(({ size, cosignedAt }) => size > index && cosignedAt.length > 0)
  const from = before?.cosignedAt.at(0)
  const to = after?.cosignedAt.at(0)
  return from === undefined || to === undefined ? undefined : [instantOf(from), instantOf(to)]
}
