import {
  admitKey,
  decodeBase64url,
  digest,
  encodeBase64url,
  encodeUtf8,
  parsePresentation,
  parseStatement,
  rawPublicKey,
  requireAlgorithm,
  verifyRaw,
} from '@amana/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { codeOf } from '../../support/refusals.ts'
import { Hex, readVectors } from '../../support/vectors.ts'
import { twoAgencies } from '../../support/agencies.ts'

const kem = readVectors(
  'standards/ml-kem-768-keys.json',
  z.object({
    tests: z.array(z.object({ tcId: z.number(), ek: Hex, result: z.enum(['valid', 'invalid']) })),
  }),
)
const GeneralSchema = z.looseObject({ payload: z.string().optional() })
const jws = readVectors(
  'standards/jws.json',
  z.object({
    wycheproof: z.array(z.object({ tcId: z.number(), comment: z.string(), jws: z.string() })),
    cookbook: z.array(z.object({ title: z.string(), json: GeneralSchema })),
  }),
)
const jwk = readVectors(
  'standards/jwk.json',
  z.object({ keys: z.array(z.object({ comment: z.string(), key: z.json() })) }),
)
const sdJwt = readVectors(
  'standards/sd-jwt.json',
  z.object({ jwt: z.string(), disclosures: z.array(z.string()) }),
)

const DigestsSchema = z.array(z.string())
const PayloadSchema = z.object({ _sd: DigestsSchema, address: z.object({ _sd: DigestsSchema }) })

const X25519_BYTES = 32
/** `{}`: canonical, so that what is left to refuse is the header. */
const EMPTY_OBJECT = 'e30'
const HEADER_CODES = /^WIRE_(?:ALG|B64|CANON|CRIT|HDR|JSON|KID|MEMBER|SIZE|TYP|UTF8)$/

describe('an encapsulation key of ML-KEM-768 in a hybrid key (FIPS 203, Wycheproof)', () => {
  it.each(kem.tests)('$tcId is $result', async ({ ek, result }) => {
    const { anltp } = await twoAgencies()
    const own = rawPublicKey(anltp.desks.protection.publicJwk)
    const pub = encodeBase64url(new Uint8Array([...ek, ...own.subarray(-X25519_BYTES)]))
    const code = await codeOf(() =>
      admitKey({ ...anltp.desks.protection.publicJwk, pub }).then(() => undefined),
    )
    expect(code).toBe(result === 'valid' ? undefined : 'WIRE_KEY')
  })
})

describe('a JWS of another profile is no statement (Wycheproof, RFC 7520, RFC 8037)', () => {
  it.each(jws.wycheproof)('$tcId $comment', async ({ jws: compact }) => {
    const [header = '', payload = '', signature = ''] = compact.split('.')
    const entries = [{ protected: header, signature }]
    expect(await refusalOf({ payload, signatures: entries })).toMatch(HEADER_CODES)
    expect(await refusalOf({ payload: EMPTY_OBJECT, signatures: entries })).toMatch(HEADER_CODES)
  })

  it.each(jws.cookbook)('$title', async ({ json }) => {
    expect(await refusalOf(json)).toMatch(HEADER_CODES)
    expect(await refusalOf({ ...json, payload: EMPTY_OBJECT })).toMatch(HEADER_CODES)
  })

  it('though the signature of RFC 8037 verifies under its key', async () => {
    const [entry] = jws.cookbook.slice(-1)
    const { payload, signatures } = z
      .object({
        payload: z.string(),
        signatures: z.tuple([z.object({ protected: z.string(), signature: z.string() })]),
      })
      .parse(entry?.json)
    const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
    const key = await admitKey({ alg: 'Ed25519', crv: 'Ed25519', kty: 'OKP', x })
    const signed = encodeUtf8(`${signatures[0].protected}.${payload}`)
    expect(
      await verifyRaw(
        requireAlgorithm(key, 'Ed25519').jwk,
        signed,
        decodeBase64url(signatures[0].signature),
      ),
    ).toBe(true)
  })
})

describe('a key of another profile is not admitted (Wycheproof, RFC 7520)', () => {
  it.each(jwk.keys)('$comment', async ({ key }) => {
    expect(await codeOf(() => admitKey(key).then(() => undefined))).toBe('WIRE_KEY')
  })
})

describe('the SD-JWT of RFC 9901 A.1', () => {
  it('has the digests that this project computes', () => {
    const text = new TextDecoder().decode(decodeBase64url(sdJwt.jwt.split('.')[1] ?? ''))
    const { _sd: top, address } = PayloadSchema.parse(JSON.parse(text))
    const { _sd: inner } = address
    const known = new Set([...top, ...inner])
    const digests = sdJwt.disclosures.map((disclosure) => digest(disclosure))
    expect(digests.filter((one) => !known.has(one))).toEqual([])
    expect(digests).not.toEqual([])
  })

  it('is no presentation of a statement', async () => {
    const text = `${[sdJwt.jwt, ...sdJwt.disclosures].join('~')}~`
    expect(await codeOf(async () => void parsePresentation(text))).toMatch(HEADER_CODES)
  })
})

async function refusalOf(value: unknown): Promise<string | undefined> {
  return codeOf(async () => void parseStatement(value))
}
