/**
 * Limits of everything that crosses the wire, each with its reason.
 *
 * @module
 * @spec docs/spec/01-bytes.md#limits
 */

const KIB = 1024

/** Sizes in bytes unless the name says otherwise, times in seconds. */
export const WIRE_LIMITS = {
  /** One frame of the exchange protocol; a referral with its disclosures is under 40 KiB. */
  envelopeBytes: 1024 * KIB,
  statementPayloadBytes: 64 * KIB,
  /** 64 statements with their digests and signature digests. */
  dispatchPayloadBytes: 32 * KIB,
  receiptPayloadBytes: 24 * KIB,
  headsPayloadBytes: 16 * KIB,
  /** Digests, ids and a name of at most 128 characters. */
  disclosurePayloadBytes: 2 * KIB,
  /** Whoever a presentation is handed to, as people write it. */
  audienceChars: 128,
  /** The JWE text inside an envelope. */
  sealBytes: 900 * KIB,
  sealAadBytes: 8 * KIB,
  /** A decoded protected header. */
  protectedHeaderBytes: 300,
  /** Author and approvals of one statement. */
  statementSignatures: 4,
  statementsPerDispatch: 64,
  /** A batch closes at this size of encoded envelope. */
  batchBytes: 768 * KIB,
  /** One statement's groups, plain. */
  bodyBytes: 448 * KIB,
  disclosuresPerDispatch: 16_384,
  recipients: 16,
  /** Nesting of any JSON text: the deepest body is a task inside a group inside a batch. */
  jsonDepth: 12,
  /** What a carrier brings: a frame of 1 MiB in the largest bucket, sealed, comes to 1.4 MiB. */
  depositBytes: 2 * 1024 * KIB,
  /** The largest frame of the exchange: 1 MiB and its two bytes. */
  frameBytes: 1024 * KIB + 2,
  /** One half of a hand-over between two officers: its body has at most 64 items and two notes. */
  handOverBytes: 32 * KIB,
  /** How far two clocks may differ. */
  clockSkewSeconds: 300,
  /** How old a dispatch may be when it arrives after an outage. */
  holdSeconds: 30 * 24 * 3600,
} as const
