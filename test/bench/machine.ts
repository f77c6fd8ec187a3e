/**
 * On what it was measured, in words that name no machine.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import { statfs } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'

/** On what it was measured. */
export interface Machine {
  readonly node: string
  readonly openssl: string
  readonly platform: string
  readonly processor: string
  readonly cores: number
  /** Processes that wanted to run in the last minute. */
  readonly load: number
  /** Where temporary files lie in memory, a sync of one costs nothing and compares with nothing. */
  readonly temporaryFilesInMemory: boolean
}

const TMPFS = 0x01021994

/** The machine as it is now. */
export async function describeMachine(): Promise<Machine> {
  return {
    node: process.versions.node,
    openssl: process.versions.openssl,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    load: loadavg()[0] ?? 0,
    temporaryFilesInMemory: (await statfs(tmpdir())).type === TMPFS,
  }
}

/** The machine on a line or two. */
export function machineLines(machine: Machine): string {
  const { cores, load, node, openssl, platform, processor, temporaryFilesInMemory } = machine
  const lines = [
    `Node ${node}, OpenSSL ${openssl}, ${platform}, ${processor}, ${String(cores)} cores, load ${load.toFixed(1)}`,
  ]
  if (temporaryFilesInMemory) {
    lines.push('Temporary files lie in memory here: a sync costs nothing, set TMPDIR to a disk.')
  }
  if (load > cores) lines.push('Others use this machine: trust ratios and processor times only.')
  return `${lines.join('\n')}\n`
}
