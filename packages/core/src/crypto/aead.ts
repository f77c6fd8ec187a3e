/**
 * Authenticated encryption: AES-256-GCM for seals, XAES-256-GCM (C2SP) for values at rest.
 *
 * @module
 * @spec docs/spec/01-bytes.md#primitives
 */
import { engine } from '#engine'
import { concatBytes } from '../bytes/concat.ts'
import { type AeadInput } from './engine.ts'

const TAG_BYTES = 16
const XAES_NONCE_BYTES = 24
/** AES-GCM nonce inside XAES: the last 12 of the 24 bytes. */
const XAES_PREFIX_BYTES = 12

/** Encrypts with AES-256-GCM: 32-byte key, 12-byte nonce that is never used twice under one key. */
export async function aesGcmSeal(
  input: AeadInput,
  plaintext: Uint8Array,
): Promise<{ readonly ciphertext: Uint8Array; readonly tag: Uint8Array }> {
  const sealed = await engine.aesGcmSeal(input, plaintext)
  return { ciphertext: sealed.subarray(0, -TAG_BYTES), tag: sealed.subarray(-TAG_BYTES) }
}

/** Decrypts, or gives undefined when the 16-byte tag does not fit; nothing of the plaintext is released before. */
export async function aesGcmOpen(
  input: AeadInput,
  sealed: { readonly ciphertext: Uint8Array; readonly tag: Uint8Array },
): Promise<Uint8Array | undefined> {
  if (sealed.tag.byteLength !== TAG_BYTES) return undefined
  return engine.aesGcmOpen(input, concatBytes(sealed.ciphertext, sealed.tag))
}

/** Encrypts with XAES-256-GCM under a 24-byte random nonce (`input.iv`); ciphertext and tag together. */
export async function xaesSeal(input: AeadInput, plaintext: Uint8Array): Promise<Uint8Array> {
  return engine.aesGcmSeal(await xaesDerived(input), plaintext)
}

/** Decrypts XAES-256-GCM, or gives undefined when the tag does not fit. */
export async function xaesOpen(
  input: AeadInput,
  sealed: Uint8Array,
): Promise<Uint8Array | undefined> {
  if (input.iv.byteLength !== XAES_NONCE_BYTES) return undefined
  return engine.aesGcmOpen(await xaesDerived(input), sealed)
}

/** C2SP XAES-256-GCM: the key is two CMAC blocks over the nonce's first half (NIST SP 800-108 in counter mode). */
async function xaesDerived({ key, iv, aad }: AeadInput): Promise<AeadInput> {
  const subkey = doubled(await engine.aesBlock(key, new Uint8Array(16)))
  const prefix = iv.subarray(0, XAES_PREFIX_BYTES)
  const half = async (counter: number): Promise<Uint8Array> => {
    const message = concatBytes(Uint8Array.of(0, counter, 0x58, 0), prefix)
    return engine.aesBlock(
      key,
      message.map((byte, index) => byte ^ (subkey[index] ?? 0)),
    )
  }
  return { key: concatBytes(await half(1), await half(2)), iv: iv.subarray(XAES_PREFIX_BYTES), aad }
}

/** Multiplication by x in GF(2^128), for the CMAC subkey K1. */
function doubled(block: Uint8Array): Uint8Array {
  const carry = (block[0] ?? 0) >> 7
  return block.map((byte, index) => {
    const next = block[index + 1]
    const low = next === undefined ? carry * 0x87 : next >> 7
    return ((byte << 1) & 0xff) ^ low
  })
}
