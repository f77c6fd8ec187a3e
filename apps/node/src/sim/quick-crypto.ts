/**
 * WebCrypto's signatures by Node's synchronous calls, while histories run: WebCrypto answers from a pool of threads, in an
 * order that no seed decides. Node's own calls have stand-ins then.
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

type CryptoKey = webcrypto.CryptoKey
type Algorithm = Parameters<KeyObject['toCryptoKey']>[0]
type Usage = webcrypto.KeyUsage
type Bytes = Uint8Array<ArrayBuffer>
type Importing = readonly [
  format: webcrypto.KeyFormat,
  source: webcrypto.JsonWebKey | Bytes,
  algorithm: Algorithm,
  extractable: boolean,
  usages: readonly Usage[],
]
type Verifying = readonly [algorithm: unknown, key: CryptoKey, signature: Bytes, bytes: Bytes]

const { subtle } = webcrypto

class SignaturesOnly {
  /** While a history runs. */
  isStrict = false
  readonly #keys = new Map<string, CryptoKey>()
  readonly #objects = new WeakMap<CryptoKey, KeyObject>()

  /** Of a signature from its JWK; another one as WebCrypto made it before. */
  async importKey(...given: Importing): Promise<CryptoKey> {
    const [format, source, algorithm, extractable, usages] = given
    const named = source instanceof Uint8Array ? digestOf(source) : source
    const name = JSON.stringify([format, named, algorithm, usages])
    const known = this.#keys.get(name)
    if (known !== undefined) return known
    const key =
      source instanceof Uint8Array
        ? await this.#slowly(() => importBytes(given, source))
        : this.#signatureKey(source, (object) =>
            object.toCryptoKey(algorithm, extractable, [...usages]),
          )
    this.#keys.set(name, key)
    return key
  }

  async exportKey(format: 'jwk', key: CryptoKey): Promise<unknown> {
    return this.#slowly(() => subtle.exportKey(format, key))
  }

  #signatureKey(jwk: webcrypto.JsonWebKey, make: (object: KeyObject) => CryptoKey): CryptoKey {
    const isPrivate = 'd' in jwk || 'priv' in jwk
    const source = { key: jwk, format: 'jwk' as const }
    const object = isPrivate ? createPrivateKey(source) : createPublicKey(source)
    const key = make(object)
    this.#objects.set(key, object)
    return key
  }

  async digest(name: string, bytes: Uint8Array): Promise<ArrayBuffer> {
    return new Uint8Array(hash(name.replace('-', '').toLowerCase(), bytes, 'buffer')).buffer
  }

  async sign(_algorithm: unknown, key: CryptoKey, bytes: Uint8Array): Promise<ArrayBuffer> {
    return new Uint8Array(sign(null, bytes, this.#known(key))).buffer
  }

  async verify(...[_algorithm, key, signature, bytes]: Verifying): Promise<boolean> {
    return verify(null, bytes, this.#known(key), signature)
  }

  /** What the pool of threads does must be over before a history begins. */
  async #slowly<T>(work: () => Promise<T>): Promise<T> {
    if (this.isStrict) throw new AmanaError('CLI_UNEXPECTED', { what: 'pool of threads' })
    return work()
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
  bytes: Bytes,
): Promise<CryptoKey> {
  if (format === 'jwk') throw new AmanaError('CLI_UNEXPECTED', { what: 'key format' })
  return subtle.importKey(format, bytes, algorithm, extractable, [...usages])
}

function digestOf(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'base64')
}

/** One for all: agencies are made once, and their keys with them. */
const quick = new SignaturesOnly()

/** Whether the signatures of histories are true ones. */
export type SimSignatures = 'stand-in' | 'true'

/** What histories run with. */
export interface QuickCrypto extends Disposable {
  readonly signatures: SimSignatures
  /** Runs what must not wait for the pool of threads. */
  strictly<T>(work: () => Promise<T>): Promise<T>
}

/** Puts it in place of `crypto.subtle`, and of Node's signatures, in this thread, until it is disposed of. */
export function quickCrypto(signatures: SimSignatures = 'stand-in'): QuickCrypto {
  const { crypto } = globalThis
  const value = {
    digest: quick.digest.bind(quick),
    exportKey: quick.exportKey.bind(quick),
    importKey: quick.importKey.bind(quick),
    sign: quick.sign.bind(quick),
    verify: quick.verify.bind(quick),
  }
  Object.defineProperty(crypto, 'subtle', { value, configurable: true })
  const standIn = signatures === 'true' ? undefined : standInSignatures()
  return {
    signatures,
    strictly: async (work) => {
      quick.isStrict = true
      try {
        return await work()
      } finally {
        quick.isStrict = false
      }
    },
    [Symbol.dispose]: () => {
      Reflect.deleteProperty(crypto, 'subtle')
      standIn?.[Symbol.dispose]()
    },
  }
}
