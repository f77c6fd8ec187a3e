import { describe, expect, it } from 'vitest'
import { NOW, type TestAgency, twoAgencies } from '../../../../test/support/agencies.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { entryOf } from '../../../../test/support/trust-fixture.ts'
import { canonicalize } from '../bytes/jcs.ts'
import { CharterSchema } from './charter.ts'
import { assertCharterRules } from './charter-rules.ts'
import { createCharterEntry, createInvite, type VerifiedInvite, verifyInvite } from './invite.ts'
import { deriveCharter, hasLapsed } from './pairing.ts'
import { charterSafetyNumber } from './safety-number.ts'

const DAY = 86_400
const pair = await twoAgencies()
const { naptip, anltp } = pair
const early = await inviteOf(naptip, NOW - 500)
const late = await inviteOf(anltp, NOW - 100)

describe('charter 1 of two invites', () => {
  const charter = deriveCharter(early, late)

  it('is equal whichever invite comes first, byte for byte and digit for digit', () => {
    const other = deriveCharter(late, early)
    expect(canonicalize(other)).toBe(canonicalize(charter))
    expect(charterSafetyNumber(other)).toBe(charterSafetyNumber(charter))
  })

  it('holds both entries as the invites hold them, and constants', () => {
    const aud = ['ne.anltp-tim', 'ng.naptip']
    const approvals = {
      'handover.receipt/1': 0,
      'intel.report/1': 1,
      'jtwg.minutes/1': 0,
      'referral.event/1': 0,
      'task.clearance/1': 0,
      'task.travel-document/1': 0,
      'victim.referral/1': 1,
    }
    const kinds = Object.entries(approvals).map(([kind, count]): readonly [string, unknown] => [
      kind,
      { approvals: count, aud },
    ])
    expect(charter).toEqual({
      agencies: { 'ng.naptip': early.entry, 'ne.anltp-tim': late.entry },
      exp: NOW - 100 + 365 * DAY,
      iat: NOW - 100,
      kinds: Object.fromEntries(kinds),
      limits: { hold: 30 * DAY, recipients: 16, skew: 300 },
      previous: null,
      suites: ['A2'],
      v: 1,
      version: 1,
      witnesses: [],
    })
  })

  it('is a charter by every rule', () => {
    expect(CharterSchema.parse(charter)).toEqual(charter)
    expect(() => {
      assertCharterRules(charter)
    }).not.toThrow()
  })

  it('has the date of the later invite, whosoever’s it is', async () => {
    const later = await inviteOf(naptip, NOW - 1)
    expect(deriveCharter(later, late).iat).toBe(NOW - 1)
    expect(deriveCharter(later, late).exp).toBe(NOW - 1 + 365 * DAY)
  })

  it('has other digits for another invite', async () => {
    const renamed = await inviteOf(anltp, NOW - 100, 'ANLTP')
    const digits = charterSafetyNumber(deriveCharter(early, renamed))
    expect(digits).not.toBe(charterSafetyNumber(charter))
  })

  it('is of two agencies', async () => {
    expect(await refusalOf(() => deriveCharter(early, early))).toEqual({
      code: 'TRUST_SELF',
      details: { agency: 'ng.naptip' },
    })
  })
})

describe('a charter that lacks a quorum', () => {
  it.each([
    [-1, false],
    [0, true],
    [DAY, true],
  ])('%i seconds after 30 days has lapsed: %s', (seconds, lapsed) => {
    const { payload } = pair.charter
    expect(hasLapsed(payload, payload.iat + 30 * DAY + seconds)).toBe(lapsed)
  })
})

async function inviteOf(agency: TestAgency, issuedAt: number, name = ''): Promise<VerifiedInvite> {
  const { roster: _roster, ...parts } = entryOf(pair, agency.id)
  const named = name === '' ? parts : { ...parts, name }
  const entry = createCharterEntry(named, agency.roster)
  const content = { agency: agency.id, entry, roster: agency.roster, issuedAt }
  return verifyInvite(await createInvite(content, agency.rosterKey), NOW)
}
