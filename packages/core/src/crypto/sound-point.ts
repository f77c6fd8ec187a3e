/**
 * The admission test of Ed25519 points, with the curve library.
 *
 * @module
 * @spec docs/spec/01-bytes.md#keys
 */
import { ed25519 } from '@noble/curves/ed25519.js'

/** RFC 8032 decoding with canonical encoding, then small order and torsion. */
export function isSoundPoint(bytes: Uint8Array): boolean {
  try {
    const point = ed25519.Point.fromBytes(bytes, false)
    return !point.isSmallOrder() && point.isTorsionFree()
  } catch {
    return false
  }
}
