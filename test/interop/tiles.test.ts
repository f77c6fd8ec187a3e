/**
 * The exported log against a program that shares nothing with Amana: golang.org/x/mod from Debian's packages.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#tiles
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  appendLeafHash,
  consistencyProof,
  createNoteSigner,
  digest,
  EMPTY_RANGE,
  encodeBase64,
  encodeUtf8,
  exportTiles,
  formatVkey,
  inclusionProof,
  rootOf,
  sha256,
  signCheckpoint,
} from '@amana/core'
import { buildLog, type BuiltLog, LOG } from '../support/built-log.ts'

const GO = '/usr/lib/go-1.19/bin/go'
const GOPATH = '/usr/share/gocode'
const SOURCE = new URL('go-tiles/', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'amana-tiles-'))
const program = join(folder, 'go-tiles')
const hasGo = existsSync(GO) && existsSync(join(GOPATH, 'src/golang.org/x/mod/sumdb/tlog'))
const why = 'skipped without Debian’s golang-1.19-go and golang-golang-x-mod-dev'

const log = await createNoteSigner(LOG, 'log', sha256(encodeUtf8('log key')))

/** Around whole tiles of the first and the second level. */
const SIZES = [1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 70_000]
const largest = buildLog(hasGo ? Math.max(...SIZES) : 2)

describe.skipIf(!hasGo)(`tiles read by golang.org/x/mod${hasGo ? '' : ` (${why})`}`, () => {
  beforeAll(() => {
    const environment = { GO111MODULE: 'off', GOPATH, GOCACHE: join(folder, 'cache'), HOME: folder }
    execFileSync(GO, ['build', '-o', program, '.'], { cwd: SOURCE, env: environment })
  }, 120_000)

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it.each(SIZES)('verify, entry by entry, at %i leaves', async (size) => {
    const built = prefixOf(largest, size)
    const checked = check(await exportTo(built), await proofsOf(built))
    expect(checked).toEqual({ status: 0, output: `ok ${String(size)} entries\n` })
  })

  it('do not verify with one bit of one entry changed', async () => {
    const built = buildLog(300)
    const directory = await exportTo(built)
    const path = join(directory, 'tile/entries/000')
    const bytes = readFileSync(path)
    await writeFile(path, bytes.with(bytes.length - 10, (bytes.at(-10) ?? 0) ^ 1))
    expect(check(directory, await proofsOf(built)).status).toBe(1)
  })

  it('do not verify with another log’s proof', async () => {
    const directory = await exportTo(buildLog(300))
    expect(check(directory, await proofsOf(buildLog(299))).status).toBe(1)
  })
})

function check(directory: string, proofs: string): { status: number | null; output: string } {
  const run = spawnSync(program, [directory, formatVkey(log)], { input: proofs, encoding: 'utf8' })
  return { status: run.status, output: run.stdout }
}

/** The same log as it was when it had `size` leaves. */
function prefixOf(built: BuiltLog, size: number): BuiltLog {
  return { ...built, size, root: rootAt(built, size) }
}

async function exportTo(built: BuiltLog): Promise<string> {
  const { size, root, readNode, readLeaves } = built
  const directory = join(folder, digest(root))
  const note = await signCheckpoint({ origin: LOG, size, root }, [log], 0)
  for await (const file of exportTiles({ size, note, readNode, readLeaves })) {
    await mkdir(dirname(join(directory, file.path)), { recursive: true })
    await writeFile(join(directory, file.path), file.bytes)
  }
  return directory
}

/** Proofs of a few entries and of a few earlier sizes, as the Go program reads them. */
async function proofsOf(built: BuiltLog): Promise<string> {
  const { size } = built
  const indexes = [0, Math.floor(size / 2), size - 1]
  const records = indexes.map(async (index) => ({
    index,
    proof: (await inclusionProof(built.readNode, index, size)).map((hash) => encodeBase64(hash)),
  }))
  const trees = indexes.map(async (index) => ({
    size: index + 1,
    root: encodeBase64(rootAt(built, index + 1)),
    proof: (await consistencyProof(built.readNode, index + 1, size)).map((hash) =>
      encodeBase64(hash),
    ),
  }))
  return JSON.stringify({ records: await Promise.all(records), trees: await Promise.all(trees) })
}

function rootAt(built: BuiltLog, size: number): Uint8Array {
  const range = built.leaves
    .slice(0, size)
    .reduce((grown, leaf) => appendLeafHash(grown, leaf.hash).range, EMPTY_RANGE)
  return rootOf(range)
}
