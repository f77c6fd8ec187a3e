import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../../test/support/store-fixture.ts'
import { formatConfig } from './config.ts'
import { languageOf, loadConfig } from './load.ts'

const CONFIG = {
  agency: { id: 'ne.anltp-tim', name: 'ANLTP/TIM « pilote »', city: 'Niamey' },
  node: { listen: ['/ip4/127.0.0.1/tcp/0'], checkpoints: '../guard/checkpoints.log' },
}
const TEXT = formatConfig(CONFIG)

describe('amana.toml', () => {
  it('comes back as it was written, the file of heads by its whole path', async () => {
    await using folder = await temporaryFolder()
    await writeFile(join(folder.path, 'amana.toml'), TEXT)
    const checkpoints = join(folder.path, '..', 'guard', 'checkpoints.log')
    expect(await loadConfig(folder.path)).toEqual({
      ...CONFIG,
      node: { ...CONFIG.node, checkpoints },
    })
  })

  it.each([
    ['a slip in a name', ['listen', 'lisen'], { line: 7, problem: 'node.lisen → listen?' }],
    ['an unknown table', ['[node]', '[server]\nport = 1\n[node]'], { line: 6, problem: 'server' }],
    ['an agency of another form', ['ne.anltp-tim', 'ANLTP'], { line: 2, problem: 'agency.id' }],
    ['a missing setting', ['city = "Niamey"', ''], { line: 1, problem: 'agency.city' }],
    ['no address', ['"/ip4/127.0.0.1/tcp/0"', ''], { line: 7, problem: 'node.listen' }],
    ['what is not TOML', ['[node]', '[node'], { line: 6, problem: 'TOML' }],
  ])('is refused with its line for %s', async (_name, [before = '', after = ''], details) => {
    await using folder = await temporaryFolder()
    await writeFile(join(folder.path, 'amana.toml'), TEXT.replace(before, after))
    await expect(loadConfig(folder.path)).rejects.toMatchObject({ code: 'STORE_CONFIG', details })
  })

  it('is refused when it is not there', async () => {
    await using folder = await temporaryFolder()
    await expect(loadConfig(folder.path)).rejects.toMatchObject({ code: 'STORE_FILE' })
  })
})

describe('the language of the system', () => {
  it.each([
    [{}, 'en'],
    [{ LANG: 'fr_NE.UTF-8' }, 'fr'],
    [{ LANG: 'fr_NE.UTF-8', LC_ALL: 'en_NG' }, 'en'],
    [{ LANG: 'en_NG', LC_MESSAGES: 'fr', LC_ALL: '' }, 'fr'],
    [{ LANG: 'frr_DE' }, 'en'],
  ] as const)('of %j is %s', (environment, language) => {
    expect(languageOf(environment)).toBe(language)
  })
})
