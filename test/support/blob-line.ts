/**
 * Two nodes that have met, and a line for attachments between them, in memory.
 *
 * @module
 * @spec docs/spec/10-attachments.md#transfer
 */
import { type Attachment, type SealedFacts } from '@amana/core'
import { Outflow } from '../../apps/node/src/blobs/outflow.ts'
import { type Traffic } from '../../apps/node/src/blobs/traffic.ts'
import { Transfers } from '../../apps/node/src/blobs/transfers.ts'
import { type BlobLink, type LinkSession } from '../../apps/node/src/ports.ts'
import { attachmentRow } from '../../apps/node/src/statements/attachment-rows.ts'
import { BODIES } from './message-bodies.ts'
import { queueNew, type Side, type Talk } from './node-fixture.ts'
import { seededBytes } from './seeded-bytes.ts'

const REPORT = 'intel.report/1'
const MS = 20_000

/** Frames from one end to the other, in memory. */
export function ends(peers: readonly [string, string]): readonly [LinkSession, LinkSession] {
  const queues = [new Queue(), new Queue()] as const
  const end = (own: 0 | 1): LinkSession => ({
    peerId: peers[own],
    initiator: own === 0,
    send: async (frame) => {
      queues[own].put(frame)
    },
    receive: (signal) => queues[own === 0 ? 1 : 0].take(signal),
    close: async () => {
      for (const queue of queues) queue.put(null)
    },
  })
  return [end(0), end(1)]
}

class Queue {
  readonly #frames: (Uint8Array | null)[] = []
  #wake: () => void = () => undefined

  put(frame: Uint8Array | null): void {
    this.#frames.push(frame)
    this.#wake()
  }

  async take(signal?: AbortSignal): Promise<Uint8Array | null> {
    const isOver = (): boolean => signal?.aborted === true
    while (this.#frames.length === 0 && !isOver()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        signal?.addEventListener('abort', () => {
          resolve()
        })
      })
    }
    return this.#frames.shift() ?? null
  }
}

/** What goes on between two sides. */
export interface Carried extends AsyncDisposable {
  readonly failed: string[]
  wake(): void
}

/** Both sides with a line between them. */
export function connect(
  { anltp, naptip }: Talk,
  changes: {
    readonly traffic?: Traffic
    readonly stranger?: boolean
    readonly asks?: boolean
  } = {},
): Carried {
  const accepts: ((frames: LinkSession) => void)[] = []
  const failed: string[] = []
  const link = (own: Side, other: Side): BlobLink => ({
    onBlobs: (accept) => accepts.push(accept),
    openBlobs: async () => {
      const stranger = changes.stranger === true ? 'stranger' : own.parts.peerId
      const [near, far] = ends([other.parts.peerId, stranger])
      accepts[own === anltp ? 0 : 1]?.(far)
      return near
    },
  })
  const of = (own: Side, other: Side): Transfers =>
    new Transfers({
      ...own.parts,
      folder: own.parts.blobs,
      link: link(own, other),
      outflow: new Outflow(() => undefined),
      traffic: own === naptip ? (changes.traffic ?? own.parts.traffic) : own.parts.traffic,
      timer: {
        wait: async () => new Promise(() => undefined),
        deadline: () => new AbortController().signal,
      },
      nowMs: () => performance.now(),
      peer: () => ({ agency: other.agency, peerIds: [other.parts.peerId] }),
      isConnected: () => true,
      alone: (step) => own.parts.inbox.alone(step),
      asks: changes.asks === true,
      failed: (code) => failed.push(code),
    })
  const both = [of(naptip, anltp), of(anltp, naptip)]
  for (const one of both) one.follow()
  return {
    failed,
    wake: () => {
      for (const one of both) one.wake()
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(both.map((one) => one.close()))
    },
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** A sealed file in the folder of a node. */
export async function sealIn(
  side: Side,
  sizeBytes: number,
  name = 'photo.jpg',
): Promise<Attachment> {
  const random = seededBytes(name)
  const facts = await side.parts.blobs.seal(once(random(sizeBytes)), random)
  return { ...facts, media: 'image/jpeg', name }
}

/** A report that attaches files, queued. */
export async function report(
  side: Side,
  attachments: readonly (SealedFacts & { readonly media: string; readonly name: string })[],
  urgency = 'urgent-direct',
): Promise<string> {
  const named = attachments.map((one) => ({ ...one }))
  const body = { ...BODIES[REPORT]['body'], urgency, attachments: named }
  return queueNew(side, REPORT, { groups: { body } })
}

/** What the row of an attachment says. */
export async function stateAt(
  side: Side,
  file: string,
  statement: string,
): Promise<string | undefined> {
  return (await attachmentRow(side.parts.store, file, statement))?.state
}

/** Looks at every turn until it holds. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + MS
  while (!(await holds())) {
    if (performance.now() > end) throw new Error('it does not come')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** The state of an attachment that waits no more. */
export const settled = async (side: Side, file: string, statement: string): Promise<string> => {
  let state: string | undefined
  await until(async () => {
    state = await stateAt(side, file, statement)
    return state !== undefined && state !== 'waits'
  })
  return state ?? ''
}
