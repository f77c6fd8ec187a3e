/**
 * Who held which key on a day, as text and as HTML.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#keys-of-a-day
 */
import { CATALOGUES, type Language } from '@amana/vocabulary'
import { escapeHtml, section } from './html.ts'
import {
  type AgencyKeys,
  type HeldKey,
  type HeldKeyRevocation,
  type KeyHolder,
  type KeysOfDay,
} from './key-holders.ts'
import { heading, wrapText } from './text-lines.ts'

/** As many letters of a key's id as a person compares. */
const KEY_LETTERS = 12

/** The keys as lines of text; none where no day was asked for. */
export function dayLines(day: KeysOfDay | undefined, language: Language): readonly string[] {
  if (day === undefined) return []
  const { heading: title } = CATALOGUES[language].report.day
  return [
    ...heading(`${title} ${day.at}`),
    ...day.agencies.flatMap((agency) => agencyLines(agency, language)),
    '',
  ]
}

function agencyLines(keys: AgencyKeys, language: Language): readonly string[] {
  return [
    ...wrapText(`${keys.agency} – ${rosterText(keys, language)}`, 2),
    ...keys.holders.flatMap((holder) => [
      ...wrapText(holderText(holder, language), 4),
      ...holder.keys.flatMap((key) => keyLines(key, language)),
    ]),
  ]
}

function keyLines(key: HeldKey, language: Language): readonly string[] {
  const { uses } = CATALOGUES[language].report.day
  const { from, keyId, revoked, until, use } = key
  const line = `${uses[use]} ${keyId.slice(0, KEY_LETTERS)} ${from} – ${until}`
  return [
    ...wrapText(line, 6),
    ...(revoked === undefined ? [] : wrapText(revocationText(revoked, language), 8)),
  ]
}

/** The keys as one table an agency; none where no day was asked for. */
export function daySections(day: KeysOfDay | undefined, language: Language): readonly string[] {
  if (day === undefined) return []
  const { heading: title } = CATALOGUES[language].report.day
  return day.agencies.map((keys) => agencySection(keys, `${title} ${day.at}`, language))
}

function agencySection(keys: AgencyKeys, title: string, language: Language): string {
  const text = CATALOGUES[language].report.day
  const rows = keys.holders.flatMap((holder) =>
    holder.keys.map((key) => [
      escapeHtml(holderText(holder, language)),
      escapeHtml(text.uses[key.use]),
      `<code>${escapeHtml(key.keyId.slice(0, KEY_LETTERS))}</code>`,
      escapeHtml(`${key.from} – ${key.until}`),
      key.revoked === undefined ? '' : escapeHtml(revocationText(key.revoked, language)),
    ]),
  )
  const columns = [text.holder, text.use, text.key, text.valid, text.revoked]
  return [
    section(`${title} – ${keys.agency}`, columns, rows),
    `<p>${escapeHtml(rosterText(keys, language))}</p>`,
  ].join('\n')
}

function rosterText({ roster }: AgencyKeys, language: Language): string {
  const text = CATALOGUES[language].report.day
  if (roster === undefined) return text.none
  const { expiresAt, isOver, issuedAt, version } = roster
  const dates = `${text.issued} ${issuedAt}, ${text.expires} ${expiresAt}`
  return `${text.roster} ${String(version)}, ${dates}.${isOver ? ` ${text.over}` : ''}`
}

function holderText({ id, organisation, roles, what }: KeyHolder, language: Language): string {
  const name = `${CATALOGUES[language].report.day.what[what]} ${id}`
  const place = organisation === undefined ? '' : `, ${organisation}`
  return `${name}${place}${roles.length === 0 ? '' : ` (${roles.join(' ')})`}`
}

function revocationText({ reason, saidAt, since }: HeldKeyRevocation, language: Language): string {
  const text = CATALOGUES[language].report.day
  return `${text.since} ${since} (${text.reasons[reason]}), ${text.said} ${saidAt}`
}
