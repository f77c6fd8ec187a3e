/**
 * The text of a checkpoint has one spelling for one tree.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#checkpoint
 */
import { describe, expect, it } from 'vitest'
import { LOG } from '../../../../test/support/built-log.ts'
import { formatCheckpoint, parseCheckpoint } from './checkpoint-text.ts'

const ROOT = `${'A'.repeat(42)}E=`

describe('the text of a checkpoint', () => {
  it('reads back as it was written', () => {
    const text = `${LOG}\n7\n${ROOT}\n`
    expect(formatCheckpoint(parseCheckpoint(text))).toBe(text)
  })

  it.each([
    ['a size that no number holds', `${LOG}\n9999999999999999\n${ROOT}\n`],
    ['a root with trailing bits', `${LOG}\n7\n${'A'.repeat(42)}B=\n`],
  ])('with %s is refused', (_name, text) => {
    expect(() => parseCheckpoint(text)).toThrow(
      expect.objectContaining({ code: 'AUDIT_CHECKPOINT' }),
    )
  })
})
