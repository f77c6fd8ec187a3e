/**
 * What may follow what in a bundle, record by record: each record is refused where it stands, not at the end.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#order
 */
import { describe, expect, it } from 'vitest'
import { LOG } from '../../../../test/support/built-log.ts'
import { encodeBase64url } from '../bytes/base64.ts'
import { digest } from '../crypto/digest.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import { advanceBundle, BUNDLE_START, type BundleProgress } from './progress.ts'
import { type BundleHeader, type BundleRecord, BundleRecordSchema } from './records.ts'

const HEADER: BundleHeader = {
  classes: ['w', 'x'],
  created: 1_795_334_400,
  log: LOG,
  policy: digest('policy'),
  purpose: 'audit',
  range: [0, 4],
  record: 'bundle',
  size: 8,
  v: 1,
}
const HASH = digest('hash')
const BYTES = encodeBase64url(Uint8Array.of(1))

describe('a record is refused where it stands', () => {
  const begun = advanceBundle(BUNDLE_START, HEADER)
  const cases: readonly [string, string, BundleProgress, BundleRecord][] = [
    [
      'beyond the records that a bundle may have',
      'AUDIT_BUNDLE_LIMIT',
      { ...begun, line: AUDIT_LIMITS.bundleRecords },
      { hash: HASH, index: 0, record: 'hash' },
    ],
    [
      'after leaves that are missing',
      'AUDIT_INDEX_GAP',
      begun,
      { hash: HASH, index: 1, record: 'hash' },
    ],
    [
      'as a subtree that is not aligned',
      'AUDIT_INDEX_GAP',
      { ...begun, next: 1 },
      { hash: HASH, index: 1, level: 1, record: 'node' },
    ],
    [
      'as a subtree beyond the log',
      'AUDIT_INDEX_GAP',
      begun,
      { hash: HASH, index: 0, level: 4, record: 'node' },
    ],
    [
      'as a disclosure of another leaf than the one before',
      'AUDIT_BUNDLE_ORDER',
      { ...begun, openable: { index: 0, bytes: BYTES } },
      { disclosure: 'WyJ4Il0', index: 1, record: 'open' },
    ],
    [
      'as a disclosure of no leaf',
      'AUDIT_BUNDLE_ORDER',
      begun,
      { disclosure: 'WyJ4Il0', index: 0, record: 'open' },
    ],
  ]

  it.each(cases)('%s: %s', (...[, code, progress, record]) => {
    expect(() => advanceBundle(progress, record)).toThrow(expect.objectContaining({ code }))
  })
})

describe('a header', () => {
  it.each([
    ['that is whole', HEADER, true],
    ['with classes out of order', { ...HEADER, classes: ['x', 'w'] }, false],
    ['with a class twice', { ...HEADER, classes: ['w', 'w'] }, false],
    ['whose range ends before it begins', { ...HEADER, range: [4, 3] }, false],
    ['whose range ends after the log', { ...HEADER, range: [0, 9] }, false],
  ])('%s: %s', (_name, header, isHeader) => {
    expect(BundleRecordSchema.safeParse(header).success).toBe(isHeader)
  })
})
