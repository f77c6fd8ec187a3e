/**
 * What the commands about keys and rosters answer, read by schema, and what they are refused with.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#the-life-of-a-key
 */
import { expect } from 'vitest'
import { z } from 'zod'
import { answerOf, type DiskAgency, of } from './agency-on-disk.ts'
import { amana, type ProgramRun } from './amana-program.ts'

const KeySchema = z.looseObject({
  keyId: z.string(),
  use: z.string(),
  holder: z.string(),
  state: z.string(),
  place: z.exactOptional(z.string()),
  algorithm: z.exactOptional(z.string()),
  level: z.exactOptional(z.string()),
})
const KeysSchema = z.looseObject({ keys: z.array(KeySchema), expiries: z.array(z.unknown()) })
/** A key as `amana key list` answers it. */
export type Key = z.output<typeof KeySchema>
const StatusSchema = z.looseObject({
  status: z.looseObject({
    rosterVersion: z.number(),
    expiries: z.array(z.looseObject({ what: z.string(), id: z.string(), level: z.string() })),
    forks: z.array(z.looseObject({ agency: z.string(), version: z.number() })),
    peers: z.array(z.looseObject({ acknowledgedRoster: z.number() })),
  }),
})
/** Every key of an agency. */
export async function keysOf(agency: DiskAgency): Promise<readonly Key[]> {
  return KeysSchema.parse(await answerOf(agency, ['key', 'list'])).keys
}

/** The first key of that use whose holder begins so, and which is not revoked. */
export async function keyOf(agency: DiskAgency, use: string, holder: string): Promise<Key> {
  const found = (await keysOf(agency)).find(
    (key) => key.use === use && key.holder.startsWith(holder) && key.state !== 'revoked',
  )
  if (found === undefined) throw new Error(`no key for ${use} of ${holder}`)
  return found
}

/** The status of an agency’s node. */
export async function statusOf(
  agency: DiskAgency,
): Promise<z.output<typeof StatusSchema>['status']> {
  return StatusSchema.parse(await answerOf(agency, ['node', 'status'])).status
}

/** A command that must fail: its code, read from the answer, and its exit status. */
export async function refusalOf(
  agency: DiskAgency,
  words: readonly string[],
  keyId?: string,
): Promise<readonly [string, number | null]> {
  const run = await amana([...words, ...of(agency), ...operand(keyId)])
  expect(run.stdout).toBe('')
  return [/\[([A-Z_0-9]+)\]/.exec(run.stderr)?.[1] ?? run.stderr, run.status]
}

/** A command in English and French; no key of a catalogue may be left. */
export async function inBoth(
  agency: DiskAgency,
  words: readonly string[],
  keyId?: string,
): Promise<readonly [ProgramRun, ProgramRun]> {
  const en = await amana([...words, ...of(agency), ...operand(keyId)])
  const fr = await amana([...words, '--lang', 'fr', ...of(agency), ...operand(keyId)])
  for (const { stdout } of [en, fr])
    expect(stdout).not.toMatch(/\{\{|\b(?:key|roster|node)\.[a-z]+\b(?!\.json)/)
  return [en, fr]
}

/** The roster version of an agency that its peer acknowledged. */
export async function acknowledged(agency: DiskAgency): Promise<number> {
  return (await statusOf(agency)).peers[0]?.acknowledgedRoster ?? 0
}

const RostersSchema = z.looseObject({
  rosters: z.array(z.looseObject({ agency: z.string(), version: z.number() })),
})

/** The version of Abuja’s roster that another agency knows. */
export async function peerVersion(agency: DiskAgency): Promise<number> {
  const { rosters } = RostersSchema.parse(await answerOf(agency, ['roster', 'show']))
  return rosters.find((roster) => roster.agency === 'ng.naptip')?.version ?? 0
}

/** Asks until it holds: each question takes its time, and half a minute is enough. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(60_000)
  while (!(await holds())) if (deadline.aborted) throw new Error('in vain')
}

/** A command on one key that must end well. */
export async function onKey(
  agency: DiskAgency,
  words: readonly string[],
  keyId: string,
): Promise<void> {
  const run = await amana([...words, ...of(agency), ...operand(keyId)])
  expect(run.stderr).not.toMatch(/\[[A-Z_]+\]/)
  expect(run.status).toBe(0)
}

/** A key id may begin with a hyphen, so it comes last. */
function operand(keyId: string | undefined): readonly string[] {
  return keyId === undefined ? [] : ['--', keyId]
}
