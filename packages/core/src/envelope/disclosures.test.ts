/**
 * Disclosures with derived salts: the bytes of a worked example, and that no change of a value keeps its digest.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#disclosures
 */
import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { parseText } from '../../../../test/support/json.ts'
import { readText } from '../../../../test/support/repository.ts'
import { decodeBase64url } from '../bytes/base64.ts'
import { canonicalize, type Json } from '../bytes/jcs.ts'
import { decodeUtf8 } from '../bytes/utf8.ts'
import { discloseBody, discloseGroup, groupDigest, lastDigest } from './disclosures.ts'

vi.setConfig({ testTimeout: 30_000 })

const SEED = Uint8Array.from({ length: 32 }, (_, n) => n)
const VALUE = {
  ageMin: 15,
  aliases: ['Rose', 'Small Ladi'],
  contact: {},
  route: [{ country: 'NE' }],
}

function textOf(encoded: string): string {
  return decodeUtf8(decodeBase64url(encoded))
}

/** The same, written from the specification: a salt from the path, a digest of the base64url text. */
function saltOf(path: readonly (string | number)[]): string {
  const mac = createHmac('sha256', SEED).update(JSON.stringify(path)).digest()
  return mac.subarray(0, 16).toString('base64url')
}

function text(path: readonly (string | number)[], ...rest: readonly Json[]): string {
  return canonicalize([saltOf(path), ...rest])
}

function digestOf(json: string): string {
  return createHash('sha256').update(Buffer.from(json).toString('base64url')).digest('base64url')
}

describe('a group', () => {
  it('has one disclosure for each member and element, children before parents', () => {
    const paths = discloseGroup(SEED, VALUE).map(({ path }) => path.join('.'))
    expect(paths).toEqual([
      'ageMin',
      'aliases.0',
      'aliases.1',
      'aliases',
      'contact',
      'route.0.country',
      'route.0',
      'route',
      '',
    ])
  })

  it('has the bytes that the specification says', () => {
    const rose = text(['aliases', 0], 'Rose')
    const small = text(['aliases', 1], 'Small Ladi')
    const aliases = text(['aliases'], 'aliases', [
      { '...': digestOf(rose) },
      { '...': digestOf(small) },
    ])
    const country = text(['route', 0, 'country'], 'country', 'NE')
    const leg = text(['route', 0], { _sd: [digestOf(country)] })
    const route = text(['route'], 'route', [{ '...': digestOf(leg) }])
    const age = text(['ageMin'], 'ageMin', 15)
    const contact = text(['contact'], 'contact', {})
    const digests = [age, aliases, contact, route].map((member) => digestOf(member)).toSorted()
    const whole = text([], 'value', { _sd: digests })
    const made = discloseGroup(SEED, VALUE)
    expect(made.map(({ encoded }) => textOf(encoded))).toEqual([
      age,
      rose,
      small,
      aliases,
      contact,
      country,
      leg,
      route,
      whole,
    ])
    expect(lastDigest(made)).toBe(digestOf(whole))
  })

  it('has the bytes of the example in the specification', () => {
    const page = readText('docs/spec/03-statement-and-seal.md')
    const made = discloseGroup(SEED, { ageMin: 15, aliases: ['Rose'] })
    expect(made).toHaveLength(4)
    for (const { path, encoded, digest } of made) {
      const cells = [JSON.stringify(path), textOf(encoded), digest].map((cell) => `\`${cell}\``)
      const row = page.split('\n').find((line) => cells.every((cell) => line.includes(cell)))
      expect(row).toBeDefined()
    }
    expect(page).toContain(`\`${made[0]?.encoded ?? ''}\``)
    const body = discloseBody('AAECAwQFBgcICQoLDA0ODw', { body: lastDigest(made) })
    expect(page).toContain(`\`${body.digest}\``)
  })

  it('keeps an empty group as {} and an empty list as []', () => {
    expect(discloseGroup(SEED, {}).map(({ encoded }) => textOf(encoded))).toEqual([
      canonicalize([saltOf([]), 'value', {}]),
    ])
    const [list] = discloseGroup(SEED, { list: [] })
    expect(textOf(list?.encoded ?? '')).toBe(canonicalize([saltOf(['list']), 'list', []]))
  })

  it.each<[string, { readonly [member: string]: Json }]>([
    ['_sd', { _sd: [] }],
    ['...', { '...': 'x' }],
    ['_sd_alg', { _sd_alg: 'sha-256' }],
    ['_sd below a member', { a: { b: { _sd: 'x' } } }],
    ['... below an element', { a: [[{ '...': 'x' }]] }],
    ['_sd_alg below both', { a: [{ b: { _sd_alg: 1 } }] }],
    ['__proto__', named('__proto__')],
  ])('refuses a member named %s', (_name, value) => {
    expect(() => discloseGroup(SEED, value)).toThrow(
      expect.objectContaining({ code: 'WIRE_DIS', details: { reason: 'name' } }),
    )
  })

  it('refuses a value that has no canonical form', () => {
    expect(() => discloseGroup(SEED, { latitude: 16.97 })).toThrow(
      expect.objectContaining({ code: 'WIRE_CANON' }),
    )
  })

  it('gives no salt twice', () => {
    const salts = discloseGroup(SEED, VALUE).map(({ encoded }) => textOf(encoded).slice(2, 24))
    expect(new Set(salts).size).toBe(9)
  })

  it('has another digest for every other value or seed', () => {
    fc.assert(
      fc.property(groups(), groups(), (one, other) => {
        const same = canonicalize(one) === canonicalize(other)
        expect(groupDigest(SEED, one) === groupDigest(SEED, other)).toBe(same)
        expect(groupDigest(SEED.toReversed(), one)).not.toBe(groupDigest(SEED, one))
      }),
    )
  })

  it('has no digest without a disclosure', () => {
    expect(() => lastDigest([])).toThrow(
      expect.objectContaining({ code: 'WIRE_DIS', details: { reason: 'empty' } }),
    )
  })
})

describe('a body', () => {
  it('holds each group as a plain member with one digest', () => {
    const { encoded } = discloseBody('A'.repeat(22), { travel: 'two', child: 'one' })
    expect(parseText(textOf(encoded))).toEqual([
      'A'.repeat(22),
      'body',
      { child: { _sd: ['one'] }, travel: { _sd: ['two'] } },
    ])
  })
})

function named(name: string): { readonly [member: string]: Json } {
  return Object.fromEntries([[name, 'x']])
}

/** JSON objects of the canonical profile without reserved names. */
function groups(): fc.Arbitrary<{ readonly [member: string]: Json }> {
  const name = fc.stringMatching(/^[a-z]{1,3}$/)
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', maxDepth: 3 },
      fc.constantFrom<Json>(0, 1, true, 'a', '', {}, []),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(name, tie('value'), { maxKeys: 3 }),
    ),
  }))
  return fc.dictionary(name, value, { maxKeys: 3 })
}
