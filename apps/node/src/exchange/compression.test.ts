import { constants, zstdCompressSync } from 'node:zlib'
import { concatBytes, decodeBase64, digest, encodeUtf8 } from '@amana/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../../test/support/agencies.ts'
import { compressBody, decompressBody } from './compression.ts'
import { DICTIONARY_1 } from './dictionary-1.ts'

const MIB = 1024 * 1024
const WORDS = encodeUtf8('the shelter in Agadez has a place for two')
const dictionary = decodeBase64(DICTIONARY_1)

const refusalOf = (reason: string): unknown =>
  expect.objectContaining({ code: 'NET_FRAME', details: { reason } })

describe('a compressed body', () => {
  it('comes back as it was, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (body) => {
        expect(decompressBody(compressBody(body))).toEqual(body)
      }),
    )
  })

  it.each([0, 1, 255, 256, 257, 65_535, 65_536, 65_791, 65_792, MIB])(
    'comes back with %i bytes, random or all the same',
    (sizeBytes) => {
      const random = seededRandom('body')(sizeBytes)
      const same = new Uint8Array(sizeBytes).fill(7)
      for (const body of [random, same]) {
        expect(digest(decompressBody(compressBody(body)))).toBe(digest(body))
      }
    },
  )

  it('is made with the dictionary whose digest the specification names', () => {
    expect(digest(dictionary)).toBe('P2ELhquf0ZhexV358yHyFwnWh8VGM9M66iIZjtJkUKQ')
    const members = dictionary.slice(-2000)
    expect(compressBody(members).byteLength).toBeLessThan(100)
    expect(zstdCompressSync(members).byteLength).toBeGreaterThan(400)
  })

  it('may carry a checksum, which must be right', () => {
    const params = { [constants.ZSTD_c_checksumFlag]: 1, [constants.ZSTD_c_dictIDFlag]: 0 }
    const bytes = zstdCompressSync(WORDS, { dictionary, params, pledgedSrcSize: WORDS.byteLength })
    expect(decompressBody(bytes)).toEqual(WORDS)
    const wrong = changed(bytes, bytes.byteLength - 1, 1)
    expect(() => decompressBody(wrong)).toThrow(refusalOf('zstd'))
  })
})

/** A frame whose header says `contentBytes` in four bytes and is one segment. */
function frameOf(contentBytes: number, ...blocks: readonly Uint8Array[]): Uint8Array {
  const header = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0)
  new DataView(header.buffer).setUint32(5, contentBytes, true)
  return concatBytes(header, ...blocks)
}

/** A block of `type` (0 raw, 1 repeated byte, 2 compressed, 3 reserved) that says `sizeBytes`. */
function block(type: number, sizeBytes: number, isLast: boolean): Uint8Array {
  const word = (sizeBytes << 3) | (type << 1) | (isLast ? 1 : 0)
  return Uint8Array.of(word & 0xff, (word >> 8) & 0xff, (word >> 16) & 0xff)
}

/** Blocks that repeat one byte, 128 KiB each, in four bytes each. */
function repeats(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, at) =>
    concatBytes(block(1, 128 * 1024, at === count - 1), Uint8Array.of(7)),
  )
}

describe('a bomb', () => {
  it('may give 1 MiB out of 41 bytes, and not a byte more', () => {
    const body = decompressBody(frameOf(MIB, ...repeats(8)))
    expect(digest(body)).toBe(digest(new Uint8Array(MIB).fill(7)))
  })

  it.each([
    ['a byte more than 1 MiB', MIB + 1],
    ['four gibibytes', 0xffffffff],
  ])('that says %s is refused by its header', (_name, contentBytes) => {
    expect(() => decompressBody(frameOf(contentBytes, ...repeats(9)))).toThrow(
      refusalOf('content size'),
    )
  })

  it('that says its size in eight bytes is refused by its header', () => {
    const header = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 1)
    const bytes = concatBytes(header, ...repeats(1))
    expect(() => decompressBody(bytes)).toThrow(refusalOf('content size'))
  })

  it.each([
    ['less than it gives', 100, 2000],
    ['1 MiB and gives a gibibyte', MIB, 8192],
    ['more than it gives', MIB, 7],
  ])('that says %s is refused', (_name, contentBytes, count) => {
    const before = process.memoryUsage().rss
    expect(() => decompressBody(frameOf(contentBytes, ...repeats(count)))).toThrow(
      refusalOf('zstd'),
    )
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB)
  })
})

