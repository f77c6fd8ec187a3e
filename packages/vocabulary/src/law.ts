/**
 * What the laws of both countries say, as data with dates: offences, bases, transfer bases, filings. An entry that a lawyer
 * must still confirm warns, and decides nothing.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#law
 */
import register from './law.json' with { type: 'json' }
import { type Language } from './catalogues.ts'

/** What an entry is about. */
export type LawSubject = 'basis' | 'filing' | 'offence' | 'transfer'

/** One rule of one country, from a day and perhaps until one; days are `YYYY-MM-DD`. */
export interface LawEntry extends Readonly<Record<Language, string>> {
  readonly id: string
  readonly country: string
  readonly subject: LawSubject
  /** Codes of `offenceClass`, `legalBasis` or `transferBasis`, or what is to be filed. */
  readonly codes: readonly string[]
  readonly from: string
  /** The first day on which it is no longer in force. */
  readonly until?: string
  readonly status: 'confirmed' | 'verify'
  readonly source: string
}

/** What is asked about. */
export interface LawQuestion {
  readonly country: string
  readonly subject: LawSubject
  readonly code: string
  readonly day: string
}

/** The answer: `unknown` where only entries that a lawyer must confirm say so, or none is there. */
export interface LawAnswer {
  readonly holds: 'no' | 'unknown' | 'yes'
  /** Whether a reader must be told to ask a lawyer. */
  readonly warns: boolean
  /** The entries that it rests on. */
  readonly entries: readonly LawEntry[]
}

/** The version of the register. */
export const LAW_VERSION: string = register.version

/** Every entry. */
export const LAW: readonly LawEntry[] = register.entries.map((entry) => ({
  ...entry,
  subject: subjectOf(entry.subject),
  status: entry.status === 'confirmed' ? 'confirmed' : 'verify',
}))

/** Whether a code held in a country on a day, as far as the register knows. */
export function lawOn({ country, subject, code, day }: LawQuestion): LawAnswer {
  const about = LAW.filter(
    (entry) => entry.country === country && entry.subject === subject && entry.codes.includes(code),
  )
  const current = about.filter((entry) => entry.from <= day && !hasEnded(entry, day))
  if (current.length > 0) {
    const isSure = current.some(({ status }) => status === 'confirmed')
    return { holds: isSure ? 'yes' : 'unknown', warns: !isSure, entries: current }
  }
  const ended = about.filter((entry) => hasEnded(entry, day))
  const isSure = ended.length > 0 && ended.every(({ status }) => status === 'confirmed')
  return { holds: isSure ? 'no' : 'unknown', warns: !isSure, entries: ended }
}

/** Whether an operation or a request may rest on that offence alone: not where the register knows that it is none. */
export function mayRestOn(offence: string, country: string, day: string): boolean {
  return lawOn({ country, subject: 'offence', code: offence, day }).holds !== 'no'
}

function hasEnded({ until }: LawEntry, day: string): boolean {
  return until !== undefined && until <= day
}

function subjectOf(subject: string): LawSubject {
  if (subject === 'basis' || subject === 'filing' || subject === 'transfer') return subject
  return 'offence'
}
