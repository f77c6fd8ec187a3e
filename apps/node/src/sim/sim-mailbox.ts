/**
 * A mailbox of a history, which drops deposits, lists them in another order, and gives again what was acknowledged, until
 * everything is well. It speaks to nodes as the real one does.
 *
 * @module
 * @spec docs/spec/12-simulation.md#carriers
 */
import { digest, isAnyAmanaError, parseDeposit } from '@amana/core'
import { type Listed, MOST_ITEMS } from '../mailbox/messages.ts'
import { type Kept, serveMailbox } from '../mailbox/serve.ts'
import { type Chance } from './chance.ts'
import { START_SECONDS } from './sim-agencies.ts'
import { type SimNetwork } from './sim-network.ts'

/** Under which it is reached. */
export const MAILBOX = 'mailbox'

/** How a machine is known to it. */
export function mailPeer(peerId: string): string {
  return `${peerId} mail`
}

const DROPS = 0.15
const TURNS_ROUND = 0.4
const REPEATS = 0.3

interface Mail {
  readonly to: string
  readonly bytes: Uint8Array
  readonly item: Listed['items'][number]
}

/** One for all agencies. */
export class SimMailbox {
  readonly #chance: Chance
  #mail: readonly Mail[] = []
  #acknowledged: readonly Mail[] = []
  #last = 0
  isHonest = false

  constructor(chance: Chance) {
    this.#chance = chance
  }

  /** Listens for those agencies, by their peer ids. */
  listen(network: SimNetwork, agencies: ReadonlyMap<string, string>): void {
    const link = network.linkOf(MAILBOX, { isOn: true })
    const peers = new Map([...agencies].map(([peerId, id]) => [mailPeer(peerId), id]))
    void link.allow(new Set(peers.keys()))
    link.onSession((session) => {
      const end = (): Promise<void> => session.close()
      const agency = peers.get(session.peerId) ?? ''
      void serveMailbox(session, agency, this.#kept()).then(end, async (error: unknown) => {
        if (!isAnyAmanaError(error)) throw error
        await end()
      })
    })
  }

  #kept(): Kept {
    return {
      deposit: async (_agency, bytes) => {
        this.#deposit(bytes)
        return undefined
      },
      list: async (agency, after) => ({ items: this.#list(agency, after) }),
      fetch: async (_agency, name) => this.#mail.find(({ item }) => item.name === name)?.bytes,
      acknowledge: async (_agency, names) => {
        this.#acknowledge(new Set(names))
      },
    }
  }

  #deposit(bytes: Uint8Array): void {
    if (this.#happens(DROPS)) return
    const { bucketBytes, from, to } = parseDeposit(bytes)
    const item = { at: START_SECONDS, bucketBytes, from, name: digest(bytes), place: this.#next() }
    this.#mail = [...this.#mail, { to, bytes, item }]
  }

  #list(agency: string, after: number): Listed['items'] {
    const gone = this.#acknowledged.filter(({ to }) => to === agency)
    if (after === 0 && gone.length > 0 && this.#happens(REPEATS)) {
      const { bytes, item, to } = this.#chance.pick(gone)
      this.#mail = [...this.#mail, { to, bytes, item: { ...item, place: this.#next() } }]
    }
    const items = this.#mail
      .filter((mail) => mail.to === agency && mail.item.place > after)
      .map(({ item }) => item)
      .slice(0, MOST_ITEMS)
    return this.#happens(TURNS_ROUND) ? items.toReversed() : items
  }

  #acknowledge(names: ReadonlySet<string>): void {
    const over = this.#mail.filter(({ item }) => names.has(item.name))
    this.#acknowledged = [...this.#acknowledged, ...over]
    this.#mail = this.#mail.filter((mail) => !over.includes(mail))
  }

  #next(): number {
    this.#last += 1
    return this.#last
  }

  #happens(share: number): boolean {
    return !this.isHonest && this.#chance.happens(share)
  }
}
