import { describe, expect, it } from 'vitest'
import { random, STORE_KEY } from '../../../../test/support/store-fixture.ts'
import { maskedChecksum } from './checksum.ts'
import { createValueCipher } from './value-cipher.ts'

const PLACE = { space: 'statement', key: 'a' }
const VALUE = Uint8Array.of(1, 2, 3)
const cipher = createValueCipher(STORE_KEY, random)

function changed(sealed: Uint8Array, at: number): Uint8Array {
  return sealed.map((byte, index) => (index === at ? byte ^ 1 : byte))
}

describe('a sealed value', () => {
  it('is form, version, nonce, ciphertext and tag, and opens at its place', async () => {
    const sealed = await cipher.seal(PLACE, 258, VALUE)
    expect([...sealed.subarray(0, 5)]).toEqual([1, 0, 0, 1, 2])
    expect(sealed).toHaveLength(5 + 24 + VALUE.length + 16)
    expect(await cipher.open(PLACE, sealed)).toEqual(VALUE)
  })

  it.each([
    ['at another key', { ...PLACE, key: 'b' }, (sealed: Uint8Array) => sealed],
    ['in another space', { ...PLACE, space: 'out' }, (sealed: Uint8Array) => sealed],
    ['with another form', PLACE, (sealed: Uint8Array) => changed(sealed, 0)],
    ['with another version', PLACE, (sealed: Uint8Array) => changed(sealed, 4)],
    ['with another nonce', PLACE, (sealed: Uint8Array) => changed(sealed, 9)],
    ['with other bytes', PLACE, (sealed: Uint8Array) => changed(sealed, 30)],
    ['cut off', PLACE, (sealed: Uint8Array) => sealed.subarray(0, 20)],
    ['without a byte', PLACE, () => new Uint8Array()],
  ])('does not open %s', async (_name, place, change) => {
    const sealed = change(await cipher.seal(PLACE, 1, VALUE))
    await expect(cipher.open(place, sealed)).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
      details: { space: place.space },
    })
  })
})

describe('the checksum of a block', () => {
  it('is the CRC-32C of RFC 3720 under the mask of LevelDB', () => {
    const zeros = 0x8a9136aa
    const mask = (((zeros >>> 15) | (zeros << 17)) + 0xa282ead8) >>> 0
    expect(maskedChecksum(new Uint8Array(32))).toBe(mask)
  })
})
