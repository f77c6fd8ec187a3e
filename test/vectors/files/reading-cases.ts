/**
 * Message files that are refused while they are read.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#reading
 */
import { decodeUtf8, digest, type MessageFile } from '@amana/core'
import { forgeMessage } from '../../support/message-files.ts'
import { jsonOf } from '../../support/trust-fixture.ts'
import { type FileCase, type Story, textOf } from './message-story.ts'

type Record = MessageFile['header'] | MessageFile['evidence'][number]

interface Whole {
  readonly text: string
  readonly records: readonly Record[]
}

const CASES: readonly (readonly [string, string, (whole: Whole) => string])[] = [
  [
    'without its end',
    'AUDIT_BUNDLE_TRUNCATED',
    ({ text }) => text.replace(/\{"evidence":.*\n$/, ''),
  ],
  ['without its last newline', 'AUDIT_BUNDLE_TRUNCATED', ({ text }) => text.slice(0, -1)],
  ['that is empty', 'AUDIT_BUNDLE_TRUNCATED', () => ''],
  ['with a line after its end', 'AUDIT_BUNDLE_ORDER', ({ text }) => `${text}${firstLine(text)}`],
  ['without its header', 'AUDIT_BUNDLE_ORDER', ({ records }) => forged(records.slice(1))],
  ['with two headers', 'AUDIT_BUNDLE_ORDER', ({ records }) => forged([records[0], ...records])],
  [
    'with a roster before its charter',
    'AUDIT_BUNDLE_ORDER',
    ({ records: [header, charter, roster, ...rest] }) => forged([header, roster, charter, ...rest]),
  ],
  [
    'with a disclosure of nothing',
    'AUDIT_BUNDLE_ORDER',
    ({ records }) =>
      forged(records.filter((one) => !('kind' in one) || one.kind !== 'presentation')),
  ],
  [
    'with two disclosures',
    'AUDIT_BUNDLE_ORDER',
    ({ records }) => forged([...records, records.at(-1)]),
  ],
  [
    'with one line less',
    'AUDIT_BUNDLE_DIGEST',
    ({ text }) => text.replace(/^\{"content".*\n/m, ''),
  ],
  [
    'with another count',
    'AUDIT_BUNDLE_DIGEST',
    ({ text }) => text.replace('{"evidence":', '{"evidence":1'),
  ],
  [
    'with another digest of an object',
    'AUDIT_EVIDENCE',
    ({ records: [header, charter] }) => forged([header, { ...charter, digest: digest('x') }]),
  ],
  [
    'with a member more',
    'AUDIT_BUNDLE_RECORD',
    ({ records: [header, ...rest] }) => forged([{ ...header, note: 'x' }, ...rest]),
  ],
  [
    'with a space',
    'AUDIT_BUNDLE_RECORD',
    ({ text }) => text.replace('{"created":', '{"created": '),
  ],
  [
    'with evidence of a bundle only',
    'AUDIT_BUNDLE_RECORD',
    ({ records: [header, charter] }) => forged([header, { ...charter, kind: 'peer-note' }]),
  ],
  [
    'with an unknown purpose',
    'AUDIT_BUNDLE_RECORD',
    ({ records: [header, ...rest] }) => forged([{ ...header, purpose: 'press' }, ...rest]),
  ],
  [
    'of another version',
    'AUDIT_BUNDLE_RECORD',
    ({ records: [header, ...rest] }) => forged([{ ...header, v: 2 }, ...rest]),
  ],
]

function forged(records: readonly unknown[]): string {
  return decodeUtf8(forgeMessage(records.map((record) => jsonOf(record))))
}

function firstLine(text: string): string {
  return text.slice(0, text.indexOf('\n') + 1)
}

/** What is found before anything is verified. */
export function readingCases(story: Story, file: MessageFile): readonly FileCase[] {
  const whole = { text: textOf(file), records: [file.header, ...file.evidence] }
  const policy = story.exchange.policyText
  return CASES.map(([name, code, make]) => ({ name, policy, says: [code], text: make(whole) }))
}
