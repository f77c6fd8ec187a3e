/**
 * The part of a message that is shown to an auditor.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#presentation
 */
import {
  AmanaError,
  buildPresentation,
  type GeneralJws,
  groupNames,
  type Opening,
  parseOpening,
  parsePresentation,
  parseStatement,
} from '@amana/core'
import { type StatementRecord } from '../records.ts'
import { shownOpening } from '../statements/at-rest-form.ts'

/** What is to be shown: paths, or the presentation that an officer’s program made of them. */
export interface Shown {
  readonly disclose?: readonly string[]
  readonly presentation?: string
}

/**
 * The presentation that was asked for.
 *
 * @throws CLI_SEALED when the node was given paths and the groups are sealed for officers
 * @throws WIRE_DIS when a path names nothing, nothing of the statement was opened here, or it is of another statement
 */
export function presentationIn(
  record: StatementRecord,
  { disclose = [], presentation }: Shown,
): string {
  if (presentation !== undefined) {
    if (parsePresentation(presentation).statement.digest === record.digest) return presentation
    throw new AmanaError('WIRE_DIS', { reason: 'presentation' })
  }
  if (record.atRest !== undefined) throw new AmanaError('CLI_SEALED', { digest: record.digest })
  return presentationOf(record.statement, parseOpening(shownOpening(record)), disclose)
}

/**
 * The presentation of these paths, always the same for the same paths. They are `group.member…`; in kinds that have
 * several groups `body.group.member…` is the same.
 *
 * @throws WIRE_DIS when a path names nothing
 */
export function presentationOf(
  statement: GeneralJws,
  opening: Opening,
  disclose: readonly string[],
): string {
  const { kind } = parseStatement(statement).content
  const isBodyGroup = groupNames(kind).includes('body')
  const paths = disclose.map((path) => (isBodyGroup ? path : path.replace(/^body\./, '')))
  return buildPresentation(statement, opening, paths)
}
