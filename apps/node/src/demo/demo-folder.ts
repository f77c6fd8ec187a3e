/**
 * The folder of a demonstration: two nodes, their passphrases, the evidence, and a program that runs on them.
 *
 * @module
 * @spec docs/spec/08-exchange.md#demonstration
 */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { AmanaError } from '@amana/core'
import { type Program } from '../cli/options.ts'
import { type Side } from './story.ts'

/** Where everything of a demonstration lies. */
export interface DemoFolder {
  readonly path: string
  readonly evidence: string
  node(side: Side): string
  passphrases(side: Side): string
  /** Removes everything; a folder that was there before stays, empty. */
  remove(): Promise<void>
}

/**
 * Makes the folder: the one that was named, which must be empty or not there, or a new one for temporary files.
 *
 * @throws CLI_EXISTS when it holds something, CLI_FILE when it cannot be made
 */
export async function makeDemoFolder(
  named: string | undefined,
  program: Program,
): Promise<DemoFolder> {
  const { path, wasThere } = await emptyFolder(named)
  const evidence = join(path, 'evidence')
  try {
    await mkdir(evidence)
    await writeFile(join(path, 'amana'), programText(program), { mode: 0o755 })
  } catch (cause) {
    throw new AmanaError('CLI_FILE', { path }, { cause })
  }
  return {
    path,
    evidence,
    node: (side) => join(path, side),
    passphrases: (side) => join(path, 'passphrases', side),
    remove: async () => {
      for (const name of await readdir(path)) {
        await rm(join(path, name), { recursive: true, force: true })
      }
      if (!wasThere) await rm(path, { recursive: true, force: true })
    },
  }
}

async function emptyFolder(
  named: string | undefined,
): Promise<{ readonly path: string; readonly wasThere: boolean }> {
  const path = named === undefined ? await temporaryFolder() : resolve(named)
  const names = await namesIn(path)
  if (names !== undefined && names.length > 0) throw new AmanaError('CLI_EXISTS', { path })
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new AmanaError('CLI_FILE', { path }, { cause })
  }
  return { path, wasThere: named !== undefined && names !== undefined }
}

async function temporaryFolder(): Promise<string> {
  const path = join(tmpdir(), 'amana-demo-')
  try {
    return await mkdtemp(path)
  } catch (cause) {
    throw new AmanaError('CLI_FILE', { path }, { cause })
  }
}

async function namesIn(path: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(path)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new AmanaError('CLI_FILE', { path }, { cause })
  }
}

/** A script, so that the commands to try are short and need neither this folder’s neighbours nor a Node on the path. */
function programText({ execArgv, execPath, main }: Program): string {
  const words = [execPath, ...execArgv, resolve(main)].map(quoted)
  return `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
