/**
 * Keys that sign notes: a name, a type and public bytes, written as C2SP verifier keys.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#keys
 */
import { engine } from '#engine'
import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { sha256 } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import { formatKeyId } from './note.ts'

/** How a key signs: `log` Ed25519 (01), `cosigner` Ed25519 with a time (04), `post-quantum` ML-DSA-44 with a time (06). */
export type NoteKeyType = 'log' | 'cosigner' | 'post-quantum'

const TYPE_BYTES = { log: 0x01, cosigner: 0x04, 'post-quantum': 0x06 } as const
const PUBLIC_KEY_BYTES = { log: 32, cosigner: 32, 'post-quantum': 1312 } as const
const VKEY = /^(?<name>[^\s\u0085+]+)\+(?<keyId>[0-9a-f]{8})\+(?<key>[A-Za-z0-9+/]+={0,2})$/u

/** A public key under a name. */
export interface NoteKey {
  readonly name: string
  readonly type: NoteKeyType
  /** Eight hexadecimal digits, made from name, type and key. */
  readonly keyId: string
  readonly publicKey: Uint8Array
}

/** The same with its seed. */
export interface NoteSigner extends NoteKey {
  /** 32 bytes; the caller owns and wipes them. */
  readonly seed: Uint8Array
}

/** A key of that name and type. The public bytes are not judged here: the roster's admission test does that. */
export function createNoteKey(name: string, type: NoteKeyType, publicKey: Uint8Array): NoteKey {
  const marked = concatBytes(encodeUtf8(`${name}\n`), Uint8Array.of(TYPE_BYTES[type]), publicKey)
  return { name, type, keyId: formatKeyId(sha256(marked)), publicKey }
}

/** The signer that a 32-byte seed gives. */
export async function createNoteSigner(
  name: string,
  type: NoteKeyType,
  seed: Uint8Array,
): Promise<NoteSigner> {
  const publicKey = await engine.publicKeyOf(algorithmOf({ type }), seed)
  return { ...createNoteKey(name, type, publicKey), seed }
}

/** The signature algorithm under a type of key. */
export function algorithmOf(key: Pick<NoteKey, 'type'>): 'Ed25519' | 'ML-DSA-44' {
  return key.type === 'post-quantum' ? 'ML-DSA-44' : 'Ed25519'
}

/**
 * Reads `name+id+key`.
 *
 * @throws AUDIT_VKEY when the form, the length of the key or the id is wrong
 */
export function parseVkey(vkey: string): NoteKey {
  const { name, keyId, key } = VKEY.exec(vkey)?.groups ?? {}
  if (name === undefined || key === undefined || vkey.length > AUDIT_LIMITS.vkeyChars) {
    throw new AmanaError('AUDIT_VKEY', {})
  }
  const parsed = createNoteKey(name, ...decodeTypedKey(key))
  if (parsed.keyId !== keyId) throw new AmanaError('AUDIT_VKEY', {})
  return parsed
}

/** Writes `name+id+key`. */
export function formatVkey(key: NoteKey): string {
  const typed = concatBytes(Uint8Array.of(TYPE_BYTES[key.type]), key.publicKey)
  return `${key.name}+${key.keyId}+${encodeBase64(typed)}`
}

function decodeTypedKey(text: string): [NoteKeyType, Uint8Array] {
  const bytes = decodeKeyBytes(text)
  const type = noteKeyTypeOf(bytes[0])
  const publicKey = bytes.subarray(1)
  if (type === undefined || publicKey.length !== PUBLIC_KEY_BYTES[type]) {
    throw new AmanaError('AUDIT_VKEY', {})
  }
  return [type, publicKey]
}

function decodeKeyBytes(text: string): Uint8Array {
  try {
    return decodeBase64(text)
  } catch (cause) {
    throw new AmanaError('AUDIT_VKEY', {}, { cause })
  }
}

function noteKeyTypeOf(byte: number | undefined): NoteKeyType | undefined {
  if (byte === TYPE_BYTES.log) return 'log'
  if (byte === TYPE_BYTES.cosigner) return 'cosigner'
  return byte === TYPE_BYTES['post-quantum'] ? 'post-quantum' : undefined
}
