/**
 * What an officer types for the members of a body: codes in their own spelling or in words, instants, escorts.
 *
 * @module
 * @spec docs/spec/08-exchange.md#acts-of-a-referral
 */
import { AmanaError, CODE_LISTS, type CodeListName } from '@amana/core'
import { codeLabel, type Language } from '@amana/vocabulary'

/** How a member is typed. */
export type Form = 'text' | 'office' | 'instant' | 'escorts' | Choice | Choices

/** One code of a list, or of these. */
export type Choice = { readonly list: CodeListName } | { readonly of: readonly string[] }

/** Codes of a list, parted by commas. */
export interface Choices {
  readonly many: CodeListName
}

/** One text, or several of an option that may come again. */
export type Typed = string | readonly string[]

const LANGUAGES: readonly Language[] = ['en', 'fr']

/** The value of an option as a body has it. @throws CLI_CODE, CLI_OPTION */
export function valueIn(form: Form, typed: Typed, option: string): unknown {
  const [first = '', ...more] = [typed].flat()
  if (form === 'escorts') return [first, ...more].map((one) => escortIn(one, option))
  if (form === 'text') return first.normalize('NFC')
  if (form === 'office') return first.toLowerCase()
  if (form === 'instant') return instantIn(first, option)
  if (!('many' in form)) return codeIn(form, first, option)
  return first.split(',').map((one) => codeIn({ list: form.many }, one, option))
}

/** The codes that an option may have. */
export function codesOf(choice: Choice): readonly string[] {
  return 'of' in choice ? choice.of : CODE_LISTS[choice.list]
}

/** The label of a code that an option may have. */
export function choiceLabel(choice: Choice, code: string, language: Language): string {
  return ('of' in choice ? undefined : codeLabel(choice.list, code, language)) ?? code
}

/** A code as it stands in its list, in any case and with any signs between its words, or by its label. @throws CLI_CODE */
export function codeIn(choice: Choice, typed: string, option: string): string {
  const sought = folded(typed)
  const found = codesOf(choice).find((code) =>
    [code, ...LANGUAGES.map((language) => choiceLabel(choice, code, language))]
      .map((name) => folded(name))
      .includes(sought),
  )
  if (found !== undefined) return found
  throw new AmanaError('CLI_CODE', { option, choices: codesOf(choice).join(', ') })
}

const INSTANT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?Z?$/

/** An instant in UTC; seconds and the `Z` may be left out. @throws CLI_OPTION */
export function instantIn(typed: string, option: string): string {
  const [whole, day = '', minutes = '', seconds = ':00'] = INSTANT.exec(typed.trim()) ?? []
  const instant = `${day}T${minutes}${seconds}Z`
  if (whole === undefined || Number.isNaN(Date.parse(instant))) {
    throw new AmanaError('CLI_OPTION', { option })
  }
  return instant
}

const ESCORT = /^([^/:]+)(?:\/([^/:]+))?:([^/:]+)$/

/** `organisation:gender`, or `organisation/officer:gender`. @throws CLI_OPTION, CLI_CODE */
function escortIn(typed: string, option: string): Readonly<Record<string, string>> {
  const [, organisation, officer, gender] = ESCORT.exec(typed) ?? []
  if (organisation === undefined || gender === undefined) {
    throw new AmanaError('CLI_OPTION', { option })
  }
  return {
    organisation: organisation.toLowerCase(),
    ...(officer === undefined ? {} : { officer }),
    gender: codeIn({ list: 'gender' }, gender, option),
  }
}

function folded(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '')
}
