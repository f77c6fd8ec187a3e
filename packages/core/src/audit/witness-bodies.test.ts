/**
 * Requests to a witness, and its answers, end somewhere.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#witnessing
 */
import { describe, expect, it } from 'vitest'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import {
  formatWitnessAnswer,
  formatWitnessRequest,
  parseWitnessAnswer,
  parseWitnessRequest,
} from './witness.ts'

const HASH = new Uint8Array(32)

describe('a request to a witness', () => {
  it.each([
    ['as many hashes as a proof may have', { proof: filled(AUDIT_LIMITS.proofHashes), note: 'x' }],
    ['a note as long as one may be', { proof: [], note: 'x'.repeat(AUDIT_LIMITS.noteBytes) }],
  ])('may have %s', (_name, parts) => {
    const request = { oldSize: 1, ...parts }
    expect(parseWitnessRequest(formatWitnessRequest(request))).toEqual(request)
  })

  it.each([
    ['one hash more', { proof: filled(AUDIT_LIMITS.proofHashes + 1), note: 'x' }],
    [
      'more bytes than note and proof',
      { proof: [], note: 'x'.repeat(AUDIT_LIMITS.noteBytes + 4096) },
    ],
  ])('with %s is refused', (_name, parts) => {
    const bytes = formatWitnessRequest({ oldSize: 1, ...parts })
    expect(() => parseWitnessRequest(bytes)).toThrow(
      expect.objectContaining({ code: 'AUDIT_WITNESS_REQUEST' }),
    )
  })
})

describe('an answer of a witness', () => {
  it('with more bytes than a note is refused', () => {
    const signature = new Uint8Array(200_000)
    const line = { name: 'n', keyId: '00000000', signature }
    const bytes = formatWitnessAnswer({ status: 200, cosignatures: [line] })
    expect(bytes.length).toBeGreaterThan(AUDIT_LIMITS.noteBytes)
    expect(() => parseWitnessAnswer(bytes)).toThrow(
      expect.objectContaining({ code: 'AUDIT_WITNESS_ANSWER' }),
    )
  })

  it('of 409 has nothing but a size', () => {
    expect(() => parseWitnessAnswer(encodeUtf8('409\n12\n12\n'))).toThrow(
      expect.objectContaining({ code: 'AUDIT_WITNESS_ANSWER' }),
    )
  })
})

function filled(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, () => HASH)
}
