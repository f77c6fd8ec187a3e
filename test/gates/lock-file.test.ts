/**
 * What is installed is exactly what was chosen: no address, no range, no program of others at installation.
 *
 * @module
 * @spec docs/decisions/0002-run-time-dependencies.md#decision
 */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { listFiles, readJson, readText } from '../support/repository.ts'

const versions = z.record(z.string(), z.string()).default({})
const PackageSchema = z.object({
  dependencies: versions,
  devDependencies: versions,
  optionalDependencies: versions,
  peerDependencies: versions,
})
const manifests = ['.', 'packages', 'apps', 'examples', 'test'].flatMap((folder) =>
  folder === '.'
    ? ['package.json']
    : listFiles(folder, ['package.json']).filter((path) => path.endsWith('/package.json')),
)
const lock = readText('pnpm-lock.yaml')
const workspace = readText('pnpm-workspace.yaml')

describe('the lock file', () => {
  it('holds no address, so that every registry and mirror gives the same bytes', () => {
    expect(lock.match(/https?:\/\/|tarball:|git\+|: file:/g) ?? []).toEqual([])
  })

  it('names every package with its integrity', () => {
    const resolutions = lock.match(/^ {4}resolution: .*/gm) ?? []
    expect(resolutions.length).toBeGreaterThan(300)
    expect(resolutions.filter((line) => !line.includes('{integrity: sha512-'))).toEqual([])
  })
})

describe('dependencies', () => {
  it.each(manifests)('of %s stand at one exact version', (path) => {
    const manifest = PackageSchema.parse(readJson(path))
    const all = Object.values(manifest).flatMap((group) => Object.entries(group))
    const loose = all.filter(([, version]) => !isExact(version))
    expect(loose).toEqual([])
  })

  it('of the catalog stand at one exact version', () => {
    const catalog = /^catalog:\n((?: {2}.*\n)+)/m.exec(workspace)?.[1] ?? ''
    const entries = catalog
      .trimEnd()
      .split('\n')
      .map((line) => line.split(': ').at(-1) ?? '')
    expect(entries.length).toBeGreaterThan(10)
    expect(entries.filter((version) => !isExact(version))).toEqual([])
  })

  it('run no script of theirs when they are installed', () => {
    const allowed = /^allowBuilds:\n((?: {2}.*\n?)+)/m.exec(workspace)?.[1] ?? ''
    expect(allowed.match(/: \w+/g)).toEqual([': false', ': false'])
    expect(workspace).not.toMatch(/dangerouslyAllowAllBuilds|onlyBuiltDependencies/)
  })
})

function isExact(version: string): boolean {
  return /^(catalog:|workspace:\^|(npm:(@?[\w./-]+)@)?\d+\.\d+\.\d+(-[\w.]+)?)$/.test(version)
}
