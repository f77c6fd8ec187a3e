import { base58btc } from 'multiformats/bases/base58'
import { describe, expect, it } from 'vitest'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { encodeBase64url } from '../bytes/base64.ts'
import { type Ed25519Jwk } from '../crypto/jwk.ts'
import { keyOfPeerId, peerIdOfKey } from './peer-id.ts'

/** Public key of the test vectors of libp2p’s specification of peer ids, and its id. */
const KEY = '1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e'
const ID = '12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq'
const jwk: Ed25519Jwk = {
  alg: 'Ed25519',
  crv: 'Ed25519',
  kty: 'OKP',
  x: encodeBase64url(Buffer.from(KEY, 'hex')),
}

describe('a peer id', () => {
  it('is that of libp2p, and holds its key', () => {
    expect(peerIdOfKey(jwk)).toBe(ID)
    expect(keyOfPeerId(ID)).toEqual(jwk)
  })

  it.each([
    ['one byte less', `002408011220${KEY.slice(2)}`],
    ['one byte more', `002408011220${KEY}00`],
    ['another hash', `122408011220${KEY}`],
    ['another length', `002508011220${KEY}`],
    ['another type of key', `002408021220${KEY}`],
    ['another field', `002408011a20${KEY}`],
    ['another length of key', `002408011221${KEY}`],
    ['nothing', ''],
  ])('is none with %s', async (_name, hex) => {
    const id = base58btc.baseEncode(Buffer.from(hex, 'hex'))
    expect(await refusalOf(() => keyOfPeerId(id))).toEqual({
      code: 'WIRE_KEY',
      details: { reason: 'not an Ed25519 peer id' },
    })
  })

  it.each(['0', 'O', 'I', 'l', ' ', '\n', 'é', '+'])('has no letter %j', async (letter) => {
    expect(await refusalOf(() => keyOfPeerId(ID.slice(0, -1) + letter))).toEqual({
      code: 'WIRE_KEY',
      details: { reason: 'peer id is not base58btc' },
    })
  })
})
