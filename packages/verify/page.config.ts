/**
 * Writes `dist/verify.html`: the verifier as one HTML file, from the same sources as the command line, and its SHA-256
 * beside it. Four modules of the sources are replaced by smaller ones (docs/decisions/0012-page.md); nothing of what is
 * checked depends on them.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#page
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ERRORS } from '@amana/core'
import { EVENT_DATA } from '../core/src/audit/events.ts'
import { leafPattern } from '../core/src/audit/leaf-pattern.ts'
import { build, type OnLoadResult, type Plugin, transform } from 'esbuild'

const HERE = new URL('./', import.meta.url)
const LOCALES = new URL('../vocabulary/locales/', HERE)
/** The texts that the page shows. */
const CATALOGUES = ['findings', 'page', 'report'] as const
/** Areas of errors that a verifier can meet. */
const AREAS = /^(AUDIT|TRUST|VERIFY|WIRE)_/
const TARGET = 'chrome138'

/** The page and what it is known by. */
export interface Page {
  readonly html: string
  /** In hexadecimal, of the UTF-8. */
  readonly sha256: string
}

/** Builds the page. `before` is script that runs first: for tests of what the page does in a browser that errs. */
export async function buildPage({ before = '' } = {}): Promise<Page> {
  const style = await styleText()
  const script = await scriptText(before)
  const parts: Readonly<Record<string, string>> = {
    noScriptEn: await noScriptText('en'),
    noScriptFr: await noScriptText('fr'),
    script,
    scriptHash: hashSource(script),
    style,
    styleHash: hashSource(style),
    version: await versionText(),
  }
  const template = await readText(new URL('src/page/page.html', HERE))
  const html = template.replaceAll(
    / data-part="(\w+)">|\{\{(\w+)\}\}/g,
    (_, element: string | undefined, name: string | undefined) =>
      element === undefined ? (parts[name ?? ''] ?? '') : `>${parts[element] ?? ''}`,
  )
  return { html, sha256: createHash('sha256').update(html).digest('hex') }
}

async function scriptText(before: string): Promise<string> {
  const { outputFiles, warnings } = await build({
    banner: { js: before },
    bundle: true,
    charset: 'utf8',
    conditions: ['@amana/source', 'import', 'default'],
    entryPoints: [fileURLToPath(new URL('src/page/main.ts', HERE))],
    format: 'iife',
    legalComments: 'none',
    logLevel: 'error',
    minify: true,
    platform: 'browser',
    plugins: [smallerModules],
    target: TARGET,
    write: false,
  })
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'))
  return outputFiles[0]?.text.trim() ?? ''
}

const smallerModules: Plugin = {
  name: 'smaller-modules',
  setup: ({ onLoad, onResolve }) => {
    const resolvesTo = (filter: RegExp, path: string): void => {
      const url = new URL(path, HERE)
      onResolve({ filter }, () => ({ path: fileURLToPath(url), sideEffects: false }))
    }
    resolvesTo(/^#engine$/, '../core/src/crypto/engine-page.ts')
    resolvesTo(/^zod$/, 'src/page/zod.mjs')
    onResolve({ filter: /^@amana\/vocabulary$/ }, () => ({ path: 'texts', namespace: 'texts' }))
    onLoad({ filter: /./, namespace: 'texts' }, textsModule)
    onLoad({ filter: /core\/src\/errors\/[a-z-]+\.ts$/ }, ({ path }) => errorsModule(path))
    onLoad({ filter: /core\/src\/audit\/leaf-pattern\.ts$/ }, patternsModule)
    onResolve({ filter: /^\.\/[a-z-]+\.ts$/ }, async ({ importer, path, resolveDir }) => {
      if (!importer.endsWith('core/src/messages/kinds.ts')) return undefined
      const found = join(resolveDir, path)
      return (await groupsOf(found)).length > 0 ? { path: found, namespace: 'groups' } : undefined
    })
    onLoad({ filter: /./, namespace: 'groups' }, async ({ path }) => groupsModule(path))
  },
}

/** Of the interface texts those that the page shows. */
async function textsModule(): Promise<OnLoadResult> {
  const catalogues: Record<string, Record<string, unknown>> = { en: {}, fr: {} }
  for (const [language, texts] of Object.entries(catalogues)) {
    for (const name of CATALOGUES) {
      texts[name] = JSON.parse(await readText(new URL(`${language}/${name}.json`, LOCALES)))
    }
  }
  return { contents: `export const CATALOGUES = ${JSON.stringify(catalogues)}`, loader: 'js' }
}

/** Of the error table what a verifier asks: the sentence that is kept with an error, and its exit status. */
function errorsModule(path: string): OnLoadResult | undefined {
  const area = basename(path, '.ts')
  if (area === 'row') return undefined
  const name = `${area.replace('-', '_').toUpperCase()}_ERRORS`
  // the first area has all rows, so that the table is written once
  const rows = Object.entries(ERRORS)
    .filter(([code]) => area === 'audit' && AREAS.test(code))
    .map(([code, { en, exit }]) => `${code}:{exit:${String(exit)},en:${en.toString()}}`)
  return { contents: `export const ${name} = {${rows.join(',')}}`, loader: 'js' }
}

/** Of a kind's groups their names: no body is opened here, so none is held against its schema. */
async function groupsModule(path: string): Promise<OnLoadResult> {
  const lines = (await groupsOf(path)).map(([name, schemas]) => {
    const names = Object.keys(Object(schemas)).map((group) => [group, 0])
    return `export const ${name} = ${JSON.stringify(Object.fromEntries(names))}`
  })
  return { contents: lines.join('\n'), loader: 'js' }
}

/** What a module of messages exports as groups of kinds; what else it exports, nobody here asks it for. */
async function groupsOf(path: string): Promise<readonly (readonly [string, unknown])[]> {
  const module: unknown = await import(path)
  return Object.entries(Object(module)).filter(([name]) => name.endsWith('_GROUPS'))
}

/** The patterns of leaves as they come out of the schemas, without what makes them. */
function patternsModule(): OnLoadResult {
  const sources = Object.keys(EVENT_DATA).map((event) => [event, leafPattern(event)?.source])
  const table = JSON.stringify(Object.fromEntries(sources))
  const contents = `const sources = ${table}
    const patterns = new Map()
    export function leafPattern(event) {
      if (!Object.hasOwn(sources, event)) return undefined
      const known = patterns.get(event) ?? new RegExp(sources[event])
      patterns.set(event, known)
      return known
    }`
  return { contents, loader: 'js' }
}

async function styleText(): Promise<string> {
  const css = await readText(new URL('src/page/page.css', HERE))
  const { code } = await transform(css, { loader: 'css', minify: true, target: TARGET })
  return code.trim()
}

async function noScriptText(language: string): Promise<string> {
  const texts: unknown = JSON.parse(await readText(new URL(`${language}/page.json`, LOCALES)))
  return String(new Map(Object.entries(Object(texts))).get('noScript'))
}

async function versionText(): Promise<string> {
  const manifest: unknown = JSON.parse(await readText(new URL('package.json', HERE)))
  return String(new Map(Object.entries(Object(manifest))).get('version'))
}

/** As a content security policy names what it lets run. */
function hashSource(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

async function readText(url: URL): Promise<string> {
  return readFile(url, 'utf8')
}

if (import.meta.main) {
  const { html, sha256 } = await buildPage()
  const folder = new URL('dist/', HERE)
  await mkdir(folder, { recursive: true })
  await writeFile(new URL('verify.html', folder), html)
  await writeFile(new URL('verify.html.sha256', folder), `${sha256}  verify.html\n`)
}
