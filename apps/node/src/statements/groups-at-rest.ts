/**
 * Seals the groups of opened statements for the officers of the own roster, keeps to that roster when it changes, and lets
 * an officer who reads a group open it for another one.
 *
 * @module
 * @spec docs/spec/11-at-rest.md
 */
import {
  type GroupName,
  type GroupWrap,
  hasFacts,
  mayReadGroup,
  type OfficerReader,
  officerReaders,
  parseOpening,
  parseStatement,
  type Random,
  type ReadGroup,
  rebuildOpening,
  sealGroup,
  type VerifiedRoster,
} from '@amana/core'
import { type AuditWriter, type NodeClock, type Store, type StoreWrite } from '../ports.ts'
import {
  eachRecord,
  getRecord,
  type GroupRecord,
  MOST_LEFT,
  putRecord,
  RECORDS,
  type StatementRecord,
} from '../records.ts'
import { waitingGroups } from './at-rest-form.ts'
import { groupKey } from './erased-groups.ts'
import { type StatementLedger } from './statement-ledger.ts'
import { attachmentRow } from './attachment-rows.ts'
import { filesOf, type NamedFile } from './statement-values.ts'

/** What sealing at rest needs of the node. */
export interface AtRestParts {
  readonly agency: string
  readonly store: Store
  readonly audit: AuditWriter
  readonly ledger: StatementLedger
  readonly clock: NodeClock
  readonly random: Random
  readonly ownRoster: () => VerifiedRoster
}

/** A record whose groups are sealed, and the rows that they lie in. */
export interface Sealed {
  readonly record: StatementRecord
  readonly writes: readonly StoreWrite[]
}

/** Statements or groups looked at together. */
const PAGE = 64
/** For which version of the own roster the groups were looked through. */
const LOOKED = 'at-rest'
/** Spaces in which a group can lie. */
const HELD = [RECORDS.statement.space, RECORDS.group.space]

/** The groups at rest. */
export class GroupsAtRest {
  readonly #parts: AtRestParts
  /** How many records had been trimmed when the files were rewritten last. */
  #forgotten = 0

  constructor(parts: AtRestParts) {
    this.#parts = parts
  }

  /** The officers to whom keys can be wrapped now. */
  async readers(): Promise<readonly OfficerReader[]> {
    const { clock, ownRoster } = this.#parts
    return officerReaders(ownRoster().payload, clock.now())
  }

