/**
 * CRC-32C (Castagnoli, RFC 3720 appendix B.4) as LevelDB writes it behind each block.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */

const POLYNOMIAL = 0x82f63b78
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => remainderOf(byte))
/** LevelDB's mask: a checksum over bytes that hold checksums would be weak. */
const MASK_DELTA = 0xa282ead8

/** The masked checksum, as an unsigned 32-bit number. */
export function maskedChecksum(bytes: Uint8Array): number {
  let state = 0xffffffff
  for (const byte of bytes) state = (state >>> 8) ^ (TABLE[(state ^ byte) & 0xff] ?? 0)
  const checksum = ~state
  return (((checksum >>> 15) | (checksum << 17)) + MASK_DELTA) >>> 0
}

function remainderOf(byte: number): number {
  let remainder = byte
  for (let bit = 0; bit < 8; bit += 1) {
    remainder = (remainder >>> 1) ^ (remainder % 2 === 1 ? POLYNOMIAL : 0)
    remainder >>>= 0
  }
  return remainder
}
