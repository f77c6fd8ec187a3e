/**
 * `amana group manifest`: a list of people becomes one file for each of them, and the list by which they are counted.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#groups
 */
import { extname, resolve } from 'node:path'
import { AmanaError, canonicalize, LocalIdSchema, ReferralReferenceSchema } from '@amana/core'
import { z } from 'zod'
import { sendDraft, type UnlockedOfficer, unlockOfficer } from '../../agency/signing.ts'
import { type NodeServices } from '../../services.ts'
import { systemRandom } from '../../system.ts'
import { messageInstant } from '../../statements/referral-statements.ts'
import { listText, type ListRow, readList, type ReadList } from '../csv.ts'
import { exists, readJson, writeText } from '../files.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext, type Invocation, requireFolder } from '../options.ts'
import { instantIn } from '../typed-values.ts'
import { withServices } from '../with-services.ts'
import {
  badLine,
  type BadLine,
  type GroupPerson,
  type Groups,
  type GroupSetting,
  personOf,
} from './group-people.ts'

/** Options of the command. */
export interface ManifestOptions {
  readonly officer: string
  readonly approve?: string | undefined
  readonly kind: GroupSetting['kind']
  readonly with?: string | undefined
  readonly screening?: string | undefined
  readonly tlp: string
  readonly exercise?: true | undefined
  readonly at?: string | undefined
  readonly to?: string | undefined
  readonly dryRun?: true | undefined
  readonly outcome: Invocation['outcome']
}

const USAGE_EXIT = 2
/** A line of progress for so many people. */
const PROGRESS = 25

const GroupsSchema: z.ZodType<Groups> = z.record(z.string(), z.record(z.string(), z.unknown()))
const ListedSchema = z.strictObject({
  ageBand: z.string().max(8),
  gender: z.string().max(32),
  referral: ReferralReferenceSchema,
})
const GroupFileSchema = z.strictObject({
  group: LocalIdSchema,
  members: z.array(ListedSchema).max(512),
  v: z.literal(1),
})

/** Who is in a group, as its own agency keeps it: references, and what is counted. */
type GroupFile = z.output<typeof GroupFileSchema>

/** Signs and queues what the lines say, keeps what does not fit, and writes the list. */
export async function groupManifest(
  context: CommandContext,
  { file, group }: { readonly file: string; readonly group: string },
  options: ManifestOptions,
): Promise<void> {
  const { io } = context
  const id = groupIdIn(group)
  const list = await readList(file)
  const path = resolve(options.to ?? `${id}.group.json`)
  const before = (await exists(path)) ? (await readGroup(path, id)).members : []
  const done = await takeAll(context, list, options)
  const members = [...before, ...done.taken.map((person) => listed(person))]
  const ending = extname(file)
  const rest = `${file.slice(0, file.length - ending.length)}.rest${ending}`
  const isDry = options.dryRun === true
  if (!isDry) await keep({ done, group: id, list, members, path, rest })
  const { bad, taken } = done
  if (bad.length > 0) options.outcome.exit = USAGE_EXIT
  printAnswer(io, 'amana.cli.group-manifest/1', {
    json: {
      group: id,
      members: taken.map(({ line, referral }) => ({ line, referral })),
      bad,
      list: path,
    },
    lines: [
      ...bad.map((one) => badLineText(io, one)),
      io.say('custody:group.taken', { count: taken.length, total: members.length, group: id }),
      ...(bad.length === 0
        ? []
        : [io.say('custody:group.rest', { count: bad.length, file: rest })]),
      io.say(isDry ? 'custody:dryRun' : 'custody:group.list', { file: path }),
    ],
  })
}

type Listed = z.output<typeof ListedSchema>

function listed({ ageBand, gender, referral }: GroupPerson): Listed {
  return { ageBand, gender, referral }
}

interface Kept {
  readonly done: Taken
  readonly group: string
  readonly list: ReadList
  readonly members: readonly Listed[]
  readonly path: string
  readonly rest: string
}

