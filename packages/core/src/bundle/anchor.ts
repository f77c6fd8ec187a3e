/**
 * Anchors: the heads of both logs as they are printed in signed minutes, with digits that a person can type back.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#anchors
 */
import { type Checkpoint, formatCheckpoint } from '../audit/checkpoint-text.ts'
import { LogOriginSchema } from '../audit/event-members.ts'
import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { AmanaError } from '../errors.ts'
import { safetyNumber } from '../trust/safety-number.ts'

/** A head as an anchor names it; who types it from paper may leave the root out. */
export interface AnchoredHead {
  readonly origin: string
  readonly size: number
  /** 32 bytes. */
  readonly root?: Uint8Array
}

/** What was printed or typed. The two logs rise by name. */
export interface Anchor {
  readonly heads: readonly [AnchoredHead, AnchoredHead]
  /** 60 digits in 12 groups of five. */
  readonly digits: string
}

const FIRST_LINE = 'amana anchor 1'
const HEAD = /^(?<origin>\S{1,120}) (?<size>[1-9][0-9]{0,14})(?: (?<root>[A-Za-z0-9+/]{43}=))?$/
const DIGITS = /^[0-9]{60}$/
const ANCHOR_BYTES = 1024

/** The 60 digits of two heads, whichever is given first. */
export function anchorDigits(first: Checkpoint, second: Checkpoint): string {
  const texts = sorted(first, second).map((head) => formatCheckpoint(head))
  return safetyNumber('anchor', encodeUtf8(texts.join('')))
}

/** The text of an anchor: four lines, each with its newline. */
export function formatAnchor(first: Checkpoint, second: Checkpoint): string {
  const heads = sorted(first, second).map(
    ({ origin, root, size }) => `${origin} ${String(size)} ${encodeBase64(root)}`,
  )
  return `${[FIRST_LINE, ...heads, anchorDigits(first, second)].join('\n')}\n`
}

/**
 * Reads an anchor as it was printed or typed: blank lines, spaces at the ends and what stands between digits are passed
 * over. Whether the digits are those of the heads is not checked: who reads it has the logs, and computes them.
 *
 * @throws AUDIT_ANCHOR when it has another form, or names one log twice
 */
export function parseAnchor(text: string): Anchor {
  if (text.length > ANCHOR_BYTES) throw new AmanaError('AUDIT_ANCHOR', { line: 0 })
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const [title, one = '', two = '', ...rest] = lines
  if (title !== FIRST_LINE) throw new AmanaError('AUDIT_ANCHOR', { line: 1 })
  const [first, second] = [parseHead(one, 2), parseHead(two, 3)]
  if (first.origin >= second.origin) throw new AmanaError('AUDIT_ANCHOR', { line: 3 })
  const digits = rest.join('').replaceAll(/[\s.-]/g, '')
  if (!DIGITS.test(digits)) throw new AmanaError('AUDIT_ANCHOR', { line: 4 })
  return { heads: [first, second], digits: digits.replaceAll(/(?<=^(?:[0-9]{5})+)(?!$)/g, ' ') }
}

function parseHead(text: string, line: number): AnchoredHead {
  const { origin, root, size } = HEAD.exec(text)?.groups ?? {}
  const log = LogOriginSchema.safeParse(origin)
  const hash = root === undefined ? undefined : rootOf(root, line)
  if (!log.success) throw new AmanaError('AUDIT_ANCHOR', { line })
  return { origin: log.data, size: Number(size), ...(hash === undefined ? {} : { root: hash }) }
}

/** 44 characters are 32 bytes, or not canonical. */
function rootOf(text: string, line: number): Uint8Array {
  try {
    return decodeBase64(text)
  } catch (cause) {
    throw new AmanaError('AUDIT_ANCHOR', { line }, { cause })
  }
}

function sorted(first: Checkpoint, second: Checkpoint): readonly [Checkpoint, Checkpoint] {
  return first.origin < second.origin ? [first, second] : [second, first]
}
