/**
 * Writes `attachments.json`: sealed files with what their statement says of them, more of them to be refused than
 * accepted, each with its code. Keys and salts are fixed, and so every byte.
 *
 * @module
 * @spec docs/spec/10-attachments.md#vectors
 */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { deflateSync } from 'node:zlib'
import { AttachmentSealer, encodeBase64, type ErrorCode, type SealedFacts } from '@amana/core'
import { seededBytes } from '../../support/seeded-bytes.ts'

const CHUNK = 65_536
const SEALED_CHUNK = CHUNK + 16
const SALT = 16
const TAG = 16

/** A file as it was sealed. */
interface Sealed {
  readonly facts: SealedFacts
  readonly bytes: Uint8Array
}

function seal(plain: Uint8Array, label: string): Sealed {
  const sealer = new AttachmentSealer(seededBytes(label))
  const pieces = [...sealer.push(plain)]
  const { sealed: last, facts } = sealer.end()
  return { facts, bytes: Buffer.concat([...pieces, ...last]) }
}

/** Plaintext that is the cipher's own stream seals to zeros: a compressor makes that short. */
function sealed(sizeBytes: number, label: string): Sealed {
  const { bytes } = seal(new Uint8Array(sizeBytes), label)
  const chunks: Uint8Array[] = []
  for (let at = SALT; at < bytes.byteLength; at += SEALED_CHUNK) {
    chunks.push(bytes.subarray(at, at + SEALED_CHUNK).subarray(0, -TAG))
  }
  return seal(Buffer.concat(chunks), label)
}

type Change = (from: Sealed, other: Sealed) => Partial<SealedFacts> & { bytes?: Uint8Array }
interface Row {
  readonly name: string
  readonly code?: ErrorCode
  readonly sizeBytes: number
  readonly change?: Change
}

const chunk = (bytes: Uint8Array, index: number): Uint8Array =>
  bytes.subarray(SALT + index * SEALED_CHUNK, SALT + (index + 1) * SEALED_CHUNK)
const flip = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))

/** Three whole chunks, in this order. */
const ordered =
  (...order: readonly number[]): Change =>
  ({ bytes }) => ({
    bytes: Buffer.concat([
      bytes.subarray(0, SALT),
      ...order.map((index) => chunk(bytes, index)),
      bytes.subarray(SALT + 3 * SEALED_CHUNK),
    ]),
  })
const cut =
  (to: number): Change =>
  ({ bytes }) => ({ bytes: bytes.subarray(0, to), length: to })

