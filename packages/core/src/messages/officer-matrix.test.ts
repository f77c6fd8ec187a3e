/**
 * What officers read by their roles: the rows of the published matrix, and a place for every group of every kind.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#who-reads
 */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readJson } from '../../../../test/support/repository.ts'
import { areaOfKind } from '../trust/identifiers.ts'
import { groupNames, KINDS } from './kinds.ts'
import { OFFICER_MATRIX, officerMayRead, officerPlace } from './officer-matrix.ts'

const { matrix } = z
  .object({ matrix: z.record(z.string(), z.record(z.string(), z.string())) })
  .parse(readJson('test/vectors/messages/disclosure-matrix.json'))

const ROWS = [
  ['case_manager', 'case_manager_sending'],
  ['case_manager', 'case_manager_receiving'],
  ['supervisor', 'case_manager_sending'],
  ['clinician', 'medical'],
  ['escort', 'escort_transport'],
  ['custodian', 'escort_transport'],
] as const

function reads(role: string, group: string): boolean {
  return officerMayRead([role], 'victim.referral/1', group)
}

describe('an officer', () => {
  it.each(ROWS)('who is %s has the row of %s', (role, row) => {
    expect(OFFICER_MATRIX[role]?.row.split(' ')).toEqual(Object.values(matrix[row] ?? {}))
  })

  it.each(Object.keys(KINDS))('finds a place for every group of %s', (kind) => {
    const isOfPerson = !['intel', 'jtwg'].includes(areaOfKind(kind))
    for (const group of groupNames(kind)) {
      expect(officerPlace(kind, group) !== undefined, group).toBe(isOfPerson)
      expect(officerMayRead(['head'], kind, group)).toBe(true)
      expect(officerMayRead([], kind, group)).toBe(false)
    }
  })

  it('reads a part where his row has one, and what is given for a time not at all', () => {
    expect(reads('case_manager', 'healthSummary')).toBe(true)
    expect(reads('case_manager', 'health')).toBe(false)
    expect(reads('case_manager', 'investigation')).toBe(false)
    expect(reads('clinician', 'health')).toBe(true)
    expect(reads('clinician', 'identity')).toBe(false)
    expect(reads('escort', 'travel')).toBe(false)
    expect(reads('duty_officer', 'person')).toBe(true)
    expect(reads('duty_officer', 'placement')).toBe(false)
    expect(reads('toString', 'routing')).toBe(false)
  })

  it('reads intelligence and minutes where he may write them, and no others', () => {
    expect(officerMayRead(['approve:intel'], 'intel.report/1', 'body')).toBe(true)
    expect(officerMayRead(['author:jtwg'], 'intel.report/1', 'body')).toBe(false)
    expect(
      officerMayRead(['author:jtwg'], 'jtwg.minutes/1', groupNames('jtwg.minutes/1')[0] ?? ''),
    ).toBe(true)
    expect(officerMayRead(['case_manager'], 'intel.report/1', 'body')).toBe(false)
    expect(officerMayRead(['author:victim'], 'victim.referral/1', 'person')).toBe(false)
  })
})
