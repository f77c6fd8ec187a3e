/**
 * The report as CSV: every finding and statement, and no cell that a spreadsheet would run.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#report
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { NOW } from '../../../test/support/agencies.ts'
import { buildExchange, type Exchange } from '../../../test/support/built-exchange.ts'
import { FindingList } from './findings.ts'
import { renderCsv } from './render-csv.ts'
import { renderText } from './render-text.ts'
import { renderReport, type Report } from './report.ts'
import { verifyFiles } from './verify-files.ts'

let exchange: Exchange
let report: Report
beforeAll(async () => {
  exchange = await buildExchange()
  const own = { name: 'naptip.bundle.jsonl', bytes: await exchange.naptip.log.bundle(exchange) }
  const other = { name: 'anltp.bundle.jsonl', bytes: await exchange.anltp.log.bundle(exchange) }
  report = await verifyFiles([own, other], { policy: exchange.policyText, now: NOW + 600 })
})

describe('a report as CSV', () => {
  it('has a row for the verdict, each statement, each month and each file', () => {
    const rows = renderCsv(report, 'en').split('\r\n')
    const count = (kind: string): number => rows.filter((row) => row.startsWith(`"${kind}"`)).length
    expect([count('verdict'), count('statement'), count('file')]).toEqual([1, 4, 2])
    expect(count('month')).toBe(2 * 5)
    expect(rows.at(-1)).toBe('')
  })

  it.each(['=1+1', '+1', '-1', '@a', '\tx', '\rx'])('puts a quote before a cell of %j', (name) => {
    const text = renderCsv({ ...report, files: { [name]: 'hash' } }, 'fr')
    expect(text).toContain(`"'${name}"`)
  })

  it('doubles quotes, so that no cell ends early', () => {
    const text = renderCsv({ ...report, files: { 'a","=1': 'hash' } }, 'en')
    expect(text).toContain('"a"",""=1"')
  })
})

describe('a report', () => {
  it('says what went which way in which month', () => {
    const counts = { received: 3, matched: 3, inFlight: 0, mismatched: 0 }
    expect(report.months).toContainEqual({
      month: '2026-11',
      from: 'ng.naptip',
      to: 'ne.anltp-tim',
      sent: 3,
      ...counts,
    })
  })

  it('says the period that the other clock proves, and how many leaves of each class are shown', () => {
    const [log] = report.logs
    expect(log?.period).toEqual(['2026-11-24T10:00:30Z', '2026-11-24T10:04:00Z'])
    expect(log?.classes.a).toBe(0)
    expect(Object.values(log?.classes ?? {}).reduce((sum, count) => sum + count, 0)).toBe(
      log?.leaves,
    )
  })

  it('says without an anchor that collusion cannot be seen, in both languages', () => {
    expect(renderText(report, 'en')).toContain('No anchor was given')
    expect(renderReport(report, ['fr'])).toContain('Aucun ancrage n’a été fourni')
  })

  it('lists a hundred of a kind and says how many more there are', () => {
    const list = new FindingList()
    const finding = { code: 'LIFECYCLE', severity: 'fail', level: 'LOCAL', party: 'x' } as const
    for (let n = 0; n < 250; n += 1) list.add({ ...finding, where: String(n) })
    expect(list.all()).toHaveLength(100)
    expect(list.all().at(-1)).toMatchObject({ where: '99', more: 150 })
    const findings = list.all()
    const text = renderText({ ...report, findings }, 'en').replaceAll(/\s+/g, ' ')
    expect(text).toContain('and more of the same: 150')
  })
})
