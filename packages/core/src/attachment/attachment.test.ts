/**
 * The sealed form of attachments: against the vectors of this project and of C2SP, in both engines, in pieces of any
 * size, at its limits.
 *
 * @module
 * @spec docs/spec/10-attachments.md#sealed-form
 */
import { inflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { codeOf } from '../../../../test/support/refusals.ts'
import { seededBytes } from '../../../../test/support/seeded-bytes.ts'
import { Hex, hexOf, readVectors } from '../../../../test/support/vectors.ts'
import { encodeBase64url } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { digest, sha256 } from '../crypto/digest.ts'
import { engine as node } from '../crypto/engine-node.ts'
import { engine as web } from '../crypto/engine-web.ts'
import { ATTACHMENT_LIMITS } from '../limits/attachment.ts'
import { isSealedLength, plainLength, SEALED_BYTES_MAX, sealedLength } from './chunks.ts'
import { AttachmentOpener } from './opener.ts'
import { AttachmentSealer, type SealedFacts } from './sealer.ts'

const Deflated = z
  .base64()
  .transform((text) => new Uint8Array(inflateSync(Buffer.from(text, 'base64'))))
const own = readVectors(
  'attachment/attachments.json',
  z.object({
    tests: z.array(
      z.strictObject({
        name: z.string(),
        code: z.exactOptional(z.string()),
        attachment: z.strictObject({
          digest: z.string(),
          key: z.string(),
          length: z.number(),
          plaintext: z.string(),
        }),
        sealed: Deflated,
      }),
    ),
  }),
)
const age = readVectors(
  'attachment/age-stream.json',
  z.object({
    tests: z.array(
      z.strictObject({
        name: z.string(),
        opens: z.boolean(),
        key: Hex,
        sealed: Deflated,
        plaintext: z.exactOptional(z.string()),
      }),
    ),
  }),
)

interface Sealed {
  readonly bytes: Uint8Array
  readonly facts: SealedFacts
}

function seal(plain: Uint8Array, pieceBytes: number, label = 'attachment'): Sealed {
  const sealer = new AttachmentSealer(seededBytes(label))
  const pieces: Uint8Array[] = []
  for (let at = 0; at < plain.byteLength; at += pieceBytes) {
    pieces.push(...sealer.push(plain.subarray(at, at + pieceBytes)))
  }
  const { sealed, facts } = sealer.end()
  return { bytes: concatBytes(...pieces, ...sealed), facts }
}

function open(opener: AttachmentOpener, bytes: Uint8Array, pieceBytes = 10_000): Uint8Array {
  const opened: Uint8Array[] = []
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
    const piece = bytes.subarray(at, at + pieceBytes)
    opened.push(...opener.push(piece).map(({ plaintext }) => plaintext))
  }
  opener.end()
  return concatBytes(...opened)
}

describe('a sealed file of the vectors', () => {
  it.each(own.tests)('$name: $code', async ({ attachment, code, sealed }) => {
    const outcome = codeOf(async () => open(new AttachmentOpener(attachment), sealed))
    expect(await outcome).toBe(code)
  })

  it('is refused more often than it opens, by every code of the sealed form', () => {
    const codes = own.tests.flatMap(({ code }) => code ?? [])
    expect(codes.length).toBeGreaterThan(own.tests.length / 2)
    expect([...new Set(codes)].toSorted()).toEqual([
      'WIRE_ATTACHMENT_CHUNK',
      'WIRE_ATTACHMENT_DIGEST',
      'WIRE_ATTACHMENT_LENGTH',
      'WIRE_ATTACHMENT_SHORT',
      'WIRE_SIZE',
    ])
  })

  it.each(age.tests)('of C2SP, $name, opens: $opens', async ({ key, opens, plaintext, sealed }) => {
    const facts = {
      digest: digest(sealed),
      key: encodeBase64url(key),
      length: sealed.byteLength,
      plaintext: encodeBase64url(Buffer.from(plaintext ?? '', 'hex')),
    }
    const outcome = await codeOf(async () => open(new AttachmentOpener(facts), sealed))
    expect(outcome === undefined).toBe(opens)
  })
})

describe('a hostile sender', () => {
  const { bytes, facts } = seal(seededBytes('plain')(150_000), 65_536)
  const other = seal(seededBytes('plain')(150_000), 65_536, 'other')
  const codeFor = async (
    changes: Partial<SealedFacts>,
    sent: Uint8Array = bytes,
  ): Promise<string | undefined> =>
    codeOf(() => open(new AttachmentOpener({ ...facts, ...changes }), sent))
  const chunk = (index: number): Uint8Array =>
    bytes.subarray(16 + index * 65_552).subarray(0, 65_552)

  it('refuses the right bytes under another key', async () => {
    expect(digest(bytes)).toBe(facts.digest)
    expect(await codeFor({ key: other.facts.key })).toBe('WIRE_ATTACHMENT_CHUNK')
  })

  it('refuses a file that is cut off between two chunks, whatever length is said', async () => {
    const cut = bytes.subarray(0, 16 + 2 * 65_552)
    expect(await codeFor({ length: cut.byteLength, digest: digest(cut) }, cut)).toBe(
      'WIRE_ATTACHMENT_CHUNK',
    )
    expect(await codeFor({}, cut)).toBe('WIRE_ATTACHMENT_SHORT')
  })

  it('refuses chunks that are exchanged or repeated', async () => {
    const salt = bytes.subarray(0, 16)
    for (const order of [
      [1, 0],
      [0, 0],
      [1, 1],
    ] as const) {
      const moved = concatBytes(salt, ...order.map((index) => chunk(index)), chunk(2))
      expect(await codeFor({ digest: digest(moved) }, moved)).toBe('WIRE_ATTACHMENT_CHUNK')
    }
  })
})

