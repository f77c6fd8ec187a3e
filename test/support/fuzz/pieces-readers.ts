/**
 * The readers of what carriers bring of attachments.
 *
 * @module
 * @spec docs/spec/10-attachments.md#by-carriers
 */
import {
  assertRange,
  digest,
  encodeRange,
  parsePieces,
  parseRange,
  verifyPieces,
} from '@amana/core'
import { NOW } from '../agencies.ts'
import { type CoreSamples } from './core-samples.ts'
import { ofBytes, ofValue, type Reader } from './reader.ts'

const SALT = new Uint8Array(16)
const RANGE = { bytes: new Uint8Array(40), digest: digest('file'), index: 0, salt: SALT }
const ATTACHMENT = { key: 'A'.repeat(43), length: 16 + RANGE.bytes.byteLength }

/** Of the core. */
export function piecesReaders({ pieces, world }: CoreSamples): readonly Reader[] {
  const greeting = { agency: world.sender.id, now: NOW }
  return [
    ofValue('parsePieces', pieces, parsePieces),
    ofValue('verifyPieces', pieces, (value) =>
      verifyPieces(parsePieces(value), greeting, world.trust),
    ),
    ofBytes('parseRange', encodeRange(RANGE), (bytes) => {
      const range = parseRange(bytes)
      assertRange(ATTACHMENT, range)
      return range
    }),
  ]
}
