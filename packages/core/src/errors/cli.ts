/**
 * Error rows of the area `CLI`.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { row } from './row.ts'

/** The rows; each code is refused in one place and has one hostile case. */
export const CLI_ERRORS = {

}
