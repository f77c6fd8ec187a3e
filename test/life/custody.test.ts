import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createControlClient } from '../../apps/node/src/http/control-client.ts'
import { answerOf, type DiskAgency, makeAgencies, meet, of } from '../support/agency-on-disk.ts'
import {
  amana,
  type ProgramRun,
  type RunningProgram,
  startAmana,
} from '../support/amana-program.ts'
import { FILLED_REFERRAL } from '../support/filled-referral.ts'

const SETUP_TIMEOUT_MS = 300_000
const WAIT_MS = 60_000
const REFERENCE = 'NE-ANLTP-26-7K3QX9M4-I'

const OFFICERS = [
  ['niamey', 'escort', 'ne.anltp-tim', 'author:handover,escort'],
  ['niamey', 'church', 'ne.church-agadez', 'author:handover,custodian'],
  ['abuja', 'border', 'ng.nis', 'author:handover,custodian'],
  ['abuja', 'reception', 'ng.naptip', 'author:handover,custodian'],
] as const

const FileSchema = z.looseObject({ file: z.string() })
const SentSchema = z.looseObject({ digest: z.string() })
const OfferSchema = z.looseObject({ digest: z.string(), parts: z.array(z.string()) })
const ReceiveSchema = z.looseObject({
  check: z.looseObject({ verdict: z.string() }),
  differences: z.array(z.looseObject({ item: z.string() })).optional(),
  taken: z.looseObject({ state: z.string() }).optional(),
})
const FinishSchema = z.looseObject({
  taken: z.array(z.looseObject({ part: z.string(), state: z.string() })),
})
const KeysSchema = z.looseObject({
  keys: z.array(z.looseObject({ holder: z.string(), keyId: z.string(), use: z.string() })),
})
const ShowSchema = z.looseObject({
  referral: z.looseObject({
    custodian: z.looseObject({ organisation: z.string() }),
    custody: z.array(z.looseObject({ disputed: z.boolean(), leg: z.string(), status: z.string() })),
    responsible: z.string(),
    state: z.string(),
    steps: z.array(z.looseObject({ event: z.string(), warnings: z.array(z.string()) })),
  }),
})

let root: string
let bag: string
let niamey: DiskAgency
let abuja: DiskAgency
let nodes: readonly RunningProgram[] = []
let crossing: z.output<typeof OfferSchema>

function leg(name: string, to: string, ...words: readonly string[]): readonly string[] {
  const type = to === 'ne.church-agadez' ? 'faith_ngo' : 'border_service'
  const text = `custody offer ${REFERENCE} --exercise --leg ${name} --leg-type in_country_transfer
    --from-type escort_official --receiver ${to} --receiver-type ${type} --place NE-4-01
    --condition stable --document laissez-passer --belonging bag=2 --belonging phone`
  return [...text.split(/\s+/), ...words]
}

/** Of an officer at the border: a keystore, evidence and a policy in her bag; no node. */
function apart(officer: string): readonly string[] {
  const agency = officer === 'church' ? 'niamey' : 'abuja'
  return [
    '--keystore',
    join(bag, `${officer}.keystore.json`),
    '--evidence',
    join(bag, `${agency}.message.jsonl`),
    '--policy',
    join(bag, agency, 'policy.txt'),
    '--passphrases',
    agency === 'niamey' ? niamey.passphrases : abuja.passphrases,
  ]
}

async function delivered(agency: DiskAgency): Promise<void> {
  const { waitDelivered } = createControlClient(join(agency.folder, 'control.sock'))
  expect(await waitDelivered({ timeoutMs: WAIT_MS })).toEqual({ queued: 0 })
}

async function shown(agency: DiskAgency): Promise<z.output<typeof ShowSchema>['referral']> {
  const words = ['referral', 'show', REFERENCE, '--purpose', 'protection']
  return ShowSchema.parse(await answerOf(agency, words)).referral
}

async function finished(agency: DiskAgency, ...files: readonly string[]): Promise<ProgramRun> {
  return amana(['custody', 'finish', ...files, ...of(agency), '--json'])
}

function statesIn({ stdout }: ProgramRun): readonly string[] {
  return FinishSchema.parse(JSON.parse(stdout)).taken.map(({ part, state }) => `${part} ${state}`)
}

