/**
 * The line between the two cities in the demonstration: bytes pass through until it is cut, and none while it is down.
 *
 * @module
 * @spec docs/spec/08-exchange.md#demonstration
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { AmanaError } from '@amana/core'

/** A TCP line on loopback that can be cut and mended. */
export interface Relay {
  /** Port on which the caller's side listens. */
  readonly port: number
  /** Ends what passes now and refuses what comes. */
  cut(): void
  mend(): void
  close(): Promise<void>
}

/**
 * Opens a line from a free port of 127.0.0.1 to `toPort` of the same host.
 *
 * @throws NET_ADDRESS_IN_USE when no port can be had
 */
export async function openRelay(toPort: number): Promise<Relay> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let up = true
  const server = createServer((near) => {
    if (!up) {
      near.destroy()
      return
    }
    const far = connect({ host: '127.0.0.1', port: toPort })
    const pair = [near, far] as const
    pairs.add(pair)
    join(pair, () => pairs.delete(pair))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new AmanaError('NET_ADDRESS_IN_USE', { address: '127.0.0.1' }, { cause }))
    })
    server.listen(0, '127.0.0.1', resolve)
  })
  const cutAll = (): void => {
    for (const pair of pairs) for (const socket of pair) socket.destroy()
  }
  return {
    port: portOf(server.address()),
    cut: () => {
      up = false
      cutAll()
    },
    mend: () => {
      up = true
    },
    close: async () => {
      up = false
      cutAll()
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
      })
    },
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

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}
