import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AmanaError } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { codeOf } from '../../../../test/support/refusals.ts'
import { temporaryFolder } from '../../../../test/support/store-fixture.ts'
import { writeWhole } from './written-file.ts'

const NEW = Buffer.from('new')

/** Writes `bytes`, in two parts where there are two. */
async function writeAll(path: string, parts: readonly Uint8Array[]): Promise<void> {
  await writeWhole(path, async (file) => {
    for (const part of parts) await file.write(part)
    await file.finish()
  })
}

function halves(bytes: Buffer): readonly Uint8Array[] {
  return [bytes.subarray(0, 50_000), bytes.subarray(50_000)]
}

describe('a file that leaves the node', () => {
  it('is there whole, for its owner alone, and replaces the one before', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'a', 'b', 'file')
    await writeAll(path, [NEW, NEW])
    expect(await readFile(path, 'utf8')).toBe('newnew')
    await writeAll(path, [NEW])
    expect(await readFile(path, 'utf8')).toBe('new')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(join(folder.path, 'a', 'b'))).toEqual(['file'])
  })

  it('is not seen before it has finished', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'file')
    await writeFile(path, 'old')
    await writeWhole(path, async (file) => {
      await file.write(NEW)
      expect(await readFile(path, 'utf8')).toBe('old')
      await file.finish()
    })
    expect(await readFile(path, 'utf8')).toBe('new')
  })

  it('leaves the one before as it is, and nothing beside it, when it fails on the way', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'file')
    await writeFile(path, 'old')
    const failing = writeWhole(path, async (file) => {
      await file.write(NEW)
      throw new AmanaError('STORE_WRITE', { reason: 'ENOSPC' })
    })
    expect(await codeOf(() => failing)).toBe('STORE_WRITE')
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(folder.path)).toEqual(['file'])
  })

  it('is one of two that are written at once, never a mixture', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'file')
    const [first, second] = [Buffer.alloc(200_000, 'a'), Buffer.alloc(100_000, 'b')]
    await Promise.all([writeAll(path, halves(first)), writeAll(path, halves(second))])
    const found = await readFile(path)
    expect(found.equals(first) || found.equals(second)).toBe(true)
    expect(await readdir(folder.path)).toEqual(['file'])
  })

  it.each([
    ['a file stands where its folder should be', 'file/below'],
    ['a folder stands in its place', 'folder'],
  ])('is refused where %s', async (_name, name) => {
    await using folder = await temporaryFolder()
    await writeFile(join(folder.path, 'file'), 'old')
    await mkdir(join(folder.path, 'folder'))
    expect(await codeOf(() => writeAll(join(folder.path, name), [NEW]))).toBe('CLI_FILE')
    expect(await readdir(folder.path)).toEqual(['file', 'folder'])
  })
})
