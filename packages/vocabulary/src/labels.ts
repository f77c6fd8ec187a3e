/**
 * The words of the code lists and of the members of bodies, by language.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#words
 */
import codeLists from './code-lists.json' with { type: 'json' }
import fields from './fields.json' with { type: 'json' }
import { type Language } from './catalogues.ts'

type Labels = Readonly<Record<string, Readonly<Record<Language, string>>>>

const LISTS: Readonly<Record<string, { readonly codes: Labels }>> = codeLists

/** The label of a code; nothing where the list, or the code in it, is not known. */
export function codeLabel(list: string, code: string, language: Language): string | undefined {
  const labels = Object.hasOwn(LISTS, list) ? LISTS[list]?.codes : undefined
  return labels !== undefined && Object.hasOwn(labels, code) ? labels[code]?.[language] : undefined
}

/** Members of kinds, and fields of the list of fields that no kind has yet. */
const FIELDS: Labels = { ...fields.planned, ...fields.members }
const ALIASES: Readonly<Record<string, string>> = fields.aliases

/**
 * The label of the field that a path of a body names, as a refusal tells it: `custody.members.3.referral` is that of
 * `referral`. A field that the kinds call otherwise has the label of that member. Nothing where the last name of the path
 * is not known.
 */
export function fieldLabel(path: string, language: Language): string | undefined {
  const name = path.split('.').findLast((part) => !/^\d+$/.test(part)) ?? ''
  const member = Object.hasOwn(ALIASES, name) ? (ALIASES[name] ?? '') : name
  return Object.hasOwn(FIELDS, member) ? FIELDS[member]?.[language] : undefined
}
