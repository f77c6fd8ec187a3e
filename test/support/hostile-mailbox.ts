/**
 * A mailbox that drops, damages, reorders, replays, withholds and invents, as its seed says, and counts what it did.
 *
 * @module
 * @spec docs/spec/09-carriers.md#mailbox
 */
import { digest, encodeUtf8, parseDeposit } from '@amana/core'
import { Chance } from '../../apps/node/src/sim/chance.ts'
import { type Kept } from './open-mail.ts'

interface Lying {
  readonly bytes: Uint8Array
  readonly from: string
  isFetched: boolean
}

/** How often it did what. */
export interface Misdeeds {
  dropped: number
  damaged: number
  invented: number
  replayed: number
  swapped: number
  withheld: number
}

type Listed = Awaited<ReturnType<Kept['list']>>
type Item = Listed['items'][number]

/** Lists of one visit that hold something: a node asks again until one is empty. */
const LISTS = 2

/** The mailbox; what is deposited for an agency never goes. */
export class HostileMailbox implements Kept {
  readonly misdeeds: Misdeeds = {
    dropped: 0,
    damaged: 0,
    invented: 0,
    replayed: 0,
    swapped: 0,
    withheld: 0,
  }
  /** When it is honest it shows everything once, in order. */
  isHonest = false
  readonly #chance: Chance
  readonly #lying = new Map<string, Map<string, Lying>>()
  #lists = 0

  constructor(seed: string) {
    this.#chance = new Chance(`mailbox ${seed}`)
  }

  async deposit(_agency: string, bytes: Uint8Array): Promise<undefined> {
    const { from, to } = parseDeposit(bytes)
    if (this.#does('dropped', 0.3)) return
    const lying = this.#of(to)
    lying.set(digest(bytes), { bytes, from, isFetched: false })
    if (!this.#does('damaged', 0.2)) return
    const damaged = bytes.with(this.#chance.below(bytes.byteLength), 0x41)
    lying.set(digest(damaged), { bytes: damaged, from, isFetched: false })
  }

  async list(agency: string, after: number): Promise<Listed> {
    this.#lists = after === 0 ? 1 : this.#lists + 1
    if (this.#lists > (this.isHonest ? 1 : LISTS)) return { items: [] }
    const names = [...this.#of(agency)].filter(([, lying]) => this.#shows(lying))
    const shown = this.isHonest ? names : names.toSorted(() => this.#chance.between(-1, 1))
    const items = shown.map(([name, { from }]) => ({ bucketBytes: 4096, from, name }))
    while (this.#does('invented', 0.4)) {
      items.push({ bucketBytes: 4096, from: agency, name: digest(this.#chance.bytes(8)) })
    }
    return { items: items.map((item, at): Item => ({ ...item, at: 1, place: after + at + 1 })) }
  }

  async fetch(agency: string, name: string): Promise<Uint8Array | undefined> {
    const lying = this.#of(agency)
    const asked = lying.get(name)
    if (asked === undefined) return this.#chance.happens(0.5) ? encodeUtf8('{}') : undefined
    if (this.#does('swapped', 0.1)) return this.#chance.pick([...lying.values()]).bytes
    return asked.bytes
  }

  async acknowledge(agency: string, names: readonly string[]): Promise<void> {
    for (const name of names) {
      const lying = this.#of(agency).get(name)
      if (lying !== undefined) lying.isFetched = true
    }
  }

  #shows(lying: Lying): boolean {
    if (lying.isFetched) return this.#does('replayed', 0.3)
    return !this.#does('withheld', 0.3)
  }

  #does(misdeed: keyof Misdeeds, share: number): boolean {
    if (this.isHonest || !this.#chance.happens(share)) return false
    this.misdeeds[misdeed] += 1
    return true
  }

  #of(agency: string): Map<string, Lying> {
    const known = this.#lying.get(agency)
    if (known !== undefined) return known
    const lying = new Map<string, Lying>()
    this.#lying.set(agency, lying)
    return lying
  }
}
