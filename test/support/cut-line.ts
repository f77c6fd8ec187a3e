/**
 * A line of loopback that passes bytes on until it is cut: with a word to both ends, or without one.
 *
 * @module
 * @spec docs/spec/08-exchange.md#transport
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

const HOST = '127.0.0.1'

/** From a free port to another one of the same host. */
export class CutLine implements AsyncDisposable {
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((near) => {
    const far = connect({ host: HOST, port: this.toPort })
    this.#join(near, far)
    this.#join(far, near)
  })
  /** Where it leads; may be told later. */
  toPort: number

  private constructor(toPort: number) {
    this.toPort = toPort
  }

  static async open(toPort: number): Promise<CutLine> {
    const line = new CutLine(toPort)
    line.#server.listen(0, HOST)
    await once(line.#server, 'listening')
    return line
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Resets all that passes now; or lets nothing more pass, while both ends believe that the line is there. */
  cut(how: 'break' | 'silence'): void {
    for (const socket of this.#sockets) {
      if (how === 'break') socket.resetAndDestroy()
      else socket.unpipe().pause()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut('break')
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from)
    from.pipe(to)
    from.on('error', () => to.destroy())
    from.once('close', () => {
      this.#sockets.delete(from)
      to.destroy()
    })
  }
}
