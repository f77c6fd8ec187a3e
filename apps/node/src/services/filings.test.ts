/**
 * Real persons’ data leave after something was filed, or by the head’s waiver; exercises and steps always.
 *
 * @module
 * @spec docs/spec/08-exchange.md#filings
 */
import { describe, expect, it } from 'vitest'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { type Config } from '../config/config.ts'
import { assertFiled, filingNow } from './filings.ts'

type Parts = Parameters<typeof filingNow>[0]
type Filings = NonNullable<Config['regulatoryFilings']>

const FILED = { authority: 'HAPDP', on: '2026-10-01', reference: 'avis 2026-0417' }
const WAIVED = { authority: 'NDPC', reason: 'under way', until: '2027-01-31', waivedBy: 'head-1' }
const NOON = Date.UTC(2027, 0, 31, 12) / 1000

/** What of a node decides it: its settings, its clock, and who is head by its roster. */
function parts(filings: Filings, now = NOON, roles = ['head']): Parts {
  const config = filings.length === 0 ? {} : { regulatoryFilings: filings }
  const payload = { officers: [{ id: 'head-1', roles }] }
  return { clock: { now: () => now }, config, trust: { ownRoster: { payload } } }
}

const refused = (given: Parts, kind: string, caveats: readonly string[] = []): unknown =>
  refusalOf(() => assertFiled(given, kind, caveats))

describe('a filing', () => {
  it('lets real data leave, and stands before a waiver', async () => {
    expect(filingNow(parts([WAIVED, FILED]))).toEqual({
      state: 'filed',
      authority: 'HAPDP',
      reference: 'avis 2026-0417',
    })
    expect(await refused(parts([FILED]), 'victim.referral/2')).toBeUndefined()
  })

  it('may be waived by the head until the end of a day', async () => {
    expect(filingNow(parts([WAIVED]))).toEqual({
      state: 'waived',
      authority: 'NDPC',
      until: '2027-01-31',
      waivedBy: 'head-1',
    })
    expect(filingNow(parts([WAIVED], NOON + 86_400))).toEqual({ state: 'missing' })
    expect(filingNow(parts([WAIVED], NOON, ['supervisor']))).toEqual({ state: 'missing' })
    expect(filingNow(parts([{ ...WAIVED, waivedBy: 'head-2' }]))).toEqual({ state: 'missing' })
  })

  it.each(['victim.referral/1', 'victim.referral/2', 'intel.report/1', 'task.clearance/1'])(
    'that is missing keeps a real %s here, and no exercise',
    async (kind) => {
      expect(await refused(parts([]), kind)).toEqual({
        code: 'REFERRAL_UNFILED',
        details: { kind },
      })
      expect(await refused(parts([]), kind, ['test:data'])).toBeUndefined()
    },
  )

  it.each([
    'referral.event/1',
    'referral.consent/1',
    'handover.receipt/1',
    'rights.request/1',
    'task.bed-query/1',
    'jtwg.minutes/1',
  ])('that is missing holds up no %s', async (kind) => {
    expect(await refused(parts([]), kind)).toBeUndefined()
  })
})
