/**
 * Core with the modules of the page in the place of libraries, against core with the libraries.
 */
import { createHash, createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as core from '@amana/core'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { seededRandom } from '../../../../test/support/agencies.ts'
import { Hex, readVectors } from '../../../../test/support/vectors.ts'
import { PAGE_BUILD } from '../../page.config.ts'

const Cases = z.object({
  accepted: z.array(z.object({ hex: Hex, text: z.string() })),
  refused: z.array(z.object({ name: z.string(), text: z.string() })),
})
const base64 = readVectors('bytes/base64.json', z.object({ base64url: Cases, base64: Cases }))
const random = seededRandom('smaller modules')
const NAMES =
  `createSha256 decodeBase64 decodeBase64url digest encodeBase64 encodeBase64url hmacSha256 parseJws
  peerIdOfKey sha256 sha512 signJws thumbprint verifyJwsSignature verifyRaw`.replaceAll(
    /\s+/g,
    ', ',
  )

interface PageCore {
  readonly core: typeof core
  /** Not shown by core itself. */
  readonly keyOfPeerId: (peerId: string) => unknown
}

function isPageCore(value: unknown): value is PageCore {
  return typeof value === 'object' && value !== null && 'keyOfPeerId' in value && 'core' in value
}

async function coreOfPage(): Promise<PageCore> {
  const folder = await mkdtemp(join(tmpdir(), 'amana-core-'))
  const outfile = join(folder, 'core.mjs')
  const contents = `import { ${NAMES} } from '@amana/core'
    export const core = { ${NAMES} }
    export { keyOfPeerId } from '../../../core/src/trust/peer-id.ts'`
  const stdin = { contents, resolveDir: import.meta.dirname }
  await build({ ...PAGE_BUILD, format: 'esm', outfile, stdin })
  const made: unknown = await import(outfile)
  await rm(folder, { recursive: true })
  if (!isPageCore(made)) throw new Error('not core')
  return made
}

describe('core with the modules of the page', async () => {
  const { core: page, keyOfPeerId } = await coreOfPage()
  const expected = { typ: 'amana-test+jws', maxPayloadBytes: 64, maxSignatures: 2 }
  const keys = [
    await core.generateKey('Ed25519', random),
    await core.generateKey('ML-DSA-65', random),
  ] as const

  it('hashes as OpenSSL does, whole and in pieces', () => {
    for (let sizeBytes = 0; sizeBytes < 300; sizeBytes += 1) {
      const bytes = random(sizeBytes)
      const hashOf = (name: string): Buffer => createHash(name).update(bytes).digest()
      expect(Buffer.from(page.sha256(bytes))).toEqual(hashOf('sha256'))
      expect(Buffer.from(page.sha512(bytes))).toEqual(hashOf('sha512'))
      const mac = createHmac('sha256', bytes).update('text').digest()
      expect(Buffer.from(page.hmacSha256(bytes, 'text'))).toEqual(mac)
      const hash = page.createSha256()
      for (let at = 0; at < sizeBytes; at += 37) {
        hash.update(bytes.subarray(at, at + 37))
        hash.digest()
      }
      expect(Buffer.from(hash.digest())).toEqual(hashOf('sha256'))
    }
  })

  it('reads and writes base64 as the vectors say', () => {
    for (const { hex, text } of base64.base64url.accepted) {
      expect(page.encodeBase64url(hex)).toBe(text)
      expect(Buffer.from(page.decodeBase64url(text))).toEqual(Buffer.from(hex))
    }
    for (const { hex, text } of base64.base64.accepted) {
      expect(page.encodeBase64(hex)).toBe(text)
      expect(Buffer.from(page.decodeBase64(text))).toEqual(Buffer.from(hex))
    }
    for (const { text } of base64.base64url.refused) {
      expect(() => page.decodeBase64url(text), text).toThrow('WIRE_B64')
    }
    for (const { text } of base64.base64.refused) {
      expect(() => page.decodeBase64(text), text).toThrow('WIRE_B64')
    }
  })

  it('reads and writes peer ids as the library does', () => {
    const [{ publicJwk }] = keys
    const known = core.peerIdOfKey(publicJwk)
    const flat = core.encodeBase64url(new Uint8Array(32))
    expect(page.peerIdOfKey(publicJwk)).toBe(known)
    expect(page.peerIdOfKey({ ...publicJwk, x: flat })).toBe(
      core.peerIdOfKey({ ...publicJwk, x: flat }),
    )
    expect(keyOfPeerId(known)).toEqual(publicJwk)
    for (const text of [
      '',
      '1',
      known.slice(1),
      `1${known}`,
      `${known}1`,
      known.replace('1', 'l'),
    ]) {
      expect(() => keyOfPeerId(text), text).toThrow('WIRE_KEY')
    }
  })

  it.each(keys)('signs, verifies and names keys as jose does: $algorithm', async (key) => {
    expect(await page.thumbprint(key.publicJwk)).toBe(key.keyId)
    const payload = core.encodeCanonical({ a: 1 })
    for (const [signer, verifier] of [
      [page, core],
      [core, page],
    ] as const) {
      const made = await signer.signJws({ payload, typ: expected.typ, signers: [{ key }] })
      const jws = verifier.parseJws(made, expected)
      await verifier.verifyJwsSignature(jws, 0, key.publicJwk)
      const [first] = made.signatures
      const signature = first?.signature.replace(/^./, (one) => (one === 'A' ? 'B' : 'A')) ?? ''
      const changed = { ...made, signatures: [{ ...first, signature }] }
      await expect(
        verifier.verifyJwsSignature(verifier.parseJws(changed, expected), 0, key.publicJwk),
      ).rejects.toMatchObject({ code: 'WIRE_SIG' })
      const other = { ...made, payload: core.encodeBase64url(core.encodeCanonical({ a: 2 })) }
      await expect(
        verifier.verifyJwsSignature(verifier.parseJws(other, expected), 0, key.publicJwk),
      ).rejects.toMatchObject({ code: 'WIRE_SIG' })
    }
  })
})
