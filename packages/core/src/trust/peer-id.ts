/**
 * libp2p peer ids of Ed25519 keys: base58btc of an identity multihash that holds the public key itself.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#identifiers
 */
import { base58 } from '@scure/base'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { concatBytes, equalBytes } from '../bytes/concat.ts'
import { type Ed25519Jwk } from '../crypto/jwk.ts'
import { AmanaError } from '../errors.ts'

/** Identity multihash of 36 bytes: protobuf field 1 (key type) = 1 (Ed25519), field 2 = 32 bytes. */
const PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20)
const KEY_BYTES = 32

/** The peer id that libp2p derives from this key. */
export function peerIdOfKey(jwk: Ed25519Jwk): string {
  return base58.encode(concatBytes(PREFIX, decodeBase64url(jwk.x)))
}

/**
 * The Ed25519 key inside a peer id. Only its form is checked; admission is the caller's.
 *
 * @throws WIRE_KEY when it is not the one spelling of an Ed25519 peer id
 */
export function keyOfPeerId(peerId: string): Ed25519Jwk {
  const bytes = decodeBase58(peerId)
  const isEd25519 =
    bytes.length === PREFIX.length + KEY_BYTES &&
    equalBytes(bytes.subarray(0, PREFIX.length), PREFIX) &&
    base58.encode(bytes) === peerId
  if (!isEd25519) throw new AmanaError('WIRE_KEY', { reason: 'not an Ed25519 peer id' })
  const x = encodeBase64url(bytes.subarray(PREFIX.length))
  return { alg: 'Ed25519', crv: 'Ed25519', kty: 'OKP', x }
}

function decodeBase58(text: string): Uint8Array {
  try {
    return base58.decode(text)
  } catch (cause) {
    throw new AmanaError('WIRE_KEY', { reason: 'peer id is not base58btc' }, { cause })
  }
}
