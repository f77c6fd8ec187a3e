/**
 * A leaf that its reader would refuse for its length is not written.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#leaf
 */
import { expect, it } from 'vitest'
import { LOG, START_MS } from '../../../../test/support/built-log.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import { buildLeaf } from './leaf.ts'

it('does not write a leaf above 8,192 bytes, though each of its members fits', () => {
  const key = `${'k'.repeat(AUDIT_LIMITS.vkeyChars - 14)}+00000000+AAAA`
  const keys = Array.from({ length: 4 }, () => key)
  const event = { event: 'g.genesis', actor: 'sys', data: { agency: 'ng.naptip', keys } } as const
  const place = { log: LOG, index: 0, seq: 0, prev: -1, timeMs: START_MS }
  expect(() => buildLeaf(event, place)).toThrow(
    expect.objectContaining({ code: 'AUDIT_LEAF_SCHEMA', details: { index: 0, path: '' } }),
  )
})
