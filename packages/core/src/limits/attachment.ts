/**
 * Limits of attachments, each with its reason.
 *
 * @module
 * @spec docs/spec/10-attachments.md#sealed-form
 */

const KIB = 1024
const GIB = 1024 * 1024 * KIB

/** Sizes in bytes. */
export const ATTACHMENT_LIMITS = {
  saltBytes: 16,
  tagBytes: 16,
  /** Of the plaintext: what a reader holds before a tag says that it may be looked at. */
  chunkBytes: 64 * KIB,
  /** An hour of telephone video; at 64 kbit/s it takes three days. */
  plaintextBytes: 2 * GIB,
  /** Of one statement: photographs of one search. */
  perStatement: 16,
  /** Of one dispatch: with 64 statements its payload stays below 32 KiB. */
  perDispatch: 64,
  /** Of a name: what file systems take, in UTF-8. */
  nameBytes: 200,
  mediaChars: 100,
} as const
