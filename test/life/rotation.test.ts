/**
 * The charter is renewed, and recovered, by the commands alone and by files.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#proposing-a-charter
 */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { answerOf, type DiskAgency, makeAgencies, meet, of } from '../support/agency-on-disk.ts'
import { amana } from '../support/amana-program.ts'

const SETUP_TIMEOUT_MS = 300_000
const SLOW = { timeout: 120_000 }

const RenewalSchema = z.looseObject({
  version: z.number(),
  changes: z.array(z.looseObject({ what: z.string(), agency: z.string().optional() })),
  isCompared: z.boolean(),
  safetyNumber: z.string(),
  progress: z.string().optional(),
  file: z.string().optional(),
})
type Answer = z.output<typeof RenewalSchema>

let root: string
let niamey: DiskAgency
let abuja: DiskAgency

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amana-rotation-'))
  const agencies = await makeAgencies(root)
  niamey = agencies.niamey
  abuja = agencies.abuja
  await meet(root, agencies)
}, SETUP_TIMEOUT_MS)

afterAll(async () => {
  await rm(root, { recursive: true, force: true })
})

async function renew(agency: DiskAgency, words: readonly string[]): Promise<Answer> {
  return RenewalSchema.parse(await answerOf(agency, ['peer', 'renew', ...words]))
}

async function refusalOf(agency: DiskAgency, words: readonly string[]): Promise<string> {
  const run = await amana(['peer', 'renew', ...words, ...of(agency), '--json'])
  return `${String(run.status)} ${/"code": ?"([A-Z_]+)"/.exec(run.stderr + run.stdout)?.[1] ?? ''}`
}

async function changed(answer: Answer): Promise<readonly string[]> {
  return answer.changes.map(({ agency, what }) => `${agency ?? 'all'} ${what}`)
}

