/**
 * A slow line of loopback between two nodes: so many bytes a second in each direction, a delay, and segments that are
 * lost and come a round trip later, with all that was sent after them. What it loses follows from a seed.
 *
 * @module
 * @spec docs/spec/08-exchange.md#transport
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { seededBytes } from './seeded-bytes.ts'

/** What a line is like. */
export interface LineShape {
  readonly bytesPerSecond: number
  /** One way. */
  readonly delayMs: number
  /** Of 1,000 segments. */
  readonly lostOfThousand: number
}

const SEGMENT_BYTES = 1460
/** What a router on the way holds. */
const QUEUE_BYTES = 32 * 1024
const HOST = '127.0.0.1'

/** One direction of one connection. */
class Direction {
  readonly #line: ShapedLine
  readonly #from: Socket
  readonly #to: Socket
  readonly #onWay: { readonly segment: Uint8Array; readonly atMs: number }[] = []
  #freeAtMs = 0
  #lastMs = 0
  #held = 0

  constructor(line: ShapedLine, from: Socket, to: Socket) {
    this.#line = line
    this.#from = from
    this.#to = to
    from.on('data', (bytes: Uint8Array) => {
      for (let at = 0; at < bytes.byteLength; at += SEGMENT_BYTES) {
        this.#carry(bytes.subarray(at, at + SEGMENT_BYTES))
      }
    })
    from.on('error', () => to.destroy())
    from.on('close', () => to.destroy())
  }

  #carry(segment: Uint8Array): void {
    const { bytesPerSecond, delayMs } = this.#line.shape
    const now = performance.now()
    const tookMs = (1000 * segment.byteLength) / bytesPerSecond
    const isLost = this.#line.loses()
    this.#freeAtMs = Math.max(now, this.#freeAtMs) + (isLost ? 2 : 1) * tookMs
    const arrivesMs = this.#freeAtMs + delayMs + (isLost ? 2 * delayMs : 0)
    this.#lastMs = Math.max(this.#lastMs, arrivesMs)
    this.#held += segment.byteLength
    this.#line.count(segment.byteLength)
    if (this.#held > QUEUE_BYTES) this.#from.pause()
    this.#onWay.push({ segment, atMs: this.#lastMs })
    setTimeout(() => {
      this.#deliver()
    }, this.#lastMs - now)
  }

  /** In the order in which they came: timers of several lengths do not keep it. */
  #deliver(): void {
    for (;;) {
      const [first] = this.#onWay
      if (first === undefined) return
      const restMs = first.atMs - performance.now()
      if (restMs > 0) {
        // a timer that was set late in a long turn rings early
        setTimeout(() => {
          this.#deliver()
        }, restMs)
        return
      }
      this.#onWay.shift()
      this.#held -= first.segment.byteLength
      if (this.#held <= QUEUE_BYTES / 2) this.#from.resume()
      if (!this.#to.destroyed) this.#to.write(first.segment)
    }
  }
}

/** The line; its shape may be changed while it carries. */
export class ShapedLine implements AsyncDisposable {
  shape: LineShape
  #bytes = 0
  readonly #random = seededBytes('shaped line')
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer()

  private constructor(shape: LineShape) {
    this.shape = shape
  }

  /** From one port of loopback to another one. */
  static async open(from: number, to: number, shape: LineShape): Promise<ShapedLine> {
    const line = new ShapedLine(shape)
    line.#server.on('connection', (near) => {
      const far = connect(to, HOST)
      for (const socket of [near, far]) {
        socket.setNoDelay(true)
        line.#sockets.add(socket)
      }
      void new Direction(line, near, far)
      void new Direction(line, far, near)
    })
    line.#server.listen(from, HOST)
    await once(line.#server, 'listening')
    return line
  }

  /** Bytes that were carried, in both directions. */
  get bytes(): number {
    return this.#bytes
  }

  count(bytes: number): void {
    this.#bytes += bytes
  }

  /** Whether the next segment is lost. */
  loses(): boolean {
    const [high = 0, low = 0] = this.#random(2)
    return ((high * 256 + low) * 1000) / 65_536 < this.shape.lostOfThousand
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
