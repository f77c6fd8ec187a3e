/**
 * What a running node does by itself for its keys: it destroys private halves that nobody needs any more, and says once a
 * day what is about to end.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#the-life-of-a-key
 */
import { type Expiry, openingNeededUntil, publicKeyText } from '@amana/core'
import { type NodeParts } from './node-parts.ts'
import { type NodeClock } from './ports.ts'
import { type RingKey } from './vault/node-key-ring.ts'

const DAY_SECONDS = 86_400

/**
 * Destroys the private halves of desk and deposit keys whose time is over, each after its `g.key` leaf; gives their ids.
 * Only while the own newest roster is in force: a clock that is far ahead must not destroy what cannot be made again.
 *
 * @throws STORE_WRITE, STORE_FILE
 */
export async function destroyEndedKeys(
  parts: Pick<NodeParts, 'agency' | 'audit' | 'clock' | 'ring' | 'trust'>,
): Promise<readonly string[]> {
  const { audit, ring } = parts
  if (!isRosterInForce(parts)) return []
  const ended = ring.destructible.filter(({ key }) => isOver(parts, key))
  if (ended.length === 0) return []
  const events = ended.map(({ key, use }) => ({
    event: 'g.key',
    actor: 'sys',
    data: { done: 'destroyed', key: key.keyId, use: use === 'deposit' ? use : 'desk' },
  }))
  await audit.commit({ events, writes: async () => ({ writes: [], events: [] }) })
  const keyIds = ended.map(({ key }) => key.keyId)
  await ring.destroy(new Set(keyIds))
  return keyIds
}

function isRosterInForce({ clock, trust }: Pick<NodeParts, 'clock' | 'trust'>): boolean {
  const { exp, iat } = trust.ownRoster.payload
  return clock.now() >= iat && clock.now() < exp
}

function isOver(
  { agency, clock, trust }: Pick<NodeParts, 'agency' | 'clock' | 'trust'>,
  { publicJwk }: RingKey['key'],
): boolean {
  const own = trust.allRosters.filter((roster) => roster.agency === agency)
  const until = openingNeededUntil(own, publicKeyText(publicJwk))
  return until !== undefined && clock.now() >= until
}

/** Tells of each end once a day. */
export class ExpiryTeller {
  readonly #clock: NodeClock
  readonly #toldAt = new Map<string, number>()

  constructor(clock: NodeClock) {
    this.#clock = clock
  }

  /** Those of `expiries` that were not told within the last 24 hours, or are nearer by a step since then. */
  due(expiries: readonly Expiry[]): readonly Expiry[] {
    const now = this.#clock.now()
    const due = expiries.filter((expiry) => {
      const toldAt = this.#toldAt.get(nameOf(expiry))
      // a clock that was ahead and is right again must not silence an end
      return toldAt === undefined || Math.abs(now - toldAt) >= DAY_SECONDS
    })
    for (const expiry of due) this.#toldAt.set(nameOf(expiry), now)
    return due
  }
}

function nameOf({ agency = '', id, level, what }: Expiry): string {
  return `${agency} ${what} ${id} ${level}`
}
