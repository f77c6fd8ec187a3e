/**
 * What of a message its readers would find out by its texts: looked for in the groups that any of them is sent.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#free-texts
 */
import { type ReadingDesk } from '../trust/roster.ts'
import { type CaseWord, caseWords } from './case-words.ts'
import { deskGroups } from './kinds.ts'
import { type Message } from './message.ts'
import { type Finding, scanTexts } from './text-scan.ts'

/** The findings in what any of the desks would be sent; `words` are those of the case that stand elsewhere. */
export function releaseFindings(
  { groups, kind }: Message,
  desks: readonly ReadingDesk[],
  words: readonly CaseWord[] = [],
): readonly Finding[] {
  const seen = new Set(desks.flatMap((desk) => deskGroups(kind, desk).mustSee))
  const sent = Object.entries(groups).filter(([name]) => seen.has(name))
  return scanTexts({
    groups: Object.fromEntries(sent),
    kind,
    words: [...caseWords(groups), ...words],
  })
}
