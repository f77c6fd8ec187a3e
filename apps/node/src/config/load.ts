/**
 * Reads the settings of a node and of the process that it runs in.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AmanaError } from '@amana/core'
import { parse, TomlError } from 'smol-toml'
import { type z } from 'zod'
import { type Config, CONFIG_FILE, ConfigSchema, MailboxSettingsSchema } from './config.ts'

const FILE_CHARS = 64 * 1024
/** Names with at most so many letters wrong are taken for slips. */
const SLIP_LETTERS = 2
const KNOWN_KEYS = [
  ...Object.keys(ConfigSchema.shape),
  ...[ConfigSchema.shape.agency, ConfigSchema.shape.node, MailboxSettingsSchema].flatMap((table) =>
    Object.keys(table.shape),
  ),
]

/**
 * The settings of the node in `folder`; `node.checkpoints` comes back as an absolute path.
 *
 * @throws STORE_FILE when the file cannot be read
 * @throws STORE_CONFIG with the line when it is not TOML, or a setting is unknown, missing or wrong
 */
export async function loadConfig(folder: string): Promise<Config> {
  const file = join(folder, CONFIG_FILE)
  const config = parseConfig(file, await textOf(file))
  const checkpoints = resolve(folder, config.node.checkpoints)
  return { ...config, node: { ...config.node, checkpoints } }
}

/** French where the environment asks for it (LC_ALL, LC_MESSAGES, LANG, the first that is set), English else. */
export function systemLanguage(): 'en' | 'fr' {
  return languageOf(process.env)
}

/** The same of a given environment. */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): 'en' | 'fr' {
  const { LC_ALL, LC_MESSAGES, LANG } = environment
  const locale = [LC_ALL, LC_MESSAGES, LANG].find((name) => name !== undefined && name !== '')
  return locale !== undefined && /^fr(?![a-z])/i.test(locale) ? 'fr' : 'en'
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    const reason = typeof code === 'string' ? code : 'unknown'
    throw new AmanaError('STORE_FILE', { path: file, reason }, { cause })
  }
}

function parseConfig(file: string, text: string): Config {
  if (text.length > FILE_CHARS) throw configError(file, 1, 'size')
  const parsed = ConfigSchema.safeParse(parseToml(file, text))
  if (parsed.success) return parsed.data
  const { issues } = parsed.error
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]
  throw configError(file, lineOf(text, issue), problemOf(issue))
}

function parseToml(file: string, text: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    throw configError(file, cause instanceof TomlError ? cause.line : 1, 'TOML')
  }
}

function configError(file: string, line: number, problem: string): AmanaError {
  return new AmanaError('STORE_CONFIG', { file, line, problem })
}

type Issue = z.core.$ZodIssue | undefined

/** The name of the setting; of an unknown one, also the name that may have been meant. */
function problemOf(issue: Issue): string {
  const path = issue?.path.join('.') ?? ''
  if (issue?.code !== 'unrecognized_keys') return path
  const [key = ''] = issue.keys
  const near = KNOWN_KEYS.find((known) => distance(known, key) <= SLIP_LETTERS)
  const name = [...issue.path, key].join('.')
  return near === undefined ? name : `${name} → ${near}?`
}

/** The line of the setting, of its table where it is missing, or the first. */
function lineOf(text: string, issue: Issue): number {
  const names = issue?.path.filter((part) => typeof part === 'string') ?? []
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys : []
  const lines = text.split('\n').map((line) => line.trim())
  let line = 1
  for (const name of [...names, ...keys]) {
    const at = lines.findIndex((content, index) => index >= line - 1 && isAbout(content, name))
    if (at !== -1) line = at + 1
  }
  return line
}

function isAbout(line: string, name: string): boolean {
  return line.startsWith(`[${name}]`) || line.split('=')[0]?.trim() === name
}

/** Letters to add, drop or change between two names. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1]
    for (const [j, other] of b.split('').entries()) {
      const change = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
