/**
 * How many connections one address may hold: whoever opens many and says nothing would otherwise take the places of all
 * peers, since a connection counts before anybody knows whose it is.
 *
 * @module
 * @spec docs/spec/08-exchange.md#transport
 */

/** What is asked of a connection. */
export interface Incoming {
  readonly remoteAddr: { toString(): string }
  addEventListener(type: 'close', listener: () => void): void
}

/** Counts connections that came in, by the address that they came from. */
export class AddressLimit {
  readonly #most: number
  readonly #open = new Map<string, number>()

  constructor(most: number) {
    this.#most = most
  }

  /** Whether there is no place for one more from its address; else it takes one until it is closed. */
  isOver(connection: Incoming): boolean {
    const address = addressOf(connection.remoteAddr.toString())
    const open = this.#open.get(address) ?? 0
    if (open >= this.#most) return true
    this.#open.set(address, open + 1)
    connection.addEventListener('close', () => {
      this.#leave(address)
    })
    return false
  }

  #leave(address: string): void {
    const open = (this.#open.get(address) ?? 0) - 1
    if (open > 0) this.#open.set(address, open)
    else this.#open.delete(address)
  }
}

/** `/ip4/192.0.2.7` of a multiaddress with its port; of IPv6 the first 64 bits, since whoever has one has all of them. */
function addressOf(multiaddress: string): string {
  const [, family = '', host = ''] = multiaddress.split('/')
  return `/${family}/${family === 'ip6' ? networkOf(host) : host}`
}

/** The first four groups. */
function networkOf(host: string): string {
  const [before = '', after] = host.split('::')
  const groups = before.split(':').filter((group) => group !== '')
  const behind = (after ?? '').split(':').filter((group) => group !== '')
  const zeros = after === undefined ? 0 : Math.max(0, 8 - groups.length - behind.length)
  return [...groups, ...Array<string>(zeros).fill('0'), ...behind].slice(0, 4).join(':')
}
