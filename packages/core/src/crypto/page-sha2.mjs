/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- the sources are checked against the types of @noble/hashes itself */
/**
 * SHA-256, SHA-512 and HMAC-SHA-256 (FIPS 180-4, RFC 2104) for the verifier's page. One table serves both hashes, and is
 * worked out from the primes that the standard takes it from. Nothing is allocated for a hash but its answer: a page hashes
 * millions of leaves.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#page
 */

/** The first 64 bits behind the point of a root of a prime, as two words. */
function fractionOf(prime, degree) {
  const scaled = BigInt(prime) << (64n * degree)
  let root = 0n
  for (let bit = 1n << 70n; bit > 0n; bit >>= 1n) {
    if ((root + bit) ** degree <= scaled) root += bit
  }
  return [Number((root >> 32n) & 0xffffffffn), Number(root & 0xffffffffn)]
}

function primes(count) {
  const found = []
  for (let candidate = 2; found.length < count; candidate += 1) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate)
  }
  return found
}

const CUBE_ROOTS = primes(80).map((prime) => fractionOf(prime, 3n))
const SQUARE_ROOTS = primes(8).map((prime) => fractionOf(prime, 2n))

const K256 = Int32Array.from(CUBE_ROOTS, ([high]) => high)
const START_256 = SQUARE_ROOTS.map(([high]) => high)
const words256 = new Int32Array(64)

function schedule256(bytes, from) {
  for (let n = 0, at = from; n < 16; n += 1, at += 4) {
    words256[n] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]
  }
  for (let n = 16; n < 64; n += 1) {
    const x = words256[n - 15]
    const y = words256[n - 2]
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    words256[n] = s0 + s1 + words256[n - 7] + words256[n - 16]
  }
}

/** One block into the state; the letters are those of FIPS 180-4 section 6.2.2. */
function compress256(state, bytes, from) {
  schedule256(bytes, from)
  let a = state[0]
  let b = state[1]
  let c = state[2]
  let d = state[3]
  let e = state[4]
  let f = state[5]
  let g = state[6]
  let h = state[7]
  for (let n = 0; n < 64; n += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const one = (h + s1 + ((e & f) ^ (~e & g)) + K256[n] + words256[n]) | 0
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + one) | 0
    d = c
    c = b
    b = a
    a = (one + two) | 0
  }
  state[0] += a
  state[1] += b
  state[2] += c
  state[3] += d
  state[4] += e
  state[5] += f
  state[6] += g
  state[7] += h
}

/** High and low word of each in turn; sums of low words carry over what is above 32 bits. */
const K512 = Uint32Array.from(CUBE_ROOTS.flat())
const START_512 = SQUARE_ROOTS.flat()
const WORD = 2 ** 32
const words512 = new Uint32Array(160)
const round512 = new Uint32Array(16)

function schedule512(bytes, from) {
  const w = words512
  for (let n = 0, at = from; n < 32; n += 1, at += 4) {
    w[n] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]
  }
  for (let n = 32; n < 160; n += 2) {
    const [xh, xl, yh, yl] = [w[n - 30], w[n - 29], w[n - 4], w[n - 3]]
    const low =
      w[n - 13] +
      w[n - 31] +
      ((((xl >>> 1) | (xh << 31)) ^ ((xl >>> 8) | (xh << 24)) ^ ((xl >>> 7) | (xh << 25))) >>> 0) +
      ((((yl >>> 19) | (yh << 13)) ^ ((yh >>> 29) | (yl << 3)) ^ ((yl >>> 6) | (yh << 26))) >>> 0)
    w[n + 1] = low
    w[n] =
      w[n - 14] +
      w[n - 32] +
      (((xh >>> 1) | (xl << 31)) ^ ((xh >>> 8) | (xl << 24)) ^ (xh >>> 7)) +
      (((yh >>> 19) | (yl << 13)) ^ ((yl >>> 29) | (yh << 3)) ^ (yh >>> 6)) +
      Math.floor(low / WORD)
  }
}

/** One block into the state; section 6.4.2. */
function compress512(state, bytes, from) {
  schedule512(bytes, from)
  round512.set(state)
  for (let n = 0; n < 160; n += 2) round(round512, n)
  for (let n = 0; n < 16; n += 2) {
    const low = state[n + 1] + round512[n + 1]
    state[n + 1] = low
    state[n] += round512[n] + Math.floor(low / WORD)
  }
}

