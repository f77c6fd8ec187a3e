/**
 * Error rows of the area `TRUST`.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { row } from './row.ts'

/** The rows; each code is refused in one place and has one hostile case. */
export const TRUST_ERRORS = {
  TRUST_THRESHOLD: row<{ agency: string; pairs: number; threshold: number }>({
    retry: 'after-change',
    http: 422,
    exit: 4,
    refusal: 'trust',
    en: (d) => `for ${d.agency}, ${d.pairs} root pairs count and the threshold is ${d.threshold}`,
    fr: (d) =>
      `pour ${d.agency}, ${d.pairs} paires racines comptent et le seuil est de ${d.threshold}`,
    hintEn: 'collect the missing root signatures of that agency',
    hintFr: 'recueillir les signatures racines manquantes de cette agence',
  }),
  TRUST_ROLLBACK: row<{ document: string; found: number; known: number }>({
    retry: 'never',
    http: 409,
    exit: 4,
    refusal: 'trust',
    en: (d) => `version ${d.found} of the ${d.document} does not come after version ${d.known}`,
    fr: (d) => `${d.document} : la version ${d.found} ne vient pas après la version ${d.known}`,
    hintEn: 'import the versions in between; if an older one was offered, tell the other agency',
    hintFr:
      'importer les versions intermédiaires ; si une version ancienne est proposée, avertir l’autre agence',
  }),
  TRUST_CHAIN: row<{ document: string; version: number }>({
    retry: 'never',
    http: 422,
    exit: 4,
    refusal: 'trust',
    en: (d) => `version ${d.version} of the ${d.document} does not follow from the one before`,
    fr: (d) => `${d.document} : la version ${d.version} ne fait pas suite à la précédente`,
    hintEn: 'alarm: keep both versions and tell the other agency by telephone',
    hintFr: 'alerte : conserver les deux versions et appeler l’autre agence par téléphone',
  }),
  TRUST_RECOVERY_DELAY: row<{ agency: string; until: number }>({
    retry: 'later',
    http: 409,
    exit: 5,
    en: (d) => `the recovery of ${d.agency} is not in force before ${d.until}`,
    fr: (d) => `la récupération de ${d.agency} n’est pas en vigueur avant ${d.until}`,
    hintEn:
      'wait until seven days after both agencies have seen it; until then the charter before counts',
    hintFr:
      'attendre sept jours après que les deux agences l’ont vue ; d’ici là, la charte précédente compte',
  }),
  TRUST_DIVIDED: row<{ version: number }>({
    retry: 'after-change',
    http: 409,
    exit: 5,
    en: (d) => `two charters of version ${d.version} are signed: intelligence waits`,
    fr: (d) => `deux chartes de version ${d.version} sont signées : le renseignement attend`,
    hintEn:
      'speak with the other agency by telephone, then sign the version that follows together; referrals are sent all the same',
    hintFr:
      'appeler l’autre agence par téléphone, puis signer ensemble la version suivante ; les référencements partent malgré tout',
  }),
  TRUST_EXPIRED: row<{ document: string; exp: number; bound: number }>({
    retry: 'after-change',
    http: 422,
    exit: 4,
    refusal: 'trust',
    en: (d) => `the ${d.document} ends at ${d.exp}, outside of its bound ${d.bound}`,
    fr: (d) => `${d.document} : fin de validité ${d.exp}, hors de la borne ${d.bound}`,
    hintEn: 'ask the agency for a fresh one',
    hintFr: 'en demander un exemplaire à jour à l’agence',
  }),
  TRUST_REVOCATION: row<{ keyId: string }>({
    retry: 'never',
    http: 422,
    exit: 4,
    refusal: 'trust',
    en: (d) => `the revocation of ${d.keyId} was taken back, changed or dated back`,
    fr: (d) => `la révocation de ${d.keyId} a été retirée, modifiée ou antidatée`,
    hintEn: 'ask the agency for a correct roster',
    hintFr: 'demander un registre correct à l’agence',
  }),
  TRUST_CHAIN_FULL: row<{ agency: string; bytes: number; most: number }>({
    retry: 'after-change',
    http: 422,
    exit: 4,
    en: (d) =>
      `the rosters of ${d.agency} take ${d.bytes} bytes of the ${d.most} that a chain of them may have`,
    fr: (d) =>
      `les registres de ${d.agency} occupent ${d.bytes} octets sur les ${d.most} permis à une suite de registres`,
    hintEn:
      'a charter with another roster key of that agency begins a new chain; a roster that revokes a key is taken all the same',
    hintFr:
      'une charte avec une autre clé de registre de cette agence ouvre une nouvelle suite ; un registre qui révoque une clé est accepté malgré tout',
  }),
  TRUST_NO_ROSTER: row<{ agency: string }>({
    retry: 'later',
    http: 404,
    exit: 4,
    refusal: 'trust',
    en: (d) => `no roster of ${d.agency} is known here`,
    fr: (d) => `aucun registre de ${d.agency} n’est connu ici`,
    hintEn: 'import its roster or its invite',
    hintFr: 'importer son registre ou son invitation',
  }),
  TRUST_DESK: row<{ agency: string; desk: string }>({
    retry: 'after-change',
    http: 404,
    exit: 4,
    refusal: 'trust',
    en: (d) => `the desk ${d.desk} of ${d.agency} has no key that is valid now`,
    fr: (d) => `le bureau ${d.desk} de ${d.agency} n’a aucune clé valide à cet instant`,
    hintEn: 'ask the agency for its newest roster',
    hintFr: 'demander à l’agence son dernier registre',
  }),
  TRUST_DEPOSIT: row<{ agency: string }>({
    retry: 'after-change',
    http: 404,
    exit: 4,
    en: (d) => `${d.agency} has no deposit key that is valid now`,
    fr: (d) => `${d.agency} n’a aucune clé de dépôt valide à cet instant`,
    hintEn: 'ask the agency for its newest roster',
    hintFr: 'demander à l’agence son dernier registre',
  }),
  TRUST_DESK_ROLES: row<{ agency: string; desk: string }>({
    retry: 'after-change',
    http: 409,
    exit: 4,
    en: (d) => `the desk ${d.desk} of ${d.agency} was another one when a message for it was queued`,
    fr: (d) =>
      `le bureau ${d.desk} de ${d.agency} était autre quand un message pour lui a été mis en file`,
    hintEn: 'take back what waits for it, or send it anew after asking the agency',
    hintFr: 'retirer ce qui l’attend, ou l’envoyer de nouveau après avoir interrogé l’agence',
  }),
  TRUST_SUITE: row<{ agency: string; desk: string; suite: string }>({
    retry: 'after-change',
    http: 404,
    exit: 4,
    en: (d) => `the desk ${d.desk} of ${d.agency} has no key of suite ${d.suite}, the charter’s`,
    fr: (d) =>
      `le bureau ${d.desk} de ${d.agency} n’a aucune clé de la suite ${d.suite}, celle de la charte`,
    hintEn: 'ask the agency for a roster with such keys; nothing is sealed under another suite',
    hintFr:
      'demander à l’agence un registre avec de telles clés ; rien n’est scellé sous une autre suite',
  }),
  TRUST_SELF: row<{ agency: string }>({
    retry: 'after-change',
    http: 422,
    exit: 2,
    en: (d) => `both invites are of ${d.agency}`,
    fr: (d) => `les deux invitations sont de ${d.agency}`,
    hintEn: 'import the invite of the other agency',
    hintFr: 'importer l’invitation de l’autre agence',
  }),
  TRUST_OTHER_CHARTER: row<{ expected: string; found: string }>({
    retry: 'after-change',
    http: 409,
    exit: 4,
    refusal: 'trust',
    en: (d) => `the signatures are for charter ${d.found}, not for ${d.expected}`,
    fr: (d) => `les signatures portent sur la charte ${d.found} et non sur ${d.expected}`,
    hintEn: 'exchange new invites and compare the safety number again',
    hintFr: 'échanger de nouvelles invitations et comparer de nouveau le numéro de contrôle',
  }),
  TRUST_SAFETY_NUMBER: row<{ digits: number }>({
    retry: 'after-change',
    http: 422,
    exit: 4,
    en: (d) => `the ${d.digits} digits typed are not the safety number`,
    fr: (d) => `les ${d.digits} chiffres saisis ne sont pas le numéro de contrôle`,
    hintEn: 'have them read aloud once more; if they differ, do not confirm',
    hintFr: 'les faire relire à voix haute ; s’ils diffèrent, ne pas confirmer',
  }),
  TRUST_POLICY: row<{ line: number }>({
    retry: 'after-change',
    http: 422,
    exit: 9,
    en: (d) => `line ${d.line} is not that of a policy file`,
    fr: (d) => `la ligne ${d.line} n’est pas celle d’un fichier de politique`,
    hintEn: 'get policy.txt from the agency again and compare its digits',
    hintFr: 'redemander policy.txt à l’agence et comparer ses chiffres',
  }),
  TRUST_SECOND_OFFICER: row<{ kind: string; required: number; signed: number }>({
    retry: 'after-change',
    http: 403,
    exit: 7,
    refusal: 'policy',
    en: (d) => `${d.kind} needs ${d.required} approvals by other officers; it has ${d.signed}`,
    fr: (d) => `${d.kind} exige ${d.required} approbations d’autres agents ; il y en a ${d.signed}`,
    hintEn: 'have a second officer with the approve role sign it',
    hintFr: 'le faire signer par un second agent ayant le rôle approve',
  }),
  TRUST_NO_CHARTER: row<object>({
    retry: 'after-change',
    http: 409,
    exit: 3,
    en: () => 'no charter is in force yet',
    fr: () => 'aucune charte n’est encore en vigueur',
    hintEn: 'pair with the other agency: amana peer invite, import, compare, confirm',
    hintFr: 's’apparier avec l’autre agence : amana peer invite, import, compare, confirm',
  }),
  TRUST_NO_INVITE: row<{ agency: string }>({
    retry: 'after-change',
    http: 404,
    exit: 3,
    en: (d) => `there is no invite of ${d.agency} here`,
    fr: (d) => `il n’y a ici aucune invitation de ${d.agency}`,
    hintEn: 'make your own with amana peer invite, take theirs with amana peer import',
    hintFr: 'créer la vôtre avec amana peer invite, reprendre la leur avec amana peer import',
  }),
  TRUST_IN_FORCE: row<{ agency: string }>({
    retry: 'never',
    http: 409,
    exit: 5,
    en: (d) => `the charter with ${d.agency} is in force: its invite can no longer be rejected`,
    fr: (d) =>
      `la charte avec ${d.agency} est en vigueur : son invitation ne peut plus être refusée`,
    hintEn:
      'stop the node and speak with the other agency by telephone; only both can end a charter',
    hintFr:
      'arrêter le nœud et téléphoner à l’autre agence ; elles seules, ensemble, mettent fin à une charte',
  }),
  TRUST_REJECTED: row<{ agency: string }>({
    retry: 'after-change',
    http: 409,
    exit: 5,
    en: (d) => `this invite of ${d.agency} was rejected here`,
    fr: (d) => `cette invitation de ${d.agency} a été refusée ici`,
    hintEn: 'ask the agency for a new invite and compare again',
    hintFr: 'demander une nouvelle invitation à l’agence et comparer de nouveau',
  }),
  TRUST_KEY_FIXED: row<{ keyId: string; use: string }>({
    retry: 'never',
    http: 422,
    exit: 5,
    en: (d) => `${d.keyId} is a key for ${d.use}, which no roster can revoke`,
    fr: (d) => `${d.keyId} est une clé d’usage ${d.use}, qu’aucun registre ne peut révoquer`,
    hintEn:
      'root pairs, recovery pairs and the roster key are replaced by the next charter: amana peer renew propose --new-roots, --new-recovery or --new-roster-key; for the other fixed keys this version has no command',
    hintFr:
      'les paires racines, les paires de secours et la clé de registre sont remplacées par la charte suivante : amana peer renew propose --new-roots, --new-recovery ou --new-roster-key ; pour les autres clés fixes, cette version n’a pas de commande',
  }),
  TRUST_KEY_LAST: row<{ keyId: string; holder: string }>({
    retry: 'after-change',
    http: 409,
    exit: 5,
    en: (d) =>
      `${d.keyId} is the last key of ${d.holder}, which could then receive or sign nothing`,
    fr: (d) =>
      `${d.keyId} est la dernière clé de ${d.holder}, qui ne pourrait plus rien recevoir ni signer`,
    hintEn: 'make a new one first with amana key rotate; nothing was changed',
    hintFr: 'en créer d’abord une autre avec amana key rotate ; rien n’a été modifié',
  }),
  TRUST_KEY_WAITS: row<{ peerId: string }>({
    retry: 'after-change',
    http: 409,
    exit: 5,
    en: (d) => `new keys of the node (${d.peerId}) stand in the roster and are not in use yet`,
    fr: (d) =>
      `de nouvelles clés du nœud (${d.peerId}) figurent au registre et ne sont pas encore en usage`,
    hintEn: 'they are used as soon as the other agency has that roster; see amana node status',
    hintFr: 'elles servent dès que l’autre agence a ce registre ; consulter amana node status',
  }),
  TRUST_KEY_REVOKED: row<{ keyId: string }>({
    retry: 'never',
    http: 409,
    exit: 5,
    en: (d) => `${d.keyId} is revoked already`,
    fr: (d) => `${d.keyId} est déjà révoquée`,
    hintEn: 'a revocation stands for ever and cannot be changed; see amana key list',
    hintFr: 'une révocation est définitive et ne peut être modifiée ; consulter amana key list',
  }),
  TRUST_RECOVERY: row<{ keystore: string }>({
    retry: 'never',
    http: 422,
    exit: 4,
    en: (d) => `the pair in the keystore ${d.keystore} is no recovery pair of the charter`,
    fr: (d) => `la paire du trousseau ${d.keystore} n’est pas une paire de secours de la charte`,
    hintEn:
      'look for the right keystore; without enough recovery pairs lost roots cannot be replaced',
    hintFr:
      'chercher le bon trousseau ; sans assez de paires de secours, des racines perdues ne peuvent être remplacées',
  }),
}
