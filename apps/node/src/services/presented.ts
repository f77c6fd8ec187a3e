/**
 * The part of a message that is shown to an auditor.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#presentation
 */
import { buildPresentation, groupNames, parseOpening, parseStatement } from '@amana/core'
import { type StatementRecord } from '../records.ts'

/**
 * The presentation of these paths, always the same for the same paths. They are `group.member…`; in kinds that have
 * several groups `body.group.member…` is the same.
 *
 * @throws WIRE_DIS when a path names nothing, or nothing of the statement was opened here
 */
export function presentationOf(record: StatementRecord, disclose: readonly string[]): string {
  const { kind } = parseStatement(record.statement).content
  const isBodyGroup = groupNames(kind).includes('body')
  const paths = disclose.map((path) => (isBodyGroup ? path : path.replace(/^body\./, '')))
  return buildPresentation(record.statement, parseOpening(record.opening), paths)
}
