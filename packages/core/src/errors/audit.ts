/**
 * Error rows of the area `AUDIT`.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { type ErrorRow, row } from './row.ts'

/** A finding about evidence: the same bytes will never pass, and the person who gave them has to explain. */
function finding<D>(texts: Pick<ErrorRow<D>, 'en' | 'fr' | 'hintEn' | 'hintFr'>): ErrorRow<D> {
  return row<D>({ retry: 'never', http: 422, exit: 4, ...texts })
}

/** Something that cannot be read at all, which is not the same as evidence that fails. */
function unreadable<D>(texts: Pick<ErrorRow<D>, 'en' | 'fr' | 'hintEn' | 'hintFr'>): ErrorRow<D> {
  return row<D>({ retry: 'never', http: 422, exit: 9, ...texts })
}

const KEEP_BOTH = {
  hintEn: 'keep the file and ask the agency that keeps this log to explain it in writing',
  hintFr: 'conserver le fichier et demander une explication écrite à l’agence qui tient ce journal',
}
const ASK_AGAIN = {
  hintEn: 'ask for the file again and compare its SHA-256 by telephone',
  hintFr: 'redemander le fichier et comparer son SHA-256 par téléphone',
}

/** The rows; each code is refused in one place and has one hostile case. */
export const AUDIT_ERRORS = {
  AUDIT_LEAF_CANONICAL: finding<object>({
    en: () => 'a log entry is not in canonical form',
    fr: () => 'une entrée du journal n’est pas sous forme canonique',
    ...KEEP_BOTH,
  }),
  AUDIT_LEAF_EVENT: finding<{ index: number }>({
    en: (d) => `log entry ${d.index} records an unknown event`,
    fr: (d) => `l’entrée ${d.index} du journal consigne un événement inconnu`,
    hintEn: 'use the version of the verifier that the log was written with, or a newer one',
    hintFr:
      'utiliser la version du vérificateur qui a servi à écrire le journal, ou une plus récente',
  }),
  AUDIT_LEAF_SCHEMA: finding<{ index: number; path: string }>({
    en: (d) => `log entry ${d.index} does not fit its event at "${d.path}"`,
    fr: (d) => `l’entrée ${d.index} du journal ne correspond pas à son événement à « ${d.path} »`,
    ...KEEP_BOTH,
  }),
  AUDIT_LEAF_LOG: finding<{ index: number }>({
    en: (d) => `the entry at ${d.index} belongs to another log`,
    fr: (d) => `l’entrée à la position ${d.index} appartient à un autre journal`,
    ...KEEP_BOTH,
  }),
  AUDIT_LEAF_INDEX: finding<{ index: number; found: number }>({
    en: (d) => `the entry at ${d.index} says that it is entry ${d.found}`,
    fr: (d) => `l’entrée à la position ${d.index} dit être l’entrée ${d.found}`,
    ...KEEP_BOTH,
  }),
  AUDIT_GENESIS: finding<{ index: number }>({
    en: (d) => `the genesis entry is missing or stands twice (at ${d.index})`,
    fr: (d) => `l’entrée initiale manque ou figure deux fois (à la position ${d.index})`,
    ...KEEP_BOTH,
  }),
  AUDIT_CLASS_CHAIN: finding<{ index: number; class: string }>({
    en: (d) => `an entry of class ${d.class} is missing before entry ${d.index}`,
    fr: (d) => `une entrée de la classe ${d.class} manque avant l’entrée ${d.index}`,
    ...KEEP_BOTH,
  }),
  AUDIT_TIME_BACKWARDS: finding<{ index: number }>({
    en: (d) => `entry ${d.index} is dated before the entry that precedes it`,
    fr: (d) => `l’entrée ${d.index} porte une date antérieure à celle de l’entrée qui la précède`,
    ...KEEP_BOTH,
  }),
  AUDIT_SEAL: finding<{ index: number; class: string }>({
    en: (d) => `the seal at entry ${d.index} names another last entry of class ${d.class}`,
    fr: (d) =>
      `la clôture à l’entrée ${d.index} désigne une autre dernière entrée de la classe ${d.class}`,
    ...KEEP_BOTH,
  }),
  AUDIT_INDEX_GAP: finding<{ expected: number; found: number }>({
    en: (d) => `entry ${d.expected} was expected; entry ${d.found} follows`,
    fr: (d) => `l’entrée ${d.expected} était attendue ; l’entrée ${d.found} suit`,
    ...ASK_AGAIN,
  }),
  AUDIT_PROOF: finding<object>({
    en: () => 'the Merkle proof does not lead to the root',
    fr: () => 'la preuve de Merkle ne mène pas à la racine',
    hintEn: 'ask for a new proof; if it fails too, keep both and report a broken log',
    hintFr:
      'demander une nouvelle preuve ; si elle échoue aussi, conserver les deux et signaler un journal rompu',
  }),
  AUDIT_NOTE: unreadable<{ reason: string }>({
    en: (d) => `the signed note is malformed (${d.reason})`,
    fr: (d) => `la note signée est mal formée (${d.reason})`,
    ...ASK_AGAIN,
  }),
  AUDIT_VKEY: unreadable<object>({
    en: () => 'the verifier key is malformed or its key id does not belong to it',
    fr: () => 'la clé de vérification est mal formée ou son identifiant n’est pas le sien',
    hintEn: 'copy the key from the roster again',
    hintFr: 'recopier la clé à partir du registre',
  }),
  AUDIT_CHECKPOINT: unreadable<object>({
    en: () => 'the note is not a checkpoint of an audit log',
    fr: () => 'la note n’est pas un point de contrôle d’un journal d’audit',
    ...ASK_AGAIN,
  }),
  AUDIT_CHECKPOINT_ORIGIN: finding<{ expected: string }>({
    en: (d) => `the checkpoint is not one of ${d.expected}`,
    fr: (d) => `le point de contrôle n’est pas de ${d.expected}`,
    hintEn: 'check which agency’s file was opened',
    hintFr: 'vérifier de quelle agence vient le fichier ouvert',
  }),
  AUDIT_CHECKPOINT_SIGNATURE: finding<{ name: string; keyId: string }>({
    en: (d) => `the signature of ${d.name} (${d.keyId}) on the checkpoint is wrong`,
    fr: (d) => `la signature de ${d.name} (${d.keyId}) sur le point de contrôle est fausse`,
    ...KEEP_BOTH,
  }),
  AUDIT_CHECKPOINT_UNSIGNED: finding<{ size: number; keyId: string }>({
    en: (d) => `the checkpoint of size ${d.size} lacks a signature of its log (${d.keyId})`,
    fr: (d) =>
      `il manque au point de contrôle de taille ${d.size} une signature de son journal (${d.keyId})`,
    ...KEEP_BOTH,
  }),
  AUDIT_NOT_WITNESSED: finding<{ size: number; witnesses: number; quorum: number }>({
    en: (d) =>
      `the checkpoint of size ${d.size} is cosigned by ${d.witnesses} witnesses; ${d.quorum} are needed`,
    fr: (d) =>
      `le point de contrôle de taille ${d.size} est cosigné par ${d.witnesses} témoins ; il en faut ${d.quorum}`,
    hintEn: 'connect the two nodes, so that the other agency cosigns',
    hintFr: 'connecter les deux nœuds, pour que l’autre agence cosigne',
  }),
  AUDIT_UNWITNESSED: row<{ hours: number }>({
    retry: 'later',
    http: 409,
    exit: 4,
    en: (d) => `the other agency has not cosigned the log for ${d.hours} hours: intelligence waits`,
    fr: (d) =>
      `l’autre agence n’a pas cosigné le journal depuis ${d.hours} heures : le renseignement attend`,
    hintEn: 'ask the other agency why its node does not cosign; referrals go on meanwhile',
    hintFr:
      'demander à l’autre agence pourquoi son nœud ne cosigne pas ; les référencements continuent entre-temps',
  }),
  AUDIT_WITNESS_REQUEST: unreadable<object>({
    en: () => 'the request for a cosignature is malformed',
    fr: () => 'la demande de cosignature est mal formée',
    hintEn: 'check the version of the peer’s node',
    hintFr: 'vérifier la version du nœud partenaire',
  }),
  AUDIT_WITNESS_ANSWER: unreadable<object>({
    en: () => 'the witness’s answer is malformed',
    fr: () => 'la réponse du témoin est mal formée',
    hintEn: 'check the version of the peer’s node',
    hintFr: 'vérifier la version du nœud partenaire',
  }),
  AUDIT_ANCHOR: unreadable<{ line: number }>({
    en: (d) => `line ${d.line} of the anchor is not as it is printed`,
    fr: (d) => `la ligne ${d.line} de l’ancrage n’est pas telle qu’elle est imprimée`,
    hintEn:
      'type the four lines of the signed minutes again: title, two logs with sizes, 60 digits',
    hintFr:
      'ressaisir les quatre lignes du procès-verbal signé : titre, deux journaux avec leur taille, 60 chiffres',
  }),
  AUDIT_ANCHOR_MISMATCH: finding<{ log: string; size: number }>({
    en: (d) => `the anchor is not of the head of ${d.log} at size ${d.size} that is known here`,
    fr: (d) => `l’ancrage n’est pas celui de la tête de ${d.log} à la taille ${d.size} connue ici`,
    hintEn:
      'compare the printed lines with the other agency; if they are right, keep both and ask why',
    hintFr:
      'comparer les lignes imprimées avec l’autre agence ; si elles sont exactes, conserver les deux et demander pourquoi',
  }),
  AUDIT_CONFLICT_FORM: unreadable<object>({
    en: () => 'the file is not evidence of two histories in its exact form',
    fr: () => 'le fichier n’est pas une preuve de deux histoires sous sa forme exacte',
    ...ASK_AGAIN,
  }),
  AUDIT_EPOCH: finding<{ reason: string }>({
    en: (d) => `the agreement on a new log does not fit together (${d.reason})`,
    fr: (d) => `l’accord sur un nouveau journal ne concorde pas (${d.reason})`,
    hintEn: 'let the agency whose log it is propose again: amana audit epoch propose',
    hintFr:
      'demander à l’agence qui tient le journal de proposer de nouveau : amana audit epoch propose',
  }),
  AUDIT_EPOCH_BEHIND: finding<{ size: number; cosigned: number }>({
    en: (d) =>
      `the new log would follow ${d.size} entries, and ${d.cosigned} were cosigned here, or others`,
    fr: (d) =>
      `le nouveau journal suivrait ${d.size} entrées, alors que ${d.cosigned} ont été cosignées ici, ou d’autres`,
    hintEn:
      'give the other agency the newest head, so that it proposes again with --last: amana audit epoch head --to FILE',
    hintFr:
      'remettre à l’autre agence la tête la plus récente, pour qu’elle propose de nouveau avec --last : amana audit epoch head --to FICHIER',
  }),
  AUDIT_NO_CONFLICT: finding<{ size: number }>({
    en: (d) => `the signed notes of the file (size ${d.size}) do not contradict each other`,
    fr: (d) => `les notes signées du fichier (taille ${d.size}) ne se contredisent pas`,
    hintEn: 'ask the agency that wrote the file which two checkpoints it means',
    hintFr: 'demander à l’agence qui a écrit le fichier de quels points de contrôle il s’agit',
  }),
  AUDIT_PROOF_FILE: unreadable<object>({
    en: () => 'the file is not a proof of a log entry (C2SP tlog-proof)',
    fr: () => 'le fichier n’est pas la preuve d’une entrée de journal (C2SP tlog-proof)',
    ...ASK_AGAIN,
  }),
  AUDIT_ACT_STALE: row<object>({
    retry: 'after-change',
    http: 409,
    exit: 5,
    en: () => 'the officer’s signature is for a request that is over, or was used already',
    fr: () => 'la signature de l’agent porte sur une demande expirée ou déjà utilisée',
    hintEn: 'ask again: a request can be signed within five minutes, once',
    hintFr: 'refaire la demande : elle peut être signée dans les cinq minutes, une seule fois',
  }),
  AUDIT_BREAK_GLASS: row<{ missing: string }>({
    retry: 'after-change',
    http: 422,
    exit: 5,
    en: (d) =>
      `an opening against the usual rule needs an officer and a reason; missing: ${d.missing}`,
    fr: (d) =>
      `une ouverture hors de la règle habituelle exige un agent et un motif ; manque : ${d.missing}`,
    hintEn: 'give --officer and --reason; another officer reviews it within 24 hours',
    hintFr: 'indiquer --officer et --reason ; un autre agent l’examine dans les 24 heures',
  }),
  AUDIT_REVIEW_NONE: row<{ index: number }>({
    retry: 'after-change',
    http: 404,
    exit: 2,
    en: (d) => `log entry ${d.index} is not an opening that waits for a review`,
    fr: (d) => `l’entrée ${d.index} du journal n’est pas une ouverture en attente d’examen`,
    hintEn: 'see which openings wait with amana node status',
    hintFr: 'consulter les ouvertures en attente avec amana node status',
  }),
  AUDIT_REVIEW_OWN: row<{ index: number }>({
    retry: 'after-change',
    http: 403,
    exit: 7,
    en: (d) => `the officer who opened at log entry ${d.index} cannot review it`,
    fr: (d) => `l’agent à l’origine de l’entrée ${d.index} du journal ne peut pas l’examiner`,
    hintEn: 'let another officer of the agency review it',
    hintFr: 'la faire examiner par un autre agent de l’agence',
  }),
  AUDIT_CURSOR: row<object>({
    retry: 'never',
    http: 500,
    exit: 8,
    en: () => 'the stored state of the audit log cannot be read',
    fr: () => 'l’état enregistré du journal d’audit est illisible',
    hintEn: 'stop the node and restore the newest backup',
    hintFr: 'arrêter le nœud et restaurer la dernière sauvegarde',
  }),
  AUDIT_BUNDLE_RECORD: unreadable<{ line: number }>({
    en: (d) => `line ${d.line} of the evidence bundle is malformed`,
    fr: (d) => `la ligne ${d.line} du dossier de preuve est mal formée`,
    ...ASK_AGAIN,
  }),
  AUDIT_BUNDLE_ORDER: unreadable<{ line: number }>({
    en: (d) => `line ${d.line} of the evidence bundle stands in the wrong place`,
    fr: (d) => `la ligne ${d.line} du dossier de preuve n’est pas à sa place`,
    ...ASK_AGAIN,
  }),
  AUDIT_BUNDLE_LIMIT: unreadable<{ line: number }>({
    en: (d) => `the evidence bundle is beyond its limits at line ${d.line}`,
    fr: (d) => `le dossier de preuve dépasse ses limites à la ligne ${d.line}`,
    hintEn: 'ask for the same period in several bundles',
    hintFr: 'demander la même période en plusieurs dossiers',
  }),
  AUDIT_BUNDLE_TRUNCATED: finding<{ line: number }>({
    en: (d) => `the evidence bundle ends at line ${d.line} without its last record`,
    fr: (d) => `le dossier de preuve s’arrête à la ligne ${d.line}, sans sa dernière ligne`,
    ...ASK_AGAIN,
  }),
  AUDIT_BUNDLE_DIGEST: finding<{ line: number }>({
    en: () => 'the evidence bundle was changed after it was written, or damaged',
    fr: () => 'le dossier de preuve a été modifié après son écriture, ou endommagé',
    ...ASK_AGAIN,
  }),
  AUDIT_BUNDLE_EMPTY: unreadable<object>({
    en: () => 'the evidence bundle shows no log entry',
    fr: () => 'le dossier de preuve ne montre aucune entrée du journal',
    hintEn: 'ask for a bundle that shows at least the class of exchange',
    hintFr: 'demander un dossier qui montre au moins la classe des échanges',
  }),
  AUDIT_DISCLOSURE: finding<{ index: number }>({
    en: (d) => `what was disclosed for entry ${d.index} is not what the log committed to`,
    fr: (d) =>
      `ce qui a été divulgué pour l’entrée ${d.index} n’est pas ce sur quoi le journal s’est engagé`,
    ...KEEP_BOTH,
  }),
  AUDIT_EVIDENCE: finding<{ line: number }>({
    en: (d) => `the evidence at line ${d.line} is not what its digest says`,
    fr: (d) => `la pièce à la ligne ${d.line} ne correspond pas à son empreinte`,
    ...ASK_AGAIN,
  }),
}
