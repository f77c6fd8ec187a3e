/**
 * Limits of the control socket.
 *
 * @module
 * @spec docs/spec/08-exchange.md#control-socket
 */

/** Sizes in bytes, times in milliseconds. */
export const CONTROL_LIMITS = {
  /** A statement and its opening: a body of 448 KiB with its disclosures, twice over. */
  bodyBytes: 4 * 1024 * 1024,
  /** Arrays and objects inside each other: a signed object or an opening at its limit of 12, inside its input. */
  jsonDepth: 13,
  /** An answer: a list of 10,000 messages. */
  answerBytes: 64 * 1024 * 1024,
  /** A request has to arrive whole in this time. */
  requestTimeoutMs: 30_000,
  /** The longest a caller waits for an answer: exports and waits of ten minutes. */
  answerTimeoutMs: 660_000,
} as const
