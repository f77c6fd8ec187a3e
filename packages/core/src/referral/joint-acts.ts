/**
 * Joint acts: a proposal and the other’s own statement that agrees with it. Neither alone moves anything.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#joint-acts
 */
import { type ReferralContent, type ReferralSigner, type ReferralStatement } from './statement.ts'
import { type CustodyLeg, type Progress, type Proposal, type Step } from './progress.ts'
import { type ReferralReason } from './reasons.ts'
import { type JointRule } from './table.ts'

/** What a statement is to a joint act. */
export type JointPart = 'proposal' | 'agreement' | 'withdrawal'

/** A pair that may do the act together, or why it may not. */
export interface Pairing {
  readonly proposal?: Proposal
  readonly reasons: readonly ReferralReason[]
}

const PLACE_MEMBERS = new Set(['referral', 'occurredAt', 'sequence', 'previous'])

/** Which part of a joint act the statement is, by its links. */
export function jointPartOf({ relates }: ReferralStatement): JointPart {
  if (relates.some(({ relation }) => relation === 'withdraws')) return 'withdrawal'
  return isAgreement(relates) ? 'agreement' : 'proposal'
}

/** Whether a statement agrees with any other. */
export function isAgreement(relates: ReferralStatement['relates']): boolean {
  return relates.some(({ relation }) => relation === 'agrees')
}

/** What is wrong with a proposal itself. */
export function proposalReasons({ statement }: Step): readonly ReferralReason[] {
  return statement.exp === undefined ? ['proposal_without_expiry'] : []
}

/** The proposal as it then waits. */
export function withProposal(progress: Progress, step: Step): Progress {
  const { statement, content, occurredAt } = step
  const proposals = new Map(progress.proposals)
  proposals.set(statement.digest, { statement, content, occurredAt })
  return { ...progress, proposals }
}

/** Without the proposals for which `drops` holds. */
export function withoutProposals(
  progress: Progress,
  drops: (proposal: Proposal) => boolean,
): Progress {
  const kept = [...progress.proposals].filter(([, proposal]) => !drops(proposal))
  return { ...progress, proposals: new Map(kept) }
}

/** Whether a receipt signed at `iat` (seconds since 1970) could still answer the release of a leg. */
export function isReleasePending(progress: Progress, leg: CustodyLeg, iat: number): boolean {
  const exp = progress.proposals.get(leg.release)?.statement.exp
  return leg.status === 'released' && exp !== undefined && iat < exp
}

/** The proposal that the step agrees with, or why it agrees with none. */
export function pairAgreement(progress: Progress, step: Step, rule: JointRule): Pairing {
  const digests = linked(step.statement, 'agrees')
  const [digest] = digests
  if (digest === undefined || digests.length > 1) return { reasons: ['agreement_not_single'] }
  if (progress.agreements.has(digest)) return { reasons: ['agreement_of_agreement'] }
  const proposal = progress.proposals.get(digest)
  if (proposal === undefined) return { reasons: ['proposal_unknown'] }
  const reasons = [
    ...agreementReasons(proposal, step),
    ...partyReasons(proposal.statement.signers, step.statement.signers, rule),
  ]
  return { proposal, reasons }
}

/** The proposal that the step answers without agreeing, or why it answers none. */
export function pairDispute(progress: Progress, step: Step): Pairing {
  const digests = linked(step.statement, 'answers')
  const [digest] = digests
  if (digest === undefined || digests.length > 1 || isAgreement(step.statement.relates)) {
    return { reasons: ['agreement_not_single'] }
  }
  const proposal = progress.proposals.get(digest)
  if (proposal === undefined || proposal.withdrawnBy !== undefined) {
    return { reasons: ['proposal_unknown'] }
  }
  const reasons = [
    ...(differs(proposal.content, step.content) ? (['proposal_differs'] as const) : []),
    ...partyReasons(proposal.statement.signers, step.statement.signers, 'organisation'),
  ]
  return { proposal, reasons }
}

