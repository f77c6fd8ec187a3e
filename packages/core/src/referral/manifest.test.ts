/**
 * The hand-over of a group, both ends counted: nobody is lost, and one bad line does not lose the rest.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#group-manifests
 */
import { describe, expect, it } from 'vitest'
import { CODE_LISTS, type CodeOf } from '../messages/code-lists.ts'
import { type Manifest } from '../messages/manifest.ts'
import { makeReferralReference } from '../messages/referral-reference.ts'
import { compareManifests, readManifestLines } from './manifest.ts'

const PREFIX = { country: 'NE', agency: 'ANLTP', year: '26' }
let drawn = 0
/** Another reference each time. */
const made = (): string =>
  makeReferralReference(PREFIX, (length) =>
    Uint8Array.from({ length }, (_byte, place) => (place === 0 ? drawn++ : place)),
  )
const group = Array.from({ length: 22 }, made)
const EXTRA = made()
type Discrepancies = NonNullable<Manifest['custody']['discrepancies']>

function manifest(
  act: 'release' | 'receipt',
  members: readonly string[],
  discrepancies: Discrepancies = [],
): Manifest {
  const nameless = discrepancies.filter(
    ({ kind, referral }) => kind === 'extra' && referral === undefined,
  )
  const headcount = members.length + nameless.length
  return {
    routing: {
      manifest: 'kano-1',
      act,
      occurredAt: '2026-11-22T09:00:00Z',
      from: 'ne.anltp-tim',
      to: 'ng.naptip',
    },
    custody: {
      members: members.map((referral) => ({ referral })),
      discrepancies,
      origin: 'NE-7-01',
      destination: 'NG-KN',
    },
    travel: { transport: 'road' },
    statistics: {
      headcount,
      counts: [{ gender: 'Feminine', ageBand: '18-20', count: headcount }],
      medicalAlerts: 0,
    },
  }
}
const counted = (whole: Manifest, headcount: number): Manifest => ({
  ...whole,
  statistics: { ...whole.statistics, headcount },
})
const [first = '', second = ''] = group
const release = manifest('release', group)
const findings = (receipt: Manifest, released = release): readonly string[] =>
  compareManifests(released, receipt).findings.map(({ finding }) => finding)

describe('a group of 22', () => {
  it('that arrives whole has no finding', () => {
    const { lines, findings: none } = compareManifests(release, manifest('receipt', group))
    expect(none).toEqual([])
    expect(lines.map(({ status }) => status)).toEqual(group.map(() => 'arrived'))
  })

  it('with one absent, one ill and one extra is told person by person', () => {
    const receipt = manifest(
      'receipt',
      [...group.slice(2), EXTRA],
      [
        { kind: 'absent', referral: first },
        { kind: 'ill', referral: second },
        { kind: 'extra', referral: EXTRA },
        { kind: 'extra', note: 'a boy of about 9, who says nothing' },
      ],
    )
    const { lines, findings: none } = compareManifests(release, receipt)
    expect(none).toEqual([])
    expect(lines).toHaveLength(23)
    expect(lines.filter(({ status }) => status !== 'arrived')).toEqual([
      { referral: first, status: 'absent' },
      { referral: second, status: 'ill' },
      { referral: EXTRA, status: 'extra' },
    ])
    expect(receipt.statistics.headcount).toBe(22)
  })
})

const CASES: readonly (readonly [CodeOf<'manifestFinding'>, Manifest, Manifest])[] = [
  [
    'other_manifest',
    {
      ...manifest('receipt', group),
      routing: { ...release.routing, act: 'receipt', manifest: 'kano-2' },
    },
    release,
  ],
  ['released_differs', manifest('receipt', group), counted(release, 21)],
  ['received_differs', counted(manifest('receipt', group), 23), release],
  ['unaccounted', manifest('receipt', group.slice(1)), release],
  ['extra_unnamed', manifest('receipt', [...group, EXTRA]), release],
  ['contradiction', manifest('receipt', group, [{ kind: 'absent', referral: first }]), release],
  ['not_on_list', manifest('receipt', group, [{ kind: 'refused', referral: EXTRA }]), release],
]

describe('a manifest', () => {
  it.each(CASES)('has the finding %s alone', (finding, receipt, released) => {
    expect(findings(receipt, released)).toEqual([finding])
  })

  it('has no finding without a case', () => {
    expect(CASES.map(([finding]) => finding)).toEqual(CODE_LISTS.manifestFinding)
  })

  it('does not take a person on the list for an extra one', () => {
    expect(
      findings(manifest('receipt', group.slice(1), [{ kind: 'extra', referral: first }])),
    ).toEqual(['unaccounted', 'contradiction'])
  })

  it('does not take two receipts, or two agencies, for one hand-over', () => {
    expect(findings(release)).toContain('other_manifest')
    const other = { ...release, routing: { ...release.routing, to: 'ng.nis' } }
    expect(findings(manifest('receipt', group), other)).toContain('other_manifest')
  })
})

it('a list that is typed keeps every good line and says which is bad, and why', () => {
  const lines = [
    { referral: first },
    { referral: 'NE-ANLTP-26-7K3QX9M4-8' },
    { referral: second, name: 'x' },
    'x',
    { referral: first },
    { referral: second, condition: 'critical' },
  ]
  expect(readManifestLines(lines)).toEqual({
    members: [{ referral: first }, { referral: second, condition: 'critical' }],
    refused: [
      { line: 2, path: 'referral' },
      { line: 3, path: '' },
      { line: 4, path: '' },
      { line: 5, path: 'referral' },
    ],
  })
})
