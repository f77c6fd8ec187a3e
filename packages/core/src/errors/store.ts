/**
 * Error rows of the area `STORE`.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { row } from './row.ts'

/** The rows; each code is refused in one place and has one hostile case. */
export const STORE_ERRORS = {
  STORE_KEYSTORE: row<{ reason: string }>({
    retry: 'never',
    http: 422,
    exit: 8,
    en: (d) => `the keystore file is not in its form (${d.reason})`,
    fr: (d) => `le fichier de trousseau n’a pas sa forme (${d.reason})`,
    hintEn: 'restore the keystore from its copy',
    hintFr: 'rétablir le trousseau depuis sa copie',
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
}
