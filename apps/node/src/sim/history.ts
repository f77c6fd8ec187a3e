/**
 * One history: machines that hand in, exchange and witness while chance breaks what it can, then time in which nothing
 * breaks. It is a pure function of its seed.
 *
 * @module
 * @spec docs/spec/12-simulation.md#faults
 */
import { type NodeParts } from '../node-parts.ts'
import { PeerDesk } from '../peer-desk.ts'
import { type NodeClock, type Store } from '../ports.ts'
import { Chance } from './chance.ts'
import { agreed, type Dimension, drawDimensions } from './dimensions.ts'
import { type FaultGround, type Faults, planFaults } from './faults.ts'
import { judge } from './oracle.ts'
import { isSettled } from './settled.ts'
import { makePair, SIM_AGENCIES, type SimAgency, STRANGER } from './sim-agencies.ts'
import { SimBlobs } from './sim-blobs.ts'
import { SimDisk } from './sim-disk.ts'
import { SimMailbox } from './sim-mailbox.ts'
import { type FrameSeen, SimNetwork } from './sim-network.ts'
import { type Ground, type SimEvent, SimNode } from './sim-node.ts'
import { type QuickCrypto, type SimSignatures } from './quick-crypto.ts'
import { inviteStranger } from './stranger.ts'
import { type SimClock, VirtualTime } from './virtual-time.ts'

/** How many machines a history has: a pair, or two pairs and one that no roster lists. */
export type NodeCount = 2 | 5

/** A fault of the program, planted to see whether it is found. */
export interface Planted {
  /** The disk says that something is written before it is. */
  readonly lyingDisk?: boolean
  /** A sealed file has its name before its bytes are on the disk. */
  readonly lyingBlobs?: boolean
  readonly deskOf?: (parts: NodeParts) => PeerDesk
  /** Stands between a machine and its disk while it is on. */
  readonly storeOf?: (store: Store) => Store
  readonly clockOf?: (clock: SimClock) => NodeClock
}

/** Which history. */
export interface HistoryOptions {
  readonly crypto: QuickCrypto
  readonly seed: number
  readonly nodes: NodeCount
  readonly planted?: Planted
  /** Drawn from the seed where nothing is said. */
  readonly dimensions?: readonly Dimension[]
}

/** Something that happened, and when. */
export interface TimedEvent {
  readonly atMs: number
  readonly agency: string
  readonly event: SimEvent
}

/** What came of it. */
export interface History {
  readonly seed: number
  readonly nodes: NodeCount
  readonly agencies: readonly { readonly id: string; readonly peerId: string }[]
  readonly dimensions: readonly Dimension[]
  /** What was broken, by kind. */
  readonly faults: Readonly<Record<string, number>>
  readonly events: readonly TimedEvent[]
  readonly frames: readonly FrameSeen[]
  /** Milliseconds of the history's own time. */
  readonly tookMs: number
  /** What must not be: none where all is well. */
  readonly problems: readonly string[]
}

/** So long after the last fault everything has to be where it belongs. */
export const SETTLES_WITHIN_MS = 15 * 60_000

const made = new Map<string, Promise<readonly SimAgency[]>>()

/** The machines' agencies, made once a process. */
async function agenciesOf(
  nodes: NodeCount,
  signatures: SimSignatures,
): Promise<readonly SimAgency[]> {
  const [first, second, third, fourth] = SIM_AGENCIES
  const one = await madeOnce([first, second], signatures)
  return nodes === 2 ? one : [...one, ...(await madeOnce([third, fourth], signatures))]
}

function madeOnce(
  names: readonly [string, string],
  signatures: SimSignatures,
): Promise<readonly SimAgency[]> {
  const name = [...names, signatures].join(' ')
  const pair = made.get(name) ?? makePair(...names)
  made.set(name, pair)
  return pair
}

/** Runs one. */
export async function runHistory(options: HistoryOptions): Promise<History> {
  const agencies = await agenciesOf(options.nodes, options.crypto.signatures)
  return play(agencies, options)
}

