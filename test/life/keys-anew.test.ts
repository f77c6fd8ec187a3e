/**
 * Keys for weeks ahead and new keys of the node itself, by the commands alone, between nodes that run.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#the-life-of-a-key
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { answerOf, type DiskAgency, makeAgencies, meet, of } from '../support/agency-on-disk.ts'
import { amana, type RunningProgram, startAmana } from '../support/amana-program.ts'
import { acknowledged, inBoth, keysOf, refusalOf, statusOf, until } from '../support/key-answers.ts'
import { BODIES } from '../support/message-bodies.ts'

const SETUP_TIMEOUT_MS = 300_000

let root: string
let niamey: DiskAgency
let abuja: DiskAgency

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amana-anew-'))
  const agencies = await makeAgencies(root)
  niamey = agencies.niamey
  abuja = agencies.abuja
  await meet(root, agencies)
}, SETUP_TIMEOUT_MS)

afterAll(async () => {
  await rm(root, { recursive: true, force: true })
})

describe('the keys of a desk', () => {
  it('may be one for each week, listed by a roster or by a proposal that another signs', async () => {
    const words = ['key', 'rotate', 'desk', 'intelligence', '--weeks', '8']
    const [en, fr] = await inBoth(niamey, [...words, '--dry-run'])
    expect(en.stdout).toContain('Would make 8 weekly keys for desk intelligence')
    expect(fr.stdout).toContain('Créerait 8 clés hebdomadaires pour le bureau intelligence')
    const file = join(root, 'weeks.json')
    const proposal = await answerOf(niamey, [...words, '--to', file])
    expect(proposal).toMatchObject({ rotated: false, made: 8, proposal: file })
    const diff = await inBoth(niamey, ['roster', 'diff', file])
    expect(diff[0].stdout).toContain('desk intelligence')
    await answerOf(niamey, ['roster', 'sign', file])
    const keys = (await keysOf(niamey)).filter(
      ({ holder, use }) => use === 'desk' && holder === 'intelligence',
    )
    expect(keys.map(({ state }) => state).toSorted()).toEqual(
      ['current', ...Array.from({ length: 7 }, () => 'next'), 'expired'].toSorted(),
    )
    const again = await answerOf(niamey, words)
    expect(again).toMatchObject({ rotated: false, made: 0 })
    const back = ['key', 'rotate', 'desk', 'intelligence', '--supersede']
    expect(await answerOf(niamey, back)).toMatchObject({ rotated: true })
  })

  it.each([
    ['for weeks of what has none', ['deposit', '--weeks', '8'], ['CLI_OPTION', 2]],
    ['for weeks that are no number', ['desk', 'protection', '--weeks', 'few'], ['CLI_OPTION', 2]],
    ['for more weeks than fit', ['desk', 'protection', '--weeks', '17'], ['CLI_KEY_ROOM', 2]],
    ['of an officer by a proposal', ['officer', 'case-niamey', '--to', 'x'], ['CLI_OPTION', 2]],
  ])('are refused %s', async (_what, words, refusal) => {
    expect(await refusalOf(niamey, ['key', 'rotate', ...words])).toEqual(refusal)
  })
})

const StatusSchema = z.looseObject({
  peerId: z.string(),
  running: z.boolean(),
  nextKeys: z.looseObject({ isListed: z.boolean() }).optional(),
})
const nodes: RunningProgram[] = []

async function run(agency: DiskAgency): Promise<RunningProgram> {
  const node = startAmana(['node', 'run', '--json', ...of(agency)])
  nodes.push(node)
  await node.said('listening')
  return node
}

async function nodeOf(agency: DiskAgency): Promise<z.output<typeof StatusSchema>> {
  return StatusSchema.parse(await statusOf(agency))
}

/** Whether the node runs under another peer id; while it starts anew it answers nobody. */
async function isKnownAnew(agency: DiskAgency, before: string): Promise<boolean> {
  const asked = await amana(['node', 'status', '--json', ...of(agency)])
  if (asked.status !== 0) return false
  const { status } = z.object({ status: StatusSchema }).parse(JSON.parse(asked.stdout))
  return status.peerId !== before && status.running
}

