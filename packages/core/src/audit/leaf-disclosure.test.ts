/**
 * What stands outside the log is what the leaf committed to, or it is refused.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#disclosures
 */
import { describe, expect, it } from 'vitest'
import { LOG, START_MS } from '../../../../test/support/built-log.ts'
import { LEAF_EXAMPLES } from '../../../../test/support/leaf-examples.ts'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { encodeCanonical, type Json } from '../bytes/jcs.ts'
import { decodeUtf8 } from '../bytes/utf8.ts'
import { digest } from '../crypto/digest.ts'
import { buildLeaf, type Leaf, parseLeaf } from './leaf.ts'
import { decoyDigest, discloseField, readDisclosure } from './leaf-disclosure.ts'

const SALT = new Uint8Array(16).fill(7)
const fixed = (sizeBytes: number): Uint8Array => SALT.slice(0, sizeBytes)
const refused: unknown = expect.objectContaining({ code: 'AUDIT_DISCLOSURE' })

function leafWith(...sd: readonly string[]): Leaf {
  const place = { log: LOG, index: 7, seq: 2, prev: 3, timeMs: START_MS }
  const event = { event: 'a.open', actor: 'sys', data: LEAF_EXAMPLES['a.open'], sd }
  return parseLeaf(buildLeaf(event, place))
}

function disclosed(array: Json): { encoded: string; leaf: Leaf } {
  const encoded = encodeBase64url(encodeCanonical(array))
  return { encoded, leaf: leafWith(digest(encoded)) }
}

function saltOf(encoded: string): Uint8Array {
  const [, salt = ''] = /^\["(?<salt>[\w-]+)"/.exec(decodeUtf8(decodeBase64url(encoded))) ?? []
  return decodeBase64url(salt)
}

describe('a disclosure of a leaf', () => {
  it('gives back the value that the leaf committed to, beside a decoy', () => {
    const field = { name: 'reason', value: 'le médecin de garde a appelé' }
    const { digest: committed, encoded } = discloseField('a.open', field, fixed)
    expect(readDisclosure(leafWith(committed, decoyDigest(fixed)), encoded)).toEqual(field)
    expect(encoded).toBe(
      encodeBase64url(encodeCanonical([encodeBase64url(SALT), 'reason', field.value])),
    )
  })

  it('has 128 bits of salt of its own, whatever it says', () => {
    let drawn = 0
    const random = (sizeBytes: number): Uint8Array => {
      drawn += 1
      return new Uint8Array(sizeBytes).fill(drawn % 256).fill(drawn / 256, 8)
    }
    const same = { name: 'reason', value: 'always the same' }
    const made = Array.from({ length: 1000 }, () => discloseField('a.open', same, random))
    const salts = made.map(({ encoded }) => encodeBase64url(saltOf(encoded)))
    expect(new Set(salts).size).toBe(1000)
    expect(new Set(made.map((each) => each.digest)).size).toBe(1000)
    expect(made.map(({ encoded }) => saltOf(encoded).length)).toEqual(made.map(() => 16))
  })

  it('is refused where the leaf committed to another', () => {
    const { encoded } = discloseField('a.open', { name: 'reason', value: 'another' }, fixed)
    expect(() => readDisclosure(leafWith(digest('reason')), encoded)).toThrow(refused)
  })

  it.each<[string, Json]>([
    ['a salt that is too short', ['AAAA', 'reason', 'why']],
    ['a name that its event has not', [encodeBase64url(SALT), 'query', 'why']],
    ['a value that is no text', [encodeBase64url(SALT), 'reason', 7]],
    ['no value', [encodeBase64url(SALT), 'reason', '']],
    ['a value above the limit', [encodeBase64url(SALT), 'reason', 'x'.repeat(1001)]],
    ['two elements', [encodeBase64url(SALT), 'why']],
  ])('is refused with %s, though the leaf committed to it', (_case, array) => {
    const { encoded, leaf } = disclosed(array)
    expect(() => readDisclosure(leaf, encoded)).toThrow(refused)
  })

  it('is not made for a name that its event has not, nor without a value', () => {
    expect(() => discloseField('a.open', { name: 'query', value: 'why' }, fixed)).toThrow(refused)
    expect(() => discloseField('w.pad', { name: 'reason', value: 'why' }, fixed)).toThrow(refused)
    expect(() => discloseField('a.open', { name: 'reason', value: '' }, fixed)).toThrow(refused)
  })
})
