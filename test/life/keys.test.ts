import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  buildNextRoster,
  canonicalize,
  type GeneralJws,
  type Roster,
  signRoster,
  type VerifiedRoster,
} from '@amana/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadRosterKey, newestOwnRoster } from '../../apps/node/src/agency/rosters.ts'
import { openNode } from '../../apps/node/src/node.ts'
import { systemClock } from '../../apps/node/src/system.ts'
import { answerOf, type DiskAgency, makeAgencies, meet, of } from '../support/agency-on-disk.ts'
import {
  amana,
  type ProgramRun,
  type RunningProgram,
  startAmana,
} from '../support/amana-program.ts'
import {
  acknowledged,
  inBoth,
  keyOf,
  keysOf,
  onKey,
  peerVersion,
  refusalOf,
  statusOf,
  until,
} from '../support/key-answers.ts'
import { BODIES } from '../support/message-bodies.ts'

const SETUP_TIMEOUT_MS = 300_000
const DAY = 86_400

const FileSchema = z.looseObject({ file: z.string() })
const ProposalSchema = z.looseObject({
  version: z.number(),
  lists: z.looseObject({ officers: z.array(z.looseObject({ id: z.string() })) }),
})

let root: string
let niamey: DiskAgency
let abuja: DiskAgency
/** Abuja’s does not run, so the line is down. */
let node: RunningProgram | undefined

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amana-keys-'))
  const agencies = await makeAgencies(root)
  niamey = agencies.niamey
  abuja = agencies.abuja
  await meet(root, agencies)
  node = startAmana(['node', 'run', '--json', ...of(niamey)])
  await node.said('listening')
}, SETUP_TIMEOUT_MS)

afterAll(async () => {
  node?.signal('SIGTERM')
  await node?.ended
  await rm(root, { recursive: true, force: true })
})

describe('the keys of an agency', () => {
  it('are listed with use, holder, span, state and place, and without a private half', async () => {
    const keys = await keysOf(niamey)
    const uses = Map.groupBy(keys, ({ use }) => use)
    expect([...uses].map(([use, all]) => `${use} ${String(all.length)}`)).toEqual([
      'root 3',
      'recovery 3',
      'roster 1',
      'officer 3',
      'officer-encryption 3',
      'desk 3',
      'node-seal 1',
      'deposit 1',
      'libp2p 1',
      'log 2',
      'witness 2',
    ])
    expect(new Set(keys.map(({ state }) => state))).toEqual(new Set(['current']))
    expect((await keyOf(niamey, 'desk', 'protection')).place).toBe('node.keystore.json')
    expect((await keyOf(niamey, 'root', 'root-2')).place).toBe('roots/root-2.keystore.json')
    expect((await keyOf(niamey, 'officer', 'case-niamey')).place).toBe(
      'officers/case-niamey.keystore.json',
    )
    const [en, fr] = await inBoth(niamey, ['key', 'list'])
    expect(en.stdout).toMatch(/officer\s+case-niamey\s+20\d\d-\d\d-\d\d – .*current/)
    expect(fr.stdout).toMatch(/agent\s+case-niamey\s+.*en cours/)
    const secrets = await readFile(join(niamey.passphrases, 'node.txt'), 'utf8')
    expect(en.stdout).not.toContain(secrets.trim())
  })

  it('are shown one by one by the beginning of their id', async () => {
    const { keyId } = await keyOf(niamey, 'officer', 'case-niamey')
    const [en, fr] = await inBoth(niamey, ['key', 'show'], keyId.slice(0, 8))
    expect(en.stdout).toContain(`id ${keyId}`)
    expect(fr.stdout).toContain('0 encore sans réponse')
    expect(await refusalOf(niamey, ['key', 'show'], keyId.slice(0, 5))).toEqual(['CLI_NO_KEY', 2])
    expect(await refusalOf(niamey, ['key', 'show', 'nothing-of-it'])).toEqual(['CLI_NO_KEY', 2])
  })
})