  /**
   * Seals each group of a statement that an officer reads and that is not sealed yet. Without any officer who has an
   * encryption key nothing is changed: what nobody could read again is not locked away.
   */
  async sealed(record: StatementRecord): Promise<Sealed> {
    const readers = await this.readers()
    const { kind } = parseStatement(record.statement).content
    if (record.opening === undefined || readers.length === 0 || !hasFacts(kind)) {
      return { record, writes: [] }
    }
    const opening = parseOpening(record.opening)
    const commitments = rebuildOpening(kind, opening).groups
    const sealed: Record<string, string> = { ...record.atRest?.sealed }
    const waiting: Record<string, string> = {}
    const writes: StoreWrite[] = []
    for (const group of waitingGroups(record)) {
      const open = opening.groups[group]
      const asked = this.#readGroup(record, kind, group)
      const own = readers.filter((reader) => mayReadGroup(reader, asked))
      const commitment = commitments[group]
      if (open === undefined || commitment === undefined) continue
      if (own.length === 0) {
        waiting[group] = commitment
        continue
      }
      const name = { group, statement: record.digest }
      const row = await sealGroup(name, open, { random: this.#parts.random, readers: own })
      sealed[group] = commitment
      writes.push(putRecord(RECORDS.group, groupKey(record.digest, group), row))
    }
    const { salt, withheld } = record.atRest ?? opening
    const facts = this.#parts.ledger.factsOf(record)
    const atRest = { salt, sealed, waiting, withheld }
    return { record: { ...record, ...(await this.#filesIn(record)), atRest, facts }, writes }
  }

  /** A group as it lies; nothing where it is not sealed, or was erased. @throws STORE_DAMAGED */
  async group(statement: string, group: string): Promise<GroupRecord | undefined> {
    return getRecord(this.#parts.store, RECORDS.group, groupKey(statement, group))
  }

  /**
   * Does what the newest own roster says, once for each of its versions: what waits for a reader is sealed, and keys that
   * were wrapped for officers who do not read a group any more are deleted. Nothing else may write statements meanwhile.
   *
   * @throws STORE_WRITE, STORE_DAMAGED
   */
  async followRoster(): Promise<void> {
    const { store, ownRoster } = this.#parts
    const { version } = ownRoster()
    const looked = await getRecord(store, RECORDS.counter, LOOKED)
    if (looked?.last === version || (await this.readers()).length === 0) return
    await this.#sealWaiting()
    await this.#dropLeavers()
    await store.compact(HELD)
    await this.#commit([putRecord(RECORDS.counter, LOOKED, { last: version })])
  }

  /**
   * Groups that an officer may read and cannot yet, and that another one reads, from a key of theirs on: at most `most`,
   * each with the wraps of the one who reads.
   */
  async grantable(
    by: string,
    reader: OfficerReader,
    { after, most }: { readonly after?: string | undefined; readonly most: number },
  ): Promise<readonly Grantable[]> {
    const found: Grantable[] = []
    for await (const { key, value } of eachRecord(this.#parts.store, RECORDS.group, {
      after,
      limit: PAGE,
    })) {
      const wraps = value.wraps.filter(({ officer }) => officer === by)
      if (wraps.length === 0 || isWrappedFor(value, reader)) continue
      const asked = await this.#askedOf(key)
      if (asked !== undefined && mayReadGroup(reader, asked)) found.push({ key, wraps })
      if (found.length === most) break
    }
    return found
  }

  /** The writes that let an officer read one more group; nothing where he may not, does already, or `by` does not. */
  async granting(
    by: string,
    reader: OfficerReader,
    { group, statement, wrap }: GroupName & { readonly wrap: GroupWrap },
  ): Promise<readonly StoreWrite[]> {
    const key = groupKey(statement, group)
    const row = await this.group(statement, group)
    const asked = await this.#askedOf(key)
    const isHis = wrap.officer === reader.officer && wrap.kid === reader.keyId
    const reads = row?.wraps.some(({ officer }) => officer === by) === true
    if (row === undefined || asked === undefined || !isHis || !reads) return []
    if (isWrappedFor(row, reader) || !mayReadGroup(reader, asked)) return []
    return [putRecord(RECORDS.group, key, { ...row, wraps: [...row.wraps, wrap] })]
  }

  /** Makes what was open to the node and is not any more leave the files of the store too. @throws STORE_WRITE */
  async forget(): Promise<void> {
    if (this.#parts.ledger.trims !== this.#forgotten) await this.rewrite()
  }

  /** Rewrites the files that held statements and groups: what was deleted lies in none of them. @throws STORE_WRITE */
  async rewrite(): Promise<void> {
    const { ledger, store } = this.#parts
    const { trims } = ledger
    await store.compact(HELD)
    this.#forgotten = trims
  }

  async #sealWaiting(): Promise<void> {
    for await (const { value: record } of eachRecord(this.#parts.store, RECORDS.statement, {
      limit: PAGE,
    })) {
      if (record.opening === undefined) continue
      const { record: next, writes } = await this.sealed(record)
      if (writes.length === 0 && record.atRest !== undefined) continue
      await this.#commit([this.#parts.ledger.updated(next), ...writes])
    }
  }

  async #dropLeavers(): Promise<void> {
    const { officers, revoked } = this.#parts.ownRoster().payload
    const gone = new Set<string>(revoked.map(({ kid }) => kid))
    for await (const { key, value: row } of eachRecord(this.#parts.store, RECORDS.group, {
      limit: PAGE,
    })) {
      const asked = await this.#askedOf(key)
      if (asked === undefined) continue
      const stays = ({ kid, officer }: GroupWrap): boolean =>
        !gone.has(kid) &&
        officers.some(({ id, roles }) => id === officer && mayReadGroup({ officer, roles }, asked))
      const next = withoutLeavers(row, stays)
      if (next !== row) await this.#commit([putRecord(RECORDS.group, key, next)])
    }
  }

  /** Who signed a statement and of which kind it is, for a group at a key. */
  async #askedOf(key: string): Promise<ReadGroup | undefined> {
    const [statement = '', group = ''] = key.split('/')
    const record = await this.#parts.ledger.get(statement)
    if (record === undefined) return undefined
    return this.#readGroup(record, parseStatement(record.statement).content.kind, group)
  }

  #readGroup({ signers }: StatementRecord, kind: string, group: string): ReadGroup {
    const own = signers.filter(({ agency }) => agency === this.#parts.agency)
    return { group, kind, signers: own.map(({ officer }) => officer) }
  }

  /** What has come before it is sealed, as in rows of an earlier version, is settled. */
  async #filesIn(record: StatementRecord): Promise<Pick<StatementRecord, 'attachments'>> {
    const files = filesOf(record).map(async (file) => {
      const row = await attachmentRow(this.#parts.store, file.digest, record.digest)
      const isOpen = row === undefined || row.state === 'waits'
      return isOpen ? file : { ...file, settled: true as const }
    })
    const attachments: NamedFile[] = await Promise.all(files)
    return attachments.length === 0 ? {} : { attachments }
  }

  async #commit(writes: readonly StoreWrite[]): Promise<void> {
    await this.#parts.audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
  }
}

/** A group of which a key may be wrapped for one more officer. */
export interface Grantable {
  /** Of its row: statement and group. */
  readonly key: string
  readonly wraps: readonly GroupWrap[]
}

function isWrappedFor({ wraps }: GroupRecord, { keyId }: OfficerReader): boolean {
  return wraps.some(({ kid }) => kid === keyId)
}

/** Of a group that nobody else could open, the last key stays: what is locked away for ever is lost, not protected. */
function withoutLeavers(row: GroupRecord, stays: (wrap: GroupWrap) => boolean): GroupRecord {
  const kept = row.wraps.filter(stays)
  if (kept.length === row.wraps.length || kept.length === 0) return row
  const left = row.wraps.filter((wrap) => !kept.includes(wrap)).map(({ officer }) => officer)
  const known = [...new Set([...(row.left ?? []), ...left])].slice(-MOST_LEFT)
  return { ...row, left: known, wraps: kept }
}
