/**
 * A hand-over on its way between two officers: the file, the codes on a screen, the page to print; and reading them back.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#parts
 */
import { resolve } from 'node:path'
import {
  AmanaError,
  decodeUtf8,
  type HandOverAnswer,
  type HandOverOffer,
  joinHandOver,
  parseHandOver,
  splitHandOver,
} from '@amana/core'
import { encodeQR } from 'qr'
import { exists, readBytes, writeText } from '../files.ts'
import { type Io } from '../io.ts'
import { handOverPage } from './custody-page.ts'

/** Where a half is written, and whether its codes are shown. */
export interface WritingOptions {
  readonly to?: string | undefined
  readonly page?: string | undefined
  readonly codes?: true | undefined
  readonly dryRun?: true | undefined
}

/** A file or codes, read; `bytes` are those of the file. */
export interface ReadHandOver {
  readonly bytes: Uint8Array
  readonly half: HandOverOffer | HandOverAnswer
}

/** A text that begins so holds codes, not a file. */
const CODE_BEGIN = /^\s*AMANA:H1:/i

/**
 * Reads files of offers and answers, files of codes, and codes that were scanned; all codes together are one file.
 *
 * @throws CLI_OPTION when nothing is given; CLI_FILE, and as `joinHandOver` and `parseHandOver`
 */
export async function readHandOvers(
  files: readonly string[],
  scanned: readonly string[] = [],
): Promise<readonly ReadHandOver[]> {
  const codes = scanned.flatMap((text) => wordsOf(text))
  const whole: Uint8Array[] = []
  for (const path of files) {
    const bytes = await readBytes(path)
    const text = asciiOf(bytes)
    if (CODE_BEGIN.test(text)) codes.push(...wordsOf(text))
    else whole.push(bytes)
  }
  if (codes.length > 0) whole.push(joinHandOver(codes))
  if (whole.length === 0) throw new AmanaError('CLI_OPTION', { option: '--scan' })
  return whole.map((one) => {
    const bytes = one.at(-1) === NEWLINE ? one.subarray(0, -1) : one
    return { bytes, half: parseHandOver(bytes) }
  })
}

const NEWLINE = 0x0a

/** Before anybody types a passphrase. @throws CLI_EXISTS when something lies there, CLI_OPTION when nothing is named */
export async function assertWritable({ codes, dryRun, page, to }: WritingOptions): Promise<void> {
  for (const path of [to, page]) {
    if (path !== undefined && (await exists(resolve(path)))) {
      throw new AmanaError('CLI_EXISTS', { path: resolve(path) })
    }
  }
  const isWritten = to !== undefined || page !== undefined || codes === true || dryRun === true
  if (!isWritten) throw new AmanaError('CLI_OPTION', { option: '--to' })
}

/** What was written, for the answer of a command. */
export interface Written {
  readonly json: Readonly<Record<string, unknown>>
  readonly lines: readonly string[]
}

/** Writes the file and the page, and shows the codes, as was asked for. */
export async function writeHandOver(
  io: Io,
  bytes: Uint8Array,
  { codes, page, title, to }: WritingOptions & { readonly title: string },
): Promise<Written> {
  const parts = splitHandOver(bytes)
  const file = to === undefined ? undefined : resolve(to)
  const printed = page === undefined ? undefined : resolve(page)
  if (file !== undefined) await writeText(file, `${decodeUtf8(bytes)}\n`)
  if (printed !== undefined) await writeText(printed, handOverPage(io, { parts, title }))
  const shown =
    codes === true
      ? parts.flatMap((part, index) => codeLines(io, part, [index + 1, parts.length]))
      : []
  return {
    json: {
      ...(file === undefined ? {} : { file }),
      ...(printed === undefined ? {} : { page: printed }),
      parts,
    },
    lines: [
      ...shown,
      ...(file === undefined ? [] : [io.say('custody:written.file', { file })]),
      ...(printed === undefined
        ? []
        : [io.say('custody:written.page', { file: printed, count: parts.length })]),
      io.say('custody:written.readable'),
    ],
  }
}

function codeLines(
  { say }: Io,
  part: string,
  [number, count]: readonly [number, number],
): readonly string[] {
  const code = encodeQR(part, 'ascii', { border: 1, ecc: 'low' })
  return [say('custody:code', { number, count }), ...code.trimEnd().split('\n')]
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}

/** What is no text in ASCII holds no codes. */
function asciiOf(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes)
  } catch {
    return ''
  }
}
