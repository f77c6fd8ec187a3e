import { describe, expect, it } from 'vitest'
import { encodeBase64 } from '../bytes/base64.ts'
import { AmanaError } from '../errors.ts'
import { anchorDigits, formatAnchor, parseAnchor } from './anchor.ts'

const niamey = { origin: 'ne.anltp-tim/amana/audit/1', size: 40, root: new Uint8Array(32).fill(7) }
const abuja = { origin: 'ng.naptip/amana/audit/1', size: 32, root: new Uint8Array(32).fill(9) }
const digits = anchorDigits(niamey, abuja)
const typed = `amana anchor 1\n${niamey.origin} 40\n${abuja.origin} 32\n${digits}\n`

describe('an anchor', () => {
  it('is the same whichever log is named first', () => {
    expect(formatAnchor(abuja, niamey)).toBe(formatAnchor(niamey, abuja))
    expect(anchorDigits(abuja, niamey)).toBe(digits)
  })

  it('has 60 digits, other ones for another root, size or log', () => {
    expect(digits).toMatch(/^(?:[0-9]{5} ){11}[0-9]{5}$/)
    const others = [
      { root: new Uint8Array(32).fill(8) },
      { size: 41 },
      { origin: 'ne.x/amana/audit/1' },
    ]
    const all = [digits, ...others.map((other) => anchorDigits({ ...niamey, ...other }, abuja))]
    expect(new Set(all).size).toBe(4)
  })

  it('is read back as it was printed', () => {
    expect(parseAnchor(formatAnchor(niamey, abuja))).toEqual({ heads: [niamey, abuja], digits })
  })

  it('is read as a person types it: without roots, digits in any groups', () => {
    const loose = typed.replace(
      digits,
      `${digits.slice(0, 35)}\n  ${digits.slice(35).replaceAll(' ', '-')}`,
    )
    const heads = [niamey, abuja].map(({ origin, size }) => ({ origin, size }))
    expect(parseAnchor(`\n${loose}`)).toEqual({ heads, digits })
  })

  it.each([
    ['another title', typed.replace('anchor 1', 'anchor 2'), 1],
    ['no log', typed.replace(niamey.origin, 'niamey'), 2],
    ['size 0', typed.replace(' 40', ' 0'), 2],
    [
      'a root that is not canonical',
      typed.replace(' 40', ` 40 ${encodeBase64(niamey.root).slice(0, 42)}d=`),
      2,
    ],
    [
      'the logs the other way round',
      `amana anchor 1\n${abuja.origin} 1\n${niamey.origin} 1\n${digits}`,
      3,
    ],
    ['one log twice', `amana anchor 1\n${abuja.origin} 1\n${abuja.origin} 2\n${digits}`, 3],
    ['59 digits', typed.trimEnd().slice(0, -1), 4],
    ['a letter among the digits', typed.trimEnd().replace(/.$/, 'O'), 4],
    ['no end', typed + ' '.repeat(1024), 0],
  ])('with %s is refused', (_name, text, line) => {
    expect(() => parseAnchor(text)).toThrow(new AmanaError('AUDIT_ANCHOR', { line }))
  })
})
