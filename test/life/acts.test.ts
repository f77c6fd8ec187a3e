/**
 * Case officers of two agencies with the commands that they type: what may be done next, the acts, what is refused and why,
 * the second half of an act, what was told by telephone.
 *
 * @module
 * @spec docs/spec/08-exchange.md#acts-of-a-referral
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readSpokenReference } from '@amana/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beginCase, CASE, type RunningCase, sendFile, typed } from '../support/running-case.ts'
import { type ProgramRun } from '../support/amana-program.ts'

const SETUP_TIMEOUT_MS = 300_000
const SPOKEN = ['ne', 'anltp', '26', '5t9x', 'w2hd', 'd']
const NEXT = ['referral', 'next', CASE, '--purpose', 'referral']

const record = (...words: readonly string[]): readonly string[] => [
  'consent',
  'record',
  CASE,
  '--officer',
  'case-niamey',
  ...words,
]

let both: RunningCase
beforeAll(async () => {
  both = await beginCase()
  await sendFile(both)
}, SETUP_TIMEOUT_MS)
afterAll(async () => both[Symbol.asyncDispose]())

const niamey = (...words: readonly string[]): Promise<ProgramRun> => typed(both, 'niamey', words)
const abuja = (...words: readonly string[]): Promise<ProgramRun> => typed(both, 'abuja', words)
const act = (event: string, officer: string, ...words: readonly string[]): readonly string[] => [
  'referral',
  'act',
  event,
  CASE,
  '--officer',
  officer,
  ...words,
]

describe('an officer of the sending agency', () => {
  it('reads what she may do, and does it with a reference as it is read aloud', async () => {
    const next = await niamey(...NEXT, '--officer', 'case-niamey')
    expect(next.stdout).toMatch(/^NE-ANLTP-26-5T9XW2HD-D {2}not begun\ncase-niamey may sign now/)
    expect(next.stdout).toContain('  create  Open the referral → Draft\n')
    const screening = ['--screening', 'possible victim of trafficking', '--officer', 'case-niamey']
    const created = await niamey('referral', 'act', 'create', ...SPOKEN, ...screening)
    expect(created.stdout).toMatch(
      /^Open the referral: the referral is then Draft\nSigned and queued/,
    )
  })

  it('is asked for what is needed by the name of its option', async () => {
    const bare = await niamey(...act('cancel', 'case-niamey'))
    expect(bare).toMatchObject({ status: 2, stdout: '' })
    expect(bare.stderr).toContain('the option --reason is missing')
    const strange = await niamey(
      ...act('cancel', 'case-niamey', '--reason', 'regret', '--lang', 'fr'),
    )
    expect(strange.status).toBe(2)
    expect(strange.stderr).toMatch(
      /--reason prend l’une des valeurs consent_refused, .*\[CLI_CODE\]/,
    )
  })

  it('tries a step first, which changes nothing', async () => {
    const dry = await niamey(...act('submit', 'case-niamey', '--dry-run', '--json'))
    expect(JSON.parse(dry.stdout)).toMatchObject({
      schema: 'amana.cli.referral-act/1',
      reference: CASE,
      queued: false,
      step: { event: 'submit', effect: 'moved', state: 'submitted' },
    })
    const sent = await niamey(...act('submit', 'case-niamey'))
    expect(sent.stdout).toContain('the referral is then Submitted')
  })
})

describe('a new reference', () => {
  it('names the agency and the year, and is one', async () => {
    const made = await abuja('referral', 'new')
    expect(made.stdout).toMatch(/^NG-NAPTIP-\d{2}-[0-9A-Z]{8}-[0-9A-Z]\n$/)
    expect(readSpokenReference(made.stdout.trim())).toBe(made.stdout.trim())
    expect((await niamey('referral', 'new')).stdout).toMatch(/^NE-ANLTP-/)
  })
})

describe('the other agency', () => {
  it('has it, and is refused in words with what to do', async () => {
    const refused = await abuja(...act('acknowledge', 'case-abuja'))
    expect(refused).toMatchObject({ status: 5, stdout: '' })
    expect(refused.stderr).toMatch(
      /✗ Who signed it has not the role[^\n]+\n {4}→ let somebody sign/,
    )
    const done = await abuja(...act('acknowledge', 'duty-abuja', '--lang', 'fr'))
    expect(done.stdout).toMatch(/^Accuser réception\u00A0: le référencement devient /)
  })

  it('is named the character of a reference that was misheard', async () => {
    const wrong = CASE.replace('W2HD', 'W2HE')
    const run = await abuja('referral', 'show', wrong.toLowerCase(), '--purpose', 'referral')
    expect(run.status).toBe(2)
    expect(run.stderr).toContain(`character 8 after the year is E and should be D, as in ${CASE}`)
    const unknown = await abuja('referral', 'show', 'NE-ANLTP-21-7K3QX9M4-K', '--purpose', 'audit')
    expect(unknown.stderr).toContain('to these 8 characters belongs I, not K')
    const form = await abuja('referral', 'show', 'NE-ANLTP-21', '--purpose', 'audit')
    expect(form.stderr).toContain('it has not the parts of one')
  })
})

describe('an act that was told by telephone', () => {
  it('moves nothing and waits for the signed one', async () => {
    const words = ['--told-by', 'case-abuja', '--read-back', 'yes', '--officer', 'case-niamey']
    const at = new Date().toISOString().slice(0, 16)
    const told = await niamey('referral', 'told', 'accepter', CASE, ...words, '--told-at', at)
    expect(told.stdout).toContain('recorded; the referral stays Acknowledged')
    const waits = `Told, waits for a signed one: Accept by ng.naptip, ${at}:00Z`
    expect((await niamey(...NEXT)).stdout).toContain(waits)
    expect((await abuja(...NEXT)).stdout).toContain(waits)
    await abuja(...act('accept', 'case-abuja', '--reception', 'ng.naptip'))
    const shown = await niamey('referral', 'show', CASE, '--purpose', 'referral')
    expect(shown.stdout).toContain('told, and signed since: Accept (ng.naptip')
    expect((await niamey(...NEXT)).stdout).not.toContain('waits for a signed one')
  })
})

describe('an act of two agencies', () => {
  it('waits for the second half, which says what the first one said', async () => {
    const fields = ['--destination', 'ne.hospital-niamey', '--leg', 'in country evacuation']
    const escort = ['--escort', 'ne.anltp-tim/escort-niamey:Feminine']
    const first = act('declare-emergency', 'case-niamey', ...fields, ...escort)
    expect((await niamey(...first)).stdout).toContain('your half; it waits for that of the other')
    const next = await abuja(...NEXT, '--officer', 'case-abuja')
    expect(next.stdout).toContain('second half, --agree')
    const second = await abuja(...act('declare-emergency', 'case-abuja', '--agree'))
    expect(second.stderr).toContain('destination: ne.hospital-niamey')
    expect(second.stdout).toContain('recorded; the referral stays Accepted')
    const again = await abuja(...act('declare-emergency', 'case-abuja', '--agree'))
    expect(again.stderr).toContain('[CLI_NO_PROPOSAL]')
  })

  it('is refused condition by condition, and taken back', async () => {
    await niamey(...act('prepare', 'case-niamey'))
    const next = await niamey(...NEXT, '--officer', 'case-niamey', '--lang', 'fr')
    expect(next.stdout).toMatch(/mark-ready[^]+✗ Aucun document de voyage[^]+→ attendre la réponse/)
    const arrival = ['--arrival', '2027-01-05T12:00']
    const refused = await niamey(...act('mark-ready', 'case-niamey', ...arrival))
    expect(refused.status).toBe(5)
    expect(refused.stderr).toMatch(/✗ Nobody accompanies the person[^]+--escort[^]+--bed/)
    const waived = act('waive-gate', 'head-niamey', '--gate', 'clearance', '--reason', 'closed')
    await niamey(...waived)
    const back = await niamey(...act('waive-gate', 'head-niamey', '--take-back'))
    expect(back.stdout).toContain('recorded')
    const late = await abuja(...act('waive-gate', 'head-abuja', '--agree'))
    expect(late.stderr).toContain('[CLI_NO_PROPOSAL]')
  })
})

describe('a consent', () => {
  const given = ['--scope', 'return', '--status', 'given', '--reader', 'case-manager-receiving']
  const how = ['--groups', 'G3_travel,G4_child', '--given-by', 'guardian', '--language', 'hau']
  const understood = ['--understood', 'yes', '--consequences-explained', 'yes']

  it('is recorded with the text that was read out, and asks for what is missing by its option', async () => {
    const notice = join(both.root, 'notice.txt')
    await writeFile(notice, 'What was read out.')
    const words = [...given, ...how, ...understood, '--notice', notice]
    const bare = await niamey(...record(...words, '--medium', 'thumbprint'))
    expect(bare.stderr).toContain('the option --expires-at is missing or cannot be used')
    const until = ['--expires-at', '2027-06-01T00:00']
    const done = await niamey(...record(...words, '--medium', 'thumbprint', ...until))
    expect(done.stdout).toContain('recorded; the referral stays')
    const instead = ['--scope', 'photo', '--status', 'not_relied_on', '--reader', 'shelter']
    const bases = ['--groups', 'G1_identity', '--legal-basis', 'vital_interests']
    const without = await niamey(...record(...instead, ...bases))
    expect(without.stderr).toContain('the option --justification is missing')
    await niamey(...record(...instead, ...bases, '--justification', 'She cannot speak.'))
    const shown = await niamey('consent', 'show', ...SPOKEN, '--purpose', 'referral')
    expect(shown.stdout).toMatch(
      /Return to country of origin: Given, Case manager, receiving agency \(/,
    )
    expect(shown.stdout).toMatch(/! Done without her consent; a second officer/)
  })

  it('is taken back at once, after what that does was shown, and the return stops', async () => {
    const words = ['consent', 'withdraw', CASE, '--officer', 'case-niamey', '--scope', 'return']
    const dry = await niamey(...words, '--channel', 'by telephone', '--dry-run')
    expect(dry.stderr).toMatch(/^Taken back: Return[^]+ {2}is told by the node: protection\n/i)
    const unsure = await niamey(...words, '--channel', 'by telephone')
    expect(unsure).toMatchObject({ status: 2, stdout: '' })
    const done = await niamey(...words, '--channel', 'by telephone', '--yes')
    expect(done.stdout).toContain('the referral is then Suspended')
    const shown = await abuja('consent', 'show', CASE, '--purpose', 'referral', '--lang', 'fr')
    expect(shown.stdout).toContain('✗ Retiré')
    const next = await abuja(...NEXT)
    expect(next.stdout).toMatch(/resume {2}[^\n]+\n[^]*✗ The person withdrew her consent/)
  })
})

describe('all referrals together', () => {
  it('are the same lines on both nodes, without a name', async () => {
    expect((await niamey('referral', 'underway')).stdout).toBe(
      'Nobody is in motion; all referrals: amana referral list\n',
    )
    await niamey(...act('report-missing', 'case-niamey'))
    const [here, there] = [
      await niamey('referral', 'underway'),
      await abuja('referral', 'underway'),
    ]
    expect(here.stdout).toMatch(
      /^ {2}NE-ANLTP-26-5T9XW2HD-D {2}Person missing {2}EXERCISE[^\n]+\n$/,
    )
    expect(here.stdout).toContain('with ne.anltp-tim, by the file')
    expect(here.stdout).not.toContain('Ladi')
    expect(there).toEqual(here)
  })

  it('show what is overdue and to whom that is told, also as a table', async () => {
    const words = ['--told-by', 'A. Musa', '--told-at', '2026-11-20T09:00', '--read-back', 'no']
    const by = ['--officer', 'case-niamey', '--at', '2026-11-20T10:00']
    await niamey('referral', 'told', 'found', CASE, ...words, ...by)
    const overdue = await abuja('referral', 'overdue', '--purpose', 'supervision', '--csv')
    expect(overdue.stdout).toBe(
      `reference,clock,urgency,side,dueAt,escalation\n${CASE},told,urgent,receiving,2026-11-21T10:00:00Z,chairs\n`,
    )
    const listed = await niamey('referral', 'overdue', '--lang', 'fr')
    expect(listed.stdout).toContain(CASE)
    expect(listed.stdout).toContain('signalé à\u00A0: président et co-président')
  })

  it('are counted without small numbers, exercises apart', async () => {
    const november = ['referral', 'statistics', '--from', '2026-11-01', '--to', '2026-12-31']
    expect((await niamey(...november)).stdout).toBe('No step falls due in these days\n')
    const drills = await niamey(...november, '--exercises', '--csv')
    expect(drills.stdout).toContain('told,urgent,receiving,<11,<11,0\n')
    expect(drills.stdout).not.toMatch(/,[1-9],|,10,/)
    const backwards = await niamey(...november.slice(0, 4), '--to', '2026-10-01')
    expect(backwards.stderr).toContain('the option --to is missing or cannot be used')
  })
})