describe('a key that is made anew', () => {
  it('of a desk stands beside the one before, or in its place', async () => {
    const before = await keyOf(niamey, 'desk', 'intelligence')
    const dry = await inBoth(niamey, ['key', 'rotate', 'desk', 'intelligence', '--dry-run'])
    expect(dry[0].stdout).toContain('nothing was changed')
    expect(await keysOf(niamey)).toHaveLength(23)
    await answerOf(niamey, ['key', 'rotate', 'desk', 'intelligence', '--days', '200'])
    const both = (await keysOf(niamey)).filter(({ holder }) => holder === 'intelligence')
    expect(both.map(({ state }) => state)).toEqual(['current', 'current'])
    expect(both.map(({ place }) => place)).toEqual(['node.keystore.json', 'node.keystore.json'])
    await answerOf(niamey, ['key', 'rotate', 'desk', 'intelligence', '--supersede'])
    const all = (await keysOf(niamey)).filter(({ holder }) => holder === 'intelligence')
    expect(all.map(({ state }) => state)).toEqual(['current', 'revoked', 'revoked'])
    expect(all.at(-1)?.keyId).toBe(before.keyId)
    expect(all.at(-1)?.place).toBe('node.keystore.json')
  })

  it('of a carrier’s deposits is listed too', async () => {
    await answerOf(niamey, ['key', 'rotate', 'deposit', '--supersede'])
    const keys = (await keysOf(niamey)).filter(({ use }) => use === 'deposit')
    expect(keys.map(({ state }) => state)).toEqual(['current', 'revoked'])
  })

  it('of an officer takes the place of the one before, under the officer’s own passphrase', async () => {
    const before = await keyOf(niamey, 'officer', 'secretary-niamey')
    await answerOf(niamey, ['key', 'rotate', 'officer', 'secretary-niamey'])
    const after = await keyOf(niamey, 'officer', 'secretary-niamey')
    expect(after.keyId).not.toBe(before.keyId)
    expect(await readdir(join(niamey.folder, 'officers'))).toHaveLength(3)
    const sent = await send(niamey, 'secretary-niamey', 'one')
    expect(sent.stderr).toBe('')
    expect(sent.status).toBe(0)
    const old = (await keysOf(niamey)).find(({ keyId }) => keyId === before.keyId)
    expect(old?.state).toBe('expired')
  })

  it.each([
    ['a desk that nobody has', ['desk', 'nowhere'], ['CLI_KEY_HOLDER', 2]],
    ['a thing that is none', ['log'], ['CLI_OPTION', 2]],
    ['too long a life', ['deposit', '--days', '1097'], ['CLI_OPTION', 2]],
    ['an officer whom nobody knows', ['officer', 'nobody'], ['CLI_PASSPHRASE', 5]],
  ])('is refused for %s', async (_what, words, refusal) => {
    expect(await refusalOf(niamey, ['key', 'rotate', ...words])).toEqual(refusal)
  })
})

describe('a revocation', () => {
  it('says what it will do and does nothing before it is confirmed', async () => {
    const { keyId } = await keyOf(niamey, 'officer', 'supervisor-niamey')
    const words = ['key', 'revoke', '--reason', 'left']
    const [en, fr] = await inBoth(niamey, [...words, '--dry-run'], keyId)
    expect(en.stdout).toContain('Nothing was changed')
    expect(en.stdout).toContain('they stand')
    expect(fr.stdout).toContain('elles tiennent')
    const { rosterVersion } = await statusOf(niamey)
    expect(await refusalOf(niamey, words, keyId)).toEqual(['CLI_OPTION', 2])
    expect((await statusOf(niamey)).rosterVersion).toBe(rosterVersion)
  })

  it('takes an officer out of the roster for good, and the keystore with it', async () => {
    const { keyId } = await keyOf(niamey, 'officer', 'secretary-niamey')
    const words = ['key', 'revoke', '--reason', 'lost', '--yes']
    await onKey(niamey, words, keyId.slice(0, 10))
    const revoked = (await keysOf(niamey)).find((key) => key.keyId === keyId)
    expect(revoked).toMatchObject({ state: 'revoked', revoked: { reason: 'lost' } })
    expect(await readdir(join(niamey.folder, 'officers'))).toHaveLength(2)
    expect(await refusalOf(niamey, words, keyId)).toEqual(['TRUST_KEY_REVOKED', 5])
    expect((await send(niamey, 'secretary-niamey', 'two')).stderr).toContain('[STORE_FILE]')
    const added = ['officer', 'add', 'secretary-niamey', '--organisation', 'ne.anltp-tim']
    await answerOf(niamey, [...added, '--roles', 'author:jtwg'])
    expect((await send(niamey, 'secretary-niamey', 'three')).status).toBe(0)
  })

  it.each<[string, [string, string], string]>([
    ['a root', ['root', 'root-1'], 'TRUST_KEY_FIXED'],
    ['the roster key', ['roster', 'roster'], 'TRUST_KEY_FIXED'],
    ['a key of the log', ['log', 'ne.'], 'TRUST_KEY_FIXED'],
    ['the key of the connection', ['libp2p', ''], 'TRUST_KEY_FIXED'],
    ['the only key of a desk', ['desk', 'protection'], 'TRUST_KEY_LAST'],
    ['the only key of a node', ['node-seal', ''], 'TRUST_KEY_LAST'],
  ])('of %s is refused', async (_what, [use, holder], code) => {
    const { keyId } = await keyOf(niamey, use, holder)
    const words = ['key', 'revoke', '--reason', 'compromise', '--yes']
    expect(await refusalOf(niamey, words, keyId)).toEqual([code, 5])
  })

  it.each([
    ['for no reason of the list', ['--reason', 'because'], ['CLI_OPTION', 2]],
    [
      'from a day on that nobody knows',
      ['--reason', 'lost', '--since', 'monday'],
      ['CLI_OPTION', 2],
    ],
    ['from the future', ['--reason', 'lost', '--since', '2999-01-01T00:00:00Z'], ['CLI_OPTION', 2]],
    [
      'in peace, dated back',
      ['--reason', 'left', '--since', '2026-01-01T00:00:00Z'],
      ['TRUST_REVOCATION', 4],
    ],
  ])('%s is refused', async (_what, words, refusal) => {
    const { keyId } = await keyOf(niamey, 'officer', 'case-niamey')
    expect(await refusalOf(niamey, ['key', 'revoke', ...words, '--yes'], keyId)).toEqual(refusal)
  })
})

