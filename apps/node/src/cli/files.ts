/**
 * Files that commands read and write: signed objects as canonical JSON and a newline.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { readFile, stat } from 'node:fs/promises'
import {
  AmanaError,
  canonicalize,
  encodeUtf8,
  GeneralJwsSchema,
  type GeneralJws,
  parseCanonicalText,
  decodeUtf8,
} from '@amana/core'
import { writeWhole } from '../services/written-file.ts'

/** The largest file that a command reads whole: far above an envelope, a roster or a draft. */
const FILE_BYTES = 64 * 1024 * 1024

/** The bytes of a file. @throws CLI_FILE when it cannot be read, or is no file of a size that Amana writes */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path)
    if (size <= FILE_BYTES) return new Uint8Array(await readFile(path))
  } catch (cause) {
    throw new AmanaError('CLI_FILE', { path }, { cause })
  }
  throw new AmanaError('CLI_FILE', { path })
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

/** Any JSON, in any spelling: what a person writes by hand. @throws CLI_FILE, CLI_NOT_AMANA */
export async function readJson(path: string): Promise<unknown> {
  const bytes = await readBytes(path)
  try {
    return JSON.parse(decodeUtf8(bytes))
  } catch (cause) {
    throw new AmanaError('CLI_NOT_AMANA', { path }, { cause })
  }
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
