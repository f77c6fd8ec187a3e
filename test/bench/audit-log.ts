/**
 * The log on the disk: a durable leaf against a bare file with one sync, alone and with 64 waiting; opening a long log, and
 * proofs from it.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type NewEvent } from '@amana/core'
import {
  beginStoredLog,
  openStoredLog,
  sentEvent,
  type StoredLog,
  temporaryFolder,
} from '../support/store-fixture.ts'
import { type Figure, type Section } from './figures.ts'
import { percentile, spreadOf } from './statistics.ts'
import { SyncedFile } from './synced-file.ts'

/** How much is measured. */
export interface AuditEffort {
  readonly rounds: number
  /** Leaves a round, one after the other. */
  readonly alone: number
  /** Leaves a round, 64 waiting at a time. */
  readonly together: number
  /** Leaves of the log that is opened and asked for proofs. */
  readonly long: number
}

const IN_FLIGHT = 64
/** A leaf of the sample event has about as many bytes. */
const LEAF_BYTES = 320
/** Leaves of one commit while the long log is filled. */
const FILL = 512
const PROOFS = 400

/** Measures all of it in a folder that is removed. */
export async function measureAuditLog(effort: AuditEffort): Promise<Section> {
  await using folder = await temporaryFolder()
  const appends = await measureAppends(folder.path, effort)
  const long = await measureLongLog(join(folder.path, 'long'), effort)
  return {
    title: 'The log on the disk',
    figures: [...appends, ...long],
    notes: [
      'Reference: as many bytes appended to a bare file and synced, one after the other, in the same round.',
      'A durable leaf takes two syncs: the store’s, and that of the guard against an older copy of it.',
      'The long log was closed in good order: opening leaves the tables of its tree for later.',
    ],
  }
}

async function measureAppends(path: string, effort: AuditEffort): Promise<readonly Figure[]> {
  await using log = await beginStoredLog(join(path, 'short'))
  await mkdir(join(path, 'bare'))
  const bare = await SyncedFile.create(join(path, 'bare', 'file'))
  const rounds: (readonly [number, number, number])[] = []
  for (let round = 0; round <= effort.rounds; round += 1) {
    const raw = await timesOf(effort.alone, () => bare.append(Buffer.alloc(LEAF_BYTES, 0x61)))
    const alone = await timesOf(effort.alone, () => commit(log, [sentEvent('alone')]))
    const together = await rateOf(effort.together, () => commit(log, [sentEvent('together')]))
    // the first round only warms up
    if (round > 0) rounds.push([percentile(raw, 0.5), percentile(alone, 0.5), together])
  }
  await bare.close()
  return appendFigures(rounds)
}

function appendFigures(rounds: readonly (readonly [number, number, number])[]): readonly Figure[] {
  const of = (pick: (round: readonly [number, number, number]) => number) =>
    spreadOf(rounds.map((round) => pick(round)))
  return [
    {
      name: 'append and sync of a bare file, p50',
      unit: 'ms',
      reference: true,
      ...of(([raw]) => raw),
    },
    { name: 'durable leaf, alone, p50', unit: 'ms', ...of(([, alone]) => alone) },
    {
      name: 'its rate, to that of the bare file',
      unit: 'times',
      ...of(([raw, alone]) => raw / alone),
    },
    { name: 'durable leaves, 64 waiting', unit: 'per second', ...of(([, , rate]) => rate) },
    {
      name: 'their rate, to that of the bare file',
      unit: 'times',
      ...of(([raw, , rate]) => (rate * raw) / 1000),
    },
  ]
}

async function measureLongLog(path: string, effort: AuditEffort): Promise<readonly Figure[]> {
  await fillLog(path, effort.long)
  const opened: number[] = []
  for (let round = 0; round < effort.rounds; round += 1) {
    const since = performance.now()
    await using log = await openStoredLog(path)
    opened.push(performance.now() - since)
    if (log.writer.head().size < effort.long) throw new Error('the log is short')
  }
  await using log = await openStoredLog(path)
  const { size } = log.writer.head()
  let index = 0
  const proofs = await timesOf(PROOFS, () => {
    index = (index + 7919 * 7919) % size
    return log.writer.inclusionProof(index, size)
  })
  const leaves = effort.long.toLocaleString('en')
  return [
    { name: `open a log of ${leaves} leaves`, unit: 'ms', ...spreadOf(opened) },
    { name: `inclusion proof in it, p50`, unit: 'ms', ...spreadOf([percentile(proofs, 0.5)]) },
    { name: `inclusion proof in it, p99`, unit: 'ms', ...spreadOf([percentile(proofs, 0.99)]) },
  ]
}

async function fillLog(path: string, leaves: number): Promise<void> {
  await using log = await beginStoredLog(path)
  const events = Array.from({ length: FILL }, (_, number) => sentEvent(String(number)))
  while (log.writer.head().size < leaves) {
    await Promise.all([commit(log, events), commit(log, events), commit(log, events)])
  }
}

function commit({ writer }: StoredLog, events: readonly NewEvent[]): Promise<unknown> {
  return writer.commit({ events, writes: () => Promise.resolve({ writes: [], events: [] }) })
}

async function timesOf(count: number, work: () => Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = []
  while (times.length < count) {
    const since = performance.now()
    await work()
    times.push(performance.now() - since)
  }
  return times
}

/** How many a second, 64 callers each waiting for its own. */
async function rateOf(count: number, work: () => Promise<unknown>): Promise<number> {
  const since = performance.now()
  const caller = async (): Promise<void> => {
    for (let done = 0; done < count / IN_FLIGHT; done += 1) await work()
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller))
  return (count * 1000) / (performance.now() - since)
}
