/**
 * What the file in force says of the person: whether she is a child, what she consented to and what she took back.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#consent-and-withdrawal
 */
import { type CodeOf } from '../messages/code-lists.ts'
import { type ReferralFacts } from '../messages/victim-referral.ts'
import { type Progress, type RecordedConsent, type Withdrawal } from './progress.ts'
import { type ReferralReason } from './reasons.ts'
import { STOPPING_SCOPES } from './table.ts'

type Scope = CodeOf<'consentScope'>
/** What the machine reads of a consent, wherever it was recorded. */
type ConsentRecord = Pick<
  RecordedConsent['record'],
  'scope' | 'status' | 'recorded' | 'givenBy' | 'expiresAt' | 'clinician' | 'secondOrganisation'
>

const ADULT_AGE = 18
/** Who may consent. Assent of a child, or a parent’s word for an adult, is no consent. */
const CONSENTS_FOR_CHILD: readonly CodeOf<'consentGivenBy'>[] = ['parent', 'guardian', 'court']
const CONSENTS_FOR_ADULT: readonly CodeOf<'consentGivenBy'>[] = ['person', 'guardian', 'court']
const WOMEN: readonly CodeOf<'gender'>[] = ['Feminine', 'TransgenderFeminine']

/** Whether the person may be under 18; an age that nobody wrote down may be. */
export function mayBeChild({ person, routing }: ReferralFacts): boolean {
  return routing.treatAsChild === 'yes' || (person?.ageMin ?? 0) < ADULT_AGE
}

/** Whether this is a woman or a girl. */
export function isFeminine(gender: CodeOf<'gender'> | undefined): boolean {
  return gender !== undefined && WOMEN.includes(gender)
}

/** Whether a name or alias, an age range, a gender and a citizenship are known. */
export function isIdentified({ person = {}, identity = {} }: ReferralFacts): boolean {
  const { calledName, ageMin, ageMax, gender } = person
  const { familyName, givenNames, aliases = [], citizenship = [] } = identity
  const isNamed = [calledName, familyName, givenNames, ...aliases].some(isPresent)
  const hasAge = ageMin !== undefined && ageMax !== undefined && ageMin <= ageMax
  return isNamed && hasAge && gender !== undefined && citizenship.length > 0
}

/** What is wrong with the basis on which the file is to be shared, if anything. */
export function basisReasons(progress: Progress, at: string): readonly ReferralReason[] {
  const { legalBasis, justification } = progress.file?.facts.consent ?? {}
  if (legalBasis === 'consent') return consentReasons(progress, at)
  return legalBasis !== undefined && justification !== undefined ? [] : ['justification_missing']
}

/** A file that leaves the country needs a basis of its own for that, whatever it is shared on. */
export function transferReasons(progress: Progress): readonly ReferralReason[] {
  const { sending, receiving, file } = progress
  const isAbroad = countryOf(sending) !== countryOf(receiving)
  const hasBasis = file?.facts.consent?.transferBasis !== undefined
  return isAbroad && !hasBasis ? ['transfer_basis_missing'] : []
}

function countryOf(agency: string | undefined): string {
  return (agency ?? '').slice(0, 2)
}

/** What is wrong with the basis on which the person is to return, if anything. */
export function returnReasons(progress: Progress, at: string): readonly ReferralReason[] {
  const facts = progress.file?.facts
  if (facts === undefined) return ['return_consent_missing']
  if (isWithdrawn(progress, 'return', at)) return ['consent_withdrawn']
  if (staysBehind(progress)) return ['return_not_wished']
  if (mayBeChild(facts)) return mayChildReturn(facts, at) ? [] : ['best_interests_missing']
  return mayAdultReturn(progress, at) ? [] : ['return_consent_missing']
}

/** Whether she is stranded and does not wish to return, or nobody asked her. */
function staysBehind({ file }: Progress): boolean {
  const stranded = file?.stranded
  return stranded !== undefined && stranded.risk?.returnIntention !== 'yes'
}

/**
 * Whether a consent was taken back and not given again. What was given before a withdrawal does not lift it, whatever
 * day it claims; for a child, only a best-interests assessment made since then does.
 */
export function isWithdrawn(progress: Progress, scope: Scope, at: string): boolean {
  return standingWithdrawals(progress, at).some((withdrawal) => withdrawal.scope === scope)
}

/** The withdrawals that stop the referral and stand; a service needs no consent to return. */
export function stoppingWithdrawals(progress: Progress, at: string): readonly Withdrawal[] {
  const isService = progress.file?.facts.routing.referralKind === 'service'
  return standingWithdrawals(progress, at).filter(
    ({ scope }) =>
      STOPPING_SCOPES.some((stopping) => stopping === scope) && !(isService && scope === 'return'),
  )
}