/** One round: the letters stay where they are, and which is which moves on by one each time. */
function round(r, n) {
  const at = -n & 15
  const [b, c, d, e] = [(at + 2) & 15, (at + 4) & 15, (at + 6) & 15, (at + 8) & 15]
  const [f, g, h] = [(at + 10) & 15, (at + 12) & 15, (at + 14) & 15]
  const [ah, al, eh, el] = [r[at], r[at + 1], r[e], r[e + 1]]
  let low =
    r[h + 1] +
    K512[n + 1] +
    words512[n + 1] +
    ((((el >>> 14) | (eh << 18)) ^ ((el >>> 18) | (eh << 14)) ^ ((eh >>> 9) | (el << 23))) >>> 0) +
    (((el & r[f + 1]) ^ (~el & r[g + 1])) >>> 0)
  const high =
    r[h] +
    K512[n] +
    words512[n] +
    ((((eh >>> 14) | (el << 18)) ^ ((eh >>> 18) | (el << 14)) ^ ((el >>> 9) | (eh << 23))) >>> 0) +
    (((eh & r[f]) ^ (~eh & r[g])) >>> 0)
  const sum = r[d + 1] + low
  r[d + 1] = sum
  r[d] += high + Math.floor(sum / WORD)
  low +=
    ((((al >>> 28) | (ah << 4)) ^ ((ah >>> 2) | (al << 30)) ^ ((ah >>> 7) | (al << 25))) >>> 0) +
    (((al & r[b + 1]) ^ (al & r[c + 1]) ^ (r[b + 1] & r[c + 1])) >>> 0)
  r[h + 1] = low
  r[h] =
    high +
    ((((ah >>> 28) | (al << 4)) ^ ((al >>> 2) | (ah << 30)) ^ ((al >>> 7) | (ah << 25))) >>> 0) +
    (((ah & r[b]) ^ (ah & r[c]) ^ (r[b] & r[c])) >>> 0) +
    Math.floor(low / WORD)
}

/** A hash of bytes that come in pieces. */
class Hashing {
  constructor({ blockBytes, compress, start }) {
    this.blockBytes = blockBytes
    this.compress = compress
    this.start = start
    this.state = start.slice()
    this.rest = new Uint8Array(blockBytes)
    this.sizeBytes = 0
  }

  /** As before the first piece, or where another one stands. */
  reset({ state, rest, sizeBytes } = { state: this.start, rest: this.rest, sizeBytes: 0 }) {
    this.state.set(state)
    this.rest.set(rest)
    this.sizeBytes = sizeBytes
    return this
  }

  update(bytes) {
    const { blockBytes, rest, state } = this
    const held = this.sizeBytes % blockBytes
    this.sizeBytes += bytes.length
    let from = 0
    if (held > 0) {
      from = Math.min(blockBytes - held, bytes.length)
      for (let n = 0; n < from; n += 1) rest[held + n] = bytes[n]
      if (held + from < blockBytes) return this
      this.compress(state, rest, 0)
    }
    for (; from + blockBytes <= bytes.length; from += blockBytes) this.compress(state, bytes, from)
    for (let n = 0; from + n < bytes.length; n += 1) rest[n] = bytes[from + n]
    return this
  }

  /** Ends it: behind the bytes a bit of one, noughts, and their size in bits at the end of a block. */
  digestInto(target, offset) {
    const { blockBytes, rest, sizeBytes, state } = this
    const held = sizeBytes % blockBytes
    rest.fill(0, held)
    rest[held] = 0x80
    if (held >= blockBytes - blockBytes / 8) {
      this.compress(state, rest, 0)
      rest.fill(0)
    }
    for (let n = 1, left = sizeBytes * 8; left > 0; n += 1, left = Math.floor(left / 256)) {
      rest[blockBytes - n] = left
    }
    this.compress(state, rest, 0)
    for (let n = 0; n < blockBytes / 2; n += 1) {
      target[offset + n] = state[n >> 2] >>> (24 - 8 * (n & 3))
    }
  }
}

const SHA_256 = { blockBytes: 64, compress: compress256, start: Int32Array.from(START_256) }
const SHA_512 = { blockBytes: 128, compress: compress512, start: Uint32Array.from(START_512) }
/** Used again for each hash of bytes that are there. */
const hashing256 = new Hashing(SHA_256)
const hashing512 = new Hashing(SHA_512)

export function sha256Into(bytes, target, offset) {
  hashing256.reset().update(bytes).digestInto(target, offset)
}

export function sha256(bytes) {
  const digest = new Uint8Array(32)
  sha256Into(bytes, digest, 0)
  return digest
}

export function sha512(bytes) {
  const digest = new Uint8Array(64)
  hashing512.reset().update(bytes).digestInto(digest, 0)
  return digest
}

export function createSha256() {
  const hashing = new Hashing(SHA_256)
  return {
    update: (bytes) => {
      hashing.update(bytes)
    },
    digest: () => {
      const digest = new Uint8Array(32)
      hashing256.reset(hashing).digestInto(digest, 0)
      return digest
    },
  }
}

export function hmacSha256(key, data) {
  const short = key.length > 64 ? sha256(key) : key
  const padded = (value) => Uint8Array.from({ length: 64 }, (_, n) => short[n] ^ value)
  const inner = sha256(Uint8Array.of(...padded(0x36), ...data))
  return sha256(Uint8Array.of(...padded(0x5c), ...inner))
}
