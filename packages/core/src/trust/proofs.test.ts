import { describe, expect, it } from 'vitest'
import { twoAgencies } from '../../../../test/support/agencies.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { signRaw, verifyRaw } from '../crypto/jwk.ts'
import { peerIdOfKey } from './peer-id.ts'
import { signBinding, signProof, verifyBinding, verifyProof } from './proofs.ts'

const { naptip, anltp } = await twoAgencies()
const peerId = peerIdOfKey(naptip.peerKey.publicJwk)
const facts = { agency: naptip.id, peerId, sealKeyId: naptip.sealKey.keyId }
const officer = naptip.officers['author'] ?? naptip.sealKey
const claim = { agency: naptip.id, id: 'author', keyId: officer.keyId }

describe('a binding', async () => {
  const binding = await signBinding(facts, naptip.peerKey)

  it('is a signature over a label, a zero byte and canonical JSON', async () => {
    const json = `{"agency":"ng.naptip","peerId":"${peerId}","sealKey":"${naptip.sealKey.keyId}"}`
    const bytes = encodeUtf8(`amana/1/bind\0${json}`)
    const { publicJwk } = naptip.peerKey
    expect(await verifyRaw(publicJwk, bytes, decodeBase64url(binding))).toBe(true)
    expect(await refusalOf(() => verifyBinding(facts, binding))).toBeUndefined()
  })

  it.each([
    ['another agency', { agency: anltp.id }],
    ['another seal key', { sealKeyId: anltp.sealKey.keyId }],
    ['another node', { peerId: peerIdOfKey(anltp.peerKey.publicJwk) }],
  ])('is not good for %s', async (_name, other) => {
    const claimed = { ...facts, ...other }
    expect(await refusalOf(() => verifyBinding(claimed, binding))).toEqual({
      code: 'WIRE_SIG',
      details: { keyId: claimed.sealKeyId },
    })
  })

  it('is not made by the seal key itself', async () => {
    const own = await signBinding(facts, naptip.sealKey)
    expect((await refusalOf(() => verifyBinding(facts, own)))?.code).toBe('WIRE_SIG')
  })
})

describe('a proof', async () => {
  const proof = await signProof(claim, officer)

  it('is a signature over a label, a zero byte and canonical JSON', async () => {
    const json = `{"agency":"ng.naptip","id":"author","kid":"${officer.keyId}"}`
    const bytes = encodeUtf8(`amana/1/pop\0${json}`)
    expect(await verifyRaw(officer.publicJwk, bytes, decodeBase64url(proof))).toBe(true)
    expect(await refusalOf(() => verifyProof(claim, officer.publicJwk, proof))).toBeUndefined()
  })

  it.each([
    ['another agency', { agency: anltp.id }],
    ['another officer', { id: 'approver' }],
    ['another key id', { keyId: naptip.sealKey.keyId }],
  ])('is not good for %s', async (_name, other) => {
    const claimed = { ...claim, ...other }
    expect(await refusalOf(() => verifyProof(claimed, officer.publicJwk, proof))).toEqual({
      code: 'WIRE_SIG',
      details: { keyId: claimed.keyId },
    })
  })

  it('is not good under another key, nor made by one', async () => {
    const { publicJwk } = naptip.sealKey
    const other = await signProof({ agency: naptip.id, id: 'author' }, naptip.sealKey)
    for (const [jwk, text] of [
      [publicJwk, proof],
      [officer.publicJwk, other],
    ] as const) {
      expect((await refusalOf(() => verifyProof(claim, jwk, text)))?.code).toBe('WIRE_SIG')
    }
  })

  it('is no binding, whatever it says', async () => {
    const signature = await signRaw(naptip.peerKey, encodeUtf8('amana/1/pop\0{}'))
    const text = encodeBase64url(signature)
    expect((await refusalOf(() => verifyBinding(facts, text)))?.code).toBe('WIRE_SIG')
  })

  it('has one spelling', async () => {
    const other = `${proof.slice(0, -1)}${proof.endsWith('B') ? 'C' : 'B'}`
    const refusal = await refusalOf(() => verifyProof(claim, officer.publicJwk, other))
    expect(refusal?.code).toBe('WIRE_B64')
  })
})
