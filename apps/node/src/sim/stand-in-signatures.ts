/**
 * Signatures of a history: as long as those of Ed25519 and ML-DSA, made of one SHA-512, and the same whenever they are made
 * again. They prove nothing to anybody, and in a history nobody forges; true ones took a quarter of its time.
 *
 * @module
 * @spec docs/spec/12-simulation.md#signatures
 */
import nodeCrypto, { hash, type KeyObject } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { AmanaError } from '@amana/core'

/** Node's own, whatever stands in their place while histories run. */
const { createPrivateKey, createPublicKey, sign, verify } = nodeCrypto
const OWN = { createPrivateKey, createPublicKey, sign, verify }

const SIGNATURE_BYTES: ReadonlyMap<string | undefined, number> = new Map([
  ['ed25519', 64],
  ['ml-dsa-44', 2420],
  ['ml-dsa-65', 3309],
])

interface DerKey {
  readonly key: Uint8Array
  readonly format: 'der'
  readonly type: 'pkcs8'
}

type Source = Parameters<typeof createPrivateKey>[0]

/** Beyond so many keys all are forgotten. */
const MOST_KEYS = 1000
const privateKeys = new Map<string, KeyObject>()
const publicHalves = new WeakMap<KeyObject, KeyObject>()
const names = new WeakMap<KeyObject, Uint8Array>()

/** Node makes them anew from their seed for each signature. */
function privateKeyOf(source: Source): KeyObject {
  if (!isDer(source)) return createPrivateKey(source)
  const name = Buffer.from(source.key).toString('latin1')
  const known = privateKeys.get(name)
  if (known !== undefined) return known
  const made = createPrivateKey(source)
  if (privateKeys.size >= MOST_KEYS) privateKeys.clear()
  privateKeys.set(name, made)
  return made
}

function isDer(source: Source): source is Source & DerKey {
  return typeof source === 'object' && 'format' in source && source.format === 'der'
}

function publicKeyOf(source: Parameters<typeof createPublicKey>[0]): KeyObject {
  if (!isKeyObject(source)) return createPublicKey(source)
  const known = publicHalves.get(source) ?? createPublicKey(source)
  publicHalves.set(source, known)
  return known
}

function isKeyObject(value: unknown): value is KeyObject {
  return value instanceof nodeCrypto.KeyObject
}

/** A short name of the public key. */
function nameOf(key: KeyObject): Uint8Array {
  const known = names.get(key)
  if (known !== undefined) return known
  const half = key.type === 'private' ? publicKeyOf(key) : key
  const name = hash('sha256', half.export({ format: 'der', type: 'spki' }), 'buffer')
  names.set(key, name)
  return name
}

function signatureOf(key: unknown, bytes: unknown): Buffer {
  const sizeBytes = isKeyObject(key) ? SIGNATURE_BYTES.get(key.asymmetricKeyType) : undefined
  if (!isKeyObject(key) || sizeBytes === undefined || !(bytes instanceof Uint8Array)) {
    throw new AmanaError('CLI_UNEXPECTED', { what: 'signature in a history' })
  }
  return Buffer.alloc(sizeBytes, hash('sha512', Buffer.concat([nameOf(key), bytes]), 'buffer'))
}

const STAND_IN = {
  createPrivateKey: privateKeyOf,
  createPublicKey: publicKeyOf,
  sign: (_algorithm: unknown, bytes: unknown, key: unknown): Buffer => signatureOf(key, bytes),
  verify: (...[_algorithm, bytes, key, signature]: readonly unknown[]): boolean =>
    signature instanceof Uint8Array && signatureOf(key, bytes).equals(signature),
}

/** Puts them in place of Node's in this thread, until they are disposed of. */
export function standInSignatures(): Disposable {
  Object.assign(nodeCrypto, STAND_IN)
  syncBuiltinESMExports()
  return {
    [Symbol.dispose]: () => {
      Object.assign(nodeCrypto, OWN)
      syncBuiltinESMExports()
    },
  }
}
