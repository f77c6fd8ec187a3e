import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Hex, hexOf, readVectors } from '../../../../test/support/vectors.ts'
import {
  decodeBase64,
  decodeBase64url,
  decodeBase64urlInto,
  encodeBase64,
  encodeBase64url,
} from './base64.ts'

const Cases = z.object({
  accepted: z.array(z.object({ hex: Hex, text: z.string() })),
  refused: z.array(z.object({ name: z.string(), text: z.string() })),
})
const vectors = readVectors('bytes/base64.json', z.object({ base64url: Cases, base64: Cases }))

describe.each([
  ['base64url', encodeBase64url, decodeBase64url],
  ['base64', encodeBase64, decodeBase64],
] as const)('%s', (name, encode, decode) => {
  const cases = vectors[name]

  it.each(cases.accepted)('writes and reads “$text”', ({ hex, text }) => {
    expect(encode(hex)).toBe(text)
    expect(hexOf(decode(text))).toBe(hexOf(hex))
  })

  it.each(cases.refused)('refuses $name', ({ text }) => {
    expect(() => decode(text)).toThrow(
      expect.objectContaining({ code: 'WIRE_B64', details: { length: text.length } }),
    )
  })
})

describe('each alphabet', () => {
  it('is refused by the reader of the other', () => {
    const bytes = Uint8Array.of(0xfb, 0xef, 0xff)
    expect(() => decodeBase64url(encodeBase64(bytes))).toThrow(
      expect.objectContaining({ code: 'WIRE_B64' }),
    )
    expect(() => decodeBase64(encodeBase64url(bytes))).toThrow(
      expect.objectContaining({ code: 'WIRE_B64' }),
    )
  })
})

describe('an engine without base64 of its own', () => {
  it('writes the same', () => {
    const texts = vectors.base64url.accepted.map(({ hex, text }) => ({ hex: hexOf(hex), text }))
    const module = new URL('base64.ts', import.meta.url).href
    const program = `
      delete Uint8Array.prototype.toBase64
      const { encodeBase64url } = await import('${module}')
      const texts = process.argv.slice(1).map((hex) => encodeBase64url(Uint8Array.fromHex(hex)))
      process.stdout.write(JSON.stringify(texts))
    `
    const options = ['--conditions=@amana/source', '--input-type=module', '--eval', program, '--']
    const answer = execFileSync(process.execPath, [...options, ...texts.map(({ hex }) => hex)])
    expect(JSON.parse(answer.toString())).toEqual(texts.map(({ text }) => text))
  })
})

describe('base64url into memory that is used again', () => {
  it('is the beginning of that memory', () => {
    expect(decodeBase64urlInto('AQI', new Uint8Array(8))).toEqual(Uint8Array.of(1, 2))
  })

  it.each(['AQJ', 'AQI=', ' AQI', 'A', '!', 'AQIDBA'])('refuses %j', (text) => {
    expect(() => decodeBase64urlInto(text, new Uint8Array(3))).toThrow(
      expect.objectContaining({ code: 'WIRE_B64' }),
    )
  })
})
