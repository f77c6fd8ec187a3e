import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readVectors } from '../../../../test/support/vectors.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { canonicalize, parseCanonical, parseCanonicalText } from './jcs.ts'
import { encodeUtf8 } from './utf8.ts'

const { files } = readVectors(
  'bytes/rfc8785.json',
  z.object({
    files: z.array(
      z.object({
        name: z.string(),
        input: z.string().transform((text) => ({ text, value: z.json().parse(JSON.parse(text)) })),
        output: z.string(),
      }),
    ),
  }),
)

/** RFC 8785 writes these; the restricted profile refuses them, and says why. */
const OUTSIDE: Readonly<Record<string, string>> = {
  unicode: 'text',
  values: 'number',
  weird: 'text',
}

describe('the files of RFC 8785', () => {
  it('are these', () => {
    expect(files.map(({ name }) => name)).toEqual([
      'arrays',
      'french',
      'structures',
      'unicode',
      'values',
      'weird',
    ])
  })

  it.each(files.filter(({ name }) => OUTSIDE[name] === undefined))(
    '$name is written as the RFC writes it, and read in that form only',
    ({ input, output }) => {
      expect(canonicalize(input.value)).toBe(output)
      expect(parseCanonicalText(output)).toEqual(input.value)
      expect(() => parseCanonical(encodeUtf8(input.text), 10_000)).toThrow(
        expect.objectContaining({ code: 'WIRE_CANON', details: { reason: 'form' } }),
      )
    },
  )

  it.each(files.filter(({ name }) => OUTSIDE[name] !== undefined))(
    '$name is outside of the restricted profile',
    async ({ name, output }) => {
      const refusal = { code: 'WIRE_CANON', details: { reason: OUTSIDE[name] } }
      expect(await refusalOf(() => parseCanonicalText(output))).toEqual(refusal)
    },
  )

  it('weird without its excluded letter is written as the RFC writes it', () => {
    const weird = files.find(({ name }) => name === 'weird')
    const output = weird?.output.replace(/,"\uFB33":"[^"]*"/, '') ?? ''
    expect(output).toContain('Smiley')
    expect(canonicalize(parseCanonicalText(output))).toBe(output)
  })
})
