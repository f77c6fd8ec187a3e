import { shake128 } from '@noble/hashes/sha3.js'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { seededBytes } from '../../../../test/support/seeded-bytes.ts'
import { Hex, hexOf, readVectors } from '../../../../test/support/vectors.ts'
import { aesGcmOpen, aesGcmSeal, createXaes } from './aead.ts'
import { type AeadInput } from './engine.ts'

const random = seededBytes('aead')
const xaes = readVectors(
  'crypto/xaes-256-gcm.json',
  z.object({
    tests: z.array(
      z.object({ key: Hex, nonce: Hex, plaintext: Hex, aad: Hex, ciphertext: z.string() }),
    ),
    accumulated: z.object({ iterations: z.number(), hash: z.string() }),
  }),
)

const xaesSeal = ({ key, ...input }: AeadInput, plaintext: Uint8Array): Promise<Uint8Array> =>
  createXaes(key).seal(input, plaintext)
const xaesOpen = (
  { key, ...input }: AeadInput,
  sealed: Uint8Array,
): Promise<Uint8Array | undefined> => createXaes(key).open(input, sealed)

describe('AES-256-GCM', () => {
  const input = { key: random(32), iv: random(12), aad: random(5) }
  const plaintext = random(33)

  it('parts ciphertext and tag, and opens them again', async () => {
    const sealed = await aesGcmSeal(input, plaintext)
    expect(sealed.ciphertext).toHaveLength(33)
    expect(sealed.tag).toHaveLength(16)
    expect(hexOf((await aesGcmOpen(input, sealed)) ?? random(0))).toBe(hexOf(plaintext))
  })

  it.each([
    ['key', { key: random(32) }],
    ['nonce', { iv: random(12) }],
    ['additional data', { aad: random(5) }],
  ])('opens nothing under another %s', async (_name, other) => {
    const sealed = await aesGcmSeal(input, plaintext)
    expect(await aesGcmOpen({ ...input, ...other }, sealed)).toBeUndefined()
  })

  it('opens nothing that was changed, or whose tag is not 16 bytes', async () => {
    const { ciphertext, tag } = await aesGcmSeal(input, plaintext)
    const changed = ciphertext.map((byte, index) => (index === 7 ? byte ^ 1 : byte))
    expect(await aesGcmOpen(input, { ciphertext: changed, tag })).toBeUndefined()
    const moved = { ciphertext: ciphertext.subarray(0, 32), tag: random(17) }
    expect(await aesGcmOpen(input, { ciphertext, tag: tag.subarray(0, 12) })).toBeUndefined()
    moved.tag.set([...ciphertext.subarray(32), ...tag])
    expect(await aesGcmOpen(input, moved)).toBeUndefined()
  })
})

describe('XAES-256-GCM', () => {
  it.each(xaes.tests)('is that of C2SP, case $#', async (test) => {
    const input = { key: test.key, iv: test.nonce, aad: test.aad }
    expect(hexOf(await xaesSeal(input, test.plaintext))).toBe(test.ciphertext)
    const opened = await xaesOpen(input, Buffer.from(test.ciphertext, 'hex'))
    expect(hexOf(opened ?? random(0))).toBe(hexOf(test.plaintext))
  })

  it('gives the accumulated hash of C2SP over 10,000 random inputs', async () => {
    const source = shake128.create({})
    const results = shake128.create({ dkLen: 32 })
    const prefixed = (): Uint8Array => source.xof(source.xof(1)[0] ?? 0)
    for (let index = 0; index < xaes.accumulated.iterations; index += 1) {
      const key = source.xof(32)
      const iv = source.xof(24)
      const plaintext = prefixed()
      results.update(await xaesSeal({ key, iv, aad: prefixed() }, plaintext))
    }
    expect(hexOf(results.digest())).toBe(xaes.accumulated.hash)
  }, 20_000)

  it('opens nothing that was changed, and nothing with a nonce of another length', async () => {
    const input = { key: random(32), iv: random(24), aad: random(3) }
    const sealed = await xaesSeal(input, random(10))
    const changed = sealed.map((byte, index) => (index === 0 ? byte ^ 0x80 : byte))
    expect(await xaesOpen(input, sealed)).toBeDefined()
    expect(await xaesOpen(input, changed)).toBeUndefined()
    expect(await xaesOpen({ ...input, aad: random(3) }, sealed)).toBeUndefined()
    for (const sizeBytes of [0, 12, 23, 25]) {
      const iv = new Uint8Array(sizeBytes)
      iv.set(input.iv.subarray(0, sizeBytes))
      expect(await xaesOpen({ ...input, iv }, sealed)).toBeUndefined()
    }
  })

  it('depends on both halves of the nonce', async () => {
    const input = { key: random(32), iv: random(24), aad: random(0) }
    const plaintext = random(16)
    const flipped = async (place: number): Promise<string> => {
      const iv = input.iv.map((byte, index) => (index === place ? byte ^ 1 : byte))
      return hexOf(await xaesSeal({ ...input, iv }, plaintext))
    }
    const sealed = [hexOf(await xaesSeal(input, plaintext)), await flipped(0), await flipped(23)]
    expect(new Set(sealed).size).toBe(3)
  })
})
