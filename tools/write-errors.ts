/**
 * Writes docs/spec/errors.md from the error table; test/gates/errors.test.ts compares the two.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { writeFileSync } from 'node:fs'
import { formatErrorsPage } from '../test/support/errors-page.ts'

writeFileSync(new URL('../docs/spec/errors.md', import.meta.url), formatErrorsPage())
