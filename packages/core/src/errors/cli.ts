/**
 * Error rows of the area `CLI`.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { row } from './row.ts'

/** The rows; each code is refused in one place and has one hostile case. */
export const CLI_ERRORS = {
  CLI_USAGE: row<{ what: string }>({
    retry: 'after-change',
    http: 400,
    exit: 2,
    en: (d) => `the request ${d.what} is not one that this node knows, or its members are wrong`,
    fr: (d) => `la demande ${d.what} est inconnue de ce nœud, ou ses membres sont inexacts`,
    hintEn: 'see amana --help',
    hintFr: 'consulter amana --help',
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
    fr: (d) => `la prise de commande ${d.path} est inutilisable`,
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

}
