import { CATALOGUES } from '@amana/vocabulary'
import { describe, expect, it } from 'vitest'
import { buildExchange } from '../../../test/support/built-exchange.ts'
import { renderText } from './render-text.ts'
import { renderMain } from './report.ts'
import { verifyFiles } from './verify-files.ts'

const bytes = new TextEncoder().encode('[]\n')

describe('a report', async () => {
  const file = { name: 'a.bundle.jsonl', bytes }
  const policy = { name: 'policy.txt', bytes: new TextEncoder().encode('log x\n') }
  const report = await verifyFiles([file, policy], { now: 0 })

  it('says in the reader’s language what the place of a finding is', () => {
    expect(report.findings.map(({ where }) => where)).toEqual(['line 2'])
    expect(renderText(report, 'fr')).toContain('– ligne 2')
    expect(renderText(report, 'en')).toContain('– line 2')
    expect(renderMain(report, 'fr')).toContain('<code>TRUST_POLICY ligne 2</code>')
  })

  it('names the refusal behind a finding only where it says more than the finding', () => {
    const finding = { severity: 'fail', level: 'LOCAL', party: 'a', where: 'index 3' } as const
    const findings = [{ ...finding, code: 'BUNDLE_DIGEST', cause: 'AUDIT_BUNDLE_DIGEST' } as const]
    const html = renderMain({ ...report, findings }, 'fr')
    expect(html).toContain('<code>entrée 3</code>')
    expect(html).not.toContain('AUDIT_BUNDLE_DIGEST')
  })

  it('tells what to do about a file of another name', async () => {
    const other = { name: 'a.bundle.json', bytes }
    const { policyText } = await buildExchange()
    const unknown = await verifyFiles([other], { now: 0, policy: policyText })
    expect(renderMain(unknown, 'en')).toContain(CATALOGUES.en.report.actions.rename)
  })
})
