/**
 * Multiaddresses of WebSockets: `/dns4/node.example/tcp/443/tls/ws` in the open, `/ip4/127.0.0.1/tcp/4181/ws` behind a front.
 *
 * @module
 * @spec docs/spec/08-exchange.md#websocket
 */

const FORM =
  /^\/(?:ip4|ip6|dns|dns4|dns6)\/(?<host>[^/]+)\/tcp\/(?<port>\d{1,5})\/(?<last>ws|wss|tls\/ws)(?:\/p2p\/[^/]+)?$/

/** Where a WebSocket is. */
export interface WebSocketAddress {
  readonly host: string
  readonly port: number
  /** Whether TLS is spoken there. */
  readonly isTls: boolean
}

/** What a multiaddress says, or nothing where it names no WebSocket. */
export function webSocketAddress(address: string): WebSocketAddress | undefined {
  const { host = '', last, port } = FORM.exec(address)?.groups ?? {}
  return last === undefined ? undefined : { host, port: Number(port), isTls: last !== 'ws' }
}
