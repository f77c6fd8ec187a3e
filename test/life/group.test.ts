/**
 * A group of 22, as at Illela in August 2023: a file for each of them, counted where it leaves and where it arrives.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#groups
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type ProgramRun } from '../support/amana-program.ts'
import { beginCase, type RunningCase, typed } from '../support/running-case.ts'

const SETUP_TIMEOUT_MS = 300_000
const SIZE = 22
const HEADING =
  'person.calledName,person.ageMin,person.ageMax,person.gender,identity.citizenship,identity.givenNames'

const TakenSchema = z.looseObject({
  bad: z.array(z.looseObject({ line: z.number(), path: z.string() })),
  members: z.array(z.looseObject({ line: z.number(), referral: z.string() })),
})
const CountSchema = z.looseObject({
  findings: z.array(z.looseObject({ finding: z.string() })),
  headcount: z.number(),
  lines: z.array(z.looseObject({ referral: z.string(), status: z.string() })),
})

const SCREENED = ['--screening', 'PossibleVictimOfTrafficking']

let both: RunningCase
let list: string
let people: readonly string[] = []

beforeAll(async () => {
  both = await beginCase()
  list = join(both.root, 'illela-1.group.json')
}, SETUP_TIMEOUT_MS)
afterAll(async () => both[Symbol.asyncDispose]())

async function write(name: string, lines: readonly string[]): Promise<string> {
  const file = join(both.root, name)
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}

async function taken(file: string): Promise<ProgramRun> {
  const signs = ['--officer', 'case-niamey', '--kind', 'victim.referral/1', '--exercise']
  const words = ['group', 'manifest', 'illela-1', file, ...signs, '--to', list]
  return typed(both, 'niamey', [...words, '--approve', 'supervisor-niamey', ...SCREENED, '--json'])
}

function counted({ stdout }: ProgramRun): z.output<typeof CountSchema> {
  return CountSchema.parse(JSON.parse(stdout))
}

function statusesOf({ lines }: z.output<typeof CountSchema>): Readonly<Record<string, number>> {
  const groups = Map.groupBy(lines, ({ status }) => status)
  return Object.fromEntries([...groups].map(([status, all]) => [status, all.length]))
}

async function depart(file: string, ...more: readonly string[]): Promise<ProgramRun> {
  const way = ['--receiver', 'ng.naptip', '--origin', 'NE-4-01', '--destination', 'NG-SO']
  const signs = ['--officer', 'escort-niamey', '--transport', 'road', '--exercise', '--list', list]
  return typed(both, 'niamey', ['group', 'depart', 'illela-1', file, ...way, ...signs, ...more])
}

async function arrive(file: string, ...more: readonly string[]): Promise<ProgramRun> {
  const signs = ['--officer', 'reception-abuja', '--transport', 'road', '--exercise', ...more]
  return typed(both, 'abuja', ['group', 'arrive', 'illela-1', file, ...signs])
}

describe('a group', () => {
  it('has a file for each person, and one bad line loses no other', async () => {
    const rows = Array.from({ length: SIZE }, (_none, index) =>
      index === 4
        ? `"TEST ""5"", of Kano",19,19,woman?,NG,Test`
        : `TEST-${String(index + 1)},${String(16 + (index % 10))},${String(16 + (index % 10))},${index === 0 ? 'Masculine' : 'Feminine'},NG,Test`,
    )
    const run = await taken(await write('people.csv', [HEADING, ...rows]))
    expect(run.status).toBe(2)
    const first = TakenSchema.parse(JSON.parse(run.stdout))
    expect(first.bad).toEqual([{ line: 6, path: 'person.gender' }])
    expect(first.members).toHaveLength(SIZE - 1)
    const rest = await readFile(join(both.root, 'people.rest.csv'), 'utf8')
    expect(rest).toBe(`${HEADING}\n${rows[4] ?? ''}\n`)
    const file = await write('people-5.csv', [
      HEADING,
      (rows[4] ?? '').replace('woman?', 'Feminine'),
    ])
    const second = await taken(file)
    expect(second, second.stderr).toMatchObject({ status: 0 })
    const { members } = TakenSchema.parse(JSON.parse(second.stdout))
    people = [...first.members, ...members].map(({ referral }) => referral)
    expect(new Set(people).size).toBe(SIZE)
  })

  it('is counted where it leaves, and nobody is left out of a count', async () => {
    const [absent = '', ill = '', ...others] = people
    const rows = [
      `${absent},absent,`,
      `${ill},ill,malaria`,
      ...others.map((one) => `${one.toLowerCase()},,`),
    ]
    const bad = await write('bad.csv', [
      'referral,status,note',
      ...rows,
      'NE-ANLTP-26-XXXXXXXX-0,,',
    ])
    const refused = await depart(bad)
    expect(refused).toMatchObject({ status: 2, stdout: '' })
    expect(refused.stderr).toContain(`line ${String(SIZE + 2)}: referral`)
    const file = await write('depart.csv', ['referral,status,note', ...rows])
    const run = await depart(file, '--json')
    expect(run, run.stderr).toMatchObject({ status: 0 })
    const count = counted(run)
    expect(count.headcount).toBe(SIZE - 2)
    expect(statusesOf(count)).toEqual({ absent: 1, arrived: SIZE - 2, ill: 1 })
    expect(count.findings).toEqual([])
  })

  it('is counted where it arrives, with one who refused, one nobody told of, and one who came beside', async () => {
    const [, , refused = '', lost = '', ...others] = people
    const here = others.map((one) => `${one},,Feminine,18-20`)
    const rows = [`${refused},refused,,`, ...here, ',extra,Feminine,9-17']
    const file = await write('arrive.csv', ['referral,status,gender,ageBand', ...rows])
    const dry = await arrive(file, '--dry-run', '--lang', 'fr')
    expect(dry.stdout, dry.stderr).toContain(`${lost}  PERSONNE NE SAIT OÙ ELLE EST`)
    const run = await arrive(file, '--json')
    expect(run, run.stderr).toMatchObject({ status: 0 })
    const count = counted(run)
    expect(count.headcount).toBe(SIZE - 3)
    expect(statusesOf(count)).toEqual({ arrived: SIZE - 4, refused: 1, unaccounted: 1 })
    expect(count.findings).toEqual([{ finding: 'unaccounted', referral: lost }])
  })

  it('of which no manifest has come is not counted against one', async () => {
    const file = join(both.root, 'arrive.csv')
    const words = ['group', 'arrive', 'illela-2', file, '--officer', 'reception-abuja']
    const run = await typed(both, 'abuja', words)
    expect(run).toMatchObject({ status: 6, stdout: '' })
    expect(run.stderr).toContain('HANDOVER_GROUP')
  })
})