/** Whether a statement answers another, as one does that disputes an offer. */
export function isDispute({ relates }: ReferralStatement): boolean {
  return relates.some(({ relation }) => relation === 'answers')
}

/** The proposal marked as taken back, or why it is not. */
export function takeBack(progress: Progress, step: Step): Progress | readonly ReferralReason[] {
  const digests = linked(step.statement, 'withdraws')
  if (isAgreement(step.statement.relates)) return ['agreement_not_single']
  const proposal = progress.proposals.get(digests[0] ?? '')
  if (proposal === undefined || digests.length > 1) return ['proposal_unknown']
  if (agencyOf(proposal.statement) !== step.author.agency) return ['wrong_role']
  if (differs(proposal.content, step.content)) return ['proposal_differs']
  const proposals = new Map(progress.proposals)
  proposals.set(proposal.statement.digest, { ...proposal, withdrawnBy: step.statement.digest })
  return { ...progress, proposals }
}

function agreementReasons(proposal: Proposal, step: Step): readonly ReferralReason[] {
  const { statement, withdrawnBy } = proposal
  const reasons: ReferralReason[] = []
  if (statement.exp === undefined || step.statement.iat >= statement.exp) {
    reasons.push('proposal_expired')
  }
  if (differs(proposal.content, step.content)) reasons.push('proposal_differs')
  const acknowledged = step.statement.acknowledges ?? []
  if (withdrawnBy !== undefined && acknowledged.includes(withdrawnBy)) {
    reasons.push('proposal_withdrawn')
  }
  return reasons
}

/** Every signer of one half against every signer of the other. */
function partyReasons(
  first: readonly ReferralSigner[],
  second: readonly ReferralSigner[],
  rule: JointRule,
): readonly ReferralReason[] {
  const pairs = first.flatMap((one) => second.map((other) => [one, other] as const))
  const sameAgency = pairs.some(([one, other]) => one.agency === other.agency)
  const needsOrganisations = rule === 'organisation' || (rule !== 'agency' && hasClinician(pairs))
  if (!needsOrganisations) return sameAgency ? ['same_agency'] : []
  if (rule === 'agency_or_clinician' && !sameAgency) return []
  const reasons: ReferralReason[] = []
  if (pairs.some(([one, other]) => one.agency === other.agency && one.officer === other.officer)) {
    reasons.push('same_officer')
  }
  if (pairs.some(([one, other]) => one.organisation === other.organisation)) {
    reasons.push('same_organisation')
  }
  return reasons
}

function hasClinician(pairs: readonly (readonly ReferralSigner[])[]): boolean {
  return pairs.flat().some(({ act, roles }) => act === 'author' && roles.includes('clinician'))
}

/** Whether two halves do not say the same; a leg’s two receipts differ in place, condition and what was seen. */
function differs(first: ReferralContent, second: ReferralContent): boolean {
  if (first.type === 'custody' && second.type === 'custody') {
    return legText(first.body) !== legText(second.body)
  }
  if (first.type === 'event' && second.type === 'event') {
    return eventText(first.body) !== eventText(second.body)
  }
  return true
}

function legText({
  leg,
  legType,
  from,
  to,
}: Extract<ReferralContent, { type: 'custody' }>['body']) {
  return JSON.stringify([leg, legType, from.organisation, from.type, to.organisation, to.type])
}

/** Members stand in the order of their schema, so equal bodies give equal text. */
function eventText(body: Extract<ReferralContent, { type: 'event' }>['body']): string {
  return JSON.stringify(body, (member, value: unknown) =>
    PLACE_MEMBERS.has(member) ? undefined : value,
  )
}

function linked(
  { relates }: ReferralStatement,
  relation: ReferralStatement['relates'][number]['relation'],
): readonly string[] {
  return relates.filter((link) => link.relation === relation).map(({ digest }) => digest)
}

function agencyOf({ signers }: ReferralStatement): string | undefined {
  return signers[0]?.agency
}
