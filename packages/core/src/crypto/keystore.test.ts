import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { seededBytes } from '../../../../test/support/seeded-bytes.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { hexOf, readVectors } from '../../../../test/support/vectors.ts'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { engine } from './engine-node.ts'
import { type Keystore, KeystoreSchema, openKeystore, sealKeystore } from './keystore.ts'

const vector = readVectors(
  'crypto/keystore.json',
  z.object({
    passphrase: z.string(),
    passphraseDecomposed: z.string(),
    file: KeystoreSchema,
    secrets: z.json(),
    key: z.string(),
  }),
)
const { file, passphrase } = vector
const MEMBERS = { code: 'STORE_KEYSTORE', details: { reason: 'members' } }
const WRONG = { code: 'STORE_PASSPHRASE', details: {} }

describe('the vector that other programs made', () => {
  it('opens', async () => {
    expect(await openKeystore(file, passphrase)).toEqual(vector.secrets)
  })

  it('opens with the passphrase typed in decomposed letters', async () => {
    expect(vector.passphraseDecomposed).not.toBe(passphrase)
    expect(await openKeystore(file, vector.passphraseDecomposed)).toEqual(vector.secrets)
  })

  it('has the key that the label, salt and cost give', async () => {
    const key = await engine.argon2id(encodeUtf8(passphrase), decodeBase64url(file.salt), {
      cost: { memoryKib: 65_536, passes: 3, lanes: 1 },
      associatedData: encodeUtf8('amana/keystore/1|argon2id|65536|3|1'),
    })
    expect(hexOf(key)).toBe(vector.key)
  })

  it.each([
    ['another passphrase', file, `${passphrase} `],
    ['a changed box', { ...file, box: changed(file.box) }, passphrase],
    ['a shorter box', { ...file, box: shorter(file.box) }, passphrase],
    ['a changed nonce', { ...file, nonce: changed(file.nonce) }, passphrase],
    ['a changed salt', { ...file, salt: changed(file.salt) }, passphrase],
    ['one pass more', { ...file, t: 4 }, passphrase],
  ])('does not open with %s', async (_name, other, typed) => {
    expect(await refusalOf(() => openKeystore(other, typed))).toEqual(WRONG)
  })
})

describe('a keystore file', () => {
  it.each([
    ['nothing', undefined],
    ['text', JSON.stringify(file)],
    ['a member more', { ...file, note: 'x' }],
    ['no salt', { ...file, salt: undefined }],
    ['another version', { ...file, v: 2 }],
    ['another function', { ...file, kdf: 'argon2i' }],
    ['scrypt', { ...file, kdf: 'scrypt' }],
    ['a cost that is no integer', { ...file, m: 65_536.5 }],
    ['a cost that is text', { ...file, t: '3' }],
    ['a longer salt', { ...file, salt: `${file.salt}AA` }],
    ['a shorter nonce', { ...file, nonce: file.nonce.slice(4) }],
    ['a box above its limit', { ...file, box: 'A'.repeat(512 * 1024 + 1) }],
  ])('is not one with %s', async (_name, value) => {
    expect(await refusalOf(() => openKeystore(value, passphrase))).toEqual(MEMBERS)
  })

  it.each([
    ['box', { ...file, box: `${file.box.slice(0, -1)}=` }],
    ['nonce', { ...file, nonce: `${file.nonce.slice(0, -1)}+` }],
    ['salt', { ...file, salt: `${file.salt.slice(0, -1)}B` }],
  ])('is not one whose %s is not base64url', async (_name, value) => {
    expect(await refusalOf(() => openKeystore(value, passphrase))).toEqual({
      code: 'STORE_KEYSTORE',
      details: { reason: 'base64url' },
    })
  })

  it.each([
    ['less memory', { m: 65_535 }],
    ['fewer passes', { t: 2 }],
    ['no lane', { p: 0 }],
    ['a negative cost', { m: -1, t: -1, p: -1 }],
    ['more memory than a gibibyte', { m: 1_048_577 }],
    ['memory without end', { m: Number.MAX_SAFE_INTEGER }],
    ['more than 16 passes', { t: 17 }],
    ['more than 8 lanes', { p: 9 }],
  ])('that asks for %s is refused before its bytes are looked at', async (_name, cost) => {
    const asked = { ...file, ...cost, salt: '!'.repeat(22), box: '!' }
    expect(await refusalOf(() => openKeystore(asked, passphrase))).toEqual({
      code: 'STORE_KEYSTORE_WEAK',
      details: { memoryKib: asked.m, passes: asked.t },
    })
  })
})

describe('the cost of a keystore file', () => {
  it.each([
    ['memory of a gibibyte', { m: 1_048_576 }],
    ['16 passes', { t: 16 }],
    ['8 lanes', { p: 8 }],
  ])('may be %s: what is refused is the salt, before the cost is spent', async (_name, cost) => {
    const asked = { ...file, ...cost, salt: '!'.repeat(22) }
    expect(await refusalOf(() => openKeystore(asked, passphrase))).toEqual({
      code: 'STORE_KEYSTORE',
      details: { reason: 'base64url' },
    })
  })
})

describe('sealing', () => {
  const random = seededBytes('keystore')
  const secrets = { seed: encodeBase64url(new Uint8Array(32)), who: 'off-0417' }
  let sealed: Keystore

  beforeAll(async () => {
    sealed = await sealKeystore(secrets, passphrase, random)
  })

  it('gives a file at the floor of its cost that opens again', async () => {
    const { box, nonce, salt, ...cost } = sealed
    expect(cost).toEqual({ kdf: 'argon2id', m: 65_536, p: 1, t: 3, v: 1 })
    expect([nonce.length, salt.length]).toEqual([32, 22])
    expect(box).not.toContain(secrets.seed)
    expect(await openKeystore(sealed, passphrase)).toEqual(secrets)
  })

  it('takes a fresh salt and nonce every time', async () => {
    const again = await sealKeystore(secrets, passphrase, random)
    expect(again.salt).not.toBe(sealed.salt)
    expect(again.nonce).not.toBe(sealed.nonce)
    expect(again.box).not.toBe(sealed.box)
  })

  it('refuses more than could be opened again', async () => {
    const limitBytes = 256 * 1024
    const most = 'a'.repeat(limitBytes - 2)
    expect(await refusalOf(() => sealKeystore(`${most}a`, passphrase, random))).toEqual({
      code: 'WIRE_SIZE',
      details: { sizeBytes: limitBytes + 1, limitBytes },
    })
    expect(await openKeystore(await sealKeystore(most, passphrase, random), passphrase)).toBe(most)
  })
})

function changed(text: string): string {
  return `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`
}

function shorter(text: string): string {
  return encodeBase64url(decodeBase64url(text).subarray(1))
}
