/**
 * Message files of an exchange in tests: everything that its logs keep of one statement, and what an auditor is shown.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#message-file
 */
import {
  buildPresentation,
  concatBytes,
  digest,
  encodeCanonical,
  type GeneralJws,
  type Json,
  MESSAGE_EVIDENCE,
  type MessageEvidence,
  type MessageFile,
  parseDispatch,
  parseReceipt,
  type PrivateKey,
  signDisclosure,
  type SignedStatement,
  writeMessageFile,
} from '@amana/core'
import { NOW } from './agencies.ts'
import { type Exchange } from './built-exchange.ts'

/** What is shown of the statement, and by whom to whom. */
export interface Shown {
  readonly fields?: readonly string[]
  /** The officer who signs for it, with his agency. */
  readonly by?: { readonly agency: string; readonly key: PrivateKey<'Ed25519'> }
}

/** The message file of a statement as either agency would write it. */
export async function messageFileOf(
  { naptip, policyText }: Exchange,
  signed: SignedStatement,
  { by, fields }: Shown = {},
): Promise<MessageFile> {
  const evidence = naptip.log.evidence.filter(isMessageEvidence)
  const dispatches = evidence.filter(
    ({ content, kind }) => kind === 'dispatch' && isOf(content, signed.digest),
  )
  const names = new Set(dispatches.map((record) => record.digest))
  const own = evidence.filter(({ content, digest: name, kind }) => {
    if (kind === 'receipt') return names.has(parseReceipt(content).content.dispatch)
    if (kind === 'dispatch') return names.has(name)
    return kind !== 'statement' || name === signed.digest
  })
  const text =
    fields === undefined ? undefined : buildPresentation(signed.statement, signed.opening, fields)
  const shown = text === undefined ? [] : await shownEvidence(signed, text, by)
  return {
    header: {
      created: NOW + 300,
      policy: digest(policyText),
      purpose: 'prosecution',
      record: 'message',
      statement: signed.digest,
      v: 1,
    },
    evidence: [...inOrder(own), ...shown],
  }
}

async function shownEvidence(
  signed: SignedStatement,
  text: string,
  by: Shown['by'],
): Promise<readonly MessageEvidence[]> {
  const presentation = presentationRecord(text)
  if (by === undefined) return [presentation]
  const disclosure = await signDisclosure(
    {
      agency: by.agency,
      audience: 'Federal High Court, Abuja',
      disclosedAt: NOW + 400,
      nonce: 'CtZG4hoNUZCsOcAaX2AkmQ',
      presentation: presentation.digest,
      purpose: 'prosecution',
      statement: signed.digest,
    },
    by.key,
  )
  return [presentation, signedRecord('disclosure', disclosure)]
}

/** A presentation as a record. */
export function presentationRecord(text: string): MessageEvidence {
  return { content: text, digest: digest(text), kind: 'presentation', record: 'evidence' }
}

/** A signed object as a record. */
export function signedRecord(
  kind: Exclude<MessageEvidence['kind'], 'presentation'>,
  { payload, signatures }: GeneralJws,
): MessageEvidence {
  return { content: { payload, signatures }, digest: digest(payload), kind, record: 'evidence' }
}

/** The bytes of a file. */
export function messageBytes(file: MessageFile): Uint8Array {
  return concatBytes(...writeMessageFile(file))
}

/** A file of these records as a forger would write it: with the right count and digest at its end. */
export function forgeMessage(records: readonly Json[]): Uint8Array {
  const newline = Uint8Array.of(10)
  const lines = concatBytes(...records.flatMap((record) => [encodeCanonical(record), newline]))
  const end = { evidence: records.length - 1, record: 'end', sha256: digest(lines) }
  return concatBytes(lines, encodeCanonical(end), newline)
}

type Kept = Exchange['naptip']['log']['evidence'][number]

function isMessageEvidence(record: Kept): record is Kept & MessageEvidence {
  return record.kind !== 'peer-note' && record.kind !== 'presentation'
}

function isOf(dispatch: unknown, statement: string): boolean {
  return parseDispatch(dispatch).content.statements.some((bound) => bound === statement)
}

function inOrder(evidence: readonly MessageEvidence[]): readonly MessageEvidence[] {
  return evidence.toSorted(
    (a, b) => MESSAGE_EVIDENCE.indexOf(a.kind) - MESSAGE_EVIDENCE.indexOf(b.kind),
  )
}
