import { concatBytes, encodeUtf8 } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { LINK_LIMITS } from './link-limits.ts'
import { guardNegotiation, Negotiation } from './negotiation.ts'

const REFUSED = { code: 'NET_FRAME', details: { reason: 'negotiation' } }

function word(text: string): Uint8Array {
  return concatBytes(Uint8Array.of(text.length), encodeUtf8(text))
}

const AGREEING = concatBytes(word('/multistream/1.0.0\n'), word('na\n'), word('/noise\n'))

describe('what is said before a protocol is agreed upon', () => {
  it('is over with the word that agrees, wherever the bytes are split', () => {
    for (let at = 0; at <= AGREEING.byteLength; at += 1) {
      const negotiation = new Negotiation(['/noise'])
      negotiation.take(AGREEING.subarray(0, at))
      expect(negotiation.isOver).toBe(at === AGREEING.byteLength)
      negotiation.take(AGREEING.subarray(at))
      expect(negotiation.isOver).toBe(true)
    }
  })

  it('says nothing of the bytes that follow', () => {
    const negotiation = new Negotiation(['/noise'])
    negotiation.take(concatBytes(AGREEING, new Uint8Array(1000).fill(0xff)))
    expect(negotiation.isOver).toBe(true)
  })

  it.each([
    ['an empty word', Uint8Array.of(0)],
    ['a length of two bytes', Uint8Array.of(0x80)],
    ['a length that does not end', new Uint8Array(1000).fill(0xff)],
  ])('is no %s', (_name, bytes) => {
    expect(() => {
      new Negotiation(['/noise']).take(bytes)
    }).toThrow(expect.objectContaining(REFUSED))
  })

  it('is no more than eight words', () => {
    const negotiation = new Negotiation(['/noise'])
    for (let count = 1; count < LINK_LIMITS.negotiationWords; count += 1) {
      negotiation.take(word('/another\n'))
    }
    expect(() => {
      negotiation.take(word('/another\n'))
    }).toThrow(expect.objectContaining(REFUSED))
  })
})

describe('the guard of a connection', () => {
  it('gives what is in order on, and ends the connection at what is not', () => {
    const taken: number[] = []
    const errors: Error[] = []
    const connection = {
      onData: (data: { readonly byteLength: number }) => void taken.push(data.byteLength),
      abort: (error: Error) => void errors.push(error),
    }
    guardNegotiation(connection, ['/noise'])
    connection.onData(word('/multistream/1.0.0\n'))
    connection.onData(Uint8Array.of(0xff))
    expect(taken).toEqual([20])
    expect(errors).toEqual([expect.objectContaining(REFUSED)])
  })

  it('refuses to guard what the library does not give', () => {
    expect(() => {
      guardNegotiation({ abort: () => undefined }, [])
    }).toThrow(expect.objectContaining({ code: 'NET_TRANSPORT', details: { part: 'stream' } }))
  })
})
