import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalize, type ErrorCode } from '@amana/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { amana } from '../../../../test/support/amana-program.ts'
import {
  metAgencies,
  type MetAgencies,
  passphraseOf,
} from '../../../../test/support/met-agencies.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { random } from '../../../../test/support/store-fixture.ts'
import { signAny } from '../../../../test/support/trust-fixture.ts'
import { deskKeystorePath, officerKeystorePath } from '../vault/keystore-file.ts'
import { loadSigningKey } from '../vault/load-keys.ts'
import { rootFiles } from './commands/peer-confirm.ts'
import { createIo } from './io.ts'
import { createNewPassphrases, createPassphrases, makePassphrases } from './passphrases.ts'

const SETUP_MS = 120_000
const MEBIBYTE = 1024 * 1024
const RefusalSchema = z.object({ code: z.string(), details: z.record(z.string(), z.unknown()) })

let met: MetAgencies
let home: string
let officerKid: string

beforeAll(async () => {
  met = await metAgencies()
  home = await mkdtemp(join(tmpdir(), 'amana-refusals-'))
  const key = await loadSigningKey(met.naptip.secrets.officers.author)
  officerKid = key.keyId
  await writePassphrases()
  await mkdir(join(met.naptip.folder, 'desks'))
  await mkdir(join(met.naptip.folder, 'officers'))
  const bare = canonicalize({ ...(await signAny('amana-receipt+jws', {}, [key])) })
  const roster = canonicalize({ ...(await signAny('amana-roster+jws', {}, [key])) })
  const files = {
    [deskKeystorePath(met.naptip.folder, 'taken')]: '',
    [officerKeystorePath(met.naptip.folder, 'taken')]: '',
    [inHome('amana.toml')]: '',
    [inHome('chain.jsonl')]: `${Array.from({ length: 1025 }, () => roster).join('\n')}\n`,
    [inHome('deep.json')]: '['.repeat(65) + ']'.repeat(65),
    [inHome('empty.json')]: '{}',
    [inHome('receipt.json')]: `${bare}\n`,
    [inHome('text.txt')]: 'no JSON',
    [inHome('large')]: '',
  }
  for (const [path, text] of Object.entries(files)) await writeFile(path, text)
  await truncate(inHome('large'), 64 * MEBIBYTE + 1)
}, SETUP_MS)

afterAll(async () => {
  await rm(home, { recursive: true })
  await met[Symbol.asyncDispose]()
})

function inHome(name: string): string {
  return join(home, name)
}

/** Not the roster's, but in a folder of its own: nothing that is refused here may be signed, also where it is not refused. */
async function writePassphrases(): Promise<void> {
  for (const [folder, names] of Object.entries({
    passphrases: ['node', 'root-1'],
    'with-roster': ['node', 'roster'],
  })) {
    await mkdir(inHome(folder))
    for (const name of names) {
      await writeFile(inHome(`${folder}/${name}.txt`), `${passphraseOf(name)}\n`)
    }
  }
  await writeFile(inHome('passphrases/short.txt'), 'eleven char')
}

/** What a command of NAPTIP is refused with; `@` is the folder of the test's files, `KID` an officer's key. */
async function refusalOf(words: string): Promise<z.output<typeof RefusalSchema>> {
  const given = words.split(' ').map((word) => word.replace('@', home).replace('KID', officerKid))
  const place = given.includes('--dir') ? [] : ['--dir', met.naptip.folder]
  const passphrases = given.includes('--passphrases')
    ? []
    : ['--passphrases', inHome('passphrases')]
  const { stdout } = await amana([...given, ...place, ...passphrases, '--json'])
  return RefusalSchema.parse(JSON.parse(stdout))
}

