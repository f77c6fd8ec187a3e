/**
 * The cases of the demonstration beside the published one, played by the program: consent taken back on the way, two
 * receipts for one journey, and a group of 22.
 *
 * @module
 * @spec docs/spec/08-exchange.md#demonstration
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import withdrawn from '../../examples/withdrawn/story.json' with { type: 'json' }
import { amana } from '../support/amana-program.ts'
import { parseText } from '../support/json.ts'

const TIMEOUT_MS = 280_000

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amana-cases-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function play(
  name: string,
  words: readonly string[] = ['--case', name],
): Promise<{ readonly told: unknown; readonly lines: string }> {
  const dir = join(folder, name)
  const { status, stderr, stdout } = await amana(['demo', ...words, '--dir', dir, '--json'])
  expect(status).toBe(0)
  return { told: parseText(stdout), lines: stderr }
}

describe('the demonstration', () => {
  it('of a file says what happened in the words of the file', { timeout: TIMEOUT_MS }, async () => {
    const key = { en: 'She says no.', fr: 'Elle dit non.' }
    const scenes = withdrawn.scenes.map((scene) => ({ ...scene, key }))
    const path = join(folder, 'own.json')
    await writeFile(path, JSON.stringify({ ...withdrawn, scenes }))
    const { lines, told } = await play('own', ['--story', path, '--lang', 'fr'])
    expect(told).toMatchObject({ case: 'own', states: { cancelled: 1 }, verdict: 'verified' })
    expect(lines).toContain('Elle dit non.')
  })

  it(
    'of a consent taken back on the way stops the journey and ends as she wishes',
    { timeout: TIMEOUT_MS },
    async () => {
      const { lines, told } = await play('withdrawn')
      expect(told).toMatchObject({ states: { cancelled: 1 }, statements: 18, verdict: 'verified' })
      expect(lines).toContain('going on all the same: refused (she does not consent)')
    },
  )

  it(
    'of two receipts for one journey keeps both and calls the leg disputed',
    { timeout: TIMEOUT_MS },
    async () => {
      const { lines, told } = await play('disputed')
      expect(told).toMatchObject({
        states: { handed_over: 1 },
        statements: 18,
        verdict: 'verified',
      })
      expect(lines).toContain('leg return is disputed: two receipts, both kept')
    },
  )

  it(
    'of 22 at Kano brings home 21, names the one who is absent and mixes with no real case',
    { timeout: TIMEOUT_MS },
    async () => {
      const { lines, told } = await play('kano')
      expect(told).toMatchObject({
        states: { in_care: 21, missing: 1 },
        statements: 353,
        verdict: 'verified',
      })
      expect(lines).toContain('21 arrived, 1 absent, named; one on no list is counted too')
      expect(lines).toContain('a step that is not marked as test data: refused')
      const listed = await amana([
        'referral',
        'list',
        '--dir',
        join(folder, 'kano', 'abuja'),
        '--passphrases',
        join(folder, 'kano', 'passphrases', 'abuja'),
      ])
      expect(listed.stdout.match(/EXERCISE/g)).toHaveLength(22)
    },
  )
})