interface Draft {
  readonly kind: string
  readonly groups: unknown
  readonly signs?: readonly string[]
}

async function send(name: string, { groups, kind, signs = [] }: Draft): Promise<string> {
  const file = join(root, `${name}.json`)
  const handling = { tlp: 'AMBER+STRICT', caveats: ['dist:bilateral', 'test:data'] }
  await writeFile(file, JSON.stringify({ kind, to: { agency: abuja.id }, handling, groups }))
  const sent = await answerOf(niamey, [
    'message',
    'send',
    file,
    '--officer',
    'case-niamey',
    ...signs,
  ])
  return SentSchema.parse(sent).digest
}

async function pack(agency: DiskAgency, name: string, digest: string): Promise<void> {
  const evidence = join(bag, `${name}.message.jsonl`)
  await rm(evidence, { force: true })
  const out = ['message', 'export', '--purpose', 'protection', '--to', evidence, digest]
  await answerOf(agency, out)
  await mkdir(join(bag, name), { recursive: true })
  await rm(join(bag, name, 'policy.txt'), { force: true })
  const policy = ['audit', 'export', '--format', 'policy', '--to', join(bag, name)]
  expect(FileSchema.parse(await answerOf(agency, policy)).file).toContain('policy.txt')
}

async function look(...codes: readonly string[]): Promise<ProgramRun> {
  return amana(['custody', 'receive', '--scan', ...codes, ...of(abuja)])
}

async function start(): Promise<void> {
  nodes = [niamey, abuja].map((agency) => startAmana(['node', 'run', '--json', ...of(agency)]))
  await Promise.all(nodes.map((node) => node.said('listening')))
}

async function stop(): Promise<void> {
  for (const node of nodes) node.signal('SIGTERM')
  await Promise.all(nodes.map((node) => node.ended))
  nodes = []
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amana-custody-'))
  bag = join(root, 'bag')
  await mkdir(bag)
  const agencies = await makeAgencies(root)
  niamey = agencies.niamey
  abuja = agencies.abuja
  for (const [agency, id, organisation, roles] of OFFICERS) {
    const added = ['officer', 'add', id, '--organisation', organisation, '--roles', roles]
    await answerOf(agencies[agency], [...added, '--make-passphrases'])
  }
  await meet(root, agencies)
  for (const [agency, id] of OFFICERS) {
    if (id === 'escort') continue
    const file = `${id}.keystore.json`
    await rename(join(agencies[agency].folder, 'officers', file), join(bag, file))
  }
  const place = { referral: REFERENCE, occurredAt: '2026-11-20T08:00:00Z', sequence: 1 }
  const custodian = { organisation: 'ne.anltp-tim', type: 'escort_official' }
  const groups = {
    ...FILLED_REFERRAL,
    routing: { ...FILLED_REFERRAL['routing'], ...place, caseOwner: 'case-niamey' },
    custody: { custodian },
  }
  const file = await send('file', {
    kind: 'victim.referral/1',
    groups,
    signs: ['--approve', 'supervisor-niamey'],
  })
  const screening = { result: 'PossibleVictimOfTrafficking' }
  const event = { event: 'create', receivingAgency: abuja.id, screening }
  const body = { ...place, sequence: 2, previous: file, ...event }
  await send('create', { kind: 'referral.event/1', groups: { body } })
  await start()
  await delivered(niamey)
  await pack(niamey, 'niamey', file)
  await pack(abuja, 'abuja', file)
  await stop()
}, SETUP_TIMEOUT_MS)

afterAll(async () => {
  await stop()
  await rm(root, { recursive: true, force: true })
})