/** The list of the group, and beside the list that was given the lines of it that were not taken. */
async function keep({ done, group, list, members, path, rest }: Kept): Promise<void> {
  const bad = new Set(done.bad.map(({ line }) => line))
  if (done.taken.length > 0) {
    const file = { group, members: members.map((one) => ({ ...one })), v: 1 }
    await writeText(path, `${canonicalize(file)}\n`)
  }
  if (bad.size === 0) return
  const rows = list.rows.filter(({ line }) => bad.has(line))
  await writeText(rest, listText(list, rows))
}

/** The list of a group. @throws CLI_NOT_AMANA when it is none, or that of another group */
export async function readGroup(path: string, group: string): Promise<GroupFile> {
  const parsed = GroupFileSchema.safeParse(await readJson(path))
  if (!parsed.success || parsed.data.group !== group)
    throw new AmanaError('CLI_NOT_AMANA', { path })
  return parsed.data
}

/** @throws CLI_OPTION */
export function groupIdIn(typed: string): string {
  const parsed = LocalIdSchema.safeParse(typed)
  if (!parsed.success) throw new AmanaError('CLI_OPTION', { option: '<group>' })
  return parsed.data
}

/** A line that was not taken, and why. */
export function badLineText({ say }: Io, { code, line, path }: BadLine): string {
  return say(code === undefined ? 'custody:group.bad' : 'custody:group.refused', { line, path })
}

interface Taken {
  readonly taken: readonly GroupPerson[]
  readonly bad: readonly BadLine[]
}

async function takeAll(
  context: CommandContext,
  list: ReadList,
  options: ManifestOptions,
): Promise<Taken> {
  const folder = await requireFolder(context)
  const unlock = async (id: string): Promise<UnlockedOfficer> =>
    unlockOfficer(folder, id, await context.passphrases(`officer-${id}`))
  const author = await unlock(options.officer)
  const approvers: UnlockedOfficer[] = []
  for (const id of options.approve?.split(',') ?? []) approvers.push(await unlock(id.trim()))
  return withServices(context, async (services) => {
    const setting = await settingOf(context.io, services, options)
    const sign = async (person: GroupPerson): Promise<void> => {
      const signs = { author, approvers, dryRun: options.dryRun === true }
      const { digest } = await sendDraft(services, person.file, signs)
      if (!signs.dryRun)
        await sendDraft(services, person.create(digest), { ...signs, approvers: [] })
    }
    return eachLine(context.io, list.rows, { setting, sign })
  })
}

interface Signing {
  readonly setting: GroupSetting
  readonly sign: (person: GroupPerson) => Promise<void>
}

/** One bad line loses no other. */
async function eachLine(
  io: Io,
  rows: readonly ListRow[],
  { setting, sign }: Signing,
): Promise<Taken> {
  const taken: GroupPerson[] = []
  const bad: BadLine[] = []
  const known = new Set<string>()
  for (const row of rows) {
    try {
      const person = personOf(row, setting, systemRandom)
      if (known.has(person.referral)) throw new AmanaError('WIRE_SCHEMA', { path: 'referral' })
      await sign(person)
      known.add(person.referral)
      taken.push(person)
    } catch (error) {
      bad.push(badLine(row.line, error))
    }
    const done = taken.length + bad.length
    if (done % PROGRESS === 0)
      io.talk(io.say('custody:group.progress', { done, total: rows.length }))
  }
  return { taken, bad }
}

async function settingOf(
  { language }: Io,
  services: NodeServices,
  { at, exercise, kind, officer, screening, tlp, with: file }: ManifestOptions,
): Promise<GroupSetting> {
  const { agency, peers } = await services.status({})
  const peer = peers.find(({ state }) => state === 'in-force')
  if (peer === undefined) throw new AmanaError('TRUST_NO_CHARTER', {})
  const { now } = await services.context({ agency: peer.agency })
  const common = GroupsSchema.safeParse(file === undefined ? {} : await readJson(file))
  if (!common.success) throw new AmanaError('CLI_NOT_AMANA', { path: file ?? '' })
  return {
    agency,
    at: at === undefined ? messageInstant(now) : instantIn(at, '--at'),
    common: common.data,
    exercise: exercise === true,
    kind,
    language,
    officer,
    peer: peer.agency,
    screening,
    tlp,
  }
}
