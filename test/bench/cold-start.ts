/**
 * From the start of a process to the line that says that the node listens, against a program that does nothing, turn and turn about. The
 * derivation of the key from the passphrase is measured beside it: it is slow on purpose.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { NodeSecretsSchema } from '../../apps/node/src/vault/agency-secrets.ts'
import { keystorePath, readKeystore } from '../../apps/node/src/vault/keystore-file.ts'
import { NODE_ARGUMENTS } from './child.ts'
import { type Figure, type Section } from './figures.ts'
import { type Spread, spreadOf } from './statistics.ts'
import { PASSPHRASE, type TwoAgencies } from './two-agencies.ts'

const MAIN = fileURLToPath(new URL('../../apps/node/src/main.ts', import.meta.url))
/** Linux counts processor time of a process in hundredths of a second. */
const TICK_MS = 10
/** Places of user and system time behind the name of the program in the process's line. */
const USER_AT = 11
const SYSTEM_AT = 12

/** Says how much processor time it took, and does nothing else. */
const EMPTY =
  'const { user, system } = process.cpuUsage(); process.stdout.write(`${user + system}\\n`)'
const MICROS_PER_MS = 1000

interface Start {
  readonly elapsedMs: number
  /** Absent where the system does not say. */
  readonly cpuMs?: number
}

interface Round {
  readonly empty: Start
  readonly node: Start
  readonly derivation: Start
}

/** Starts the sender's node, which dials nobody in time, again and again. */
export async function measureColdStart(agencies: TwoAgencies, rounds: number): Promise<Section> {
  const measured: Round[] = []
  while (measured.length < rounds) {
    measured.push({
      empty: await startEmpty(),
      node: await startNode(agencies),
      derivation: await deriveKey(agencies),
    })
  }
  return {
    title: 'Cold start of a node, from the sources',
    figures: figuresOf(measured),
    notes: ['The derivation is Argon2id with 64 MiB and three passes; nothing of it can be saved.'],
  }
}

async function startEmpty(): Promise<Start> {
  const since = performance.now()
  const child = spawn(process.execPath, ['-e', EMPTY], { stdio: ['ignore', 'pipe', 'ignore'] })
  const exit = once(child, 'exit')
  const micros = Number(await firstLine(child))
  await exit
  return { elapsedMs: performance.now() - since, cpuMs: micros / MICROS_PER_MS }
}

async function startNode({ passphrases, sender }: TwoAgencies): Promise<Start> {
  const words = ['node', 'run', '--json', '--dir', sender.folder, '--passphrases', passphrases]
  const since = performance.now()
  const child = spawn(process.execPath, [...NODE_ARGUMENTS, MAIN, ...words], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const exit = once(child, 'exit')
  await Promise.race([firstLine(child), failed(exit)])
  const elapsedMs = performance.now() - since
  const cpuMs = await cpuOf(child)
  child.kill('SIGTERM')
  await exit
  return { elapsedMs, ...cpuMs }
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('no output')
  const lines: readonly unknown[] = await once(createInterface({ input: stdout }), 'line')
  return String(lines[0])
}

async function failed(exit: Promise<unknown[]>): Promise<never> {
  const [status] = await exit
  throw new Error(`the node ended with ${String(status)}`)
}

async function deriveKey({ sender }: TwoAgencies): Promise<Start> {
  const since = performance.now()
  const cpu = process.cpuUsage()
  await readKeystore(keystorePath(sender.folder, 'node'), PASSPHRASE, NodeSecretsSchema)
  const { user, system } = process.cpuUsage(cpu)
  return { elapsedMs: performance.now() - since, cpuMs: (user + system) / MICROS_PER_MS }
}

/** Processor time of a process until now, where the system has a folder of processes. */
async function cpuOf({ pid }: ChildProcess): Promise<Pick<Start, 'cpuMs'>> {
  try {
    const line = await readFile(`/proc/${String(pid)}/stat`, 'utf8')
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
    return { cpuMs: (Number(fields[USER_AT]) + Number(fields[SYSTEM_AT])) * TICK_MS }
  } catch {
    return {}
  }
}

function figuresOf(rounds: readonly Round[]): readonly Figure[] {
  return [
    ...timesOf(rounds, 'on the wall', ({ elapsedMs }) => elapsedMs),
    ...timesOf(rounds, 'processor', ({ cpuMs }) => cpuMs),
  ]
}

/** None where the system does not say. */
function timesOf(
  rounds: readonly Round[],
  clock: string,
  timeOf: (start: Start) => number | undefined,
): readonly Figure[] {
  const times = rounds.flatMap(({ derivation, empty, node }) => {
    const [bare, whole, derived] = [empty, node, derivation].map(timeOf)
    if (bare === undefined || whole === undefined || derived === undefined) return []
    return [{ bare, whole, derived }]
  })
  if (times.length === 0) return []
  const spread = (value: (time: (typeof times)[number]) => number): Spread =>
    spreadOf(times.map(value))
  return [
    {
      name: `reference: a program that does nothing, ${clock}`,
      unit: 'ms',
      reference: true,
      ...spread(({ bare }) => bare),
    },
    { name: `start to listening, ${clock}`, unit: 'ms', ...spread(({ whole }) => whole) },
    {
      name: `of which derivation of the key, ${clock}`,
      unit: 'ms',
      ...spread(({ derived }) => derived),
    },
    {
      name: `start without derivation, to reference, ${clock}`,
      unit: 'times',
      ...spread(({ bare, whole, derived }) => (whole - derived) / bare),
    },
  ]
}
