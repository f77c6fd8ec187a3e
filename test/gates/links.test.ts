/**
 * Every reference leads somewhere: `@spec` to a heading, links in pages to files, stops of the walk to functions.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listFiles, readText, ROOT } from '../support/repository.ts'

const pages = listFiles('.', ['.md'])
const sources = ['packages', 'apps', 'test', 'tools'].flatMap((folder) =>
  listFiles(folder, ['.ts', '.mjs', '.go']),
)
const WALK = 'docs/walk-one-message.md'

describe('references', () => {
  it('from @spec lead to a heading', () => {
    const references = sources.flatMap((path) =>
      [...readText(path).matchAll(/^ \* @spec (\S+)$/gm)].map(([, target]) => [path, target ?? '']),
    )
    expect(references.length).toBeGreaterThan(50)
    const broken = references.filter(([, target]) => !leadsSomewhere(target ?? ''))
    expect(broken.map(([path, target]) => `${path ?? ''} -> ${target ?? ''}`)).toEqual([])
  })

  it('in pages lead to a file, and to a heading where they name one', () => {
    const broken = pages.flatMap((page) =>
      linksOf(page)
        .map((link) => (link.startsWith('#') ? page + link : join(dirname(page), link)))
        .filter((target) => !leadsSomewhere(target))
        .map((target) => `${page} -> ${target}`),
    )
    expect(broken).toEqual([])
  })

  it('never lead out of the repository or to a path of one machine', () => {
    const local = pages.filter((page) => /(^|[\s`(])\/(work|home|root|tmp)\//m.test(readText(page)))
    expect(local).toEqual([])
  })
})

describe('files from elsewhere', () => {
  const folders = [
    ...listFiles('examples', ['.json']),
    ...listFiles('test/vectors', ['.json']),
  ].map((path) => dirname(path))

  it.each([...new Set(folders)])('in %s stand beside their sources and licences', (folder) => {
    const candidates = ['SOURCES.md', 'README.md'].map((name) => `${folder}/${name}`)
    const page = candidates.find((path) => existsSync(join(ROOT, path)))
    expect(readText(page ?? `${folder}/SOURCES.md`)).toMatch(/licence/i)
  })
})

describe('the walk of one message', () => {
  const stops = [...readText(WALK).matchAll(/`([\w./-]+\.ts):(\w+)`/g)].map(
    ([, file, name]) => [file ?? '', name ?? ''] as const,
  )

  it('has stops', () => {
    expect(stops.length).toBeGreaterThan(10)
  })

  it.each(stops)('stops at %s: %s', (file, name) => {
    const declaration = new RegExp(
      `^(export )?(async )?(function\\*? ${name}\\b|const ${name}\\b|class ${name}\\b)|^  (async )?\\*?${name}\\(`,
      'm',
    )
    expect(existsSync(join(ROOT, file))).toBe(true)
    expect(readText(file)).toMatch(declaration)
  })
})

/** Relative links of a page; code is not looked at. */
function linksOf(page: string): readonly string[] {
  const text = readText(page)
    .replaceAll(/^```[^]*?^```/gm, '')
    .replaceAll(/`[^`\n]*`/g, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link ?? '')
    .filter((link) => !/^(https?|mailto):/.test(link))
}

function leadsSomewhere(target: string): boolean {
  const [path = '', heading] = normalize(target).split('#')
  if (path.startsWith('..') || !existsSync(join(ROOT, path))) return false
  return heading === undefined || headingsOf(path).includes(heading)
}

/** The anchors of a page, made as code hosts make them. */
function headingsOf(page: string): readonly string[] {
  return [...readText(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, title]) =>
    (title ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  )
}
