/**
 * What leaves of class x record: what was sealed, sent, received and answered.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#class-x-exchange
 */
import { z } from 'zod'
import { DigestSchema } from '../crypto/digest.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import {
  AgencySchema,
  CodeSchema,
  CountSchema,
  GroupSchema,
  KindSchema,
  OutcomeSchema,
} from './event-members.ts'

/** Members of `data`, by event. */
export const EXCHANGE_DATA = {
  'x.attached': z.strictObject({ att: DigestSchema, env: DigestSchema, std: DigestSchema }),
  'x.delivered': z.strictObject({
    env: DigestSchema,
    outcome: OutcomeSchema,
    peerHash: DigestSchema,
    peerSequence: CountSchema,
    rcpt: DigestSchema,
    std: DigestSchema,
    to: AgencySchema,
  }),
  'x.excess': z.strictObject({
    env: DigestSchema,
    groups: z.array(GroupSchema).min(1).max(AUDIT_LIMITS.groups),
    std: DigestSchema,
  }),
  'x.expired': z.strictObject({ env: DigestSchema, std: DigestSchema, to: AgencySchema }),
  'x.fetched': z.strictObject({ att: DigestSchema, std: DigestSchema, to: AgencySchema }),
  'x.receipt': z.strictObject({
    env: DigestSchema,
    outcome: OutcomeSchema,
    rcpt: DigestSchema,
    std: DigestSchema,
  }),
  'x.received': z.strictObject({
    env: DigestSchema,
    from: AgencySchema,
    osig: DigestSchema,
    std: DigestSchema,
  }),
  'x.refused': z.strictObject({ code: CodeSchema, env: DigestSchema, std: DigestSchema }),
  'x.rejected': z.strictObject({
    code: CodeSchema,
    count: z.int().positive(),
    env: z.exactOptional(DigestSchema),
    from: z.exactOptional(AgencySchema),
  }),
  'x.sealed': z.strictObject({
    env: DigestSchema,
    kind: KindSchema,
    std: DigestSchema,
    to: AgencySchema,
  }),
  'x.sent': z.strictObject({
    /** What carries it where it is not a link. */
    by: z.exactOptional(z.enum(['file', 'mailbox'])),
    env: DigestSchema,
    to: AgencySchema,
    try: z.int().positive(),
  }),
  'x.unfit': z.strictObject({
    att: DigestSchema,
    code: CodeSchema,
    env: DigestSchema,
    std: DigestSchema,
  }),
} as const
