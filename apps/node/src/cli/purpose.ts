/**
 * Why something is asked for: one of a closed list, recorded in the log.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#events
 */
import { Option } from '@commander-js/extra-typings'
import { PURPOSES } from '@amana/core'
import { type Shell } from './shell.ts'

type Purposes = (typeof PURPOSES)[number]

/** Without it nothing is opened. */
export function purposeOption(
  shell: Shell,
): Option<'--purpose <purpose>', undefined, undefined, undefined, true, Purposes> {
  return new Option('--purpose <purpose>', shell.say('help.option.purpose'))
    .choices(PURPOSES)
    .makeOptionMandatory()
}
