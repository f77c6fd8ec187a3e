/**
 * How the commands show the next charter: what it changes, the digits to compare, how far it is.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#proposing-a-charter
 */
import { type Renewal } from '../agency/renewal.ts'
import { type Io, printAnswer } from './io.ts'
import { dayOf } from './texts.ts'

/** Where the charter was written, how far it is, and where the first roster of the chain lies that it begins. */
export interface RenewalDone {
  readonly file: string
  readonly progress: string
  readonly roster?: string | undefined
}

/** What is shown of a renewal, and what was done with it. */
export interface Printed {
  readonly renewal: Renewal
  readonly json: Readonly<Record<string, unknown>>
  readonly done?: RenewalDone
}

/** Prints a renewal in the reader’s language, or as JSON. */
export function printRenewal(
  io: Io,
  what: 'propose' | 'diff' | 'sign',
  { done, json, renewal }: Printed,
): void {
  printAnswer(io, `amana.cli.peer-renew-${what}/1`, {
    json: { ...renewalFacts(renewal), ...json },
    lines: [
      ...changeLines(io, renewal),
      ...compareLines(io, renewal),
      ...(done === undefined ? [] : doneLines(io, done)),
    ],
  })
}

/** The same for a program. */
export function renewalFacts({
  changes,
  charter: { version },
  isCompared,
  safetyNumber,
}: Renewal): Readonly<Record<string, unknown>> {
  return { version, changes, isCompared, safetyNumber }
}

/** What the charter changes, one line each. */
export function changeLines(io: Io, { changes, charter }: Renewal): readonly string[] {
  const { exp, version } = charter
  return [
    io.say('peer.renew.head', { version, until: dayOf(exp) }),
    ...changes.map(({ agency, what: member }) => {
      const change = io.say(`peer.renew.what.${member}`)
      return agency === undefined ? `  ${change}` : `  ${agency}: ${change}`
    }),
  ]
}

/** Not shown to whoever signs: the digits are to be heard, not read here. */
function compareLines(io: Io, { isCompared, safetyNumber }: Renewal): readonly string[] {
  return isCompared ? [io.say('peer.renew.compare'), `    ${safetyNumber}`] : []
}

/** How far it is, and what is to be sent. */
export function doneLines(io: Io, { file, progress, roster }: RenewalDone): readonly string[] {
  return [
    io.say(`peer.renew.progress.${progress}`),
    io.say('peer.renew.file', { file }),
    ...(roster === undefined ? [] : [io.say('peer.renew.rosterFile', { file: roster })]),
  ]
}
