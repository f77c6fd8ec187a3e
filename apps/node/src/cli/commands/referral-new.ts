/**
 * `amana referral new`: a reference for a new referral of the own agency, to be written into its file.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#reference
 */
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { makeReferralReference } from '@amana/core'
import { systemClock, systemRandom } from '../../system.ts'
import { printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'
import { dayOf } from '../texts.ts'
import { withServices } from '../with-services.ts'

const CENTURY = 2
const YEAR = 4
/** As many capitals as a reference has for the agency. */
const AGENCY_LETTERS = 8

/** `amana referral new`. */
export function newCommand(shell: Shell): CommandUnknownOpts {
  return leafCommand(shell, 'new', 'referralNew').action((options) =>
    referralNew(contextOf(shell, options)),
  )
}

async function referralNew(context: CommandContext): Promise<void> {
  const { agency } = await withServices(context, (node) => node.status({}))
  const [country = '', name = ''] = agency.toUpperCase().split('.')
  const letters = /^[A-Z]*/.exec(name)?.[0].slice(0, AGENCY_LETTERS) ?? ''
  const year = dayOf(systemClock.now()).slice(CENTURY, YEAR)
  const reference = makeReferralReference({ country, agency: letters, year }, systemRandom)
  printAnswer(context.io, 'amana.cli.referral-new/1', { json: { reference }, lines: [reference] })
}
