/**
 * Every reason, warning, gate, event and clock has a sentence in both languages and a place on the page, and none is left
 * over.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#reasons
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { CODE_LISTS } from '../messages/code-lists.ts'
import { RECORD_ROLES } from './table.ts'
import { HARD_GATES, REFERRAL_REASONS, SOFT_GATES, STEP_WARNINGS } from './reasons.ts'

const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  reason: REFERRAL_REASONS,
  warning: STEP_WARNINGS,
  gate: [...HARD_GATES, ...SOFT_GATES],
  event: [
    ...CODE_LISTS.referralEvent,
    ...CODE_LISTS.custodyAct,
    'dispute',
    ...CODE_LISTS.taskAct.map((act) => `task_${act}`),
    'file',
    ...Object.keys(RECORD_ROLES).filter((name) => name !== 'fitness'),
  ],
  clock: CODE_LISTS.deadlineClock,
}

describe('the page', () => {
  const page = readFileSync(
    new URL('../../../../docs/spec/06-messages-and-referral.md', import.meta.url),
    'utf8',
  )

  it('names every reason, warning, gate, event and clock', () => {
    const codes = Object.values(EXPECTED).flat()
    expect(
      codes.filter((code) => !page.includes(`\`${code}\``) && !code.startsWith('task_')),
    ).toEqual([])
  })

  it('lists the codes of every list in their order', () => {
    const lines = Object.entries(CODE_LISTS).map(
      ([list, codes]) => `- \`${list}\`: \`${codes.join(' ')}\``,
    )
    expect(lines.filter((line) => !page.includes(`\n${line}\n`))).toEqual([])
  })
})

describe.each(['en', 'fr'])('the catalogue in %s', (language) => {
  const url = new URL(`../../../vocabulary/locales/${language}/referral.json`, import.meta.url)
  const catalogue = z
    .record(z.string(), z.record(z.string(), z.string().min(1)))
    .parse(JSON.parse(readFileSync(url, 'utf8')))

  it('has these parts', () => {
    expect(Object.keys(catalogue).toSorted()).toEqual(Object.keys(EXPECTED).toSorted())
  })

  it.each(Object.entries(EXPECTED))('has a sentence for each %s, and no other', (part, codes) => {
    expect(Object.keys(catalogue[part] ?? {}).toSorted()).toEqual(codes.toSorted())
  })
})
