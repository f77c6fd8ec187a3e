/**
 * The three kinds of signature on a checkpoint: over its text, over its text with a time, and over its size and root
 * with a time.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#checkpoint
 */
import { engine } from '#engine'
import { concatBytes, encodeUint64 } from '../bytes/concat.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { AmanaError } from '../errors.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import { parseCheckpoint } from './checkpoint-text.ts'
import { type NoteSignature } from './note.ts'
import { algorithmOf, type NoteKey, type NoteSigner } from './note-key.ts'

const TIME_BYTES = 8

/** Signs the text of a checkpoint; `time`, in seconds since 1970, is not part of what a `log` key signs. */
export async function signNoteText(
  signer: NoteSigner,
  text: string,
  time: number,
): Promise<NoteSignature> {
  const raw = await engine.sign(algorithmOf(signer), signer.seed, messageOf(signer, text, time))
  const signature = signer.type === 'log' ? raw : concatBytes(encodeUint64(time), raw)
  return { name: signer.name, keyId: signer.keyId, signature }
}

/**
 * Verifies one signature; returns the time that it covers, which a `log` key has none of.
 *
 * @throws AUDIT_CHECKPOINT_SIGNATURE when the key did not sign this text
 */
export async function verifyNoteText(
  key: NoteKey,
  text: string,
  signature: Uint8Array,
): Promise<number | undefined> {
  const time = key.type === 'log' ? undefined : readTime(key, signature)
  const raw = key.type === 'log' ? signature : signature.subarray(TIME_BYTES)
  const signed = { bytes: messageOf(key, text, time ?? 0), signature: raw }
  if (!(await engine.verify(algorithmOf(key), key.publicKey, signed))) throw refusal(key)
  return time
}

function messageOf(key: NoteKey, text: string, time: number): Uint8Array {
  if (key.type === 'post-quantum') return subtreeMessage(key.name, text, time)
  return encodeUtf8(key.type === 'log' ? text : `cosignature/v1\ntime ${String(time)}\n${text}`)
}

/** C2SP's `subtree/v1` structure for a whole tree: cosigner, time, origin, start 0, end, root. */
function subtreeMessage(cosigner: string, text: string, time: number): Uint8Array {
  const { origin, size, root } = parseCheckpoint(text)
  return concatBytes(
    encodeUtf8('subtree/v1\n\0'),
    shortString(cosigner),
    encodeUint64(time),
    shortString(origin),
    encodeUint64(0),
    encodeUint64(size),
    root,
  )
}

/** One length byte and the text. @throws AUDIT_CHECKPOINT when it is longer than a byte can say */
function shortString(text: string): Uint8Array {
  const bytes = encodeUtf8(text)
  if (bytes.length > AUDIT_LIMITS.noteNameBytes) throw new AmanaError('AUDIT_CHECKPOINT', {})
  return concatBytes(Uint8Array.of(bytes.length), bytes)
}

/** The eight bytes before the signature: seconds since 1970. */
function readTime(key: NoteKey, signature: Uint8Array): number {
  if (signature.length <= TIME_BYTES) throw refusal(key)
  const view = new DataView(signature.buffer, signature.byteOffset, TIME_BYTES)
  const time = Number(view.getBigUint64(0))
  if (time > AUDIT_LIMITS.cosignedAt) throw refusal(key)
  return time
}

function refusal(key: NoteKey): AmanaError {
  return new AmanaError('AUDIT_CHECKPOINT_SIGNATURE', { name: key.name, keyId: key.keyId })
}
