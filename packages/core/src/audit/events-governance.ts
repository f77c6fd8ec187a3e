/**
 * What leaves of class g record: under which documents, keys and persons an agency's node worked.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#class-g-governance
 */
import { z } from 'zod'
import { DigestSchema } from '../crypto/digest.ts'
import {
  AgencySchema,
  ApproversSchema,
  CountSchema,
  LogOriginSchema,
  PseudonymSchema,
  VersionSchema,
  VkeySchema,
} from './event-members.ts'

/** Why a log ended and another began. */
export const EPOCH_REASONS = ['conflict', 'keys', 'lost', 'restored'] as const

/** A rule of the policy gate by its name, `receiver-desk`. */
const Rule = z
  .string()
  .max(64)
  .regex(/^[a-z]+(?:-[a-z0-9]+)*$/)
const Old = z.exactOptional(DigestSchema)
const Changed = { new: DigestSchema, old: Old, version: VersionSchema }
const Reason = z.enum(EPOCH_REASONS)
const Held = z.strictObject({
  approvers: ApproversSchema,
  basis: z.enum(['court-order', 'data-subject', 'investigation', 'prosecution']),
  std: DigestSchema,
})

/** Members of `data`, by event. */
export const GOVERNANCE_DATA = {
  'g.actor': z.strictObject({
    officer: PseudonymSchema,
    op: z.enum(['change', 'disable', 'enroll']),
    year: z.int().min(2020).max(9999),
  }),
  'g.admin': z.strictObject({
    action: z.enum(['backup', 'migrate', 'restore', 'start', 'stop', 'update']),
    approvers: ApproversSchema,
    target: z.enum(['console', 'keystore', 'node', 'store']),
  }),
  'g.closed': z.strictObject({ next: LogOriginSchema, reason: Reason }),
  'g.config': z.strictObject({ new: DigestSchema, old: Old }),
  'g.decision': z.strictObject({
    policy: DigestSchema,
    rule: Rule,
    std: z.exactOptional(DigestSchema),
    verdict: z.enum(['allow', 'deny', 'second-officer']),
  }),
  'g.erased': z.strictObject({ done: z.enum(['all', 'part']), ref: CountSchema }),
  'g.erasure': z.strictObject({
    approvers: ApproversSchema,
    basis: z.enum(['consent', 'court-order', 'data-subject', 'mistake', 'retention']),
    digests: z.array(DigestSchema).max(64),
    keys: z.array(DigestSchema).max(64),
  }),
  'g.genesis': z.strictObject({
    agency: AgencySchema,
    keys: z.array(VkeySchema).min(1).max(4),
    prev: z.exactOptional(
      z.strictObject({
        /** Leaves of it that the agency still has. */
        kept: CountSchema,
        log: LogOriginSchema,
        note: z.exactOptional(DigestSchema),
        reason: Reason,
        root: DigestSchema,
        size: z.int().positive(),
      }),
    ),
  }),
  'g.hold': Held,
  'g.key': z.strictObject({
    done: z.enum(['destroyed', 'made']),
    key: DigestSchema,
    use: z.enum(['deposit', 'desk', 'libp2p', 'seal']),
  }),
  'g.policy': z.strictObject(Changed),
  'g.recovery': z.strictObject({
    agency: AgencySchema,
    new: DigestSchema,
    time: CountSchema,
    version: VersionSchema,
  }),
  'g.recovery-refused': z.strictObject({
    by: DigestSchema,
    new: DigestSchema,
    version: VersionSchema,
  }),
  'g.roster': z.strictObject({ ...Changed, agency: AgencySchema }),
  'g.unhold': Held,
} as const
