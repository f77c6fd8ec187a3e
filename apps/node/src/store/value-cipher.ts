/**
 * How one value lies on the disk: `01 ‖ version (4 bytes) ‖ nonce (24) ‖ XAES-256-GCM`, bound to its place and version.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */
import {
  AmanaError,
  concatBytes,
  createXaes,
  encodeUtf8,
  hkdfSha256,
  type Random,
} from '@amana/core'

/** The place of a value: what it may be called by, and nothing else. */
export interface ValuePlace {
  readonly space: string
  readonly key: string
}

/** Seals and opens values under a key of the store's master key. */
export interface ValueCipher {
  seal(place: ValuePlace, version: number, value: Uint8Array): Promise<Uint8Array>
  /** Plain bytes in memory of their own. @throws STORE_DAMAGED when they were not sealed for that place */
  open(place: ValuePlace, sealed: Uint8Array): Promise<Uint8Array>
}

const FORM = 0x01
const NONCE_BYTES = 24
const HEAD_BYTES = 5
const KEY_BYTES = 32

/** A cipher under HKDF of the master key (32 bytes) with the label `values`. */
export function createValueCipher(master: Uint8Array, random: Random): ValueCipher {
  const label = { salt: new Uint8Array(), info: encodeUtf8('values') }
  const xaes = createXaes(hkdfSha256(master, label, KEY_BYTES))
  return {
    async seal(place, version, value) {
      const iv = random(NONCE_BYTES)
      const aad = associatedData(place, version)
      return concatBytes(headOf(version), iv, await xaes.seal({ iv, aad }, value))
    },
    async open(place, sealed) {
      const iv = sealed.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES)
      const aad = associatedData(place, valueVersion(sealed))
      const body = sealed.subarray(HEAD_BYTES + NONCE_BYTES)
      const value = sealed[0] === FORM ? await xaes.open({ iv, aad }, body) : undefined
      if (value === undefined) throw new AmanaError('STORE_DAMAGED', { space: place.space })
      return new Uint8Array(value)
    },
  }
}

/** The version in a sealed value, before it is authenticated; 0 where the bytes are too short to have one. */
export function valueVersion(sealed: Uint8Array): number {
  if (sealed.byteLength < HEAD_BYTES) return 0
  return new DataView(sealed.buffer, sealed.byteOffset).getUint32(1)
}

function headOf(version: number): Uint8Array {
  const head = new Uint8Array(HEAD_BYTES)
  head[0] = FORM
  new DataView(head.buffer).setUint32(1, version)
  return head
}

function associatedData({ space, key }: ValuePlace, version: number): Uint8Array {
  return concatBytes(encodeUtf8(`${space}\0${key}\0`), headOf(version).subarray(1))
}
