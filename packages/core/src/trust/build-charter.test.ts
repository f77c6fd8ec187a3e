import { describe, expect, it } from 'vitest'
import { NOW, twoAgencies } from '../../../../test/support/agencies.ts'
import { DAY, newRoots, proposed, publicPair } from '../../../../test/support/rotation.ts'
import { changesOf } from './build-charter.ts'

const pair = await twoAgencies()
const before = pair.charter
const { payload } = before

describe('a charter that is proposed', () => {
  it('is the one in force again, dated anew, where nothing is changed', () => {
    const issuedAt = NOW + DAY
    expect(proposed(before)).toEqual({
      ...payload,
      exp: issuedAt + 365 * DAY,
      iat: issuedAt,
      previous: before.digest,
      version: 2,
    })
  })

  it('ends when it is told to', () => {
    expect(proposed(before, { validForSeconds: DAY }).exp).toBe(NOW + 2 * DAY)
  })

  it('changes the entry of its own agency, and of no other', async () => {
    const roots = (await newRoots('ng.naptip')).map(publicPair)
    const next = proposed(before, { entry: { roots, threshold: 3 } })
    expect(next.agencies['ng.naptip']).toEqual({
      ...payload.agencies['ng.naptip'],
      roots,
      threshold: 3,
    })
    expect(next.agencies['ne.anltp-tim']).toEqual(payload.agencies['ne.anltp-tim'])
    const stranger = proposed(before, { agency: 'ng.nis', entry: { roots } })
    expect(stranger.agencies).toEqual(payload.agencies)
  })

  it('changes rules for all', () => {
    const limits = { hold: 86_400, recipients: 4, skew: 60 }
    const next = proposed(before, { kinds: {}, limits, suites: ['A1'] })
    expect([next.kinds, next.limits, next.suites]).toEqual([{}, limits, ['A1']])
  })
})

describe('what a charter changes', () => {
  it('is said member by member, of one agency or of all', async () => {
    const roots = (await newRoots('ng.naptip')).map(publicPair)
    const next = proposed(before, { entry: { roots, name: 'other' }, suites: ['A1'], kinds: {} })
    expect(changesOf(payload, next)).toEqual([
      { what: 'name', agency: 'ng.naptip' },
      { what: 'roots', agency: 'ng.naptip' },
      { what: 'exp' },
      { what: 'kinds' },
      { what: 'suites' },
    ])
  })

  it('is nothing where only the date of signing differs', () => {
    expect(changesOf(payload, { ...payload, iat: payload.iat + 1, version: 2 })).toEqual([])
  })

  it('names who joins and who leaves', () => {
    const { 'ng.naptip': naptip, ...rest } = payload.agencies
    if (naptip === undefined) throw new TypeError('no entry')
    const next = { ...payload, agencies: { ...rest, 'ng.nis': naptip } }
    expect(changesOf(payload, next)).toEqual([
      { what: 'leaves', agency: 'ng.naptip' },
      { what: 'joins', agency: 'ng.nis' },
    ])
  })
})
