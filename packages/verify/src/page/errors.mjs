/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/strict-boolean-expressions -- the sources are checked against the table itself */
/**
 * The error class without the sentences of its table: a report names refusals by their codes. `UNREADABLE` is written in
 * when the page is built.
 *
 * @module
 */

/* global UNREADABLE -- the codes whose exit status is 9 */
const EXIT = { failed: 4, unreadable: 9 }

export class AmanaError extends Error {
  name = 'AmanaError'

  constructor(code, details, options) {
    super(code, options)
    this.code = code
    this.details = details
  }
}

export function isAmanaError(error, code) {
  return error instanceof AmanaError && error.code === code
}

export function isAnyAmanaError(error) {
  return error instanceof AmanaError
}

export function exitStatusOf(code) {
  return UNREADABLE.includes(code) ? EXIT.unreadable : EXIT.failed
}

/** Who answers a peer asks the table; nothing here does. */
export const ERRORS = undefined