/** What an agency’s list says of the states of its messages. */
async function states(agency: DiskAgency): Promise<readonly string[]> {
  const { stdout } = await amana(['message', 'list', ...of(agency)])
  return [...stdout.matchAll(/ {2}(opened|queued|received|refused|sent)\b/g)].map(
    ([, state = '']) => state,
  )
}

async function send(agency: DiskAgency, officer: string, to: string): Promise<void> {
  const file = join(root, `${officer}.json`)
  const groups = BODIES['jtwg.minutes/1']
  const handling = { tlp: 'AMBER', caveats: ['dist:bilateral', 'test:data'] }
  await writeFile(
    file,
    JSON.stringify({ kind: 'jtwg.minutes/1', to: { agency: to }, handling, groups }),
  )
  await answerOf(agency, ['message', 'send', file, '--officer', officer])
}

describe('the keys of a node', () => {
  afterAll(async () => {
    for (const node of nodes) {
      node.signal('SIGTERM')
      await node.ended
    }
  })

  it('are made anew while the line is down, wait for the other agency, and come into use by themselves', async () => {
    const alone = await run(niamey)
    const { peerId: before } = await nodeOf(niamey)
    const [en, fr] = await inBoth(niamey, ['key', 'rotate', 'node', '--dry-run'])
    expect(en.stdout).toContain('Would make a new key for node')
    expect(fr.stdout).toContain('rien n’a été modifié')
    expect(await refusalOf(niamey, ['key', 'rotate', 'node', '--supersede'])).toEqual([
      'CLI_OPTION',
      2,
    ])
    await send(niamey, 'secretary-niamey', 'ng.naptip')
    const file = join(root, 'node.json')
    await answerOf(niamey, ['key', 'rotate', 'node', '--to', file])
    expect(await nodeOf(niamey)).toMatchObject({ peerId: before, nextKeys: { isListed: false } })
    await answerOf(niamey, ['roster', 'sign', file])
    expect(await nodeOf(niamey)).toMatchObject({ peerId: before, nextKeys: { isListed: true } })
    const [waiting, attente] = await inBoth(niamey, ['node', 'status'])
    expect(waiting.stdout).toContain('New keys of the node (12D3')
    expect(attente.stdout).toContain('De nouvelles clés du nœud (12D3')
    expect(await refusalOf(niamey, ['key', 'rotate', 'node'])).toEqual(['TRUST_KEY_WAITS', 5])
    await run(abuja)
    // a node that dialled in vain for long waits for minutes: a new one dials at once
    alone.signal('SIGTERM')
    await alone.ended
    await run(niamey)
    await until(() => isKnownAnew(niamey, before))
    expect((await nodeOf(niamey)).nextKeys).toBeUndefined()
    const { rosterVersion } = await statusOf(niamey)
    expect(await acknowledged(niamey)).toBe(rosterVersion)
    await send(niamey, 'secretary-niamey', 'ng.naptip')
    await send(abuja, 'secretary-abuja', 'ne.anltp-tim')
    await until(async () => {
      const all = [...(await states(niamey)), ...(await states(abuja))]
      return all.length === 6 && !all.includes('queued') && !all.includes('sent')
    })
    expect((await states(niamey)).toSorted()).toEqual(['opened', 'opened', 'received'])
    const seals = (await keysOf(niamey)).filter(({ use }) => use === 'node-seal')
    expect(seals.map(({ place, state }) => [state, place])).toEqual([
      ['current', 'node.keystore.json'],
      ['expired', undefined],
    ])
  }, 180_000)

  it('are made anew while the line is up, and the other agency dials the node under the new ones', async () => {
    const { peerId: before } = await nodeOf(abuja)
    await answerOf(abuja, ['key', 'rotate', 'node', '--days', '200'])
    await until(() => isKnownAnew(abuja, before))
    await send(niamey, 'secretary-niamey', 'ng.naptip')
    await until(
      async () => (await states(niamey)).filter((state) => state === 'opened').length === 3,
    )
    const logs: string[] = []
    for (const node of nodes.splice(0)) {
      node.signal('SIGTERM')
      logs.push((await node.ended).stderr)
    }
    expect(logs.join('').match(/"msg":"key destroyed"/g)).toHaveLength(4)
  }, 180_000)
})
