/**
 * The three chapters of the demonstration.
 *
 * @module
 * @spec docs/spec/08-exchange.md#demonstration
 */
import { AmanaError, type Deadline, type Referral } from '@amana/core'
import { type Report } from '@amana/verify'
import { type UnlockedOfficer } from '../agency/signing.ts'
import { type Program } from '../cli/options.ts'
import {
  AGENCIES,
  type DemoAgencies,
  type DemoAgency,
  makeDemoAgency,
  meet,
} from './demo-agencies.ts'
import { type DemoFolder } from './demo-folder.ts'
import { type DemoLine, DemoNodes, openDemoLine } from './demo-nodes.ts'
import { exportEvidence, verifyEvidence } from './evidence.ts'
import { type Outcome, Stage } from './stage.ts'
import { type Scene, type Side, SIDES, type Story } from './story.ts'
import { type Teller } from './teller.ts'

/** What a demonstration is played with. */
export interface Play {
  readonly story: Story
  readonly folder: DemoFolder
  readonly teller: Teller
  readonly program: Program
}

/** What became of it. */
export interface Played {
  readonly reference: string
  /** In which state how many people are. */
  readonly states: Readonly<Record<string, number>>
  readonly statements: number
  readonly verdict: Report['verdict']
}

/**
 * Plays a case to its end.
 *
 * @throws CLI_INTERRUPTED, CLI_CHILD, NET_TIMEOUT, CLI_UNEXPECTED when the nodes do not do what the case says
 */
export async function playDemo(play: Play): Promise<Played> {
  const { folder, program, story, teller } = play
  await using ending = new AsyncDisposableStack()
  teller.title(story.case)
  const line = await openDemoLine()
  ending.use(line.relay)
  const agencies = await theyMeet(play, line)
  const nodes = ending.use(await DemoNodes.start(folder, program, line.relay))
  teller.line('demo:meet.running')
  const stage = new Stage({ story, agencies, nodes })
  return await nodes.whileBothRun(async () => {
    await sheIsBroughtHome(play, nodes, stage)
    const states = await outcome(play, nodes, stage)
    const by = redactor(play, agencies)
    const report = await anyoneCanCheck(play, { by, nodes, stage })
    const { reference } = story
    return { reference, states, statements: stage.told, verdict: report.verdict }
  })
}

async function theyMeet({ folder, story, teller }: Play, line: DemoLine): Promise<DemoAgencies> {
  teller.chapter('demo:meet.title')
  const make = async (side: Side): Promise<DemoAgency> => {
    const agency = await makeDemoAgency(folder, story, { side, ...line.addresses(side) })
    const { name, city } = AGENCIES[side]
    teller.line('demo:meet.agency', { name, city, officers: agency.officers.size })
    return agency
  }
  const [niamey, abuja] = await Promise.all([make('niamey'), make('abuja')])
  const agencies = { niamey, abuja }
  const { safetyNumber } = await meet(folder, story, agencies)
  teller.line('demo:meet.number')
  teller.digits(safetyNumber)
  teller.line('demo:meet.wrongDigit')
  teller.line('demo:meet.charter')
  return agencies
}

async function sheIsBroughtHome(
  { story, teller }: Play,
  nodes: DemoNodes,
  stage: Stage,
): Promise<void> {
  teller.chapter(`demo:case.${story.case}.title`)
  teller.line('demo:home.reference', { reference: story.reference })
  for (const scene of story.scenes) await playScene({ teller, nodes, stage }, scene)
  await nodes.settled()
}

type Playing = Pick<Play, 'teller'> & {
  readonly nodes: DemoNodes
  readonly stage: Stage
}

