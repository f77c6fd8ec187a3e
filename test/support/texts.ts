/**
 * Every text that a person may read, by language: catalogues, code lists, the error table and the pages.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import { ERRORS } from '@amana/core'
import { z } from 'zod'
import { errorCodes, sentenceOf } from './errors-page.ts'
import { listFiles, readJson, readText } from './repository.ts'

/** A text and where it stands. */
export interface Text {
  readonly where: string
  readonly text: string
}

const LabelSchema = z.object({ en: z.string(), fr: z.string() })
const LabelsSchema = z.record(z.string(), LabelSchema)
const FieldsSchema = z.object({ members: LabelsSchema, planned: LabelsSchema })
const LawSchema = z.object({ entries: z.array(LabelSchema.extend({ id: z.string() })) })
const CodeListsSchema = z.record(
  z.string(),
  z.object({ codes: z.record(z.string(), z.object({ en: z.string(), fr: z.string() })) }),
)

/** The files of the catalogues, named as under `locales/<language>/`. */
export const CATALOGUE_FILES = listFiles('packages/vocabulary/locales/en', ['.json']).map(
  (path) => path.split('/').at(-1) ?? '',
)

/** A catalogue's texts by key, `a.b.c`. */
export function readCatalogue(language: 'en' | 'fr', file: string): ReadonlyMap<string, string> {
  return new Map(leaves(readJson(`packages/vocabulary/locales/${language}/${file}`), []))
}

/** The error page is the error table; the glossary is three languages in one table. */
const CHECKED_ELSEWHERE = new Set(['docs/spec/errors.md', 'docs/glossary.md'])

/** Everything in a language that is shown on a screen or in a report. */
export function screenTexts(language: 'en' | 'fr'): readonly Text[] {
  return [
    ...catalogueTexts(language),
    ...codeListTexts(language),
    ...registerTexts(language),
    ...errorTexts(language),
  ]
}

/** The prose of the pages of a language, without code, links' targets and markup. */
export function pageTexts(language: 'en' | 'fr'): readonly Text[] {
  return listFiles('.', ['.md'])
    .filter((path) => !path.startsWith('.changeset') && !CHECKED_ELSEWHERE.has(path))
    .map((where) => ({ where, text: proseOf(partOf(where, language)) }))
    .filter(({ text }) => text.trim() !== '')
}

/** French pages lie under `fr/`; a page with both languages marks the French part by two comments. */
function partOf(path: string, language: 'en' | 'fr'): string {
  const text = readText(path)
  if (path.includes('/fr/') || path.endsWith('.fr.md')) return language === 'fr' ? text : ''
  const french = /<!-- fr -->[^]*?<!-- \/fr -->/g
  return language === 'fr' ? (text.match(french) ?? []).join('\n') : text.replaceAll(french, '')
}

function proseOf(markdown: string): string {
  return markdown
    .replaceAll(/^```[^]*?^```/gm, '')
    .replaceAll(/<!--[^]*?-->/g, '')
    .replaceAll(/`[^`\n]*`/g, '\u2026')
    .replaceAll(/\]\([^)]*\)/g, ']')
    .replaceAll(/<[^>]*>|https?:\S+/g, '')
    .replaceAll(/^\|[ :|-]+$/gm, '')
}

function catalogueTexts(language: 'en' | 'fr'): readonly Text[] {
  return CATALOGUE_FILES.flatMap((file) =>
    [...readCatalogue(language, file)].map(([key, text]) => ({ where: `${file} ${key}`, text })),
  )
}

function codeListTexts(language: 'en' | 'fr'): readonly Text[] {
  const lists = CodeListsSchema.parse(readJson('packages/vocabulary/src/code-lists.json'))
  return Object.entries(lists).flatMap(([list, { codes }]) =>
    Object.entries(codes).map(([code, label]) => ({
      where: `code-lists.json ${list}.${code}`,
      text: label[language],
    })),
  )
}

/** Labels of fields, and what the register of law says. */
function registerTexts(language: 'en' | 'fr'): readonly Text[] {
  const { members, planned } = FieldsSchema.parse(readJson('packages/vocabulary/src/fields.json'))
  const { entries } = LawSchema.parse(readJson('packages/vocabulary/src/law.json'))
  return [
    ...Object.entries({ ...planned, ...members }).map(([name, label]) => ({
      where: `fields.json ${name}`,
      text: label[language],
    })),
    ...entries.map((entry) => ({ where: `law.json ${entry.id}`, text: entry[language] })),
  ]
}

function errorTexts(language: 'en' | 'fr'): readonly Text[] {
  return errorCodes().flatMap((code) => [
    { where: code, text: sentenceOf(code, language) },
    { where: `${code} hint`, text: ERRORS[code][language === 'en' ? 'hintEn' : 'hintFr'] },
  ])
}

function leaves(value: unknown, path: readonly string[]): [string, string][] {
  if (typeof value === 'string') return [[path.join('.'), value]]
  const members = z.record(z.string(), z.unknown()).parse(value)
  return Object.entries(members).flatMap(([name, inner]) => leaves(inner, [...path, name]))
}
