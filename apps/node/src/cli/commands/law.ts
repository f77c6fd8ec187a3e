/**
 * `amana law`: what the laws of both countries say, as the program knows it, and which of it a lawyer must still confirm.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#law
 */
import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { AmanaError, type Draft } from '@amana/core'
import { LAW, LAW_VERSION, type LawEntry, lawOn, type LawSubject } from '@amana/vocabulary'
import { z } from 'zod'
import { type Io, printAnswer } from '../io.ts'
import { answeringCommand, contextOf, type Shell } from '../shell.ts'
import { systemClock } from '../../system.ts'
import { dayOf } from '../texts.ts'

const COUNTRIES = ['NE', 'NG'] as const
const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/
/** Members of any group that name something a law speaks of. */
const SUBJECTS: ReadonlyMap<string, LawSubject> = new Map([
  ['legalBasis', 'basis'],
  ['transferBasis', 'transfer'],
  ['offence', 'offence'],
])

interface LawOptions {
  readonly country?: (typeof COUNTRIES)[number] | undefined
  readonly on?: string | undefined
}

/** The command `law`. */
export function lawCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return answeringCommand(shell, 'law', 'law')
    .addOption(new Option('--country <country>', say('help.option.country')).choices(COUNTRIES))
    .option('--on <day>', say('help.option.lawOn'))
    .action((options) => {
      showLaw(contextOf(shell, options).io, options)
    })
}

/** @throws CLI_OPTION when the day is none */
function showLaw(io: Io, { country, on }: LawOptions): void {
  const day = on ?? dayOf(systemClock.now())
  if (!DAY.test(day)) throw new AmanaError('CLI_OPTION', { option: '--on' })
  const entries = LAW.filter(
    (entry) => entry.from <= day && (country === undefined || entry.country === country),
  )
  printAnswer(io, 'amana.cli.law/1', {
    json: { version: LAW_VERSION, day, entries },
    lines: [
      io.say('law.head', { version: LAW_VERSION, day }),
      ...entries.map((entry) => lawLine(io, entry, day)),
    ],
  })
}

/** What a lawyer must confirm, or is over, of that which a draft rests on: each is said once, and decides nothing. */
export function lawLines(io: Io, { groups }: Draft, day: string): readonly string[] {
  const entries = Object.values(groups).flatMap((group) => entriesOf(group, day))
  return [...new Set(entries.map((entry) => lawLine(io, entry, day)))]
}

function entriesOf(group: unknown, day: string): readonly LawEntry[] {
  const members = z.record(z.string(), z.unknown()).safeParse(group).data ?? {}
  return Object.entries(members).flatMap(([member, value]) => {
    const subject = SUBJECTS.get(member)
    if (subject === undefined || typeof value !== 'string') return []
    return COUNTRIES.flatMap((country) => {
      const { entries, holds, warns } = lawOn({ country, subject, code: value, day })
      return warns || holds === 'no' ? entries : []
    })
  })
}

function lawLine(io: Io, entry: LawEntry, day: string): string {
  const { country, from, source, status, until } = entry
  const isOver = until !== undefined && until <= day
  const key = isOver ? 'law.over' : status === 'confirmed' ? 'law.confirmed' : 'law.verify'
  return io.say(key, { country, from, until: until ?? '', source, text: entry[io.language] })
}
