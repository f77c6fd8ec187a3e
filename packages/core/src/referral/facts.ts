/**
 * The file with what newer assessments found: risk, fitness and best interests of the newest day count, whoever wrote them
 * down.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#the-file-in-force
 */
import { type ReferralFacts } from '../messages/victim-referral.ts'
import { type RecordedAssessment } from './progress.ts'

/** What the file says, member by member replaced by a newer assessment. */
export function factsWith(
  own: ReferralFacts,
  assessments: readonly RecordedAssessment[],
): ReferralFacts {
  return assessments.reduce<ReferralFacts>(
    (facts, assessment) =>
      withBestInterests(withFitness(withRisk(facts, assessment), assessment), assessment),
    own,
  )
}

function withRisk(facts: ReferralFacts, { said }: RecordedAssessment): ReferralFacts {
  const { assessedAt } = said.routing
  const riskLevel = said.safety?.riskLevel
  if (riskLevel === undefined || isOlder(assessedAt, facts.safety?.assessedAt)) return facts
  return { ...facts, safety: { ...facts.safety, riskLevel, assessedAt } }
}

function withFitness(facts: ReferralFacts, { said, by }: RecordedAssessment): ReferralFacts {
  const { assessedAt } = said.routing
  const fitToTravel = said.fitness?.fitToTravel
  if (fitToTravel === undefined || isOlder(assessedAt, facts.fitness?.assessment?.assessedAt)) {
    return facts
  }
  return { ...facts, fitness: { assessment: { fitToTravel, assessedAt, clinician: by } } }
}

function withBestInterests(facts: ReferralFacts, { said }: RecordedAssessment): ReferralFacts {
  const { assessedAt } = said.routing
  const { outcome, childViews } = said.child ?? {}
  if (outcome === undefined || childViews === undefined) return facts
  if (isOlder(assessedAt, facts.child?.bestInterests?.assessedAt)) return facts
  return { ...facts, child: { ...facts.child, bestInterests: { outcome, childViews, assessedAt } } }
}

function isOlder(assessedAt: string, known: string | undefined): boolean {
  return known !== undefined && assessedAt < known
}
