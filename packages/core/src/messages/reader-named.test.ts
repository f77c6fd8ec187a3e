import { describe, expect, it } from 'vitest'
import { codeOf } from '../../../../test/support/refusals.ts'
import { type ReadingDesk } from '../trust/roster.ts'
import { assertReaderNamed, deskGroups } from './kinds.ts'

const KIND = 'referral.consent/1'
const clinic: ReadingDesk = { external: true, id: 'clinic-x', roles: ['medical'] }
const own: ReadingDesk = { external: false, id: 'protection', roles: [] }
const named = (reader: string) => ({ consent: { reader } })

describe('a consent', () => {
  it('is sent to the partner desk that it names, and to no other', async () => {
    expect(await codeOf(() => assertReaderNamed(KIND, clinic, named('medical')))).toBeUndefined()
    expect(await codeOf(() => assertReaderNamed(KIND, clinic, named('shelter')))).toBe(
      'WIRE_POLICY',
    )
    expect(await codeOf(() => assertReaderNamed(KIND, clinic, {}))).toBe('WIRE_POLICY')
  })

  it('is sent to every own desk, and is the only kind that names a reader', async () => {
    expect(await codeOf(() => assertReaderNamed(KIND, own, named('shelter')))).toBeUndefined()
    const other = 'referral.assessment/1'
    expect(await codeOf(() => assertReaderNamed(other, clinic, {}))).toBeUndefined()
  })

  it('is read by who is given a part of the column, and not where it stands in a file', () => {
    expect(deskGroups(KIND, clinic).mustSee).toEqual(['consent', 'routing'])
    expect(deskGroups('victim.referral/1', clinic).mayNotSee).toContain('consent')
    const escort: ReadingDesk = { ...clinic, roles: ['escort_transport'] }
    expect(deskGroups(KIND, escort).mustSee).toEqual(['routing'])
  })
})
