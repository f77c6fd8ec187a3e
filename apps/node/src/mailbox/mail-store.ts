/**
 * What a mailbox keeps: deposits, by whom they are for, in the order in which they came, each until it is fetched and
 * acknowledged or its time is over.
 *
 * @module
 * @spec docs/spec/09-carriers.md#mailbox
 */
import { AmanaError, digest, encodeCanonical, parseCanonical, parseDeposit } from '@amana/core'
import { z } from 'zod'
import { type NodeClock, type Store, type StoreWrite } from '../ports.ts'
import { orderKey } from '../records.ts'
import { Exclusive } from '../statements/exclusive.ts'
import { type Listed, type MailboxRefusal, MOST_ITEMS } from './messages.ts'

const MailSchema = z.strictObject({
  at: z.int(),
  bucketBytes: z.int(),
  from: z.string(),
  name: z.string(),
  sizeBytes: z.int(),
})
type Mail = z.output<typeof MailSchema>
const PlaceSchema = z.strictObject({ last: z.int() })

const MAIL = 'mail'
const DEPOSIT = 'deposit'
const NAME = 'name'
const COUNTER = 'counter'
const RECORD_BYTES = 4096
const PAGE_ROWS = 1000
/** A crowd of small deposits is kept out too. */
const MOST_DEPOSITS = 20_000

/** What a mailbox is asked to keep to. */
export interface MailRules {
  readonly agencies: ReadonlySet<string>
  readonly keepSeconds: number
  /** For the deposits of one agency. */
  readonly quotaBytes: number
}

/** What lies there of one agency’s. */
export interface MailCount {
  readonly agency: string
  readonly deposits: number
  readonly sizeBytes: number
}

/** Deposits of others. */
export class MailStore {
  readonly #store: Store
  readonly #clock: NodeClock
  readonly #rules: MailRules
  readonly #exclusive = new Exclusive()
  /** What each agency has lying here. Written by `#change` only. */
  readonly #used = new Map<string, { deposits: number; sizeBytes: number }>()
  #last = 0

  private constructor(store: Store, clock: NodeClock, rules: MailRules) {
    this.#store = store
    this.#clock = clock
    this.#rules = rules
  }

