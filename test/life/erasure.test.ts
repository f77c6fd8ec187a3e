import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { answerOf, type DiskAgency, makeAgencies, meet, of } from '../support/agency-on-disk.ts'
import { amana, type ProgramRun } from '../support/amana-program.ts'
import { SentSchema, sendReferral } from '../support/sent-referral.ts'

const SETUP_TIMEOUT_MS = 300_000
const REFERENCE = 'NE-ANLTP-26-5T9XW2HD-D'

const OrderedSchema = z.looseObject({ order: z.string() })

let root: string
let niamey: DiskAgency
let abuja: DiskAgency
let digest: string
let rounds = 0

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amana-erasure-'))
  const agencies = await makeAgencies(root)
  niamey = agencies.niamey
  abuja = agencies.abuja
  for (const agency of [niamey, abuja]) {
    for (const [id, roles] of [
      ['head', 'author:rights,head'],
      ['officer', 'approve:rights'],
    ] as const) {
      const added = ['officer', 'add', id, '--organisation', agency.id, '--roles', roles]
      await answerOf(agency, [...added, '--make-passphrases'])
    }
  }
  await meet(root, agencies)
  digest = await sendReferral(root, niamey)
  await carry()
}, SETUP_TIMEOUT_MS)

afterAll(() => rm(root, { recursive: true, force: true }))

/** Everything that waits goes over on a stick, and the receipts come back. */
async function carry(): Promise<void> {
  for (const [from, to] of [
    [niamey, abuja],
    [abuja, niamey],
    [niamey, abuja],
  ] as const) {
    const stick = join(root, `stick-${String((rounds += 1))}`)
    await mkdir(stick)
    await answerOf(from, ['peer', 'export-queue', to.id, '--to', stick])
    await answerOf(to, ['peer', 'import-queue', stick])
  }
}

/** As people run it. */
async function run(agency: DiskAgency, ...words: readonly string[]): Promise<ProgramRun> {
  return amana([...words, ...of(agency)])
}

async function said(agency: DiskAgency, ...words: readonly string[]): Promise<string> {
  const { status, stderr, stdout } = await run(agency, ...words)
  expect(stderr).not.toMatch(/\[[A-Z_]+\]/)
  expect(status).toBe(0)
  return stdout
}

function assertRefused({ status, stderr }: ProgramRun, exit: number, code: string): void {
  expect(stderr).toContain(`[${code}]`)
  expect(status).toBe(exit)
}

const BOTH = ['--officer', 'head', '--approve', 'officer'] as const

describe('the commands of erasure', { timeout: SETUP_TIMEOUT_MS }, () => {
  it('order, carry out, attest, and say what each did', async () => {
    expect(await said(niamey, 'erasure', 'list')).toContain('No erasure was ordered')
    const asked = [
      'erasure',
      'request',
      digest,
      '--basis',
      'sent_in_error',
      '--groups',
      'identity,contact',
    ]
    expect(await said(niamey, ...asked, ...BOTH, '--dry-run')).toContain('nothing was sent')
    const answer = await answerOf(niamey, [...asked, ...BOTH])
    const { order } = OrderedSchema.parse(answer)
    const wrong = await run(niamey, ...asked.slice(0, -1), 'nothing', ...BOTH)
    assertRefused(wrong, 2, 'CLI_OPTION')
    await carry()
    const short = order.slice(0, 8)
    expect(await said(abuja, 'erasure', 'list')).toContain('to be erased: identity, contact')
    expect(await said(abuja, 'erasure', 'carry-out', short, '--dry-run')).toContain(
      'Nothing was changed',
    )
    const alone = await run(abuja, 'erasure', 'carry-out', short, '--officer', 'head', '--yes')
    assertRefused(alone, 7, 'RIGHTS_SECOND')
    const unsure = await run(abuja, 'erasure', 'carry-out', short, ...BOTH)
    expect(unsure.status).toBe(2)
    const done = await said(abuja, 'erasure', 'carry-out', short, ...BOTH, '--yes')
    expect(done).toContain('2 groups erased; no file of the store has them any more')
    expect(done).toContain('Not reached: the other agency’s copy')
    expect(await said(abuja, 'erasure', 'carry-out', short, ...BOTH, '--yes')).toContain(
      'nothing left',
    )
    const shown = await said(
      abuja,
      'message',
      'show',
      digest,
      '--officer',
      'head',
      '--purpose',
      'protection',
    )
    expect(shown).toContain('erased: contact, identity')
    expect(shown).not.toContain('Rose')
    expect(await said(niamey, 'erasure', 'list')).toContain('has not attested yet')
    await said(abuja, 'erasure', 'attest', short, ...BOTH)
    await carry()
    expect(await said(niamey, 'erasure', 'list')).toMatch(/ng\.naptip attests: erased on \d{4}/)
    expect(await said(niamey, 'erasure', 'list', '--lang', 'fr')).toMatch(
      /ng\.naptip atteste\u00a0: effacé le/,
    )
    await said(abuja, 'audit', 'verify')
  })

  it('hold, show terms, and run what is due', async () => {
    const held = ['hold', 'set', REFERENCE, '--basis', 'prosecution', '--for', 'ng.court-x']
    const why = ['--until', '2027-06-01', '--reason', 'trial in June', '--officer', 'head']
    expect(await said(abuja, ...held, ...why)).toContain('Hold on 1 message')
    expect(await said(abuja, 'hold', 'list')).toMatch(
      /whole referral +prosecution +for ng\.court-x/,
    )
    expect(
      await said(abuja, 'hold', 'lift', REFERENCE, '--reason', 'it ended', '--officer', 'head'),
    ).toContain('lifted')
    expect(await said(abuja, 'hold', 'list')).toContain('No hold stands')
    expect(await said(abuja, 'retention', 'list')).toMatch(/^medical: .*90 days.*due: 0$/m)
    expect(await said(abuja, 'retention', 'list', '--due')).toContain('Nothing has fallen due')
    expect(await said(abuja, 'retention', 'run', '--dry-run')).toContain('Nothing was changed')
  })
})

