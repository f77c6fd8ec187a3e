/**
 * One history: machines that hand in, exchange and witness while chance breaks what it can, then time in which nothing
 * breaks. It is a pure function of its seed.
 *
 * @module
 * @spec docs/spec/12-simulation.md#faults
 */
import { type NodeParts } from '../node-parts.ts'
import { PeerDesk } from '../peer-desk.ts'
import { type Store } from '../ports.ts'
import { Chance } from './chance.ts'
import { type Faults, planFaults } from './faults.ts'
import { judge } from './oracle.ts'
import { isSettled } from './settled.ts'
import { makePair, SIM_AGENCIES, type SimAgency, STRANGER } from './sim-agencies.ts'
import { SimDisk } from './sim-disk.ts'
import { type FrameSeen, SimNetwork } from './sim-network.ts'
import { type Ground, type SimEvent, SimNode } from './sim-node.ts'
import { type QuickCrypto, type SimSignatures } from './quick-crypto.ts'
import { inviteStranger } from './stranger.ts'
import { VirtualTime } from './virtual-time.ts'

/** How many machines a history has: a pair, or two pairs and one that no roster lists. */
export type NodeCount = 2 | 5

/** A fault of the program, planted to see whether it is found. */
export interface Planted {
  /** The disk says that something is written before it is. */
  readonly lyingDisk?: boolean
  readonly deskOf?: (parts: NodeParts) => PeerDesk
  /** Stands between a machine and its disk while it is on. */
  readonly storeOf?: (store: Store) => Store
}

/** Which history. */
export interface HistoryOptions {
  readonly crypto: QuickCrypto
  readonly seed: number
  readonly nodes: NodeCount
  readonly planted?: Planted
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
  return options.crypto.strictly(() => play(agencies, options))
}

async function play(
  agencies: readonly SimAgency[],
  { nodes, planted = {}, seed }: HistoryOptions,
): Promise<History> {
  const label = `${String(nodes)} ${String(seed)}`
  const time = new VirtualTime()
  const network = new SimNetwork(time, new Chance(`network ${label}`))
  const events: TimedEvent[] = []
  const machines = agencies.map((agency) => {
    const chance = new Chance(`machine ${label} ${agency.id}`)
    const tell: Ground['tell'] = (id, event) =>
      void events.push({ atMs: time.nowMs(), agency: id, event })
    return machineOf(agency, { time, network, chance, tell }, planted)
  })
  const stranger = nodes === 5 ? inviteStranger(time, network, machines) : undefined
  const faults = planFaults({ chance: new Chance(`faults ${label}`), machines, network, time })
  for (const machine of machines) machine.switchOn()
  const hasSettled = await time.run(
    faults.overMs + SETTLES_WITHIN_MS,
    watching(time, faults, machines),
  )
  const problems = [
    ...(hasSettled ? [] : ['not settled within 15 minutes after the last fault']),
    ...(stranger?.problems ?? []),
    ...(await judge(machines, network, seed % AUDITED === 0)),
  ]
  return {
    seed,
    nodes,
    agencies: [
      ...agencies.map(({ id, peerId }) => ({ id, peerId })),
      ...(stranger === undefined ? [] : [{ id: STRANGER, peerId: STRANGER }]),
    ],
    faults: faults.counts,
    events,
    frames: network.frames,
    tookMs: time.nowMs(),
    problems,
  }
}

/** The auditor looks at one history of so many. */
const AUDITED = 10

function machineOf(
  agency: SimAgency,
  ground: Omit<Ground, 'deskOf' | 'storeOf'>,
  { deskOf, lyingDisk, storeOf }: Planted,
): SimNode {
  const { chance, time } = ground
  const disk = new SimDisk({ time, chance, lies: lyingDisk === true }, agency.disk)
  return new SimNode(agency, disk, {
    ...ground,
    deskOf: deskOf ?? ((parts) => new PeerDesk(parts)),
    storeOf: storeOf ?? ((store) => store),
  })
}

const LOOK_MS = 1000

/** Looks once a second, when nothing breaks any more. */
function watching(
  time: VirtualTime,
  { overMs }: Faults,
  machines: readonly SimNode[],
): () => Promise<boolean> {
  let lookMs = overMs
  return async () => {
    if (time.nowMs() < lookMs) return false
    lookMs = time.nowMs() + LOOK_MS
    return isSettled(machines)
  }
}