describe('recovery keystores', () => {
  it('open and are those of the charter', async () => {
    const [en, fr] = await inBoth(niamey, ['key', 'recovery', 'verify'])
    expect(en.stdout).toContain('3 of 3 recovery pairs verified; nothing was changed')
    expect(fr.stdout).toContain('3 paires de secours sur 3 vérifiées')
  })

  it('of another agency, or with another passphrase, are refused', async () => {
    const other = join(abuja.folder, 'roots', 'recovery-1.keystore.json')
    const passphrases = join(root, 'other-passphrases')
    await cp(niamey.passphrases, passphrases, { recursive: true })
    const verify = ['key', 'recovery', 'verify']
    expect(await refusalOf(niamey, [...verify, other])).toEqual(['STORE_PASSPHRASE', 5])
    await cp(join(abuja.passphrases, 'recovery-1.txt'), join(passphrases, 'recovery-1.txt'))
    const mixed = { ...niamey, passphrases }
    expect(await refusalOf(mixed, [...verify, other])).toEqual(['TRUST_RECOVERY', 4])
  })
})

describe('a proposal', () => {
  it('is changed, read member by member, refused with its reason, or signed', async () => {
    const file = await proposed('first.json', ({ lists, ...rest }) => ({
      ...rest,
      lists: { ...lists, officers: lists.officers.filter(({ id }) => id !== 'analyst-abuja') },
    }))
    const [en, fr] = await inBoth(abuja, ['roster', 'diff', file])
    expect(en.stdout).toMatch(/− officer analyst-abuja: ng\.naptip/)
    expect(fr.stdout).toMatch(/− agent analyst-abuja\u00a0: ng\.naptip/)
    expect(await refusalOf(abuja, ['roster', 'refuse', file])).toEqual(['CLI_OPTION', 2])
    const refused = ['roster', 'refuse', file, '--reason', 'still needed in December']
    const { note } = z.looseObject({ note: z.string() }).parse(await answerOf(abuja, refused))
    expect(await readFile(note, 'utf8')).toContain('still needed in December')
    expect(await refusalOf(abuja, ['roster', 'sign', file])).toEqual(['CLI_PROPOSAL', 2])
    const next = await proposed('second.json', ({ lists, ...rest }) => ({
      ...rest,
      lists: {
        ...lists,
        officers: lists.officers.map((officer) =>
          officer.id === 'duty-abuja' ? { ...officer, roles: ['duty_officer'] } : officer,
        ),
      },
    }))
    const changed = await inBoth(abuja, ['roster', 'diff', next])
    expect(changed[0].stdout).toContain(
      'officer duty-abuja, roles: author:referral duty_officer → duty_officer',
    )
    const { rosterVersion } = await statusOf(abuja)
    await answerOf(abuja, ['roster', 'sign', next])
    expect((await statusOf(abuja)).rosterVersion).toBe(rosterVersion + 1)
    expect(await refusalOf(abuja, ['roster', 'sign', next])).toEqual(['CLI_PROPOSAL', 2])
    expect(await refusalOf(niamey, ['roster', 'diff', next])).toEqual(['CLI_PROPOSAL', 2])
  })

  it('with a member more is none', async () => {
    const file = await proposed('odd.json', (proposal) => ({ ...proposal, also: 1 }))
    expect(await refusalOf(abuja, ['roster', 'sign', file])).toEqual(['CLI_PROPOSAL', 2])
  })
})

