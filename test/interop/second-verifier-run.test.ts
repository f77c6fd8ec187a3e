/**
 * Files that a real run exported before both verifiers: bundles of the demonstration, message files by the command, before
 * and after the charter was renewed.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#message-file
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readPolicy, verifyBundle } from '@amana/verify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { answerOf, type DiskAgency } from '../support/agency-on-disk.ts'
import { runAmana } from '../support/amana-program.ts'
import { saidOfMessage } from '../support/message-verdicts.ts'
import { fileOf } from '../support/pieces.ts'
import { IS_SKIPPED, secondOverFile, WHY_SKIPPED } from '../support/second-verifier.ts'
import { seededBytes } from '../support/seeded-bytes.ts'

const SETUP_TIMEOUT_MS = 300_000
const FLIPS = 40

const root = mkdtempSync(join(tmpdir(), 'amana-second-run-'))
const demo = join(root, 'demo')
const evidence = join(demo, 'evidence')
const niamey = agencyOf('ne.anltp-tim', 'niamey')
const abuja = agencyOf('ng.naptip', 'abuja')

beforeAll(async () => {
  if (IS_SKIPPED) return
  const { status, stderr } = await runAmana(['demo', '--dir', demo])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
}, SETUP_TIMEOUT_MS)

afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

function agencyOf(id: string, name: string): DiskAgency {
  return { id, folder: join(demo, name), passphrases: join(demo, 'passphrases', name) }
}

const ListSchema = z.looseObject({
  messages: z.array(z.looseObject({ digest: z.string(), kind: z.string(), from: z.string() })),
})

/** The digest of a message of a kind that an agency has. */
async function messageOf(agency: DiskAgency, kind: string): Promise<string> {
  const { messages } = ListSchema.parse(await answerOf(agency, ['message', 'list']))
  const found = messages.find((one) => one.kind === kind)
  if (found === undefined) throw new Error(`no ${kind}`)
  return found.digest
}

/** A message file with one field that an officer of Abuja shows, written by the command. */
async function exported(name: string): Promise<string> {
  const file = join(root, `${name}.message.jsonl`)
  const message = await messageOf(abuja, 'referral.event/1')
  const given = ['--for', 'Federal High Court, Abuja', '--officer', 'case-abuja']
  const words = ['message', 'export', message, '--disclose', 'body.event', ...given]
  await answerOf(abuja, [...words, '--purpose', 'prosecution', '--to', file])
  return file
}

async function policyIn(folder: string): Promise<string> {
  await answerOf(abuja, ['audit', 'export', '--format', 'policy', '--to', folder])
  return join(folder, 'policy.txt')
}

/** Charter 2, proposed by one agency and signed by the other, by files. */
async function renew(): Promise<void> {
  const file = join(root, 'charter-2.json')
  await answerOf(niamey, ['peer', 'renew', 'propose', '--name', 'ANLTP', '--to', file])
  await answerOf(abuja, ['peer', 'renew', 'sign', file, '--to', file])
  await answerOf(niamey, ['peer', 'import', file])
}

/** What both say against a message file: findings with the code behind each. */
async function bothSay(policy: string, file: string): Promise<readonly string[]> {
  const ours = await saidOfMessage(readFileSync(file), readFileSync(policy, 'utf8'))
  const { refusal, rows } = secondOverFile(policy, file)
  const second = refusal === '' ? rows.flatMap(({ found }) => saidOf(found)) : [refusal]
  expect([...new Set(second)].toSorted()).toEqual(ours)
  return ours
}

function saidOf(found: string): readonly string[] {
  return found === 'accepted' ? [] : [found.replace(' ', ':')]
}

describe.skipIf(IS_SKIPPED)(`a second verifier over a real run${WHY_SKIPPED}`, () => {
  it.each(['niamey', 'abuja'])('accepts every object of the bundle of %s', async (name) => {
    const policy = join(evidence, 'policy.txt')
    const bundle = join(evidence, `${name}.bundle.jsonl`)
    const { rows, status } = secondOverFile(policy, bundle)
    expect(rows.filter(({ found }) => found !== 'accepted')).toEqual([])
    expect(rows.length).toBeGreaterThan(50)
    expect(status).toBe(0)
    const ours = await verifyBundle(
      fileOf(readFileSync(bundle)),
      readPolicy(readFileSync(policy, 'utf8')),
    )
    expect(ours.findings.filter(({ severity }) => severity === 'fail')).toEqual([])
  })

  it('accepts a message file of one field, and says of each changed byte what ours says', async () => {
    const policy = join(evidence, 'policy.txt')
    const file = await exported('one-field')
    expect(await bothSay(policy, file)).toEqual([])
    const bytes = readFileSync(file)
    const random = seededBytes('places in a message file')
    const changed = join(root, 'changed.message.jsonl')
    for (let flip = 0; flip < FLIPS; flip += 1) {
      const [a = 0, b = 0, c = 0] = random(3)
      const place = ((a << 16) | (b << 8) | c) % bytes.length
      writeFileSync(changed, bytes.with(place, (bytes[place] ?? 0) ^ 1))
      expect(await bothSay(policy, changed), `byte ${String(place)}`).toHaveLength(1)
    }
  })

  it('accepts the same message under a renewed charter, by the policy of either', async () => {
    const before = join(evidence, 'policy.txt')
    await renew()
    const file = await exported('renewed')
    const after = await policyIn(root)
    expect(readFileSync(after, 'utf8')).not.toBe(readFileSync(before, 'utf8'))
    expect(await bothSay(before, file)).toEqual([])
    expect(await bothSay(after, file)).toEqual([])
    const { rows } = secondOverFile(after, file)
    expect(rows.filter(({ kind }) => kind === 'charter')).toHaveLength(2)
  })
})
