/**
 * A new roster key by the commands alone: proposed, compared, signed, and what the key before it can do afterwards.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#a-new-roster-key
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildNextRoster, canonicalize, signRoster } from '@amana/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadRosterKey, newestOwnRoster } from '../../apps/node/src/agency/rosters.ts'
import { createControlClient } from '../../apps/node/src/http/control-client.ts'
import { openNode } from '../../apps/node/src/node.ts'
import { systemClock } from '../../apps/node/src/system.ts'
import { answerOf, type DiskAgency, makeAgencies, meet, of } from '../support/agency-on-disk.ts'
import { amana, type RunningProgram, startAmana } from '../support/amana-program.ts'
import { inBoth, type Key, keysOf, refusalOf, until } from '../support/key-answers.ts'
import { BODIES } from '../support/message-bodies.ts'

const SETUP_TIMEOUT_MS = 300_000
const SLOW = { timeout: 240_000 }

const ProposedSchema = z.looseObject({
  changes: z.array(z.looseObject({ what: z.string() })),
  isCompared: z.boolean(),
  safetyNumber: z.string(),
  progress: z.string(),
  roster: z.string(),
  newRosterKey: z.string(),
})
const PROPOSE = ['peer', 'renew', 'propose', '--new-roster-key', '--make-passphrases']

let root: string
let niamey: DiskAgency
let abuja: DiskAgency
let nodes: readonly RunningProgram[] = []

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amana-roster-key-'))
  const agencies = await makeAgencies(root)
  niamey = agencies.niamey
  abuja = agencies.abuja
  await meet(root, agencies)
}, SETUP_TIMEOUT_MS)

afterAll(async () => {
  await stop()
  await rm(root, { recursive: true, force: true })
})

function charterFile(): string {
  return join(root, 'charter-2.json')
}

async function start(): Promise<void> {
  nodes = [abuja, niamey].map((agency) => startAmana(['node', 'run', '--json', ...of(agency)]))
  for (const node of nodes) await node.said('listening')
}

async function stop(): Promise<void> {
  for (const node of nodes) {
    node.signal('SIGTERM')
    await node.ended
  }
  nodes = []
}

async function rosterKeys(): Promise<readonly Pick<Key, 'holder' | 'state' | 'place'>[]> {
  const keys = (await keysOf(niamey)).filter(({ use }) => use === 'roster')
  return keys.map(({ holder, place, state }) => ({
    holder,
    state,
    ...(place === undefined ? {} : { place }),
  }))
}

/** Minutes to the other agency, opened there. */
async function exchange(from: DiskAgency, to: DiskAgency, opened: number): Promise<void> {
  const file = join(root, 'minutes.json')
  const groups = BODIES['jtwg.minutes/1']
  const handling = { tlp: 'AMBER', caveats: ['dist:bilateral', 'test:data'] }
  const draft = { kind: 'jtwg.minutes/1', to: { agency: to.id }, handling, groups }
  await writeFile(file, JSON.stringify(draft))
  const city = from === niamey ? 'niamey' : 'abuja'
  await answerOf(from, ['message', 'send', file, '--officer', `secretary-${city}`])
  await until(async () => {
    const { stdout } = await amana(['message', 'list', ...of(from)])
    return [...stdout.matchAll(/ {2}opened\b/g)].length === opened
  })
}

