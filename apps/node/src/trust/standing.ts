/**
 * What a charter that arrives is held against, and what is to be written then.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#proposing-a-charter
 */
import {
  AmanaError,
  decodeBase64url,
  type GeneralJws,
  GeneralJwsSchema,
  parseCanonical,
  parseJws,
} from '@amana/core'
import { z } from 'zod'
import { type AuditEvent } from '../ports.ts'
import { type CharterProgress } from '../service-views.ts'
import { type Change, type Chartered, type Documents } from './trust-documents.ts'

const CHARTER_BYTES = 64 * 1024
const HEADER_BYTES = 300
/** Far above any signed document: a roster of 256 KiB in base64url with its signature. */
const DOCUMENT_BYTES = 512 * 1024

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

/** The body of a TRUST frame; nothing in it is verified. @throws WIRE_MEMBER, and as `parseCanonical` */
export function parseDocument(bytes: Uint8Array): GeneralJws {
  const parsed = GeneralJwsSchema.safeParse(parseCanonical(bytes, DOCUMENT_BYTES))
  if (!parsed.success) throw new AmanaError('WIRE_MEMBER', { path: 'trust' })
  return parsed.data
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
