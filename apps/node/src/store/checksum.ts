/**
 * CRC-32C (Castagnoli, RFC 3720 appendix B.4) as LevelDB writes it behind each block.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */

const POLYNOMIAL = 0x82f63b78
/** Eight bytes a step: a long log has hundreds of megabytes of tables. */
const STEP_BYTES = 8
/** Row k of 256: what a byte leaves of the checksum when k more bytes have followed. */
const TABLE = remainders()
/** LevelDB's mask: a checksum over bytes that hold checksums would be weak. */
const MASK_DELTA = 0xa282ead8

/** The masked checksum, as an unsigned 32-bit number. */
export function maskedChecksum(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const whole = bytes.byteLength - (bytes.byteLength % STEP_BYTES)
  let state = 0xffffffff
  for (let at = 0; at < whole; at += STEP_BYTES) state = afterEight(state, view, at)
  for (const byte of bytes.subarray(whole)) {
    state = (state >>> 8) ^ (TABLE[(state ^ byte) & 0xff] ?? 0)
  }
  const checksum = ~state
  return (((checksum >>> 15) | (checksum << 17)) + MASK_DELTA) >>> 0
}

function afterEight(state: number, view: DataView, at: number): number {
  const first = state ^ view.getUint32(at, true)
  const second = view.getUint32(at + 4, true)
  return (
    remainder(7, first) ^
    remainder(6, first >>> 8) ^
    remainder(5, first >>> 16) ^
    remainder(4, first >>> 24) ^
    remainder(3, second) ^
    remainder(2, second >>> 8) ^
    remainder(1, second >>> 16) ^
    remainder(0, second >>> 24)
  )
}

function remainder(row: number, byte: number): number {
  return TABLE[row * 256 + (byte & 0xff)] ?? 0
}

function remainders(): Uint32Array {
  const table = new Uint32Array(STEP_BYTES * 256)
  for (let byte = 0; byte < 256; byte += 1) {
    let value = byte
    for (let row = 0; row < STEP_BYTES; row += 1) {
      for (let bit = 0; bit < 8; bit += 1)
        value = (value >>> 1) ^ ((value & 1) === 1 ? POLYNOMIAL : 0)
      table[row * 256 + byte] = value
    }
  }
  return table
}
