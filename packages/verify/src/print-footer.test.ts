import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { footerRule, reportJson } from './print-footer.ts'
import { type Report } from './report.ts'
import { verifyFiles } from './verify-files.ts'

async function reportOf(names: readonly string[]): Promise<Report> {
  const files = names.map((name) => ({ name, bytes: new TextEncoder().encode(name) }))
  return verifyFiles(files, { now: 0, policy: '' })
}

/** The text of the rule, as a browser reads it. */
function contentOf(rule: string): string {
  const [, content = ''] = /content:"([^"]*)"/.exec(rule) ?? []
  return content.replaceAll(/\\([0-9a-f]+) /g, (_, digits: string) =>
    String.fromCodePoint(Number.parseInt(digits, 16)),
  )
}

describe('the foot of a printed page', () => {
  it('has the digest of the report as JSON, and of each file', async () => {
    const report = await reportOf(['a.txt', 'b.txt'])
    const digest = createHash('sha256').update(reportJson(report)).digest('hex')
    const lines = contentOf(footerRule(report, 'fr')).split('\n')
    expect(lines).toEqual([
      `${digest} ce rapport, en JSON`,
      ...Object.entries(report.files).map(([name, hash]) => `${hash} ${name}`),
    ])
    expect(lines.length).toBe(3)
  })

  it('is at most ten lines, cuts long names, and says how many files it leaves out', async () => {
    const names = Array.from({ length: 11 }, (_, n) => `${String(n)}${'x'.repeat(99)}.txt`)
    const lines = contentOf(footerRule(await reportOf(names), 'en')).split('\n')
    expect(lines.length).toBe(10)
    expect(lines[1]).toMatch(/^[0-9a-f]{64} 0x{39}…$/)
    expect(lines.at(-1)).toMatch(/: 3$/)
  })

  it('lets no name of a file out of its string', async () => {
    const rule = footerRule(await reportOf(['"}</style><script>\\\n*/.txt']), 'en')
    expect(rule).toMatch(
      /^@page\{margin:[\d m]+;@bottom-left\{content:"(?:[A-Za-z0-9]|\\[0-9a-f]+ )*";[^"<\\]*\}\}$/,
    )
    expect(contentOf(rule)).toContain('"}</style><script>\\\n*/.txt')
  })
})