describe('rosters by file', () => {
  it('reach an agency whose line is down, once or twice', async () => {
    await answerOf(abuja, ['roster', 'renew'])
    const chain = join(root, 'rosters.jsonl')
    await answerOf(abuja, ['roster', 'export', '--to', chain])
    const { rosterVersion: version } = await statusOf(abuja)
    for (const time of ['first', 'second']) {
      const taken = await answerOf(niamey, ['roster', 'import', chain])
      expect(taken, time).toMatchObject({ agency: 'ng.naptip', version })
    }
    const [shown] = await inBoth(niamey, ['roster', 'show'])
    expect(shown.stdout).toContain(`ng.naptip  roster version ${String(version)}`)
  })

  it.each<[string, string, (roster: Roster) => Roster]>([
    [
      'that leaves a version out',
      'TRUST_ROLLBACK',
      (roster) => ({ ...roster, version: roster.version + 1 }),
    ],
    ['from before the charter', 'TRUST_ROLLBACK', (roster) => ({ ...roster, version: 1 })],
    [
      'that freezes its lists for 36 days',
      'TRUST_EXPIRED',
      (roster) => ({ ...roster, exp: roster.iat + 36 * DAY }),
    ],
    [
      'that does not follow the one before',
      'TRUST_CHAIN',
      (roster) => ({ ...roster, previous: null }),
    ],
  ])('%s is refused with %s', async (_what, code, change) => {
    const file = await signedFile('hostile.json', change)
    const { forks, rosterVersion } = await statusOf(niamey)
    expect(await refusalOf(niamey, ['roster', 'import', file])).toEqual([code, 4])
    expect(await statusOf(niamey)).toMatchObject({ forks, rosterVersion })
  })

  it('that tell two stories of one version are an alarm, and both are kept', async () => {
    const { rosterVersion: version } = await statusOf(abuja)
    const file = await signedFile('fork.json', (roster) => ({ ...roster, version }))
    expect(await refusalOf(niamey, ['roster', 'import', file])).toEqual(['WIRE_FORK', 4])
    expect((await statusOf(niamey)).forks).toEqual([{ agency: 'ng.naptip', version }])
    const [en, fr] = await inBoth(niamey, ['node', 'status'])
    expect(en.stdout).toContain(`ALARM: ng.naptip signed two rosters of version ${String(version)}`)
    expect(fr.stdout).toContain('ALERTE')
  })

  it('that are none are refused', async () => {
    const file = join(root, 'none.jsonl')
    await writeFile(file, '{}\n')
    expect(await refusalOf(niamey, ['roster', 'import', file])).toEqual(['CLI_NOT_AMANA', 9])
  })
})

describe('an end', () => {
  it('is told at both ends before it comes', async () => {
    const added = ['officer', 'add', 'guest-abuja', '--organisation', 'ng.naptip', '--days', '5']
    await answerOf(abuja, [...added, '--roles', 'supervisor', '--make-passphrases'])
    const chain = join(root, 'guest.jsonl')
    await answerOf(abuja, ['roster', 'export', '--to', chain])
    await answerOf(niamey, ['roster', 'import', chain])
    for (const agency of [abuja, niamey]) {
      expect((await statusOf(agency)).expiries).toContainEqual(
        expect.objectContaining({ what: 'officer', id: 'guest-abuja', level: 'urgent' }),
      )
      const [en, fr] = await inBoth(agency, ['node', 'status'])
      expect(en.stdout).toContain('URGENT, renew now: officer guest-abuja ng.naptip')
      expect(fr.stdout).toContain('URGENT, à renouveler maintenant\u00a0: agent guest-abuja')
    }
    expect((await keyOf(abuja, 'officer', 'guest-abuja')).level).toBe('urgent')
  })
})

