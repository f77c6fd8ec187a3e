import { execFileSync } from 'node:child_process'
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import withdrawn from '../../../../examples/withdrawn/story.json' with { type: 'json' }
import { codeOf, refusalOf } from '../../../../test/support/refusals.ts'
import { temporaryFolder } from '../../../../test/support/store-fixture.ts'
import { createIo } from '../cli/io.ts'
import { type Program } from '../cli/options.ts'
import { makeDemoFolder } from './demo-folder.ts'
import { startNodeProcess } from './node-process.ts'
import { parseStory } from './story.ts'
import { Teller } from './teller.ts'

const PATH_MOST = 4095
const NAME_MOST = 255

/** A program of the shell in the place of `amana node run`; the node's folder is its fifth word. */
function shell(script: string): Program {
  return { execPath: '/bin/sh', execArgv: ['-c', script], main: 'amana' }
}

const PROGRAM = shell('exit 0')

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('the folder of a demonstration', () => {
  it('is made where nothing is, and is gone afterwards', async () => {
    await using home = await temporaryFolder()
    const folder = await makeDemoFolder(join(home.path, 'demo'), PROGRAM)
    expect((await readdir(folder.path)).toSorted()).toEqual(['amana', 'evidence'])
    await folder.remove()
    expect(await readdir(home.path)).toEqual([])
  })

  it.each([
    [
      'holds something',
      'CLI_EXISTS',
      async (path: string) => mkdir(join(path, 'a'), { recursive: true }),
    ],
    ['is a file', 'CLI_FILE', async (path: string) => writeFile(path, '')],
    ['is a link that leads nowhere', 'CLI_FILE', async (path: string) => symlink(`${path}-`, path)],
  ])('is refused that %s', async (_what, code, make) => {
    await using home = await temporaryFolder()
    const path = join(home.path, 'demo')
    await make(path)
    expect(await codeOf(() => makeDemoFolder(path, PROGRAM))).toBe(code)
    expect(await readdir(home.path)).toEqual(['demo'])
  })

  it('is refused whose path leaves no room for what it holds', async () => {
    await using home = await temporaryFolder()
    let path = home.path
    while (path.length < PATH_MOST) {
      path = join(path, 'd'.repeat(Math.min(NAME_MOST, PATH_MOST - 1 - path.length)))
    }
    expect(await refusalOf(() => makeDemoFolder(path, PROGRAM))).toEqual({
      code: 'CLI_FILE',
      details: { path },
    })
  })

  it('is refused where there is no place for temporary files', async () => {
    await using home = await temporaryFolder()
    vi.stubEnv('TMPDIR', join(home.path, 'nowhere'))
    expect(await refusalOf(() => makeDemoFolder(undefined, PROGRAM))).toEqual({
      code: 'CLI_FILE',
      details: { path: join(home.path, 'nowhere', 'amana-demo-') },
    })
  })
})

describe('a node of a demonstration', { timeout: 10_000 }, () => {
  it('that ends before it listens is named with what it said last', async () => {
    await using home = await temporaryFolder()
    const program = shell('echo "amana: no room [STORE_WRITE]" >&2; exec >&-; exit 1')
    const starting = startNodeProcess(program, home.path, home.path)
    expect(await codeOf(() => starting)).toBe('CLI_CHILD')
  })

  it('that ends though nobody told it to is named with what it said last', async () => {
    await using home = await temporaryFolder()
    const gate = join(home.path, 'gate')
    execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', gate])
    const program = shell('echo listening; cat "$5/gate" >&2; exit 1')
    const node = await startNodeProcess(program, home.path, home.path)
    await writeFile(gate, 'amana: no room [STORE_WRITE]\n')
    expect(await refusalOf(() => node.failed)).toEqual({
      code: 'CLI_CHILD',
      details: { said: 'amana: no room [STORE_WRITE]' },
    })
  })
})

describe('the case of a file', () => {
  const words = { en: 'She goes home.', fr: 'Elle rentre.' }
  const sequel = {
    ...withdrawn,
    scenes: withdrawn.scenes.map((scene) => ({ ...scene, key: words })),
  }

  it('goes on from the invented one, in its own words', () => {
    const { case: name, scenes } = parseStory(JSON.stringify(sequel), 'own.json')
    expect(name).toBe('own')
    expect(scenes.map(({ of }) => of)).toEqual([
      ...Array.from({ length: 8 }, () => 'invented'),
      'own',
      'own',
    ])
    expect(scenes.at(-1)?.key).toEqual(words)
  })

  it.each([
    ['no JSON', '{', ''],
    ['a wrong reference', JSON.stringify({ ...sequel, reference: 'X' }), 'reference'],
    ['a scene without words', JSON.stringify(withdrawn), 'scenes.0.key'],
  ])('is refused for %s, by its place', async (_what, text, at) => {
    const details = { path: 'own.json', at }
    expect(await refusalOf(() => parseStory(text, 'own.json'))).toEqual({
      code: 'CLI_STORY',
      details,
    })
  })
})

describe('the lines of a demonstration', () => {
  it('end where the process is asked to end', async () => {
    const stream = { write: () => undefined }
    const io = createIo(
      { stdin: {}, stdout: stream, stderr: stream },
      { language: 'en', json: false },
    )
    const ended = new AbortController()
    const teller = new Teller(io, ended.signal)
    teller.pause()
    ended.abort()
    expect(
      await codeOf(() => {
        teller.pause()
      }),
    ).toBe('CLI_INTERRUPTED')
  })
})