describe('sealing and opening', () => {
  it.each([0, 1, 65_535, 65_536, 65_537, 131_072, 200_001])(
    '%i bytes come back, whatever pieces they come in',
    (sizeBytes) => {
      const plain = seededBytes('plain')(sizeBytes)
      const whole = seal(plain, Math.max(1, sizeBytes))
      for (const pieceBytes of [1000, 65_536, 70_000]) {
        const { bytes, facts } = seal(plain, pieceBytes)
        expect(facts).toEqual(whole.facts)
        expect(digest(bytes)).toBe(facts.digest)
        expect([bytes.byteLength, plainLength(bytes.byteLength)]).toEqual([facts.length, sizeBytes])
        expect(sealedLength(sizeBytes)).toBe(facts.length)
        const opened = open(new AttachmentOpener(facts), bytes, pieceBytes)
        expect(hexOf(sha256(opened))).toBe(hexOf(sha256(plain)))
      }
    },
  )

  it('gives each chunk once its tag fits, and says where to go on', () => {
    const { bytes, facts } = seal(seededBytes('plain')(150_000), 65_536)
    const opener = new AttachmentOpener(facts)
    expect(opener.push(bytes.subarray(0, 65_567))).toEqual([])
    expect(opener.verifiedBytes).toBe(0)
    const [first, second] = opener.push(bytes.subarray(65_567, 131_120))
    expect([first?.sealed.byteLength, first?.plaintext.byteLength]).toEqual([65_568, 65_536])
    expect(second?.sealed.byteLength).toBe(65_552)
    expect(opener.verifiedBytes).toBe(131_120)
  })

  it('takes a key and a salt of its own for each file', () => {
    const random = seededBytes('one source')
    const facts = [0, 1].map(() => new AttachmentSealer(random).end().facts)
    expect(new Set(facts.map(({ key }) => key)).size).toBe(2)
    expect(new Set(facts.map(({ digest: file }) => file)).size).toBe(2)
    expect(new Set(facts.map(({ plaintext }) => plaintext)).size).toBe(1)
  })

  it('is refused above 2 GiB', () => {
    const sealer = new AttachmentSealer(seededBytes('large'))
    const { plaintextBytes } = ATTACHMENT_LIMITS
    // a length alone: no test holds 2 GiB
    const large = Object.defineProperty(new Uint8Array(0), 'byteLength', {
      value: plaintextBytes + 1,
    })
    expect(() => sealer.push(large)).toThrow(expect.objectContaining({ code: 'WIRE_SIZE' }))
  })

  it('knows the lengths that something seals to', () => {
    expect(SEALED_BYTES_MAX).toBe(2_148_007_952)
    expect([31, 32, 33, 65_568, 65_584, 65_585].map((size) => isSealedLength(size))).toEqual([
      false,
      true,
      true,
      true,
      false,
      true,
    ])
    expect([SEALED_BYTES_MAX, SEALED_BYTES_MAX + 17].map((size) => isSealedLength(size))).toEqual([
      true,
      false,
    ])
  })
})

describe('ChaCha20-Poly1305', () => {
  const key = seededBytes('chacha key')(32)
  const nonce = seededBytes('chacha nonce')(12)

  it.each([0, 1, 64, 65_536])('of both engines gives the same of %i bytes', (sizeBytes) => {
    const plain = seededBytes('plain')(sizeBytes)
    const sealed = node.chachaSeal({ key, nonce }, plain)
    expect(hexOf(web.chachaSeal({ key, nonce }, plain))).toBe(hexOf(sealed))
    for (const engine of [node, web]) {
      expect(hexOf(engine.chachaOpen({ key, nonce }, sealed) ?? Uint8Array.of(1))).toBe(
        hexOf(plain),
      )
      const changed = sealed.map((byte, index) => (index === sizeBytes ? byte ^ 1 : byte))
      expect(engine.chachaOpen({ key, nonce }, changed)).toBeUndefined()
      expect(engine.chachaOpen({ key, nonce }, sealed.subarray(0, 15))).toBeUndefined()
    }
  })

  it('is that of RFC 8439 section 2.8.2, without its additional data', () => {
    // the ciphertext does not depend on the additional data
    const rfcKey = Uint8Array.from({ length: 32 }, (_, index) => 0x80 + index)
    const rfcNonce = Buffer.from('070000004041424344454647', 'hex')
    const plain = Buffer.from(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    )
    const sealed = hexOf(node.chachaSeal({ key: rfcKey, nonce: rfcNonce }, plain))
    expect(sealed.slice(0, 64)).toBe(
      'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6',
    )
  })
})
