/**
 * What officers do and what breaks in a history, drawn beforehand: hands in, takes back, signs rosters; power, lines,
 * clocks and disks. At `overMs` all of it is well again.
 *
 * @module
 * @spec docs/spec/12-simulation.md#faults
 */
import { type Chance } from './chance.ts'
import { type Dimension } from './dimensions.ts'
import { PLAIN_STATEMENTS } from './sim-agencies.ts'
import { type SimMailbox } from './sim-mailbox.ts'
import { type Pace, type SimNetwork } from './sim-network.ts'
import { type SimNode } from './sim-node.ts'
import { type Break } from './sim-stream.ts'
import { planSticks } from './sticks.ts'
import { type VirtualTime } from './virtual-time.ts'

/** What faults are planned on. */
export interface FaultGround {
  readonly chance: Chance
  readonly dimensions: ReadonlySet<Dimension>
  readonly mailbox: SimMailbox | undefined
  readonly machines: readonly SimNode[]
  readonly network: SimNetwork
  readonly time: VirtualTime
}

/** The plan, and what became of it. */
export interface Faults {
  /** Milliseconds from the beginning at which nothing breaks any more. */
  readonly overMs: number
  /** How often each kind happened. */
  readonly counts: Readonly<Record<string, number>>
}

const BREAKS: readonly Break[] = ['end', 'reset', 'silence']
/** For how long something may break. */
const SHORTEST_MS = 2_000
const LONGEST_MS = 20_000
const MOST_FAULTS = 4
/** How often the power goes right after something was written, before anybody hears of it. */
const AFTER_WRITE = 0.01
/** Two clocks that are off by this are still of honest machines: they differ by less than the charter's 300 s. */
const MOST_SKEW_SECONDS = 140
const MOST_STEPS = 8
const USUAL: Pace = { leastMs: 5, mostMs: 120, loss: 0 }
const SLOW: Pace = { leastMs: 300, mostMs: 2500, loss: 0.05 }

type Kind = 'clock' | 'cut' | 'full disk' | 'part' | 'power' | 'power after write' | 'slow'

