/**
 * A recovery that waits: where it lies, who saw it and when, and what is written when the other agency says so.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#recovery
 */
import { type Digest, type RecoveryCharter, verifyRecovery } from '@amana/core'
import { z } from 'zod'
import { type AuditEvent } from '../ports.ts'
import { type Standing, type Step, unchanged, versionOf } from './standing.ts'
import { jwsAt } from './trust-documents.ts'

/** Where it lies. */
export const RECOVERY_PATH = 'recovery'

const SeenSchema = z.strictObject({ seenAt: z.int().min(0) })

/** A recovery that waits, with when each agency saw it. */
export interface PendingRecovery {
  readonly recovery: RecoveryCharter
  readonly seen: Readonly<Record<string, number>>
  /** When it takes effect; nothing as long as one agency has not seen it. */
  readonly until: number | undefined
}

/** What heads say of a recovery. */
export interface Sighting {
  readonly digest: Digest
  readonly seenAt: number
  readonly version: number
}

/** The recovery that waits here. */
export async function pendingRecovery({
  chartered,
  documents,
}: Pick<Standing, 'chartered' | 'documents'>): Promise<PendingRecovery | undefined> {
  const jws = jwsAt(documents, RECOVERY_PATH)
  const previous = chartered.charter
  if (jws === undefined || versionOf(jws) !== previous.version + 1) return undefined
  const recovery = await verifyRecovery(jws, { previous })
  const agencies = Object.keys(previous.payload.agencies)
  const seen = Object.fromEntries(
    agencies.flatMap((agency) => {
      const found = SeenSchema.safeParse(documents.get(seenPath(recovery.digest, agency)))
      return found.success ? [[agency, found.data.seenAt] as const] : []
    }),
  )
  return { recovery, seen, until: recovery.takesEffectAt(seen) }
}

/** A recovery that ended while it waited can come into force no more, and stands in the way of no other. */
export function isEnded({ recovery }: PendingRecovery, now: number): boolean {
  return recovery.payload.exp <= now
}

/** When the own agency saw the recovery that waits, or that is in force. */
export function sightingOf(
  { agency, chartered, documents }: Omit<Standing, 'now'>,
  pending: PendingRecovery | undefined,
): Sighting | undefined {
  const recovered = chartered.charter.recovers === undefined ? undefined : chartered.charter
  const about = pending?.recovery ?? recovered
  if (about === undefined) return undefined
  const seen = SeenSchema.safeParse(documents.get(seenPath(about.digest, agency)))
  if (!seen.success) return undefined
  return { digest: about.digest, seenAt: seen.data.seenAt, version: about.version }
}

/** The other agency says that it saw the recovery; what it said once stands. */
export async function seenBy(
  peer: string,
  told: { readonly digest: string; readonly seenAt: number },
  standing: Standing,
): Promise<Step | undefined> {
  const pending = await pendingRecovery(standing)
  if (pending?.recovery.digest !== told.digest || Object.hasOwn(pending.seen, peer))
    return undefined
  return {
    ...unchanged('recovery', pending.recovery.jws),
    events: [seenEvent(pending.recovery, peer, told.seenAt)],
    changes: [[seenPath(told.digest, peer), { seenAt: told.seenAt }]],
  }
}

/** Where it stands when an agency saw it. */
export function seenPath(recovery: string, agency: string): string {
  return `seen/${recovery}/${agency}`
}

/** The leaf that says so. */
export function seenEvent(
  { digest: own, version }: RecoveryCharter,
  agency: string,
  time: number,
): AuditEvent {
  return { event: 'g.recovery', actor: 'sys', data: { agency, new: own, time, version } }
}
