/**
 * Sticks that people carry between machines: with some of the files missing, some from before, some damaged, in any order;
 * whole ones where nothing else joins the agencies and everything else is well.
 *
 * @module
 * @spec docs/spec/12-simulation.md#carriers
 */
import { type Chance } from './chance.ts'
import { type SimNode } from './sim-node.ts'
import { type VirtualTime } from './virtual-time.ts'

const MOST_STICKS = 6
const LONGEST_WAY_MS = 5_000
/** Files that are still in a drawer. */
const MOST_OLD = 20
const ARRIVES = 0.7
const COMES_AGAIN = 0.2
const IS_DAMAGED = 0.05
/** Where no line joins them, a stick goes each way so often. */
const EVERY_MS = 30_000
const LIFE = { isOn: true }

type Files = readonly Uint8Array[]

/** What sticks are planned on. */
export interface StickGround {
  readonly chance: Chance
  readonly machines: readonly SimNode[]
  readonly time: VirtualTime
}

/** Some while things break; where the machines are apart for good, whole ones after that. */
export function planSticks(ground: StickGround, overMs: number, areApart: boolean): void {
  const { chance, machines, time } = ground
  const drawer: Uint8Array[] = []
  for (let left = chance.between(2, MOST_STICKS); left > 0; left -= 1) {
    const machine = chance.pick(machines)
    time.after(chance.below(overMs), () => {
      void carry(ground, machine, (files) => jumbled(files, drawer, chance))
    })
  }
  if (!areApart) return
  const goRound = (): void => {
    for (const machine of machines) void carry(ground, machine, (files) => files)
    time.after(EVERY_MS, goRound)
  }
  time.after(overMs, goRound)
}

/** One stick to the peer of a machine, as `change` leaves it. */
async function carry(
  { chance, machines, time }: StickGround,
  machine: SimNode,
  change: (files: Files) => Files,
): Promise<void> {
  const files = change(await machine.writeStick())
  await time.pass(chance.below(LONGEST_WAY_MS), LIFE)
  await machines.find(({ agency }) => agency.id === machine.agency.peer)?.readStick(files)
}

/** What is left of it on the way, with files from before. */
function jumbled(files: Files, drawer: Uint8Array[], chance: Chance): Files {
  const some = [
    ...files.filter(() => chance.happens(ARRIVES)),
    ...drawer.filter(() => chance.happens(COMES_AGAIN)),
  ]
  drawer.push(...files)
  drawer.splice(0, drawer.length - MOST_OLD)
  return inAnyOrder(some, chance).map((file) => (chance.happens(IS_DAMAGED) ? spoilt(file) : file))
}

function inAnyOrder(files: Files, chance: Chance): Files {
  const drawn = files.map((file) => ({ file, at: chance.below(1_000_000) }))
  return drawn.toSorted((one, other) => one.at - other.at).map(({ file }) => file)
}

function spoilt(file: Uint8Array): Uint8Array {
  return file.subarray(0, file.byteLength >> 1)
}
