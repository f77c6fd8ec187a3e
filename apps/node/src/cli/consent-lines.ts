/**
 * Consents as lines for an officer: who may read what, since when, on which word, and what was taken back.
 *
 * @module
 * @spec docs/spec/08-exchange.md#consents
 */
import { codeLabel } from '@amana/vocabulary'
import { type ConsentsView, type ConsentView, type ReachedDesk } from '../service-views.ts'
import { type Io } from './io.ts'

/** Everything that is known of the consents of a referral. */
export function consentLines(io: Io, view: Omit<ConsentsView, 'stops'>): readonly string[] {
  const { say } = io
  const { consents, desks, reviews, withdrawn } = view
  return [
    ...(consents.length === 0 ? [say('acts:consent.none')] : []),
    ...consents.map((consent) => recordLine(io, consent)),
    ...withdrawn.map(({ fieldGroups, reader, scope }) =>
      say('acts:consent.withdrawn', {
        scope: word(io, 'consentScope', scope),
        reader: word(io, 'readerRole', reader),
        groups: groupsOf(io, fieldGroups),
      }),
    ),
    ...reviews
      .filter(({ status }) => status === 'running' || status === 'overdue')
      .map(({ dueAt: date }) => say('acts:consent.review', { date })),
    ...desks.map((desk) => deskLine(io, desk)),
  ]
}

/** One consent: scope, status, reader and groups, when, and how it was given. */
function recordLine(io: Io, consent: ConsentView): string {
  const { agency, clinician, expiresAt, fieldGroups = [], givenBy, language, legalBasis } = consent
  const { medium, notice, officer, reader, recorded, scope, secondOrganisation, status } = consent
  const how = [
    givenBy === undefined ? undefined : word(io, 'consentGivenBy', givenBy),
    medium === undefined ? undefined : word(io, 'consentMedium', medium),
    language,
    notice === undefined
      ? undefined
      : io.say('acts:consent.notice', { digest: notice.slice(0, 8) }),
    legalBasis === undefined ? undefined : word(io, 'legalBasis', legalBasis),
    clinician ?? secondOrganisation,
    expiresAt === undefined ? undefined : io.say('acts:consent.until', { date: expiresAt }),
  ].filter((part) => part !== undefined)
  const to =
    reader === undefined ? io.say('acts:consent.anyReader') : word(io, 'readerRole', reader)
  const what = fieldGroups.length === 0 ? '' : ` (${groupsOf(io, fieldGroups)})`
  return io
    .say('acts:consent.line', {
      date: recorded,
      scope: word(io, 'consentScope', scope),
      status: word(io, 'consentStatus', status),
      reader: `${to}${what}`,
      how: how.join(', '),
      by: `${officer}, ${agency}`,
    })
    .replace(/ {2,}$/, '')
}

function deskLine({ say }: Io, { desk, has, waits }: ReachedDesk): string {
  return say('acts:consent.desk', { desk, has, waits })
}

/** Field groups in the reader’s words. */
export function groupsOf(io: Io, groups: readonly string[]): string {
  return groups.map((group) => word(io, 'fieldGroup', group)).join(', ')
}

/** A code in the reader’s words. */
export function word({ language }: Pick<Io, 'language'>, list: string, code: string): string {
  return codeLabel(list, code, language) ?? code
}
