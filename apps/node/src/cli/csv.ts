/**
 * Lists as people keep them: CSV with a heading, or a JSON list of objects; each row with the line on which it stands.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#lists
 */
import { extname } from 'node:path'
import { AmanaError, decodeUtf8 } from '@amana/core'
import { z } from 'zod'
import { readBytes, readJson } from './files.ts'

/** One row; `line` counts from 1, in JSON by place. */
export interface ListRow {
  readonly line: number
  /** What was typed, by the name of its column; empty cells are left out. */
  readonly cells: Readonly<Record<string, string>>
}

/** A list as it was read. */
export interface ReadList {
  readonly form: 'csv' | 'json'
  /** Of a CSV its heading, as it was typed. */
  readonly heading: string
  readonly rows: readonly (ListRow & { readonly typed: string })[]
}

/** As many as a manifest may have, and as long as a line of a spreadsheet may get. */
const MOST_ROWS = 512
const MOST_CHARS = 4 * 1024 * 1024
const CellSchema = z.union([
  z.string(),
  z.number(),
  z.array(z.string()).transform((all) => all.join('|')),
])
const RowsSchema = z.array(z.record(z.string(), CellSchema)).max(MOST_ROWS)

/**
 * Reads a list by the ending of its name. CSV is that of RFC 4180, with commas or semicolons; the first line is the heading.
 *
 * @throws CLI_FILE; CLI_NOT_AMANA when it is no list, or has more than 512 rows
 */
export async function readList(path: string): Promise<ReadList> {
  if (extname(path).toLowerCase() === '.json') return jsonList(path, await readJson(path))
  const text = textOf(path, await readBytes(path))
  const [heading, ...rows] = recordsOf(text)
  if (heading === undefined || rows.length > MOST_ROWS) throw notAList(path)
  const names = heading.cells.map((name) => name.trim())
  if (new Set(names).size !== names.length) throw notAList(path)
  return {
    form: 'csv',
    heading: heading.typed,
    rows: rows.map(({ cells, line, typed }) => ({ line, typed, cells: named(names, cells) })),
  }
}

/** The same list with some of its rows, as they were typed. */
export function listText(
  { form, heading }: ReadList,
  rows: readonly { readonly typed: string }[],
): string {
  const lines = rows.map(({ typed }) => typed)
  return form === 'csv' ? `${[heading, ...lines].join('\n')}\n` : `[${lines.join(',\n')}]\n`
}

function jsonList(path: string, value: unknown): ReadList {
  const parsed = RowsSchema.safeParse(value)
  if (!parsed.success) throw notAList(path)
  const rows = parsed.data.map((row, index) => ({
    line: index + 1,
    typed: JSON.stringify(row),
    cells: named(Object.keys(row), Object.values(row).map(String)),
  }))
  return { form: 'json', heading: '', rows }
}

interface CsvRecord {
  readonly cells: readonly string[]
  readonly line: number
  readonly typed: string
}

/** A quoted cell may hold the separator, a line feed, and a quote written twice; else a run of letters, or a sign. */
const TOKENS = {
  ',': /"((?:[^"]|"")*)"|[^",\n]+|[",\n]/g,
  ';': /"((?:[^"]|"")*)"|[^";\n]+|[";\n]/g,
} as const

function recordsOf(text: string): readonly CsvRecord[] {
  const separator = separatorOf(text)
  const records: CsvRecord[] = []
  let open = { cells: [''], line: 1, typed: '' }
  const whole = text.endsWith('\n') ? text : `${text}\n`
  for (const [token, quoted] of whole.matchAll(TOKENS[separator])) {
    if (token === '\n') {
      records.push(open)
      open = { cells: [''], line: open.line + open.typed.split('\n').length, typed: '' }
    } else {
      const cell = quoted === undefined ? token : quoted.replaceAll('""', '"')
      const before = open.cells.pop() ?? ''
      open.cells.push(...(token === separator ? [before, ''] : [before + cell]))
      open.typed += token
    }
  }
  return records.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
}

function separatorOf(text: string): keyof typeof TOKENS {
  const [heading = ''] = /^[^\n]*/.exec(text) ?? []
  return heading.includes(';') && !heading.includes(',') ? ';' : ','
}

function named(
  names: readonly string[],
  cells: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name, index) => {
      const cell = cells[index]?.trim() ?? ''
      return cell === '' || name === '' ? [] : [[name, cell.normalize('NFC')] as const]
    }),
  )
}

function textOf(path: string, bytes: Uint8Array): string {
  try {
    const text = decodeUtf8(bytes)
      .replace(/^\uFEFF/, '')
      .replaceAll('\r\n', '\n')
    if (text.length <= MOST_CHARS) return text
  } catch (cause) {
    throw new AmanaError('CLI_NOT_AMANA', { path }, { cause })
  }
  throw notAList(path)
}

function notAList(path: string): AmanaError {
  return new AmanaError('CLI_NOT_AMANA', { path })
}
