/**
 * Error rows of the area `WIRE`: attachments.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { row } from './row.ts'

/** The rows; each code is refused in one place and has one hostile case. */
export const WIRE_ATTACHMENT_ERRORS = {
  WIRE_ATTACHMENT: row<{ digest: string }>({
    retry: 'never',
    http: 422,
    exit: 4,
    refusal: 'content',
    en: (d) => `the statement names the attachment ${d.digest}, its dispatch does not`,
    fr: (d) => `la déclaration nomme la pièce jointe ${d.digest}, son envoi ne la nomme pas`,
    hintEn: 'ask the sender to send the message again',
    hintFr: 'demander à l’expéditeur d’envoyer de nouveau le message',
  }),
  WIRE_ATTACHMENT_LENGTH: row<{ sizeBytes: number }>({
    retry: 'never',
    http: 422,
    exit: 4,
    en: (d) => `no sealed attachment is ${d.sizeBytes} bytes long`,
    fr: (d) => `aucune pièce jointe scellée ne fait ${d.sizeBytes} octets`,
    hintEn: 'ask the sender to send the message again',
    hintFr: 'demander à l’expéditeur d’envoyer de nouveau le message',
  }),
  WIRE_ATTACHMENT_CHUNK: row<{ index: number }>({
    retry: 'never',
    http: 422,
    exit: 4,
    en: (d) => `chunk ${d.index} of the attachment is not what the sender sealed under this key`,
    fr: (d) =>
      `le bloc ${d.index} de la pièce jointe n’est pas celui que l’expéditeur a scellé sous cette clé`,
    hintEn: 'nothing of it was kept; ask the sender to attach the file again in a new message',
    hintFr:
      'rien n’en a été gardé ; demander à l’expéditeur de joindre de nouveau le fichier, dans un nouveau message',
  }),
  WIRE_ATTACHMENT_SHORT: row<{ found: number; length: number }>({
    retry: 'later',
    http: 409,
    exit: 4,
    en: (d) => `the attachment ends after ${d.found} of ${d.length} bytes`,
    fr: (d) => `la pièce jointe s’arrête après ${d.found} octets sur ${d.length}`,
    hintEn: 'wait until the rest has come',
    hintFr: 'attendre l’arrivée du reste',
  }),
  WIRE_ATTACHMENT_DIGEST: row<{ part: 'plaintext' | 'sealed' }>({
    retry: 'never',
    http: 422,
    exit: 4,
    en: (d) => `the attachment has another digest than its statement says (${d.part})`,
    fr: (d) => `la pièce jointe n’a pas l’empreinte que donne sa déclaration (${d.part})`,
    hintEn: 'ask the sender to attach the file again in a new message',
    hintFr: 'demander à l’expéditeur de joindre de nouveau le fichier, dans un nouveau message',
  }),
} as const
