/**
 * What may be said before a protocol is agreed upon: few short words. The library reads a length that never ends byte by
 * byte, each at the price of an error that is thrown, and answers unknown words without end, to anybody who connects.
 *
 * @module
 * @spec docs/spec/08-exchange.md#transport
 */
import { AmanaError } from '@amana/core'
import { type Uint8ArrayList } from 'uint8arraylist'
import { LINK_LIMITS } from './link-limits.ts'

type Bytes = Uint8Array | Uint8ArrayList

interface Receiving {
  onData(data: Bytes): void
  abort(error: Error): void
}

/** Reads along with multistream-select: a length of one byte, a word, a newline. */
export class Negotiation {
  readonly #agreed: readonly string[]
  #word: number[] = []
  #words = 0
  #isOver = false

  /** Over with the first of these words. */
  constructor(agreed: readonly string[]) {
    this.#agreed = agreed.map((protocol) => `${protocol}\n`)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** @throws NET_FRAME where a word is empty or too long, or there are too many */
  take(data: Bytes): void {
    for (const byte of data.subarray()) {
      this.#takeByte(byte)
      if (this.#isOver) return
    }
  }

  #takeByte(byte: number): void {
    const length = this.#word[0] ?? byte
    if (length === 0 || length > LINK_LIMITS.negotiationWordBytes) {
      throw new AmanaError('NET_FRAME', { reason: 'negotiation' })
    }
    this.#word.push(byte)
    if (this.#word.length <= length) return
    this.#isOver = this.#agreed.includes(String.fromCharCode(...this.#word.slice(1)))
    this.#word = []
    this.#words += 1
    if (!this.#isOver && this.#words >= LINK_LIMITS.negotiationWords) {
      throw new AmanaError('NET_FRAME', { reason: 'negotiation' })
    }
  }
}

/**
 * Puts the guard before a connection or stream that nothing has come over yet: it is aborted where it says something else.
 *
 * @throws NET_TRANSPORT when the library's inside changed: the guard would then guard nothing
 */
export function guardNegotiation(connection: object, agreed: readonly string[]): void {
  if (!isReceiving(connection)) throw new AmanaError('NET_TRANSPORT', { part: 'stream' })
  const negotiation = new Negotiation(agreed)
  const onData = connection.onData.bind(connection)
  connection.onData = (data) => {
    try {
      negotiation.take(data)
    } catch (error) {
      connection.abort(error instanceof Error ? error : new AmanaError('NET_CLOSED', {}))
      return
    }
    if (negotiation.isOver) connection.onData = onData
    onData(data)
  }
}

function isReceiving(value: object): value is Receiving {
  return (
    'onData' in value &&
    typeof value.onData === 'function' &&
    'abort' in value &&
    typeof value.abort === 'function'
  )
}
