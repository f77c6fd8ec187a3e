/**
 * What a reader does about a finding: one of a few things, whatever its code.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#findings
 */
import { type CATALOGUES } from '@amana/vocabulary'
import { type Finding, type FindingCode } from './findings.ts'

/** A key of `report.actions` in the catalogues. */
export type FindingAction = keyof (typeof CATALOGUES)['en']['report']['actions']

const ACTIONS: Partial<Readonly<Record<FindingCode, FindingAction>>> = {
  ANCHOR_MALFORMED: 'typeAgain',
  BREAK_GLASS_UNREVIEWED: 'review',
  BUNDLE_DIGEST: 'askAgain',
  BUNDLE_LIMIT: 'split',
  BUNDLE_MALFORMED: 'askAgain',
  BUNDLE_TRUNCATED: 'askAgain',
  CHARTER_MISMATCH: 'policy',
  INDEX_GAP: 'askAgain',
  NO_POLICY: 'policy',
  NO_ROSTERS: 'addBundle',
  NO_TRUST: 'addBundle',
  POLICY_MALFORMED: 'policy',
  POLICY_MISMATCH: 'policy',
  UNKNOWN_FILE: 'rename',
  WRONG_LOG: 'policy',
  BUNDLE_EMPTY: 'askAgain',
  STALE: 'newer',
  TRUNCATED_VS_WITNESS: 'newer',
  UNWITNESSED_TAIL: 'newer',
}

/** The action that fits; where two agencies contradict each other, both are asked. */
export function actionOf({ code, level, severity }: Finding): FindingAction {
  const known = ACTIONS[code]
  if (known !== undefined) return known
  if (severity === 'info') return 'none'
  if (level === 'CONTRADICTED') return 'askBoth'
  return level === 'PROVEN' ? 'secure' : 'explain'
}
