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
