/**
 * Whole frames over a stream of bytes, libp2p's or the simulation's: a length of four bytes, then the frame. Reading has real back-pressure, and a frame
 * that began must end in time; whatever goes wrong in the middle of a frame aborts the stream.
 *
 * @module
 * @spec docs/spec/08-exchange.md#framing
 */
import { AmanaError } from '@amana/core'
import { Uint8ArrayList } from 'uint8arraylist'
import { LINK_LIMITS } from './link-limits.ts'

const LENGTH_BYTES = 4

/** How long a wait may take. */
interface Patience {
  readonly signal: AbortSignal | undefined
  readonly timeoutMs: number
}

/** What is asked of the stream below: libp2p's streams have it. */
export interface ByteStream {
  readonly readableEnded: boolean
  readonly readStatus: string
  readonly status: string
  readonly writableNeedsDrain: boolean
  addEventListener(
    type: 'message',
    listener: (event: { readonly data: Uint8Array | Uint8ArrayList }) => void,
  ): void
  addEventListener(type: 'close', listener: (event: { readonly error?: Error }) => void): void
  addEventListener(type: 'end' | 'drain', listener: () => void): void
  /** False where the writer is to wait for `drain`. */
  send(bytes: Uint8ArrayList): boolean
  pause(): void
  resume(): void
  close(options: { readonly signal: AbortSignal }): Promise<void>
  abort(error: Error): void
}

/** Time as deadlines need it. */
export interface StreamTime {
  nowMs(): number
  /** Calls `ring` once, unless what it gives is called before. */
  after(ms: number, ring: () => void): () => void
}

/** The time of this machine. */
export const systemTime: StreamTime = {
  nowMs: () => performance.now(),
  after: (ms, ring) => {
    const timer = setTimeout(ring, ms)
    return () => {
      clearTimeout(timer)
    }
  },
}

/** One direction-agnostic stream of frames. One reader and one writer at a time. */
export class FrameStream {
  readonly #stream: ByteStream
  readonly #time: StreamTime
  readonly #buffer = new Uint8ArrayList()
  #wakeReader: (() => void) | undefined
  #wakeWriter: (() => void) | undefined
  #ended = false
  #failure: AmanaError | undefined
  #paused = false
  #resuming = false

