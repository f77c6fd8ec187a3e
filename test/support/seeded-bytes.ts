/**
 * Randomness that repeats, for tests of bytes and keys that need no agency.
 *
 * @module
 * @spec docs/spec/01-bytes.md#primitives
 */
import { createHash } from 'node:crypto'

/** SHA-256 in counter mode over a label. */
export function seededBytes(label: string): (sizeBytes: number) => Uint8Array {
  let counter = 0
  return (sizeBytes) => {
    const bytes = new Uint8Array(sizeBytes)
    for (let offset = 0; offset < sizeBytes; offset += 32) {
      counter += 1
      const block = createHash('sha256')
        .update(`${label} ${String(counter)}`)
        .digest()
      bytes.set(block.subarray(0, Math.min(32, sizeBytes - offset)), offset)
    }
    return bytes
  }
}
