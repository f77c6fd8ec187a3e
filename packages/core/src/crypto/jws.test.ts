import { generalVerify } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { seededBytes } from '../../../../test/support/seeded-bytes.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { encodeCanonical, type Json } from '../bytes/jcs.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { digest } from './digest.ts'
import { generateKey, privateKeyFromSeed, type PrivateKey } from './jwk.ts'
import {
  type GeneralJws,
  type JwsExpectation,
  parseJws,
  signJws,
  verifyJwsSignature,
} from './jws.ts'

const random = seededBytes('jws')
const TYPE = 'amana-test+jws'
const PAYLOAD = { a: 1, b: 'é' }
const expected: JwsExpectation = { typ: TYPE, maxPayloadBytes: 64, maxSignatures: 2 }
const withActs: JwsExpectation = { ...expected, acts: true }

interface Keys {
  readonly ed: PrivateKey<'Ed25519'>
  readonly other: PrivateKey<'Ed25519'>
  readonly pq: PrivateKey<'ML-DSA-65'>
}

let keys: Keys
let signed: GeneralJws

beforeAll(async () => {
  keys = {
    ed: await privateKeyFromSeed('Ed25519', random(32)),
    other: await generateKey('Ed25519', random),
    pq: await generateKey('ML-DSA-65', random),
  }
  signed = await signJws({
    payload: encodeCanonical(PAYLOAD),
    typ: TYPE,
    signers: [{ key: keys.ed }, { key: keys.pq }],
  })
})

describe('a signed object', () => {
  it('has exactly the members and header members of the specification', () => {
    expect(Object.keys(signed).toSorted()).toEqual(['payload', 'signatures'])
    expect(signed.payload).toBe(encodeBase64url(encodeCanonical(PAYLOAD)))
    expect(signed.signatures.map(({ protected: header }) => textOf(header))).toEqual([
      `{"alg":"Ed25519","kid":"${keys.ed.keyId}","typ":"${TYPE}"}`,
      `{"alg":"ML-DSA-65","kid":"${keys.pq.keyId}","typ":"${TYPE}"}`,
    ])
  })

  it('says before all what the signer does, where signers act', async () => {
    const statement = await signJws({
      payload: encodeCanonical(PAYLOAD),
      typ: TYPE,
      signers: [
        { key: keys.ed, act: 'author' },
        { key: keys.other, act: 'approve' },
      ],
    })
    expect(textOf(statement.signatures[0]?.protected ?? '')).toBe(
      `{"act":"author","alg":"Ed25519","kid":"${keys.ed.keyId}","typ":"${TYPE}"}`,
    )
    const parsed = parseJws(statement, withActs)
    expect(parsed.signatures.map(({ act, keyId }) => [act, keyId])).toEqual([
      ['author', keys.ed.keyId],
      ['approve', keys.other.keyId],
    ])
  })

  it('is read back: payload, signers in order, digest of the payload text', () => {
    const parsed = parseJws(signed, expected)
    expect(parsed.payload).toEqual(PAYLOAD)
    expect(parsed.digest).toBe(digest(signed.payload))
    expect(parsed.signatures).toEqual([
      { keyId: keys.ed.keyId, algorithm: 'Ed25519', index: 0 },
      { keyId: keys.pq.keyId, algorithm: 'ML-DSA-65', index: 1 },
    ])
  })

  it('keeps its digest when signatures come, go or change places', () => {
    const fewer = { ...signed, signatures: signed.signatures.slice(1) }
    const turned = { ...signed, signatures: signed.signatures.toReversed() }
    const digests = [signed, fewer, turned].map((jws) => parseJws(jws, expected).digest)
    expect(new Set(digests).size).toBe(1)
  })

  it('verifies under its own keys', async () => {
    const parsed = parseJws(signed, expected)
    await verifyJwsSignature(parsed, 0, keys.ed.publicJwk)
    await verifyJwsSignature(parsed, 1, keys.pq.publicJwk)
    expect(parsed.signatures).toHaveLength(2)
  })

  it('is verified by a program that knows JWS and nothing of us', async () => {
    const one = { ...signed, signatures: signed.signatures.slice(0, 1) }
    const { payload } = await generalVerify(one, { ...keys.ed.publicJwk })
    expect(decodeUtf8(payload)).toBe('{"a":1,"b":"é"}')
  })
})

