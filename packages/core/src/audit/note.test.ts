/**
 * A note is refused for the first thing that is wrong with it.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#notes
 */
import { describe, expect, it } from 'vitest'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import { parseNote, parseSignatureLines } from './note.ts'

const LINE = '— a AAAAAAA=\n'

const text = (length: number): string => `${'x'.repeat(length)}\n`

describe('a note', () => {
  const room = AUDIT_LIMITS.noteBytes - new TextEncoder().encode(`\n\n${LINE}`).length

  it('may be as long as the limit, in bytes', () => {
    expect(parseNote(`${text(room)}\n${LINE}`).text).toHaveLength(room + 1)
  })

  it.each([
    ['a byte more than the limit', `${text(room + 1)}\n${LINE}`, 'size'],
    ['a carriage return', `a\r\n\n${LINE}`, 'characters'],
    ['half of a surrogate pair', `\uD800\n\n${LINE}`, 'characters'],
    ['no blank line', `a\n${LINE}`, 'separator'],
    ['no text', `\n\n${LINE}`, 'separator'],
    ['no newline at its end', 'a\n\n— a AAAAAAA=', 'end'],
    ['no signature', 'a\n\n', 'end'],
    ['another line among its signatures', 'a\n\nb\n', 'line'],
  ])('with %s is refused', (_name, note, reason) => {
    expect(() => parseNote(note)).toThrow(
      expect.objectContaining({ code: 'AUDIT_NOTE', details: { reason } }),
    )
  })
})

describe('a signature line', () => {
  it.each([
    ['with trailing bits', '— a AAAAAAB=\n', 'base64'],
    ['with a key id and no signature', '— a AAAAAA==\n', 'line'],
  ])('%s is refused', (_name, lines, reason) => {
    expect(() => parseSignatureLines(lines)).toThrow(
      expect.objectContaining({ code: 'AUDIT_NOTE', details: { reason } }),
    )
  })
})
