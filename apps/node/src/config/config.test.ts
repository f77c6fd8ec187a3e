import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../../test/support/store-fixture.ts'
import { CONFIG_FILE, ConfigSchema, formatConfig } from './config.ts'
import { loadConfig } from './load.ts'

const ADDRESS = '/ip4/127.0.0.1/tcp/4001'
const CONFIG = {
  agency: { id: 'ng.naptip', name: 'NAPTIP', city: 'Abuja' },
  node: { listen: [ADDRESS], checkpoints: 'heads/checkpoints.log' },
}
type Tables = { readonly agency?: object; readonly node?: object }

/** The settings with some of them changed. */
function changed({ agency, node }: Tables): unknown {
  return { agency: { ...CONFIG.agency, ...agency }, node: { ...CONFIG.node, ...node } }
}

describe('settings', () => {
  it.each<readonly [string, Tables]>([
    ['a name of 120 letters', { agency: { name: 'é'.repeat(120) } }],
    ['eight addresses', { node: { listen: Array.from({ length: 8 }, () => ADDRESS) } }],
    ['an address of 256 characters', { node: { listen: [`/${'a'.repeat(255)}`] } }],
    ['a path of 4,096 characters', { node: { checkpoints: 'a'.repeat(4096) } }],
    ['a proxy', { node: { proxy: 'http://amana:secret@proxy.example:3128' } }],
    ['attachments that are asked for', { node: { attachments: 'ask' } }],
  ])('may have %s', (_name, tables) => {
    expect(ConfigSchema.parse(changed(tables))).toEqual(changed(tables))
  })

  it.each<readonly [string, Tables, string]>([
    ['no name', { agency: { name: '' } }, 'agency.name'],
    ['a name of 121 letters', { agency: { name: 'a'.repeat(121) } }, 'agency.name'],
    ['a name with a line break', { agency: { name: 'NAPTIP\nSIGNED' } }, 'agency.name'],
    ['a city with an escape', { agency: { city: 'Abuja\u001b[2J' } }, 'agency.city'],
    ['no address', { node: { listen: [] } }, 'node.listen'],
    [
      'nine addresses',
      { node: { listen: Array.from({ length: 9 }, () => ADDRESS) } },
      'node.listen',
    ],
    ['an address without a slash', { node: { listen: ['127.0.0.1:4001'] } }, 'node.listen.0'],
    ['an address with a space', { node: { listen: ['/ip4/127.0.0.1 /tcp/1'] } }, 'node.listen.0'],
    [
      'an address of 257 characters',
      { node: { listen: [`/${'a'.repeat(256)}`] } },
      'node.listen.0',
    ],
    ['attachments that are something else', { node: { attachments: 'all' } }, 'node.attachments'],
    ['a proxy of TLS', { node: { proxy: 'https://proxy.example' } }, 'node.proxy'],
    ['a proxy without a host', { node: { proxy: 'http://:3128' } }, 'node.proxy'],
    ['no path', { node: { checkpoints: '' } }, 'node.checkpoints'],
    ['a path of 4,097 characters', { node: { checkpoints: 'a'.repeat(4097) } }, 'node.checkpoints'],
  ])('have not %s', (_name, tables, path) => {
    const parsed = ConfigSchema.safeParse(changed(tables))
    const paths = parsed.error?.issues.map((issue) => issue.path.join('.'))
    expect(new Set(paths)).toEqual(new Set([path]))
  })

  const filed = { authority: 'HAPDP', on: '2026-10-01', reference: 'avis 2026-0417' }
  const waived = { authority: 'NDPC', reason: 'under way', until: '2027-01-31', waivedBy: 'head-1' }

  it('may say what was filed with an authority, or that the head waives it', () => {
    const whole = { ...CONFIG, regulatoryFilings: [filed, waived] }
    expect(ConfigSchema.parse(whole)).toEqual(whole)
    expect(formatConfig(ConfigSchema.parse(whole))).toContain('[[regulatoryFilings]]')
  })

  it.each<readonly [string, object]>([
    ['without a reference', { authority: 'HAPDP', on: '2026-10-01' }],
    ['with an empty one', { ...filed, reference: '' }],
    ['on a day that is none', { ...filed, on: '2026-02-30' }],
    ['of nobody', { ...filed, authority: '' }],
    ['that is also a waiver', { ...filed, ...waived }],
    ['waived by a name', { ...waived, waivedBy: 'The Head' }],
    ['waived without a reason', { ...waived, reason: '' }],
    ['waived for ever', { authority: 'NDPC', reason: 'under way', waivedBy: 'head-1' }],
  ])('have no filing %s', (_name, filing) => {
    expect(ConfigSchema.safeParse({ ...CONFIG, regulatoryFilings: [filing] }).success).toBe(false)
  })

  it('are read from a file of at most 64 Ki characters', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, CONFIG_FILE)
    const text = formatConfig(CONFIG)
    const most = `${text}#${' '.repeat(64 * 1024 - text.length - 1)}`
    await writeFile(file, most)
    expect((await loadConfig(folder.path)).agency).toEqual(CONFIG.agency)
    await writeFile(file, `${most} `)
    await expect(loadConfig(folder.path)).rejects.toMatchObject({
      code: 'STORE_CONFIG',
      details: { file, line: 1, problem: 'size' },
    })
  })
})
