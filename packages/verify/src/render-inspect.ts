/**
 * An inspected object as text for terminals, at most 80 columns.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#inspecting
 */
import { CATALOGUES, type Language } from '@amana/vocabulary'
import { type InspectResult } from './inspect.ts'
import { type InspectKind, type InspectMember } from './inspect-members.ts'
import { wrapText } from './text-lines.ts'

/** The object in one language; every line ends with a newline. */
export function renderInspect({ what, members }: InspectResult, language: Language): string {
  const lines = [
    ...inspectHeading(what, language),
    ...members.flatMap((member) => memberLines(member, language)),
  ]
  return `${lines.join('\n')}\n`
}

/** What stands above the members. */
export function inspectHeading(what: InspectKind, language: Language): readonly string[] {
  const text = CATALOGUES[language].inspect
  return [...wrapText(text.what[what], 0), ...wrapText(text.note, 0), '']
}

/** One member. */
export function memberLines(member: InspectMember, language: Language): readonly string[] {
  const { meanings, visibility } = CATALOGUES[language].inspect
  return [
    ...wrapText(`${member.path} [${visibility[member.visibility]}]`, 0),
    ...wrapText(member.value, 4),
    ...wrapText(meanings[member.meaning], 4),
    ...wrapText(member.spec, 4),
  ]
}
