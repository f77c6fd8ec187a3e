/**
 * Error rows of the area `RIGHTS`.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { row } from './row.ts'

/** Why a message does not do as what it was named for. */
export type RightsReason = 'action' | 'kind' | 'open' | 'owner' | 'referral' | 'state'

/** The rows; each code is refused in one place and has one hostile case. */
export const RIGHTS_ERRORS = {
  RIGHTS_ROLE: row<{ id: string }>({
    retry: 'never',
    http: 403,
    exit: 5,
    en: (d) => `the officer ${d.id} may neither erase nor hold anything`,
    fr: (d) => `l’agent ${d.id} ne peut ni effacer ni conserver quoi que ce soit`,
    hintEn: 'ask an officer with the role approve:rights or head',
    hintFr: 'demander à un agent qui a le rôle approve:rights ou head',
  }),
  RIGHTS_SECOND: row<{ option: string }>({
    retry: 'after-change',
    http: 403,
    exit: 7,
    en: (d) =>
      `two different officers agree to an erasure; ${d.option} is missing or names the same`,
    fr: (d) =>
      `un effacement demande l’accord de deux agents différents ; ${d.option} est absent ou désigne le même`,
    hintEn: 'name a second officer with the role approve:rights or head by --approve',
    hintFr: 'indiquer par --approve un second agent qui a le rôle approve:rights ou head',
  }),
  RIGHTS_ORDER: row<{ digest: string; reason: RightsReason }>({
    retry: 'never',
    http: 409,
    exit: 5,
    en: (d) => `${d.digest} orders nothing here (${d.reason}); nothing was changed`,
    fr: (d) => `${d.digest} n’ordonne rien ici (${d.reason}) ; rien n’a été modifié`,
    hintEn:
      'only the agency whose message it is orders an erasure or decides a correction; amana erasure list and amana correction list show what may be acted on',
    hintFr:
      'seule l’agence dont vient le message ordonne un effacement ou tranche une rectification ; amana erasure list et amana correction list montrent ce qui peut être traité',
  }),
  RIGHTS_HOLD: row<{ about: string }>({
    retry: 'never',
    http: 404,
    exit: 2,
    en: (d) => `no hold stands on ${d.about}`,
    fr: (d) => `aucune mesure de conservation ne porte sur ${d.about}`,
    hintEn: 'amana hold list shows those that stand',
    hintFr: 'amana hold list montre celles qui sont en vigueur',
  }),
  RIGHTS_IDENTITY: row<{ digest: string; type: string }>({
    retry: 'never',
    http: 403,
    exit: 5,
    en: (d) =>
      `nothing is given out for the request ${d.digest} (${d.type}): her code word was not checked, or she asked for something else`,
    fr: (d) =>
      `rien n’est remis pour la demande ${d.digest} (${d.type}) : son mot de code n’a pas été vérifié, ou elle a demandé autre chose`,
    hintEn:
      'open the request again with --code-word by an officer who reads it; a file is given for access, portability and the list of recipients',
    hintFr:
      'rouvrir la demande avec --code-word par un agent qui le lit ; un fichier est remis pour l’accès, la portabilité et la liste des destinataires',
  }),
  RIGHTS_ERASED: row<{ reference: string }>({
    retry: 'never',
    http: 410,
    exit: 5,
    en: (d) => `the file of ${d.reference} has ended and was erased: no step follows`,
    fr: (d) => `le dossier de ${d.reference} est terminé et a été effacé : aucune étape ne suit`,
    hintEn: 'begin a new referral where the person needs help again',
    hintFr: 'ouvrir un nouveau référencement si la personne a de nouveau besoin d’aide',
  }),
}
