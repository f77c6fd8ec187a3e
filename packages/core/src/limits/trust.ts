/**
 * Limits of charter, roster and invite, each with its reason.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#limits
 */

const DAY_SECONDS = 86_400

/** Sizes in bytes, counts, and spans in seconds. */
export const TRUST_LIMITS = {
  /** Payload of a charter: a root pair takes 2.8 kB, so three agencies with 3 + 3 pairs fit. */
  charterBytes: 65_536,
  /** Payload of a roster: some 80 officers with encryption keys, or 300 without. */
  rosterBytes: 262_144,
  /** Payload of an invite: a charter entry and a whole roster in base64url. */
  inviteBytes: 393_216,
  /** Both halves of 8 pairs of four agencies; each costs one verification. */
  charterSignatures: 64,
  agencies: 4,
  /** Root or recovery pairs of an agency; 2 of 3 is the usual form. */
  pairs: 8,
  /** Fewer could sign a charter alone: two people are the least. */
  rootThreshold: 2,
  rosterKeys: 4,
  kinds: 64,
  witnesses: 8,
  suites: 2,
  desks: 32,
  nodes: 4,
  officers: 512,
  /** Keys of one desk or node that may stand side by side while they rotate. */
  keysInRotation: 16,
  /** Span of a key of a desk whose keys follow each other week by week. */
  weeklyKeySeconds: 7 * DAY_SECONDS,
  /** Revocations are never taken back, so this bounds the life of a roster's chain of keys. */
  revocations: 1_024,
  /** Payloads of a chain of rosters together: each is kept and read again at every start; years of weekly ones fit. */
  rosterChainBytes: 33_554_432,
  /** What a roster counts at least, since each is also a signature to verify: 2,048 of the smallest fill a chain. */
  rosterChainLeastBytes: 16_384,
  roles: 32,
  addresses: 8,
  addressChars: 256,
  nameChars: 128,
  agencyIdChars: 64,
  /** An ML-DSA-44 verifier key is 1,753 base64 characters after its name and key id. */
  verifierKeyChars: 2_048,
  /** Longest time that an agency can be kept on an old roster without noticing. */
  rosterValidForSeconds: 35 * DAY_SECONDS,
  inviteValidForSeconds: 7 * DAY_SECONDS,
  charterValidForSeconds: 365 * DAY_SECONDS,
  /** A charter that has not both quorums by then never comes into force. */
  charterLapsesAfterSeconds: 30 * DAY_SECONDS,
  /** From the `iat` of the next charter: 30 days to complete it, and 30 for a sender whose line is down to get it. */
  charterReplacedAfterSeconds: 60 * DAY_SECONDS,
  /** A renewal that was forgotten must not stop a rescue at once. */
  charterGraceSeconds: 30 * DAY_SECONDS,
  /** Time for the officers of both sides to see that somebody recovers, and to say no. */
  recoveryDelaySeconds: 7 * DAY_SECONDS,
  /** How long a private key still opens what was sealed before its end: as long as a dispatch may be on its way. */
  keyKeptForSeconds: 30 * DAY_SECONDS,
  /** Difference of two honest clocks. */
  skewSeconds: 300,
  /** Policy file: two logs and two witnesses with two keys each. */
  policyBytes: 32_768,
} as const
