/**
 * The own agency begins another log: on a folder that no node runs on, since the log that is there may not open any more.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#epochs
 */
import {
  AmanaError,
  countersignLogEpoch,
  createCursor,
  type Digest,
  digest,
  DigestSchema,
  encodeBase64url,
  type ErrorCode,
  followLeaf,
  formatVkey,
  type GeneralJws,
  isAnyAmanaError,
  leafHash,
  loadRange,
  nextLeaves,
  type NoteKey,
  type NextLeaves,
  type ParsedEpoch,
  parseLeaf,
  parseLogEpoch,
  type PreviousLog,
  type PrivateKey,
  rootOf,
  signLogEpoch,
  verifyCheckpoint,
  verifyLogEpoch,
} from '@amana/core'
import { openAuditWriter } from '../audit/audit-writer.ts'
import { openCheckpointFile } from '../audit/checkpoint-file.ts'
import { currentEpoch, epochWrite, headsFileOf, storeOfEpoch } from '../audit/epoch-store.ts'
import { createNodeReader, leafWrites, readState, stateWrites } from '../audit/log-rows.ts'
import { type NodeOptions, openFolder, type OpenedFolder } from '../node-parts.ts'
import { type AuditWriter, type Store } from '../ports.ts'
import { listRecords, putRecord, RECORDS } from '../records.ts'
import { rosterKeysOf } from '../services/epoch-services.ts'
import { rosterKeystoreOf } from '../services/key-facts.ts'
import { TrustState } from '../trust/trust-state.ts'
import { type LogSigners, logNames } from '../vault/load-keys.ts'
import { type RosterKeystores } from './rosters.ts'

/** A folder of which the log may be older than it should be. */
interface ClosedFolder extends OpenedFolder, AsyncDisposable {
  readonly agency: string
  readonly epoch: number
  /** The store as that log sees it. */
  readonly own: Store
  readonly trust: TrustState
}

/** What is said of the log before. */
export interface EpochWish {
  readonly reason: PreviousLog['reason']
  /** The newest head that the other agency cosigned, where this store does not have it. */
  readonly last?: string
}

/**
 * Makes the keys and the first leaf of the next log, and signs the proposal with the roster key. Nothing counts yet.
 *
 * @throws STORE_LOCKED while a node runs; STORE_FILE; as `verifyCheckpoint` when `last` is no head of the own log
 */
export async function proposeEpoch(
  options: NodeOptions,
  wish: EpochWish,
  rosterKey: PrivateKey<'Ed25519'>,
): Promise<ParsedEpoch> {
  await using opened = await openClosed(options)
  const { agency, clock, epoch, ring } = opened
  const prev = await previousOf(opened, wish)
  await ring.makeEpoch(epoch + 1)
  const signers = await signersOf(opened, epoch + 1)
  const { origin } = logNames(agency, epoch + 1)
  const keys = noteKeysOf(signers).map((key) => formatVkey(key))
  const genesis = { event: 'g.genesis', actor: 'sys', data: { agency, keys, prev } }
  const [first] = nextLeaves(createCursor(origin), [genesis], clock.nowMs()).leaves
  const bytes = first?.bytes ?? new Uint8Array()
  const content = {
    agency,
    first: encodeBase64url(bytes),
    iat: clock.now(),
    log: { ...vkeysOf(signers), genesis: digestOf(leafHash(bytes)), origin },
    v: 1 as const,
  }
  return parseLogEpoch(await signLogEpoch(content, rosterKey))
}

/** Keystores of the roster keys, of a folder whose log may not open; as `rosterKeystores` says them of a node. */
export async function closedRosterKeystores(options: NodeOptions): Promise<RosterKeystores> {
  await using opened = await openClosed(options)
  const { rosterKeys } = opened.trust
  const inForce = rosterKeys.filter(({ named }) => named === 'in-force')
  return {
    inForce: await Promise.all(inForce.map((key) => rosterKeystoreOf(key))),
    isChanging: rosterKeys.some(({ named }) => named === 'next'),
  }
}