const ROWS: readonly Row[] = [
  { name: 'nothing', sizeBytes: 0 },
  { name: 'one byte', sizeBytes: 1 },
  { name: 'one whole chunk', sizeBytes: CHUNK },
  { name: 'one byte more than a chunk', sizeBytes: CHUNK + 1 },
  { name: 'three whole chunks and a short one', sizeBytes: 3 * CHUNK + 99 },
  {
    name: 'another key',
    code: 'WIRE_ATTACHMENT_CHUNK',
    sizeBytes: 40,
    change: (_, { facts: { key } }) => ({ key }),
  },
  {
    name: 'another salt',
    code: 'WIRE_ATTACHMENT_CHUNK',
    sizeBytes: 40,
    change: ({ bytes }) => ({ bytes: flip(bytes, 3) }),
  },
  {
    name: 'a changed byte of the last chunk',
    code: 'WIRE_ATTACHMENT_CHUNK',
    sizeBytes: CHUNK + 40,
    change: ({ bytes }) => ({ bytes: flip(bytes, SALT + SEALED_CHUNK + 2) }),
  },
  {
    name: 'a changed tag',
    code: 'WIRE_ATTACHMENT_CHUNK',
    sizeBytes: 40,
    change: ({ bytes }) => ({ bytes: flip(bytes, bytes.byteLength - 1) }),
  },
  {
    name: 'chunks exchanged',
    code: 'WIRE_ATTACHMENT_CHUNK',
    sizeBytes: 3 * CHUNK + 99,
    change: ordered(1, 0, 2),
  },
  {
    name: 'a chunk repeated',
    code: 'WIRE_ATTACHMENT_CHUNK',
    sizeBytes: 3 * CHUNK + 99,
    change: ordered(0, 1, 1),
  },
  {
    name: 'cut off between two chunks, with the length of what is left',
    code: 'WIRE_ATTACHMENT_CHUNK',
    sizeBytes: 3 * CHUNK + 99,
    change: cut(SALT + 2 * SEALED_CHUNK),
  },
  {
    name: 'cut off inside a chunk, with the length of what is left',
    code: 'WIRE_ATTACHMENT_CHUNK',
    sizeBytes: 3 * CHUNK + 99,
    change: cut(SALT + SEALED_CHUNK + 1000),
  },
  {
    name: 'cut off between two chunks',
    code: 'WIRE_ATTACHMENT_SHORT',
    sizeBytes: 3 * CHUNK + 99,
    change: ({ bytes }) => ({ bytes: bytes.subarray(0, SALT + 2 * SEALED_CHUNK) }),
  },
  {
    name: 'cut off inside the salt',
    code: 'WIRE_ATTACHMENT_SHORT',
    sizeBytes: 0,
    change: ({ bytes }) => ({ bytes: bytes.subarray(0, 7) }),
  },
  {
    name: 'a byte after the end',
    code: 'WIRE_SIZE',
    sizeBytes: 40,
    change: ({ bytes }) => ({ bytes: Buffer.concat([bytes, Buffer.of(0)]) }),
  },
  {
    name: 'the last chunk of another file after the end',
    code: 'WIRE_ATTACHMENT_CHUNK',
    sizeBytes: CHUNK,
    change: ({ bytes }, other) => ({
      bytes: Buffer.concat([bytes, other.bytes.subarray(SALT)]),
      length: bytes.byteLength + other.bytes.byteLength - SALT,
    }),
  },
  {
    name: 'a length that leaves an empty last chunk',
    code: 'WIRE_ATTACHMENT_LENGTH',
    sizeBytes: CHUNK,
    change: () => ({ length: SALT + SEALED_CHUNK + 16 }),
  },
  {
    name: 'a length without a chunk',
    code: 'WIRE_ATTACHMENT_LENGTH',
    sizeBytes: 0,
    change: cut(SALT + 15),
  },
  {
    name: 'a length above that of 2 GiB',
    code: 'WIRE_ATTACHMENT_LENGTH',
    sizeBytes: 0,
    change: () => ({ length: 2_148_007_953 }),
  },
  {
    name: 'another digest of the sealed bytes',
    code: 'WIRE_ATTACHMENT_DIGEST',
    sizeBytes: 40,
    change: (_, { facts: { digest } }) => ({ digest }),
  },
  {
    name: 'another digest of the plaintext',
    code: 'WIRE_ATTACHMENT_DIGEST',
    sizeBytes: 40,
    change: (_, { facts: { plaintext } }) => ({ plaintext }),
  },
]

const tests = ROWS.map(({ name, code, sizeBytes, change }) => {
  const from = sealed(sizeBytes, `vector ${name}`)
  const other = sealed(sizeBytes, `other ${name}`)
  const { bytes = from.bytes, ...facts } = change?.(from, other) ?? {}
  return {
    name,
    ...(code === undefined ? {} : { code }),
    attachment: { ...from.facts, ...facts },
    sealed: encodeBase64(deflateSync(bytes, { level: 9 })),
  }
})
const about =
  'What a statement says of a file ("attachment"), and the sealed file (zlib, base64). "code" is that of docs/spec/errors.md; what has none opens.'
await writeFile(
  fileURLToPath(new URL('attachments.json', import.meta.url)),
  `${JSON.stringify({ about, tests }, undefined, 1)}\n`,
)
