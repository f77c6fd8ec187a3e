/**
 * What leaves beside attachments: they wait while a frame of the exchange does.
 *
 * @module
 * @spec docs/spec/10-attachments.md#giving-way
 */
import { Wakeup } from '../exchange/wakeup.ts'
import { type Link, type LinkSession } from '../ports.ts'

/** What is told of bytes on the line, with the four of each length. */
export type CountBytes = (bytes: number) => void

const LENGTH_BYTES = 4

/** The frames of the exchange that wait to be taken by the transport. */
export class Outflow {
  readonly #count: CountBytes
  readonly #sent = new Wakeup()
  #waiting = 0

  constructor(count: CountBytes) {
    this.#count = count
  }

  /** Resolves when nothing of the exchange waits, or when `signal` fires. */
  async idle(signal: AbortSignal): Promise<void> {
    while (this.#waiting > 0 && !signal.aborted) await this.#sent.after(this.#sent.count, signal)
  }

  /** The transport, with every frame of its sessions counted. */
  watch(link: Link): Link {
    return {
      peerId: link.peerId,
      addresses: () => link.addresses(),
      dial: async (...where) => this.#session(await link.dial(...where)),
      onSession: (accept) => {
        link.onSession((session) => {
          accept(this.#session(session))
        })
      },
      allow: (peerIds) => link.allow(peerIds),
      close: () => link.close(),
    }
  }

  #session(session: LinkSession): LinkSession {
    return {
      peerId: session.peerId,
      initiator: session.initiator,
      close: () => session.close(),
      receive: async (signal) => {
        const frame = await session.receive(signal)
        if (frame !== null) this.#count(frame.byteLength + LENGTH_BYTES)
        return frame
      },
      send: async (frame, signal) => {
        this.#waiting += 1
        this.#count(frame.byteLength + LENGTH_BYTES)
        try {
          await session.send(frame, signal)
        } finally {
          this.#waiting -= 1
          this.#sent.wake()
        }
      },
    }
  }
}
