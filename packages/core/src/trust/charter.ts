/**
 * Form of the charter: the root of trust that all its agencies sign.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#charter
 */
import { z } from 'zod'
import { DigestSchema } from '../crypto/digest.ts'
import { Ed25519JwkSchema, MlDsaJwkSchema } from '../crypto/jwk.ts'
import { SuiteSchema } from '../crypto/suites.ts'
import { TRUST_LIMITS } from '../limits/trust.ts'
import {
  AgencyIdSchema,
  DocumentVersionSchema,
  InstantSchema,
  isAscending,
  KindSchema,
} from './identifiers.ts'

/** Type of the JWS that carries a charter. */
export const CHARTER_TYPE = 'amana-charter+jws'

const NameSchema = z.string().min(1).max(TRUST_LIMITS.nameChars)

/** A root or recovery pair: it counts once, and only when both signatures verify. */
export const RootPairSchema = z.strictObject({ ed: Ed25519JwkSchema, pq: MlDsaJwkSchema })

const PairsSchema = z.array(RootPairSchema).min(1).max(TRUST_LIMITS.pairs)
const ThresholdSchema = z.int().min(0).max(TRUST_LIMITS.pairs)

/** What one agency puts into the charter; an invite carries it. Thresholds are judged by `assertThresholds`. */
export const CharterEntrySchema = z.strictObject({
  name: NameSchema,
  recovery: PairsSchema,
  recoveryThreshold: ThresholdSchema,
  roots: PairsSchema,
  roster: z.strictObject({ digest: DigestSchema, version: DocumentVersionSchema }),
  rosterKeys: z.array(Ed25519JwkSchema).min(1).max(TRUST_LIMITS.rosterKeys),
  threshold: ThresholdSchema,
})

/** What an agency puts into the charter. */
export type CharterEntry = z.output<typeof CharterEntrySchema>

const KindRuleSchema = z.strictObject({
  approvals: z.int().min(0).max(3),
  aud: z.array(AgencyIdSchema).min(1).max(TRUST_LIMITS.agencies).refine(isAscending),
})

/** Approvals that a kind needs, and the agencies that may write and read it. */
export type KindRule = z.output<typeof KindRuleSchema>

/** Payload of a charter. */
export const CharterSchema = z.strictObject({
  agencies: z
    .record(AgencyIdSchema, CharterEntrySchema)
    .refine((agencies) => Object.keys(agencies).length >= 2)
    .refine((agencies) => Object.keys(agencies).length <= TRUST_LIMITS.agencies),
  exp: InstantSchema,
  iat: InstantSchema,
  kinds: z
    .record(KindSchema, KindRuleSchema)
    .refine((kinds) => Object.keys(kinds).length <= TRUST_LIMITS.kinds),
  limits: z.strictObject({
    hold: z.int().min(3_600).max(31_536_000),
    recipients: z.int().min(1).max(16),
    skew: z.int().min(0).max(3_600),
  }),
  previous: DigestSchema.nullable(),
  /** Which of them a sender takes: `sealingSuite`. */
  suites: z.array(SuiteSchema).min(1).max(TRUST_LIMITS.suites).refine(isAscending),
  v: z.literal(1),
  version: DocumentVersionSchema,
  witnesses: z
    .array(z.strictObject({ key: Ed25519JwkSchema, name: NameSchema }))
    .max(TRUST_LIMITS.witnesses),
})

/** Payload of a charter. */
export type Charter = z.output<typeof CharterSchema>

/** What every charter 1 says beside its agencies: constants of the specification, so that both sides derive the same bytes. */
export const FIRST_CHARTER = {
  approvals: {
    'handover.receipt/1': 0,
    'intel.report/1': 1,
    'jtwg.minutes/1': 0,
    'referral.event/1': 0,
    'task.clearance/1': 0,
    'task.travel-document/1': 0,
    'victim.referral/1': 1,
  },
  limits: { hold: 2_592_000, recipients: 16, skew: TRUST_LIMITS.skewSeconds },
} as const
