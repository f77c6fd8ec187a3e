/**
 * Error rows of the area `REFERRAL`.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { row } from './row.ts'

/** The rows; each code is refused in one place and has one hostile case. */
export const REFERRAL_ERRORS = {
  REFERRAL_REFUSED: row<{ event: string; reasons: readonly string[] }>({
    retry: 'after-change',
    http: 409,
    exit: 5,
    en: (d) => `the referral does not allow the step ${d.event}: ${d.reasons.join(', ')}`,
    fr: (d) => `le référencement n’autorise pas l’étape ${d.event} : ${d.reasons.join(', ')}`,
    hintEn: 'see amana referral next for what is missing and what to do',
    hintFr: 'consulter amana referral next pour savoir ce qui manque et comment y remédier',
  }),
  REFERRAL_WITHDRAWN: row<{ desk: string; groups: string }>({
    retry: 'after-change',
    http: 409,
    exit: 5,
    en: (d) => `the person took back her consent that the desk ${d.desk} is sent ${d.groups}`,
    fr: (d) =>
      `la personne a retiré son consentement à ce que le bureau ${d.desk} reçoive ${d.groups}`,
    hintEn:
      'leave these groups or this desk out; only a new consent, or another basis that a second officer looks at, lifts it: see amana consent show',
    hintFr:
      'omettre ces groupes ou ce bureau ; seul un nouveau consentement, ou une autre base qu’un second agent examine, lève cet obstacle : voir amana consent show',
  }),
  REFERRAL_FINDINGS: row<{ count: number; path: string }>({
    retry: 'after-change',
    http: 409,
    exit: 5,
    en: (d) =>
      `texts of the message may tell who she is: ${String(d.count)}, the first at ${d.path}`,
    fr: (d) =>
      `des textes du message peuvent révéler son identité : ${String(d.count)}, le premier au champ ${d.path}`,
    hintEn: 'change the text, or say why it goes: amana message send FILE --accept-findings WHY',
    hintFr:
      'modifier le texte ou dire pourquoi il part : amana message send FICHIER --accept-findings MOTIF',
  }),
  REFERRAL_UNFILED: row<{ kind: string }>({
    retry: 'after-change',
    http: 409,
    exit: 5,
    en: (d) => `no filing with a data protection authority allows a real ${d.kind} to leave`,
    fr: (d) =>
      `aucune déclaration auprès d’une autorité de protection des données ne permet l’envoi d’un ${d.kind} réel`,
    hintEn: 'write its reference, or a waiver of the head, into regulatoryFilings of amana.toml',
    hintFr: 'inscrire sa référence ou une dispense du chef dans regulatoryFilings de amana.toml',
  }),
  REFERRAL_LOCKED: row<{ desk: string; reason: string }>({
    retry: 'after-change',
    http: 409,
    exit: 5,
    en: (d) => `nothing of this referral leaves for the desk ${d.desk} now: ${d.reason}`,
    fr: (d) => `rien de ce référencement ne part pour le bureau ${d.desk} : ${d.reason}`,
    hintEn: 'ask the person; a newer file or consent in her words opens it, nothing else does',
    hintFr: 'interroger la personne ; seul un dossier ou un consentement plus récent le permet',
  }),
}
