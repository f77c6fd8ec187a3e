/**
 * Ranges of sealed attachments: where they stand, and that nothing passes for one.
 *
 * @module
 * @spec docs/spec/10-attachments.md#ranges
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { codeOf } from '../../../../test/support/refusals.ts'
import { seededBytes } from '../../../../test/support/seeded-bytes.ts'
import { concatBytes } from '../bytes/concat.ts'
import { sealedLength } from './chunks.ts'
import {
  assertRange,
  type AttachmentRange,
  encodeRange,
  parseRange,
  RANGE_BYTES,
  rangeCount,
  rangeSpan,
} from './range.ts'
import { AttachmentSealer, type SealedFacts } from './sealer.ts'

const SIZE = 15 * 65_536 + 7
let facts: SealedFacts
let sealed: Uint8Array

beforeAll(() => {
  const sealer = new AttachmentSealer(seededBytes('keys'))
  const pushed = sealer.push(seededBytes('file')(SIZE))
  const end = sealer.end()
  facts = end.facts
  sealed = concatBytes(...pushed, ...end.sealed)
})

function rangeAt(index: number): AttachmentRange {
  const { length, offset } = rangeSpan(facts.length, index)
  const bytes = sealed.slice(offset, offset + length)
  return { bytes, digest: facts.digest, index, salt: sealed.slice(0, 16) }
}

describe('the ranges of an attachment', () => {
  it('are all of it but the salt, and one of an empty file', () => {
    const spans = [0, 1].map((index) => rangeSpan(facts.length, index))
    expect(rangeCount(facts.length)).toBe(2)
    expect(spans[0]).toEqual({ length: RANGE_BYTES, offset: 16 })
    expect(spans[1]).toEqual({ length: 23, offset: 16 + RANGE_BYTES })
    expect(rangeSpan(facts.length, 2).length).toBe(0)
    expect(rangeCount(sealedLength(0))).toBe(1)
  })

  it('are read as they were written, and each fits by itself', () => {
    for (const range of [rangeAt(1), rangeAt(0)]) {
      const read = parseRange(encodeRange(range))
      expect(read).toEqual(range)
      expect(() => {
        assertRange(facts, read)
      }).not.toThrow()
    }
  })

  it.each<readonly [string, string, (range: AttachmentRange) => AttachmentRange]>([
    [
      'with a changed byte',
      'WIRE_ATTACHMENT_CHUNK',
      (one) => ({ ...one, bytes: flipped(one.bytes) }),
    ],
    ['with another salt', 'WIRE_ATTACHMENT_CHUNK', (one) => ({ ...one, salt: flipped(one.salt) })],
    ['in another place', 'NET_BLOB', (one) => ({ ...one, index: 1 })],
    ['beyond the end', 'NET_BLOB', (one) => ({ ...one, index: 2 })],
    ['that is cut', 'NET_BLOB', (one) => ({ ...one, bytes: one.bytes.slice(1) })],
  ])('are refused %s', async (_name, code, change) => {
    expect(await codeOf(() => assertRange(facts, change(rangeAt(0))))).toBe(code)
  })

  it('are refused of another file’s key', async () => {
    const key = facts.key.startsWith('A') ? `B${facts.key.slice(1)}` : `A${facts.key.slice(1)}`
    const code = await codeOf(() => assertRange({ ...facts, key }, rangeAt(1)))
    expect(code).toBe('WIRE_ATTACHMENT_CHUNK')
  })

  it.each([0, 51, 52, 53 + RANGE_BYTES])('are not %i bytes', async (sizeBytes) => {
    expect(await codeOf(() => parseRange(new Uint8Array(sizeBytes)))).toBe('NET_BLOB')
  })
})

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.with(3, (bytes[3] ?? 0) ^ 1)
}
