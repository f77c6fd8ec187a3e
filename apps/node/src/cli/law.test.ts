/**
 * What the command line tells of laws: what is over, and what a lawyer must confirm.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#law
 */
import { parseDraft } from '@amana/core'
import { describe, expect, it } from 'vitest'
import report from '../../../../examples/agadez/intel-report.json' with { type: 'json' }
import { amana } from '../../../../test/support/amana-program.ts'
import { lawLines } from './commands/law.ts'
import { createIo } from './io.ts'

const stream = { write: () => undefined }
const io = createIo({ stdin: {}, stdout: stream, stderr: stream }, { language: 'en', json: false })

function linesOf(offence: string, day: string): readonly string[] {
  const { groups } = report
  return lawLines(
    io,
    { ...parseDraft(report), groups: { ...groups, body: { ...groups.body, offence } } },
    day,
  )
}

describe('the register of laws', () => {
  it('says of a day what held, what is over and what a lawyer must confirm', async () => {
    const today = await amana(['law', '--country', 'NE', '--on', '2026-11-28'])
    expect(today.stdout).toMatch(/^✗ NE {2}.*: no longer, since 2023-11-25$/m)
    expect(today.stdout).toMatch(/^\? NE {2}.*: to be confirmed by a lawyer$/m)
    expect(today.stdout).not.toContain(' NG  ')
    const before = await amana(['law', '--country', 'NE', '--on', '2021-06-17', '--lang', 'fr'])
    expect(before.stdout).not.toContain('✗')
    expect(before.stdout).toContain('à confirmer par un juriste')
  })

  it('is asked about a day, and refuses what is none', async () => {
    const run = await amana(['law', '--on', 'yesterday'])
    expect(run).toMatchObject({ status: 2, stdout: '' })
    expect(run.stderr).toContain('[CLI_OPTION]')
  })

  it('is told of a draft that rests on what is over, once, and of none that names no law', () => {
    expect(
      linesOf('smuggling', '2026-11-28').filter((line) => line.startsWith('✗ NE')),
    ).toHaveLength(1)
    expect(linesOf('smuggling', '2021-06-17').filter((line) => line.startsWith('✗'))).toEqual([])
    expect(linesOf('none of these', '2026-11-28')).toEqual([])
  })
})
