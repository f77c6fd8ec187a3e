/**
 * The texts of both languages say the same things, in good form, and none is missing or left over.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import { describe, expect, it } from 'vitest'
import { listFiles, readText } from '../support/repository.ts'
import { CATALOGUE_FILES, pageTexts, readCatalogue, screenTexts } from '../support/texts.ts'

const PLURAL = /_(zero|one|two|few|many|other)$/

describe.each(CATALOGUE_FILES)('the catalogue %s', (file) => {
  const en = readCatalogue('en', file)
  const fr = readCatalogue('fr', file)

  it('has the same keys in English and French', () => {
    expect(baseKeys(fr)).toEqual(baseKeys(en))
  })

  it('has the same placeholders in English and French', () => {
    const differing = [...en].filter(([key, text]) => {
      const french = fr.get(key)
      return french !== undefined && placeholders(french) !== placeholders(text)
    })
    expect(differing).toEqual([])
  })

  it('leaves no text empty', () => {
    expect([...en, ...fr].filter(([, text]) => text.trim() === '')).toEqual([])
  })
})

/** What French typography refuses: name, pattern. */
const FRENCH_FAULTS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['a straight apostrophe or quote', /\p{L}'\p{L}|"/u],
  [
    'no no-break space before : ; ? ! »',
    /[^\s\u00A0\d:/](?:[;?!»]|:(?=\s|$))|[ \u202F](?:[;?!»]|:(?=\s|$))/u,
  ],
  ['no no-break space after «', /«(?!\u00A0)/u],
  ['a narrow no-break space', /\u202F/u],
  ['three full stops in place of …', /\.\.\./u],
  [
    'a capital without its accent',
    /\b(A (?!\p{Lu}\b)|Etat|Etabl|Ecri|Etre|Evacu|Equip|Elev|Echec|Ecole|Enumer|Editer)/u,
  ],
]

describe.each(FRENCH_FAULTS)('French on screen and on pages has never %s', (_name, pattern) => {
  it('in catalogues, code lists and errors', () => {
    expect(screenTexts('fr').filter(({ text }) => pattern.test(text))).toEqual([])
  })

  it('in pages', () => {
    const faults = pageTexts('fr').flatMap(({ where, text }) =>
      text
        .split('\n')
        .filter((line) => pattern.test(line))
        .map((line) => `${where}: ${line}`),
    )
    expect(faults).toEqual([])
  })
})

describe('the texts of the command line', () => {
  const sources = listFiles('apps/node/src', ['.ts'])
    .filter((path) => !path.endsWith('.test.ts'))
    .map(readText)
    .join('\n')
  const known = knownKeys()

  it('are all there', () => {
    const asked = [
      ...[...sources.matchAll(/\bsay\(\s*'([^']+)'/g)].map(([, key]) => namespaced(key ?? '')),
      ...[...sources.matchAll(/leafCommand\(\s*\w+,\s*'[^']+',\s*'(\w+)'|helpKey: '(\w+)'/g)].map(
        ([, leaf, group]) => `cli:help.${leaf ?? group ?? ''}`,
      ),
    ]
    expect(asked.length).toBeGreaterThan(20)
    expect([...new Set(asked)].filter((key) => !known.has(key))).toEqual([])
  })

  it('are all used', () => {
    const literals = new Set([...sources.matchAll(/'([\w.:-]+)'/g)].map(([, text]) => text ?? ''))
    const patterns = [...sources.matchAll(/`((?:[\w.:-]|\$\{[^}]*\})+)`/g)]
      .map(([, text]) => text ?? '')
      .filter((text) => /^[\w:]+\.[^]*\$\{/.test(text) && !text.includes('${helpKey}'))
      .map(
        (text) =>
          new RegExp(
            `^${namespaced(text)
              .replaceAll('.', '\\.')
              .replaceAll(/\$\{[^}]*\}/g, '[^.]+')}$`,
          ),
      )
    const unused = [...known].filter(
      (key) =>
        !literals.has(key) &&
        !literals.has(key.replace(/^cli:/, '')) &&
        !(key.startsWith('cli:help.') && literals.has(key.slice('cli:help.'.length))) &&
        !patterns.some((pattern) => pattern.test(key)),
    )
    expect(unused).toEqual([])
  })
})

/** Keys of the catalogues that the command line speaks from; those of reports, findings, objects taken apart and the verifier’s page are checked by types and by the page’s own test. */
function knownKeys(): ReadonlySet<string> {
  const files = CATALOGUE_FILES.filter(
    (file) => !['findings.json', 'inspect.json', 'page.json', 'report.json'].includes(file),
  )
  return new Set(
    files.flatMap((file) =>
      [...readCatalogue('en', file).keys()].map(
        (key) => `${file.replace('.json', '')}:${key.replace(PLURAL, '')}`,
      ),
    ),
  )
}

function namespaced(key: string): string {
  return key.includes(':') ? key : `cli:${key}`
}

function baseKeys(catalogue: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...catalogue.keys()].map((key) => key.replace(PLURAL, '')))].toSorted()
}

function placeholders(text: string): string {
  return [...new Set(text.match(/\{\{[^}]*\}\}/g) ?? [])].toSorted().join(' ')
}
