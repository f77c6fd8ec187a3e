/**
 * `amana group depart` and `amana group arrive`: a group is counted where it leaves and where it arrives, and every
 * difference is named.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#groups
 */
import { resolve } from 'node:path'
import {
  AmanaError,
  compareManifests,
  type Draft,
  type Manifest,
  type ManifestComparison,
  ManifestSchema,
  parseDraft,
} from '@amana/core'
import { type z } from 'zod'
import { askAs } from '../../agency/asking.ts'
import { readBy } from '../../agency/reading.ts'
import { sendDraft, type UnlockedOfficer, unlockOfficer } from '../../agency/signing.ts'
import { type NodeServices } from '../../services.ts'
import { messageInstant } from '../../statements/referral-statements.ts'
import { readList } from '../csv.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext, requireFolder } from '../options.ts'
import { instantIn } from '../typed-values.ts'
import { withServices } from '../with-services.ts'
import { type Counted, countedHeads, type Head, headsIn } from './group-heads.ts'
import { badLineText, groupIdIn, readGroup } from './group-manifest.ts'

const MANIFEST = 'handover.manifest/1'
/** As many manifests as an officer looks through for one group. */
const MOST_MANIFESTS = 1000

/** Which group, and the list of who is there. */
export interface CountArguments {
  readonly group: string
  readonly file: string
}

/** Options of both commands. */
export interface CountOptions {
  readonly officer: string
  readonly at?: string | undefined
  readonly tlp: string
  readonly exercise?: true | undefined
  readonly dryRun?: true | undefined
}

/** Options of `group depart`. */
export interface DepartOptions extends CountOptions {
  readonly list?: string | undefined
  readonly from?: string | undefined
  readonly receiver: string
  readonly origin: string
  readonly destination: string
  readonly transport: string
}

/** Options of `group arrive`. */
export interface ArriveOptions extends CountOptions {
  readonly destination?: string | undefined
  readonly transport?: string | undefined
}

/** Counts who leaves, against the list of the group. */
export async function groupDepart(
  context: CommandContext,
  asked: CountArguments,
  options: DepartOptions,
): Promise<void> {
  const group = groupIdIn(asked.group)
  const { members } = await readGroup(resolve(options.list ?? `${group}.group.json`), group)
  const counted = new Map(members.map((one) => [one.referral, one] as const))
  const heads = await headsOf(context, asked.file, counted)
  await counting(context, options, async (seat) => {
    const { custody, statistics } = countedHeads(heads)
    const { destination, from = seat.agency, origin, receiver: to, transport } = options
    const groups = {
      routing: { manifest: group, act: 'release', occurredAt: seat.at, from, to },
      custody: { ...custody, origin, destination },
      travel: { transport },
      statistics,
    }
    const draft = draftOf(seat.peer, groups, options)
    return Promise.resolve({ draft, comparison: againstPlan([...counted.keys()], draft) })
  })
}

/** Counts who arrives, against the manifest that the other agency signed. */
export async function groupArrive(
  context: CommandContext,
  asked: CountArguments,
  options: ArriveOptions,
): Promise<void> {
  const group = groupIdIn(asked.group)
  const heads = await headsOf(context, asked.file, new Map())
  await counting(context, options, async (seat) => {
    const release = await releaseOf(seat, group)
    const { custody, statistics } = countedHeads(heads)
    const { destination, origin } = release.custody
    const transport = options.transport ?? release.travel?.transport
    if (transport === undefined) throw new AmanaError('CLI_OPTION', { option: '--transport' })
    const groups = {
      routing: { ...release.routing, act: 'receipt', occurredAt: seat.at },
      custody: { ...custody, origin, destination: options.destination ?? destination },
      travel: { transport },
      statistics,
    }
    const draft = draftOf(seat.peer, groups, options)
    const receipt = ManifestSchema.parse(draft.groups)
    return { draft, comparison: compareManifests(wholeOf(release, receipt), receipt) }
  })
}

interface Seat {
  readonly services: NodeServices
  readonly officer: UnlockedOfficer
  readonly agency: string
  readonly peer: string
  /** An instant. */
  readonly at: string
}

interface Count {
  readonly draft: Draft
  readonly comparison: ManifestComparison
}

