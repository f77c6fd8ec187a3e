/**
 * Files that commands read and write: signed objects as canonical JSON and a newline.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { createReadStream } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import {
  AmanaError,
  canonicalize,
  concatBytes,
  encodeUtf8,
  GeneralJwsSchema,
  type GeneralJws,
  parseCanonicalText,
  decodeUtf8,
  textNestsWithin,
  WIRE_LIMITS,
} from '@amana/core'
import { writeWhole } from '../services/written-file.ts'

/** The largest file that a command reads whole: far above an envelope, a roster or a draft. */
const FILE_BYTES = 64 * 1024 * 1024

/** The bytes of a file, or of a pipe that ends. @throws CLI_FILE when it cannot be read, or is larger than Amana writes */
export async function readBytes(path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  try {
    // one byte more than is taken, so that what never ends is refused too
    for await (const chunk of createReadStream(path, { end: FILE_BYTES })) {
      if (chunk instanceof Uint8Array) chunks.push(chunk)
    }
  } catch (cause) {
    throw new AmanaError('CLI_FILE', { path }, { cause })
  }
  const bytes = concatBytes(...chunks)
  if (bytes.byteLength > FILE_BYTES) throw new AmanaError('CLI_FILE', { path })
  return bytes
}

/**
 * A file in pieces, as they are asked for.
 *
 * @yields its bytes
 * @throws CLI_FILE when it cannot be read
 */
export async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of createReadStream(path)) {
      if (piece instanceof Uint8Array) yield piece
    }
  } catch (cause) {
    throw new AmanaError('CLI_FILE', { path }, { cause })
  }
}

/** Bytes that are free on the disk of a folder. @throws CLI_FILE */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path).catch((cause: unknown) => {
    throw new AmanaError('CLI_FILE', { path }, { cause })
  })
  return bavail * bsize
}

/** Whether something lies there. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** A signed object. @throws CLI_FILE, CLI_NOT_AMANA when it is none */
export async function readJws(path: string): Promise<GeneralJws> {
  const bytes = await readBytes(path)
  try {
    return GeneralJwsSchema.parse(parseCanonicalText(decodeUtf8(bytes).replace(/\n$/, '')))
  } catch (cause) {
    throw new AmanaError('CLI_NOT_AMANA', { path }, { cause })
  }
}

/** JSON in any spelling, as a person writes it by hand, no deeper than any on the wire. @throws CLI_FILE, CLI_NOT_AMANA */
export async function readJson(path: string): Promise<unknown> {
  const bytes = await readBytes(path)
  try {
    const text = decodeUtf8(bytes)
    if (textNestsWithin(text, WIRE_LIMITS.jsonDepth)) return JSON.parse(text)
  } catch (cause) {
    throw new AmanaError('CLI_NOT_AMANA', { path }, { cause })
  }
  throw new AmanaError('CLI_NOT_AMANA', { path })
}

/** Writes a signed object. @throws CLI_FILE */
export async function writeJws(path: string, { payload, signatures }: GeneralJws): Promise<void> {
  await writeText(path, `${canonicalize({ payload, signatures })}\n`)
}

/** Writes a text, whole or not at all. @throws CLI_FILE */
export async function writeText(path: string, text: string): Promise<void> {
  await writeWhole(path, async (file) => {
    await file.write(encodeUtf8(text))
    await file.finish()
  })
}
