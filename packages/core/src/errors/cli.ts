/**
 * Error rows of the area `CLI`.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { row } from './row.ts'

/** The rows; each code is refused in one place and has one hostile case. */
export const CLI_ERRORS = {
  CLI_PASSPHRASE: row<{ keystore: string }>({
    retry: 'after-change',
    http: 401,
    exit: 5,
    en: (d) => `no passphrase for the keystore ${d.keystore}`,
    fr: (d) => `aucune phrase secrète pour le trousseau ${d.keystore}`,
    hintEn:
      'type it at the prompt of a terminal, or give --passphrases DIR with one .txt file a keystore',
    hintFr:
      'la saisir dans un terminal, ou indiquer --passphrases DOSSIER avec un fichier .txt par trousseau',
  }),
  CLI_PASSPHRASE_WEAK: row<{ keystore: string }>({
    retry: 'after-change',
    http: 422,
    exit: 2,
    en: (d) =>
      `the new passphrase of ${d.keystore} is under 12 characters, or was not typed the same twice`,
    fr: (d) =>
      `la nouvelle phrase secrète de ${d.keystore} compte moins de 12 caractères, ou les deux saisies diffèrent`,
    hintEn: 'choose five words that nobody says together; nothing was changed',
    hintFr: 'choisir cinq mots que personne ne dit ensemble ; rien n’a été modifié',
  }),
  CLI_OPTION: row<{ option: string }>({
    retry: 'after-change',
    http: 400,
    exit: 2,
    en: (d) => `the option ${d.option} is missing or cannot be used`,
    fr: (d) => `l’option ${d.option} est absente ou inutilisable`,
    hintEn: 'see the command with --help',
    hintFr: 'consulter l’aide de la commande avec --help',
  }),
  CLI_INTERRUPTED: row<object>({
    retry: 'later',
    http: 499,
    exit: 1,
    en: () => 'ended before it was done, because it was asked to end',
    fr: () => 'arrêt avant la fin, parce qu’il a été demandé',
    hintEn: 'begin again when you are ready; what it had made is removed',
    hintFr: 'recommencer le moment venu ; ce qui avait été créé est supprimé',
  }),
  CLI_NO_FOLDER: row<{ path: string }>({
    retry: 'after-change',
    http: 400,
    exit: 3,
    en: (d) => `${d.path} is not a folder of an Amana node: it has no amana.toml`,
    fr: (d) => `${d.path} n’est pas le dossier d’un nœud Amana : il ne contient pas amana.toml`,
    hintEn: 'name the folder with --dir, or make one with amana init',
    hintFr: 'indiquer le dossier avec --dir, ou en créer un avec amana init',
  }),
  CLI_FILE: row<{ path: string }>({
    retry: 'after-change',
    http: 400,
    exit: 2,
    en: (d) => `the file ${d.path} cannot be read or written`,
    fr: (d) => `le fichier ${d.path} ne peut être ni lu ni écrit`,
    hintEn: 'check the path, the permissions and the space left on the disk',
    hintFr: 'vérifier le chemin, les droits et la place disponible sur le disque',
  }),
  CLI_NOT_AMANA: row<{ path: string }>({
    retry: 'after-change',
    http: 400,
    exit: 9,
    en: (d) => `${d.path} is not a file that Amana knows`,
    fr: (d) => `${d.path} n’est pas un fichier reconnu par Amana`,
    hintEn:
      'see with --help which file this command takes, and with amana message inspect what the file is',
    hintFr:
      'consulter --help pour savoir quel fichier la commande attend, et amana message inspect pour savoir ce qu’est le fichier',
  }),
  CLI_USAGE: row<{ what: string }>({
    retry: 'after-change',
    http: 400,
    exit: 2,
    en: (d) => `the request ${d.what} is not one that this node knows, or its members are wrong`,
    fr: (d) => `la demande ${d.what} est inconnue de ce nœud, ou ses membres sont inexacts`,
    hintEn: 'see amana --help',
    hintFr: 'consulter amana --help',
  }),
  CLI_NO_MESSAGE: row<{ digest: string }>({
    retry: 'after-change',
    http: 404,
    exit: 2,
    en: (d) => `no message begins with ${d.digest}, or more than one does`,
    fr: (d) => `aucun message ne commence par ${d.digest}, ou plusieurs le font`,
    hintEn: 'see amana message list and type more of the digest',
    hintFr: 'consulter amana message list et saisir une plus grande partie de l’empreinte',
  }),
  CLI_NO_CONFLICT: row<object>({
    retry: 'never',
    http: 404,
    exit: 2,
    en: () => 'nothing is held against a log of that name',
    fr: () => 'rien n’est retenu contre un journal de ce nom',
    hintEn: 'see amana node status for the logs against which something is held',
    hintFr: 'consulter amana node status pour les journaux contre lesquels un fait est retenu',
  }),
  CLI_DESK: row<{ id: string }>({
    retry: 'never',
    http: 409,
    exit: 3,
    en: (d) => `the roster lists a desk ${d.id} already`,
    fr: (d) => `le registre contient déjà un bureau ${d.id}`,
    hintEn: 'choose another id: a desk that was listed keeps its own',
    hintFr: 'choisir un autre identifiant : un bureau inscrit garde le sien',
  }),
  CLI_NOT_VERIFIED: row<{ path: string }>({
    retry: 'never',
    http: 422,
    exit: 4,
    en: (d) => `${d.path} does not verify, so nothing was opened`,
    fr: (d) => `${d.path} n’est pas vérifié, rien n’a donc été ouvert`,
    hintEn: 'amana verify FILE --policy FILE says why',
    hintFr: 'amana verify FICHIER --policy FICHIER en donne la raison',
  }),
  CLI_NOT_KEPT: row<{ desk: string; digest: string }>({
    retry: 'never',
    http: 404,
    exit: 2,
    en: (d) => `nothing of the message ${d.digest} is kept here for the desk ${d.desk}`,
    fr: (d) => `rien du message ${d.digest} n’est conservé ici pour le bureau ${d.desk}`,
    hintEn:
      'amana message list names the desks; what a partner desk has answered is kept no longer',
    hintFr:
      'amana message list indique les bureaux ; ce à quoi un bureau partenaire a répondu n’est plus conservé',
  }),
  CLI_NOT_WITHDRAWABLE: row<{ digest: string; state: string }>({
    retry: 'never',
    http: 409,
    exit: 5,
    en: (d) => `the message ${d.digest} cannot be withdrawn: its state is ${d.state}`,
    fr: (d) => `le message ${d.digest} ne peut pas être retiré : son état est ${d.state}`,
    hintEn:
      'only an own message that the other agency has not answered can be; else send a correcting message that relates to it',
    hintFr:
      'seul un message de cette agence resté sans réponse peut l’être ; sinon, envoyer un message rectificatif qui s’y rattache',
  }),
  CLI_NO_REFERRAL: row<{ reference: string }>({
    retry: 'after-change',
    http: 404,
    exit: 2,
    en: (d) => `no referral ${d.reference} is known here`,
    fr: (d) => `aucun référencement ${d.reference} n’est connu ici`,
    hintEn: 'see amana referral list',
    hintFr: 'consulter amana referral list',
  }),
  CLI_EXISTS: row<{ path: string }>({
    retry: 'after-change',
    http: 409,
    exit: 3,
    en: (d) => `${d.path} exists already`,
    fr: (d) => `${d.path} existe déjà`,
    hintEn: 'choose another place; nothing was changed',
    hintFr: 'choisir un autre emplacement ; rien n’a été modifié',
  }),
  CLI_OFFICER: row<{ id: string }>({
    retry: 'after-change',
    http: 404,
    exit: 5,
    en: (d) => `the roster lists no officer ${d.id} with this key`,
    fr: (d) => `le registre ne comporte aucun agent ${d.id} avec cette clé`,
    hintEn: 'see amana roster show; add the officer with amana officer add',
    hintFr: 'consulter amana roster show ; ajouter l’agent avec amana officer add',
  }),
  CLI_CHILD: row<{ said: string }>({
    retry: 'later',
    http: 500,
    exit: 1,
    en: (d) => `a process of the demonstration ended before its time: ${d.said}`,
    fr: (d) => `un processus de la démonstration s’est arrêté avant terme : ${d.said}`,
    hintEn: 'keep the folder with --keep and look at its logs',
    hintFr: 'conserver le dossier avec --keep et consulter ses journaux',
  }),
  CLI_UNEXPECTED: row<{ what: string }>({
    retry: 'never',
    http: 500,
    exit: 1,
    en: (d) => `something happened that Amana has no sentence for (${d.what})`,
    fr: (d) => `un incident imprévu s’est produit (${d.what})`,
    hintEn: 'keep the log of the node and report it',
    hintFr: 'conserver le journal du nœud et le signaler',
  }),
  CLI_SOCKET: row<{ path: string }>({
    retry: 'later',
    http: 500,
    exit: 1,
    en: (d) => `the control socket ${d.path} cannot be used`,
    fr: (d) => `le socket de commande ${d.path} est inutilisable`,
    hintEn: 'check that the folder exists, belongs to you and has a path of at most 90 characters',
    hintFr:
      'vérifier que le dossier existe, qu’il vous appartient et que son chemin compte au plus 90 caractères',
  }),
  CLI_NOT_RUNNING: row<{ path: string }>({
    retry: 'later',
    http: 503,
    exit: 6,
    en: (d) => `no node answers at ${d.path}`,
    fr: (d) => `aucun nœud ne répond à ${d.path}`,
    hintEn: 'start it with amana node run',
    hintFr: 'le démarrer avec amana node run',
  }),
  CLI_NO_KEY: row<{ keyId: string }>({
    retry: 'after-change',
    http: 404,
    exit: 2,
    en: (d) => `no key of this agency begins with ${d.keyId}, or more than one does`,
    fr: (d) => `aucune clé de cette agence ne commence par ${d.keyId}, ou plusieurs le font`,
    hintEn: 'see amana key list and type more of the key id',
    hintFr: 'consulter amana key list et saisir une plus grande partie de l’identifiant',
  }),
  CLI_KEY_HOLDER: row<{ holder: string }>({
    retry: 'after-change',
    http: 404,
    exit: 2,
    en: (d) => `the roster lists no desk, node or officer ${d.holder}`,
    fr: (d) => `le registre ne comporte ni bureau, ni nœud, ni agent ${d.holder}`,
    hintEn: 'see amana roster show',
    hintFr: 'consulter amana roster show',
  }),
  CLI_KEY_ROOM: row<{ desk: string; most: number }>({
    retry: 'after-change',
    http: 409,
    exit: 2,
    en: (d) => `there is room for ${d.most} weekly keys of ${d.desk}, no more`,
    fr: (d) => `il n’y a de la place que pour ${d.most} clés hebdomadaires de ${d.desk}`,
    hintEn:
      'a roster lists 16 keys of a desk, those of the other suite among them; nothing was changed',
    hintFr:
      'un registre comporte 16 clés par bureau, celles de l’autre suite comprises ; rien n’a été modifié',
  }),
  CLI_PROPOSAL: row<{ path: string; reason: string }>({
    retry: 'after-change',
    http: 409,
    exit: 2,
    en: (d) => `${d.path} is no proposal that can be signed now (${d.reason})`,
    fr: (d) =>
      `${d.path} n’est pas une proposition que l’on puisse signer maintenant (${d.reason})`,
    hintEn: 'make a new one with amana roster propose, and look at it with amana roster diff',
    hintFr: 'en créer une autre avec amana roster propose, et la consulter avec amana roster diff',
  }),
}