describe('the form of a signed object', () => {
  it.each([
    ['text', () => JSON.stringify(signed), ''],
    ['an array', () => [signed], ''],
    [
      'the flattened form',
      () => ({ payload: signed.payload, ...signed.signatures[0] }),
      'signatures',
    ],
    ['no payload', () => ({ signatures: signed.signatures }), 'payload'],
    ['a payload that is no text', () => ({ ...signed, payload: PAYLOAD }), 'payload'],
    ['no signature', () => ({ ...signed, signatures: [] }), 'signatures'],
    ['a member beside', () => ({ ...signed, v: 1 }), ''],
    ['an unprotected header', () => withEntry({ header: { kid: 'x' } }), 'signatures.0'],
    [
      'a signature without a header',
      () => withEntry({ protected: undefined }),
      'signatures.0.protected',
    ],
    ['a signature that is no text', () => withEntry({ signature: 1 }), 'signatures.0.signature'],
  ])('is not %s', async (_name, make, path) => {
    expect(await refusalOf(() => parseJws(make(), expected))).toEqual({
      code: 'WIRE_MEMBER',
      details: { path },
    })
  })

  it('has no more signatures than its kind may have', async () => {
    const [first] = signed.signatures
    const many = { ...signed, signatures: [first, first, first] }
    expect(await refusalOf(() => parseJws(many, expected))).toEqual({
      code: 'WIRE_SIZE',
      details: { sizeBytes: 3, limitBytes: 2 },
    })
  })

  it('has a payload within its limit, measured before it is decoded', async () => {
    const atLimit = craft({ payload: `"${'a'.repeat(62)}"` })
    expect(parseJws(atLimit, expected).payload).toBe('a'.repeat(62))
    const above = { ...atLimit, payload: '!'.repeat(87) }
    expect(await refusalOf(() => parseJws(above, expected))).toEqual({
      code: 'WIRE_SIZE',
      details: { sizeBytes: 87, limitBytes: 86 },
    })
  })

  it.each([
    ['a padded payload', () => ({ ...signed, payload: `${signed.payload}=` })],
    ['a padded header', () => withEntry({ protected: `${signed.signatures[0]?.protected}=` })],
    ['a signature of another alphabet', () => withEntry({ signature: '+/' })],
    ['a signature with trailing bits', () => withEntry({ signature: 'AB' })],
  ])('has one spelling: refuses %s', async (_name, make) => {
    expect((await refusalOf(() => parseJws(make(), expected)))?.code).toBe('WIRE_B64')
  })

  it.each([
    ['spaces', '{"a": 1}', 'WIRE_CANON'],
    ['a member twice', '{"a":1,"a":1}', 'WIRE_CANON'],
    ['a float', '{"a":0.5}', 'WIRE_CANON'],
    ['no JSON', 'a', 'WIRE_JSON'],
    ['nothing', '', 'WIRE_JSON'],
  ])('has a canonical payload: refuses %s', async (_name, payload, code) => {
    expect((await refusalOf(() => parseJws(craft({ payload }), expected)))?.code).toBe(code)
  })

  it('has a payload in UTF-8', async () => {
    const latin = { ...craft({}), payload: encodeBase64url(Uint8Array.of(0x22, 0xe9, 0x22)) }
    expect((await refusalOf(() => parseJws(latin, expected)))?.code).toBe('WIRE_UTF8')
  })

  it('has no two signatures by one key', async () => {
    const [first] = signed.signatures
    const twice = { ...signed, signatures: [first, first] }
    expect(await refusalOf(() => parseJws(twice, expected))).toEqual({
      code: 'WIRE_SIG',
      details: { keyId: keys.ed.keyId },
    })
  })
})

