#!/usr/bin/env node
/**
 * `amana-verify`: the auditor's program. It reads the files it is given, and nothing else.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#command-line
 */
import { open, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { AUDIT_LIMITS, decodeUtf8, isAnyAmanaError } from '@amana/core'
import { type Language } from '@amana/vocabulary'
import { type Verdict } from './findings.ts'
import { secondsOf } from './instant.ts'
import { openFiles } from './open-files.ts'
import { renderText } from './render-text.ts'
import { reportJson } from './print-footer.ts'
import { hasWarning, reportFile } from './report-file.ts'
import { wholeFile } from './source.ts'
import { verifyFiles } from './verify-files.ts'

const EXIT: Readonly<Record<Verdict, number>> = { verified: 0, failed: 4, 'could-not': 9 }
const USAGE_EXIT = 2
const USAGE = `amana-verify FILE… [--policy FILE] [--anchor FILE] [--as-of DATE]
             [--report FILE.html|FILE.csv] [--json] [--strict] [--lang en|fr]

Verifies evidence bundles (*.bundle.jsonl), message files (*.message.jsonl), envelopes
(*.amana.json), presentations (*.sd-jwt), evidence of two histories (*.amana-evidence.json)
and proofs of one entry (*.tlog-proof) offline. The policy file must come another way than
the files. --anchor holds the heads in signed minutes against the logs. --as-of also says
who held which key on a day (YYYY-MM-DD) or at an instant. --strict fails on warnings too.
Exit: 0 verified · 4 failed · 9 could not verify · 2 usage.

Vérifie hors ligne les dossiers de preuve, fichiers de message, enveloppes, présentations,
preuves de deux histoires et preuves d’une entrée. Le fichier de politique doit venir par une autre voie que les fichiers. --anchor confronte les
journaux aux états d’un procès-verbal signé. --as-of indique aussi qui détenait quelle clé un
jour donné (AAAA-MM-JJ) ou à un instant. Avec --strict, un avertissement vaut échec.
Code de sortie\u00A0: 0 vérifié · 4 échec · 9 vérification impossible · 2 usage.
`

const OPTIONS = {
  anchor: { type: 'string' },
  'as-of': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  lang: { type: 'string' },
  policy: { type: 'string' },
  report: { type: 'string' },
  strict: { type: 'boolean' },
} as const

interface Arguments {
  /** Seconds since 1970. */
  readonly asOf: number | undefined
  readonly files: readonly string[]
  readonly language: Language
  readonly isJson: boolean
  readonly policy: string | undefined
  readonly anchor: string | undefined
  readonly report: string | undefined
  readonly isStrict: boolean
}

async function run(args: readonly string[]): Promise<number> {
  const parsed = readArguments(args)
  if (parsed === undefined) {
    process.stderr.write(USAGE)
    return USAGE_EXIT
  }
  const policy = await textOf(parsed.policy)
  const anchor = await textOf(parsed.anchor)
  await using opened = await openFiles(parsed.files, open)
  const now = Math.floor(new Date().getTime() / 1000)
  const report = await verifyFiles(opened.files, {
    now,
    ...(policy === undefined ? {} : { policy }),
    ...(anchor === undefined ? {} : { anchor }),
    ...(parsed.asOf === undefined ? {} : { asOf: parsed.asOf }),
  })
  const text = parsed.isJson ? reportJson(report) : renderText(report, parsed.language)
  process.stdout.write(text)
  if (parsed.report !== undefined) {
    await writeFile(parsed.report, reportFile(parsed.report, report, parsed.language))
  }
  return parsed.isStrict && hasWarning(report) ? EXIT.failed : EXIT[report.verdict]
}

/** @throws AUDIT_BUNDLE_LIMIT when it is far longer than a policy is */
async function textOf(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  await using opened = await openFiles([path], open)
  const [file] = opened.files
  return file === undefined ? '' : decodeUtf8(await wholeFile(file, AUDIT_LIMITS.bundleLineBytes))
}

function readArguments(args: readonly string[]): Arguments | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: OPTIONS,
      allowPositionals: true,
    })
    const {
      anchor,
      help = false,
      json = false,
      lang = 'en',
      policy,
      report,
      strict = false,
    } = values
    const asOf = dayOf(values['as-of'])
    if (help || positionals.length === 0 || (lang !== 'en' && lang !== 'fr')) return undefined
    const given = { anchor, asOf, files: positionals, policy, report }
    return { ...given, language: lang, isJson: json, isStrict: strict }
  } catch {
    return undefined
  }
}

/** Throws where the text is no day, as the reader of options does. */
function dayOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const asOf = secondsOf(text)
  if (asOf === undefined) throw new RangeError('--as-of')
  return asOf
}

// What is read is forgotten at once: a small nursery keeps a million leaves within 150 MB
setFlagsFromString('--max-semi-space-size=4')
// Node warns that ML-DSA and ML-KEM are new in it, which says nothing about the files
process.removeAllListeners('warning')
try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  const reason = error instanceof Error ? error.message : ''
  process.stderr.write(`amana-verify: ${reason}\n`)
  process.exitCode = isAnyAmanaError(error) ? EXIT['could-not'] : USAGE_EXIT
}
