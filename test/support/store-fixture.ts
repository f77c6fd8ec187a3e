/**
 * Temporary folders, keys and a log for the tests of the store and of the audit writer.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNoteSigner, digest, type NewEvent, type NoteSigner } from '@amana/core'
import {
  createLog,
  openAuditWriter,
  type OpenAuditWriter,
} from '../../apps/node/src/audit/audit-writer.ts'
import { type Store, type StoreWrite } from '../../apps/node/src/ports.ts'
import { openLevelStore } from '../../apps/node/src/store/level-store.ts'

/** The log's name. */
export const ORIGIN = 'ng.naptip/amana/audit/1'
/** The agency that keeps it. */
export const AGENCY = 'ng.naptip'
/** The store's master key. */
export const STORE_KEY = new Uint8Array(32).fill(7)
/** A clock that stands half a second after noon, somewhere in the pilot. */
export const CLOCK = { now: (): number => 1_795_348_800, nowMs: (): number => 1_795_348_800_500 }

/** Chance for nonces. */
export function random(sizeBytes: number): Uint8Array {
  return new Uint8Array(randomBytes(sizeBytes))
}

/** A folder that is gone at the end of the block that holds it. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'amana-store-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** The two signers of the log. */
export async function logKeys(): Promise<{
  readonly ed25519: NoteSigner
  readonly mlDsa44: NoteSigner
}> {
  return {
    ed25519: await createNoteSigner(ORIGIN, 'log', new Uint8Array(32).fill(1)),
    mlDsa44: await createNoteSigner(ORIGIN, 'post-quantum', new Uint8Array(32).fill(2)),
  }
}

/** The event of a dispatch that was sent. */
export function sentEvent(name: string): NewEvent {
  const data = { env: digest(name), to: 'ne.anltp-tim', try: 1 }
  return { event: 'x.sent', actor: 'sys', data }
}

/** A store with a log in it. */
export interface StoredLog extends AsyncDisposable {
  readonly store: Store
  readonly writer: OpenAuditWriter
}

/** Begins a log in `folder`: store and file of heads in folders of their own. */
export async function beginStoredLog(folder: string): Promise<StoredLog> {
  const store = await openLevelStore({ folder: join(folder, 'db'), key: STORE_KEY, random })
  try {
    const { ed25519, mlDsa44 } = await logKeys()
    await createLog({ ...placeOf(folder, store), agency: AGENCY, keys: [ed25519, mlDsa44] })
  } finally {
    await store.close()
  }
  return openStoredLog(folder)
}

/** Opens the log that `beginStoredLog` began. */
export async function openStoredLog(folder: string): Promise<StoredLog> {
  const store = await openLevelStore({ folder: join(folder, 'db'), key: STORE_KEY, random })
  try {
    const writer = await openAuditWriter({ ...placeOf(folder, store), logKeys: await logKeys() })
    const close = async (): Promise<void> => {
      await writer.close()
      await store.close()
    }
    return { store, writer, [Symbol.asyncDispose]: close }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** The spaces of `rowsOf`. */
export const ROW_SPACES = ['in', 'out', 'position'] as const

/** The rows of commit `number`, one in each space: all of them or none may be found. */
export function rowsOf(number: number): readonly StoreWrite[] {
  return ROW_SPACES.map((space) => ({
    type: 'put',
    space,
    key: String(number).padStart(8, '0'),
    value: Buffer.from(`${space} ${String(number)} ${'.'.repeat(500)}`),
  }))
}

function placeOf(
  folder: string,
  store: Store,
): Pick<Parameters<typeof createLog>[0], 'store' | 'origin' | 'clock' | 'checkpointFile'> {
  const checkpointFile = join(folder, 'guard', 'checkpoints.log')
  return { store, origin: ORIGIN, clock: CLOCK, checkpointFile }
}