/** Whether she, or who may speak for a child, gave leave for photographs, and it stands. */
export function mayUsePhotographs(progress: Progress, at: string): boolean {
  const facts = progress.file?.facts
  const record = newestRecord(recordsOf(progress), 'photo', at)
  if (record === undefined || !isGiven(record, at) || isWithdrawn(progress, 'photo', at))
    return false
  return facts !== undefined && mayBeChild(facts) ? speaksForChild(record) : speaksForAdult(record)
}

function standingWithdrawals(progress: Progress, at: string): readonly Withdrawal[] {
  const { file, withdrawals } = progress
  const inFile = (file?.facts.consent?.consents ?? [])
    .filter(({ status }) => status === 'withdrawn')
    .map(({ scope, recorded }) => ({ scope, occurredAt: recorded, order: file?.order ?? 0 }))
  return [...withdrawals, ...inFile].filter(
    (withdrawal) => stands(file, withdrawal, at) && !isGivenSince(progress, withdrawal, at),
  )
}

/** A guardian whom somebody suspects, or of whom nobody knows, consents to nothing. */
function consentReasons(progress: Progress, at: string): readonly ReferralReason[] {
  const facts = progress.file?.facts
  const record = newestRecord(recordsOf(progress), 'share_receiving_agency', at)
  if (facts === undefined || record === undefined || !isGiven(record, at)) {
    return ['share_consent_missing']
  }
  if (!mayBeChild(facts)) return speaksForAdult(record) ? [] : ['share_consent_missing']
  return isGuardianClear(facts) && speaksForChild(record) ? [] : ['guardian_unclear']
}

function isPresent(value: unknown): boolean {
  return value !== undefined
}

function stands(file: Progress['file'], withdrawal: Withdrawal, at: string): boolean {
  const { scope, occurredAt, order } = withdrawal
  if (file === undefined || file.order < order) return true
  if (isReassessedSince(file.own, occurredAt, at)) return false
  const record = newestRecord(file.own.consent?.consents ?? [], scope, at)
  return record === undefined || !isGiven(record, at) || record.recorded <= occurredAt
}

/** Whether a statement of its own, that came after the withdrawal, gives again what she took back. */
function isGivenSince(
  { file, consents, assessments }: Progress,
  { scope, occurredAt, order }: Withdrawal,
  at: string,
): boolean {
  const isReassessed = assessments.some(
    ({ said, order: later }) =>
      later > order &&
      said.child?.outcome !== undefined &&
      said.routing.assessedAt > occurredAt &&
      said.routing.assessedAt <= at,
  )
  if (file !== undefined && mayBeChild(file.facts)) return isReassessed
  const since = consents.filter(({ order: later }) => later > order)
  const record = newestRecord(
    since.map((consent) => consent.record),
    scope,
    at,
  )
  return record !== undefined && isGiven(record, at) && record.recorded > occurredAt
}

function recordsOf({ file, consents }: Progress): readonly ConsentRecord[] {
  return [...(file?.facts.consent?.consents ?? []), ...consents.map(({ record }) => record)]
}

function isReassessedSince(facts: ReferralFacts, since: string, at: string): boolean {
  const assessedAt = facts.child?.bestInterests?.assessedAt
  return mayBeChild(facts) && assessedAt !== undefined && assessedAt > since && assessedAt <= at
}

function mayChildReturn({ child }: ReferralFacts, at: string): boolean {
  const { bestInterests, authorisation } = child ?? {}
  return (
    bestInterests?.outcome === 'return' &&
    bestInterests.assessedAt <= at &&
    authorisation !== undefined &&
    authorisation.at <= at
  )
}

function mayAdultReturn(progress: Progress, at: string): boolean {
  const record = newestRecord(recordsOf(progress), 'return', at)
  if (record === undefined) return false
  if (record.status === 'not_possible') {
    return record.clinician !== undefined || record.secondOrganisation !== undefined
  }
  return isGiven(record, at) && speaksForAdult(record)
}

/** The newest record of a scope that was there at `at`: what is recorded later covers nothing that is done before. */
function newestRecord(
  records: readonly ConsentRecord[],
  scope: Scope,
  at: string,
): ConsentRecord | undefined {
  return records
    .filter((record) => record.scope === scope && record.recorded <= at)
    .reduce<ConsentRecord | undefined>(
      (newest, record) =>
        newest !== undefined && newest.recorded > record.recorded ? newest : record,
      undefined,
    )
}

function isGiven({ status, expiresAt }: ConsentRecord, at: string): boolean {
  return status === 'given' && (expiresAt === undefined || expiresAt > at)
}

function isGuardianClear({ child }: ReferralFacts): boolean {
  return child?.guardianSuspected === 'no'
}

function speaksForChild({ givenBy }: ConsentRecord): boolean {
  return givenBy !== undefined && CONSENTS_FOR_CHILD.includes(givenBy)
}

function speaksForAdult({ givenBy }: ConsentRecord): boolean {
  return givenBy === undefined || CONSENTS_FOR_ADULT.includes(givenBy)
}
