/**
 * A verifier key has one spelling, and an end.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#checkpoint
 */
import { describe, expect, it } from 'vitest'
import { LOG } from '../../../../test/support/built-log.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import { createNoteKey, formatVkey, parseVkey } from './note-key.ts'

describe('a verifier key', () => {
  const room = AUDIT_LIMITS.vkeyChars - formatVkey(named('')).length

  it('may be as long as the limit', () => {
    expect(parseVkey(formatVkey(named('n'.repeat(room)))).name).toHaveLength(room)
  })

  it.each([
    ['a character more than the limit', formatVkey(named('n'.repeat(room + 1)))],
    ['trailing bits in its key', formatVkey(postQuantumKey()).replace(/A=$/, 'B=')],
  ])('with %s is refused', (_name, vkey) => {
    expect(() => parseVkey(vkey)).toThrow(expect.objectContaining({ code: 'AUDIT_VKEY' }))
  })
})

function postQuantumKey(): ReturnType<typeof createNoteKey> {
  return createNoteKey(LOG, 'post-quantum', new Uint8Array(1312))
}

function named(name: string): ReturnType<typeof createNoteKey> {
  return createNoteKey(name, 'log', new Uint8Array(32))
}
