/**
 * Corrections: proposals until the agency whose statement it is decides, and what contradicts what.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#requests-and-corrections
 */
import { AmanaError, parseStatement } from '@amana/core'
import { type NodeParts } from '../node-parts.ts'
import { type StatementRecord } from '../records.ts'
import { allSaid, isTestData, type Said, saidIn } from './rights-facts.ts'

type Correction = Said<'rights.correction/1'>
type CorrectionTarget = Correction['facts']['rights']['targets'][number]

/** A correction as it stands; its values lie sealed. */
export interface CorrectionView {
  readonly digest: string
  readonly referral: string
  readonly from: string
  readonly direction: 'in' | 'out'
  readonly isTest: boolean
  /** Seconds since 1970. */
  readonly issuedAt: number
  readonly targets: readonly CorrectionTarget[]
  readonly status: 'accepted' | 'open' | 'refused'
  /** The statement by which the owner decided. */
  readonly decision?: string
  /** Agencies that said that they applied it. */
  readonly applied: readonly string[]
  /** Other open ones about the same member: both values stay visible. */
  readonly conflicts: readonly string[]
}

type Ledger = Pick<NodeParts, 'ledger'>

/** Every proposal, and what an owner corrected without one; newest first. @throws STORE_DAMAGED */
export async function correctionViews(parts: Ledger): Promise<readonly CorrectionView[]> {
  const all = await allSaid(parts.ledger, 'rights.correction/1')
  const owned = await Promise.all(all.map((one) => isOwners(parts, one)))
  const decisions = all.filter(
    ({ facts }, at) => isDecision(facts.routing.act) && owned[at] === true,
  )
  const subjects = all.filter(
    (one) =>
      one.facts.routing.act === 'proposal' || (decisions.includes(one) && one.answers.length === 0),
  )
  const views = subjects.map((one) => viewOf(one, { all, decisions }))
  return views.map((view) => ({ ...view, conflicts: conflictsOf(view, views) })).toReversed()
}

function isDecision(act: string): boolean {
  return act === 'accepted' || act === 'refused'
}

/** Whether every statement that a correction names is of the agency that signed it. */
async function isOwners({ ledger }: Ledger, { facts, from }: Correction): Promise<boolean> {
  for (const { statement } of facts.rights.targets) {
    const target = await ledger.get(statement)
    if (target === undefined || parseStatement(target.statement).content.iss !== from) return false
  }
  return true
}

function viewOf(
  subject: Correction,
  {
    all,
    decisions,
  }: { readonly all: readonly Correction[]; readonly decisions: readonly Correction[] },
): Omit<CorrectionView, 'conflicts'> {
  const { facts, from, issuedAt, record } = subject
  const own = decisions.includes(subject) ? subject : undefined
  const decided = own ?? decisions.find(({ answers }) => answers.includes(record.digest))
  const applied = all.filter(
    ({ answers, facts: said }) =>
      said.routing.act === 'applied' &&
      decided !== undefined &&
      answers.includes(decided.record.digest),
  )
  const act = decided?.facts.routing.act
  return {
    applied: applied.map((one) => one.from),
    digest: record.digest,
    direction: record.direction,
    from,
    isTest: isTestData(record),
    issuedAt,
    referral: facts.routing.referral,
    status: act === 'accepted' || act === 'refused' ? act : 'open',
    targets: facts.rights.targets,
    ...(decided === undefined ? {} : { decision: decided.record.digest }),
  }
}

function conflictsOf(
  view: Omit<CorrectionView, 'conflicts'>,
  all: readonly Omit<CorrectionView, 'conflicts'>[],
): readonly string[] {
  if (view.status !== 'open') return []
  const own = new Set(view.targets.map(placeOf))
  return all
    .filter(({ digest, status }) => status === 'open' && digest !== view.digest)
    .filter(({ targets }) => targets.some((target) => own.has(placeOf(target))))
    .map(({ digest }) => digest)
}

function placeOf({ group, member, statement }: CorrectionTarget): string {
  return `${statement}/${group}/${member}`
}

/**
 * Refuses an own word on a correction that is not this agency’s to say, before it is queued: only the owner decides, and
 * only what the owner decided is applied.
 *
 * @throws RIGHTS_ORDER
 */
export async function assertOwnCorrection(parts: Ledger, record: StatementRecord): Promise<void> {
  const said = saidIn(parts.ledger, 'rights.correction/1', record)
  const { digest } = record
  const act = said?.facts.routing.act
  if (said === undefined || act === 'proposal') return
  if (act !== 'applied') {
    if (await isOwners(parts, said)) return
    throw new AmanaError('RIGHTS_ORDER', { digest, reason: 'owner' })
  }
  const views = await correctionViews(parts)
  const isDecided = views.some(
    ({ decision, status }) =>
      status === 'accepted' && decision !== undefined && said.answers.includes(decision),
  )
  if (!isDecided) throw new AmanaError('RIGHTS_ORDER', { digest, reason: 'state' })
}
