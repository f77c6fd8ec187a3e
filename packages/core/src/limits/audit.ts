/**
 * Limits of the audit log and of evidence bundles, each with its reason.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#limits
 */

/** What a reader of logs, notes and bundles accepts at most. */
export const AUDIT_LIMITS = {
  /** A genesis leaf with two ML-DSA-44 keys is under 4 KiB; tiles could carry 65,535. */
  leafBytes: 8192,
  /** Of a value outside the log: a reason of a page. Its disclosure then fits into one record of a bundle. */
  disclosureChars: 1000,
  /** 64 signature lines of ML-DSA-44 are 213 KiB. */
  noteBytes: 262_144,
  /** Seconds since 1970 at the end of the year 9999: no later instant can be written in a report. */
  cosignedAt: 253_402_300_799,
  /** C2SP asks for 16 at least; two agencies and a few witnesses need under ten. */
  noteSignatures: 64,
  /** Two notes of 256 KiB, a quarter more as JSON, and a few members. */
  conflictBytes: 786_432,
  /** Names of logs and witnesses are prefixed by one length byte where they are signed. */
  noteNameBytes: 255,
  /** A verifier key of ML-DSA-44 is 1,752 base64 characters and its name. */
  vkeyChars: 2048,
  /** C2SP tlog-witness: no consistency proof of a tree below 2^63 is longer. */
  proofHashes: 63,
  /** Far above the groups of any kind. */
  groups: 32,
  /** The longest presentation: 448 KiB of values, 16,384 salts, base64url. */
  bundleLineBytes: 2_097_152,
  /** A century of exchange at 2,700 leaves a day; keeps every counter exact. */
  bundleRecords: 100_000_000,
  /** Each but one is named by a leaf that is kept. */
  bundleCheckpoints: 1_000_000,
  /** Where each stands is kept, 300 bytes a record: four for each of 250,000 messages. */
  bundleEvidence: 1_000_000,
  /** What the log says of one statement in one dispatch is kept, at most 1 KiB each. */
  bundleFacts: 500_000,
  /** Kept until the end: leaves of class g, cosignatures either way, disclosures; a century of ten minutes is less. */
  bundleClaims: 1_000_000,
  /** A message file is held whole; a roster a week of eight agencies makes 4,160 in ten years. */
  messageFileRecords: 10_000,
} as const
