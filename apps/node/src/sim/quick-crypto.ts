/**
 * WebCrypto while histories run: signatures by Node's synchronous calls, which have stand-ins then; for whatever else
 * answers from a pool of threads, in an order that no seed decides, the time of the history stands.
 *
 * @module
 * @spec docs/spec/12-simulation.md#seed
 */
import {
  createPrivateKey,
  createPublicKey,
  hash,
  KeyObject,
  sign,
  verify,
  webcrypto,
} from 'node:crypto'
import { AmanaError } from '@amana/core'
import { standInSignatures } from './stand-in-signatures.ts'
import { type VirtualTime } from './virtual-time.ts'

type CryptoKey = webcrypto.CryptoKey
type Algorithm = Parameters<KeyObject['toCryptoKey']>[0]
type Usage = webcrypto.KeyUsage
type Bytes = Uint8Array<ArrayBuffer>
type Importing = readonly [
  format: webcrypto.KeyFormat,
  source: webcrypto.JsonWebKey | Bytes | ArrayBuffer,
  algorithm: Algorithm,
  extractable: boolean,
  usages: readonly Usage[],
]
type Digesting = Parameters<typeof webcrypto.subtle.digest>[0]
type Verifying = readonly [algorithm: unknown, key: CryptoKey, signature: Bytes, bytes: Bytes]

const { subtle } = webcrypto

/** Of these, the digest is had at once. */
const QUICK_DIGEST = /^SHA-(?:256|384|512)$/

/** Beyond so many keys of signatures all are forgotten. */
const MOST_KEYS = 1000

class QuickSubtle {
  /** Of the history that runs. */
  time: VirtualTime | undefined
  readonly #keys = new Map<string, CryptoKey>()
  readonly #signatureKeys = new Map<string, CryptoKey>()
  readonly #objects = new WeakMap<CryptoKey, KeyObject>()

  /** Of a signature from its JWK; another one that was made before any history as it was made then. */
  async importKey(...given: Importing): Promise<CryptoKey> {
    const [format, source, algorithm, extractable, usages] = given
    const named = source instanceof Uint8Array ? digestOf(source) : source
    const name = JSON.stringify([format, named, algorithm, extractable, usages])
    const known = this.#keys.get(name) ?? this.#signatureKeys.get(name)
    if (known !== undefined) return known
    if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
      const made = await this.outside(() => importBytes(given, source))
      if (this.time === undefined) this.#keys.set(name, made)
      return made
    }
    const key = this.#signatureKey(source, (object) =>
      object.toCryptoKey(algorithm, extractable, [...usages]),
    )
    if (this.#signatureKeys.size >= MOST_KEYS) this.#signatureKeys.clear()
    this.#signatureKeys.set(name, key)
    return key
  }

  #signatureKey(jwk: webcrypto.JsonWebKey, make: (object: KeyObject) => CryptoKey): CryptoKey {
    const isPrivate = 'd' in jwk || 'priv' in jwk
    const source = { key: jwk, format: 'jwk' as const }
    const object = isPrivate ? createPrivateKey(source) : createPublicKey(source)
    const key = make(object)
    this.#objects.set(key, object)
    return key
  }

  async digest(name: Digesting, bytes: Bytes): Promise<ArrayBuffer> {
    if (typeof name !== 'string' || !QUICK_DIGEST.test(name)) {
      return this.outside(() => subtle.digest(name, bytes))
    }
    return new Uint8Array(hash(name.replace('-', '').toLowerCase(), bytes, 'buffer')).buffer
  }

  async sign(_algorithm: unknown, key: CryptoKey, bytes: Uint8Array): Promise<ArrayBuffer> {
    return new Uint8Array(sign(null, bytes, this.#known(key))).buffer
  }

  async verify(...[_algorithm, key, signature, bytes]: Verifying): Promise<boolean> {
    return verify(null, bytes, this.#known(key), signature)
  }

  /** What a pool of threads does. */
  outside<T>(work: () => Promise<T>): Promise<T> {
    return this.time === undefined ? work() : this.time.outside(work)
  }

  #known(key: CryptoKey): KeyObject {
    const known = this.#objects.get(key) ?? KeyObject.from(key)
    this.#objects.set(key, known)
    return known
  }
}

/** As WebCrypto imports it. */
function importBytes(
  [format, , algorithm, extractable, usages]: Importing,
  bytes: Bytes | ArrayBuffer,
): Promise<CryptoKey> {
  if (format === 'jwk') throw new AmanaError('CLI_UNEXPECTED', { what: 'key format' })
  return subtle.importKey(format, bytes, algorithm, extractable, [...usages])
}

function digestOf(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'base64')
}

/** One for all: agencies are made once, and their keys with them. */
const quick = new QuickSubtle()

/** Whether the signatures of histories are true ones. */
export type SimSignatures = 'stand-in' | 'true'

/** What histories run with. */
export interface QuickCrypto extends Disposable {
  readonly signatures: SimSignatures
  /** Whoever waits for a pool of threads meanwhile, waits outside that time. */
  during<T>(time: VirtualTime, work: () => Promise<T>): Promise<T>
}

/** Puts it in place of `crypto.subtle`, and of Node's signatures, in this thread, until it is disposed of. */
export function quickCrypto(signatures: SimSignatures = 'stand-in'): QuickCrypto {
  const { crypto } = globalThis
  Object.defineProperty(crypto, 'subtle', { value: quickValue(), configurable: true })
  const standIn = signatures === 'true' ? undefined : standInSignatures()
  return {
    signatures,
    during: async (time, work) => {
      quick.time = time
      try {
        return await work()
      } finally {
        quick.time = undefined
      }
    },
    [Symbol.dispose]: () => {
      Reflect.deleteProperty(crypto, 'subtle')
      standIn?.[Symbol.dispose]()
    },
  }
}

/** Everything that WebCrypto has, most of it outside the time of a history. */
function quickValue(): object {
  const slow = SLOW.flatMap((name) => {
    const own: unknown = Reflect.get(subtle, name)
    if (typeof own !== 'function') return []
    const call = (...given: readonly unknown[]): Promise<unknown> =>
      quick.outside(async () => {
        const answer: unknown = await Reflect.apply(own, subtle, given)
        return answer
      })
    return [[name, call] as const]
  })
  return {
    ...Object.fromEntries(slow),
    digest: quick.digest.bind(quick),
    importKey: quick.importKey.bind(quick),
    sign: quick.sign.bind(quick),
    verify: quick.verify.bind(quick),
  }
}

/** What keys for carriers are sealed and opened with. */
const SLOW = [
  'decapsulateBits',
  'decrypt',
  'deriveBits',
  'encapsulateBits',
  'encrypt',
  'exportKey',
  'generateKey',
  'getPublicKey',
] as const
