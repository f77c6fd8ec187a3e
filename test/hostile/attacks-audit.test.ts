/**
 * Every attack on a log or its bundle, with the answer that the verifier owes: the finding, how strong it is, and against
 * whom. What another test shows is named.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#findings
 */
import { type Finding, verifyFiles } from '@amana/verify'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { NOW } from '../support/agencies.ts'
import { AUDIT_ATTACKS } from '../support/audit-attacks.ts'
import { readJson, readText } from '../support/repository.ts'

const attackMembers = {
  number: z.string(),
  attack: z.string().min(5),
  /** What stands where the answer is another than was designed. */
  note: z.exactOptional(z.string().min(5)),
}
const RowSchema = z.union([
  z.strictObject({
    ...attackMembers,
    build: z.string(),
    /** Code, level, party. */
    findings: z.array(z.tuple([z.string(), z.string(), z.string()])).min(1),
    verdict: z.enum(['verified', 'failed', 'could-not']),
  }),
  z.strictObject({
    ...attackMembers,
    /** Tests that show it, by file and name, as the source spells it. */
    elsewhere: z.array(z.strictObject({ file: z.string(), test: z.string().min(5) })).min(1),
  }),
])
const ROWS = z.array(RowSchema).parse(readJson('test/hostile/attacks-audit.json'))
const here = ROWS.filter((row) => 'build' in row)
const elsewhere = ROWS.filter((row) => 'elsewhere' in row)
const LAST_NUMBER = 52

/** A finding and what follows from it. */
function flat(findings: readonly Finding[]): readonly Finding[] {
  return findings.flatMap((finding) => [finding, ...flat(finding.consequences ?? [])])
}

/** Names of the tests of a file: what stands in quotes at the beginning of `it`, or behind its table. */
function testsOf(file: string): readonly string[] {
  const names = readText(file).matchAll(
    /^ *(?:it|\]\)|it\.each\([\w.()]+\))\((?<quote>['"`])(?<name>.+)\k<quote>, /gm,
  )
  return [...names].map(({ groups }) => groups?.['name'] ?? '')
}

describe('an attack on the audit log', () => {
  it.each(here)('$number $attack', async ({ build, findings, verdict }) => {
    const attack = AUDIT_ATTACKS[build]
    if (attack === undefined) throw new TypeError(build)
    const { files, now = NOW, ...options } = await attack()
    const report = await verifyFiles(files, { ...options, now })
    const found = flat(report.findings).map(({ code, level, party }) => [code, level, party])
    expect(found).toEqual(expect.arrayContaining(findings))
    expect(report.verdict).toBe(verdict)
    if (build === 'eraseSilently') expect(found.map(([code]) => code)).not.toContain('ERASED')
  })

  it.each(elsewhere)('$number $attack, is shown by the tests that it names', (row) => {
    for (const { file, test } of row.elsewhere) expect(testsOf(file)).toContain(test)
  })

  it('has a row for each of the list, and a use for each builder', () => {
    const numbers = new Set(ROWS.map(({ number }) => Number.parseInt(number, 10)))
    expect(numbers.size).toBe(LAST_NUMBER)
    expect(new Set(here.map(({ build }) => build))).toEqual(new Set(Object.keys(AUDIT_ATTACKS)))
  })
})
