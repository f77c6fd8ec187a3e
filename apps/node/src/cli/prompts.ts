/**
 * Questions to the person at the terminal; a program that is not at a terminal is told which option is missing.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { isCancel, text } from '@clack/prompts'
import { AmanaError } from '@amana/core'
import { type Io } from './io.ts'

/** What is asked for, and the option that would have said it. */
export interface Question {
  readonly option: string
  /** Key of the catalogue, and what stands in it. */
  readonly ask: string
  readonly values?: Readonly<Record<string, string>>
  readonly given: string | undefined
}

/** The option's value, or the answer. @throws CLI_OPTION when neither is there */
export async function requireText(
  io: Io,
  { ask, given, option, values }: Question,
): Promise<string> {
  if (given !== undefined && given !== '') return given
  if (!io.interactive) throw new AmanaError('CLI_OPTION', { option })
  const typed = await text({ message: io.say(ask, values), ...io.terminal })
  if (isCancel(typed) || typed === '') throw new AmanaError('CLI_OPTION', { option })
  return typed
}

/** What cannot be undone: typed once more, letter for letter, or agreed to by `--yes`. @throws CLI_OPTION */
export async function requireTyped(io: Io, ask: string, expected: string): Promise<void> {
  const typed = await requireText(io, { option: '--yes', ask, given: undefined })
  if (typed !== expected) throw new AmanaError('CLI_OPTION', { option: '--yes' })
}
