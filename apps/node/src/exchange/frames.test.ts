import { concatBytes, encodeUtf8 } from '@amana/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compressBody } from './compression.ts'
import { decodeFrame, encodeFrame, FRAME_TYPES, type FrameType } from './frames.ts'

const TYPES = Object.entries(FRAME_TYPES)
const LONG = encodeUtf8('{"dispatch":{"payload":"'.repeat(40))

const refusalOf = (reason: string): unknown =>
  expect.objectContaining({ code: 'NET_FRAME', details: { reason } })

describe.each(TYPES)('a frame of the type %s', (name, byte) => {
  const type = typeOf(name)
  const isCompressed = ['envelope', 'receipt', 'checkpoint', 'trust'].includes(name)

  it('comes back as it was', () => {
    for (const body of [new Uint8Array(), Uint8Array.of(0), LONG]) {
      const bytes = encodeFrame({ type, body })
      expect(bytes[0]).toBe(byte)
      expect(decodeFrame(bytes)).toEqual({ type, body })
    }
  })

  it(`is ${isCompressed ? '' : 'never '}compressed where that makes it shorter`, () => {
    const long = encodeFrame({ type, body: LONG })
    expect(long[1]).toBe(isCompressed ? 1 : 0)
    expect(long.byteLength < LONG.byteLength).toBe(isCompressed)
    const short = encodeFrame({ type, body: Uint8Array.of(1) })
    expect([...short]).toEqual([byte, 0, 1])
  })

  it(`${isCompressed ? 'may' : 'must not'} come compressed`, () => {
    const bytes = concatBytes(Uint8Array.of(byte, 1), compressBody(LONG))
    if (isCompressed) expect(decodeFrame(bytes)).toEqual({ type, body: LONG })
    else expect(() => decodeFrame(bytes)).toThrow(refusalOf('compression'))
  })

  it('is refused with another mark of compression, or with none', () => {
    for (let mark = 2; mark < 256; mark += 1) {
      expect(() => decodeFrame(Uint8Array.of(byte, mark, 1))).toThrow(refusalOf('compression'))
    }
    expect(() => decodeFrame(Uint8Array.of(byte))).toThrow(refusalOf('compression'))
  })
})

describe('a frame', () => {
  it('of any other type is refused', () => {
    const known = new Set<number>(Object.values(FRAME_TYPES))
    const others = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !known.has(byte))
    expect(others).toHaveLength(244)
    for (const byte of others) {
      expect(() => decodeFrame(Uint8Array.of(byte, 0, 1))).toThrow(refusalOf('type'))
    }
  })

  it('without a byte is refused', () => {
    expect(() => decodeFrame(new Uint8Array())).toThrow(refusalOf('type'))
  })

  it('of arbitrary bytes is read or refused with NET_FRAME', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const outcome = outcomeOf(() => decodeFrame(bytes))
        expect(['read', 'NET_FRAME']).toContain(outcome)
      }),
      { numRuns: 1000 },
    )
  })
})

function typeOf(name: string): FrameType {
  const found = Object.keys(FRAME_TYPES).find((key): key is FrameType => key === name)
  if (found === undefined) throw new TypeError(name)
  return found
}

function outcomeOf(read: () => unknown): unknown {
  try {
    read()
    return 'read'
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
}
