/**
 * Error rows of the area `VERIFY`.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { row } from './row.ts'

/** The rows; each code is refused in one place and has one hostile case. */
export const VERIFY_ERRORS = {}
