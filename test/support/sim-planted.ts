/**
 * Faults of the program, planted into the simulation: what the node does right, done wrong, to see whether it is found.
 *
 * @module
 * @spec docs/spec/12-simulation.md#oracle
 */
import { encodeCanonical, parseCanonical, parseEnvelope } from '@amana/core'
import { type NodeParts } from '../../apps/node/src/node-parts.ts'
import { PeerDesk } from '../../apps/node/src/peer-desk.ts'
import { type Store } from '../../apps/node/src/ports.ts'
import { type Dimension } from '../../apps/node/src/sim/dimensions.ts'
import { type Planted } from '../../apps/node/src/sim/history.ts'

/** A desk that records an envelope whenever it comes, and not once. */
class ForgetfulDesk extends PeerDesk {
  readonly #parts: NodeParts

  constructor(parts: NodeParts) {
    super(parts)
    this.#parts = parts
  }

  override async envelope(bytes: Uint8Array, peerId: string): Promise<Uint8Array | undefined> {
    const { content, digest: env } = parseEnvelope(bytes).dispatch
    const isKnown = await this.#parts.inbox.dispatchAt(content.from.agency, content.sequence)
    const receipt = await super.envelope(bytes, peerId)
    if (isKnown === undefined) return receipt
    const events = content.statements.map((std, index) => ({
      event: 'x.received',
      actor: 'sys',
      data: { env, from: content.from.agency, osig: content.signatures[index], std },
    }))
    await this.#parts.audit.commit({ events, writes: async () => ({ writes: [], events: [] }) })
    return receipt
  }
}

/** Positions are kept in memory: after the power went, those of the beginning count. */
function withVolatilePositions(store: Store): Store {
  const positions = new Map<string, Uint8Array>()
  return changed(store, {
    get: async (space, key) => (space === 'position' ? positions.get(key) : store.get(space, key)),
    batch: async (writes) => {
      await store.batch(writes.filter(({ space }) => space !== 'position'))
      for (const write of writes) {
        if (write.space === 'position' && write.type === 'put')
          positions.set(write.key, write.value)
      }
    },
  })
}

/** A store of which some calls are others. */
function changed(store: Store, change: Partial<Store>): Store {
  return {
    close: () => store.close(),
    compact: (spaces) => store.compact(spaces),
    get: (space, key) => store.get(space, key),
    range: (range) => store.range(range),
    keys: (range) => store.keys(range),
    batch: (writes) => store.batch(writes),
    ...change,
  }
}

/** The newest statement of the queue goes first. */
function withTurnedQueue(store: Store): Store {
  return changed(store, {
    range: (range) =>
      range.space === 'queue' ? store.range({ ...range, reverse: true }) : store.range(range),
  })
}

/** The end of a key of the queue. */
function counterOf(key: string): string {
  return key.slice(key.lastIndexOf('/'))
}

/** The queue is in the order of submission, however urgent something is. */
function withFlatQueue(store: Store): Store {
  return changed(store, {
    range: async (range) => {
      const rows = await store.range(range)
      if (range.space !== 'queue') return rows
      return rows.toSorted((one, other) => (counterOf(one.key) < counterOf(other.key) ? -1 : 1))
    },
  })
}

/** Writes of a space are said to be done and are not. */
function without(space: string): (store: Store) => Store {
  return (store) =>
    changed(store, {
      batch: (writes) => store.batch(writes.filter((one) => one.space !== space)),
    })
}

/** What came again is not found. */
function withoutAnswers(store: Store): Store {
  return changed(store, {
    get: async (space, key) => (space === 'in' ? undefined : store.get(space, key)),
  })
}

const RECORD_BYTES = 1024 * 1024

/** A statement that was taken back is shown as such, also where the other side had opened it. */
function withHastyVoids(store: Store): Store {
  return changed(store, {
    batch: (writes) =>
      store.batch(
        writes.map((write) => {
          if (write.type !== 'put' || write.space !== 'statement') return write
          const record = parseCanonical(write.value, RECORD_BYTES)
          if (typeof record !== 'object' || record === null || !('withdrawal' in record))
            return write
          return { ...write, value: encodeCanonical({ ...record, state: 'withdrawn' }) }
        }),
      ),
  })
}

/** By what is wrong; each with what the oracle must say of some history, and what that has beside messages over a line. */
export const PLANTED: Readonly<
  Record<
    string,
    {
      readonly planted: Planted
      readonly said: RegExp
      readonly dimensions?: readonly Dimension[]
    }
  >
> = {
  'says written before it is': { planted: { lyingDisk: true }, said: /lost|log:|not settled|open/ },
  'receives again what it has': {
    planted: { deskOf: (parts) => new ForgetfulDesk(parts) },
    said: /twice/,
  },
  'forgets its positions': { planted: { storeOf: withVolatilePositions }, said: /not settled/ },
  'reads its queue from the end': { planted: { storeOf: withTurnedQueue }, said: /overtook/ },
  'forgets what is urgent': {
    planted: { storeOf: withFlatQueue },
    said: /waited for/,
    dimensions: ['urgency'],
  },
  'names a file before it is there': {
    planted: { lyingBlobs: true },
    said: /is not whole/,
    dimensions: ['attachments'],
  },
  'keeps no receipt for a carrier': {
    planted: { storeOf: without('carried') },
    said: /not settled/,
    dimensions: ['apart'],
  },
  'forgets how it answered what comes again': {
    planted: { storeOf: withoutAnswers },
    said: /not settled/,
    dimensions: ['mailbox'],
  },
  'keeps no new roster': {
    planted: { storeOf: without('trust') },
    said: /not settled/,
    dimensions: ['rotation'],
  },
  'says taken back what was opened': {
    planted: { storeOf: withHastyVoids },
    said: /withdrawn here/,
    dimensions: ['voids'],
  },
  'is off by twice as much as its clock': {
    planted: {
      clockOf: (clock) => ({
        now: () => Math.floor((clock.nowMs() + clock.offsetMs) / 1000),
        nowMs: () => clock.nowMs() + clock.offsetMs,
      }),
    },
    said: /did not take|lost|not settled/,
    dimensions: ['clocks'],
  },
}
