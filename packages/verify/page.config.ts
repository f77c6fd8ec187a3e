/**
 * Writes `dist/verify.html`: the verifier as one HTML file, from the same sources as the command line, and its SHA-256
 * beside it. Some modules of the sources are replaced by smaller ones that answer the same (docs/decisions/0012-page.md).
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#page
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CODE_LISTS, ERRORS } from '@amana/core'
import { EVENT_DATA } from '../core/src/audit/events.ts'
import { leafPattern } from '../core/src/audit/leaf-pattern.ts'
import { KINDS } from '../core/src/messages/kind-table.ts'
import { build, type BuildOptions, type OnLoadResult, type Plugin, transform } from 'esbuild'
import { minify, type MinifyOptions } from 'terser'

const HERE = new URL('./', import.meta.url)
const LOCALES = new URL('../vocabulary/locales/', HERE)
/** The texts that the page shows. */
const CATALOGUES = ['findings', 'page', 'report'] as const
const LANGUAGES = ['en', 'fr'] as const
/** Of those catalogues what only the command line shows, or stands in the page before its script runs. */
const UNSHOWN = new Set([
  'page.language',
  'page.noScript',
  'report.csv',
  'report.language',
  'report.text',
])
/** Areas of errors that a verifier can meet. */
const AREAS = /^(AUDIT|TRUST|VERIFY|WIRE)_/
const UNREADABLE_EXIT = 9
const PAGE_SHA2 = new URL('../core/src/crypto/page-sha2.mjs', HERE)
/** Where the functions of `tweetnacl` stand, inside what names them for Node and for browsers. */
const NACL_START = "(function(nacl) {\n'use strict';"
const NACL_END = 'nacl.lowlevel ='
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
  const { outputFiles = [], warnings } = await build({
    ...PAGE_BUILD,
    banner: { js: before },
    entryPoints: [fileURLToPath(new URL('src/page/main.ts', HERE))],
    write: false,
  })
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'))
  const { code = '' } = await minify(outputFiles[0]?.text ?? '', SHORTER)
  return code.trim()
}

/** Nothing that is unsafe by terser's own word, and no name of a member is changed. */
const SHORTER: MinifyOptions = {
  compress: { ecma: 2020, passes: 3 },
  ecma: 2020,
  format: { comments: false },
  toplevel: true,
}

