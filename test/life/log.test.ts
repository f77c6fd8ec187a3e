/**
 * The audit log as an operator has it: two nodes cosign each other, the heads are anchored, and another log is begun, by
 * the commands alone.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#epochs
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createControlClient } from '../../apps/node/src/http/control-client.ts'
import { answerOf, type DiskAgency, makeAgencies, meet, of } from '../support/agency-on-disk.ts'
import { amana, type RunningProgram, startAmana } from '../support/amana-program.ts'

const SETUP_TIMEOUT_MS = 300_000
const SLOW = { timeout: 120_000 }
const WAIT = { timeoutMs: 60_000 }

const AnchorSchema = z.looseObject({ text: z.string(), digits: z.string(), digest: z.string() })

let root: string
let niamey: DiskAgency
let abuja: DiskAgency

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amana-log-'))
  const agencies = await makeAgencies(root)
  niamey = agencies.niamey
  abuja = agencies.abuja
  await meet(root, agencies)
  await cosignBoth()
}, SETUP_TIMEOUT_MS)

afterAll(async () => {
  await rm(root, { recursive: true, force: true })
})

describe('an anchor', SLOW, () => {
  it('is printed by one agency and confirmed by the other, with a page for the minutes', async () => {
    const page = join(root, 'anchor.html')
    const printed = AnchorSchema.parse(await answerOf(abuja, ['audit', 'anchor', '--to', page]))
    expect(await readFile(page, 'utf8')).toContain(printed.digits)
    const typed = join(root, 'anchor.txt')
    await writeFile(typed, printed.text)
    expect(await answerOf(niamey, ['audit', 'anchor', '--confirm', typed])).toMatchObject({
      digest: printed.digest,
    })
    const run = await amana(['audit', 'anchor', ...of(abuja)])
    expect(run.stdout).toContain('▀')
  })
})

describe('another log', SLOW, () => {
  it('is proposed, signed by the other agency and begun, and both cosign it', async () => {
    const [head, proposal, signed] = ['head.txt', 'epoch.json', 'signed.json'].map((name) =>
      join(root, name),
    )
    if (head === undefined || proposal === undefined || signed === undefined)
      throw new Error('path')
    await answerOf(niamey, ['audit', 'epoch', 'head', '--to', head])
    const reason = ['--reason', 'keys', '--last', head]
    const words = ['audit', 'epoch', 'propose', ...reason, '--to', proposal]
    expect(await answerOf(abuja, words)).toMatchObject({ log: 'ng.naptip/amana/audit/2' })
    const sign = ['audit', 'epoch', 'sign', proposal, '--to', signed]
    expect(await answerOf(niamey, [...sign, '--dry-run'])).toMatchObject({ signed: false })
    expect(await answerOf(niamey, sign)).toMatchObject({ signed: true, reason: 'keys' })
    expect(await answerOf(abuja, ['audit', 'epoch', 'adopt', signed])).toMatchObject({
      before: 'ng.naptip/amana/audit/1',
    })
    await cosignBoth()
    const { stdout } = await amana(['node', 'status', ...of(abuja), '--json'])
    expect(stdout).toContain('"origin":"ng.naptip/amana/audit/2"')
    expect(await answerOf(abuja, ['audit', 'verify'])).toMatchObject({ cosignedSize: 16 })
  })
})

/** Both nodes run until each has cosigned the other. */
async function cosignBoth(): Promise<void> {
  const nodes = [abuja, niamey].map((agency) => ({ agency, running: runNode(agency) }))
  try {
    for (const { running } of nodes) await running.said('listening')
    for (const { agency } of nodes) {
      const node = createControlClient(join(agency.folder, 'control.sock'))
      const { cosignedSize, size } = await node.witness(WAIT)
      expect(cosignedSize).toBeGreaterThanOrEqual(size)
    }
  } finally {
    for (const { running } of nodes) running.signal('SIGINT')
    await Promise.all(nodes.map(({ running }) => running.ended))
  }
}

function runNode(agency: DiskAgency): RunningProgram {
  return startAmana(['node', 'run', '--json', ...of(agency)])
}
