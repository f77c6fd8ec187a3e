/**
 * The forms that members of leaves have in common: digests, ids, counts and closed lists.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#events
 */
import { z } from 'zod'
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

/** What somebody does, or wanted to do when he was refused. */
export const ACTS = [
  'copy',
  'erase',
  'export',
  'grant',
  'hold',
  'list',
  'open',
  'print',
  'release',
  'review',
  'search',
] as const

/** How another officer judged an opening against the usual rule. */
export const REVIEW_RESULTS = ['justified', 'not-justified'] as const

/** `ng.naptip/amana/audit/1`. */
export const LogOriginSchema = z
  .string()
  .max(120)
  .regex(/^[a-z0-9][a-z0-9.-]{1,80}\/amana\/audit\/[1-9][0-9]{0,8}$/)

/** `ng.naptip/amana/witness/1`. */
export const WitnessNameSchema = z
  .string()
  .max(120)
  .regex(/^[a-z0-9][a-z0-9.-]{1,80}\/amana\/witness\/[1-9][0-9]{0,8}$/)

/** A field group of a kind: `healthSummary`. */
export const GroupSchema = z
  .string()
  .max(32)
  .regex(/^[a-z][a-zA-Z]*$/)

/** Counts and indexes: exact in JSON and in JavaScript. */
export const CountSchema = z.int().nonnegative()

/** An officer under the key of one year. */
export const PseudonymSchema = z.string().regex(/^u_[A-Za-z0-9_-]{16}$/)

/** The node itself, or an officer's pseudonym. */
export const ActorSchema = z.string().regex(/^(?:sys|u_[A-Za-z0-9_-]{16})$/)

/** `ng.naptip`. */
export const AgencySchema = z
  .string()
  .max(64)
  .regex(/^[a-z]{2}\.[a-z0-9]+(?:-[a-z0-9]+)*$/)

/** `victim.referral/1`. */
export const KindSchema = z
  .string()
  .max(64)
  .regex(/^[a-z]+(?:\.[a-z]+(?:-[a-z]+)*)+\/[1-9][0-9]{0,3}$/)

/** A code of the error table. */
export const CodeSchema = z
  .string()
  .max(48)
  .regex(/^[A-Z]+(?:_[A-Z0-9]+)+$/)

/** A C2SP verifier key. */
export const VkeySchema = z
  .string()
  .max(AUDIT_LIMITS.vkeyChars)
  .regex(/^[!-*,-[\]-~]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}$/)

/** A sign-in, 96 bits. */
export const SessionSchema = z.string().regex(/^[A-Za-z0-9_-]{16}$/)
/** See `PURPOSES`. */
export const PurposeSchema = z.enum(PURPOSES)
/** What the receiver answered. */
export const OutcomeSchema = z.enum(['held', 'opened', 'refused', 'stored'])
/** Of a charter or roster. */
export const VersionSchema = z.int().positive()
/** Who agreed; the log takes any number, whether it is enough the reader judges. */
export const ApproversSchema = z.array(PseudonymSchema).max(4)
