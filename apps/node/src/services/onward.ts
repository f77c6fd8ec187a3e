/**
 * Whose message it is stays its owner’s word: what another agency sent is shown on only as far as its handling releases it,
 * or to those who look after rights and rules.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#the-hard-rules
 */
import { AmanaError, parseStatement } from '@amana/core'
import { type Purpose } from '../access/recorded.ts'
import { type StatementRecord } from '../records.ts'

/** Caveats by which the originator, who signed them, released it to more than both agencies. */
const RELEASED: readonly string[] = ['dist:community', 'dist:jtwg', 'dist:partners']
/** Who checks, or asks about her own data, is no further reader of it. */
const WATCHING: readonly Purpose[] = ['audit', 'data-subject', 'quality', 'supervision']

/**
 * What is disclosed of a message for a purpose may leave this agency. An own one may.
 *
 * @throws WIRE_POLICY, rule `originator control`
 */
export function assertOnward(
  { direction, statement }: Pick<StatementRecord, 'direction' | 'statement'>,
  purpose: Purpose,
): void {
  if (direction === 'out' || WATCHING.includes(purpose)) return
  const { caveats } = parseStatement(statement).content.handling
  if (caveats.some((caveat) => RELEASED.includes(caveat))) return
  throw new AmanaError('WIRE_POLICY', { rule: 'originator control' })
}