describe('the charter by files', SLOW, () => {
  it('is proposed by one side, looked at and signed by the other, and imported', async () => {
    const file = join(root, 'charter-2.json')
    const planned = await renew(niamey, ['propose', '--name', 'ANLTP', '--dry-run'])
    expect([planned.version, await changed(planned)]).toEqual([2, ['ne.anltp-tim name', 'all exp']])
    const made = await renew(niamey, ['propose', '--name', 'ANLTP', '--to', file])
    expect([made.progress, made.isCompared]).toEqual(['waiting', false])
    expect(await changed(await renew(abuja, ['diff', file]))).toEqual(await changed(made))
    const back = join(root, 'charter-2-signed.json')
    expect((await renew(abuja, ['sign', file, '--dry-run'])).progress).toBeUndefined()
    const signed = await renew(abuja, ['sign', file, '--to', back])
    expect([signed.version, signed.progress, signed.file]).toEqual([2, 'in-force', back])
    expect(await answerOf(niamey, ['peer', 'import', back])).toMatchObject({ inForce: true })
    expect(await refusalOf(niamey, ['diff', file])).toBe('2 CLI_PROPOSAL')
  })

  it('with new root pairs is compared by voice, and a wrong digit signs nothing', async () => {
    const file = join(root, 'charter-3.json')
    const folder = join(root, 'new-roots')
    const words = ['propose', '--new-roots', folder, '--make-passphrases', '--to', file]
    const made = await renew(niamey, words)
    expect([made.progress, made.isCompared]).toEqual(['waiting', true])
    expect((await readdir(folder)).toSorted()).toEqual([
      'root-3-1.keystore.json',
      'root-3-2.keystore.json',
      'root-3-3.keystore.json',
    ])
    expect(await changed(made)).toContain('ne.anltp-tim roots')
    expect(await refusalOf(abuja, ['sign', file])).toBe('2 CLI_OPTION')
    const asked = await amana(['peer', 'renew', 'sign', file, ...of(abuja)])
    expect(asked.stderr).toContain('ne.anltp-tim: root pairs')
    expect(asked.stderr).not.toContain(made.safetyNumber)
    const digits = join(root, 'digits.txt')
    await writeFile(
      digits,
      made.safetyNumber.replace(/\d/, (one) => String((Number(one) + 1) % 10)),
    )
    expect(await refusalOf(abuja, ['sign', file, '--digits', digits])).toBe('4 TRUST_SAFETY_NUMBER')
    await writeFile(digits, made.safetyNumber)
    const signed = await renew(abuja, ['sign', file, '--digits', digits, '--to', file])
    expect(signed.progress).toBe('in-force')
    expect(await answerOf(niamey, ['peer', 'import', file])).toMatchObject({ inForce: true })
    const roots = [1, 2].map((n) => join(folder, `root-3-${String(n)}.keystore.json`)).join(',')
    expect(await refusalOf(niamey, ['propose'])).toBe('4 WIRE_KID_UNKNOWN')
    const next = join(root, 'charter-4.json')
    const again = await renew(niamey, ['propose', '--roots', roots, '--to', next])
    expect([again.version, again.progress]).toEqual([4, 'waiting'])
    expect((await renew(abuja, ['sign', next, '--to', next])).progress).toBe('in-force')
    expect(await answerOf(niamey, ['peer', 'import', next])).toMatchObject({ inForce: true })
  })

  it('with new recovery pairs is compared by voice too, and they are those of the charter then', async () => {
    const file = join(root, 'charter-5.json')
    const folder = join(root, 'new-recovery')
    const roots = [1, 2].map((n) => join(root, 'new-roots', `root-3-${String(n)}.keystore.json`))
    const fresh = ['--new-recovery', folder, '--make-passphrases', '--roots', roots.join(',')]
    const made = await renew(niamey, ['propose', ...fresh, '--to', file])
    expect([made.progress, made.isCompared]).toEqual(['waiting', true])
    expect(await changed(made)).toContain('ne.anltp-tim recovery')
    const digits = join(root, 'digits-recovery.txt')
    await writeFile(digits, made.safetyNumber)
    const signed = await renew(abuja, ['sign', file, '--digits', digits, '--to', file])
    expect(signed.progress).toBe('in-force')
    expect(await answerOf(niamey, ['peer', 'import', file])).toMatchObject({ inForce: true })
    const files = [1, 2, 3].map((n) => join(folder, `recovery-5-${String(n)}.keystore.json`))
    const verified = await answerOf(niamey, ['key', 'recovery', 'verify', ...files])
    expect(verified).toMatchObject({ listed: 3 })
  })

  it('recovers an agency that lost its roots: it waits, and the old charter stays in force', async () => {
    const file = join(root, 'charter-6.json')
    const recovery = [1, 2]
      .map((n) => join(abuja.folder, 'roots', `recovery-${String(n)}.keystore.json`))
      .join(',')
    const fresh = ['--new-roots', join(root, 'abuja-roots'), '--make-passphrases']
    const made = await renew(abuja, ['propose', '--recovery', recovery, ...fresh, '--to', file])
    expect(made.progress).toBe('waiting')
    const digits = join(root, 'digits-6.txt')
    await writeFile(digits, made.safetyNumber)
    const folder = join(root, 'new-roots')
    const roots = [1, 2].map((n) => join(folder, `root-3-${String(n)}.keystore.json`)).join(',')
    const words = ['sign', file, '--digits', digits, '--roots', roots, '--to', file]
    expect((await renew(niamey, words)).progress).toBe('recovery')
    expect(await answerOf(abuja, ['peer', 'import', file])).toMatchObject({ progress: 'recovery' })
    expect((await renew(abuja, ['propose', '--dry-run'])).version).toBe(6)
    const status = await amana(['node', 'status', ...of(abuja)])
    expect(status.stdout).toContain('WARNING: ng.naptip recovers its root keys')
    const no = join(root, 'no.json')
    await renew(abuja, ['propose', '--to', no])
    expect(await answerOf(abuja, ['peer', 'import', file])).toMatchObject({ progress: 'refused' })
    await answerOf(niamey, ['peer', 'import', no])
    expect(await answerOf(niamey, ['peer', 'import', file])).toMatchObject({ progress: 'refused' })
  })

  it('says in French what changes, and refuses options that are none', async () => {
    const run = await amana([
      'peer',
      'renew',
      'propose',
      '--dry-run',
      ...of(niamey),
      '--lang',
      'fr',
    ])
    expect(run.stdout).toContain('La version 6 de la charte')
    expect(await refusalOf(niamey, ['propose', '--days', '366'])).toBe('2 CLI_OPTION')
    expect(await refusalOf(niamey, ['propose', '--suites', 'A3'])).toBe('2 CLI_OPTION')
  })
})