describe('a hand-over without a line', () => {
  it('is offered beside the node, which refuses first what the referral does not allow', async () => {
    const to = join(root, 'refused.json')
    const early = leg('t1', 'ng.nis', '--leg-type', 'cross_border', '--to', to)
    const refused = await amana([...early, '--officer', 'escort', ...of(niamey)])
    expect(refused).toMatchObject({ status: 5, stdout: '' })
    expect(refused.stderr).toContain('wrong_state')
    const kept = z.looseObject({ belongings: z.array(z.unknown()) })
    expect(
      kept.parse(JSON.parse(await readFile(`${to}.draft.json`, 'utf8'))).belongings,
    ).toHaveLength(2)
    const again = ['custody', 'offer', REFERENCE, '--with', `${to}.draft.json`, '--exercise']
    const dry = [...again, '--leg-type', 'in_country_transfer', '--officer', 'escort', '--dry-run']
    expect((await amana([...dry, ...of(niamey)])).stdout).toContain('bag × 2')
    const page = join(root, 'offer.html')
    const files = ['--to', join(root, 'offer.json'), '--page', page]
    const said = await answerOf(niamey, [...leg('t1', 'ng.nis', ...files), '--officer', 'escort'])
    crossing = OfferSchema.parse(said)
    const html = await readFile(page, 'utf8')
    expect(html.split('<svg').length - 1).toBe(crossing.parts.length)
    expect(html).toContain(crossing.parts[0])
  })

  it('is read from codes in any order, and from nothing that was spoilt or is of another set', async () => {
    const [first = '', second = '', ...others] = crossing.parts
    const spoilt = `${first.slice(0, -1)}${first.endsWith('A') ? 'B' : 'A'}`
    expect((await look(spoilt, second, ...others)).stderr).toContain('code 1')
    expect((await look(second, ...others)).stderr).toContain('missing: 1 [HANDOVER_PARTS_MISSING]')
    const shownOffer = await look(...others, second.toLowerCase(), first, second)
    expect(shownOffer).toMatchObject({ status: 0, stderr: '' })
    expect(shownOffer.stdout).toContain('signed by escort, ne.anltp-tim')
  })

  it('is not signed by the same officer, nor by one of the same or of a third organisation', async () => {
    const offer = join(root, 'offer.json')
    const by = async (...seat: readonly string[]): Promise<string> =>
      (await amana(['custody', 'receive', offer, ...seat, '--to', join(root, 'no.json')])).stderr
    expect(await by('--officer', 'escort', ...of(niamey))).toContain('(same_officer)')
    expect(await by('--officer', 'case-niamey', ...of(niamey))).toContain('(same_organisation)')
    expect(await by(...apart('reception'))).toContain('(other_organisation)')
    const clash = await by(...apart('border'), '--officer', 'border')
    expect(clash).toContain('the option --officer')
    expect(await by(...apart('border'), '--dispute')).toContain('the option --reservations')
  })

  it('is received without a node, waits for the offer at the node, and then moves custody on both sides', async () => {
    const answer = join(root, 'answer.json')
    const words = ['custody', 'receive', '--scan', ...crossing.parts.toReversed()]
    const signs = [...apart('border'), '--missing', 'phone', '--to', answer]
    const run = await amana([...words, ...signs, '--json'])
    expect(run).toMatchObject({ status: 0, stderr: '' })
    const { check, differences } = ReceiveSchema.parse(JSON.parse(run.stdout))
    expect(check.verdict).toBe('verified')
    expect(differences?.map(({ item }) => item)).toEqual(['belongings.phone'])
    const early = await finished(abuja, answer)
    expect([early.status, ...statesIn(early)]).toEqual([6, 'answer waits'])
    await start()
    await delivered(niamey)
    expect(statesIn(await finished(abuja, answer))).toEqual(['answer queued'])
    await delivered(abuja)
    for (const agency of [niamey, abuja]) {
      const { custodian, custody, responsible, steps } = await shown(agency)
      expect(custodian.organisation).toBe('ng.nis')
      expect(custody).toMatchObject([{ disputed: false, leg: 't1', status: 'received' }])
      expect(responsible).toBe('ne.anltp-tim')
      expect(steps.map(({ event }) => event)).toEqual(['file', 'create', 'release', 'receipt'])
      expect(steps.flatMap(({ warnings }) => warnings)).toEqual([])
    }
  })

  it('changes nothing when it is handed in again, by either side', async () => {
    const files = [join(root, 'offer.json'), join(root, 'answer.json')]
    expect(statesIn(await finished(abuja, ...files))).toEqual(['offer arrived', 'answer known'])
    expect(statesIn(await finished(niamey, ...files))).toEqual(['offer known', 'answer arrived'])
    expect((await shown(niamey)).steps).toHaveLength(4)
  })

  it('can be disputed: both versions are kept, nothing moves, and an answer fits no other offer', async () => {
    const [offer, dispute] = [join(root, 'offer2.json'), join(root, 'dispute.json')]
    const made = leg('t2', 'ne.church-agadez', '--to', offer)
    const second = OfferSchema.parse(await answerOf(niamey, [...made, '--officer', 'escort']))
    const mixed = await amana([
      'custody',
      'receive',
      '--scan',
      ...second.parts.slice(1),
      ...crossing.parts,
      ...of(abuja),
    ])
    expect(mixed.stderr).toMatch(/\(other_set\) \[HANDOVER_PART\]/)
    const says = ['--dispute', '--reservations', 'She is not at the place that was named.']
    const run = await amana([
      'custody',
      'receive',
      offer,
      ...apart('church'),
      ...says,
      '--to',
      dispute,
    ])
    expect(run).toMatchObject({ status: 0, stderr: '' })
    expect(run.stdout).toContain('Responsibility has not moved')
    const other = await finished(niamey, join(root, 'offer.json'), dispute)
    expect(other.stderr).toContain('HANDOVER_OTHER')
    expect(statesIn(await finished(niamey, offer, dispute))).toEqual([
      'offer known',
      'answer queued',
    ])
    await delivered(niamey)
    for (const agency of [niamey, abuja]) {
      const { custodian, custody, responsible } = await shown(agency)
      expect(custodian.organisation).toBe('ng.nis')
      expect(custody.at(-1)).toMatchObject({ disputed: true, leg: 't2', status: 'released' })
      expect(responsible).toBe('ne.anltp-tim')
    }
  })

  it('is taken back by who offered it, which settles a dispute, and offered again', async () => {
    const offer = join(root, 'offer2.json')
    const astray = ['custody', 'take-back', join(root, 'dispute.json'), '--officer', 'escort']
    expect((await amana([...astray, ...of(niamey)])).stderr).toContain('HANDOVER_FORM')
    const again = leg('t2', 'ne.church-agadez', '--dry-run', '--officer', 'escort')
    expect((await amana([...again, ...of(niamey)])).stderr).toContain('leg_disputed')
    await answerOf(niamey, ['custody', 'take-back', offer, '--officer', 'escort'])
    const { custody } = await shown(niamey)
    expect(custody.at(-1)).toMatchObject({ disputed: false, leg: 't2', status: 'void' })
    expect((await amana([...again, ...of(niamey)])).status).toBe(0)
  })

  it('says when the rosters are too old to tell, and signs knowingly', async () => {
    const offer = join(root, 'offer3.json')
    const added = ['officer', 'add', 'guard', '--organisation', 'ne.anltp-tim', '--roles', 'escort']
    await answerOf(niamey, [...added, '--make-passphrases'])
    await answerOf(niamey, [...leg('t3', 'ng.nis', '--to', offer), '--officer', 'escort'])
    const words = [
      'custody',
      'receive',
      offer,
      ...apart('border'),
      '--to',
      join(root, 'answer3.json'),
    ]
    const told = await amana(words)
    expect(told).toMatchObject({ status: 9, stdout: '' })
    expect(told.stderr).toContain('HANDOVER_UNKNOWN')
    const knowing = await amana([...words, '--unverified'])
    expect(knowing).toMatchObject({ status: 0, stderr: '' })
    expect(knowing.stdout).toContain('CANNOT BE TOLD')
    const french = ['custody', 'receive', offer, ...apart('border').slice(2, 6), '--lang', 'fr']
    expect((await amana(french)).stdout).toContain('SIGNATAIRE INCONNU')
  })

  it('is refused at the node where the key that signed it was revoked meanwhile', async () => {
    const { keys } = KeysSchema.parse(await answerOf(abuja, ['key', 'list']))
    const { keyId } =
      keys.find(({ holder, use }) => holder === 'border' && use === 'officer') ?? keys[0] ?? {}
    await answerOf(abuja, ['key', 'revoke', keyId ?? '', '--reason', 'lost', '--yes'])
    await delivered(niamey)
    const late = await finished(abuja, join(root, 'answer3.json'))
    expect(late).toMatchObject({ status: 4 })
    expect(late.stderr).toContain('WIRE_KEY_REVOKED')
  })
})
