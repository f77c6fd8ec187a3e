#!/usr/bin/env node
/**
 * `amana-verify`: the auditor's program. It reads the files it is given, and nothing else.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#command-line
 */
import { readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { decodeUtf8, isAnyAmanaError } from '@amana/core'
import { type Language } from '@amana/vocabulary'
import { type Verdict } from './findings.ts'
import { renderText } from './render-text.ts'
import { renderReport } from './report.ts'
import { type NamedFile, verifyFiles } from './verify-files.ts'

const EXIT: Readonly<Record<Verdict, number>> = { verified: 0, failed: 4, 'could-not': 9 }
const USAGE_EXIT = 2
const USAGE = `amana-verify FILE… [--policy FILE] [--report FILE.html] [--json] [--lang en|fr]

Verifies evidence bundles (*.bundle.jsonl), envelopes (*.amana.json) and presentations
(*.sd-jwt) offline. The policy file must come another way than the files.
Exit: 0 verified · 4 failed · 9 could not verify · 2 usage.

Vérifie hors ligne les dossiers de preuve, enveloppes et présentations. Le fichier de
politique doit venir par une autre voie que les fichiers.
Code de sortie\u00A0: 0 vérifié · 4 échec · 9 vérification impossible · 2 usage.
`

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  lang: { type: 'string' },
  policy: { type: 'string' },
  report: { type: 'string' },
} as const

interface Arguments {
  readonly files: readonly string[]
  readonly language: Language
  readonly isJson: boolean
  readonly policy: string | undefined
  readonly report: string | undefined
}

async function run(args: readonly string[]): Promise<number> {
  const parsed = readArguments(args)
  if (parsed === undefined) {
    process.stderr.write(USAGE)
    return USAGE_EXIT
  }
  const policy = parsed.policy === undefined ? undefined : decodeUtf8(await readFile(parsed.policy))
  const files = await readFiles(parsed.files)
  const now = Math.floor(new Date().getTime() / 1000)
  const report = await verifyFiles(files, { now, ...(policy === undefined ? {} : { policy }) })
  const text = parsed.isJson
    ? `${JSON.stringify(report, undefined, 2)}\n`
    : renderText(report, parsed.language)
  process.stdout.write(text)
  if (parsed.report !== undefined) {
    const languages: readonly Language[] = parsed.language === 'fr' ? ['fr', 'en'] : ['en', 'fr']
    await writeFile(parsed.report, renderReport(report, languages))
  }
  return EXIT[report.verdict]
}

function readArguments(args: readonly string[]): Arguments | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: OPTIONS,
      allowPositionals: true,
    })
    const { help = false, json = false, lang = 'en', policy, report } = values
    if (help || positionals.length === 0 || (lang !== 'en' && lang !== 'fr')) return undefined
    return { files: positionals, language: lang, isJson: json, policy, report }
  } catch {
    return undefined
  }
}

/** Files by their base names; where two have one name, by the paths that were given. */
async function readFiles(paths: readonly string[]): Promise<readonly NamedFile[]> {
  const names = paths.map((path) => basename(path))
  const isAmbiguous = new Set(names).size < names.length
  const files: NamedFile[] = []
  for (const path of paths) {
    files.push({ name: isAmbiguous ? path : basename(path), bytes: await readFile(path) })
  }
  return files
}

// Node warns that ML-DSA and ML-KEM are new in it, which says nothing about the files
process.removeAllListeners('warning')
try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  const reason = error instanceof Error ? error.message : ''
  process.stderr.write(`amana-verify: ${reason}\n`)
  process.exitCode = isAnyAmanaError(error) ? EXIT['could-not'] : USAGE_EXIT
}
