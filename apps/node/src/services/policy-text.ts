/**
 * The policy file as this node would write it: a function of its charter and rosters.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#policy-file
 */
import { formatPolicy } from '@amana/core'
import { type NodeParts } from '../node-parts.ts'

/** Its text. @throws TRUST_NO_CHARTER */
export function policyText({ trust }: NodeParts): string {
  return formatPolicy(trust.view().charter, trust.rosters)
}
