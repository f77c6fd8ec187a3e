/**
 * The disclosure matrix as it is published, and what it means for partner desks.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#partner-desks
 */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readJson } from '../../../../test/support/repository.ts'
import { DESK_ROLES, type DeskRole } from '../trust/identifiers.ts'
import { type ReadingDesk } from '../trust/roster.ts'
import { CODE_LISTS } from './code-lists.ts'
import { DISCLOSURE_MATRIX, MATRIX_PLACES } from './disclosure-matrix.ts'
import { assertDeskUnlocked, deskGroups, groupNames, KINDS } from './kinds.ts'

const { matrix, partial } = z
  .object({
    matrix: z.record(z.string(), z.record(z.string(), z.string())),
    partial: z.record(z.string(), z.string()),
  })
  .parse(readJson('test/vectors/messages/disclosure-matrix.json'))

/** Groups that the matrix has no column for. */
const OWN_DESKS_ONLY = new Set(['coordination', 'rights'])

function partner(...roles: readonly DeskRole[]): ReadingDesk {
  return { external: true, id: 'partner-x', roles: [...roles] }
}

const risk = (member: string, value: string): Record<string, Record<string, unknown>> => ({
  risk: { [member]: value },
})

const seenBy = (kind: string, ...roles: readonly DeskRole[]): readonly string[] =>
  deskGroups(kind, partner(...roles)).mustSee

describe('the disclosure matrix', () => {
  it.each(CODE_LISTS.readerRole)('of %s is the one that is published', (role) => {
    expect(DISCLOSURE_MATRIX[role].split(' ')).toEqual(Object.values(matrix[role] ?? {}))
  })

  it('has 18 roles and 16 columns, and every partner desk is one of the roles', () => {
    expect(Object.keys(matrix)).toEqual(CODE_LISTS.readerRole)
    expect(Object.keys(matrix['shelter'] ?? {})).toEqual(CODE_LISTS.fieldGroup)
    expect(CODE_LISTS.readerRole).toEqual(expect.arrayContaining([...DESK_ROLES]))
    expect([CODE_LISTS.readerRole.length, CODE_LISTS.fieldGroup.length]).toEqual([18, 16])
  })

  it.each(Object.entries(MATRIX_PLACES))('has a place for every group of %s', (kind, places) => {
    const own = groupNames(kind).filter((name) => !OWN_DESKS_ONLY.has(name))
    expect(Object.keys(places).toSorted()).toEqual(own)
    expect(Object.keys(matrix['shelter'] ?? {})).toEqual(
      expect.arrayContaining(Object.values(places).map(({ column }) => column)),
    )
  })

  it('defines every part that it gives', () => {
    const parts = Object.values(MATRIX_PLACES)
      .flatMap((places) => Object.values(places))
      .flatMap(({ column, part = [] }) => part.map((role) => [role, column] as const))
    expect(parts).not.toEqual([])
    for (const [role, column] of parts) {
      expect(matrix[role]?.[column]).toBe('P')
      expect(partial[`${role}.${column.slice(0, column.indexOf('_'))}`]).toBeDefined()
    }
  })
})

describe('a partner desk', () => {
  it.each<readonly [DeskRole, readonly string[]]>([
    [
      'shelter',
      ['custody', 'fitness', 'needs', 'person', 'placement', 'routing', 'safeContact', 'safety'],
    ],
    ['medical', ['fitness', 'health', 'healthSummary', 'person', 'routing', 'safeContact']],
    ['embassy_consular', ['routing', 'travel']],
    ['border_officer', ['fitness']],
    ['escort_transport', ['custody', 'fitness', 'routing']],
    ['prosecutor', ['routing', 'statistics']],
    ['ngo_service_provider', ['needs', 'person', 'routing', 'safeContact']],
  ])('that is %s sees of a referral what the matrix gives it whole', (role, groups) => {
    expect(seenBy('victim.referral/1', role)).toEqual(groups)
  })

  it('sees what any of its roles may see, and every other group is withheld', () => {
    const kind = 'victim.referral/1'
    const both = new Set([...seenBy(kind, 'shelter'), ...seenBy(kind, 'medical')])
    const { mayNotSee, mustSee } = deskGroups(kind, partner('medical', 'shelter'))
    expect(mustSee).toEqual([...both].toSorted())
    expect([...mustSee, ...mayNotSee].toSorted()).toEqual(groupNames(kind))
  })

  it('sees what happened and what is told to investigators only where the matrix says so', () => {
    const readers = DESK_ROLES.filter((role) =>
      seenBy('victim.referral/1', role).some((name) =>
        ['exploitation', 'identity', 'contact', 'investigation'].includes(name),
      ),
    )
    expect(readers).toEqual(['investigator', 'juvenile_judge', 'guardian_representative'])
  })

  it.each(Object.keys(KINDS).filter((kind) => !Object.hasOwn(MATRIX_PLACES, kind)))(
    'reads no %s',
    (kind) => {
      expect(seenBy(kind, ...DESK_ROLES)).toEqual([])
    },
  )

  it('without a role reads nothing, whatever its name', () => {
    for (const kind of Object.keys(KINDS)) {
      const desk = { external: true, id: 'protection', roles: [] }
      expect(deskGroups(kind, desk).mustSee).toEqual([])
    }
  })

  it('with a role reads as a partner also inside the agency', () => {
    const desk: ReadingDesk = { external: false, id: 'protection', roles: ['border_officer'] }
    expect(deskGroups('victim.referral/1', desk).mustSee).toEqual(['fitness'])
  })
})

describe('an embassy', () => {
  const locked = { code: 'WIRE_POLICY', details: { rule: 'protection claim' } }

  it.each<readonly [string, string, string]>([
    ['victim.referral/1', 'protectionClaim', 'no'],
    ['victim.referral/2', 'protectionClaim', 'no'],
    ['referral.stranded-migrant/1', 'protectionClaim', 'no'],
    ['task.travel-document/1', 'protectionClaimChecked', 'yes'],
  ])('is sent a %s only where %s is %s', (kind, member, value) => {
    const embassy = partner('embassy_consular')
    expect(() => {
      assertDeskUnlocked(kind, embassy, risk(member, value))
    }).not.toThrow()
    for (const other of ['yes', 'no', 'unknown', 'not_asked'].filter((code) => code !== value)) {
      expect(() => {
        assertDeskUnlocked(kind, embassy, risk(member, other))
      }).toThrow(expect.objectContaining(locked))
    }
    expect(() => {
      assertDeskUnlocked(kind, embassy, { risk: {} })
    }).toThrow(expect.objectContaining(locked))
  })

  it('is sent no kind that cannot say so', () => {
    expect(() => {
      assertDeskUnlocked('task.clearance/1', partner('embassy_consular', 'shelter'), {})
    }).toThrow(expect.objectContaining(locked))
    expect(() => {
      assertDeskUnlocked('task.clearance/1', partner('shelter'), {})
    }).not.toThrow()
  })
})
