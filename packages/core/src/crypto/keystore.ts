/**
 * Keystore files: secrets under a passphrase, Argon2id and NaCl's secretbox.
 *
 * @module
 * @spec docs/spec/01-bytes.md#keystores
 */
import { engine } from '#engine'
import nacl from 'tweetnacl'
import { z } from 'zod'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { encodeCanonical, parseCanonical, type Json } from '../bytes/jcs.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { AmanaError } from '../errors.ts'
import { type Random } from './digest.ts'

const COST = { memoryKib: 65_536, passes: 3, lanes: 1 } as const
/** More than any keystore needs; a bound on memory that a hostile file may ask for. */
const MOST = { memoryKib: 1_048_576, passes: 16, lanes: 8 } as const
const SALT_BYTES = 16
const NONCE_BYTES = 24
const SECRETS_BYTES = 256 * 1024

/** A keystore file as it lies on disk. */
export const KeystoreSchema = z.strictObject({
  box: z.string().max(512 * 1024),
  kdf: z.literal('argon2id'),
  m: z.int(),
  nonce: z.string().length(32),
  p: z.int(),
  salt: z.string().length(22),
  t: z.int(),
  v: z.literal(1),
})
/** A keystore file as it lies on disk. */
export interface Keystore extends z.output<typeof KeystoreSchema> {}

/**
 * Seals secrets under a passphrase with 64 MiB and three passes of Argon2id.
 *
 * @throws WIRE_SIZE when there is more than `openKeystore` would read
 */
export async function sealKeystore(
  secrets: Json,
  passphrase: string,
  random: Random,
): Promise<Keystore> {
  const plaintext = encodeCanonical(secrets)
  assertReadable(plaintext.byteLength)
  const salt = random(SALT_BYTES)
  const nonce = random(NONCE_BYTES)
  const key = await keyOf(passphrase, salt, COST)
  const box = nacl.secretbox(plaintext, plain(nonce), plain(key))
  key.fill(0)
  plaintext.fill(0)
  return {
    box: encodeBase64url(box),
    kdf: 'argon2id',
    m: COST.memoryKib,
    nonce: encodeBase64url(nonce),
    p: COST.lanes,
    salt: encodeBase64url(salt),
    t: COST.passes,
    v: 1,
  }
}

/**
 * Opens a keystore file. Parameters below the floor are refused before any work is done with the passphrase.
 *
 * @throws STORE_KEYSTORE when the file is not of its form, STORE_KEYSTORE_WEAK below the floor or above the bound,
 * STORE_PASSPHRASE when the passphrase is another, and as `parseCanonical` when what it holds is not canonical JSON
 */
export async function openKeystore(file: unknown, passphrase: string): Promise<Json> {
  const parsed = KeystoreSchema.safeParse(file)
  if (!parsed.success) throw new AmanaError('STORE_KEYSTORE', { reason: 'members' })
  const cost = costOf(parsed.data)
  const { box, nonce, salt } = bytesOf(parsed.data)
  const key = await keyOf(passphrase, salt, cost)
  const opened = nacl.secretbox.open(plain(box), plain(nonce), plain(key))
  key.fill(0)
  if (opened === null) throw new AmanaError('STORE_PASSPHRASE', {})
  return parseCanonical(opened, SECRETS_BYTES)
}

/** A keystore that could be written and never opened would lose its keys. */
function assertReadable(sizeBytes: number): void {
  if (sizeBytes <= SECRETS_BYTES) return
  throw new AmanaError('WIRE_SIZE', { sizeBytes, limitBytes: SECRETS_BYTES })
}

function bytesOf(file: Keystore): Readonly<Record<'box' | 'nonce' | 'salt', Uint8Array>> {
  try {
    return {
      box: decodeBase64url(file.box),
      nonce: decodeBase64url(file.nonce),
      salt: decodeBase64url(file.salt),
    }
  } catch (cause) {
    throw new AmanaError('STORE_KEYSTORE', { reason: 'base64url' }, { cause })
  }
}

interface Cost {
  readonly memoryKib: number
  readonly passes: number
  readonly lanes: number
}

function costOf({ m, t, p }: Keystore): Cost {
  const weak = m < COST.memoryKib || t < COST.passes || p < COST.lanes
  const huge = m > MOST.memoryKib || t > MOST.passes || p > MOST.lanes
  if (weak || huge) throw new AmanaError('STORE_KEYSTORE_WEAK', { memoryKib: m, passes: t })
  return { memoryKib: m, passes: t, lanes: p }
}

async function keyOf(passphrase: string, salt: Uint8Array, cost: Cost): Promise<Uint8Array> {
  const label = `amana/keystore/1|argon2id|${cost.memoryKib}|${cost.passes}|${cost.lanes}`
  return engine.argon2id(encodeUtf8(passphrase.normalize('NFC')), salt, {
    cost,
    associatedData: encodeUtf8(label),
  })
}

/** tweetnacl takes plain Uint8Arrays only, not Node's Buffers. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}
