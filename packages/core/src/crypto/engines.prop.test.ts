import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hexOf } from '../../../../test/support/vectors.ts'
import { engine as node } from './engine-node.ts'
import { engine as web } from './engine-web.ts'
import { type SignatureAlgorithm } from './engine.ts'

const bytesOf = (sizeBytes: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: sizeBytes, maxLength: sizeBytes })
const bytes = fc.uint8Array({ maxLength: 200 })
const aead = fc.record({ key: bytesOf(32), iv: bytesOf(12), aad: bytes })
const algorithm = fc.constantFrom<SignatureAlgorithm>('Ed25519', 'ML-DSA-44', 'ML-DSA-65')

describe('both engines', () => {
  it('hash and authenticate alike', () => {
    fc.assert(
      fc.property(bytes, bytes, (key, data) => {
        expect(hexOf(web.sha256(data))).toBe(hexOf(node.sha256(data)))
        const [written, page] = [new Uint8Array(40), new Uint8Array(40)]
        node.sha256Into(data, written, 5)
        web.sha256Into(data, page, 5)
        expect(hexOf(written)).toBe(`${'00'.repeat(5)}${hexOf(node.sha256(data))}000000`)
        expect(hexOf(page)).toBe(hexOf(written))
        expect(hexOf(web.sha512(data))).toBe(hexOf(node.sha512(data)))
        expect(hexOf(web.hmacSha256(key, data))).toBe(hexOf(node.hmacSha256(key, data)))
      }),
    )
  })

  it('encrypt alike, and open what the other sealed', async () => {
    await fc.assert(
      fc.asyncProperty(aead, bytes, async (input, plaintext) => {
        const sealed = await node.aesGcmSeal(input, plaintext)
        expect(hexOf(await web.aesGcmSeal(input, plaintext))).toBe(hexOf(sealed))
        const opened = await web.aesGcmOpen(input, sealed)
        expect(opened === undefined ? '' : hexOf(opened)).toBe(hexOf(plaintext))
        const blocks = input.key.toReversed()
        expect(hexOf(await web.aesBlocks(input.key)(blocks))).toBe(
          hexOf(await node.aesBlocks(input.key)(blocks)),
        )
      }),
    )
  })

  it('have the same public keys, and verify what the other signed', async () => {
    const pairs = [
      [node, web],
      [web, node],
    ] as const
    await fc.assert(
      fc.asyncProperty(algorithm, bytesOf(32), bytes, async (name, seed, data) => {
        const publicKey = await node.publicKeyOf(name, seed)
        expect(hexOf(await web.publicKeyOf(name, seed))).toBe(hexOf(publicKey))
        for (const [signer, verifier] of pairs) {
          const signature = await signer.sign(name, seed, data)
          expect(await verifier.verify(name, publicKey, { bytes: data, signature })).toBe(true)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('agree on X25519 keys and secrets, and unwrap what the other wrapped', async () => {
    const seeds = fc.tuple(bytesOf(32), bytesOf(32), bytesOf(32))
    await fc.assert(
      fc.asyncProperty(seeds, async ([seed, other, content]) => {
        const publicKey = await node.publicKeyOf('X25519', other)
        expect(hexOf(await web.publicKeyOf('X25519', other))).toBe(hexOf(publicKey))
        const shared = (await node.x25519(seed, publicKey)) ?? new Uint8Array()
        expect(shared).toHaveLength(32)
        expect(hexOf((await web.x25519(seed, publicKey)) ?? shared.fill(0))).toBe(hexOf(shared))
        const wrapped = await node.aesKeyWrap(seed, content)
        expect(hexOf(await web.aesKeyWrap(seed, content))).toBe(hexOf(wrapped))
        const opened = (await web.aesKeyUnwrap(seed, wrapped)) ?? new Uint8Array()
        expect(hexOf(opened)).toBe(hexOf(content))
      }),
      { numRuns: 30 },
    )
  })

  it('sign alike with Ed25519', async () => {
    await fc.assert(
      fc.asyncProperty(bytesOf(32), bytes, async (seed, data) => {
        const signature = await node.sign('Ed25519', seed, data)
        expect(hexOf(await web.sign('Ed25519', seed, data))).toBe(hexOf(signature))
      }),
      { numRuns: 30 },
    )
  })

  it('derive the same key from a passphrase', async () => {
    const cost = fc.record({
      memoryKib: fc.integer({ min: 32, max: 128 }),
      passes: fc.integer({ min: 1, max: 3 }),
      lanes: fc.integer({ min: 1, max: 4 }),
    })
    await fc.assert(
      fc.asyncProperty(bytes, bytesOf(16), cost, async (passphrase, salt, chosen) => {
        const options = { cost: chosen, associatedData: passphrase.slice(0, 20) }
        expect(hexOf(await web.argon2id(passphrase, salt, options))).toBe(
          hexOf(await node.argon2id(passphrase, salt, options)),
        )
      }),
      { numRuns: 20 },
    )
  })
})
