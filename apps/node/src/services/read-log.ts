/**
 * A log of the own agency as it is read: the one that is written, or one before it.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#epochs
 */
import {
  AmanaError,
  formatPolicy,
  inclusionProof,
  isAnyAmanaError,
  parsePolicy,
  parseVkey,
  rootOf,
  verifyCheckpoint,
} from '@amana/core'
import { DisclosureReader } from '../access/disclosures.ts'
import { type LogHead } from '../audit/checkpoint-file.ts'
import { currentEpoch } from '../audit/epoch-store.ts'
import { verifyWholeLog } from '../audit/log-check.ts'
import { createNodeReader, readLeaves, readState } from '../audit/log-rows.ts'
import { type NodeParts } from '../node-parts.ts'
import { type AuditWriter, type Store } from '../ports.ts'
import { allRecords, RECORDS } from '../records.ts'
import { logNames } from '../vault/load-keys.ts'
import { type CosignedHead } from '../witness/witness.ts'
import { policyText } from './policy-text.ts'

/** What can be read of a log. */
export interface ReadLog {
  readonly origin: string
  /** Between the agency and the ending in the name of a file; nothing for the log that is written. */
  readonly fileMark: string
  readonly store: Store
  readonly audit: Pick<AuditWriter, 'head' | 'leaves' | 'inclusionProof'>
  readonly disclosures: DisclosureReader
  /** Up to a head that the other agency cosigned, the newest; size 0 before the first. */
  readonly newest: () => Promise<CosignedHead>
  /** The policy file by which it is verified. @throws TRUST_NO_CHARTER */
  readonly policyText: () => Promise<string>
  readonly verify: () => Promise<LogHead>
}

/**
 * The log of that number or name; without either the one that is written.
 *
 * @throws CLI_OPTION where there is none
 */
export async function logAt(parts: NodeParts, epoch: string | undefined): Promise<ReadLog> {
  const { agency, audit, disclosures, origin, store, witness } = parts
  const names = logNames(agency, Number(epoch)).origin
  if (epoch === undefined || epoch === origin || names === origin) {
    return {
      origin,
      fileMark: '',
      store,
      audit,
      disclosures,
      newest: () => witness.newest(),
      policyText: async () => policyText(parts),
      verify: () => audit.verify(),
    }
  }
  const last = await currentEpoch(store)
  for (let number = 1; number < last; number += 1) {
    const name = logNames(agency, number).origin
    if (epoch === name || epoch === String(number)) return logBefore(parts, number, name)
  }
  throw new AmanaError('CLI_OPTION', { option: '--epoch' })
}

/** A log that is not written any more: its rows are in the same store. */
async function logBefore(parts: NodeParts, number: number, origin: string): Promise<ReadLog> {
  const store = parts.storeOf(number)
  const state = await readState(store)
  if (state === undefined) throw new AmanaError('CLI_OPTION', { option: '--epoch' })
  const { cursor } = state
  const { size } = cursor.range
  const newest = (): Promise<CosignedHead> => newestUpTo(store, size)
  return {
    origin,
    fileMark: `.audit-${String(number)}`,
    store,
    audit: {
      head: () => ({ size, root: rootOf(cursor.range) }),
      leaves: (from, to) => readLeaves(store, from, to),
      inclusionProof: (index, at) => inclusionProof(createNodeReader(store), index, at),
    },
    disclosures: new DisclosureReader(store, parts.years),
    newest,
    policyText: async () => policyTextOf(parts, origin, await newest()),
    verify: () => verifyWholeLog(store, cursor),
  }
}

/** The store may be an older copy, so not every cosigned head is in it. */
async function newestUpTo(store: Store, most: number): Promise<CosignedHead> {
  const rows = await allRecords(store, RECORDS.note, {})
  const heads = rows.map(({ key, value }) => {
    const [size = 0, time = 0] = key.split('/').map(Number)
    return { size, time, note: value.note }
  })
  return heads.findLast(({ size }) => size <= most) ?? { size: 0, time: 0, note: '' }
}

/**
 * By the newest own roster that names this log, and the newest one of the other agency whose witness cosigned its newest
 * head: it may have begun another log, too.
 */
async function policyTextOf(
  { agency, trust }: NodeParts,
  origin: string,
  { note }: CosignedHead,
): Promise<string> {
  const { charter } = trust.view()
  const rosters = trust.allRosters.toSorted((a, b) => b.version - a.version)
  const own = rosters.find(
    (roster) => roster.agency === agency && roster.payload.nodes[0]?.log.origin === origin,
  )
  const others = rosters.filter((roster) => roster.agency === trust.peer())
  if (own === undefined) throw new AmanaError('TRUST_NO_ROSTER', { agency })
  for (const other of others) {
    const text = formatPolicy(charter, [own, other])
    if (note === '' || (await isCosignedBy(text, origin, note))) return text
  }
  throw new AmanaError('TRUST_NO_ROSTER', { agency: trust.peer() })
}

async function isCosignedBy(text: string, origin: string, note: string): Promise<boolean> {
  const { logs, witnesses } = parsePolicy(text)
  const log = logs.find((one) => one.origin === origin)
  const others = witnesses.filter(({ agency }) => agency !== log?.agency)
  try {
    await verifyCheckpoint(note, {
      origin,
      logKeys: (log?.keys ?? []).map((key) => parseVkey(key)),
      witnesses: others.map(({ keys }) => {
        const parsed = keys.map((key) => parseVkey(key))
        return { name: parsed[0]?.name ?? '', keys: parsed }
      }),
      quorum: 1,
    })
    return true
  } catch (error) {
    if (isAnyAmanaError(error)) return false
    throw error
  }
}