  /** Opens it where the store left it. @throws STORE_DAMAGED */
  static async open(store: Store, clock: NodeClock, rules: MailRules): Promise<MailStore> {
    const mail = new MailStore(store, clock, rules)
    const last = await store.get(COUNTER, MAIL)
    mail.#last = last === undefined ? 0 : readRow(PlaceSchema, last).last
    for await (const { mail: row } of mail.#rows('')) mail.#count(row, 1)
    return mail
  }

  /** How much of each agency’s lies here. */
  get counts(): readonly MailCount[] {
    return [...this.#used].map(([agency, used]) => ({ agency, ...used }))
  }

  /** Keeps a deposit of `agency`, durable when it returns; nothing where it may not be kept, but why. @throws STORE_WRITE */
  async deposit(agency: string, bytes: Uint8Array): Promise<MailboxRefusal | undefined> {
    return this.#exclusive.run(async () => {
      const deposit = readDeposit(bytes)
      if (deposit === undefined) return 'form'
      const { bucketBytes, from, to } = deposit
      if (from !== agency || !this.#rules.agencies.has(to)) return 'peer'
      const name = digest(bytes)
      if ((await this.#store.get(NAME, `${to}/${name}`)) !== undefined) return undefined
      const used = this.#used.get(agency) ?? { deposits: 0, sizeBytes: 0 }
      const sizeBytes = bytes.byteLength
      const isFull = used.sizeBytes + sizeBytes > this.#rules.quotaBytes
      if (isFull || used.deposits >= MOST_DEPOSITS) return 'quota'
      this.#last += 1
      const mail = { at: this.#clock.now(), bucketBytes, from, name, sizeBytes }
      await this.#store.batch([
        put(MAIL, `${to}/${orderKey(this.#last)}`, mail),
        put(NAME, `${to}/${name}`, { last: this.#last }),
        put(COUNTER, MAIL, { last: this.#last }),
        { type: 'put', space: DEPOSIT, key: `${to}/${name}`, value: bytes },
      ])
      this.#count(mail, 1)
      return undefined
    })
  }

  /** What lies here for an agency, after a place. */
  async list(agency: string, after: number): Promise<Listed> {
    const gte = `${agency}/${orderKey(after + 1)}`
    const rows = await this.#store.range({ space: MAIL, gte, lt: `${agency}0`, limit: MOST_ITEMS })
    const items = rows.map(({ key, value }) => {
      const { at, bucketBytes, from, name } = readRow(MailSchema, value)
      return { at, bucketBytes, from, name, place: Number(key.slice(agency.length + 1)) }
    })
    return { items }
  }

  /** A deposit for an agency. */
  async fetch(agency: string, name: string): Promise<Uint8Array | undefined> {
    return this.#store.get(DEPOSIT, `${agency}/${name}`)
  }

  /** Lets go of deposits for an agency; what is not there changes nothing. @throws STORE_WRITE */
  async acknowledge(agency: string, names: readonly string[]): Promise<void> {
    await this.#exclusive.run(async () => {
      for (const name of names) {
        const place = await this.#store.get(NAME, `${agency}/${name}`)
        if (place === undefined) continue
        const key = `${agency}/${orderKey(readRow(PlaceSchema, place).last)}`
        const row = await this.#store.get(MAIL, key)
        if (row !== undefined) await this.#drop(agency, key, readRow(MailSchema, row))
      }
    })
  }

  /** Lets go of what lies here longer than it is kept; how many those were. @throws STORE_WRITE */
  async expire(): Promise<number> {
    return this.#exclusive.run(async () => {
      const before = this.#clock.now() - this.#rules.keepSeconds
      let gone = 0
      for await (const { key, mail } of this.#rows('')) {
        if (mail.at >= before) continue
        await this.#drop(key.slice(0, key.indexOf('/')), key, mail)
        gone += 1
      }
      return gone
    })
  }

  async #drop(agency: string, key: string, mail: Mail): Promise<void> {
    const own = `${agency}/${mail.name}`
    await this.#store.batch([
      { type: 'del', space: MAIL, key },
      { type: 'del', space: NAME, key: own },
      { type: 'del', space: DEPOSIT, key: own },
    ])
    this.#count(mail, -1)
  }

  async *#rows(from: string): AsyncGenerator<{ readonly key: string; readonly mail: Mail }> {
    for (let gte = from; ;) {
      const rows = await this.#store.range({ space: MAIL, gte, limit: PAGE_ROWS })
      for (const { key, value } of rows) yield { key, mail: readRow(MailSchema, value) }
      if (rows.length < PAGE_ROWS) return
      gte = `${rows.at(-1)?.key ?? ''}\0`
    }
  }

  #count({ from, sizeBytes }: Mail, change: 1 | -1): void {
    const used = this.#used.get(from) ?? { deposits: 0, sizeBytes: 0 }
    this.#used.set(from, {
      deposits: used.deposits + change,
      sizeBytes: used.sizeBytes + change * sizeBytes,
    })
  }
}

/** Nothing where it is none: a mailbox keeps deposits and no other files. */
function readDeposit(bytes: Uint8Array): ReturnType<typeof parseDeposit> | undefined {
  try {
    return parseDeposit(bytes)
  } catch (error) {
    if (error instanceof AmanaError) return undefined
    throw error
  }
}

function put(space: string, key: string, value: Mail | z.output<typeof PlaceSchema>): StoreWrite {
  return { type: 'put', space, key, value: encodeCanonical(value) }
}

function readRow<T>(schema: z.ZodType<T>, bytes: Uint8Array): T {
  const parsed = schema.safeParse(parseCanonical(bytes, RECORD_BYTES))
  if (!parsed.success) throw new AmanaError('STORE_DAMAGED', { space: MAIL })
  return parsed.data
}