describe('a protected header', () => {
  it.each([
    ['crit', { crit: ['exp'] }, { code: 'WIRE_CRIT', details: { member: 'crit' } }],
    ['b64', { b64: false }, { code: 'WIRE_CRIT', details: { member: 'b64' } }],
    [
      'crit beside a wrong alg',
      { alg: 'none', crit: [] },
      { code: 'WIRE_CRIT', details: { member: 'crit' } },
    ],
    ['jwk', { jwk: {} }, { code: 'WIRE_MEMBER', details: { path: 'protected.jwk' } }],
    ['jku', { jku: 'https://x' }, { code: 'WIRE_MEMBER', details: { path: 'protected.jku' } }],
    ['x5c', { x5c: [] }, { code: 'WIRE_MEMBER', details: { path: 'protected.x5c' } }],
    ['zip', { zip: 'DEF' }, { code: 'WIRE_MEMBER', details: { path: 'protected.zip' } }],
    ['cty', { cty: 'x' }, { code: 'WIRE_MEMBER', details: { path: 'protected.cty' } }],
    ['no alg', { alg: undefined }, { code: 'WIRE_ALG', details: { algorithm: '' } }],
    ['a number as alg', { alg: 8 }, { code: 'WIRE_ALG', details: { algorithm: '' } }],
    ['alg none', { alg: 'none' }, { code: 'WIRE_ALG', details: { algorithm: 'none' } }],
    ['alg EdDSA', { alg: 'EdDSA' }, { code: 'WIRE_ALG', details: { algorithm: 'EdDSA' } }],
    ['alg HS256', { alg: 'HS256' }, { code: 'WIRE_ALG', details: { algorithm: 'HS256' } }],
    ['alg ES256', { alg: 'ES256' }, { code: 'WIRE_ALG', details: { algorithm: 'ES256' } }],
    [
      'alg ML-DSA-44',
      { alg: 'ML-DSA-44' },
      { code: 'WIRE_ALG', details: { algorithm: 'ML-DSA-44' } },
    ],
    [
      'a long alg',
      { alg: 'a'.repeat(40) },
      { code: 'WIRE_ALG', details: { algorithm: 'a'.repeat(32) } },
    ],
    [
      'alg in lower case',
      { alg: 'ed25519' },
      { code: 'WIRE_ALG', details: { algorithm: 'ed25519' } },
    ],
    ['no typ', { typ: undefined }, { code: 'WIRE_TYP', details: { expected: TYPE } }],
    ['another typ', { typ: 'amana-roster+jws' }, { code: 'WIRE_TYP', details: { expected: TYPE } }],
    [
      'typ with its prefix',
      { typ: `application/${TYPE}` },
      { code: 'WIRE_TYP', details: { expected: TYPE } },
    ],
    [
      'typ in capitals',
      { typ: TYPE.toUpperCase() },
      { code: 'WIRE_TYP', details: { expected: TYPE } },
    ],
    ['no kid', { kid: undefined }, { code: 'WIRE_KID', details: { keyId: '' } }],
    [
      'a kid that is no thumbprint',
      { kid: 'off-0417' },
      { code: 'WIRE_KID', details: { keyId: '' } },
    ],
    [
      'an act where none is due',
      { act: 'author' },
      { code: 'WIRE_MEMBER', details: { path: 'protected.act' } },
    ],
  ])('is refused with %s', async (_name, change, refusal) => {
    const jws = craft({ header: changed(change) })
    expect(await refusalOf(() => parseJws(jws, expected))).toEqual(refusal)
  })

  it.each([
    ['no act', {}],
    ['another act', { act: 'sign' }],
    ['an act that is no text', { act: 1 }],
  ])('is refused with %s where signers act', async (_name, change) => {
    const jws = craft({ header: changed(change) })
    expect(await refusalOf(() => parseJws(jws, withActs))).toEqual({
      code: 'WIRE_HDR',
      details: { member: 'act' },
    })
  })

  it.each([
    ['an array', '[]', 'WIRE_HDR'],
    ['text', '"alg"', 'WIRE_HDR'],
    ['null', 'null', 'WIRE_HDR'],
    ['no JSON', 'alg', 'WIRE_JSON'],
    ['members out of order', '{"typ":"x","alg":"Ed25519"}', 'WIRE_CANON'],
    ['a member twice', '{"alg":"Ed25519","alg":"Ed25519"}', 'WIRE_CANON'],
    ['301 bytes', `{"alg":"${'a'.repeat(291)}"}`, 'WIRE_SIZE'],
    ['300 bytes', `{"alg":"${'a'.repeat(290)}"}`, 'WIRE_ALG'],
  ])('is refused as %s', async (_name, header, code) => {
    expect((await refusalOf(() => parseJws(craft({ header }), expected)))?.code).toBe(code)
  })
})

