/**
 * Verifying a bundle of a long log as an auditor does, with the one-file program; and its hashing by itself against
 * SHA-256 of OpenSSL over blocks of the same size.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#reading
 */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { GrowingTree, type LeafClass } from '@amana/core'
import { writeLongBundle } from '../support/long-bundle.ts'
import { ROOT } from '../support/repository.ts'
import { type Figure, type Section } from './figures.ts'
import { spreadOf } from './statistics.ts'

/** Loaded before the program: at its end it says what the program took, on a line of its own. */
const HOOK = `data:text/javascript,process.on('exit',()=>{const u=process.resourceUsage();process.stderr.write('\\nusage '+(u.userCPUTime+u.systemCPUTime)+' '+u.maxRSS+'\\n')})`
const MICROS_PER_MS = 1000
const MICROS_PER_SECOND = 1_000_000
const KIB = 1024
const LEAF_BYTES = 370
const NODE_BYTES = 65
const HASH_TURNS = 400_000
const SHOWN: readonly (readonly [string, readonly LeafClass[]])[] = [
  ['all classes', ['a', 'g', 'w', 'x']],
  ['classes w and x, the others as hashes', ['w', 'x']],
]

interface Usage {
  readonly cpuMs: number
  readonly residentBytes: number
}

/** Builds the program, writes both bundles, verifies each once. */
export async function measureVerifying(leafCount: number): Promise<Section> {
  const folder = await mkdtemp(join(tmpdir(), 'amana-bench-'))
  try {
    buildInto(folder)
    const figures: Figure[] = []
    for (const [name, classes] of SHOWN) {
      const path = join(folder, 'long.bundle.jsonl')
      await writeFile(
        join(folder, 'policy.txt'),
        await writeLongBundle({ path, leafCount, classes }),
      )
      figures.push(...figuresOf(name, leafCount, verify(folder, path)))
    }
    return {
      title: `Verifying ${String(leafCount)} leaves`,
      figures: [...figures, ...hashing()],
      notes: [],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function buildInto(folder: string): void {
  const tsup = join(ROOT, 'node_modules/.bin/tsup')
  const { status, stderr } = spawnSync(tsup, ['--silent', '--out-dir', folder], {
    cwd: join(ROOT, 'packages/verify'),
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
}

function verify(folder: string, path: string): Usage {
  const program = join(folder, 'amana-verify.mjs')
  const args = ['--import', HOOK, program, path, '--policy', join(folder, 'policy.txt')]
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  const [, micros, kib] = /^usage (\d+) (\d+)$/m.exec(stderr) ?? []
  if (status !== 0) throw new Error(stderr)
  return { cpuMs: Number(micros) / MICROS_PER_MS, residentBytes: Number(kib) * KIB }
}

function figuresOf(name: string, leafCount: number, { cpuMs, residentBytes }: Usage): Figure[] {
  return [
    { name: `processor time, ${name}`, unit: 'ms', ...spreadOf([cpuMs]) },
    {
      name: `leaves in a second of it, ${name}`,
      unit: 'per second',
      ...spreadOf([(leafCount / cpuMs) * MICROS_PER_MS]),
    },
    { name: `memory at its highest, ${name}`, unit: 'bytes', ...spreadOf([residentBytes]) },
  ]
}

/**
 * The tree over leaves of 370 bytes, which has as many inner nodes, against one leaf and one node by `openssl speed`, where
 * there is one.
 */
function hashing(): readonly Figure[] {
  const tree = new GrowingTree()
  const leaf = new Uint8Array(1 + LEAF_BYTES)
  const own = timeOf(() => tree.appendLeaf(leaf))
  const name = 'hashes of a leaf and of a node'
  const figures: Figure[] = [{ name, unit: 'ms', ...spreadOf([own / MICROS_PER_MS]) }]
  const [first, second] = [opensslMicros(1 + LEAF_BYTES), opensslMicros(NODE_BYTES)]
  if (first === undefined || second === undefined) return figures
  const ratio = (first + second) / own
  return [
    ...figures,
    {
      name: 'speed of the same hashes, times that of OpenSSL',
      unit: 'times',
      ...spreadOf([ratio]),
    },
  ]
}

/** Microseconds a turn. */
function timeOf(step: () => unknown): number {
  for (let turn = 0; turn < HASH_TURNS / 10; turn += 1) step()
  const before = process.cpuUsage()
  for (let turn = 0; turn < HASH_TURNS; turn += 1) step()
  const { system, user } = process.cpuUsage(before)
  return (user + system) / HASH_TURNS
}

function opensslMicros(sizeBytes: number): number | undefined {
  const args = ['speed', '-mr', '-evp', 'sha256', '-seconds', '1', '-bytes', String(sizeBytes)]
  const { status, stdout } = spawnSync('openssl', args, { encoding: 'utf8' })
  if (status !== 0) return undefined
  const [, rate] = /^\+F:\d+:[^:]*:([0-9.]+)$/m.exec(stdout) ?? []
  return rate === undefined ? undefined : (sizeBytes / Number(rate)) * MICROS_PER_SECOND
}