/** Signs and queues what `count` makes, and shows every difference. */
async function counting(
  context: CommandContext,
  { at, dryRun: dry, officer: id }: CountOptions,
  count: (seat: Seat) => Promise<Count>,
): Promise<void> {
  const folder = await requireFolder(context)
  const officer = await unlockOfficer(folder, id, await context.passphrases(`officer-${id}`))
  const dryRun = dry === true
  const { comparison, digest, draft } = await withServices(context, async (services) => {
    const { agency, peers } = await services.status({})
    const peer = peers.find(({ state }) => state === 'in-force')?.agency
    if (peer === undefined) throw new AmanaError('TRUST_NO_CHARTER', {})
    const { now } = await services.context({ agency: peer })
    const instant = at === undefined ? messageInstant(now) : instantIn(at, '--at')
    const made = await count({ services, officer, agency, peer, at: instant })
    const sent = await sendDraft(services, made.draft, { author: officer, approvers: [], dryRun })
    return { ...made, digest: sent.digest }
  })
  const { headcount } = ManifestSchema.parse(draft.groups).statistics
  printAnswer(context.io, 'amana.cli.group-count/1', {
    json: { digest, queued: !dryRun, headcount, ...comparison },
    lines: [
      ...comparisonLines(context.io, comparison),
      context.io.say('custody:group.headcount', { count: headcount }),
      context.io.say(dryRun ? 'custody:dryRun' : 'custody:group.counted', { digest }),
    ],
  })
}

/** @throws HANDOVER_LINES when one of them cannot be read: nobody is left out of a count that is signed */
async function headsOf(
  { io }: CommandContext,
  file: string,
  counted: Counted,
): Promise<readonly Head[]> {
  const { bad, heads } = headsIn((await readList(file)).rows, counted)
  if (bad.length === 0) return heads
  for (const one of bad) io.talk(badLineText(io, one))
  throw new AmanaError('HANDOVER_LINES', { lines: bad.map(({ line }) => line) })
}

function draftOf(
  peer: string,
  groups: object,
  { exercise, tlp }: Pick<CountOptions, 'exercise' | 'tlp'>,
): Draft {
  const caveats = ['dist:bilateral', ...(exercise === true ? ['test:data'] : [])]
  return parseDraft({ kind: MANIFEST, to: { agency: peer }, handling: { caveats, tlp }, groups })
}

/** Who is there beside who was to come, as if the list had been signed. */
function againstPlan(planned: readonly string[], { groups }: Draft): ManifestComparison {
  const here = ManifestSchema.parse(groups)
  const members = planned.map((referral) => ({ referral }))
  const plan = {
    ...here,
    custody: { ...here.custody, members, discrepancies: [] },
    statistics: { ...here.statistics, headcount: members.length },
  }
  return compareManifests(plan, { ...here, routing: { ...here.routing, act: 'receipt' } })
}

/** What a custodian reads of a manifest: who is on it, not how many of which age. */
const ReadManifestSchema = ManifestSchema.partial({ statistics: true, travel: true })
type ReadManifest = z.output<typeof ReadManifestSchema>

/** The head count that this officer does not read is taken to be that of the list. */
function wholeOf({ statistics, ...release }: ReadManifest, { travel }: Manifest): Manifest {
  const headcount = release.custody.members.length
  return {
    ...release,
    travel: release.travel ?? travel,
    statistics: statistics ?? { headcount, counts: [], medicalAlerts: 0 },
  }
}

/**
 * The newest manifest by which the other agency let the group go; each that is opened is recorded.
 *
 * @throws HANDOVER_GROUP when none is here that this officer reads
 */
async function releaseOf({ officer, peer, services }: Seat, group: string): Promise<ReadManifest> {
  const list = { act: 'list', method: 'messages', input: { limit: MOST_MANIFESTS } } as const
  const listed = await services.messages(await askAs(services, officer, list))
  const candidates = listed.filter(({ from, kind }) => kind === MANIFEST && from === peer)
  for (const { digest } of candidates) {
    const input = { digest, purpose: 'protection' as const }
    const call = { act: 'open', method: 'message', input } as const
    const view = await readBy(await services.message(await askAs(services, officer, call)), officer)
    const parsed = ReadManifestSchema.safeParse(view.groups)
    const { act, manifest } = parsed.data?.routing ?? {}
    if (parsed.success && act === 'release' && manifest === group) return parsed.data
  }
  throw new AmanaError('HANDOVER_GROUP', { group })
}

function comparisonLines({ say }: Io, { findings, lines }: ManifestComparison): readonly string[] {
  const differing = lines.filter(({ status }) => status !== 'arrived')
  return [
    ...differing.map(({ referral, status }) => `${referral}  ${say(`custody:status.${status}`)}`),
    ...findings.map(({ finding, referral = '' }) =>
      `! ${say(`custody:finding.${finding}`, { referral })}`.trimEnd(),
    ),
  ]
}
