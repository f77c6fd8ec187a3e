/**
 * What a charter that arrives is held against, and what is to be written then.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#proposing-a-charter
 */
import { decodeBase64url, type GeneralJws, parseCanonical, parseJws } from '@amana/core'
import { z } from 'zod'
import { type AuditEvent } from '../ports.ts'
import { type CharterProgress } from '../service-views.ts'
import { type Change, type Chartered, type Documents } from './trust-documents.ts'

const CHARTER_BYTES = 64 * 1024
const HEADER_BYTES = 300

/** What there is before something arrives. */
export interface Standing {
  readonly documents: Documents
  readonly chartered: Chartered
  readonly agency: string
  /** Seconds since 1970. */
  readonly now: number
}

/** What is to be written, and where that leaves the charter. */
export interface Step {
  readonly progress: CharterProgress
  readonly charter: GeneralJws
  readonly events: readonly AuditEvent[]
  readonly changes: readonly Change[]
}

/** Whether a signed object says to be a charter: its own check proves it. */
export function isCharter({ signatures: [first] }: GeneralJws): boolean {
  if (first === undefined) return false
  const header = z
    .looseObject({ typ: z.string() })
    .safeParse(parseCanonical(decodeBase64url(first.protected), HEADER_BYTES))
  return header.data?.typ === 'amana-charter+jws'
}

/** Which charter it says to be, before anything is verified. @throws as `parseJws` */
export function versionOf(value: unknown): number {
  const { payload } = parseJws(value, {
    typ: 'amana-charter+jws',
    maxPayloadBytes: CHARTER_BYTES,
    maxSignatures: 64,
  })
  return z.looseObject({ version: z.int() }).safeParse(payload).data?.version ?? 0
}

/** Nothing is to be written. */
export function unchanged(progress: CharterProgress, charter: GeneralJws): Step {
  return { progress, charter, events: [], changes: [] }
}