/** What stands in the place of modules, by how they are imported. */
const REPLACED: readonly (readonly [RegExp, string])[] = [
  [/^#engine$/, '../core/src/crypto/engine-page.ts'],
  [/^(?:\.\.?\/)+errors\.ts$/, 'src/page/errors.mjs'],
  [/^@scure\/base$/, 'src/page/base.mjs'],
  [/^jose$/, 'src/page/jose.mjs'],
  [/^zod$/, 'src/page/zod.mjs'],
]

const smallerModules: Plugin = {
  name: 'smaller-modules',
  setup: ({ onLoad, onResolve }) => {
    const resolvesTo = (filter: RegExp, path: string): void => {
      const url = new URL(path, HERE)
      onResolve({ filter }, () => ({ path: fileURLToPath(url), sideEffects: false }))
    }
    for (const [filter, path] of REPLACED) resolvesTo(filter, path)
    onResolve({ filter: /^@amana\/vocabulary$/ }, () => ({ path: 'texts', namespace: 'texts' }))
    onLoad({ filter: /./, namespace: 'texts' }, textsModule)
    onLoad({ filter: /tweetnacl\/nacl-fast\.js$/ }, naclModule)
    onLoad({ filter: /core\/src\/messages\/code-lists\.ts$/ }, codeListsModule)
    onLoad({ filter: /core\/src\/messages\/kind-table\.ts$/ }, kindsModule)
    onLoad({ filter: /core\/src\/audit\/leaf-pattern\.ts$/ }, patternsModule)
  },
}

/** How the sources become the page's script. */
export const PAGE_BUILD = {
  bundle: true,
  charset: 'utf8',
  conditions: ['@amana/source', 'import', 'default'],
  define: { UNREADABLE: JSON.stringify(unreadableCodes()) },
  format: 'iife',
  legalComments: 'none',
  logLevel: 'error',
  minify: true,
  platform: 'browser',
  plugins: [smallerModules],
  target: TARGET,
} as const satisfies BuildOptions

/** Of the interface texts those that the page shows, each in both languages side by side. */
async function textsModule(): Promise<OnLoadResult> {
  const [en, fr] = await Promise.all(LANGUAGES.map(async (language) => textsIn(language)))
  const contents = `const pairs = ${JSON.stringify(pairsOf(en, fr))}
    const pick = (texts, n) => Array.isArray(texts)
      ? texts[n]
      : Object.fromEntries(Object.entries(texts).map(([name, inner]) => [name, pick(inner, n)]))
    export const CATALOGUES = { en: pick(pairs, 0), fr: pick(pairs, 1) }`
  return { contents, loader: 'js' }
}

async function textsIn(language: string): Promise<Readonly<Record<string, unknown>>> {
  const texts: Record<string, unknown> = {}
  for (const name of CATALOGUES) {
    const read: unknown = JSON.parse(await readText(new URL(`${language}/${name}.json`, LOCALES)))
    texts[name] = Object.fromEntries(
      Object.entries(Object(read)).filter(([member]) => !UNSHOWN.has(`${name}.${member}`)),
    )
  }
  return texts
}

function pairsOf(en: unknown, fr: unknown): unknown {
  if (typeof en === 'string') return [en, fr]
  const inFrench = new Map(Object.entries(Object(fr)))
  const pairs = Object.entries(Object(en)).map(([name, text]) => [
    name,
    pairsOf(text, inFrench.get(name)),
  ])
  return Object.fromEntries(pairs)
}

/** The codes that say that nothing could be read, of those that a verifier can meet. */
function unreadableCodes(): readonly string[] {
  return Object.entries(ERRORS).flatMap(([code, { exit }]) =>
    exit === UNREADABLE_EXIT && AREAS.test(code) ? [code] : [],
  )
}

/** Of `tweetnacl` what judges a signature, unchanged but for the hash, which the page has once. */
async function naclModule({ path }: { readonly path: string }): Promise<OnLoadResult> {
  const source = await readFile(path, 'utf8')
  const start = source.indexOf(NACL_START)
  const end = source.indexOf(NACL_END)
  if (start < 0 || end < 0) throw new Error('tweetnacl is not the one that this was written for')
  const functions = source
    .slice(start + NACL_START.length, end)
    .replaceAll('= gf(', '= /* @__PURE__ */ gf(')
    .replaceAll('= new ', '= /* @__PURE__ */ new ')
    .replace('function crypto_hash(', 'function ownHash(')
  const contents = `import { sha512 } from ${JSON.stringify(fileURLToPath(PAGE_SHA2))}
    function crypto_hash(out, m, n) { out.set(sha512(m.subarray(0, n))) }
    ${functions}
    function verify(message, signature, key) {
      const signed = new Uint8Array([...signature, ...message])
      return crypto_sign_open(new Uint8Array(signed.length), signed, signed.length, key) >= 0
    }
    export default { sign: { detached: { verify } } }`
  return { contents, loader: 'js', resolveDir: dirname(path) }
}

/** Of the code lists those that the clear part of a statement uses. */
function codeListsModule(): OnLoadResult {
  const { distribution, europolHandling, pap, tlp } = CODE_LISTS
  const lists = JSON.stringify({ distribution, europolHandling, pap, tlp })
  return { contents: `export const CODE_LISTS = ${lists}`, loader: 'js' }
}

/** Of a kind's groups their names: no body is opened here, so none is held against its schema. */
function kindsModule(): OnLoadResult {
  const kinds = Object.entries(KINDS).map(([kind, { groups, ...definition }]) => {
    const names = Object.keys(groups).map((group) => [group, 0])
    return [kind, { ...definition, groups: Object.fromEntries(names) }]
  })
  const table = JSON.stringify(Object.fromEntries(kinds))
  return { contents: `export const KINDS = ${table}`, loader: 'js' }
}

/** The patterns of leaves as they come out of the schemas: of each event its data, between what all have in common. */
function patternsModule(): OnLoadResult {
  const sources = Object.keys(EVENT_DATA).flatMap((event) => {
    const source = leafPattern(event)?.source
    return source === undefined ? [] : [{ event, source }]
  })
  const parts = sources.map(({ event, source }) => {
    const [head = '', rest = ''] = source.split('"data":')
    const end = rest.lastIndexOf(`,"event":"${escaped(event)}"`)
    const tail = rest.slice(end).replace(escaped(event), 'EVENT')
    return {
      data: rest.slice(0, end),
      event,
      head: head.replace(/"class":"."/, '"class":"CLASS"'),
      tail,
    }
  })
  const [{ head, tail } = { head: '', tail: '' }] = parts
  const table = Object.fromEntries(parts.map(({ data, event }) => [event, data]))
  const contents = `const data = ${JSON.stringify(table)}
    const patterns = new Map()
    function build(event) {
      const tail = ${JSON.stringify(tail)}.replace('EVENT', event.replace(/[.-]/g, '\\\\$&'))
      return new RegExp(${JSON.stringify(`${head}"data":`)}.replace('CLASS', event[0]) + data[event] + tail)
    }
    export function leafPattern(event) {
      if (!Object.hasOwn(data, event)) return undefined
      const known = patterns.get(event) ?? build(event)
      patterns.set(event, known)
      return known
    }`
  return { contents, loader: 'js' }
}

function escaped(text: string): string {
  return text.replaceAll(/[.-]/g, '\\$&')
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
