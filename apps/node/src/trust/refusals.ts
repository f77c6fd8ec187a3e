/**
 * Recoveries that were dropped, each with the charter that shows that the old quorum is not lost.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#recovery
 */
import {
  type Digest,
  type GeneralJws,
  GeneralJwsSchema,
  type RecoveryCharter,
  type VerifiedCharter,
} from '@amana/core'
import { z } from 'zod'
import { type AuditEvent } from '../ports.ts'
import { type Change, type Documents } from './trust-documents.ts'

/** The leaf of a recovery that is dropped. */
export function refusalEvent(
  { digest: recovery, version }: RecoveryCharter,
  by: Digest,
): AuditEvent {
  return { event: 'g.recovery-refused', actor: 'sys', data: { by, new: recovery, version } }
}

/** Both stay; of several recoveries that one charter refuses, the first. */
export function refusalChange(
  { digest: own, jws: recovery }: RecoveryCharter,
  { digest: by, jws: charter }: Pick<VerifiedCharter, 'digest' | 'jws'>,
  documents: Documents,
): Change {
  const isKept = keptRefusals(documents).some((kept) => kept.by === by)
  return [`refused/${own}`, isKept ? { by } : { by, charter, recovery }]
}

const RefusalSchema = z.strictObject({
  by: z.string(),
  charter: GeneralJwsSchema.optional(),
  recovery: GeneralJwsSchema.optional(),
})

/** Refusals of recoveries of any version. */
export function keptRefusals(documents: Documents): readonly z.output<typeof RefusalSchema>[] {
  return [...documents]
    .filter(([path]) => path.startsWith('refused/'))
    .flatMap(([, document]) => RefusalSchema.safeParse(document).data ?? [])
}

/** The charter by which a recovery was refused here, with the signatures that it had then. */
export function refusedBy(documents: Documents, recovery: string): GeneralJws | undefined {
  const by = RefusalSchema.safeParse(documents.get(`refused/${recovery}`)).data?.by
  return keptRefusals(documents).find((kept) => kept.by === by && kept.charter !== undefined)
    ?.charter
}

/** Whether that recovery was dropped here. */
export function isRefused(documents: Documents, recovery: string): boolean {
  return documents.has(`refused/${recovery}`)
}
