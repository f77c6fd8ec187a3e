import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { random, temporaryFolder } from '../../../../test/support/store-fixture.ts'
import {
  createAgencySecrets,
  createOfficerSecrets,
  NodeSecretsSchema,
  OfficerSecretsSchema,
} from './agency-secrets.ts'
import { keystorePath, officerKeystorePath, readKeystore, writeKeystore } from './keystore-file.ts'
import { firstLogNames, loadFirstOpeningKeys, loadNodeKeys, loadRootPair } from './load-keys.ts'
import { makePassphrase } from './passphrase.ts'

describe('keystore files', () => {
  it('come back under their passphrase, are their owner’s alone and are never written over', async () => {
    await using folder = await temporaryFolder()
    const path = officerKeystorePath(folder.path, 'amina')
    const secrets = createOfficerSecrets('ng.naptip', 'amina', random)
    const passphrase = makePassphrase(random)
    await writeKeystore({ path, secrets, passphrase }, random)
    expect(await readKeystore(path, passphrase, OfficerSecretsSchema)).toEqual(secrets)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder.path, 'officers'))).mode & 0o777).toBe(0o700)
    expect((await readFile(path, 'utf8')).includes(secrets.seed)).toBe(false)
    const before = await readFile(path)
    await expect(writeKeystore({ path, secrets: 1, passphrase }, random)).rejects.toMatchObject({
      code: 'STORE_FILE',
      details: { reason: 'EEXIST' },
    })
    expect(await readFile(path)).toEqual(before)
    expect(await readdir(join(folder.path, 'officers'))).toEqual(['amina.keystore.json'])
    await expect(readKeystore(path, 'another', OfficerSecretsSchema)).rejects.toMatchObject({
      code: 'STORE_PASSPHRASE',
    })
    await expect(readKeystore(path, passphrase, NodeSecretsSchema)).rejects.toMatchObject({
      code: 'STORE_KEYSTORE',
    })
  })

  it('are refused where no folder can be, and nothing else is touched', async () => {
    await using folder = await temporaryFolder()
    await writeFile(join(folder.path, 'file'), 'kept')
    const path = keystorePath(join(folder.path, 'file', 'below'), 'node')
    await expect(
      writeKeystore({ path, secrets: 1, passphrase: 'p' }, random),
    ).rejects.toMatchObject({ code: 'STORE_FILE', details: { path, reason: 'ENOTDIR' } })
    expect(await readFile(join(folder.path, 'file'), 'utf8')).toBe('kept')
  })

  it.each([
    ['that are larger than any keystore', ' '.repeat(1024 * 1024 + 1), 'STORE_KEYSTORE size'],
    ['that are not there', undefined, 'STORE_FILE ENOENT'],
    ['that are not JSON', '{', 'STORE_KEYSTORE JSON'],
    ['of another form', '{}', 'STORE_KEYSTORE members'],
  ])('%s are refused', async (_name, text, refusal) => {
    const [code, reason] = refusal.split(' ')
    await using folder = await temporaryFolder()
    const path = keystorePath(folder.path, 'node')
    await mkdir(folder.path, { recursive: true })
    if (text !== undefined) await writeFile(path, text)
    await expect(readKeystore(path, 'p', NodeSecretsSchema)).rejects.toMatchObject({
      code,
      details: { reason },
    })
  })
})

describe('an agency’s secrets', () => {
  it('are all different and give keys for each use', async () => {
    const secrets = createAgencySecrets(random)
    expect(NodeSecretsSchema.parse(secrets.node)).toEqual(secrets.node)
    const seeds = JSON.stringify(secrets).match(/[A-Za-z0-9_-]{43}/g) ?? []
    expect(seeds).toHaveLength(25)
    expect(new Set(seeds).size).toBe(25)
    const names = firstLogNames('ng.naptip')
    const keys = await loadNodeKeys(secrets.node, names)
    expect(keys.storeKey).toHaveLength(32)
    expect(keys.log.mlDsa44).toMatchObject({ name: names.origin, type: 'post-quantum' })
    expect(keys.witness.ed25519).toMatchObject({ name: names.witness, type: 'cosigner' })
    const { desks } = await loadFirstOpeningKeys(secrets.node)
    expect(desks.protection.algorithm).toBe('HPKE-9-KE')
    const [root] = await Promise.all(secrets.roots.map((pair) => loadRootPair(pair)))
    expect(root?.pq.algorithm).toBe('ML-DSA-65')
  })
})

describe('a passphrase', () => {
  it('has eight groups of four letters of 32, by the bytes that it is given', () => {
    expect(makePassphrase(random)).toMatch(/^(?:[a-z2-7]{4}-){7}[a-z2-7]{4}$/)
    expect(makePassphrase((size) => new Uint8Array(size).fill(33))).toBe(
      Array.from({ length: 8 }, () => 'bbbb').join('-'),
    )
  })
})
