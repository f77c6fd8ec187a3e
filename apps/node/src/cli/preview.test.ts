/**
 * What `amana message preview` shows of a draft: to each of the five presets, without a node.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#preview
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { READER_PRESETS } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { amana } from '../../../../test/support/amana-program.ts'
import { FILLED_REFERRAL } from '../../../../test/support/filled-referral.ts'
import { parseText } from '../../../../test/support/json.ts'
import { temporaryFolder } from '../../../../test/support/store-fixture.ts'

const AnswerSchema = z.looseObject({
  readers: z.array(
    z.looseObject({
      name: z.string(),
      locked: z.boolean(),
      sees: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]),
      withheld: z.array(z.string()),
    }),
  ),
})

async function previewed(
  groups: object,
  ...words: readonly string[]
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  await using home = await temporaryFolder()
  const file = join(home.path, 'draft.json')
  const handling = { tlp: 'AMBER+STRICT', caveats: ['dist:bilateral', 'test:data'] }
  const draft = { kind: 'victim.referral/1', to: { agency: 'ng.naptip' }, handling, groups }
  await writeFile(file, JSON.stringify(draft))
  return await amana(['message', 'preview', file, ...words])
}

describe('a preview', () => {
  it('shows for the own desk and each preset what it will see, and no more', async () => {
    const { stdout } = await previewed(FILLED_REFERRAL, '--json')
    const { readers } = AnswerSchema.parse(parseText(stdout))
    expect(readers.map(({ name }) => name)).toEqual(['protection', ...Object.keys(READER_PRESETS)])
    const seen = new Map(readers.map(({ name, sees }) => [name, sees]))
    expect(seen.get('protection')).toContain('identity')
    expect(seen.get('shelter')).not.toContain('investigation')
    expect(seen.get('border')).not.toContain('health')
    expect(seen.get('prosecutor')).not.toContain('person')
    for (const { sees, withheld } of readers) {
      expect(withheld.filter((group) => Array.isArray(sees) && sees.includes(group))).toEqual([])
    }
  })

  it('of an embassy is locked where she fears to return, and open where she said that she does not', async () => {
    const claimed = { ...FILLED_REFERRAL, risk: { protectionClaim: 'yes' } }
    const locked = await previewed(claimed, '--role', 'embassy', '--json')
    expect(AnswerSchema.parse(parseText(locked.stdout)).readers).toMatchObject([
      { name: 'embassy', locked: true },
    ])
    const open = { ...FILLED_REFERRAL, risk: { protectionClaim: 'no' } }
    const shown = await previewed(open, '--role', 'embassy', '--json')
    expect(AnswerSchema.parse(parseText(shown.stdout)).readers).toMatchObject([{ locked: false }])
  })

  it('of one reader shows the words themselves, in both languages', async () => {
    const [en, fr] = await Promise.all([
      previewed(FILLED_REFERRAL, '--role', 'shelter'),
      previewed(FILLED_REFERRAL, '--role', 'shelter', '--lang', 'fr'),
    ])
    expect(en.stdout).toContain('Ladi')
    expect(fr.stdout).toContain('Ladi')
    expect(en.stdout).not.toBe(fr.stdout)
  })
})
