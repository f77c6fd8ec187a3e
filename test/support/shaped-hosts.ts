/**
 * Three hosts of one machine, each a network namespace, with a slow and lossy line between them, carried by a program that
 * is compiled when it is needed. Only Linux has them, and only who may make namespaces.
 *
 * @module
 * @spec docs/spec/12-simulation.md#three-processes
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ROOT } from './repository.ts'

const SOURCE = join(ROOT, 'test/faults/shaper.c')
/** What makes namespaces for somebody who is not root. */
const AS_ROOT = ['unshare', '-r']
const HOSTS = 3

/** What the line is like, for each host. */
export interface HostLine {
  readonly bitsPerSecond: number
  /** One way. */
  readonly delayMs: number
  readonly lostOfThousand: number
  readonly seed: number
}

/** The hosts, 10.77.0.1 to 10.77.0.3. */
export interface ShapedHosts extends AsyncDisposable {
  /** For `startAmana`: runs a program on that host. */
  shellOf(host: 1 | 2 | 3): string
  /** Resolves when so many more packets have left hosts: the moment of a fault. */
  after(packets: number): Promise<void>
  /** Nothing passes between hosts 1 and 2. */
  cut(): void
  join(): void
}

/** What is missing for it here; nothing where nothing is. */
export function whyNoHosts(): string | undefined {
  if (process.platform !== 'linux') return 'no Linux'
  if (!works(['gcc', '--version'])) return 'gcc is missing'
  if (!works(['nsenter', '--version'])) return 'nsenter is missing'
  if (works([...asRoot(), 'unshare', '-n', 'test', '-w', '/dev/net/tun'])) return undefined
  return 'neither root nor user namespaces, or no /dev/net/tun'
}

function works([program = '', ...words]: readonly string[]): boolean {
  return spawnSync(program, words, { stdio: 'ignore' }).status === 0
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

function asRoot(): readonly string[] {
  return isRoot() ? [] : AS_ROOT
}

/** Compiles the line into a folder and opens it. */
export async function openHosts(folder: string, line: HostLine): Promise<ShapedHosts> {
  const program = join(folder, 'shaper')
  const built = spawnSync('gcc', ['-std=c17', '-O2', '-o', program, SOURCE], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(built.stderr)
  const shape = [line.bitsPerSecond, line.delayMs, line.lostOfThousand, line.seed].map(String)
  const [first = '', ...rest] = [...asRoot(), program, ...shape]
  const child = spawn(first, rest, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<string> => {
    const said = await lines.next()
    if (said.done === true) throw new Error('the line is over')
    return said.value
  }
  const holders: string[] = []
  while (holders.length < HOSTS) holders.push((await next()).split(' ')[2] ?? '')
  const way = isRoot() ? '-n' : '-U -n --preserve-credentials'
  return {
    shellOf: (host) => `exec nsenter -t ${holders[host - 1] ?? ''} ${way} "$@"`,
    after: async (packets) => {
      child.stdin.write(`after ${String(packets)}\n`)
      await next()
    },
    cut: () => {
      child.stdin.write('cut\n')
    },
    join: () => {
      child.stdin.write('join\n')
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      await ended
    },
  }
}
