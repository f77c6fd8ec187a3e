/**
 * Error rows of the area `NET`.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { row } from './row.ts'

/** The rows; each code is refused in one place and has one hostile case. */
export const NET_ERRORS = {
  NET_ADDRESS: row<{ address: string }>({
    retry: 'after-change',
    http: 422,
    exit: 2,
    en: (d) => `${d.address} is not an address of the form /ip4/…/tcp/…`,
    fr: (d) => `${d.address} n’est pas une adresse de la forme /ip4/…/tcp/…`,
    hintEn: 'write it like /ip4/192.0.2.7/tcp/4001 or /dns4/node.example/tcp/4001',
    hintFr: 'l’écrire comme /ip4/192.0.2.7/tcp/4001 ou /dns4/noeud.example/tcp/4001',
  }),
  NET_ADDRESS_IN_USE: row<{ address: string }>({
    retry: 'later',
    http: 503,
    exit: 3,
    en: (d) => `no free port could be had on ${d.address}`,
    fr: (d) => `aucun port libre n’a pu être obtenu sur ${d.address}`,
    hintEn: 'end a program that holds many ports, then try again',
    hintFr: 'arrêter un programme qui occupe de nombreux ports, puis réessayer',
  }),
  NET_BLOB: row<{ reason: string }>({
    retry: 'later',
    http: 502,
    exit: 6,
    en: (d) => `the other side does not keep to the protocol of attachments (${d.reason})`,
    fr: (d) => `l’autre côté ne respecte pas le protocole des pièces jointes (${d.reason})`,
    hintEn: 'the messages are not affected; tell the other agency if it happens again',
    hintFr: 'les messages ne sont pas touchés ; prévenir l’autre agence si cela se répète',
  }),
  NET_LISTEN: row<{ address: string }>({
    retry: 'after-change',
    http: 503,
    exit: 3,
    en: (d) => `the node cannot listen on ${d.address}`,
    fr: (d) => `le nœud ne peut pas écouter sur ${d.address}`,
    hintEn: 'another program may hold the port: end it, or change listen in amana.toml',
    hintFr:
      'un autre programme occupe peut-être le port : l’arrêter, ou changer listen dans amana.toml',
  }),
  NET_UNREACHABLE: row<{ peerId: string }>({
    retry: 'later',
    http: 503,
    exit: 6,
    en: (d) => `the node ${d.peerId} cannot be reached`,
    fr: (d) => `le nœud ${d.peerId} est injoignable`,
    hintEn: 'nothing is lost: what is queued leaves when the line is back',
    hintFr: 'rien n’est perdu : la file d’attente partira au retour de la liaison',
  }),
  NET_TIMEOUT: row<object>({
    retry: 'later',
    http: 504,
    exit: 6,
    en: () => 'the other node did not answer in time',
    fr: () => 'l’autre nœud n’a pas répondu à temps',
    hintEn: 'nothing is lost: what is queued leaves when the line is back',
    hintFr: 'rien n’est perdu : la file d’attente partira au retour de la liaison',
  }),
  NET_CLOSED: row<object>({
    retry: 'later',
    http: 503,
    exit: 6,
    en: () => 'the connection to the other node was closed',
    fr: () => 'la connexion avec l’autre nœud a été fermée',
    hintEn: 'nothing is lost: the node connects again by itself',
    hintFr: 'rien n’est perdu : le nœud se reconnecte de lui-même',
  }),
  NET_FRAME: row<{ reason: string }>({
    retry: 'never',
    http: 422,
    exit: 6,
    refusal: 'malformed',
    en: (d) => `the other node sent a frame that is not of the protocol: ${d.reason}`,
    fr: (d) => `l’autre nœud a envoyé une trame hors protocole : ${d.reason}`,
    hintEn: 'if it happens again, ask which version the other agency runs',
    hintFr: 'si cela se répète, demander quelle version l’autre agence utilise',
  }),
  NET_GREETING: row<{ reason: string }>({
    retry: 'later',
    http: 422,
    exit: 6,
    refusal: 'trust',
    en: (d) => `the other node did not greet as the protocol says: ${d.reason}`,
    fr: (d) => `l’autre nœud ne s’est pas présenté selon le protocole : ${d.reason}`,
    hintEn: 'compare charter and rosters with the other agency',
    hintFr: 'comparer la charte et les registres avec l’autre agence',
  }),
  NET_MAILBOX: row<{ reason: string }>({
    retry: 'later',
    http: 503,
    exit: 6,
    en: (d) => `the mailbox does not keep it: ${d.reason}`,
    fr: (d) => `la boîte de dépôt ne le garde pas : ${d.reason}`,
    hintEn:
      'wait until the other agency has fetched, or ask whoever runs the mailbox to list both agencies',
    hintFr:
      'attendre que l’autre agence ait relevé, ou demander à qui tient la boîte de dépôt d’inscrire les deux agences',
  }),
  NET_PAUSED: row<object>({
    retry: 'later',
    http: 503,
    exit: 6,
    en: () => 'the other node sent too much that no node sends, and is not let in for ten minutes',
    fr: () =>
      'l’autre nœud a trop envoyé de ce qu’aucun nœud n’envoie, et n’est pas admis pendant dix minutes',
    hintEn:
      'nothing is lost; ask the other agency whether somebody else has the key of its node, then run amana peer resume',
    hintFr:
      'rien n’est perdu ; demander à l’autre agence si quelqu’un d’autre détient la clé de son nœud, puis lancer amana peer resume',
  }),
  NET_PROXY: row<{ reason: string }>({
    retry: 'later',
    http: 502,
    exit: 6,
    en: (d) => `the proxy does not connect to the other node: ${d.reason}`,
    fr: (d) => `le serveur mandataire n’établit pas la connexion avec l’autre nœud : ${d.reason}`,
    hintEn:
      'check proxy in amana.toml; 407 asks for a name and a password in it, 403 for a permission from whoever runs it',
    hintFr:
      'vérifier proxy dans amana.toml ; 407 demande un nom et un mot de passe dans ce réglage, 403 une autorisation de qui l’exploite',
  }),
  NET_TLS: row<{ host: string; reason: string }>({
    retry: 'after-change',
    http: 502,
    exit: 6,
    en: (d) => `no TLS with ${d.host}: ${d.reason}`,
    fr: (d) => `pas de TLS avec ${d.host} : ${d.reason}`,
    hintEn:
      'the certificate of the front is at fault, or somebody on the way opens TLS: ask whoever runs the front or the network; NODE_EXTRA_CA_CERTS names a certificate of your own',
    hintFr:
      'le certificat du serveur frontal est en cause, ou TLS est ouvert en chemin : demander à qui exploite le serveur frontal ou le réseau ; NODE_EXTRA_CA_CERTS désigne un certificat à vous',
  }),
  NET_WEBSOCKET: row<{ reason: string }>({
    retry: 'later',
    http: 502,
    exit: 6,
    en: (d) => `no WebSocket at the address of the other node: ${d.reason}`,
    fr: (d) => `pas de WebSocket à l’adresse de l’autre nœud : ${d.reason}`,
    hintEn: 'the front answers, the node behind it does not: ask the other agency whether it runs',
    hintFr:
      'le serveur frontal répond, mais pas le nœud derrière lui : demander à l’autre agence s’il est lancé',
  }),
  NET_TRANSPORT: row<{ part: string }>({
    retry: 'never',
    http: 500,
    exit: 1,
    en: (d) => `the transport library changed inside (${d.part}); its guards would guard nothing`,
    fr: (d) => `la bibliothèque de transport a changé (${d.part}) ; ses gardes seraient sans effet`,
    hintEn: 'install the pinned versions: pnpm install --frozen-lockfile',
    hintFr: 'installer les versions figées : pnpm install --frozen-lockfile',
  }),
}
