/**
 * C2SP signed notes: text, and lines of signatures over it. Reading says nothing about who signed.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#notes
 */
import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { AmanaError } from '../errors.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'

const KEY_ID_BYTES = 4
const SIGNATURE_LINE = /^— (?<name>[^\s\u0085+]+) (?<signature>[A-Za-z0-9+/]+={0,2})$/u

/** One signature line, not verified. */
export interface NoteSignature {
  readonly name: string
  /** Eight hexadecimal digits: which of the name's keys. */
  readonly keyId: string
  readonly signature: Uint8Array
}

/** A note, not verified. */
export interface Note {
  /** What is signed; ends with a newline. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/**
 * Reads a note: the text ends at the *last* blank line, so that no text can bring its own signatures.
 *
 * @throws AUDIT_NOTE when it is too long, has no signature line, over 64, a control character or another line
 */
export function parseNote(note: string): Note {
  assertNote(encodeUtf8(note).length <= AUDIT_LIMITS.noteBytes, 'size')
  assertNote(note.isWellFormed() && !hasControl(note), 'characters')
  const split = note.lastIndexOf('\n\n')
  assertNote(split > 0, 'separator')
  return {
    text: note.slice(0, split + 1),
    signatures: parseSignatureLines(note.slice(split + 2)),
  }
}

/**
 * Reads one or more signature lines, as a witness answers with them.
 *
 * @throws AUDIT_NOTE when a line is not a signature line
 */
export function parseSignatureLines(lines: string): readonly NoteSignature[] {
  assertNote(lines.endsWith('\n'), 'end')
  const split = lines.slice(0, -1).split('\n')
  assertNote(split.length <= AUDIT_LIMITS.noteSignatures, 'count')
  return split.map((line) => parseSignatureLine(line))
}

/** The note's one spelling. */
export function formatNote(note: Note): string {
  return `${note.text}\n${formatSignatureLines(note.signatures)}`
}

/** Signature lines, each with its newline. */
export function formatSignatureLines(signatures: readonly NoteSignature[]): string {
  return signatures.map((line) => formatSignatureLine(line)).join('')
}

function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
  return `— ${name} ${encodeBase64(concatBytes(encodeKeyId(keyId), signature))}\n`
}

function parseSignatureLine(line: string): NoteSignature {
  const { name, signature } = SIGNATURE_LINE.exec(line)?.groups ?? {}
  if (name === undefined || signature === undefined) {
    throw new AmanaError('AUDIT_NOTE', { reason: 'line' })
  }
  const bytes = decodeSignature(signature)
  assertNote(bytes.length > KEY_ID_BYTES, 'line')
  return {
    name,
    keyId: formatKeyId(bytes),
    signature: bytes.subarray(KEY_ID_BYTES),
  }
}

/** The first four bytes as eight hexadecimal digits. */
export function formatKeyId(bytes: Uint8Array): string {
  const number = new DataView(bytes.buffer, bytes.byteOffset, KEY_ID_BYTES).getUint32(0)
  return number.toString(16).padStart(2 * KEY_ID_BYTES, '0')
}

function encodeKeyId(keyId: string): Uint8Array {
  const bytes = new Uint8Array(KEY_ID_BYTES)
  new DataView(bytes.buffer).setUint32(0, Number.parseInt(keyId, 16))
  return bytes
}

function decodeSignature(text: string): Uint8Array {
  try {
    return decodeBase64(text)
  } catch (cause) {
    throw new AmanaError('AUDIT_NOTE', { reason: 'base64' }, { cause })
  }
}

/** C2SP refuses what is below U+0020, but for the newline. */
function hasControl(note: string): boolean {
  for (let index = 0; index < note.length; index += 1) {
    const code = note.charCodeAt(index)
    if (code < SPACE && code !== NEWLINE) return true
  }
  return false
}

const SPACE = 0x20
const NEWLINE = 0x0a

function assertNote(holds: boolean, reason: string): asserts holds {
  if (!holds) throw new AmanaError('AUDIT_NOTE', { reason })
}
