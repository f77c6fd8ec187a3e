import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { decodeBase64url, parseVkey } from '@amana/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type z } from 'zod'
import { newAgency, passphraseOf } from '../../../../test/support/met-agencies.ts'
import { filesUnder, MEETING_MS } from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { temporaryFolder } from '../../../../test/support/store-fixture.ts'
import { openNode } from '../node.ts'
import { openParts } from '../node-parts.ts'
import {
  NodeSecretsSchema,
  RootSecretsSchema,
  RosterSecretsSchema,
} from '../vault/agency-secrets.ts'
import { keystorePath, readKeystore } from '../vault/keystore-file.ts'
import {
  assertNewFolder,
  createAgency,
  NEW_FILES,
  NEW_KEYSTORES,
  type NewAgency,
} from './create-agency.ts'

function agencyIn(folder: string): NewAgency {
  return {
    folder,
    id: 'ng.naptip',
    name: 'NAPTIP',
    city: 'Abuja',
    listen: ['/ip4/127.0.0.1/tcp/0'],
    addresses: [],
  }
}

describe('the folder of a new agency', { timeout: MEETING_MS }, () => {
  let home: Awaited<ReturnType<typeof temporaryFolder>>
  let folder: string
  beforeAll(async () => {
    home = await temporaryFolder()
    folder = join(home.path, 'naptip')
    await newAgency(folder, 'naptip')
  }, MEETING_MS)
  afterAll(() => home[Symbol.asyncDispose]())

  it('has the files that it is said to have, and no other beside it', async () => {
    const files = await filesUnder(folder)
    const outside = files.filter((file) => !file.startsWith('store/'))
    const named = NEW_FILES.filter((file) => !file.endsWith('/'))
    expect(outside).toEqual(named.toSorted())
    expect(files.length).toBeGreaterThan(outside.length)
    expect(await readdir(home.path)).toEqual(['naptip'])
  })

  it('is its owner’s alone: folders 0700, files that hold something 0600', async () => {
    const folders = ['.', 'heads', 'roots', 'store']
    for (const name of folders) {
      expect([name, (await stat(join(folder, name))).mode & 0o777]).toEqual([name, 0o700])
    }
    for (const name of await filesUnder(folder)) {
      if (name.startsWith('store/')) continue
      expect([name, (await stat(join(folder, name))).mode & 0o777]).toEqual([name, 0o600])
    }
  })

  it('opens with the passphrase of its node, and says who it is', async () => {
    await using node = await openNode({ folder, passphrase: passphraseOf('node') })
    expect(await node.services.status({})).toMatchObject({
      agency: 'ng.naptip',
      name: 'NAPTIP',
      rosterVersion: 1,
      peers: [],
      log: { origin: 'ng.naptip/amana/audit/1', size: 2, cosignedSize: 0 },
    })
    const wrong = { folder, passphrase: passphraseOf('roster') }
    expect(await codeOf(() => openNode(wrong))).toBe('STORE_PASSPHRASE')
  })

  it('begins with a log whose first leaf and keys its roster names', async () => {
    await using parts = await openParts({ folder, passphrase: passphraseOf('node') })
    const { nodes, desks, officers } = parts.trust.ownRoster.payload
    const log = nodes[0]?.log
    expect(log?.log.map((vkey) => parseVkey(vkey).name)).toEqual([parts.origin, parts.origin])
    expect(nodes[0]).toMatchObject({ peerId: parts.peerId, addresses: ['/ip4/127.0.0.1/tcp/4001'] })
    expect(desks.map(({ id }) => id)).toEqual(['coordination', 'intelligence', 'protection'])
    expect(officers).toEqual([])
    const { size } = parts.audit.head()
    expect(await parts.audit.verify()).toMatchObject({ size })
  })

  it('shows no secret in any file: neither seeds, nor passphrases', async () => {
    const canaries = NEW_KEYSTORES.map(({ name }) => passphraseOf(name))
    const secrets = [
      await read(folder, 'node', NodeSecretsSchema),
      await read(folder, 'roster', RosterSecretsSchema),
      await read(join(folder, 'roots'), 'root-1', RootSecretsSchema),
      await read(join(folder, 'roots'), 'recovery-3', RootSecretsSchema),
    ]
    const seeds = JSON.stringify(secrets).match(/[A-Za-z0-9_-]{43}/g) ?? []
    expect(seeds).toHaveLength(12 + 1 + 2 + 2)
    const needles = [
      ...[...canaries, ...seeds].map((text) => Buffer.from(text)),
      ...seeds.map((seed) => Buffer.from(decodeBase64url(seed))),
    ]
    for (const file of await filesUnder(folder)) {
      const bytes = await readFile(join(folder, file))
      expect([file, needles.filter((needle) => bytes.includes(needle)).length]).toEqual([file, 0])
    }
  })

  it('is not written over', async () => {
    const before = await filesUnder(folder)
    const again = createAgency(agencyIn(folder), async (keystore) => passphraseOf(keystore))
    expect(await codeOf(() => again)).toBe('CLI_EXISTS')
    expect(await filesUnder(folder)).toEqual(before)
    expect(await readdir(home.path)).toEqual(['naptip'])
  })
})

