/**
 * What two running nodes must agree on after faults, asked of them and of the auditor's own verifier.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#reconciliation
 */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyFiles } from '@amana/verify'
import { expect } from 'vitest'
import { type NodeServices } from '../../apps/node/src/services.ts'

const WITNESS_MS = 120_000
const MOST_MESSAGES = 10_000

/** One of them. */
export interface RunningSide {
  readonly agency: { readonly id: string }
  readonly services: NodeServices
  /** Digests that the node said to be durable. */
  readonly acknowledged: ReadonlySet<string>
}

/** Statements that an agency has of the other one. */
export async function digestsAt({ agency, services }: RunningSide): Promise<readonly string[]> {
  const messages = await services.messages({ limit: MOST_MESSAGES })
  return messages.filter(({ from }) => from !== agency.id).map(({ digest }) => digest)
}

/** Nothing that one side acknowledged is lost at the other, and nothing is there twice. */
export async function assertArrived(from: RunningSide, to: RunningSide): Promise<void> {
  const there = await digestsAt(to)
  expect(there.length).toBe(new Set(there).size)
  expect([...from.acknowledged].filter((digest) => !there.includes(digest))).toEqual([])
}

/** Both logs are whole, and the verifier finds that they agree. */
export async function assertLogsAgree(root: string, sides: readonly RunningSide[]): Promise<void> {
  const to = join(root, 'evidence')
  await mkdir(to)
  const files = []
  for (const { services } of sides) {
    await services.auditVerify({})
    await services.witness({ timeoutMs: WITNESS_MS })
    const { file } = await services.exportBundle({ to })
    files.push({ name: file, bytes: new Uint8Array(await readFile(file)) })
  }
  const policy = await sides[0]?.services.exportPolicy({ to })
  const text = await readFile(policy?.file ?? '', 'utf8')
  const report = await verifyFiles(files, { now: 0, policy: text })
  // the second export may know a newer head of the first log than the first export shows: a warning, and right
  expect(report.findings.filter(({ severity }) => severity === 'fail')).toEqual([])
  expect(report.verdict).toBe('verified')
  const { matched, mismatched, sent, received } = report.totals
  expect([mismatched, sent, received]).toEqual([0, matched, matched])
}
