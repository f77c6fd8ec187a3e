/**
 * A file in parts: any order, doubles, and everything that is not of the set.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#parts
 */
import { base32nopad } from '@scure/base'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../../test/support/agencies.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { concatBytes } from '../bytes/concat.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { sha256 } from '../crypto/digest.ts'
import { joinHandOver, splitHandOver } from './hand-over-parts.ts'

const file = seededRandom('a file')(1001)
const parts = splitHandOver(file)
const [first = '', second = '', third = ''] = parts
const other = splitHandOver(seededRandom('another file')(1001))

async function refused(texts: readonly string[]): Promise<unknown> {
  return refusalOf(() => joinHandOver(texts))
}

/** A part that fits its check, whatever it says. */
function crafted(set: string, place: string, data: string): string {
  const label = [encodeUtf8('amana/1/hand-over-part'), new Uint8Array(1)]
  const hash = sha256(concatBytes(...label, encodeUtf8(`${set}:${place}:${data}`)))
  return `AMANA:H1:${set}:${place}:${base32nopad.encode(hash.subarray(0, 10))}:${data}`
}

const missing = (...numbers: readonly number[]) => ({
  code: 'HANDOVER_PARTS_MISSING',
  details: { count: 3, missing: numbers },
})
const unfit = (place: number, reason: string) => ({
  code: 'HANDOVER_PART',
  details: { place, reason },
})
const set = first.slice('AMANA:H1:'.length).slice(0, 16)

describe('a file in parts', () => {
  it('comes together in any order, in small letters, with doubles', () => {
    expect(parts).toHaveLength(3)
    expect(joinHandOver(parts)).toEqual(file)
    expect(joinHandOver([third, `  ${first.toLowerCase()} `, second, third])).toEqual(file)
  })

  it('has parts of one form, that a code holds in its letters and digits', () => {
    for (const part of parts)
      expect(part).toMatch(/^AMANA:H1:[A-Z2-7]{16}:[1-3]\/3:[A-Z2-7]{16}:[A-Z2-7]{1,640}$/)
    expect(crafted(set, '1/3', first.slice(first.lastIndexOf(':') + 1))).toBe(first)
  })

  it('is at most 32 KiB', async () => {
    expect(joinHandOver(splitHandOver(new Uint8Array(32_768)))).toHaveLength(32_768)
    const refusal = await refusalOf(() => splitHandOver(new Uint8Array(32_769)))
    expect(refusal).toEqual({ code: 'HANDOVER_FORM', details: { path: 'size' } })
  })

  it.each([
    ['of another form', [first, 'AMANA'], unfit(2, 'form')],
    ['beyond the last', [crafted(set, '4/3', 'AA')], unfit(1, 'form')],
    [
      'spoilt',
      [first, `${second.slice(0, -1)}${second.endsWith('A') ? 'B' : 'A'}`],
      unfit(2, 'damaged'),
    ],
    ['with another number', [first.replace(':1/3:', ':2/3:')], unfit(1, 'damaged')],
    ['of another set', [first, other[1] ?? ''], unfit(2, 'other_set')],
    ['of another count', [first, crafted(set, '2/4', 'AA')], unfit(2, 'other_set')],
    [
      'that differs from one of its number',
      [first, crafted(set, '1/3', 'AA')],
      unfit(2, 'differs'),
    ],
    ['that makes no file of its set', [first, second, crafted(set, '3/3', 'AA')], unfit(3, 'set')],
    ['that is no base32 with the others', [crafted(set, '1/1', 'A')], unfit(1, 'set')],
  ])('takes no part %s', async (_what, texts, refusal) => {
    expect(await refused(texts)).toEqual(refusal)
  })

  it('says which parts are missing', async () => {
    expect(await refused([second])).toEqual(missing(1, 3))
    expect(await refused([third, first])).toEqual(missing(2))
    expect((await refusalOf(() => joinHandOver([])))?.code).toBe('HANDOVER_PARTS_MISSING')
  })
})
