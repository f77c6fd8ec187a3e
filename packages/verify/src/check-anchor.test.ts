import { expect, it } from 'vitest'
import { NOW } from '../../../test/support/agencies.ts'
import { beginExchange, cosign } from '../../../test/support/built-exchange.ts'
import { verifyFiles } from './verify-files.ts'

it('an anchor of heads that no bundle reaches is compared with nothing, and accuses nobody', async () => {
  const exchange = await beginExchange()
  await cosign(exchange, 60)
  const bytes = await exchange.naptip.log.bundle(exchange)
  const digits = Array.from({ length: 12 }, () => '12345').join(' ')
  const logs = ['ne.anltp-tim', 'ng.naptip'].map((agency) => `${agency}/amana/audit/1 999999`)
  const anchor = `amana anchor 1\n${logs.join('\n')}\n${digits}\n`
  const files = [{ name: 'a.bundle.jsonl', bytes }]
  const { policyText: policy } = exchange
  const report = await verifyFiles(files, { policy, anchor, now: NOW + 120 })
  const compared = report.findings.filter(({ code }) => code === 'NOT_COMPARED')
  expect(compared.map(({ party }) => party).toSorted()).toEqual(['anchor', 'ng.naptip'])
  expect(report.findings.filter(({ severity }) => severity === 'fail')).toEqual([])
})