/** Words of a command, and the option that it names. */
const OPTIONS: readonly (readonly [option: string, words: string])[] = [
  ['<index>', 'audit prove first --purpose audit --to @/proof'],
  ['--classes', 'audit export --classes q --to @/out'],
  ['--classes', 'audit export --classes a --format tiles --to @/out'],
  ['shelter_x', 'desk add shelter_x --roles shelter'],
  ['--days', 'desk add shelter-x --roles shelter --days 0'],
  ['--roles', 'desk add shelter-x --roles cook'],
  ['--suite', 'desk add shelter-x --roles shelter --suite A9'],
  ['--agency', 'init --agency NAPTIP! --name n --city c --dry-run --dir @/new'],
  ['<keystores>', 'key recovery verify --dir @'],
  ['--reason', 'key revoke KID --reason tired --dry-run'],
  ['--since', 'key revoke KID --reason lost --since 2099-01-01T00:00:00Z --dry-run'],
  ['--weeks', 'key rotate officer author --weeks 3 --dry-run'],
  ['--days', 'key rotate desk protection --weeks 3 --days 2 --dry-run'],
  ['--suite', 'key rotate officer author --suite A1 --dry-run'],
  ['--to', 'key rotate officer author --to @/proposal --dry-run'],
  ['<officer|desk|deposit|node>', 'key rotate log --dry-run'],
  ['--hours', 'message list --hours 3'],
  ['--hours', 'message list --overdue --hours soon'],
  ['--suite', 'key rotate desk protection --suite A9 --dry-run'],
  ['--supersede', 'key rotate node --supersede --dry-run'],
  ['--days', 'key rotate officer author --days 1097 --dry-run'],
  ['--weeks', 'key rotate desk protection --weeks 0 --dry-run'],
  ['--to', 'message open @/f --keystore @/k --evidence @/e --policy @/p --officer @/o'],
  ['--desk', 'message export D --purpose audit --desk x --to @/f.message.jsonl'],
  ['--to', 'message export D --purpose audit --format envelope --desk x --to @/f.json'],
  [
    '--disclose',
    'message export D --purpose audit --format envelope --desk x --disclose a --to @/f.amana.json',
  ],
  ['--disclose', 'message export D --purpose audit --format sd-jwt --to @/f'],
  ['--for', 'message export D --purpose audit --format sd-jwt --disclose a --for x --to @/f'],
  ['--officer', 'message export D --purpose audit --disclose a --for x --to @/f.message.jsonl'],
  ['--to', 'message export D --purpose audit --to @/f.txt'],
  ['Bello', 'officer add Bello --organisation ng.naptip --roles supervisor'],
  ['--organisation', 'officer add bello --organisation naptip! --roles supervisor'],
  ['--roles', 'officer add bello --organisation ng.naptip --roles supervisor,supervisor'],
  ['--days', 'officer add bello --organisation ng.naptip --roles supervisor --days 1097'],
  ['--days', 'peer renew propose --days 0 --dry-run'],
  ['--suites', 'peer renew propose --suites A9 --dry-run'],
  ['--as-of', 'verify @/empty.json --as-of yesterday'],
]

describe('an option that says nothing the command knows', () => {
  it.each(OPTIONS)('is named, and nothing is done: %s in "%s"', async (option, words) => {
    expect(await refusalOf(words)).toEqual({ code: 'CLI_OPTION', details: { option } })
  })

  it('is a single root keystore, where two sign', async () => {
    expect(await codeOf(() => rootFiles(home, { roots: 'root-1' }))).toBe('CLI_OPTION')
  })

  it('is a reason of more than 1,000 characters', async () => {
    const proposal = 'roster-refused.json'
    await amana([...wordsOf('roster propose'), '--to', inHome(proposal)])
    const reason = 'r'.repeat(1001)
    const words = `roster refuse @/${proposal} --reason ${reason}`
    expect(await refusalOf(words)).toEqual({ code: 'CLI_OPTION', details: { option: '--reason' } })
  })
})

function wordsOf(words: string): readonly string[] {
  const folders = ['--dir', met.naptip.folder, '--passphrases', inHome('passphrases')]
  return [...words.split(' '), ...folders]
}