describe('two nodes', () => {
  let other: RunningProgram
  beforeAll(async () => {
    other = startAmana(['node', 'run', '--json', ...of(abuja)])
    await other.said('listening')
    // a node that dialled in vain for long waits for minutes: a new one dials at once
    node = await startedAgain(node)
  }, SETUP_TIMEOUT_MS)
  afterAll(async () => {
    other.signal('SIGTERM')
    await other.ended
  })

  it('go on while a desk’s key is made anew, and refuse what a revoked key signed', async () => {
    await answerOf(abuja, ['key', 'rotate', 'desk', 'coordination', '--supersede'])
    const { rosterVersion } = await statusOf(abuja)
    await until(async () => (await peerVersion(niamey)) === rosterVersion)
    expect((await send(niamey, 'secretary-niamey', 'four')).status).toBe(0)
    await until(async () => !/ {2}(?:queued|sent) {2}/.test(await listed(niamey)))
    // the first was signed under a key that was lost before it left
    expect((await listed(niamey)).match(/ {2}refused {2}/g)).toHaveLength(1)
    expect((await listed(abuja)).match(/minutes\/1 {2}received {2}/g)).toHaveLength(2)
  }, 120_000)

  it('pass a revocation on at once, and the peer acknowledges it in its heads', async () => {
    const { keyId } = await keyOf(abuja, 'officer', 'guest-abuja')
    await onKey(abuja, ['key', 'revoke', '--reason', 'left', '--yes'], keyId)
    const { rosterVersion } = await statusOf(abuja)
    await until(async () => (await peerVersion(niamey)) === rosterVersion)
    node = await startedAgain(node)
    await until(async () => (await acknowledged(abuja)) === rosterVersion)
  }, 120_000)

  it('record what ends soon, of both agencies', async () => {
    node?.signal('SIGTERM')
    const said = (await node?.ended)?.stderr ?? ''
    node = undefined
    other.signal('SIGTERM')
    const all = `${said}${(await other.ended).stderr}`
    expect(all).toContain('"what":"officer","id":"guest-abuja"')
    expect(all).toContain('"msg":"ends soon"')
  })
})

async function listed(agency: DiskAgency): Promise<string> {
  return (await amana(['message', 'list', ...of(agency)])).stdout
}

/** Ends Niamey’s node and starts it again. */
async function startedAgain(running: RunningProgram | undefined): Promise<RunningProgram> {
  running?.signal('SIGTERM')
  await running?.ended
  const again = startAmana(['node', 'run', '--json', ...of(niamey)])
  await again.said('listening')
  return again
}

async function send(agency: DiskAgency, officer: string, name: string): Promise<ProgramRun> {
  const file = join(root, `minutes-${name}.json`)
  const groups = BODIES['jtwg.minutes/1']
  const handling = { tlp: 'AMBER', caveats: ['dist:bilateral', 'test:data'] }
  const draft = { kind: 'jtwg.minutes/1', to: { agency: 'ng.naptip' }, handling, groups }
  await writeFile(file, JSON.stringify(draft))
  return amana(['message', 'send', file, '--officer', officer, ...of(agency)])
}

/** Abuja’s next proposal, changed by hand. */
async function proposed(
  name: string,
  change: (proposal: z.output<typeof ProposalSchema>) => unknown,
): Promise<string> {
  const made = await answerOf(abuja, ['roster', 'propose', '--to', join(root, name)])
  const { file } = FileSchema.parse(made)
  const proposal = ProposalSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  await writeFile(file, JSON.stringify(change(proposal)))
  return file
}

/** A roster of Abuja that only a thief of its roster key would sign. */
async function signedFile(name: string, change: (roster: Roster) => Roster): Promise<string> {
  const before = await newest(abuja)
  const passphrase = (await readFile(join(abuja.passphrases, 'roster.txt'), 'utf8')).trimEnd()
  const rosterKey = await loadRosterKey(abuja.folder, passphrase)
  const now = systemClock.now()
  const jws: GeneralJws = await signRoster(change(buildNextRoster(before, now, {})), rosterKey)
  const file = join(root, name)
  await writeFile(file, `${canonicalize({ ...jws })}\n`)
  return file
}

async function newest({ folder, passphrases }: DiskAgency): Promise<VerifiedRoster> {
  const passphrase = (await readFile(join(passphrases, 'node.txt'), 'utf8')).trimEnd()
  await using opened = await openNode({ folder, passphrase })
  return await newestOwnRoster(opened.services)
}
