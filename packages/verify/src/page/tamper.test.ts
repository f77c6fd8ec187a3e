import { describe, expect, it } from 'vitest'
import { NOW } from '../../../../test/support/agencies.ts'
import { verifyFiles } from '../verify-files.ts'
import { makeSample } from './sample.ts'
import { tamper, TAMPERINGS } from './tamper.ts'

/** What each tampering is found as, against whom and how strong; no two alike. */
const FOUND = {
  byte: ['BUNDLE_DIGEST', 'ng.naptip.bundle.jsonl', 'LOCAL'],
  drop: ['INDEX_GAP', 'ng.naptip.bundle.jsonl', 'LOCAL'],
  swap: ['LEAF_WRONG_INDEX', 'ng.naptip.bundle.jsonl', 'LOCAL'],
  roster: ['TRUST_INVALID', 'ng.naptip', 'LOCAL'],
  lastWeek: ['TRUNCATED_VS_WITNESS', 'ng.naptip', 'CONTRADICTED'],
} as const

describe('the sample of the page', async () => {
  const sample = await makeSample(NOW)

  it('is verified as it is made, and nothing in it fails', async () => {
    const report = await verifyFiles(sample.files, { now: NOW })
    expect(report.verdict).toBe('verified')
    expect(report.totals).toMatchObject({ sent: 2, received: 2, matched: 2, mismatched: 0 })
    expect(report.timeline.map(({ kind }) => kind)).toEqual([
      'victim.referral/1',
      'task.travel-document/1',
    ])
  })

  it.each(TAMPERINGS)('fails in its own way after “%s”', async (how) => {
    const report = await verifyFiles(tamper(sample, how), { now: NOW })
    const failed = report.findings.filter(({ severity }) => severity === 'fail')
    expect(report.verdict).toBe('failed')
    expect(failed.map(({ code, level, party }) => [code, party, level])).toEqual([FOUND[how]])
  })

  it('changes one byte, and only one, where a byte is changed', () => {
    const [{ bytes: before }] = sample.files
    const after = tamper(sample, 'byte')[0]?.bytes ?? new Uint8Array()
    expect(after.length).toBe(before.length)
    expect(before.filter((byte, at) => byte !== after[at])).toHaveLength(1)
  })
})