describe('the commands of a person’s rights', { timeout: SETUP_TIMEOUT_MS }, () => {
  it('record what she asks, know her by her code word, give her what is hers, and answer', async () => {
    const word = join(root, 'word.txt')
    const asked = [
      'request',
      'open',
      REFERENCE,
      '--type',
      'access',
      '--channel',
      'shelter',
      '--officer',
      'head',
    ]
    await writeFile(word, 'red thread\n')
    expect(await said(abuja, ...asked, '--code-word', word, '--dry-run')).toContain('another one')
    const unknown = SentSchema.parse(await answerOf(abuja, asked)).digest
    const to = join(root, 'given.json')
    const refused = await run(abuja, 'request', 'export', unknown, '--officer', 'head', '--to', to)
    assertRefused(refused, 5, 'RIGHTS_IDENTITY')
    await writeFile(word, ' Blue  Thread\n')
    const known = await answerOf(abuja, [...asked, '--code-word', word])
    expect(known).toMatchObject({ codeWordChecked: true, opened: true })
    const { digest: request } = SentSchema.parse(known)
    const given = ['request', 'export', request, '--officer', 'head', '--to', to]
    expect(await said(abuja, ...given)).toContain('1 message written')
    const text = await readFile(to, 'utf8')
    expect(text).toContain('sewing')
    expect(text).not.toMatch(/house mother|off-0417/)
    await carry()
    expect(await said(niamey, 'request', 'list')).toContain('to be answered by then')
    expect(await said(niamey, 'node', 'status')).toContain('request of a person to be answered by')
    const decided = ['--decision', 'granted', '--appeal', 'ndpc', ...BOTH]
    expect(await said(abuja, 'request', 'answer', request, ...decided, '--dry-run')).toContain(
      'Nothing',
    )
    await said(abuja, 'request', 'answer', request, ...decided)
    expect(await said(abuja, 'request', 'list')).toMatch(/answered$/m)
  })

  it('propose a correction, decide it and apply it', async () => {
    const value = [
      '--group',
      'person',
      '--member',
      'ageMax',
      '--value',
      '17',
      '--reason',
      'card found',
    ]
    const proposal = await answerOf(abuja, [
      'correction',
      'propose',
      digest,
      ...value,
      '--officer',
      'head',
    ])
    const { digest: proposed } = SentSchema.parse(proposal)
    await carry()
    expect(await said(niamey, 'correction', 'list')).toContain('person.ageMax')
    const own = ['--reason', 'as the card says', '--officer', 'head']
    const early = await run(abuja, 'correction', 'accept', proposed, ...own)
    assertRefused(early, 5, 'RIGHTS_ORDER')
    await said(niamey, 'correction', 'accept', proposed, ...own)
    await carry()
    await said(abuja, 'correction', 'apply', proposed, ...own)
    await carry()
    expect(await said(niamey, 'correction', 'list')).toContain('applied by ng.naptip')
  })
})