/** Draws and schedules all of it. */
export function planFaults(ground: FaultGround): Faults {
  const { chance, machines, time } = ground
  const counts: Record<string, number> = {}
  const count = (kind: Kind): void => {
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  const overMs = chance.between(SHORTEST_MS, LONGEST_MS)
  for (const machine of machines) planWork(machine, overMs, ground)
  planDimensions(ground, overMs)
  for (let left = chance.below(MOST_FAULTS + 1); left > 0; left -= 1) {
    const kind = drawKind(chance)
    time.after(chance.below(overMs), () => {
      if (happens(kind, overMs, ground)) count(kind)
    })
  }
  for (const machine of machines) {
    machine.disk.onDurable = () => {
      if (time.nowMs() >= overMs || !machine.isOn || !chance.happens(AFTER_WRITE)) return
      powerGoes(machine, ground, overMs)
      count('power after write')
    }
  }
  time.after(overMs, () => {
    heal(ground)
  })
  return { overMs, counts }
}

/** What officers of an agency do. */
function planWork(machine: SimNode, overMs: number, ground: FaultGround): void {
  const { chance, dimensions, time } = ground
  const together = chance.happens(0.3) ? chance.below(overMs) : undefined
  for (const number of drawNumbers(machine, ground)) {
    const atMs = together ?? chance.below(overMs)
    time.after(atMs, () => {
      machine.submit(number)
    })
    if (chance.happens(dimensions.has('voids') ? 0.6 : 0.1)) {
      time.after(atMs + chance.below(dimensions.has('voids') ? 2_000 : 10_000), () => {
        machine.withdraw(number)
      })
    }
  }
  const { rosters } = machine.agency
  const share = dimensions.has('rotation') ? 0.8 : 0.1
  for (let index = 0; index < rosters.length && chance.happens(share); index += 1) {
    time.after((overMs * (index + chance.below(100) / 100)) / rosters.length, () => {
      machine.adopt(index)
    })
  }
}

/** Which statements, one to three in most histories. */
function drawNumbers(machine: SimNode, { chance, dimensions }: FaultGround): readonly number[] {
  const { statements } = machine.agency
  const isCrowd = dimensions.has('urgency') || chance.happens(0.1)
  const most = chance.between(1, isCrowd ? PLAIN_STATEMENTS : 3)
  const plain = Array.from({ length: most }, (_, number) => number)
  if (!dimensions.has('attachments')) return plain
  const files = chance.between(1, statements.length - PLAIN_STATEMENTS)
  return [...plain, ...Array.from({ length: files }, (_, index) => PLAIN_STATEMENTS + index)]
}

/** What a history has beside messages over a line. */
function planDimensions(ground: FaultGround, overMs: number): void {
  const { chance, dimensions, machines, network, time } = ground
  const areApart = dimensions.has('apart')
  if (areApart) network.partForGood(pairsOf(machines))
  if (dimensions.has('sticks')) planSticks(ground, overMs, areApart)
  // without a line there is time for a queue, and for carriers
  if (dimensions.has('urgency') || dimensions.has('sticks') || dimensions.has('mailbox')) {
    network.part(pairsOf(machines))
    time.after(chance.below(overMs), () => {
      network.part([])
    })
  }
  for (let left = dimensions.has('clocks') ? MOST_STEPS : 0; left > 0; left -= 1) {
    time.after(chance.below(overMs), () => {
      chance.pick(machines).putClock(chance.between(-MOST_SKEW_SECONDS, MOST_SKEW_SECONDS))
    })
  }
}

/** Each machine and its peer. */
function pairsOf(machines: readonly SimNode[]): readonly (readonly [string, string])[] {
  return machines.flatMap(({ agency }) =>
    machines
      .filter((other) => other.agency.id === agency.peer)
      .map((other) => [agency.peerId, other.agency.peerId] as const),
  )
}

const SHARES: readonly (readonly [Kind, number])[] = [
  ['power', 38],
  ['cut', 24],
  ['part', 12],
  ['slow', 10],
  ['clock', 8],
  ['full disk', 8],
]

function drawKind(chance: Chance): Kind {
  let at = chance.below(100)
  for (const [kind, share] of SHARES) {
    if (at < share) return kind
    at -= share
  }
  return 'power'
}

/** Breaks one thing; whether it could. */
function happens(kind: Kind, overMs: number, ground: FaultGround): boolean {
  const { chance, machines, network, time } = ground
  const machine = chance.pick(machines)
  const restMs = overMs - time.nowMs()
  if (kind === 'power') return machine.isOn && powerGoes(machine, ground, overMs)
  if (kind === 'cut') return network.breakOff(chance.pick(BREAKS)) > 0
  if (kind === 'part') {
    network.part(pairsAcross(machines, chance))
    time.after(chance.below(Math.min(restMs, 70_000)), () => {
      network.part([])
    })
  } else if (kind === 'slow') {
    network.pace = SLOW
    time.after(chance.below(Math.min(restMs, 30_000)), () => {
      network.pace = USUAL
    })
  } else if (kind === 'clock') {
    machine.putClock(chance.between(-MOST_SKEW_SECONDS, MOST_SKEW_SECONDS))
  } else machine.disk.refusals = 1
  return true
}

/** Off, and on again before everything is well. */
function powerGoes(machine: SimNode, { chance, time }: FaultGround, overMs: number): true {
  machine.switchOff(chance.pick(BREAKS))
  const backMs = chance.between(50, Math.max(50, Math.min(20_000, overMs - time.nowMs())))
  time.after(backMs, () => {
    machine.switchOn()
  })
  return true
}

/** Every machine on one side against every one on the other. */
function pairsAcross(
  machines: readonly SimNode[],
  chance: Chance,
): readonly (readonly [string, string])[] {
  const ids = machines.map(({ agency }) => agency.peerId)
  const side = ids.map((_, index) => (index === 0 ? true : chance.happens(0.5)))
  const near = ids.filter((_, index) => side[index] === true)
  const far = ids.filter((_, index) => side[index] !== true)
  const others = far.length === 0 ? near.splice(1) : far
  return near.flatMap((one) => others.map((other) => [one, other] as const))
}

function heal({ machines, mailbox, network }: FaultGround): void {
  if (mailbox !== undefined) mailbox.isHonest = true
  network.part([])
  network.pace = USUAL
  for (const machine of machines) {
    machine.disk.refusals = 0
    machine.putClock(0)
    machine.switchOn()
  }
}
