/**
 * Error rows of the area `VERIFY`.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { row } from './row.ts'

/** The rows; each code is refused in one place and has one hostile case. */
export const VERIFY_ERRORS = {
  VERIFY_UNKNOWN_FILE: row<{ name: string }>({
    retry: 'never',
    http: 422,
    exit: 9,
    en: (d) => `${d.name} is none of the files that Amana writes`,
    fr: (d) => `${d.name} ne fait pas partie des fichiers qu’écrit Amana`,
    hintEn: 'check which file was opened, and that nothing changed it on its way',
    hintFr: 'vérifier quel fichier a été ouvert et que rien ne l’a modifié en chemin',
  }),
}