async function play(
  agencies: readonly SimAgency[],
  { crypto, dimensions: asked, nodes, planted = {}, seed }: HistoryOptions,
): Promise<History> {
  const label = `${String(nodes)} ${String(seed)}`
  const drawn = drawDimensions(new Chance(`dimensions ${label}`))
  const dimensions = asked === undefined ? drawn : agreed(asked)
  const stage = stageOf(agencies, { dimensions, label, planted })
  const { events, machines, network, time } = stage
  const known = agencies.map(({ id, peerId }) => ({ id, peerId }))
  if (nodes === 5) known.push({ id: STRANGER, peerId: STRANGER })
  const { counts, problems } = await crypto.during(time, () => perform(stage, nodes))
  return {
    seed,
    nodes,
    agencies: known,
    dimensions: [...dimensions],
    faults: counts,
    events,
    // a mailbox has no column
    frames: network.frames.filter(({ from, to }) =>
      [from, to].every((one) => known.some(({ peerId }) => peerId === one)),
    ),
    tookMs: time.nowMs(),
    problems: [...problems, ...(await judge(machines, network, seed % AUDITED === 0))],
  }
}

interface Stage extends FaultGround {
  readonly events: readonly TimedEvent[]
}

/** Everything that a history is played with. */
function stageOf(
  agencies: readonly SimAgency[],
  {
    dimensions,
    label,
    planted,
  }: { dimensions: ReadonlySet<Dimension>; label: string; planted: Planted },
): Stage {
  const chanceOf = (what: string): Chance => new Chance(`${what} ${label}`)
  const time = new VirtualTime()
  const network = new SimNetwork(time, chanceOf('network'))
  const events: TimedEvent[] = []
  const tell: Ground['tell'] = (agency, event) => {
    events.push({ atMs: time.nowMs(), agency, event })
  }
  const hasMailbox = dimensions.has('mailbox')
  const machines = agencies.map((agency) => {
    const chance = chanceOf(`machine ${agency.id}`)
    return machineOf(agency, { time, network, chance, tell, hasMailbox }, planted)
  })
  const mailbox = hasMailbox ? new SimMailbox(chanceOf('mailbox')) : undefined
  mailbox?.listen(network, new Map(agencies.map(({ id, peerId }) => [peerId, id])))
  return { chance: chanceOf('faults'), dimensions, events, machines, mailbox, network, time }
}

/** Lets it happen. */
async function perform(
  stage: Stage,
  nodes: NodeCount,
): Promise<Pick<Faults, 'counts'> & Pick<History, 'problems'>> {
  const { machines, network, time } = stage
  const stranger = nodes === 5 ? inviteStranger(time, network, machines) : undefined
  const faults = planFaults(stage)
  for (const machine of machines) machine.switchOn()
  const limitMs = faults.overMs + SETTLES_WITHIN_MS
  const hasSettled = await time.run(limitMs, watching(time, faults, machines))
  const late = hasSettled ? [] : ['not settled within 15 minutes after the last fault']
  return { counts: faults.counts, problems: [...late, ...(stranger?.problems ?? [])] }
}

/** The auditor looks at one history of so many. */
const AUDITED = 10

function machineOf(
  agency: SimAgency,
  ground: Omit<Ground, 'clockOf' | 'deskOf' | 'storeOf'>,
  { clockOf, deskOf, lyingBlobs, lyingDisk, storeOf }: Planted,
): SimNode {
  const { chance, time } = ground
  const disk = new SimDisk({ time, chance, lies: lyingDisk === true }, agency.disk)
  const blobs = new SimBlobs({ time, chance, lies: lyingBlobs === true }, agency.blobs)
  return new SimNode(
    agency,
    { blobs, disk },
    {
      ...ground,
      deskOf: deskOf ?? ((parts) => new PeerDesk(parts)),
      storeOf: storeOf ?? ((store) => store),
      clockOf: clockOf ?? ((clock) => clock),
    },
  )
}

const LOOK_MS = 1000
/** What is being written when everything seems settled is written then. */
const LOOK_AGAIN_MS = 200

/** Looks once a second, when nothing breaks any more, and once more. */
function watching(
  time: VirtualTime,
  { overMs }: Faults,
  machines: readonly SimNode[],
): () => Promise<boolean> {
  let lookMs = overMs
  let wasSettled = false
  return async () => {
    if (time.nowMs() < lookMs) return false
    const isNow = await isSettled(machines)
    if (isNow && wasSettled) return true
    wasSettled = isNow
    lookMs = time.nowMs() + (isNow ? LOOK_AGAIN_MS : LOOK_MS)
    return false
  }
}
