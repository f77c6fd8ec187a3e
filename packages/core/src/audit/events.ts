/**
 * What each event of the log records: closed members, digests, ids and enumerations; no free text, no personal data.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#events
 */
import { z } from 'zod'
import { DigestSchema } from '../crypto/digest.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'

/** x exchange, a access, g governance, w witness. */
export const LEAF_CLASSES = ['a', 'g', 'w', 'x'] as const

/** The four classes, each with a counter of its own. */
export type LeafClass = (typeof LEAF_CLASSES)[number]

/** Why somebody opened, exported or verified: the labels stand in the vocabulary, never in the log. */
export const PURPOSES = [
  'audit',
  'data-subject',
  'emergency',
  'investigation',
  'joint-operation',
  'legal-request',
  'prosecution',
  'protection',
  'quality',
  'referral',
  'supervision',
] as const

/** `ng.naptip/amana/audit/1`. */
export const LogOriginSchema = z
  .string()
  .max(120)
  .regex(/^[a-z0-9][a-z0-9.-]{1,80}\/amana\/audit\/[1-9][0-9]{0,8}$/)

/** `ng.naptip/amana/witness/1`. */
const WitnessNameSchema = z
  .string()
  .max(120)
  .regex(/^[a-z0-9][a-z0-9.-]{1,80}\/amana\/witness\/[1-9][0-9]{0,8}$/)

/** Counts and indexes: exact in JSON and in JavaScript. */
export const CountSchema = z.int().nonnegative()

/** The node itself, or an officer's pseudonym. */
export const ActorSchema = z.string().regex(/^(?:sys|u_[A-Za-z0-9_-]{16})$/)

const Agency = z
  .string()
  .max(64)
  .regex(/^[a-z]{2}\.[a-z0-9]+(?:-[a-z0-9]+)*$/)
const Kind = z
  .string()
  .max(64)
  .regex(/^[a-z]+(?:\.[a-z]+(?:-[a-z]+)*)+\/[1-9][0-9]{0,3}$/)
const Code = z
  .string()
  .max(48)
  .regex(/^[A-Z]+(?:_[A-Z0-9]+)+$/)
const Vkey = z
  .string()
  .max(AUDIT_LIMITS.vkeyChars)
  .regex(/^[!-*,-[\]-~]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}$/)
const Session = z.string().regex(/^[A-Za-z0-9_-]{16}$/)
const Purpose = z.enum(PURPOSES)
const Result = z.enum(['held', 'opened', 'refused', 'stored'])
const Head = z.tuple([z.int().min(-1), z.int().min(-1)])
const Seconds = CountSchema

/** Members of `data`, by event. */
export const EVENT_DATA = {
  'a.audit-export': z.strictObject({
    bundle: DigestSchema,
    classes: z.array(z.enum(LEAF_CLASSES)).min(1).max(4),
    format: z.enum(['bundle', 'tiles']),
    purpose: Purpose,
    range: z.tuple([CountSchema, CountSchema]),
    session: z.exactOptional(Session),
  }),
  'a.export': z.strictObject({
    digest: DigestSchema,
    disclosure: z.exactOptional(DigestSchema),
    env: z.exactOptional(DigestSchema),
    format: z.enum(['envelope', 'json', 'message', 'presentation']),
    purpose: Purpose,
    session: z.exactOptional(Session),
    std: DigestSchema,
  }),
  'a.open': z.strictObject({
    bg: z.boolean(),
    env: z.exactOptional(DigestSchema),
    purpose: Purpose,
    session: z.exactOptional(Session),
    std: DigestSchema,
  }),
  'g.genesis': z.strictObject({ agency: Agency, keys: z.array(Vkey).min(1).max(4) }),
  'g.key': z.strictObject({
    done: z.literal('destroyed'),
    key: DigestSchema,
    use: z.enum(['deposit', 'desk']),
  }),
  'g.policy': z.strictObject({
    new: DigestSchema,
    old: z.exactOptional(DigestSchema),
    version: z.int().positive(),
  }),
  'g.recovery': z.strictObject({
    agency: Agency,
    new: DigestSchema,
    time: Seconds,
    version: z.int().positive(),
  }),
  'g.recovery-refused': z.strictObject({
    by: DigestSchema,
    new: DigestSchema,
    version: z.int().positive(),
  }),
  'g.roster': z.strictObject({
    agency: Agency,
    new: DigestSchema,
    old: z.exactOptional(DigestSchema),
    version: z.int().positive(),
  }),
  'w.cosigned': z.strictObject({
    by: WitnessNameSchema,
    note: DigestSchema,
    size: z.int().positive(),
    time: Seconds,
  }),
  'w.pad': z.strictObject({}),
  'w.seal': z.strictObject({ heads: z.strictObject({ a: Head, g: Head, w: Head, x: Head }) }),
  'w.witness': z.strictObject({
    log: LogOriginSchema,
    note: DigestSchema,
    root: DigestSchema,
    size: z.int().positive(),
    time: Seconds,
  }),
  'x.delivered': z.strictObject({
    env: DigestSchema,
    outcome: Result,
    peerHash: DigestSchema,
    peerSequence: CountSchema,
    rcpt: DigestSchema,
    std: DigestSchema,
    to: Agency,
  }),
  'x.receipt': z.strictObject({
    env: DigestSchema,
    outcome: Result,
    rcpt: DigestSchema,
    std: DigestSchema,
  }),
  'x.received': z.strictObject({
    env: DigestSchema,
    from: Agency,
    osig: DigestSchema,
    std: DigestSchema,
  }),
  'x.refused': z.strictObject({ code: Code, env: DigestSchema, std: DigestSchema }),
  'x.rejected': z.strictObject({
    code: Code,
    count: z.int().positive(),
    env: z.exactOptional(DigestSchema),
    from: z.exactOptional(Agency),
  }),
  'x.sealed': z.strictObject({ env: DigestSchema, kind: Kind, std: DigestSchema, to: Agency }),
  'x.sent': z.strictObject({ env: DigestSchema, to: Agency, try: z.int().positive() }),
} as const
