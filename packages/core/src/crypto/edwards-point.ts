/**
 * Whether 32 bytes are an Ed25519 public key that the admission test takes, by the formulas of RFC 8032 alone: for the
 * page of the verifier, where a whole curve library weighs more than it is used. Public keys only, so time may depend
 * on them.
 *
 * @module
 * @spec docs/spec/01-bytes.md#keys
 */

/** A point in extended homogeneous coordinates (RFC 8032 section 5.1.4). */
interface Point {
  readonly x: bigint
  readonly y: bigint
  readonly z: bigint
  readonly t: bigint
}

const KEY_BYTES = 32
const PRIME = 2n ** 255n - 19n
/** Order of the base point's group. */
export const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n
const D = mod(-121665n * power(121666n, PRIME - 2n))
/** A square root of −1. */
const ROOT_OF_MINUS_ONE = power(2n, (PRIME - 1n) / 4n)
const NEUTRAL: Point = { x: 0n, y: 1n, z: 1n, t: 0n }

/** A little-endian number. */
export function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

/** Whether the bytes are a point in canonical encoding whose order is exactly that of the group. */
export function isPointOfGroup(bytes: Uint8Array): boolean {
  const point = decodePoint(bytes)
  return point !== undefined && !isNeutral(point) && isNeutral(multiply(point, GROUP_ORDER))
}

/** RFC 8032 section 5.1.3; undefined where the bytes are no point, or not its one spelling. */
function decodePoint(bytes: Uint8Array): Point | undefined {
  if (bytes.byteLength !== KEY_BYTES) return undefined
  const encoded = littleEndian(bytes)
  const sign = encoded >> 255n
  const y = encoded & (2n ** 255n - 1n)
  if (y >= PRIME) return undefined
  const root = rootOfRatio(mod(y * y - 1n), mod(D * y * y + 1n))
  if (root === undefined || (root === 0n && sign === 1n)) return undefined
  const x = (root & 1n) === sign ? root : PRIME - root
  return { x, y, z: 1n, t: mod(x * y) }
}

/** A square root of u/v; undefined where there is none. */
function rootOfRatio(u: bigint, v: bigint): bigint | undefined {
  const root = mod(u * v ** 3n * power(mod(u * v ** 7n), (PRIME - 5n) / 8n))
  const square = mod(v * root * root)
  if (square === u) return root
  return square === mod(-u) ? mod(root * ROOT_OF_MINUS_ONE) : undefined
}

function multiply(point: Point, scalar: bigint): Point {
  let result = NEUTRAL
  for (let bit = scalar.toString(2).length - 1; bit >= 0; bit -= 1) {
    result = add(result, result)
    if (((scalar >> BigInt(bit)) & 1n) === 1n) result = add(result, point)
  }
  return result
}

/** RFC 8032 section 5.1.4; complete, so it doubles too. */
function add(p: Point, q: Point): Point {
  const a = (p.y - p.x) * (q.y - q.x)
  const b = (p.y + p.x) * (q.y + q.x)
  const c = mod(2n * p.t * q.t) * D
  const d = 2n * p.z * q.z
  const [e, f, g, h] = [mod(b - a), mod(d - c), mod(d + c), mod(b + a)]
  return { x: mod(e * f), y: mod(g * h), z: mod(f * g), t: mod(e * h) }
}

function isNeutral({ x, y, z }: Point): boolean {
  return x === 0n && y === z
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let rest = exponent, square = base; rest > 0n; rest >>= 1n, square = mod(square * square)) {
    if ((rest & 1n) === 1n) result = mod(result * square)
  }
  return result
}

function mod(value: bigint): bigint {
  const rest = value % PRIME
  return rest < 0n ? rest + PRIME : rest
}
