/**
 * A desk's key of suite A1 by the command line alone.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#suites
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerOf, type DiskAgency } from '../support/agency-on-disk.ts'
import { inBoth, keysOf, refusalOf } from '../support/key-answers.ts'

let root: string
let agency: DiskAgency

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amana-suite-'))
  agency = {
    id: 'ne.anltp-tim',
    folder: join(root, 'niamey'),
    passphrases: join(root, 'niamey-passphrases'),
  }
  const named = ['--agency', agency.id, '--name', 'ANLTP/TIM', '--city', 'Niamey']
  await answerOf(agency, [
    'init',
    ...named,
    '--listen',
    '/ip4/127.0.0.1/tcp/0',
    '--make-passphrases',
  ])
})

afterAll(() => rm(root, { recursive: true, force: true }))

describe('a desk’s key of suite A1', () => {
  it('stands beside the one of A2, of which it is no other', async () => {
    await answerOf(agency, ['key', 'rotate', 'desk', 'coordination', '--suite', 'A1'])
    const both = (await keysOf(agency)).filter(({ holder }) => holder === 'coordination')
    expect(both.map(({ algorithm, place, state }) => [algorithm, place, state])).toEqual([
      ['ECDH-ES+A256KW', 'node.keystore.json', 'current'],
      ['HPKE-9-KE', 'node.keystore.json', 'current'],
    ])
    for (const { stdout } of await inBoth(agency, ['key', 'list'])) {
      expect(stdout).toContain('coordination  ECDH-ES+A256KW')
    }
    const revoke = ['key', 'revoke', '--reason', 'lost', '--dry-run']
    expect(await refusalOf(agency, revoke, both[1]?.keyId)).toEqual(['TRUST_KEY_LAST', 5])
  })

  it.each([
    ['a suite that is none', ['desk', 'protection', '--suite', 'A3']],
    ['a deposit key', ['deposit', '--suite', 'A1']],
    ['an officer', ['officer', 'nobody', '--suite', 'A1']],
  ])('is refused for %s', async (_what, words) => {
    expect(await refusalOf(agency, ['key', 'rotate', ...words])).toEqual(['CLI_OPTION', 2])
  })
})