describe('a new roster key', SLOW, () => {
  let proposed: z.output<typeof ProposedSchema>
  let fresh = ''

  it('is made with a proposal, and signs nothing while that waits', async () => {
    await start()
    await exchange(niamey, abuja, 1)
    const [en, fr] = await inBoth(niamey, [...PROPOSE, '--dry-run'])
    expect(en.stdout).toContain('ne.anltp-tim: roster keys')
    expect(fr.stdout).toContain('ne.anltp-tim: clés de registre')
    expect(await rosterKeys()).toEqual([
      { holder: 'roster', state: 'current', place: 'roster.keystore.json' },
    ])
    proposed = ProposedSchema.parse(await answerOf(niamey, [...PROPOSE, '--to', charterFile()]))
    expect(proposed).toMatchObject({ isCompared: true, progress: 'waiting' })
    expect(proposed.changes.map(({ what }) => what)).toEqual(['roster', 'rosterKeys', 'exp'])
    const keys = await rosterKeys()
    fresh = keys[1]?.holder ?? ''
    expect(keys).toEqual([
      { holder: 'roster', state: 'current', place: 'roster.keystore.json' },
      { holder: fresh, state: 'next', place: `${fresh}.keystore.json` },
    ])
    expect(proposed.newRosterKey).toBe(join(niamey.folder, `${fresh}.keystore.json`))
    const added = ['officer', 'add', 'guest', '--organisation', 'ne.anltp-tim', '--roles']
    const words = [...added, 'author:jtwg', '--make-passphrases', ...of(niamey)]
    expect((await amana(words)).stderr).toContain('A charter with a new roster key waits')
    expect(await refusalOf(niamey, [...PROPOSE, '--to', join(root, 'again.json')])).toEqual([
      'TRUST_OTHER_CHARTER',
      4,
    ])
    expect((await amana(['roster', 'renew', ...of(niamey)])).status).toBe(0)
  })

  it('begins a chain whose first roster counts for nobody before the charter is in force', async () => {
    await stop()
    const early = ['peer', 'import', proposed.roster]
    expect(await refusalOf(abuja, early)).toEqual(['WIRE_SIG', 4])
    expect(await refusalOf(abuja, ['peer', 'renew', 'sign', charterFile()])).toEqual([
      'CLI_OPTION',
      2,
    ])
    const asked = await amana(['peer', 'renew', 'sign', charterFile(), ...of(abuja)])
    expect(asked.stderr).toContain('ne.anltp-tim: roster keys')
    const digits = join(root, 'digits-2.txt')
    await writeFile(digits, proposed.safetyNumber)
    const sign = ['peer', 'renew', 'sign', charterFile(), '--digits', digits, '--to', charterFile()]
    expect(await answerOf(abuja, sign)).toMatchObject({ progress: 'roster' })
    expect(await answerOf(abuja, early)).toMatchObject({ what: 'roster' })
    expect(await answerOf(niamey, ['peer', 'import', charterFile()])).toMatchObject({
      inForce: true,
    })
  })

  it('signs from then on, and the one before is named as out of use and refused', async () => {
    expect(await rosterKeys()).toEqual([
      { holder: fresh, state: 'current', place: `${fresh}.keystore.json` },
      { holder: 'roster', state: 'expired', place: 'roster.keystore.json' },
    ])
    const guest = (await keysOf(niamey)).find(({ holder }) => holder === 'guest')
    expect(guest).toMatchObject({ state: 'expired' })
    expect(await refusalOf(abuja, ['peer', 'import', await signedByOld()])).toEqual(['WIRE_SIG', 4])
    const renewed = await amana(['roster', 'renew', ...of(niamey)])
    expect([renewed.status, renewed.stderr]).toEqual([0, ''])
  })

  it('lets the exchange go on, and what was signed before it stays verifiable', async () => {
    await start()
    await exchange(niamey, abuja, 2)
    await exchange(abuja, niamey, 1)
    const to = join(root, 'bundles')
    for (const agency of [niamey, abuja]) {
      const services = createControlClient(join(agency.folder, 'control.sock'))
      await services.witness({ timeoutMs: 60_000 })
    }
    for (const agency of [niamey, abuja]) await answerOf(agency, ['audit', 'export', '--to', to])
    await answerOf(abuja, ['audit', 'export', '--format', 'policy', '--to', to])
    const [own, other] = [niamey, abuja].map(({ id }) => join(to, `${id}.bundle.jsonl`))
    const files = [own ?? '', other ?? '']
    const run = await amana(['verify', ...files, '--policy', join(to, 'policy.txt')])
    expect(run.stdout).toContain('VERIFIED. Everything')
    expect(run.status).toBe(0)
    const shown = (await readFile(own ?? '', 'utf8')).match(/"kind":"(?:charter|statement)"/g)
    expect(shown?.toSorted()).toEqual([
      ...Array.from({ length: 2 }, () => '"kind":"charter"'),
      ...Array.from({ length: 3 }, () => '"kind":"statement"'),
    ])
  })
})

/** A next roster as whoever kept the old key would sign it. */
async function signedByOld(): Promise<string> {
  const passphrase = async (name: string): Promise<string> =>
    (await readFile(join(niamey.passphrases, `${name}.txt`), 'utf8')).trimEnd()
  const old = await loadRosterKey(niamey.folder, await passphrase('roster'))
  const { folder } = niamey
  await using opened = await openNode({ folder, passphrase: await passphrase('node') })
  const next = buildNextRoster(await newestOwnRoster(opened.services), systemClock.now(), {})
  const file = join(root, 'old.json')
  await writeFile(file, `${canonicalize({ ...(await signRoster(next, old)) })}\n`)
  return file
}