/** Adds the other agency's signature to a proposal that was checked. */
export function signEpoch(
  epoch: ParsedEpoch,
  rosterKey: PrivateKey<'Ed25519'>,
): Promise<GeneralJws> {
  return countersignLogEpoch(epoch, rosterKey)
}

/**
 * Closes the log that is there, where it still opens and has all that was cosigned, and begins the agreed one. Again after a
 * crash it goes on where it was. The next roster names the new log: that is the caller's.
 *
 * @throws WIRE_SIG when one of the two agencies did not sign; AUDIT_EPOCH when it is not for this folder; STORE_WRITE
 */
export async function beginEpoch(options: NodeOptions, value: unknown): Promise<ParsedEpoch> {
  await using opened = await openClosed(options)
  const epoch = parseLogEpoch(value)
  await assertForUs(opened, epoch)
  if (epoch.epoch === opened.epoch) return epoch
  await closeLog(opened, epoch)
  const { cursor, nodes, placed } = followLeaf(createCursor(epoch.content.log.origin), epoch.first)
  const next: NextLeaves = { leaves: [placed], nodes, cursor }
  const heads = await openCheckpointFile(headsFileOf(opened.config.node.checkpoints, epoch.epoch))
  try {
    await heads.append({ size: 1, root: rootOf(cursor.range), commits: 1 })
  } finally {
    await heads.close()
  }
  const record = { agreement: { ...epoch.jws }, before: epoch.prev.log }
  await storeOfEpoch(opened.store, epoch.epoch).batch([
    ...leafWrites(next),
    ...stateWrites({ cursor, commits: 1 }),
    putRecord(RECORDS.epoch, epoch.content.log.origin, record),
    epochWrite(epoch.epoch),
  ])
  return epoch
}

async function openClosed(options: NodeOptions): Promise<ClosedFolder> {
  const folder = await openFolder(options)
  await using closing = new AsyncDisposableStack()
  closing.defer(() => folder.store.close())
  const { id: agency } = folder.config.agency
  const epoch = await currentEpoch(folder.store)
  const own = storeOfEpoch(folder.store, epoch)
  const trust = await TrustState.load({ store: own, audit: NO_WRITER, clock: folder.clock, agency })
  const open = closing.move()
  return { ...folder, agency, epoch, own, trust, [Symbol.asyncDispose]: () => open.disposeAsync() }
}

async function signersOf({ agency, ring }: ClosedFolder, epoch: number): Promise<LogSigners> {
  const signers = await ring.signersOf(agency, epoch)
  if (signers === undefined) throw new AmanaError('AUDIT_EPOCH', { reason: 'keys' })
  return signers
}

function noteKeysOf({ log, witness }: LogSigners): readonly NoteKey[] {
  return [log.ed25519, log.mlDsa44, witness.ed25519, witness.mlDsa44]
}

function vkeysOf({ log, witness }: LogSigners): {
  log: [string, string]
  witness: [string, string]
} {
  return { log: pairOf(log), witness: pairOf(witness) }
}

function pairOf({ ed25519, mlDsa44 }: LogSigners['log']): [string, string] {
  return [formatVkey(ed25519), formatVkey(mlDsa44)]
}

function digestOf(hash: Uint8Array): Digest {
  return DigestSchema.parse(encodeBase64url(hash))
}

/** Nothing is logged in a log that is about to end. */
const NO_WRITER: AuditWriter = {
  commit: () => refuse(),
  head: () => ({ size: 0, root: new Uint8Array() }),
  checkpoint: () => refuse(),
  leaves: () => refuse(),
  consistencyProof: () => refuse(),
  inclusionProof: () => refuse(),
}

function refuse(): Promise<never> {
  return Promise.reject(new AmanaError('STORE_WRITE', { reason: 'closed' }))
}

