/**
 * Frames on a link; writes are put one behind the other.
 *
 * @module
 * @spec docs/spec/08-exchange.md#frames
 */
import { AmanaError } from '@amana/core'
import { type LinkSession } from '../ports.ts'
import { decodeFrame, encodeFrame, type Frame, type FrameType } from './frames.ts'

/** The frames of one session. */
export class Wire {
  readonly link: LinkSession
  #last: Promise<void> = Promise.resolve()
  #waiting = 0

  constructor(link: LinkSession) {
    this.link = link
  }

  /** Sends a frame behind those that wait already. @throws NET_CLOSED, NET_TIMEOUT */
  async send(type: FrameType, body: Uint8Array, signal?: AbortSignal): Promise<void> {
    const frame = encodeFrame({ type, body })
    await this.#inTurn(() => this.link.send(frame, signal))
  }

  /** Sends what `read` gives when its turn has come; false where there is nothing then. @throws as `send` */
  async sendNewest(
    type: FrameType,
    read: () => Promise<Uint8Array | undefined>,
    signal?: AbortSignal,
  ): Promise<boolean> {
    return this.#inTurn(async () => {
      const body = await read()
      if (body === undefined) return false
      await this.link.send(encodeFrame({ type, body }), signal)
      return true
    })
  }

  async #inTurn<T>(send: () => Promise<T>): Promise<T> {
    const turn = this.#waiting === 0 ? send() : this.#last.then(send)
    this.#waiting += 1
    this.#last = turn.then(
      () => undefined,
      () => undefined,
    )
    try {
      return await turn
    } finally {
      this.#waiting -= 1
    }
  }

  /** Says BYE and ends. A peer that has not read what was sent before gets none: nobody waits for it. */
  async farewell(): Promise<void> {
    const said = this.#waiting === 0 ? this.send('bye', new Uint8Array()) : Promise.resolve()
    await Promise.all([said.catch(() => undefined), this.link.close()])
  }

  /** The next frame; null at the end. @throws NET_CLOSED, NET_TIMEOUT, NET_FRAME */
  async receive(signal?: AbortSignal): Promise<Frame | null> {
    const bytes = await this.link.receive(signal)
    return bytes === null ? null : decodeFrame(bytes)
  }

  /** The body of the next frame, which must be of that type. @throws NET_GREETING, and as `receive` */
  async expect(type: FrameType, signal: AbortSignal): Promise<Uint8Array> {
    const frame = await this.receive(signal)
    if (frame?.type !== type) throw new AmanaError('NET_GREETING', { reason: type })
    return frame.body
  }
}
