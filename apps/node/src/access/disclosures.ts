/**
 * What leaves commit to and do not say: made with the leaf, written in its batch, sealed under the key of its year, and
 * gone for good when its row is.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#disclosures
 */
import {
  AmanaError,
  decodeBase64url,
  decodeUtf8,
  discloseField,
  encodeBase64url,
  encodeUtf8,
  type EventName,
  type LeafDisclosure,
  type LeafField,
  type Random,
} from '@amana/core'
import { type Store, type StoreWrite } from '../ports.ts'
import { listRecords, orderKey, putRecord, RECORDS } from '../records.ts'
import { createValueCipher, type ValueCipher } from '../store/value-cipher.ts'
import { type YearKeyring, type YearKeys } from './year-keys.ts'

const VERSION = 1
/** A leaf commits to 64 values at most. */
const PER_LEAF = 64

/** Commits to fields of an event. @throws AUDIT_DISCLOSURE */
export function discloseFields(
  event: EventName,
  fields: readonly LeafField[],
  random: Random,
): readonly LeafDisclosure[] {
  return fields.map((field) => discloseField(event, field, random))
}

/** The writes that keep what the leaf at `index` committed to. */
export async function disclosureWrites(
  index: number,
  disclosures: readonly LeafDisclosure[],
  { keys, random }: { readonly keys: YearKeys; readonly random: Random },
): Promise<readonly StoreWrite[]> {
  const cipher = createValueCipher(keys.disclosures, random)
  return Promise.all(
    disclosures.map(async ({ digest, encoded }) => {
      const place = { space: RECORDS.disclosure.space, key: `${orderKey(index)}/${digest}` }
      const sealed = encodeBase64url(await cipher.seal(place, VERSION, encodeUtf8(encoded)))
      return putRecord(RECORDS.disclosure, place.key, { sealed, year: keys.year })
    }),
  )
}

/** Reads what leaves committed to, as far as it is still there. */
export class DisclosureReader {
  readonly #store: Store
  readonly #years: YearKeyring

  constructor(store: Store, years: YearKeyring) {
    this.#store = store
    this.#years = years
  }

  /** The disclosures of the leaf at `index` that were not erased. @throws STORE_DAMAGED */
  async of(index: number): Promise<readonly string[]> {
    const prefix = orderKey(index)
    const range = { gte: `${prefix}/`, lt: `${prefix}0`, limit: PER_LEAF }
    const rows = await listRecords(this.#store, RECORDS.disclosure, range)
    const opened = rows.map(async ({ key, value: { sealed, year } }) => {
      const cipher = await this.#cipherOf(year)
      const place = { space: RECORDS.disclosure.space, key }
      return cipher === undefined
        ? undefined
        : decodeUtf8(await cipher.open(place, decodeBase64url(sealed)))
    })
    return (await Promise.all(opened)).filter((encoded) => encoded !== undefined)
  }

  /** Asked anew each time: the secret of a year may have been destroyed since. */
  async #cipherOf(year: number): Promise<ValueCipher | undefined> {
    const keys = await this.#years.of(year)
    return keys === undefined ? undefined : createValueCipher(keys.disclosures, noChance)
  }
}

/** Opening draws nothing. */
function noChance(): never {
  throw new AmanaError('CLI_UNEXPECTED', { what: 'random' })
}