async function read<T>(folder: string, name: string, schema: z.ZodType<T>): Promise<T> {
  return readKeystore(keystorePath(folder, name), passphraseOf(name), schema)
}

describe('an agency that cannot be made', { timeout: MEETING_MS }, () => {
  it.each([
    ['holds a file', 'CLI_EXISTS', async (path: string) => writeFile(join(path, 'a'), 'kept')],
    ['holds a folder', 'CLI_EXISTS', async (path: string) => mkdir(join(path, 'a'))],
  ])('leaves a folder as it is that %s', async (_name, code, fill) => {
    await using home = await temporaryFolder()
    const folder = join(home.path, 'own')
    await mkdir(folder)
    await fill(folder)
    // before anybody types a passphrase, and in a dry run
    expect(await codeOf(() => assertNewFolder(folder))).toBe(code)
    const making = createAgency(agencyIn(folder), async () => 'a long passphrase')
    expect(await codeOf(() => making)).toBe(code)
    expect(await readdir(folder)).toEqual(['a'])
    expect(await readdir(home.path)).toEqual(['own'])
  })

  it.each([
    ['a file stands in the way', async (path: string) => writeFile(path, '')],
    ['a link leads nowhere', async (path: string) => symlink(`${path}/../nowhere/at all`, path)],
  ])('says so when %s', async (_name, block) => {
    await using home = await temporaryFolder()
    const blocked = join(home.path, 'blocked')
    await block(blocked)
    expect(await codeOf(() => assertNewFolder(join(blocked, 'own')))).toBe('CLI_FILE')
    const making = createAgency(agencyIn(join(blocked, 'own')), async () => 'a long passphrase')
    expect(await codeOf(() => making)).toBe('CLI_FILE')
    expect(await readdir(home.path)).toEqual(['blocked'])
  })

  it('leaves nothing behind when a passphrase is missing, not even the folders on the way', async () => {
    await using home = await temporaryFolder()
    const asked: string[] = []
    const making = createAgency(agencyIn(join(home.path, 'a', 'b', 'own')), async (keystore) => {
      asked.push(keystore)
      if (keystore === 'roster') throw new Error('nobody knows it')
      return passphraseOf(keystore)
    })
    await expect(making).rejects.toThrow('nobody knows it')
    expect(asked).toEqual(['node', 'roster'])
    expect(await readdir(home.path)).toEqual([])
  })

  it('spares what somebody else put into its folder meanwhile', async () => {
    await using home = await temporaryFolder()
    const folder = join(home.path, 'own')
    const last = NEW_KEYSTORES.at(-1)?.name
    const making = createAgency(agencyIn(folder), async (keystore) => {
      if (keystore === last) {
        await mkdir(folder)
        await writeFile(join(folder, 'notes'), 'theirs')
      }
      return passphraseOf(keystore)
    })
    expect(await codeOf(() => making)).toBe('CLI_EXISTS')
    expect(await readFile(join(folder, 'notes'), 'utf8')).toBe('theirs')
    expect(await readdir(dirname(folder))).toEqual(['own'])
  })
})
