/**
 * The statements of both directions, in the order in which this node came to know them, with an index by referral whose
 * keys say nothing to who reads the disk.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */
import {
  areaOfKind,
  deriveFacts,
  hasFacts,
  encodeBase64url,
  encodeUtf8,
  type GeneralJws,
  hmacSha256,
  parseStatement,
  referralReferenceOf,
  signaturesDigest,
  type VerifiedSigner,
} from '@amana/core'
import { z } from 'zod'
import { type Store, type StoreWrite } from '../ports.ts'
import {
  allRecords,
  getRecord,
  listRecords,
  orderKey,
  putRecord,
  RECORDS,
  type StatementRecord,
} from '../records.ts'
import { trimmed } from './at-rest-form.ts'

import { attachmentWrites } from './attachment-rows.ts'
import { valuesOf } from './statement-values.ts'

const FactsSchema = z.record(z.string(), z.record(z.string(), z.json()))
const BLIND_BYTES = 24
const MARK_BYTES = 12

/** The order counter lives in memory; the store's last key restores it. */
export class StatementLedger {
  readonly #store: Store
  readonly #indexKey: Uint8Array
  #next: number
  #trims = 0

  private constructor(store: Store, indexKey: Uint8Array, next: number) {
    this.#store = store
    this.#indexKey = indexKey
    this.#next = next
  }

  /** @param indexKey 32 bytes that never leave the node */
  static async open(store: Store, indexKey: Uint8Array): Promise<StatementLedger> {
    const [last] = await listRecords(store, RECORDS.order, { limit: 1, reverse: true })
    return new StatementLedger(store, indexKey, last === undefined ? 1 : Number(last.key) + 1)
  }

