/**
 * Keys for weeks ahead, by the commands alone.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#the-life-of-a-key
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerOf, type DiskAgency, makeAgencies, meet } from '../support/agency-on-disk.ts'
import { inBoth, keysOf, refusalOf } from '../support/key-answers.ts'

const SETUP_TIMEOUT_MS = 300_000

let root: string
let niamey: DiskAgency

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amana-anew-'))
  const agencies = await makeAgencies(root)
  niamey = agencies.niamey
  await meet(root, agencies)
}, SETUP_TIMEOUT_MS)

afterAll(async () => {
  await rm(root, { recursive: true, force: true })
})

describe('the keys of a desk', () => {
  it('may be one for each week, listed by a roster or by a proposal that another signs', async () => {
    const words = ['key', 'rotate', 'desk', 'intelligence', '--weeks', '8']
    const [en, fr] = await inBoth(niamey, [...words, '--dry-run'])
    expect(en.stdout).toContain('Would make 8 weekly keys for desk intelligence')
    expect(fr.stdout).toContain('Créerait 8 clés hebdomadaires pour le bureau intelligence')
    const file = join(root, 'weeks.json')
    const proposal = await answerOf(niamey, [...words, '--to', file])
    expect(proposal).toMatchObject({ rotated: false, made: 8, proposal: file })
    const diff = await inBoth(niamey, ['roster', 'diff', file])
    expect(diff[0].stdout).toContain('desk intelligence')
    await answerOf(niamey, ['roster', 'sign', file])
    const keys = (await keysOf(niamey)).filter(
      ({ holder, use }) => use === 'desk' && holder === 'intelligence',
    )
    expect(keys.map(({ state }) => state).toSorted()).toEqual(
      ['current', ...Array.from({ length: 7 }, () => 'next'), 'expired'].toSorted(),
    )
    const again = await answerOf(niamey, words)
    expect(again).toMatchObject({ rotated: false, made: 0 })
    const back = ['key', 'rotate', 'desk', 'intelligence', '--supersede']
    expect(await answerOf(niamey, back)).toMatchObject({ rotated: true })
  })

  it.each([
    ['for weeks of what has none', ['deposit', '--weeks', '8'], ['CLI_OPTION', 2]],
    ['for weeks that are no number', ['desk', 'protection', '--weeks', 'few'], ['CLI_OPTION', 2]],
    ['for more weeks than fit', ['desk', 'protection', '--weeks', '17'], ['CLI_KEY_ROOM', 2]],
    ['of an officer by a proposal', ['officer', 'case-niamey', '--to', 'x'], ['CLI_OPTION', 2]],
  ])('are refused %s', async (_what, words, refusal) => {
    expect(await refusalOf(niamey, ['key', 'rotate', ...words])).toEqual(refusal)
  })
})
