/**
 * Error rows of the area `NET`.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { row } from './row.ts'

/** The rows; each code is refused in one place and has one hostile case. */
export const NET_ERRORS = {}
