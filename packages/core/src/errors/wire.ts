/**
 * Error rows of the area `WIRE`.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { row } from './row.ts'

/** The rows; each code is refused in one place and has one hostile case. */
export const WIRE_ERRORS = {
  WIRE_SIZE: row<{ sizeBytes: number; limitBytes: number }>({
    retry: 'after-change',
    http: 413,
    exit: 4,
    refusal: 'size',
    en: (d) => `the object is ${d.sizeBytes} bytes; the limit is ${d.limitBytes}`,
    fr: (d) => `l’objet fait ${d.sizeBytes} octets ; la limite est ${d.limitBytes}`,
    hintEn: 'split the message or ask the sender for a smaller one',
    hintFr: 'scinder le message ou en demander un plus petit à l’expéditeur',
  }),
}
