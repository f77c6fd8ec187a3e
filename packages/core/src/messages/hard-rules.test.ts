/**
 * Rules of confidentiality that hold for every kind of a person’s side, whatever an officer wants: one test a rule.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#partner-desks
 */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { set } from '../../../../test/support/edit-json.ts'
import { readJson } from '../../../../test/support/repository.ts'
import { DESK_ROLES, type DeskRole } from '../trust/identifiers.ts'
import { ownDesk, type ReadingDesk } from '../trust/roster.ts'
import { maySee } from './disclosure-matrix.ts'
import { messageJsonSchema } from './json-schema.ts'
import { assertDeskUnlocked, deskGroups, groupNames, KINDS } from './kinds.ts'
import { parseMessage } from './message.ts'

const { samples } = z
  .object({
    samples: z.array(
      z.object({ kind: z.string(), groups: z.record(z.string(), z.record(z.string(), z.json())) }),
    ),
  })
  .parse(readJson('test/vectors/messages/samples.json'))
const PERSON = Object.keys(KINDS).filter((kind) => !/^(?:intel|jtwg|desk)\./.test(kind))
const desk = (...roles: readonly DeskRole[]): ReadingDesk => ({
  external: true,
  id: 'partner-x',
  roles: [...roles],
})
const seenBy = (kind: string, ...roles: readonly DeskRole[]): readonly string[] =>
  deskGroups(kind, desk(...roles)).mustSee
const sampleOf = (kind: string) => samples.find((sample) => sample.kind === kind) ?? expect.fail()

describe.each(PERSON)('%s', (kind) => {
  const { groups } = sampleOf(kind)
  const first = ['routing', 'body'].find((name) => name in groups) ?? ''

  it.each(['givenNames', 'gender', 'citizenship', 'conditions', 'address'])(
    'has no %s where everybody reads',
    (member) => {
      expect(() => parseMessage(kind, set(groups, [first, member], 'x'))).toThrow(
        expect.objectContaining({ code: 'WIRE_SCHEMA' }),
      )
    },
  )

  it('has no member for an address of a shelter', () => {
    expect(JSON.stringify(messageJsonSchema(kind))).not.toMatch(/"(?:address|street|geo|latitude)"/)
  })

  it('shows no diagnosis to an escort, a border officer or an embassy', () => {
    const seen = seenBy(kind, 'escort_transport', 'border_officer', 'embassy_consular')
    expect(seen.filter((name) => name.startsWith('health'))).toEqual([])
  })

  it('shows where she stays to no embassy, prosecutor or investigator', () => {
    const roles = ['embassy_consular', 'prosecutor', 'investigator'] as const
    expect(seenBy(kind, ...roles)).not.toContain('placement')
  })

  it('shows no name to a prosecutor or an investigator', () => {
    const seen = seenBy(kind, 'prosecutor', 'investigator')
    const naming = [
      'person',
      'identity',
      'contact',
      'safeContact',
      'child',
      'needs',
      'exploitation',
    ]
    expect(seen.filter((name) => naming.includes(name))).toEqual([])
  })

  it('is apart from intelligence', () => {
    expect(deskGroups(kind, ownDesk('intelligence')).mustSee).toEqual([])
  })

  it('tells investigators’ matters to nobody who shelters, treats or receives', () => {
    const roles = DESK_ROLES.filter((role) => role !== 'investigator')
    expect(seenBy(kind, ...roles)).not.toContain('investigation')
    expect(deskGroups(kind, ownDesk('protection')).mustSee).not.toContain('investigation')
  })

  it.each(['yes', 'unknown', 'not_asked'])(
    'is not sent to an embassy where the claim for protection is %s',
    (protectionClaim) => {
      expect(() => {
        assertDeskUnlocked(kind, desk('embassy_consular'), { risk: { protectionClaim } })
      }).toThrow(expect.objectContaining({ code: 'WIRE_POLICY' }))
    },
  )
})

describe('the rest of the rules', () => {
  it('say to every border service that she is not to be punished', () => {
    const { kind, groups } = sampleOf('task.clearance/1')
    expect(() => parseMessage(kind, set(groups, ['routing', 'nonPunishment'], 'no'))).toThrow(
      expect.objectContaining({ details: { path: 'routing.nonPunishment' } }),
    )
  })

  it('keep every case out of minutes', () => {
    const { kind, groups } = sampleOf('jtwg.minutes/1')
    expect(() => parseMessage(kind, set(groups, ['body', 'casesMentioned'], 'one'))).toThrow(
      expect.objectContaining({ details: { path: 'body.casesMentioned' } }),
    )
  })

  it('let no partner desk read what a person asked about her data', () => {
    const rights = PERSON.filter((kind) => kind.startsWith('rights.'))
    const seen = rights.flatMap((kind) =>
      groupNames(kind).filter((group) => DESK_ROLES.some((role) => maySee(role, kind, group))),
    )
    expect(rights).toHaveLength(5)
    expect(seen).toEqual([])
  })

  it('let nobody’s willingness to testify be a condition of help', () => {
    const read = Object.keys(KINDS).filter((kind) =>
      deskGroups(kind, ownDesk('protection')).mustSee.includes('investigation'),
    )
    expect(read).toEqual([])
  })
})