describe('a frame of Zstandard', () => {
  const whole = compressBody(WORDS)

  it('is refused at whatever byte it ends early', () => {
    for (let end = 0; end < whole.byteLength; end += 1) {
      expect(() => decompressBody(whole.subarray(0, end))).toThrow(
        expect.objectContaining({ code: 'NET_FRAME' }),
      )
    }
  })

  it('is refused with anything after it, also with another frame', () => {
    for (const more of [Uint8Array.of(0), whole, skippable()]) {
      expect(() => decompressBody(concatBytes(whole, more))).toThrow(refusalOf('length'))
    }
  })

  it.each([
    ['another magic number', skippable(), 'magic'],
    ['no content size', sizeless(), 'descriptor'],
    ['half of a content size', Uint8Array.of(...whole.subarray(0, 4), 0xe0, 0, 0), 'header'],
    ['a reserved bit', changed(whole, 4, 0x08), 'descriptor'],
    ['a dictionary id of one byte', changed(whole, 4, 0x01), 'descriptor'],
    ['a dictionary id of two bytes', changed(whole, 4, 0x02), 'descriptor'],
    ['a dictionary id of four bytes', changed(whole, 4, 0x03), 'descriptor'],
    ['a block of the reserved type', frameOf(1, block(3, 1, true), Uint8Array.of(1)), 'block'],
    ['no last block', frameOf(1, block(0, 1, false), Uint8Array.of(1)), 'block'],
    [
      'a raw block shorter than it says',
      frameOf(5, block(0, 5, true), WORDS.subarray(0, 4)),
      'length',
    ],
    ['a window of 2 MiB', windowed(21), 'window'],
    ['a window of an eighth more than 1 MiB', windowed(20, 1), 'window'],
  ])('is refused with %s', (_name, bytes, reason) => {
    expect(() => decompressBody(bytes)).toThrow(refusalOf(reason))
  })

  it('is taken with a window of 1 MiB', () => {
    expect(decompressBody(windowed(20))).toEqual(encodeUtf8('hello'))
  })

  it('is taken with a raw block, and with its content in several', () => {
    const [first, second] = [WORDS.subarray(0, 10), WORDS.subarray(10)]
    const blocks = [block(0, 10, false), first, block(0, second.byteLength, true), second]
    expect(decompressBody(frameOf(WORDS.byteLength, ...blocks))).toEqual(WORDS)
  })

  it('of arbitrary bytes after a right beginning is read or refused with NET_FRAME', () => {
    fc.assert(
      fc.property(fc.nat({ max: 200 }), fc.uint8Array({ maxLength: 40 }), (size, tail) => {
        const bytes = frameOf(size, tail)
        try {
          expect(decompressBody(bytes).byteLength).toBe(size)
        } catch (error) {
          expect(error).toMatchObject({ code: 'NET_FRAME' })
        }
      }),
      { numRuns: 2000 },
    )
  })
})

/** Five raw bytes under a window of 2^log bytes and so many eighths more. */
function windowed(log: number, eighths = 0): Uint8Array {
  const window = ((log - 10) << 3) | eighths
  const header = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x80, window, 5, 0, 0, 0)
  return concatBytes(header, block(0, 5, true), encodeUtf8('hello'))
}

function sizeless(): Uint8Array {
  const params = { [constants.ZSTD_c_dictIDFlag]: 0, [constants.ZSTD_c_contentSizeFlag]: 0 }
  return zstdCompressSync(WORDS, { dictionary, params })
}

/** A skippable frame with one byte in it. */
function skippable(): Uint8Array {
  return Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9)
}

function changed(bytes: Uint8Array, at: number, bits: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ bits : byte))
}