/** The newest head that both know: the own newest one, or one that the other agency gave. */
async function previousOf(opened: ClosedFolder, { last, reason }: EpochWish): Promise<PreviousLog> {
  const { agency, epoch, own } = opened
  const log = logNames(agency, epoch).origin
  const kept = (await readState(own))?.cursor.range.size ?? 0
  const [row] = await listRecords(own, RECORDS.note, { limit: 1, reverse: true })
  const notes = [row?.value.note, last].filter((note) => note !== undefined)
  const { log: signers } = await signersOf(opened, epoch)
  const logKeys = [signers.ed25519, signers.mlDsa44]
  const policy = { origin: log, logKeys, witnesses: [], quorum: 0 }
  const heads = await Promise.all(notes.map((note) => verifyCheckpoint(note, policy)))
  const newest = heads.toSorted((a, b) => b.size - a.size)[0]
  if (newest === undefined) {
    const genesis = opened.trust.ownRoster.payload.nodes[0]?.log.genesis ?? digest('')
    return { kept, log, reason, root: genesis, size: 1 }
  }
  const { note, root, size } = newest
  return { kept, log, note: digest(note), reason, root: digestOf(root), size }
}

async function assertForUs(opened: ClosedFolder, epoch: ParsedEpoch): Promise<void> {
  const { agency, trust } = opened
  const { content } = epoch
  if (content.agency !== agency) throw new AmanaError('AUDIT_EPOCH', { reason: 'agency' })
  const keys = [agency, trust.peer()].map((signer) => rosterKeysOf(opened, signer))
  await verifyLogEpoch(epoch, keys)
  if (epoch.epoch !== opened.epoch && epoch.epoch !== opened.epoch + 1) {
    throw new AmanaError('AUDIT_EPOCH', { reason: 'origin' })
  }
  const { log, witness } = vkeysOf(await signersOf(opened, epoch.epoch))
  const held = [...log, ...witness].join(' ')
  if ([...content.log.log, ...content.log.witness].join(' ') !== held) {
    throw new AmanaError('AUDIT_EPOCH', { reason: 'keys' })
  }
}

/** What an older copy or a damaged store opens with: its log is not continued, not even to close it. */
const UNUSABLE: ReadonlySet<ErrorCode> = new Set([
  'AUDIT_CURSOR',
  'STORE_DAMAGED',
  'STORE_GUARD',
  'STORE_HOLE',
  'STORE_ROLLBACK',
])

async function closeLog(opened: ClosedFolder, { content, prev }: ParsedEpoch): Promise<void> {
  const { agency, clock, config, epoch, own } = opened
  const { origin } = logNames(agency, epoch)
  const checkpointFile = headsFileOf(config.node.checkpoints, epoch)
  const { log: logKeys } = await signersOf(opened, epoch)
  try {
    const writer = await openAuditWriter({ store: own, origin, logKeys, clock, checkpointFile })
    try {
      if (!(await hasAllCosigned(own, writer.head().size, prev))) return
      if (await isClosed(own, writer.head().size)) return
      const data = { next: content.log.origin, reason: prev.reason }
      await writer.commit({
        events: [{ event: 'g.closed', actor: 'sys', data }],
        writes: async () => ({ writes: [], events: [] }),
      })
    } finally {
      await writer.close()
    }
  } catch (error) {
    if (!isAnyAmanaError(error) || !UNUSABLE.has(error.code)) throw error
  }
}

async function hasAllCosigned(store: Store, size: number, prev: PreviousLog): Promise<boolean> {
  if (prev.size > size) return false
  const root = rootOf(await loadRange(createNodeReader(store), prev.size))
  return encodeBase64url(root) === prev.root
}

async function isClosed(store: Store, size: number): Promise<boolean> {
  const [row] = await store.range({ space: 'leaf', reverse: true, limit: 1 })
  return size > 0 && row !== undefined && parseLeaf(row.value).event === 'g.closed'
}