const OTHERS: readonly (readonly [what: string, code: ErrorCode, words: string])[] = [
  ['a folder without a node', 'CLI_NO_FOLDER', 'peer list --dir @/passphrases'],
  ['a file that is not there', 'CLI_FILE', 'message inspect @/nowhere'],
  ['a file that is not there, to be verified', 'CLI_FILE', 'verify @/nowhere'],
  ['a file above 64 MiB', 'CLI_FILE', 'message validate @/large'],
  ['a text where a signed object should be', 'CLI_NOT_AMANA', 'peer renew diff @/text.txt'],
  ['JSON deeper than any on the wire', 'CLI_NOT_AMANA', 'message validate @/deep.json'],
  ['an object that is no answer of a desk', 'CLI_NOT_AMANA', 'message answer @/empty.json'],
  ['a receipt as what a peer sends', 'CLI_NOT_AMANA', 'peer import @/receipt.json'],
  ['a text as a chain of rosters', 'CLI_NOT_AMANA', 'roster import @/text.txt'],
  ['a chain of 1,025 rosters', 'CLI_NOT_AMANA', 'roster import @/chain.jsonl'],
  ['a key that nobody has', 'CLI_NO_KEY', 'key revoke abcdef --reason lost --dry-run'],
  [
    'a revocation in peace that reaches back',
    'TRUST_REVOCATION',
    'key revoke KID --reason left --since 2020-01-01T00:00:00Z --dry-run',
  ],
  [
    'a desk that has no keys in the node',
    'CLI_KEY_HOLDER',
    'key rotate desk shelter-x --weeks 2 --dry-run',
  ],
  ['a file where the proposal would go', 'CLI_EXISTS', 'roster propose --to @/empty.json'],
  [
    'a file where the answers would go',
    'CLI_EXISTS',
    'message open @/f --keystore @/k --evidence @/e --policy @/p --officer @/o --to @/empty.json',
  ],
]

describe('a command', () => {
  it.each(OTHERS)('refuses %s with %s', async (_what, code, words) => {
    expect((await refusalOf(words)).code).toBe(code)
  })

  it('refuses a desk and an officer whose keystores are there, and leaves these as they are', async () => {
    const desk = await refusalOf('desk add taken --roles shelter --passphrases @/with-roster')
    const path = deskKeystorePath(met.naptip.folder, 'taken')
    expect(desk).toEqual({ code: 'CLI_EXISTS', details: { path } })
    const officer = await refusalOf(
      'officer add taken --organisation ng.naptip --roles supervisor --passphrases @/with-roster',
    )
    const file = officerKeystorePath(met.naptip.folder, 'taken')
    expect(officer).toEqual({ code: 'CLI_EXISTS', details: { path: file } })
  })

  it('takes a digest that begins with a hyphen for a digest, as an operand and as a value', async () => {
    const digest = `-${'w'.repeat(42)}`
    const unknown = { code: 'CLI_NO_MESSAGE', details: { digest } }
    expect(await refusalOf(`message show ${digest} --purpose audit`)).toEqual(unknown)
    const short = await refusalOf(`message show ${digest.slice(0, 8)} --purpose audit`)
    expect(short).toEqual({ code: 'CLI_NO_MESSAGE', details: { digest: digest.slice(0, 8) } })
    expect(await refusalOf(`verify @/empty.json --as-of ${digest}`)).toEqual({
      code: 'CLI_OPTION',
      details: { option: '--as-of' },
    })
  })

  it('refuses a root pair as one of recovery', async () => {
    const root = join(met.naptip.folder, 'roots', 'root-1.keystore.json')
    expect((await refusalOf(`key recovery verify ${root}`)).code).toBe('TRUST_RECOVERY')
  })

  it('signs no proposal that was refused', async () => {
    const file = inHome('signed.proposal.json')
    await amana([...wordsOf('roster propose'), '--to', file])
    await amana([...wordsOf(`roster refuse ${file} --reason twice`)])
    const { code, details } = await refusalOf(`roster sign ${file}`)
    expect([code, details['reason']]).toEqual(['CLI_PROPOSAL', 'refused'])
  })
})

describe('passphrases from files', () => {
  const stream = { write: () => undefined }
  const io = createIo(
    { stdin: {}, stdout: stream, stderr: stream },
    { language: 'en', json: false },
  )

  it('are there, and long enough for a new keystore', async () => {
    const folder = inHome('passphrases')
    expect(await codeOf(() => createPassphrases(io, folder)('nobody'))).toBe('CLI_PASSPHRASE')
    const weak = await codeOf(() => createNewPassphrases(io, folder)('short'))
    expect(weak).toBe('CLI_PASSPHRASE_WEAK')
  })

  it('are not made where a file stands in the way', async () => {
    const making = makePassphrases(inHome('text.txt'), ['node'], random)
    expect(await codeOf(() => making)).toBe('CLI_FILE')
  })
})
