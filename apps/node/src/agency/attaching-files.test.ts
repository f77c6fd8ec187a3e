import { appendFile, readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ATTACHMENT_LIMITS, type Draft, sealedLength } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { BODIES } from '../../../../test/support/message-bodies.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { temporaryFolder } from '../../../../test/support/store-fixture.ts'
import { freeBytes, readPieces } from '../cli/files.ts'
import { type Attaching, attachFiles, filesToAttach } from './attaching-files.ts'

const DRAFT: Draft = {
  kind: 'intel.report/1',
  to: { agency: 'ne.anltp-tim' },
  handling: { tlp: 'AMBER', caveats: ['test:data'] },
  groups: { body: { ...BODIES['intel.report/1']['body'] } },
}

async function made(folder: string, sizeBytes: number): Promise<string> {
  const path = join(folder, 'film.mp4')
  await writeFile(path, new Uint8Array(Math.min(sizeBytes, 1_000_000)))
  await truncate(path, sizeBytes)
  return path
}

function attachingIn(folder: string): Attaching {
  return { folder, read: readPieces, freeBytes, dryRun: false }
}

async function sealedIn(folder: string): Promise<readonly string[]> {
  return readdir(join(folder, 'blobs')).catch(() => [])
}

describe('a file that is attached', () => {
  it('is looked at before it is read: 2 GiB are taken, and not a byte more', async () => {
    await using folder = await temporaryFolder()
    const path = await made(folder.path, ATTACHMENT_LIMITS.plaintextBytes)
    expect(await filesToAttach([path])).toMatchObject([{ path, sizeBytes: 2_147_483_648 }])
    await truncate(path, ATTACHMENT_LIMITS.plaintextBytes + 1)
    expect(await codeOf(() => filesToAttach([path]))).toBe('WIRE_SIZE')
  })

  it('is not read where the disk has no room for it, and in a dry run needs none', async () => {
    await using folder = await temporaryFolder()
    const files = await filesToAttach([await made(folder.path, 200_000)])
    const free = sealedLength(200_000)
    let reads = 0
    const attaching: Attaching = {
      ...attachingIn(folder.path),
      freeBytes: async () => free - 1,
      read: (path) => {
        reads += 1
        return readPieces(path)
      },
    }
    expect(await codeOf(() => attachFiles(DRAFT, files, attaching))).toBe('STORE_ROOM')
    expect(reads).toBe(0)
    await attachFiles(DRAFT, files, { ...attaching, dryRun: true })
    await attachFiles(DRAFT, files, { ...attaching, freeBytes: async () => free })
    expect([reads, (await sealedIn(folder.path)).length]).toEqual([2, 1])
  })

  it.each<[string, (path: string) => Promise<void>]>([
    ['longer', (path) => appendFile(path, 'x')],
    ['shorter', (path) => truncate(path, 100)],
    ['another', (path) => writeFile(path, new Uint8Array(200_000).fill(7))],
  ])(
    'is refused, and nothing of it kept, where it came to be %s meanwhile',
    async (_name, change) => {
      await using folder = await temporaryFolder()
      const path = await made(folder.path, 200_000)
      const files = await filesToAttach([path])
      const attaching: Attaching = {
        ...attachingIn(folder.path),
        read: async function* changed(from) {
          for await (const bytes of readPieces(from)) {
            yield bytes
            await change(path)
          }
        },
      }
      expect(await codeOf(() => attachFiles(DRAFT, files, attaching))).toBe('CLI_FILE_CHANGED')
      expect(await sealedIn(folder.path)).toEqual([])
    },
  )

  it('is told of while it is sealed', async () => {
    await using folder = await temporaryFolder()
    const files = await filesToAttach([await made(folder.path, 200_000)])
    const told: number[] = []
    const sealed: NonNullable<Attaching['sealed']> = (_file, doneBytes) => told.push(doneBytes)
    await attachFiles(DRAFT, files, { ...attachingIn(folder.path), sealed })
    expect(told).toEqual([65_536, 131_072, 196_608, 200_000])
  })
})
