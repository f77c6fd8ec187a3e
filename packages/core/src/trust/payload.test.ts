import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { Ed25519JwkSchema } from '../crypto/jwk.ts'
import { parsePayload } from './payload.ts'

const JWK = { alg: 'Ed25519', crv: 'Ed25519', kty: 'OKP', x: 'A'.repeat(43) }
const schema = z.strictObject({
  key: Ed25519JwkSchema,
  list: z.array(z.strictObject({ rosterKeys: z.array(Ed25519JwkSchema) })),
  name: z.string().max(3),
  v: z.literal(1),
})
const good = { key: JWK, list: [{ rosterKeys: [JWK] }], name: 'abc', v: 1 }

describe('a payload', () => {
  it('is read by its schema', () => {
    expect(parsePayload(schema, good)).toEqual(good)
  })

  it.each([
    ['an array', []],
    ['text', 'v'],
    ['null', null],
    ['a number', 1],
  ])('is not %s', async (_name, value) => {
    expect(await refusalOf(() => parsePayload(schema, value))).toEqual({
      code: 'WIRE_MEMBER',
      details: { path: '' },
    })
  })

  it.each([
    [{ name: 'too long' }, 'WIRE_MEMBER', 'v'],
    [{ ...good, name: 'abcd' }, 'WIRE_MEMBER', 'name'],
    [{ ...good, note: '' }, 'WIRE_MEMBER', ''],
    [{ ...good, list: [{ rosterKeys: [JWK], note: '' }] }, 'WIRE_MEMBER', 'list.0'],
    [{ ...good, key: { ...JWK, kid: '' } }, 'WIRE_MEMBER', 'key'],
  ])('%j is refused: %s at “%s”', async (value, code, path) => {
    const refusal = await refusalOf(() => parsePayload(schema, value))
    expect(refusal).toEqual({ code, details: { path } })
  })

  it.each([
    [2, '2'],
    ['1', '"1"'],
    [null, 'null'],
    [true, 'true'],
    [[1], '[1]'],
    ['a text that is very long', '"a text that is '],
  ])('of version %j is refused before its members are looked at', async (v, found) => {
    expect(await refusalOf(() => parsePayload(schema, { v, more: 1 }))).toEqual({
      code: 'WIRE_VERSION',
      details: { found },
    })
  })

  it.each([
    ['a shorter key', { ...good, key: { ...JWK, x: 'A' } }, 'key.x'],
    ['another algorithm', { ...good, key: { ...JWK, alg: 'ES256' } }, 'key.alg'],
    ['a key that is text', { ...good, key: 'AAAA' }, 'key'],
    ['no key', { ...good, key: {} }, 'key.alg'],
    ['a key deep inside', { ...good, list: [{ rosterKeys: [{}] }] }, 'list.0.rosterKeys.0.alg'],
  ])('with %s is refused for its key', async (_name, value, path) => {
    expect(await refusalOf(() => parsePayload(schema, value))).toEqual({
      code: 'WIRE_KEY',
      details: { reason: `form of ${path}` },
    })
  })

  it('is refused with a path of at most 128 characters', async () => {
    const long = z.strictObject({ v: z.literal(1), ['a'.repeat(200)]: z.string() })
    const refusal = await refusalOf(() => parsePayload(long, { v: 1 }))
    expect(refusal).toEqual({ code: 'WIRE_MEMBER', details: { path: 'a'.repeat(128) } })
  })
})