async function playScene({ teller, nodes, stage }: Playing, scene: Scene): Promise<void> {
  const isDown = scene.line === 'down'
  if (isDown) {
    await nodes.settled()
    await nodes.cutAndKill()
    teller.below('demo:home.down')
  }
  const told: Outcome[] = []
  for (const step of scene.steps) {
    teller.pause()
    told.push(await stage.tell(step))
  }
  teller.scene(
    scene,
    teller.words(scene.key, (name) => `demo:case.${scene.of}.${name}`),
  )
  for (const what of told.filter((each) => each !== undefined)) {
    if ('refusal' in what) teller.refusal(scene.of, what.refusal)
    else teller.counted(what.counted)
  }
  if (isDown) await comeBack(nodes, teller)
}

/** What waited goes over once, and what was over there is still there. */
async function comeBack(nodes: DemoNodes, teller: Teller): Promise<void> {
  const waiting = await queuedAt(nodes)
  await nodes.restore()
  await nodes.settled()
  const messages = await nodes.services('abuja').messages({ limit: 10_000 })
  if (new Set(messages.map(({ digest }) => digest)).size !== messages.length) {
    throw unexpected('delivered twice')
  }
  teller.below('demo:home.back', { waiting, total: messages.length })
}

async function queuedAt(nodes: DemoNodes): Promise<number> {
  const { peers } = await nodes.services('niamey').status({})
  return peers.reduce((sum, { queued }) => sum + queued, 0)
}

/** Both nodes must have computed the same life of each referral. */
async function outcome(
  { teller }: Play,
  nodes: DemoNodes,
  { people }: Stage,
): Promise<Played['states']> {
  const states = new Map<string, number>()
  const followUps: Deadline[] = []
  for (const { reference } of people) {
    const referral = await sameOnBoth(nodes, reference)
    states.set(referral.state, (states.get(referral.state) ?? 0) + 1)
    if (followUps.length === 0) followUps.push(...referral.followUps)
    for (const { leg } of referral.custody.filter(({ disputed }) => disputed)) {
      teller.below('demo:home.disputed', { leg })
    }
  }
  if (followUps.length > 0) {
    const overdue = followUps.filter(({ status }) => status === 'overdue').length
    const days = teller.days(followUps.map(({ dueAt }) => dueAt))
    teller.below('demo:home.followUps', { overdue, count: followUps.length, days })
  }
  return Object.fromEntries(states)
}

async function sameOnBoth(nodes: DemoNodes, reference: string): Promise<Referral> {
  const asked = { reference, purpose: 'protection' } as const
  const [niamey, abuja] = await Promise.all(
    SIDES.map((side) => nodes.services(side).referral(asked)),
  )
  if (niamey === undefined || niamey.state !== abuja?.state) throw unexpected('state')
  return niamey
}

async function anyoneCanCheck(
  { folder, story, teller }: Play,
  { by, nodes, stage }: { by: UnlockedOfficer; nodes: DemoNodes; stage: Stage },
): Promise<Report> {
  teller.chapter('demo:check.title')
  const digest = stage.digestOf(story.redacted)
  await exportEvidence(folder, nodes, { by, digest, disclose: story.disclose })
  const report = await verifyEvidence(folder, teller.language)
  const { logs, totals } = report
  const [niamey, abuja] = logs.map(({ size }) => size)
  teller.line('demo:check.exported', { niamey: niamey ?? 0, abuja: abuja ?? 0 })
  teller.line('demo:check.matched', { matched: totals.matched, statements: stage.told })
  teller.line(`demo:check.${report.verdict}`)
  return report
}

/** Who signed the step that is shown to the auditor reads it, whatever her role. */
function redactor({ story }: Play, { abuja }: DemoAgencies): UnlockedOfficer {
  const steps = story.scenes.flatMap((scene) => scene.steps)
  const step = steps.find((one) => 'id' in one && one.id === story.redacted)
  const officer = abuja.officers.get(step?.author ?? '')
  if (officer === undefined) throw unexpected(story.redacted)
  return officer
}

function unexpected(what: string): AmanaError {
  return new AmanaError('CLI_UNEXPECTED', { what })
}
