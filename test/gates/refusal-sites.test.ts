/**
 * The places where the sources refuse are found, can be switched off one at a time, and those that need no test are
 * there. That a test notices each of the others is what `pnpm run mutate` shows.
 *
 * @module
 * @spec docs/decisions/0006-refusals-are-switched-off.md#what-a-site-is
 */
import ts from 'typescript'
import { beforeAll, describe, expect, it } from 'vitest'
import { readList } from '../mutation/list.ts'
import { findSites, type Site } from '../mutation/sites.ts'
import { withSwitches } from '../mutation/switches.ts'
import { readText } from '../support/repository.ts'

let sites: readonly Site[]
beforeAll(() => {
  sites = findSites()
})

describe('the refusals of the sources', () => {
  it.each([
    ['throw', 'packages/core/src/envelope/open.ts assertForMe WIRE_CHANNEL'],
    ['never', 'packages/core/src/envelope/envelope.ts assertEnvelopeMatches WIRE_ENVELOPE'],
    ['assert', 'packages/core/src/audit/note.ts parseNote AUDIT_NOTE'],
    ['reject', 'apps/node/src/http/control-client.ts post CLI_SOCKET'],
    ['refine', 'packages/core/src/trust/roster.ts RosterSchema refine:nodes'],
    ['issue', 'packages/core/src/messages/intel-report.ts IntelReportSchema issue'],
    ['finding', 'packages/verify/src/bundle-log.ts rootFindings ROOT_MISMATCH'],
  ])('have a %s among them: %s', (kind, id) => {
    expect(sites.find((site) => site.id === id)?.kind).toBe(kind)
  })

  it('have names of their own', () => {
    expect(new Set(sites.map(({ id }) => id)).size).toBe(sites.length)
  })

  it('stand in text that can still be read with a switch in each', () => {
    for (const [file, own] of Map.groupBy(sites, (site) => site.file)) {
      const text = withSwitches(readText(file), own)
      const { diagnostics } = ts.transpileModule(text, { reportDiagnostics: true })
      expect(diagnostics, file).toEqual([])
      expect(text.split('amanaRefuses').length - 1, file).toBe(own.length)
    }
  })
})

describe('a switch', () => {
  it('refuses while it is on, and lets pass when it is off', () => {
    const source = 'if (wrong) throw new Error("refused"); reached()'
    const [start, end] = [source.indexOf('throw'), source.indexOf(' reached')]
    const site = { id: 'a', file: 'a.ts', line: 1, kind: 'throw', start, end } as const
    const text = withSwitches(source, [site])
    expect(text).toBe(
      'if (wrong) { if ((globalThis.amanaRefuses?.("a") ?? true)) throw new Error("refused"); } reached()',
    )
  })

  it('that begins a line does not go on with the line before', () => {
    const source = "const code = 'A'\nreject(new Error(code))"
    const start = source.indexOf('reject')
    const end = source.length
    const site = { id: 'a', file: 'a.ts', line: 2, kind: 'reject', start, end } as const
    expect(withSwitches(source, [site])).toBe(
      'const code = \'A\'\nvoid ((globalThis.amanaRefuses?.("a") ?? true) ? reject(new Error(code)) : Promise.resolve())',
    )
  })
})

it('each refusal that need not be noticed is there, once and with its reason', () => {
  const listed = readList('tools/refusal-mutation.json').map(({ site }) => site)
  const known = new Set(sites.map(({ id }) => id))
  expect(listed.filter((site) => !known.has(site))).toEqual([])
  expect(new Set(listed).size).toBe(listed.length)
})