  constructor(stream: ByteStream, time = systemTime) {
    this.#stream = stream
    this.#time = time
    if (stream.readableEnded) this.#end()
    stream.addEventListener('message', (event) => {
      this.#buffer.append(event.data)
      this.#pauseWhenFull()
      this.#wakeReader?.()
    })
    // Not `remoteCloseWrite`: what arrived while reading was paused comes between the two.
    stream.addEventListener('end', () => {
      this.#end()
      this.#wakeReader?.()
    })
    stream.addEventListener('close', (event) => {
      if (event.error !== undefined && !this.#ended) this.#failure ??= closed(event.error)
      this.#wakeReader?.()
      this.#wakeWriter?.()
    })
    stream.addEventListener('drain', () => {
      this.#wakeWriter?.()
    })
  }

  /**
   * The next frame, or null when the other side ended between two frames.
   *
   * @throws NET_FRAME when the length is over the limit or the stream ends inside a frame
   * @throws NET_TIMEOUT when `signal` fires, nothing arrives for long, or a frame that began does not end in its time; the stream is aborted
   * @throws NET_CLOSED when the stream was reset
   */
  async receive(signal?: AbortSignal): Promise<Uint8Array | null> {
    if (!(await this.#have(LENGTH_BYTES, { signal, timeoutMs: LINK_LIMITS.silenceMs }))) {
      if (this.#buffer.byteLength === 0) return null
      throw this.#abort(new AmanaError('NET_FRAME', { reason: 'truncated' }))
    }
    const length = this.#buffer.getUint32(0)
    if (length > LINK_LIMITS.frameBytes) {
      throw this.#abort(new AmanaError('NET_FRAME', { reason: 'size' }))
    }
    const timeoutMs = LINK_LIMITS.frameTimeoutMs + length / LINK_LIMITS.slowestBytesPerMs
    if (!(await this.#have(LENGTH_BYTES + length, { signal, timeoutMs }))) {
      throw this.#abort(new AmanaError('NET_FRAME', { reason: 'truncated' }))
    }
    const frame = this.#buffer.slice(LENGTH_BYTES, LENGTH_BYTES + length)
    this.#buffer.consume(LENGTH_BYTES + length)
    this.#resumeWhenLow()
    return frame
  }

  /**
   * Hands a frame to the transport and waits until it can take another.
   *
   * @throws NET_CLOSED, NET_TIMEOUT when `signal` fires or the transport takes nothing for long; the stream is then aborted
   */
  async send(frame: Uint8Array, signal?: AbortSignal): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const length = new Uint8Array(LENGTH_BYTES)
    new DataView(length.buffer).setUint32(0, frame.byteLength)
    let taken: boolean
    try {
      taken = this.#stream.send(new Uint8ArrayList(length, frame))
    } catch (cause) {
      throw this.#abort(closed(cause))
    }
    if (!taken) await this.#drained({ signal, timeoutMs: LINK_LIMITS.drainTimeoutMs })
  }

  /** Ends the own direction. */
  async close(signal: AbortSignal): Promise<void> {
    try {
      await this.#stream.close({ signal })
    } catch (cause) {
      this.#abort(closed(cause))
    }
  }

  /** Ends both directions at once. */
  abort(): void {
    this.#abort(new AmanaError('NET_CLOSED', {}))
  }

  async #have(sizeBytes: number, patience: Patience): Promise<boolean> {
    const end = this.#time.nowMs() + patience.timeoutMs
    while (this.#buffer.byteLength < sizeBytes) {
      this.#resume()
      if (this.#buffer.byteLength >= sizeBytes) break
      if (this.#failure !== undefined) throw this.#failure
      if (this.#ended) return false
      await this.#until({ ...patience, timeoutMs: end - this.#time.nowMs() }, (wake) => {
        this.#wakeReader = wake
      })
    }
    return true
  }

  async #drained(patience: Patience): Promise<void> {
    while (this.#stream.writableNeedsDrain && this.#stream.status === 'open') {
      await this.#until(patience, (wake) => {
        this.#wakeWriter = wake
      })
    }
    if (this.#failure !== undefined) throw this.#failure
    if (this.#stream.status !== 'open') throw new AmanaError('NET_CLOSED', {})
  }

  async #until({ signal, timeoutMs }: Patience, listen: (wake: () => void) => void): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        cancel()
        signal?.removeEventListener('abort', expire)
        resolve()
      }
      const expire = (): void => {
        this.#abort(new AmanaError('NET_TIMEOUT', {}))
        done()
      }
      const cancel = this.#time.after(Math.max(0, timeoutMs), expire)
      listen(done)
      if (signal?.aborted === true) expire()
      else signal?.addEventListener('abort', expire, { once: true })
    })
  }

  /** Nothing more comes: in good order, or because the stream was reset. */
  #end(): void {
    const { status } = this.#stream
    if (status === 'reset' || status === 'aborted') this.#failure ??= closed(undefined)
    else this.#ended = true
  }

  #abort(error: AmanaError): AmanaError {
    this.#failure ??= error
    this.#stream.abort(error)
    this.#wakeReader?.()
    this.#wakeWriter?.()
    return this.#failure
  }

  #pauseWhenFull(): void {
    // Pausing inside the dispatch of resume() would leave yamux sending window updates: the stream would be reset.
    if (this.#paused || this.#resuming) return
    if (this.#buffer.byteLength < LINK_LIMITS.highWaterBytes) return
    this.#paused = true
    this.#stream.pause()
  }

  #resumeWhenLow(): void {
    if (this.#buffer.byteLength < LINK_LIMITS.highWaterBytes / 2) this.#resume()
  }

  #resume(): void {
    if (!this.#paused) return
    this.#paused = false
    if (this.#stream.readStatus !== 'paused') return
    this.#resuming = true
    try {
      this.#stream.resume()
    } catch (cause) {
      this.#abort(closed(cause))
    } finally {
      this.#resuming = false
    }
  }
}

function closed(cause: unknown): AmanaError {
  return new AmanaError('NET_CLOSED', {}, { cause })
}
