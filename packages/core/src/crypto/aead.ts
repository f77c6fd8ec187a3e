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
const BLOCK_BYTES = 16
const XAES_NONCE_BYTES = 24
/** Counter, label and context of the two halves of a message's key. */
const FIRST_HALF = Uint8Array.of(0, 1, 0x58, 0)
const SECOND_HALF = Uint8Array.of(0, 2, 0x58, 0)
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

/** XAES-256-GCM (C2SP) under one key, whose part of the work is done once. */
export interface Xaes {
  /** Encrypts under a 24-byte random nonce (`iv`); ciphertext and tag together. */
  seal(input: XaesInput, plaintext: Uint8Array): Promise<Uint8Array>
  /** Decrypts, or gives undefined when the tag does not fit. */
  open(input: XaesInput, sealed: Uint8Array): Promise<Uint8Array | undefined>
}

/** What belongs to one message. */
export type XaesInput = Omit<AeadInput, 'key'>

/** XAES-256-GCM under that key, 32 bytes; it is copied. */
export function createXaes(key: Uint8Array): Xaes {
  const encrypt = engine.aesBlocks(Uint8Array.from(key))
  const subkey = Promise.resolve(encrypt(new Uint8Array(2 * BLOCK_BYTES))).then(doubled)
  const derived = async ({ iv, aad }: XaesInput): Promise<AeadInput> => {
    const prefix = iv.subarray(0, XAES_PREFIX_BYTES)
    const messages = concatBytes(FIRST_HALF, prefix, SECOND_HALF, prefix)
    const mask = await subkey
    const blocks = messages.map((byte, index) => byte ^ (mask[index % BLOCK_BYTES] ?? 0))
    return { key: await encrypt(blocks), iv: iv.subarray(XAES_PREFIX_BYTES), aad }
  }
  return {
    seal: async (input, plaintext) => engine.aesGcmSeal(await derived(input), plaintext),
    open: async (input, sealed) =>
      input.iv.byteLength === XAES_NONCE_BYTES
        ? engine.aesGcmOpen(await derived(input), sealed)
        : undefined,
  }
}

/**
 * The CMAC subkey K1: a block times x in GF(2^128). The key of a message is two CMAC blocks over the nonce's first half
 * (NIST SP 800-108 in counter mode).
 */
function doubled(blocks: Uint8Array): Uint8Array {
  const block = blocks.subarray(0, BLOCK_BYTES)
  const carry = (block[0] ?? 0) >> 7
  return block.map((byte, index) => {
    const next = block[index + 1]
    const low = next === undefined ? carry * 0x87 : next >> 7
    return ((byte << 1) & 0xff) ^ low
  })
}
