/**
 * Each line of the threat model names a test that is there, or says that it is accepted.
 *
 * @module
 * @spec docs/threat-model.md#line-by-line
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readText, ROOT } from '../support/repository.ts'

const [, section = ''] = readText('docs/threat-model.md').split('\n## Line by line\n')
const rows = (section.split('\n## ')[0] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((row) => row.split('|').map((cell) => cell.trim()))
  .map(([, attacker = '', line = '', shownBy = '']) => ({ attacker, line, shownBy }))
const ATTACKERS = [
  'a seized disk',
  'a seized running node',
  'who carries a file',
  'a mailbox',
  'the other agency',
  'a corrupt officer',
  'a quantum computer, 2040',
]

describe('the threat model, line by line', () => {
  it('speaks of each attacker', () => {
    const named = new Set(rows.map(({ attacker }) => attacker))
    expect(ATTACKERS.filter((attacker) => !named.has(attacker))).toEqual([])
  })

  it.each(rows)('$attacker $line', ({ line, shownBy }) => {
    expect(line).not.toBe('')
    expect(shownBy === 'accepted' || isTest(shownBy)).toBe(true)
  })
})

/** `file` and the title of a test, or of a group of tests, in it. */
function isTest(cell: string): boolean {
  const [, file = '', title = ''] = /^`([^`]+\.test\.ts)` (.+)$/.exec(cell) ?? []
  if (title === '' || !existsSync(join(ROOT, file))) return false
  return ["'", '"', '`'].some((quote) => readText(file).includes(`${quote}${title}${quote}`))
}
