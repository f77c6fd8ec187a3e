/**
 * Error rows of the area `CLI` for what a case officer types about a referral.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { row } from './row.ts'

/** Why something is no reference. */
type ReferenceDetails =
  | { what: 'form' }
  | { what: 'symbol'; place: number; symbol: string }
  | { what: 'check'; check: string; expected: string }
  | { what: 'known'; place: number; said: string; meant: string; reference: string }

/** The rows; each code is refused in one place and has one hostile case. */
export const CLI_REFERRAL_ERRORS = {
  CLI_REFERENCE: row<ReferenceDetails>({
    retry: 'after-change',
    http: 400,
    exit: 2,
    en: (d) => `this is no reference: ${englishFault(d)}`,
    fr: (d) => `ceci n’est pas une référence : ${frenchFault(d)}`,
    hintEn:
      'read it again, character by character: NE-ANLTP-21-7K3QX9M4-I has 8 characters and a check character after the year',
    hintFr:
      'la relire caractère par caractère : NE-ANLTP-21-7K3QX9M4-I compte 8 caractères et un caractère de contrôle après l’année',
  }),
  CLI_CODE: row<{ option: string; choices: string }>({
    retry: 'after-change',
    http: 400,
    exit: 2,
    en: (d) => `the option ${d.option} takes one of ${d.choices}`,
    fr: (d) => `l’option ${d.option} prend l’une des valeurs ${d.choices}`,
    hintEn: 'see the command with --help for what each of them means',
    hintFr: 'consulter l’aide de la commande avec --help pour le sens de chacune',
  }),
  CLI_NO_PROPOSAL: row<{ event: string }>({
    retry: 'after-change',
    http: 404,
    exit: 2,
    en: (d) => `no first half of ${d.event} waits for this answer`,
    fr: (d) => `aucune première moitié de ${d.event} n’attend cette réponse`,
    hintEn: 'see amana referral next for what waits; what has ended is proposed again',
    hintFr:
      'consulter amana referral next pour ce qui attend ; ce qui a expiré se propose de nouveau',
  }),
}

function englishFault(d: ReferenceDetails): string {
  if (d.what === 'form') return 'it has not the parts of one'
  if (d.what === 'symbol') return `character ${d.place} after the year, ${d.symbol}, stands in none`
  if (d.what === 'check') return `to these 8 characters belongs ${d.expected}, not ${d.check}`
  return `character ${d.place} after the year is ${d.said} and should be ${d.meant}, as in ${d.reference}`
}

function frenchFault(d: ReferenceDetails): string {
  if (d.what === 'form') return 'elle n’en a pas les parties'
  if (d.what === 'symbol') {
    return `le caractère ${d.place} après l’année, ${d.symbol}, n’existe dans aucune`
  }
  if (d.what === 'check') {
    return `à ces 8 caractères correspond ${d.expected}, non ${d.check}`
  }
  return `le caractère ${d.place} après l’année est ${d.said} et devrait être ${d.meant}, comme dans ${d.reference}`
}
