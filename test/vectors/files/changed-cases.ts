/**
 * Message files of which one record was changed, left out or exchanged.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#verifying-a-message-file
 */
import {
  approveStatement,
  buildPresentation,
  digest,
  type MessageEvidence,
  type MessageFile,
  parseReceipt,
  type SignedStatement,
  signReceipt,
} from '@amana/core'
import { presentationRecord, signedRecord } from '../../support/message-files.ts'
import {
  broken,
  type Change,
  type FileCase,
  recordOf,
  type Story,
  type Told,
  withFirst,
  without,
} from './message-story.ts'

interface Parts {
  readonly whole: MessageFile
  /** The record of the same kind in the file of another statement. */
  readonly other: (kind: MessageEvidence['kind']) => Change
  /** The statement without its approval, and with one more. */
  readonly alone: MessageEvidence
  readonly approved: MessageEvidence
}

/** Each with everything that is found. */
export async function changedCases(
  story: Story,
  signed: SignedStatement,
  whole: MessageFile,
): Promise<readonly FileCase[]> {
  const ofOther = await story.file(await story.sent(100), story.shownBy('approver'))
  const { payload, signatures } = signed.statement
  const more = await approveStatement(signed, story.officer('reader'))
  const parts: Parts = {
    whole,
    other: (kind) => () => recordOf(ofOther, kind),
    alone: signedRecord('statement', { payload, signatures: signatures.slice(0, 1) }),
    approved: signedRecord('statement', more.statement),
  }
  return story.cases([
    ...ofDocuments(parts),
    ...ofDispatches(parts),
    ...ofStatements(parts),
    ...(await ofReceipts(story, parts)),
    ...ofWhatIsShown(parts, signed),
  ])
}

function ofDocuments({ whole }: Parts): readonly Told[] {
  const header = { ...whole.header, policy: digest('other') }
  return [
    ['made for another policy', { ...whole, header }, 'POLICY_MISMATCH'],
    ['without its charter', without(whole, 'charter'), 'CHARTER_MISMATCH'],
    ['with a broken charter', withFirst(whole, 'charter', broken), 'TRUST_INVALID:WIRE_SIG'],
    ['with a broken roster', withFirst(whole, 'roster', broken), 'TRUST_INVALID:WIRE_SIG'],
  ]
}

function ofDispatches({ other, whole }: Parts): readonly Told[] {
  return [
    [
      'with a broken dispatch',
      withFirst(whole, 'dispatch', broken),
      'EVIDENCE_MISSING',
      'SIGNATURE_INVALID:WIRE_SIG',
    ],
    ['without its dispatch', withFirst(whole, 'dispatch'), 'EVIDENCE_MISSING'],
    [
      'with a dispatch of another statement',
      withFirst(whole, 'dispatch', other('dispatch')),
      'DISPATCH_MISMATCH',
      'EVIDENCE_MISSING',
    ],
  ]
}

function ofStatements({ alone, approved, other, whole }: Parts): readonly Told[] {
  const unbound = ['EVIDENCE_MISMATCH', 'EVIDENCE_MISSING'] as const
  const notThere = 'PRESENTATION_INVALID:WIRE_DIS'
  const waiting = without(whole, 'dispatch', 'receipt')
  return [
    ['without its statement', withFirst(whole, 'statement'), 'EVIDENCE_MISSING', notThere],
    [
      'with another statement',
      withFirst(whole, 'statement', other('statement')),
      ...unbound,
      notThere,
    ],
    ['with an approval cut off', withFirst(whole, 'statement', () => alone), ...unbound],
    ['with one more approval', withFirst(whole, 'statement', () => approved), ...unbound],
    [
      'of a statement that waits without its approval',
      withFirst(waiting, 'statement', () => alone),
      'SIGNATURE_INVALID:TRUST_SECOND_OFFICER',
    ],
  ]
}

async function ofReceipts({ exchange }: Story, { other, whole }: Parts): Promise<readonly Told[]> {
  const { content } = parseReceipt(recordOf(whole, 'receipt').content)
  const elsewhere = { ...content, log: exchange.naptip.agency.origin }
  const receipt = await signReceipt(elsewhere, exchange.anltp.agency.sealKey)
  return [
    ['with a broken receipt', withFirst(whole, 'receipt', broken), 'SIGNATURE_INVALID:WIRE_SIG'],
    [
      'with a receipt for another dispatch',
      withFirst(whole, 'receipt', other('receipt')),
      'EVIDENCE_MISSING',
    ],
    [
      'with a receipt of another log',
      withFirst(whole, 'receipt', () => signedRecord('receipt', receipt)),
      'RECEIPT_MISMATCH',
    ],
  ]
}

function ofWhatIsShown({ other, whole }: Parts, signed: SignedStatement): readonly Told[] {
  const more = buildPresentation(signed.statement, signed.opening, ['body'])
  const shown = (change: Change): MessageFile =>
    without(withFirst(whole, 'presentation', change), 'disclosure')
  return [
    [
      'with a presentation of another statement',
      shown(other('presentation')),
      'PRESENTATION_INVALID:WIRE_DIS',
    ],
    [
      'with a presentation whose body is not opened',
      shown(withoutBody),
      'PRESENTATION_INVALID:WIRE_DIS',
    ],
    [
      'with a presentation that shows more than was signed for',
      withFirst(whole, 'presentation', () => presentationRecord(more)),
      'DISCLOSURE_INVALID:WIRE_DIS',
    ],
    [
      'with a broken disclosure',
      withFirst(whole, 'disclosure', broken),
      'DISCLOSURE_INVALID:WIRE_SIG',
    ],
    [
      'for another purpose than was signed',
      { ...whole, header: { ...whole.header, purpose: 'quality' } },
      'DISCLOSURE_INVALID:WIRE_MEMBER',
    ],
  ]
}

function withoutBody(record: MessageEvidence): MessageEvidence {
  if (record.kind !== 'presentation') throw new Error('no presentation')
  const [signed = '', , ...shown] = record.content.split('~')
  return presentationRecord([signed, ...shown].join('~'))
}
