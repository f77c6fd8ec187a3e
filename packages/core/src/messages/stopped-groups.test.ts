import { describe, expect, it } from 'vitest'
import { type ReadingDesk } from '../trust/roster.ts'
import { stoppedGroups } from './stopped-groups.ts'

const MEDICAL = { scope: 'share_medical', reader: 'medical', fieldGroups: ['G1_identity'] } as const
const clinic: ReadingDesk = { external: true, id: 'clinic-x', roles: ['medical'] }
const own: ReadingDesk = { external: false, id: 'protection', roles: [] }

describe('the groups that are stopped', () => {
  const groups = { person: { calledName: 'TEST-B' }, identity: { familyName: 'B' }, needs: {} }
  const kind = 'victim.referral/1'

  it('are those that the desk would be sent, that hold anything, and that were taken back', () => {
    expect(stoppedGroups([MEDICAL], { kind, desk: clinic, groups })).toEqual(['person'])
    expect(stoppedGroups([MEDICAL], { kind, desk: clinic, groups: { person: {} } })).toEqual([])
  })

  it('are none for another reader', () => {
    expect(stoppedGroups([MEDICAL], { kind, desk: own, groups })).toEqual([])
    const agency = { ...MEDICAL, reader: 'case_manager_receiving' } as const
    expect(stoppedGroups([agency], { kind, desk: own, groups })).toEqual(['identity', 'person'])
    expect(stoppedGroups([agency], { kind, desk: clinic, groups })).toEqual([])
  })

  it('are none of the word itself, and of no hand-over', () => {
    const consent = { ...MEDICAL, fieldGroups: ['G10_consent', 'G11_custody'] } as const
    const desk: ReadingDesk = { ...clinic, roles: ['medical', 'shelter'] }
    const shown = { consent: { scope: 'return' }, custody: { transport: 'road' } }
    expect(
      ['referral.consent/1', 'handover.escort-plan/1'].map((one) =>
        stoppedGroups([consent], { kind: one, desk, groups: shown }),
      ),
    ).toEqual([[], []])
    expect(stoppedGroups([consent], { kind, desk, groups: shown })).toEqual(['custody'])
  })
})