  /**
   * The writes that make a new statement known. One that was refused takes neither its message id nor its referral, and
   * its signatures are kept apart: the same statement may come with others and take its record.
   */
  added(record: StatementRecord): readonly StoreWrite[] {
    const { digest } = record
    const order = orderKey(this.#next)
    this.#next += 1
    const known = [this.updated(record), putRecord(RECORDS.order, order, { digest })]
    if (record.state === 'refused') return [...known, signedWrite(digest, record.statement)]
    const { content } = parseStatement(record.statement)
    const reference = referralReferenceOf(content.kind, this.factsOf(record))
    return [
      ...known,
      putRecord(RECORDS.identity, `${content.iss}/${content.jti}`, { digest }),
      ...(areaOfKind(content.kind) === 'rights'
        ? [putRecord(RECORDS.rights, order, { digest })]
        : []),
      ...attachmentWrites(record),
      ...(reference === undefined
        ? []
        : [putRecord(RECORDS.referral, `${this.referralKey(reference)}/${order}`, { digest })]),
    ]
  }

  /** The writes for a statement that came again and whose record stays: signatures that it has not are kept beside it. */
  cameAgain({ digest, statement }: StatementRecord, again: GeneralJws): readonly StoreWrite[] {
    const isSame = signaturesDigest(statement) === signaturesDigest(again)
    return isSame ? [] : [signedWrite(digest, again)]
  }

  /** The write that changes a known statement; what nothing waits for any more is open to officers alone. */
  updated(record: StatementRecord): StoreWrite {
    const kept = trimmed(record)
    if (kept !== record) this.#trims += 1
    return putRecord(RECORDS.statement, record.digest, withoutAbsent(kept))
  }

  /** How many records have been written with less than they had. */
  get trims(): number {
    return this.#trims
  }

  /** What the machine reads of a statement. */
  factsOf(record: StatementRecord): NonNullable<StatementRecord['facts']> {
    if (record.facts !== undefined) return record.facts
    const { kind } = parseStatement(record.statement).content
    const values = valuesOf(record)
    const facts = hasFacts(kind) ? deriveFacts(kind, values, (text) => this.#markOf(text)) : values
    return FactsSchema.parse(facts)
  }

  /** One statement. @throws STORE_DAMAGED */
  async get(digest: string): Promise<StatementRecord | undefined> {
    return getRecord(this.#store, RECORDS.statement, digest)
  }

  /** A statement with exactly the signatures of that digest; nothing where it never came with them. @throws STORE_DAMAGED */
  async signedWith(digest: string, signatures: string): Promise<GeneralJws | undefined> {
    const record = await this.get(digest)
    if (record === undefined) return undefined
    if (signaturesDigest(record.statement) === signatures) return record.statement
    // after the record: whoever takes its place meanwhile leaves the signatures of before here
    const beside = await getRecord(this.#store, RECORDS.signed, signedKey(digest, signatures))
    return beside?.statement
  }

  /** The one statement whose digest begins so; nothing where there is none, or more than one. */
  async find(prefix: string): Promise<StatementRecord | undefined> {
    const range = { gte: prefix, lt: `${prefix}~`, limit: 2 }
    const [found, another] = await listRecords(this.#store, RECORDS.statement, range)
    return another === undefined ? found?.value : undefined
  }

  /** The newest statements first, at most `limit`; one that was refused before it was opened stands where it was opened. */
  async newest(limit: number): Promise<readonly StatementRecord[]> {
    const rows = await listRecords(this.#store, RECORDS.order, { limit, reverse: true })
    return this.#records([...new Set(rows.map(({ value }) => value.digest))])
  }

  /** The statements of one referral, oldest first; what was withdrawn never was a step of it. */
  async ofReferral(reference: string): Promise<readonly StatementRecord[]> {
    const prefix = this.referralKey(reference)
    const range = { gte: `${prefix}/`, lt: `${prefix}0` }
    const rows = await allRecords(this.#store, RECORDS.referral, range)
    return this.#standing(rows.map(({ value }) => value.digest))
  }

  /** The statements of every referral, each oldest first. */
  async referrals(): Promise<readonly (readonly StatementRecord[])[]> {
    const rows = await allRecords(this.#store, RECORDS.referral, {})
    const groups = Map.groupBy(rows, ({ key }) => key.slice(0, key.indexOf('/')))
    return Promise.all(
      [...groups.values()].map((group) => this.#standing(group.map(({ value }) => value.digest))),
    )
  }

  /** The statements about persons’ rights, oldest first; what was withdrawn says nothing. */
  async rights(): Promise<readonly StatementRecord[]> {
    const rows = await allRecords(this.#store, RECORDS.rights, {})
    return this.#standing([...new Set(rows.map(({ value }) => value.digest))])
  }

  /** The digest under which an issuer's message id is known. */
  async digestOf(issuer: string, messageId: string): Promise<string | undefined> {
    const known = await getRecord(this.#store, RECORDS.identity, `${issuer}/${messageId}`)
    return known?.digest
  }

  async #standing(digests: readonly string[]): Promise<readonly StatementRecord[]> {
    return (await this.#records(digests)).filter(({ state }) => state !== 'withdrawn')
  }

  async #records(digests: readonly string[]): Promise<readonly StatementRecord[]> {
    const found = await Promise.all(digests.map((digest) => this.get(digest)))
    return found.filter((record) => record !== undefined)
  }

  /** By which the two halves of a joint act are compared; it tells nobody the text who has not the node's keys. */
  #markOf(text: string): string {
    const field = encodeUtf8(`text\0${text}`)
    return encodeBase64url(hmacSha256(this.#indexKey, field).subarray(0, MARK_BYTES))
  }

  /** What stands for a referral in keys; it tells nobody the reference who has not the node’s keys. */
  referralKey(reference: string): string {
    const field = encodeUtf8(`referral\0${reference}`)
    return encodeBase64url(hmacSha256(this.#indexKey, field).subarray(0, BLIND_BYTES))
  }
}

/** Signers as a record keeps them. */
export function signerRecords(signers: readonly VerifiedSigner[]): StatementRecord['signers'] {
  return signers.map(({ act, keyId, officer }) => ({
    act,
    agency: officer.agency,
    keyId,
    officer: officer.id,
    organisation: officer.organisation,
    roles: [...officer.roles],
  }))
}

function signedWrite(digest: string, statement: GeneralJws): StoreWrite {
  const key = signedKey(digest, signaturesDigest(statement))
  return putRecord(RECORDS.signed, key, { statement })
}

function signedKey(digest: string, signatures: string): string {
  return `${digest}/${signatures}`
}

function withoutAbsent(record: StatementRecord): StatementRecord {
  const members = Object.entries(record).filter(([, value]) => value !== undefined)
  return { ...record, ...Object.fromEntries(members) }
}