describe('a signature', () => {
  it.each([
    [
      'of another payload',
      () => ({ ...signed, payload: encodeBase64url(encodeUtf8('{"a":2}')) }),
      0,
    ],
    ['with one bit changed', () => withEntry({ signature: flipped(0) }), 0],
    ['that is empty', () => withEntry({ signature: '' }), 0],
    ['of the other algorithm', () => withEntry({ signature: signed.signatures[1]?.signature }), 0],
    ['with one bit changed, ML-DSA-65', () => withSecond({ signature: flipped(1) }), 1],
  ])('%s is refused', async (_name, make, index) => {
    const parsed = parseJws(make(), expected)
    const jwk = index === 0 ? keys.ed.publicJwk : keys.pq.publicJwk
    const { keyId } = index === 0 ? keys.ed : keys.pq
    expect(await refusalOf(() => verifyJwsSignature(parsed, index, jwk))).toEqual({
      code: 'WIRE_SIG',
      details: { keyId },
    })
  })

  it('of a header that says something else is refused', async () => {
    const approved = await signJws({
      payload: encodeCanonical(PAYLOAD),
      typ: TYPE,
      signers: [{ key: keys.ed, act: 'approve' }],
    })
    const header = encodeBase64url(encodeCanonical({ act: 'author', ...headerOf(keys.ed) }))
    const signatures = approved.signatures.map((entry) => ({ ...entry, protected: header }))
    const parsed = parseJws({ ...approved, signatures }, withActs)
    expect(await refusalOf(() => verifyJwsSignature(parsed, 0, keys.ed.publicJwk))).toEqual({
      code: 'WIRE_SIG',
      details: { keyId: keys.ed.keyId },
    })
  })

  it('is refused under another key', async () => {
    const parsed = parseJws(signed, expected)
    expect(await refusalOf(() => verifyJwsSignature(parsed, 0, keys.other.publicJwk))).toEqual({
      code: 'WIRE_SIG',
      details: { keyId: keys.ed.keyId },
    })
  })

  it('is refused under a key for another algorithm, before it is looked at', async () => {
    const parsed = parseJws(withEntry({ signature: '' }), expected)
    expect(await refusalOf(() => verifyJwsSignature(parsed, 0, keys.pq.publicJwk))).toEqual({
      code: 'WIRE_ALG',
      details: { algorithm: 'Ed25519' },
    })
  })

  it.each([-1, 2, 0.5])('that is not there (%d) is refused', async (index) => {
    const parsed = parseJws(signed, expected)
    expect(await refusalOf(() => verifyJwsSignature(parsed, index, keys.ed.publicJwk))).toEqual({
      code: 'WIRE_SIG',
      details: { keyId: '' },
    })
  })
})

function textOf(text: string): string {
  return decodeUtf8(decodeBase64url(text))
}

function headerOf(key: Keys['ed']): { alg: string; kid: string; typ: string } {
  return { alg: key.algorithm, kid: key.keyId, typ: TYPE }
}

/** The sound header with other members; `undefined` leaves one out. */
function changed(change: Readonly<Record<string, Json | undefined>>): string {
  const header: Record<string, Json> = {}
  for (const [name, value] of Object.entries({ ...headerOf(keys.ed), ...change })) {
    if (value !== undefined) header[name] = value
  }
  return decodeUtf8(encodeCanonical(header))
}

/** An object of the right form whose payload and header are any text; its signature signs nothing. */
function craft(parts: { readonly payload?: string; readonly header?: string }): GeneralJws {
  const { payload = '{}', header = changed({}) } = parts
  return {
    payload: encodeBase64url(encodeUtf8(payload)),
    signatures: [{ protected: encodeBase64url(encodeUtf8(header)), signature: 'AA' }],
  }
}

function withEntry(change: Readonly<Record<string, unknown>>): unknown {
  return { ...signed, signatures: [{ ...signed.signatures[0], ...change }] }
}

function withSecond(change: Readonly<Record<string, unknown>>): unknown {
  return {
    ...signed,
    signatures: [signed.signatures[0], { ...signed.signatures[1], ...change }],
  }
}

function flipped(index: number): string {
  const bytes = decodeBase64url(signed.signatures[index]?.signature ?? '')
  return encodeBase64url(bytes.map((byte, place) => (place === 40 ? byte ^ 1 : byte)))
}
