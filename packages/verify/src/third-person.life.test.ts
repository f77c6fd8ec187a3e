/**
 * Whatever a third person does to the bundle of an honest agency, nothing is proven against anybody, and what is left
 * out or changed is never green without a word.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#findings
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { NOW } from '../../../test/support/agencies.ts'
import { forgeBundle } from '../../../test/support/test-log.ts'
import {
  BUNDLE_CHANGES,
  type HonestBundles,
  honestBundles,
  RECORD_CHANGES,
  type Records,
} from '../../../test/support/third-person.ts'
import { type Finding } from './findings.ts'
import { hasWarning } from './report-file.ts'
import { type Report } from './report.ts'
import { verifyFiles } from './verify-files.ts'

/** What says the same as before, or that a part is shown: nobody signs these members, and no order of the evidence. */
const GREEN: ReadonlySet<string> = new Set([
  'created: a year before',
  'created: a year later',
  'created: 0',
  'purpose: another',
  'range: from 4, and hidden before',
  'classes: w alone',
  'classes: g and w',
  'classes: also a',
  'the evidence of both',
  'the evidence twice',
  'the other agency’s bundle',
])
/** Of signed objects and notes the order, and the same one twice, say nothing. */
const ORDER =
  /^(?:charter|checkpoint|dispatch|peer-note|receipt|roster|statement): (?:double|swap|reverse)/

let bundles: HonestBundles
beforeAll(async () => {
  bundles = await honestBundles()
})

async function reportOf(own: Records, beside: Records): Promise<Report> {
  const files = [
    { name: 'own.bundle.jsonl', bytes: forgeBundle(own) },
    { name: 'beside.bundle.jsonl', bytes: forgeBundle(beside) },
  ]
  return verifyFiles(files, { policy: bundles.policy, now: NOW + 600 })
}

function flat(findings: readonly Finding[]): readonly Finding[] {
  return findings.flatMap((finding) => [finding, ...flat(finding.consequences ?? [])])
}

/** Changes after which nothing is amiss: another order of records, and a copy beside the same copy. */
function mayBeGreen(name: string, isBesideOlder: boolean): boolean {
  return GREEN.has(name) || ORDER.test(name) || (name === 'an older copy' && isBesideOlder)
}

describe('a third person', { timeout: 600_000 }, () => {
  it('has two bundles that are verified', async () => {
    for (const beside of [bundles.other, bundles.older]) {
      const report = await reportOf(bundles.own, beside)
      expect([report.verdict, hasWarning(report)]).toEqual(['verified', false])
    }
  })

  it.each([...BUNDLE_CHANGES, ...RECORD_CHANGES])('proves nothing by: %s', async (...row) => {
    const [name, change] = row
    const own = change(bundles.own, bundles)
    if (JSON.stringify(own) === JSON.stringify(bundles.own)) return
    const isOfRecord = RECORD_CHANGES.includes(row)
    for (const beside of isOfRecord ? [bundles.other] : [bundles.other, bundles.older]) {
      const report = await reportOf(own, beside)
      const found = flat(report.findings)
      expect(found.filter(({ level }) => level === 'PROVEN')).toEqual([])
      const isGreen = report.verdict === 'verified' && !hasWarning(report)
      const mayBe = mayBeGreen(name, beside === bundles.older)
      expect([isGreen, found]).toEqual([isGreen && mayBe, found])
      if (/^(?:range|classes: [gwx] )/.test(name) && isGreen) {
        expect(found.map(({ code }) => code)).toContain('PARTLY_SHOWN')
      }
    }
  })
})
