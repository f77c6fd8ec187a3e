import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createControlClient } from '../../apps/node/src/http/control-client.ts'
import { type NodeServices } from '../../apps/node/src/services.ts'
import { answerOf, type DiskAgency, makeAgencies, meet, of } from '../support/agency-on-disk.ts'
import { amana, type RunningProgram, startAmana } from '../support/amana-program.ts'
import { FILLED_REFERRAL } from '../support/filled-referral.ts'
import { ROOT } from '../support/repository.ts'

const SETUP_TIMEOUT_MS = 300_000
const WAIT_MS = 30_000
const REFERENCE = 'NE-ANLTP-26-5T9XW2HD-D'

const SentSchema = z.looseObject({ digest: z.string() })
const ListSchema = z.looseObject({
  messages: z.array(z.looseObject({ kind: z.string(), digest: z.string() })),
})
const StatusSchema = z.looseObject({
  status: z.looseObject({
    running: z.boolean(),
    peers: z.array(z.looseObject({ link: z.string(), queued: z.number(), state: z.string() })),
  }),
})

let root: string
let niamey: DiskAgency
let abuja: DiskAgency
let nodes: readonly RunningProgram[] = []
let referral: string
let opened: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amana-cli-'))
  const agencies = await makeAgencies(root)
  niamey = agencies.niamey
  abuja = agencies.abuja
  await meet(root, agencies)
  referral = await draftFile('referral', {
    kind: 'victim.referral/1',
    groups: withOwner('case-niamey'),
  })
  opened = await draftFile(
    'create',
    eventDraft({
      sequence: 2,
      event: 'create',
      receivingAgency: 'ng.naptip',
      screening: { result: 'PossibleVictimOfTrafficking' },
    }),
  )
  nodes = [
    startAmana(['node', 'run', '--json', ...of(abuja)]),
    startAmana(['node', 'run', '--json', ...of(niamey)]),
  ]
  await Promise.all(nodes.map((node) => node.said('listening')))
}, SETUP_TIMEOUT_MS)

afterAll(async () => {
  for (const node of nodes) node.signal('SIGTERM')
  await Promise.all(nodes.map((node) => node.ended))
  await rm(root, { recursive: true, force: true })
})

