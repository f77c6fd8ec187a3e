/**
 * The line between the two cities in the demonstration: bytes pass through until it is cut, and none while it is down.
 *
 * @module
 * @spec docs/spec/08-exchange.md#demonstration
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { AmanaError } from '@amana/core'

const HOST = '127.0.0.1'

/** A TCP line on loopback, from a free port to another one of the same host, that can be cut and mended. */
export class Relay implements AsyncDisposable {
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  readonly #server = createServer((near) => {
    this.#carry(near)
  })
  readonly #toPort: number
  #isUp = true

  private constructor(toPort: number) {
    this.#toPort = toPort
  }

  /** @throws NET_ADDRESS_IN_USE when no port can be had */
  static async open(toPort: number): Promise<Relay> {
    const relay = new Relay(toPort)
    const server = relay.#server
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => {
        reject(new AmanaError('NET_ADDRESS_IN_USE', { address: HOST }, { cause }))
      })
      server.listen(0, HOST, resolve)
    })
    return relay
  }

  /** Port on which the caller’s side listens. */
  get port(): number {
    const address: AddressInfo | string | null = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Ends what passes now and refuses what comes. */
  cut(): void {
    this.#isUp = false
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
  }

  /** Lets pass again. */
  mend(): void {
    this.#isUp = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve()
      })
    })
  }

  #carry(near: Socket): void {
    if (!this.#isUp) {
      near.destroy()
      return
    }
    const far = connect({ host: HOST, port: this.#toPort })
    const pair = [near, far] as const
    this.#pairs.add(pair)
    join(pair, () => this.#pairs.delete(pair))
  }
}

function join(pair: readonly [Socket, Socket], done: () => void): void {
  const [near, far] = pair
  near.pipe(far)
  far.pipe(near)
  for (const [socket, other] of [
    [near, far],
    [far, near],
  ] as const) {
    socket.on('error', () => {
      other.destroy()
    })
    socket.once('close', () => {
      other.destroy()
      done()
    })
  }
}
