/**
 * The words of the code lists, by list, code and language.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#words
 */
import codeLists from './code-lists.json' with { type: 'json' }
import { type Language } from './catalogues.ts'

type Labels = Readonly<Record<string, Readonly<Record<Language, string>>>>

const LISTS: Readonly<Record<string, { readonly codes: Labels }>> = codeLists

/** The label of a code; nothing where the list, or the code in it, is not known. */
export function codeLabel(list: string, code: string, language: Language): string | undefined {
  const labels = Object.hasOwn(LISTS, list) ? LISTS[list]?.codes : undefined
  return labels !== undefined && Object.hasOwn(labels, code) ? labels[code]?.[language] : undefined
}
