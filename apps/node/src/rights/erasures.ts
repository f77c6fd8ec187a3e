/**
 * Erasing groups: what may go, the leaf before, the destruction of keys, bytes and files, and the leaf after. Where it is
 * interrupted it goes on at the next start.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#erasure
 */
import { type Actor } from '../access/officers.ts'
import { recordAct } from '../access/recorded.ts'
import { type NodeParts } from '../node-parts.ts'
import {
  allRecords,
  type ErasureRecord,
  orderKey,
  putRecord,
  RECORDS,
  type StatementRecord,
} from '../records.ts'
import { isOnItsWay } from '../statements/at-rest-form.ts'
import {
  commitmentsOf,
  groupDeletions,
  groupsHere,
  withoutGroups,
} from '../statements/erased-groups.ts'
import { erasedFiles } from './erased-files.ts'
import { type Hold, HoldBook } from './holds.ts'
import { endedWrites } from './life.ts'

/** Groups of one statement. */
export interface Target {
  readonly statement: string
  readonly groups: readonly string[]
}

/** What stands in the way of a group, or that it goes: `due`. */
export type GroupState = 'absent' | 'due' | 'erased' | 'held' | 'on-way'

/** What would become of one target. */
export interface TargetPlan {
  readonly statement: string
  readonly groups: Readonly<Record<string, GroupState>>
  /** The hold that keeps it. */
  readonly hold?: Pick<Hold, 'by' | 'leaf' | 'reason' | 'until'>
}

/** Who erases, why, and by which order. */
export interface Erasing {
  readonly basis: ErasureRecord['basis']
  /** Without one it is the end of its time. */
  readonly order?: string
  readonly fields: readonly { readonly name: string; readonly value: string }[]
  readonly who: Actor
  readonly second: Actor
}

/** Of the rows of what was erased at the end of its time. */
const RETENTION = 'retention'

type Rows = readonly { readonly key: string; readonly value: ErasureRecord }[]

/** What would become of each group now. @throws STORE_DAMAGED */
export async function planErasure(
  parts: NodeParts,
  targets: readonly Target[],
): Promise<readonly TargetPlan[]> {
  const holds = await HoldBook.read(parts)
  return Promise.all(targets.map((target) => planTarget(parts, holds, target)))
}

async function planTarget(
  { ledger }: NodeParts,
  holds: HoldBook,
  { groups, statement }: Target,
): Promise<TargetPlan> {
  const record = await ledger.get(statement)
  const hold = record && holds.of(ledger, record)
  const states = groups.map((group) => [group, stateOf(record, group, hold !== undefined)] as const)
  const isKept = states.some(([, state]) => state === 'held')
  return {
    groups: Object.fromEntries(states),
    statement,
    ...(hold === undefined || !isKept
      ? {}
      : { hold: { by: hold.by, leaf: hold.leaf, reason: hold.reason, until: hold.until } }),
  }
}

function stateOf(record: StatementRecord | undefined, group: string, isHeld: boolean): GroupState {
  if (record === undefined || !groupsHere(record).includes(group)) return 'absent'
  if (record.erased?.includes(group) === true) return 'erased'
  if (isHeld) return 'held'
  return isOnItsWay(record) ? 'on-way' : 'due'
}

/**
 * Erases what is due of the targets. The leaves are durable before anything is destroyed; when this returns no file of the
 * store has the bytes. What was erased before is passed over.
 *
 * @throws STORE_WRITE, STORE_DAMAGED
 */
export async function erase(
  parts: NodeParts,
  targets: readonly Target[],
  erasing: Erasing,
): Promise<readonly TargetPlan[]> {
  return parts.outbox.alone(() =>
    parts.inbox.alone(async () => {
      const plan = await planErasure(parts, targets)
      const due = plan.map(({ groups, statement }) => ({ groups: dueIn(groups), statement }))
      const begun = due.filter(({ groups }) => groups.length > 0)
      if (begun.length > 0) await finish(parts, await begin(parts, begun, erasing))
      return plan
    }),
  )
}

function dueIn(groups: TargetPlan['groups']): readonly string[] {
  return Object.keys(groups).filter((group) => groups[group] === 'due')
}

/** The leaves that say what will be destroyed, each with the row by which it goes on when it is interrupted. */
async function begin(
  parts: NodeParts,
  targets: readonly Target[],
  { basis, fields, order, second, who }: Erasing,
): Promise<Rows> {
  const digests = await Promise.all(
    targets.map(async ({ groups, statement }) => {
      const record = await parts.ledger.get(statement)
      const commitments = record === undefined ? {} : commitmentsOf(record)
      return [statement, ...groups.flatMap((group) => commitments[group] ?? [])]
    }),
  )
  const approvers = [...new Set([who.actor, second.actor])]
  let rows: Rows = []
  await recordAct(parts, {
    who,
    leaves: targets.map((_target, at) => ({
      event: 'g.erasure',
      data: { approvers, basis, digests: digests[at] ?? [], keys: [] },
    })),
    fields: [...second.fields, ...fields],
    writes: (leaves) => {
      rows = targets.map(({ groups, statement }, at) => {
        const leaf = leaves[at]?.index ?? 0
        const key = `${order ?? RETENTION}/${orderKey(leaf)}`
        return { key, value: { basis, groups: [...groups], leaf, statement } }
      })
      return rows.map(({ key, value }) => putRecord(RECORDS.erasure, key, value))
    },
  })
  return rows
}

/** Destroys, rewrites the files of the store, and says so in the log. */
async function finish(parts: NodeParts, rows: Rows): Promise<void> {
  for (const { value } of rows) await destroy(parts, value)
  await parts.atRest.rewrite()
  const at = parts.clock.now()
  await parts.audit.commit({
    events: rows.map(({ value: { leaf: ref } }) => ({
      event: 'g.erased',
      actor: 'sys',
      data: { done: 'all', ref },
    })),
    writes: async (leaves) => ({
      events: [],
      writes: rows.map(({ key, value }, index) => {
        const done = { at, hash: leaves[index]?.hash ?? '' }
        return putRecord(RECORDS.erasure, key, { ...value, done })
      }),
    }),
  })
}

async function destroy(parts: NodeParts, { groups, statement }: ErasureRecord): Promise<void> {
  const record = await parts.ledger.get(statement)
  if (record === undefined) return
  const files = await erasedFiles(parts, record, groups)
  const writes = [
    parts.ledger.updated(withoutGroups(record, groups)),
    ...groupDeletions(statement, groups),
    ...files.writes,
    ...(await endedWrites(parts, record)),
  ]
  await parts.audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
  for (const digest of files.unnamed) await parts.blobs.drop(digest)
}

/** Goes on with what a stop interrupted; how many statements it were. @throws STORE_WRITE, STORE_DAMAGED */
export async function resumeErasures(parts: NodeParts): Promise<number> {
  const rows = await allRecords(parts.store, RECORDS.erasure, {})
  const open = rows.filter(({ value }) => value.done === undefined)
  if (open.length > 0) await finish(parts, open)
  return open.length
}

/** What was erased by an order. @throws STORE_DAMAGED */
export async function erasedBy(
  store: NodeParts['store'],
  order: string,
): Promise<readonly ErasureRecord[]> {
  const rows = await allRecords(store, RECORDS.erasure, { gte: `${order}/`, lt: `${order}0` })
  return rows.map(({ value }) => value)
}
