/**
 * A person crosses the border: she is handed over between two nodes, her arrival is confirmed, and somebody asks how she is.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#beside-a-node
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../../apps/node/src/system.ts'
import { answerOf } from '../support/agency-on-disk.ts'
import { type ProgramRun } from '../support/amana-program.ts'
import { WOMAN } from '../support/referral-fixture.ts'
import { beginCase, CASE, type RunningCase, sendFile, typed } from '../support/running-case.ts'

const SETUP_TIMEOUT_MS = 300_000
const HOUR = 3600
const SentSchema = z.looseObject({ digest: z.string() })
const ShowSchema = z.looseObject({
  referral: z.looseObject({ responsible: z.string(), state: z.string() }),
})
const ListSchema = z.looseObject({
  arrival: z.array(z.looseObject({ status: z.string() })),
  followUps: z.array(z.looseObject({ dueAt: z.string(), status: z.string() })),
})

let both: RunningCase
let offer: string
let answer: string

const at = (hours: number): string =>
  `${new Date((systemClock.now() + hours * HOUR) * 1000).toISOString().slice(0, 19)}Z`
const niamey = async (...words: readonly string[]): Promise<string> => said('niamey', words)
const abuja = async (...words: readonly string[]): Promise<string> => said('abuja', words)

async function said(side: 'niamey' | 'abuja', words: readonly string[]): Promise<string> {
  const run: ProgramRun = await typed(both, side, words)
  expect(run, run.stderr).toMatchObject({ status: 0 })
  return run.stdout
}

function act(event: string, officer: string, ...words: readonly string[]): readonly string[] {
  return ['referral', 'act', event, CASE, '--officer', officer, ...words]
}

async function shown(side: 'niamey' | 'abuja') {
  const words = ['referral', 'show', CASE, '--purpose', 'protection']
  return ShowSchema.parse(await answerOf(both[side], words)).referral
}

async function task(side: 'niamey' | 'abuja', groups: object, relates?: string): Promise<string> {
  const file = join(both.root, `task-${side}.json`)
  const [peer, officer] =
    side === 'niamey' ? ['ng.naptip', 'case-niamey'] : ['ne.anltp-tim', 'case-abuja']
  const draft = {
    kind: 'task.travel-document/1',
    to: { agency: peer },
    handling: { tlp: 'AMBER+STRICT', caveats: ['dist:bilateral', 'test:data'] },
    groups: { travel: {}, risk: { protectionClaimChecked: 'yes' }, ...groups },
  }
  const answers =
    relates === undefined ? {} : { relates: [{ digest: relates, relation: 'answers' }] }
  await writeFile(file, JSON.stringify({ ...draft, ...answers }))
  const sent = await said(side, ['message', 'send', file, '--officer', officer ?? '', '--json'])
  return SentSchema.parse(JSON.parse(sent)).digest
}

async function travelDocument(): Promise<void> {
  const place = { referral: CASE, occurredAt: at(0), documentType: 'etc', authority: 'ng.embassy' }
  const asked = { ...place, act: 'request', status: 'requested', sequence: 4 }
  const request = await task('niamey', { routing: asked })
  const given = { ...place, act: 'answer', status: 'fulfilled', sequence: 3 }
  const travel = { issuedAt: at(-1), validUntil: at(24 * 60) }
  await task('abuja', { routing: given, travel }, request)
}

beforeAll(async () => {
  both = await beginCase()
  offer = join(both.root, 'offer.json')
  answer = join(both.root, 'answer.json')
  const assessment = { fitToTravel: 'yes', assessedAt: at(-1), clinician: 'hospital-01' }
  const { routing: _routing, ...groups } = WOMAN
  await sendFile(both, {
    ...groups,
    safety: { ...WOMAN['safety'], assessedAt: at(-1) },
    fitness: { assessment },
  })
  await niamey(...act('create', 'case-niamey', '--screening', 'possible victim of trafficking'))
  await niamey(...act('submit', 'case-niamey'))
  await abuja(...act('acknowledge', 'duty-abuja'))
  await abuja(...act('accept', 'case-abuja', '--reception', 'ng.naptip'))
  await travelDocument()
  await niamey(...act('prepare', 'case-niamey'))
  const escort = ['--escort', 'ne.anltp-tim/escort-niamey:Feminine', '--arrival', at(8)]
  const reception = ['--reception', 'ng.naptip', '--bed', '4', '--met-by', 'ng.naptip']
  const meeting = ['--meeting-place', 'Kongolam']
  await niamey(...act('mark-ready', 'case-niamey', ...escort, ...reception, ...meeting))
  await abuja(...act('mark-ready', 'case-abuja', '--agree'))
}, SETUP_TIMEOUT_MS)
afterAll(async () => both[Symbol.asyncDispose]())

describe('a crossing', () => {
  it('is offered by the escort, and departs with the offer', async () => {
    const words = [
      '--from-type',
      'escort_official',
      '--receiver',
      'ng.naptip',
      '--place',
      'NE-4-01',
    ]
    const to = ['--receiver-type', 'anti_tip_agency', '--condition', 'stable', '--to', offer]
    const made = ['custody', 'offer', CASE, '--officer', 'escort-niamey', ...words, ...to]
    expect(await niamey(...made)).toContain('stays in your care')
    await niamey(...act('depart', 'escort-niamey'))
    expect(await shown('abuja')).toMatchObject({ state: 'in_transit', responsible: 'ne.anltp-tim' })
  })

  it('moves responsibility with the receipt, and is queued as soon as it is signed', async () => {
    const words = [
      'custody',
      'receive',
      offer,
      '--officer',
      'reception-abuja',
      '--place',
      'NG-KT-01',
    ]
    expect(await abuja(...words, '--to', answer)).toContain('answer: queued')
    for (const side of ['niamey', 'abuja'] as const) {
      expect(await shown(side)).toMatchObject({ state: 'handed_over', responsible: 'ng.naptip' })
    }
  })

  it('is followed by the arrival, confirmed by the side that has her', async () => {
    const refused = await typed(both, 'niamey', [
      'custody',
      'arrived',
      CASE,
      '--officer',
      'case-niamey',
    ])
    expect(refused.stderr).toContain('wrong_role')
    const dry = await abuja('custody', 'arrived', CASE, '--officer', 'case-abuja', '--dry-run')
    expect(dry).not.toContain('Signed and queued')
    await abuja('custody', 'arrived', CASE, '--officer', 'case-abuja')
    expect(await shown('niamey')).toMatchObject({ state: 'in_care' })
  })

  it('has days on which somebody asks, of which the first that is open is recorded', async () => {
    const list = ['followup', 'list', CASE, '--purpose', 'protection']
    const before = ListSchema.parse(await answerOf(both.abuja, list))
    expect(before.arrival.map(({ status }) => status)).toEqual(['met'])
    expect(before.followUps.map(({ status }) => status)).toEqual(
      Array.from({ length: 5 }, () => 'running'),
    )
    const answers = [
      '--safe',
      'yes',
      '--wellbeing',
      '6',
      '--stays',
      'shelter',
      '--service',
      'medical=yes',
    ]
    const record = ['followup', 'record', CASE, '--officer', 'case-abuja', ...answers]
    const beyond = await typed(both, 'abuja', [...record, '--wellbeing', '11'])
    expect(beyond.stderr).toContain('--wellbeing')
    await abuja(...record)
    const after = ListSchema.parse(await answerOf(both.niamey, list))
    expect(after.followUps.map(({ status }) => status)).toEqual([
      'met',
      'running',
      'running',
      'running',
      'running',
    ])
    expect(await niamey(...list, '--lang', 'fr')).toContain(after.followUps[1]?.dueAt.slice(0, 10))
  })
})
