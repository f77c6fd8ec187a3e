/**
 * WebCrypto's signatures by OpenSSL's synchronous calls, while histories run: WebCrypto answers from a pool of threads, in
 * an order that no seed decides. What was verified before under the same key is not verified again.
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

/** Beyond so many remembered answers all are forgotten. */
const MOST_KNOWN = 50_000

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

interface Known {
  readonly object: KeyObject
  readonly name: string
}

const { subtle } = webcrypto

class SignaturesOnly {
  /** While a history runs. */
  isStrict = false
  readonly #keys = new Map<string, CryptoKey>()
  readonly #objects = new WeakMap<CryptoKey, Known>()
  readonly #verified = new Map<string, boolean>()

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
        : this.#signatureKey(source, name, (object) =>
            object.toCryptoKey(algorithm, extractable, [...usages]),
          )
    this.#keys.set(name, key)
    return key
  }

  async exportKey(format: 'jwk', key: CryptoKey): Promise<unknown> {
    return this.#slowly(() => subtle.exportKey(format, key))
  }

  #signatureKey(
    jwk: webcrypto.JsonWebKey,
    name: string,
    make: (object: KeyObject) => CryptoKey,
  ): CryptoKey {
    const isPrivate = 'd' in jwk || 'priv' in jwk
    const source = { key: jwk, format: 'jwk' as const }
    const object = isPrivate ? createPrivateKey(source) : createPublicKey(source)
    const key = make(object)
    this.#objects.set(key, { object, name })
    return key
  }

  async digest(name: string, bytes: Uint8Array): Promise<ArrayBuffer> {
    return new Uint8Array(hash(name.replace('-', '').toLowerCase(), bytes, 'buffer')).buffer
  }

  async sign(_algorithm: unknown, key: CryptoKey, bytes: Uint8Array): Promise<ArrayBuffer> {
    return new Uint8Array(sign(null, bytes, this.#known(key).object)).buffer
  }

  async verify(...[_algorithm, key, signature, bytes]: Verifying): Promise<boolean> {
    const { name, object } = this.#known(key)
    const asked = `${name} ${digestOf(bytes)} ${digestOf(signature)}`
    const known = this.#verified.get(asked)
    if (known !== undefined) return known
    if (this.#verified.size >= MOST_KNOWN) this.#verified.clear()
    const answer = verify(null, bytes, object, signature)
    this.#verified.set(asked, answer)
    return answer
  }

  /** What the pool of threads does must be over before a history begins. */
  async #slowly<T>(work: () => Promise<T>): Promise<T> {
    if (this.isStrict) throw new AmanaError('CLI_UNEXPECTED', { what: 'pool of threads' })
    return work()
  }

  #known(key: CryptoKey): Known {
    const known = this.#objects.get(key) ?? { object: KeyObject.from(key), name: '' }
    if (known.name !== '') return known
    const named = { ...known, name: JSON.stringify(known.object.export({ format: 'jwk' })) }
    this.#objects.set(key, named)
    return named
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

/** The stand-in. */
export interface QuickCrypto extends Disposable {
  /** Runs what must not wait for the pool of threads. */
  strictly<T>(work: () => Promise<T>): Promise<T>
}

/** Puts it in place of `crypto.subtle` in this thread, until it is disposed of. */
export function quickCrypto(): QuickCrypto {
  const { crypto } = globalThis
  const value = {
    digest: quick.digest.bind(quick),
    exportKey: quick.exportKey.bind(quick),
    importKey: quick.importKey.bind(quick),
    sign: quick.sign.bind(quick),
    verify: quick.verify.bind(quick),
  }
  Object.defineProperty(crypto, 'subtle', { value, configurable: true })
  return {
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
    },
  }
}
