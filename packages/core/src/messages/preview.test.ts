/**
 * What a reader will see is what is sealed for her.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#preview
 */
import { describe, expect, it } from 'vitest'
import { FILLED_REFERRAL } from '../../../../test/support/filled-referral.ts'
import { BODIES } from '../../../../test/support/message-bodies.ts'
import { seededBytes } from '../../../../test/support/seeded-bytes.ts'
import { createOpening, openingForDesk } from '../envelope/opening.ts'
import { DESK_ROLES, type DeskRole } from '../trust/identifiers.ts'
import { type ReadingDesk } from '../trust/roster.ts'
import { deskGroups, KINDS } from './kinds.ts'
import { parseMessage } from './message.ts'
import { previewFor, READER_PRESETS } from './preview.ts'

const FILE = parseMessage('victim.referral/1', FILLED_REFERRAL)
const partner = (role: DeskRole): ReadingDesk => ({ external: true, id: 'x', roles: [role] })

describe('a preview', () => {
  it.each([
    ['border', ['fitness']],
    [
      'shelter',
      ['custody', 'fitness', 'needs', 'person', 'placement', 'routing', 'safeContact', 'safety'],
    ],
    ['clinic', ['fitness', 'health', 'healthSummary', 'person', 'routing', 'safeContact']],
    ['embassy', ['routing', 'travel']],
    ['prosecutor', ['routing', 'statistics']],
  ] as const)('of %s names the groups of that reader', (preset, groups) => {
    const preview = previewFor(FILE, partner(READER_PRESETS[preset]))
    expect(Object.keys(preview.sees).toSorted()).toEqual(groups)
    expect(preview.locked).toBe(false)
  })

  it.each(Object.keys(KINDS))('of %s has exactly what is sealed, for every role', (kind) => {
    const groups = Object.entries(BODIES).find(([name]) => name === kind)?.[1] ?? {}
    const message = parseMessage(kind, groups)
    const opening = createOpening(groups, seededBytes('preview'))
    for (const role of DESK_ROLES) {
      const desk = partner(role)
      const { locked, sees } = previewFor(message, desk)
      if (locked || deskGroups(kind, desk).mustSee.length === 0) expect(sees).toEqual({})
      else
        expect(Object.keys(openingForDesk(kind, desk, opening).groups)).toEqual(
          expect.arrayContaining(Object.keys(sees)),
        )
      if (!locked) {
        expect(Object.keys(sees).toSorted()).toEqual(deskGroups(kind, desk).mustSee)
      }
    }
  })

  it('shows an embassy nothing while a claim may be there', () => {
    const afraid = { ...FILLED_REFERRAL, risk: { protectionClaim: 'unknown' } }
    const preview = previewFor(
      parseMessage('victim.referral/1', afraid),
      partner('embassy_consular'),
    )
    expect(preview).toMatchObject({ locked: true, sees: {} })
    expect(preview.withheld).toContain('travel')
  })
})
