/**
 * What leaves of class a record: who signed in, looked, searched, printed or took away what, and for which purpose.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#class-a-access
 */
import { z } from 'zod'
import { DigestSchema } from '../crypto/digest.ts'
import {
  ACTS,
  CodeSchema,
  CountSchema,
  LEAF_CLASSES,
  PurposeSchema,
  REVIEW_RESULTS,
  SessionSchema,
} from './event-members.ts'

/** How an officer signed in. */
const SIGN_IN_METHODS = ['passkey', 'passphrase'] as const
/** What was listed or searched. */
const LISTED = ['access', 'log', 'messages', 'referrals'] as const
/** Forms of a file that leaves. */
const EXPORT_FORMATS = [
  'attachment',
  'csv',
  'envelope',
  'html',
  'htcds',
  'json',
  'message',
  'misp',
  'presentation',
  'stix',
] as const

/** How many were found, without saying how many: the first of these that is not below. */
export const COUNT_BUCKETS = [0, 1, 10, 100, 1000, 10_000, 100_000] as const

const Method = z.enum(SIGN_IN_METHODS)
const Session = z.exactOptional(SessionSchema)
const Env = z.exactOptional(DigestSchema)
const Shown = { env: Env, purpose: PurposeSchema, session: Session, std: DigestSchema }
const Found = { count: z.literal(COUNT_BUCKETS), session: Session, what: z.enum(LISTED) }
/** A page or a text; of one statement where `std` is there. */
const Taken = z.strictObject({
  digest: DigestSchema,
  env: Env,
  purpose: PurposeSchema,
  session: Session,
  std: z.exactOptional(DigestSchema),
})

/** Members of `data`, by event. */
export const ACCESS_DATA = {
  'a.audit-export': z.strictObject({
    bundle: DigestSchema,
    classes: z.array(z.enum(LEAF_CLASSES)).min(1).max(4),
    format: z.enum(['bundle', 'proof', 'tiles']),
    purpose: PurposeSchema,
    range: z.tuple([CountSchema, CountSchema]),
    session: Session,
  }),
  'a.copy': Taken,
  'a.denied': z.strictObject({
    act: z.enum(ACTS),
    code: CodeSchema,
    env: Env,
    session: Session,
    std: z.exactOptional(DigestSchema),
  }),
  'a.export': z.strictObject({
    ...Shown,
    digest: DigestSchema,
    disclosure: z.exactOptional(DigestSchema),
    format: z.enum(EXPORT_FORMATS),
  }),
  'a.grant': z.strictObject({
    count: z.literal(COUNT_BUCKETS),
    key: DigestSchema,
    session: Session,
  }),
  'a.list': z.strictObject({ ...Found, purpose: z.exactOptional(PurposeSchema) }),
  'a.login': z.strictObject({ method: Method, session: SessionSchema }),
  'a.login-failed': z.strictObject({ method: Method, session: Session }),
  'a.logout': z.strictObject({ session: SessionSchema }),
  'a.open': z.strictObject({ ...Shown, bg: z.boolean() }),
  'a.print': Taken,
  'a.release': z.strictObject({
    count: z.literal(COUNT_BUCKETS),
    session: Session,
    std: DigestSchema,
  }),
  'a.review': z.strictObject({
    ref: CountSchema,
    result: z.enum(REVIEW_RESULTS),
    session: Session,
  }),
  'a.search': z.strictObject({ ...Found, purpose: PurposeSchema }),
} as const
