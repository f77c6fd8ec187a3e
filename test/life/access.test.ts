import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type DiskAgency, makeAgencies, meet, of } from '../support/agency-on-disk.ts'
import { amana, type RunningProgram, startAmana } from '../support/amana-program.ts'
import { sendReferral } from '../support/sent-referral.ts'

const ShownSchema = z.looseObject({
  message: z.looseObject({ review: z.looseObject({ index: z.number() }) }),
})
const REASON = 'la garde de nuit est seule'

let root: string
let niamey: DiskAgency
let node: RunningProgram
let digest: string
let index: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amana-access-'))
  const agencies = await makeAgencies(root)
  niamey = agencies.niamey
  await meet(root, agencies)
  digest = await sendReferral(root, niamey)
  node = startAmana(['node', 'run', '--json', ...of(niamey)])
  await node.said('listening')
}, 300_000)

afterAll(async () => {
  node.signal('SIGTERM')
  await node.ended
  await rm(root, { recursive: true, force: true })
})

async function say(...words: readonly string[]): Promise<string> {
  const { status, stderr, stdout } = await amana([...words, ...of(niamey)])
  return [String(status), stdout, stderr].join('\n')
}

describe('break-glass, by commands against a running node', () => {
  it('is refused without an officer and without a reason', async () => {
    const words = ['message', 'show', digest, '--purpose', 'emergency', '--break-glass']
    for (const more of [
      ['--reason', REASON],
      ['--officer', 'case-niamey'],
    ]) {
      const said = await say(...words, ...more)
      expect(said).toMatch(/^5\n/)
      expect(said).toContain('[AUDIT_BREAK_GLASS]')
      expect(said).not.toContain('Ladi')
    }
  })

  it('opens for an officer with a reason, and says until when another one has to judge it', async () => {
    const words = ['message', 'show', digest, '--purpose', 'emergency', '--break-glass']
    const asked = ['--officer', 'case-niamey', '--reason', REASON, '--json']
    const run = await amana([...words, ...asked, ...of(niamey)])
    expect(run.stdout).toContain('Ladi')
    index = String(ShownSchema.parse(JSON.parse(run.stdout)).message.review.index)
    expect(run.stderr).toContain(`amana audit review ${index}`)
    expect(await say('node', 'status')).toContain(`amana audit review ${index}`)
  })

  it('is judged by another officer, once, and not by the one who opened', async () => {
    const words = ['audit', 'review', index, '--result', 'justified', '--officer']
    expect(await say(...words, 'case-niamey')).toMatch(/^7\n[^]*\[AUDIT_REVIEW_OWN\]/)
    expect(await say(...words, 'supervisor-niamey', '--lang', 'fr')).toContain('jugée justifiée')
    expect(await say(...words, 'supervisor-niamey')).toMatch(/^2\n[^]*\[AUDIT_REVIEW_NONE\]/)
    expect(await say('node', 'status')).not.toContain('amana audit review')
  })

  it('stands in the report of the message, with names only where they are asked for', async () => {
    const masked = await say('audit', 'access', digest.slice(0, 9))
    expect(masked).toContain('review: justified')
    expect(masked).not.toContain('case-niamey')
    const shown = await say('audit', 'access', digest.slice(0, 9), '--disclosures')
    expect(shown).toContain('id: case-niamey')
    expect(shown).toContain(REASON)
    const listed = await say('audit', 'list', '--event', 'a.denied', '--lang', 'fr')
    expect(listed).toContain('code=AUDIT_BREAK_GLASS')
    expect(await say('audit', 'list', '--event', 'x.nothing')).toContain('Nothing in the log fits')
  })

  it('is told to whoever reads the lines of the node', async () => {
    node.signal('SIGTERM')
    const { stderr } = await node.ended
    expect(stderr).toContain('opened against the usual rule')
    expect(stderr).not.toContain(REASON)
    expect(await readFile(join(niamey.folder, 'amana.toml'), 'utf8')).not.toContain(REASON)
  })
})
