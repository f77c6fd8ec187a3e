/**
 * Receipts of officers in a bundle: that their agency had been sent the message before, that the officer may read it, and
 * that the receipt is not older than the message. Their bodies stay closed; which message they are about stands in the
 * clear.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#receipts-of-officers
 */
import { mayReadOf, WIRE_LIMITS } from '@amana/core'
import { type CheckedStatement, type EvidenceCheck } from './evidence.ts'
import { type ExchangeFact, factKey } from './exchange-facts.ts'
import { type Finding } from './findings.ts'
import { isFirstLog } from './log-names.ts'

type Stage = NonNullable<CheckedStatement['stage']>

/** Judges each receipt of an officer whose signature verified. Call it when statements are verified. */
export function checkStages(check: EvidenceCheck): void {
  const receipts = check.facts.flatMap((fact) => {
    const stage = check.statements.get(factKey(fact))?.stage
    return stage === undefined ? [] : [{ fact, stage }]
  })
  if (receipts.length === 0) return
  const byStatement = Map.groupBy(check.facts, ({ std }) => std)
  for (const { fact, stage } of receipts) {
    const about = (byStatement.get(stage.statement) ?? []).filter(
      (other) => other.direction !== fact.direction && other.peer === fact.peer,
    )
    checkStage(check, { about, fact, stage })
  }
}

interface Staged {
  readonly fact: ExchangeFact
  readonly stage: Stage
  /** The message in each dispatch that took it to the agency of the receipt. */
  readonly about: readonly ExchangeFact[]
}

function checkStage(check: EvidenceCheck, staged: Staged): void {
  const { about, fact, stage } = staged
  const delivered = about.filter(({ answers }) => answers.at(-1)?.outcome !== 'refused')
  const [first] = delivered
  if (first === undefined) {
    if (about.length > 0 || isWhole(check)) blame(check, fact, { code: 'STAGE_UNFOUNDED' })
    return
  }
  const kind = check.statements.get(factKey(first))?.kind
  if (kind !== undefined && !stage.roles.every((roles) => mayReadOf(roles, kind))) {
    blame(check, fact, { code: 'STAGE_OFFICER', level: 'PROVEN' })
  }
  const isLater = delivered.every(({ index }) => index > fact.index)
  if (isLater || isOlder(check, staged, delivered)) {
    const level = isLater ? {} : ({ level: 'CONTRADICTED' } as const)
    blame(check, fact, { code: 'STAGE_BACKWARDS', ...level })
  }
}

/** By the clocks of both, older than every dispatch that could have brought the message. */
function isOlder(
  { dispatches, statements }: EvidenceCheck,
  { fact }: Staged,
  delivered: readonly ExchangeFact[],
): boolean {
  const said = statements.get(factKey(fact))?.iat
  const sent = delivered.map(({ env }) => dispatches.get(env)?.content.sentAt)
  if (said === undefined) return false
  return sent.every((at) => at !== undefined && said < at - WIRE_LIMITS.clockSkewSeconds)
}

/** Else the message may stand in what is not shown. */
function isWhole({ reading }: EvidenceCheck): boolean {
  const { header } = reading
  return header.range[0] === 0 && header.classes.includes('x') && isFirstLog(header.log)
}

/** Against the agency whose officer signed; what the other one's log says against it, is that one's word. */
function blame(
  { findings, reading }: EvidenceCheck,
  { direction, peer, std }: ExchangeFact,
  { code, level }: Pick<Finding, 'code'> & Partial<Pick<Finding, 'level'>>,
): void {
  const isOwn = direction === 'sent'
  findings.push({
    code,
    severity: 'fail',
    level: level ?? (isOwn ? 'LOCAL' : 'CONTRADICTED'),
    party: isOwn ? reading.agency : peer,
    where: `statement ${std}`,
  })
}
