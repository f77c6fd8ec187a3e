/**
 * On a system that cannot run this, the first command says so in one sentence, in both languages.
 *
 * @module
 * @spec docs/decisions/0004-two-commands.md#decision
 */
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../support/repository.ts'

const UNFIT: readonly (readonly [name: string, disguise: string])[] = [
  ['a Node older than 20', pretend('linux', 'x64', '18.20.8')],
  ['Windows', pretend('win32', 'x64', '20.20.2')],
  ['macOS on Intel', pretend('darwin', 'x64', '22.0.0')],
  ['another processor', pretend('linux', 's390x', '20.20.2')],
  ['musl', `${pretend('linux', 'x64', '26.10.0')};${library({})}`],
  [
    'an old glibc',
    `${pretend('linux', 'x64', '20.20.2')};${library({ glibcVersionRuntime: '2.17' })}`,
  ],
]

const FIT: readonly (readonly [name: string, disguise: string])[] = [
  [
    'Node 20 on Linux',
    `${pretend('linux', 'arm64', '20.0.0')};${library({ glibcVersionRuntime: '2.36' })}`,
  ],
  ['Node 22 on macOS', pretend('darwin', 'arm64', '22.0.0')],
  ['Windows with its own Node 26', pretend('win32', 'x64', '26.10.0')],
]

describe('before the first installation', () => {
  it.each(UNFIT)('%s gets one sentence a language', (_name, disguise) => {
    const { status, stderr } = start(disguise)
    expect(status).toBe(1)
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^amana: .*(install|use) /),
      expect.stringMatching(/^amana\u00A0: .*(installer|utiliser) /),
    ])
  })

  it.each(FIT)('%s goes on', (_name, disguise) => {
    expect(start(disguise).status).toBe(0)
  })
})

function pretend(platform: string, arch: string, node: string): string {
  return [
    `Object.defineProperty(process,'platform',{value:'${platform}'})`,
    `Object.defineProperty(process,'arch',{value:'${arch}'})`,
    `Object.defineProperty(process,'versions',{value:{node:'${node}'}})`,
  ].join(';')
}

function library(header: { readonly glibcVersionRuntime?: string }): string {
  return `process.report.getReport=()=>(${JSON.stringify({ header })})`
}

function start(disguise: string): { status: number | null; stderr: string } {
  const loaded = `data:text/javascript,${encodeURIComponent(disguise)}`
  const program = ['--import', loaded, `${ROOT}/tools/before-install.mjs`]
  const { status, stderr } = spawnSync(process.execPath, program, { encoding: 'utf8' })
  return { status, stderr }
}
