/**
 * Error rows of the area `STORE`.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { row } from './row.ts'

/** The rows; each code is refused in one place and has one hostile case. */
export const STORE_ERRORS = {
  STORE_BLOB: row<{ digest: string }>({
    retry: 'after-change',
    http: 500,
    exit: 8,
    en: (d) =>
      `the sealed file ${d.digest} is not in the folder of the node, or cannot be read or written`,
    fr: (d) =>
      `le fichier scellé ${d.digest} n’est pas dans le dossier du nœud, ou ne peut être lu ou écrit`,
    hintEn: 'check the disk and its free space, then attach the file again',
    hintFr: 'vérifier le disque et la place libre, puis joindre de nouveau le fichier',
  }),
  STORE_ROOM: row<{ bytes: number }>({
    retry: 'after-change',
    http: 507,
    exit: 8,
    en: (d) =>
      `the disk has no room for a sealed file${d.bytes > 0 ? `: ${d.bytes} bytes are needed` : ''}`,
    fr: (d) =>
      `le disque n’a pas de place pour un fichier scellé${d.bytes > 0 ? ` : il faut ${d.bytes} octets` : ''}`,
    hintEn: 'nothing of it was kept; make room on the disk of the node, then try again',
    hintFr: 'rien n’en a été gardé ; libérer de la place sur le disque du nœud, puis réessayer',
  }),
  STORE_KEYSTORE: row<{ reason: string }>({
    retry: 'never',
    http: 422,
    exit: 8,
    en: (d) => `the keystore file is not in its form (${d.reason})`,
    fr: (d) => `le fichier de trousseau n’a pas sa forme (${d.reason})`,
    hintEn: 'restore the keystore from its copy',
    hintFr: 'rétablir le trousseau depuis sa copie',
  }),
  STORE_KEYS_FULL: row<{ most: number }>({
    retry: 'after-change',
    http: 507,
    exit: 5,
    en: (d) =>
      `the keystore of the node holds ${d.most} keys that were made anew, and takes no more`,
    fr: (d) =>
      `le trousseau du nœud contient ${d.most} clés renouvelées et n’en accepte pas davantage`,
    hintEn:
      'a running node destroys keys 30 days after nobody can seal to them; let it run, then try again',
    hintFr:
      'un nœud en marche détruit les clés 30 jours après que plus personne ne peut sceller pour elles ; le laisser tourner, puis réessayer',
  }),
  STORE_KEYSTORE_WEAK: row<{ memoryKib: number; passes: number }>({
    retry: 'never',
    http: 422,
    exit: 5,
    en: (d) =>
      `the keystore asks for ${d.memoryKib} KiB and ${d.passes} passes, outside what is allowed`,
    fr: (d) =>
      `le trousseau demande ${d.memoryKib} Kio et ${d.passes} passes, hors de ce qui est admis`,
    hintEn: 'do not type the passphrase: the file may have been swapped; restore it from its copy',
    hintFr:
      'ne pas saisir la phrase secrète : le fichier a pu être échangé ; le rétablir depuis sa copie',
  }),
  STORE_PASSPHRASE: row<object>({
    retry: 'after-change',
    http: 401,
    exit: 5,
    en: () => 'the passphrase does not open this keystore',
    fr: () => 'la phrase secrète n’ouvre pas ce trousseau',
    hintEn: 'type it again; there is no way around it',
    hintFr: 'la saisir de nouveau ; il n’existe aucun contournement',
  }),
  STORE_GROUP: row<{ group: string }>({
    retry: 'never',
    http: 500,
    exit: 8,
    en: (d) => `the group ${d.group} at rest is not what was sealed`,
    fr: (d) => `le groupe ${d.group} au repos n’est pas ce qui a été scellé`,
    hintEn: 'stored bytes were changed; restore the store from its copy',
    hintFr: 'des octets du magasin ont été modifiés ; rétablir le magasin depuis sa copie',
  }),
  STORE_GROUP_KEY: row<{ group: string }>({
    retry: 'after-change',
    http: 403,
    exit: 5,
    en: (d) => `the key of the group ${d.group} was not wrapped for this officer`,
    fr: (d) => `la clé du groupe ${d.group} n’a pas été enveloppée pour cet agent`,
    hintEn: 'an officer who reads it can do that with amana officer grant',
    hintFr: 'un agent qui le lit peut le faire avec amana officer grant',
  }),
  STORE_LOCKED: row<{ folder: string }>({
    retry: 'later',
    http: 409,
    exit: 6,
    en: (d) => `another process has the store in ${d.folder} open`,
    fr: (d) => `un autre processus tient ouvert le magasin de ${d.folder}`,
    hintEn: 'stop the other process, or use the running node through its control socket',
    hintFr: 'arrêter l’autre processus, ou passer par le socket de commande du nœud en marche',
  }),
  STORE_OPEN: row<{ folder: string; reason: string }>({
    retry: 'after-change',
    http: 500,
    exit: 8,
    en: (d) => `the store in ${d.folder} cannot be opened (${d.reason})`,
    fr: (d) => `le magasin de ${d.folder} ne peut pas être ouvert (${d.reason})`,
    hintEn: 'check that the folder exists, belongs to this user and lies on a writable disk',
    hintFr:
      'vérifier que le dossier existe, appartient à cet utilisateur et se trouve sur un disque accessible en écriture',
  }),
  STORE_WRITE: row<{ reason: string }>({
    retry: 'later',
    http: 507,
    exit: 8,
    en: (d) =>
      `the store could not write, and takes no more until it is opened again (${d.reason})`,
    fr: (d) =>
      `le magasin n’a pas pu écrire et n’accepte plus rien avant sa réouverture (${d.reason})`,
    hintEn:
      'free space on the disk or repair it, then start the node again; nothing was half written',
    hintFr:
      'libérer de la place sur le disque ou le réparer, puis redémarrer le nœud ; rien n’a été écrit à moitié',
  }),
  STORE_DAMAGED: row<{ space: string }>({
    retry: 'never',
    http: 500,
    exit: 8,
    en: (d) => `the store is damaged, or this is not its key, at "${d.space}"`,
    fr: (d) => `le magasin est endommagé, ou cette clé n’est pas la sienne, à « ${d.space} »`,
    hintEn: 'stop the node, keep the folder as it is for examination and restore the newest backup',
    hintFr:
      'arrêter le nœud, conserver le dossier en l’état pour examen et rétablir la dernière sauvegarde',
  }),
  STORE_HOLE: row<{ level: number; index: number }>({
    retry: 'never',
    http: 500,
    exit: 8,
    en: (d) => `the log in the store has a hole at ${d.index} (level ${d.level})`,
    fr: (d) => `le journal du magasin a un trou à la position ${d.index} (niveau ${d.level})`,
    hintEn: 'stop the node, keep the folder as it is for examination and restore the newest backup',
    hintFr:
      'arrêter le nœud, conserver le dossier en l’état pour examen et rétablir la dernière sauvegarde',
  }),
  STORE_ROLLBACK: row<{ size: number; recorded: number }>({
    retry: 'never',
    http: 500,
    exit: 8,
    en: (d) =>
      `the store, with a log of ${d.size} entries, is older than the checkpoint recorded last (${d.recorded} entries), or is another one`,
    fr: (d) =>
      `le magasin, dont le journal compte ${d.size} entrées, est antérieur au dernier point de contrôle consigné (${d.recorded} entrées), ou n’est pas le bon`,
    hintEn: 'do not start this copy: find the newest store, or close this log and begin a new one',
    hintFr:
      'ne pas démarrer cette copie : retrouver le magasin le plus récent, ou clore ce journal et en ouvrir un nouveau',
  }),
  STORE_GUARD: row<{ path: string }>({
    retry: 'after-change',
    http: 500,
    exit: 8,
    en: (d) => `the file of checkpoints ${d.path} is missing, unreadable or cannot be written`,
    fr: (d) =>
      `le fichier des points de contrôle ${d.path} est absent, illisible ou non inscriptible`,
    hintEn: 'restore the file, or correct its path under [node] checkpoints in amana.toml',
    hintFr: 'rétablir le fichier, ou corriger son chemin à [node] checkpoints dans amana.toml',
  }),
  STORE_LOG_EXISTS: row<{ origin: string }>({
    retry: 'never',
    http: 409,
    exit: 6,
    en: (d) => `there is already a log ${d.origin}`,
    fr: (d) => `le journal ${d.origin} existe déjà`,
    hintEn: 'use another folder; a log begins once',
    hintFr: 'utiliser un autre dossier ; un journal ne commence qu’une fois',
  }),
  STORE_FILE: row<{ path: string; reason: string }>({
    retry: 'after-change',
    http: 500,
    exit: 8,
    en: (d) => `the file ${d.path} cannot be read or written (${d.reason})`,
    fr: (d) => `le fichier ${d.path} ne peut être ni lu ni écrit (${d.reason})`,
    hintEn: 'check the path, the permissions and the space left on the disk',
    hintFr: 'vérifier le chemin, les droits et la place disponible sur le disque',
  }),
  STORE_CONFIG: row<{ file: string; line: number; problem: string }>({
    retry: 'after-change',
    http: 400,
    exit: 3,
    en: (d) => `${d.file}, line ${d.line}: ${d.problem}`,
    fr: (d) => `${d.file}, ligne ${d.line} : ${d.problem}`,
    hintEn: 'correct the line and start again',
    hintFr: 'corriger la ligne et relancer',
  }),
}
