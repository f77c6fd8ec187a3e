/**
 * Faults of the program, planted into the simulation: what the node does right, done wrong, to see whether it is found.
 *
 * @module
 * @spec docs/spec/12-simulation.md#oracle
 */
import { parseEnvelope } from '@amana/core'
import { type NodeParts } from '../../apps/node/src/node-parts.ts'
import { PeerDesk } from '../../apps/node/src/peer-desk.ts'
import { type Store } from '../../apps/node/src/ports.ts'
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
  return {
    close: () => store.close(),
    compact: (spaces) => store.compact(spaces),
    get: async (space, key) => (space === 'position' ? positions.get(key) : store.get(space, key)),
    range: (range) => store.range(range),
    keys: (range) => store.keys(range),
    batch: async (writes) => {
      await store.batch(writes.filter(({ space }) => space !== 'position'))
      for (const write of writes) {
        if (write.space === 'position' && write.type === 'put')
          positions.set(write.key, write.value)
      }
    },
  }
}

/** The newest statement of the queue goes first. */
function withTurnedQueue(store: Store): Store {
  return {
    close: () => store.close(),
    compact: (spaces) => store.compact(spaces),
    get: (space, key) => store.get(space, key),
    range: (range) =>
      range.space === 'queue' ? store.range({ ...range, reverse: true }) : store.range(range),
    keys: (range) => store.keys(range),
    batch: (writes) => store.batch(writes),
  }
}

/** By what is wrong; each with what the oracle must say of some history. */
export const PLANTED: Readonly<
  Record<string, { readonly planted: Planted; readonly said: RegExp }>
> = {
  'says written before it is': { planted: { lyingDisk: true }, said: /lost|log:|not settled|open/ },
  'receives again what it has': {
    planted: { deskOf: (parts) => new ForgetfulDesk(parts) },
    said: /twice/,
  },
  'forgets its positions': { planted: { storeOf: withVolatilePositions }, said: /not settled/ },
  'reads its queue from the end': { planted: { storeOf: withTurnedQueue }, said: /overtook/ },
}
