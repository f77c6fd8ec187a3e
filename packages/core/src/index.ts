/**
 * Amana's core: everything that decides trust. No I/O, no clock, no randomness of its own.
 *
 * @module
 */
export {
  AmanaError,
  ERRORS,
  isAmanaError,
  isErrorCode,
  reviveError,
  type ErrorCode,
  type ErrorDetails,
} from './errors.ts'
