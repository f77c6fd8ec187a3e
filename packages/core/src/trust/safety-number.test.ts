import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { twoAgencies } from '../../../../test/support/agencies.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { Hex, readVectors } from '../../../../test/support/vectors.ts'
import { encodeCanonical } from '../bytes/jcs.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import {
  assertSafetyNumber,
  charterSafetyNumber,
  inviteDigits,
  policySafetyNumber,
  safetyNumber,
} from './safety-number.ts'

const vectors = readVectors(
  'crypto/safety-number.json',
  z.object({
    safetyNumbers: z.array(
      z.object({ label: z.enum(['charter', 'policy']), bytes: Hex, digits: z.string() }),
    ),
    invites: z.array(z.object({ payload: z.string(), digits: z.string() })),
  }),
)

describe('a safety number', () => {
  it.each(vectors.safetyNumbers)('is that of another program: $label $#', (vector) => {
    expect(safetyNumber(vector.label, vector.bytes)).toBe(vector.digits)
  })

  it('is 60 digits in twelve groups', () => {
    expect(safetyNumber('charter', new Uint8Array())).toMatch(/^(?:\d{5} ){11}\d{5}$/)
  })

  it('changes in most groups with one bit of what it is of', () => {
    const bytes = encodeUtf8('{"version":1}')
    const groups = safetyNumber('charter', bytes).split(' ')
    for (const place of bytes.keys()) {
      const other = bytes.map((byte, index) => (index === place ? byte ^ 1 : byte))
      const changed = safetyNumber('charter', other).split(' ')
      expect(changed.filter((group, index) => group !== groups[index]).length).toBeGreaterThan(9)
    }
  })

  it('of a charter is that of its canonical payload', async () => {
    const { charter } = await twoAgencies()
    expect(charterSafetyNumber(charter.payload)).toBe(
      safetyNumber('charter', encodeCanonical(charter.payload)),
    )
  })

  it('of a policy is that of its text, under a label of its own', () => {
    expect(policySafetyNumber('é\n')).toBe(safetyNumber('policy', encodeUtf8('é\n')))
    expect(policySafetyNumber('é\n')).not.toBe(safetyNumber('charter', encodeUtf8('é\n')))
  })
})

describe('the digits of an invite', () => {
  it.each(vectors.invites)('are those of another program: $payload', ({ payload, digits }) => {
    expect(inviteDigits({ jws: { payload } })).toBe(digits)
    expect(inviteDigits({ jws: { payload: `${payload}A` } })).not.toBe(digits)
  })
})

describe('digits that were heard and typed', () => {
  const expected = vectors.safetyNumbers[1]?.digits ?? ''
  const plain = expected.replaceAll(' ', '')

  it.each([
    ['as shown', expected],
    ['without spaces', plain],
    ['with other spaces', ` ${plain.replaceAll(/(\d{4})/g, '$1\u00A0')}\n`],
    ['with hyphens', expected.replaceAll(' ', '-')],
    ['on two lines', `${plain.slice(0, 30)}\n${plain.slice(30)}`],
  ])('are right %s', async (_name, typed) => {
    expect(await refusalOf(() => assertSafetyNumber(typed, expected))).toBeUndefined()
  })

  it.each([
    ['with 59 digits', plain.slice(0, 59), 59],
    ['with 61 digits', `${plain}0`, 61],
    ['with one wrong digit', `${plain.slice(0, 59)}${plain.endsWith('0') ? '1' : '0'}`, 60],
    [
      'with two digits turned round',
      `${plain.slice(1, 2)}${plain.slice(0, 1)}${plain.slice(2)}`,
      60,
    ],
    [
      'with two groups turned round',
      [plain.slice(5, 10), plain.slice(0, 5), plain.slice(10)].join(''),
      60,
    ],
    ['with digits of another script', `\u0661${plain.slice(1)}`, 59],
    ['with half of them', plain.slice(0, 30), 30],
    ['with nothing', '', 0],
  ])('are wrong %s', async (_name, typed, digits) => {
    expect(await refusalOf(() => assertSafetyNumber(typed, expected))).toEqual({
      code: 'TRUST_SAFETY_NUMBER',
      details: { digits },
    })
  })
})
