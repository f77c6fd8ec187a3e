/**
 * Error rows of the area `HANDOVER`.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { row } from './row.ts'

/** The rows; each code is refused in one place and has one hostile case. */
export const HANDOVER_ERRORS = {
  HANDOVER_FORM: row<{ path: string }>({
    retry: 'never',
    http: 422,
    exit: 9,
    en: (d) => `this is no offer and no answer of a hand-over (${d.path})`,
    fr: (d) => `ce n’est ni une offre ni une réponse de remise (${d.path})`,
    hintEn: 'give the file that amana custody offer or amana custody receive wrote',
    hintFr: 'indiquer le fichier écrit par amana custody offer ou amana custody receive',
  }),
  HANDOVER_PART: row<{ place: number; reason: string }>({
    retry: 'after-change',
    http: 422,
    exit: 9,
    en: (d) => `code ${d.place} of those given does not fit (${d.reason})`,
    fr: (d) => `le code ${d.place} parmi ceux qui sont donnés ne convient pas (${d.reason})`,
    hintEn: 'scan that code again; all codes come from one page, in any order',
    hintFr:
      'lire ce code de nouveau ; tous les codes viennent d’une même page, dans un ordre quelconque',
  }),
  HANDOVER_PARTS_MISSING: row<{ count: number; missing: readonly number[] }>({
    retry: 'after-change',
    http: 422,
    exit: 9,
    en: (d) => `of ${d.count} codes these are missing: ${d.missing.join(', ')}`,
    fr: (d) => `sur ${d.count} codes, il manque : ${d.missing.join(', ')}`,
    hintEn: 'scan the missing ones and give all of them together',
    hintFr: 'lire ceux qui manquent et les donner tous ensemble',
  }),
  HANDOVER_PARTY: row<{ rule: string }>({
    retry: 'never',
    http: 403,
    exit: 5,
    en: (d) => `this officer cannot sign this half of the hand-over (${d.rule})`,
    fr: (d) => `cet agent ne peut pas signer cette moitié de la remise (${d.rule})`,
    hintEn:
      'two officers of two organisations sign: one of who lets the person go, one of who takes her',
    hintFr:
      'deux agents de deux organisations signent : l’un de celle qui laisse partir la personne, l’autre de celle qui la prend',
  }),
  HANDOVER_OVER: row<{ exp: number }>({
    retry: 'never',
    http: 410,
    exit: 5,
    en: (d) => `the offer ended at ${d.exp} seconds since 1970`,
    fr: (d) => `l’offre a pris fin à ${d.exp} secondes depuis 1970`,
    hintEn: 'ask the other officer for a new offer; who has the person goes on caring for her',
    hintFr:
      'demander une nouvelle offre à l’autre agent ; qui a la personne continue de s’occuper d’elle',
  }),
  HANDOVER_OTHER: row<{ what: string }>({
    retry: 'never',
    http: 409,
    exit: 4,
    en: (d) => `the answer belongs to another hand-over (${d.what})`,
    fr: (d) => `la réponse appartient à une autre remise (${d.what})`,
    hintEn: 'compare the reference and the leg; ask for the answer to this offer',
    hintFr: 'comparer la référence et le trajet ; demander la réponse à cette offre',
  }),
  HANDOVER_UNKNOWN: row<{ document: string }>({
    retry: 'after-change',
    http: 409,
    exit: 9,
    en: (d) => `the ${d.document} at hand is too old to tell who signed the offer`,
    fr: (d) =>
      `le ${d.document === 'roster' ? 'registre' : 'document de charte'} dont on dispose est trop ancien pour dire qui a signé l’offre`,
    hintEn:
      'get newer evidence from your agency; or sign with --unverified, and the node tells when the line is back',
    hintFr:
      'obtenir de votre agence des preuves plus récentes ; ou signer avec --unverified, et le nœud le dira quand la liaison sera rétablie',
  }),
  HANDOVER_LINES: row<{ lines: readonly number[] }>({
    retry: 'after-change',
    http: 422,
    exit: 2,
    en: (d) => `lines of the list that cannot be read: ${d.lines.join(', ')}; nothing was signed`,
    fr: (d) => `lignes de la liste illisibles : ${d.lines.join(', ')} ; rien n’a été signé`,
    hintEn: 'correct these lines and run the same again; the others stay as they are',
    hintFr: 'corriger ces lignes et recommencer ; les autres restent telles quelles',
  }),
  HANDOVER_GROUP: row<{ group: string }>({
    retry: 'later',
    http: 404,
    exit: 6,
    en: (d) => `no manifest of the group ${d.group} is here that this officer reads`,
    fr: (d) => `aucun manifeste du groupe ${d.group} que cet agent puisse lire n’est ici`,
    hintEn:
      'wait for the other agency’s manifest, or ask an officer who reads it; the count stays in its file',
    hintFr:
      'attendre le manifeste de l’autre agence, ou s’adresser à un agent qui le lit ; le comptage reste dans son fichier',
  }),
}