describe('a message', () => {
  it('goes from an officer’s file to the other agency, and is listed on both sides', async () => {
    const words = [
      'message',
      'send',
      referral,
      '--officer',
      'case-niamey',
      '--approve',
      'supervisor-niamey',
    ]
    const dry = await amana([...words, '--dry-run', ...of(niamey)])
    expect(dry.stdout).toBe('Everything is in order; nothing was queued\n')
    const { digest } = SentSchema.parse(await answerOf(niamey, words))
    await answerOf(niamey, ['message', 'send', opened, '--officer', 'case-niamey'])
    const show = ['message', 'show', digest.slice(0, 8), '--purpose', 'protection']
    const bare = await seen(abuja, show)
    expect(bare).not.toContain('Ladi')
    expect(bare).toMatch(/sealed for officers: .*person/)
    expect(bare).toContain('urgency: Urgent')
    const shown = await seen(abuja, [...show, '--officer', 'duty-abuja'])
    expect(shown).toContain('Ladi')
    expect(shown).toMatch(/for other roles: .*identity/)
    expect(shown).toContain('case-niamey')
    const listed = await amana(['message', 'list', ...of(abuja)])
    expect(listed.stdout).toContain('victim.referral/1')
    expect(listed.stdout).not.toContain('Ladi')
  })

  it('shows the life of its referral in both languages', async () => {
    const words = ['referral', 'show', REFERENCE, '--purpose', 'protection']
    const [en, fr] = await Promise.all([
      amana([...words, ...of(niamey)]),
      amana([...words, '--lang', 'fr', ...of(niamey)]),
    ])
    expect(en?.stdout).toMatch(/draft/i)
    expect(fr?.stdout).toMatch(/Brouillon/i)
    expect(`${en?.stdout ?? ''}${fr?.stdout ?? ''}`).not.toMatch(/\{\{|referral[.:]/)
    const list = await amana(['referral', 'list', ...of(niamey)])
    expect(list.stdout).toContain(REFERENCE)
  })

  it('is refused before it is signed for, when its referral does not allow it', async () => {
    const accept = await draftFile(
      'accept',
      eventDraft(
        { sequence: 1, event: 'accept', receptionOrganisation: 'ng.naptip' },
        'ne.anltp-tim',
      ),
    )
    const run = await amana(['message', 'send', accept, '--officer', 'duty-abuja', ...of(abuja)])
    expect(run.stderr).toMatch(/\[REFERRAL_REFUSED\]/)
    expect(run.status).toBe(5)
  })

  it('can be shown to an auditor in part', async () => {
    const { digest } = await newestStep()
    const file = join(root, 'part.sd-jwt')
    const shown = ['--disclose', 'body.event', '--format', 'sd-jwt', '--officer', 'duty-abuja']
    await answerOf(abuja, [
      'message',
      'export',
      digest,
      ...shown,
      '--purpose',
      'audit',
      '--to',
      file,
    ])
    const inspected = await amana(['message', 'inspect', file])
    expect(inspected.stdout).toContain('create')
    expect(inspected.stdout).not.toContain('PossibleVictimOfTrafficking')
  })
})

describe('a message file', () => {
  it('is enough by itself to say who signed what, what is shown, and to whom', async () => {
    const file = await exportedFor('Federal High Court, Abuja')
    const policy = await policyFile()
    const verified = await amana(['verify', file, '--policy', policy])
    const lines = verified.stdout.replaceAll(/\s+/g, ' ')
    expect(lines).toContain('author case-niamey, ne.anltp-tim')
    expect(lines).toContain('body – in part')
    expect(lines).toContain('body.event: create')
    expect(lines).toContain('Given to Federal High Court, Abuja, by duty-abuja, ng.naptip')
    expect(lines).toContain('LOG_NOT_SHOWN')
    expect(lines).not.toContain('PossibleVictimOfTrafficking')
    expect(verified.status).toBe(0)
    const inspected = await amana(['message', 'inspect', file, '--lang', 'fr'])
    expect(inspected.stdout).toMatch(/^Fichier de message/)
    expect(inspected.status).toBe(0)
  })

  it('of signatures only shows nothing of the body', async () => {
    const { digest } = await newestStep()
    const file = join(root, 'signatures.message.jsonl')
    const words = ['message', 'export', digest, '--purpose', 'audit', '--to', file]
    expect(await answerOf(niamey, words)).toMatchObject({ format: 'message', disclosed: [] })
    expect(await readFile(file, 'utf8')).not.toContain('"presentation"')
    const verified = await amana(['verify', file, '--policy', await policyFile()])
    expect(verified.stdout).toContain('body – withheld')
    expect(verified.status).toBe(0)
  })

  it('that was changed, or is beside another policy, is not verified', async () => {
    const file = await exportedFor('A court')
    const changed = join(root, 'changed.message.jsonl')
    await writeFile(changed, (await readFile(file, 'utf8')).replace('supervision', 'prosecution'))
    const policy = await policyFile()
    const run = await amana(['verify', changed, '--policy', policy])
    expect(run.stdout).toContain('BUNDLE_DIGEST')
    expect(run.status).toBe(4)
    expect((await amana(['verify', file])).status).toBe(9)
  })

  it('says who held which key today, in both languages', async () => {
    const file = await exportedFor('A court')
    const policy = await policyFile()
    const at = new Date().toISOString()
    const words = ['verify', file, '--policy', policy, '--as-of', at]
    const en = await amana(words)
    expect(en.stdout).toContain('Who held which key at')
    expect(en.stdout).toMatch(/officer case-niamey, ne\.anltp-tim/)
    expect(en.stdout).toMatch(/desk protection/)
    expect(en.status).toBe(0)
    const fr = await amana([...words, '--lang', 'fr'])
    expect(fr.stdout).toContain('Qui détenait quelle clé le')
    const json = await amana([...words, '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({
      report: { keysOfDay: { agencies: [{ agency: 'ne.anltp-tim' }, { agency: 'ng.naptip' }] } },
    })
    expect((await amana([...words.slice(0, -1), 'today'])).stderr).toContain('[CLI_OPTION]')
  })

  it.each([
    ['--for without --officer', '--officer', ['--disclose', 'body.event', '--for', 'A court']],
    ['--for without --disclose', '--disclose', ['--for', 'A court', '--officer', 'x']],
    ['--format sd-jwt without --disclose', '--disclose', ['--format', 'sd-jwt']],
    [
      '--for with --format sd-jwt',
      '--for',
      ['--disclose', 'body', '--for', 'A court', '--officer', 'x', '--format', 'sd-jwt'],
    ],
  ])('is not written with %s', async (_name, option, words) => {
    const to = join(root, 'none.message.jsonl')
    const command = ['message', 'export', 'AAAAAAAA', '--purpose', 'audit', '--to', to, ...words]
    const run = await amana([...command, ...of(abuja)])
    expect(run.stderr).toContain(`the option ${option} `)
    expect(run.status).toBe(2)
  })

  it('has a name by which it is known', async () => {
    const words = ['message', 'export', 'AAAAAAAA', '--purpose', 'audit', '--to', 'case.jsonl']
    expect((await amana([...words, ...of(abuja)])).stderr).toContain('the option --to ')
  })
})

describe('the evidence', () => {
  it('is exported by both and verified together', async () => {
    const to = join(root, 'evidence')
    await mkdir(to)
    await Promise.all([niamey, abuja].map(witnessed))
    await answerOf(niamey, ['audit', 'export', '--to', to])
    await answerOf(abuja, ['audit', 'export', '--to', to])
    await answerOf(abuja, ['audit', 'export', '--format', 'policy', '--to', to])
    await answerOf(abuja, ['audit', 'export', '--format', 'tiles', '--to', join(to, 'tiles')])
    const files = ['ne.anltp-tim', 'ng.naptip'].map((id) => join(to, `${id}.bundle.jsonl`))
    const verified = await amana(['verify', ...files, '--policy', join(to, 'policy.txt')])
    expect(verified.stdout).toContain('VERIFIED. Everything')
    expect(verified.status).toBe(0)
    const [file = ''] = files
    const inspected = await amana(['message', 'inspect', file])
    expect(inspected.stdout).not.toContain('Ladi')
    expect(inspected.status).toBe(0)
    expect(await answerOf(niamey, ['audit', 'verify'])).toMatchObject({
      schema: 'amana.cli.audit-verify/1',
    })
  })
})

describe('what is wrong gets one sentence with a code, a hint and no trace', () => {
  const cases: readonly (readonly [string, string, () => Promise<readonly string[]>])[] = [
    ['a folder without a node', 'CLI_NO_FOLDER', async () => ['node', 'status', '--dir', root]],
    [
      'no such message',
      'CLI_NO_MESSAGE',
      async () => ['message', 'show', 'AAAAAAAA', '--purpose', 'audit', ...of(abuja)],
    ],
    [
      'no such referral',
      'CLI_NO_REFERRAL',
      async () => [
        'referral',
        'show',
        'NE-ANLTP-21-7K3QX9M4-I',
        '--purpose',
        'audit',
        ...of(abuja),
      ],
    ],
    [
      'a file that is not there',
      'CLI_FILE',
      async () => ['message', 'validate', join(root, 'nowhere.json')],
    ],
    [
      'a file without an end',
      'AUDIT_BUNDLE_LIMIT',
      async () => ['message', 'inspect', '/dev/zero'],
    ],
    [
      'a file of something else',
      'CLI_NOT_AMANA',
      async () => ['peer', 'import', join(ROOT, 'README.md'), ...of(abuja)],
    ],
    [
      'an unknown member',
      'WIRE_SCHEMA',
      async () => [
        'message',
        'validate',
        await draftFile('odd', eventDraft({ sequence: 1, event: 'submit', extra: 'x' })),
      ],
    ],
    [
      'an officer whom nobody knows',
      'CLI_PASSPHRASE',
      async () => ['message', 'send', referral, '--officer', 'nobody', ...of(niamey)],
    ],
    [
      'no second officer',
      'TRUST_SECOND_OFFICER',
      async () => ['message', 'send', referral, '--officer', 'case-niamey', ...of(niamey)],
    ],
    [
      'a wrong passphrase',
      'STORE_PASSPHRASE',
      async () => [
        'message',
        'send',
        referral,
        '--officer',
        'case-niamey',
        '--dir',
        niamey.folder,
        '--passphrases',
        await wrongPassphrases(niamey),
      ],
    ],
    ['a second node on the same data', 'STORE_LOCKED', async () => ['node', 'run', ...of(abuja)]],
    [
      'a folder that holds something',
      'CLI_EXISTS',
      async () => ['init', '--agency', 'ng.naptip', '--name', 'N', '--city', 'Abuja', ...of(abuja)],
    ],
    [
      'wrong digits',
      'TRUST_SAFETY_NUMBER',
      async () => [
        'peer',
        'confirm',
        'ne.anltp-tim',
        '--digits',
        await textFile('wrong.txt', '0'.repeat(60)),
        ...of(abuja),
      ],
    ],
  ]

  it.each(cases)('%s: %s', async (_what, code, words) => {
    const run = await amana(await words())
    expect(run.stdout).toBe('')
    expect(run.stderr).toMatch(
      new RegExp(`^amana: [^\\n]+ \\[${code}\\]\\namana: hint: [^\\n]+\\n$`),
    )
    expect(run.status).toBeGreaterThan(0)
    const french = await amana([...(await words()), '--lang', 'fr', '--json'])
    expect(JSON.parse(french.stdout)).toMatchObject({ schema: 'amana.cli.error/1', code })
    expect(french.stderr).not.toBe(run.stderr)
  })
})

describe('the nodes', () => {
  it('say that they run, are connected, and that nothing waits', async () => {
    const { status } = StatusSchema.parse(await answerOf(niamey, ['node', 'status']))
    expect(status).toMatchObject({
      running: true,
      peers: [{ link: 'connected', queued: 0, state: 'in-force' }],
    })
  })
})

/** What a command shows once it ends well; the message may still be on its way. */
async function seen(agency: DiskAgency, words: readonly string[]): Promise<string> {
  const deadline = AbortSignal.timeout(30_000)
  for (;;) {
    const run = await amana([...words, ...of(agency)])
    if (run.status === 0) return run.stdout
    if (deadline.aborted) throw new Error(run.stderr)
  }
}

/** A message file of the newest step that an officer of Abuja signs for somebody. */
async function exportedFor(audience: string): Promise<string> {
  const { digest } = await newestStep()
  const file = join(root, 'case.message.jsonl')
  const shown = ['--disclose', 'body.event', '--for', audience, '--officer', 'duty-abuja']
  const words = ['message', 'export', digest, ...shown, '--purpose', 'supervision', '--to', file]
  expect(await answerOf(abuja, words)).toMatchObject({ audience, disclosed: ['body.event'], file })
  return file
}

/** The policy as the auditor gets it another way. */
async function policyFile(): Promise<string> {
  await answerOf(abuja, ['audit', 'export', '--format', 'policy', '--to', root])
  return join(root, 'policy.txt')
}

/** The newest step of the referral that Niamey has delivered to Abuja. */
async function newestStep(): Promise<{ readonly digest: string }> {
  await servicesOf(niamey).waitDelivered({ timeoutMs: WAIT_MS })
  const answer = ListSchema.parse(await answerOf(abuja, ['message', 'list']))
  return SentSchema.parse(answer.messages.find(({ kind }) => kind === 'referral.event/1'))
}

/** The other agency has cosigned all that a running node logged. */
async function witnessed(agency: DiskAgency): Promise<void> {
  await servicesOf(agency).witness({ timeoutMs: WAIT_MS })
}

function servicesOf({ folder }: DiskAgency): NodeServices {
  return createControlClient(join(folder, 'control.sock'))
}

async function draftFile(name: string, draft: Readonly<Record<string, unknown>>): Promise<string> {
  const handling = { tlp: 'AMBER+STRICT', caveats: ['dist:bilateral', 'test:data'] }
  const whole = { to: { agency: 'ng.naptip' }, handling, ...draft }
  return textFile(`${name}.json`, JSON.stringify(whole))
}

function eventDraft(
  body: Readonly<Record<string, unknown>>,
  to = 'ng.naptip',
): Readonly<Record<string, unknown>> {
  const place = { referral: REFERENCE, occurredAt: '2026-11-24T10:00:00Z' }
  return { kind: 'referral.event/1', to: { agency: to }, groups: { body: { ...place, ...body } } }
}

function withOwner(caseOwner: string): unknown {
  return { ...FILLED_REFERRAL, routing: { ...FILLED_REFERRAL['routing'], caseOwner } }
}

async function textFile(name: string, text: string): Promise<string> {
  const file = join(root, name)
  await writeFile(file, text)
  return file
}

async function wrongPassphrases({ passphrases }: DiskAgency): Promise<string> {
  const wrong = join(root, 'wrong-passphrases')
  await cp(passphrases, wrong, { recursive: true })
  const file = join(wrong, 'officer-case-niamey.txt')
  await writeFile(file, `${(await readFile(file, 'utf8')).trimEnd()}x\n`)
  return wrong
}
