/**
 * Two ends of a session in memory: frames in order, no network.
 *
 * @module
 * @spec docs/spec/09-carriers.md#what-is-said
 */
import { type LinkSession } from '../../apps/node/src/ports.ts'

interface Pipe {
  readonly frames: (Uint8Array | null)[]
  wake: () => void
}

/** Both ends; what one sends the other receives, and null after it closed. */
export function memoryLink(peerId: string): {
  readonly near: LinkSession
  readonly far: LinkSession
} {
  const [there, back] = [newPipe(), newPipe()]
  return { near: endOf(peerId, back, there), far: endOf(peerId, there, back) }
}

function newPipe(): Pipe {
  return { frames: [], wake: () => undefined }
}

function endOf(peerId: string, from: Pipe, to: Pipe): LinkSession {
  const put = (frame: Uint8Array | null): void => {
    to.frames.push(frame)
    to.wake()
  }
  return {
    peerId,
    initiator: true,
    send: async (frame) => {
      put(frame)
    },
    receive: async () => {
      while (from.frames.length === 0) {
        await new Promise<void>((resolve) => {
          from.wake = resolve
        })
      }
      return from.frames.shift() ?? null
    },
    close: async () => {
      put(null)
    },
  }
}
