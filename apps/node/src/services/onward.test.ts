/**
 * What another agency sent is shown on by its signed word only.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#the-hard-rules
 */
import { type GeneralJws, PURPOSES, type StatementDraft } from '@amana/core'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  draftOf,
  makeWorld,
  statementOf,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { type Purpose } from '../access/recorded.ts'
import { assertOnward } from './onward.ts'

const WATCHING = ['audit', 'data-subject', 'quality', 'supervision']
const REFUSED = { code: 'WIRE_POLICY', details: { rule: 'originator control' } }
let world: World

beforeAll(async () => {
  world = await makeWorld()
})

type Caveat = StatementDraft['handling']['caveats'][number]

async function markedBy(...caveats: readonly Caveat[]): Promise<GeneralJws> {
  const kind = 'victim.referral/1'
  const handling = { ...draftOf(world, kind).handling, caveats: [...caveats, 'test:data' as const] }
  return (await statementOf(world, { kind, draft: { handling } })).statement
}

function shown(statement: GeneralJws, direction: 'in' | 'out', purpose: Purpose): unknown {
  return refusalOf(() => assertOnward({ direction, statement }, purpose))
}

describe('a message of the other agency', () => {
  it.each(PURPOSES)('is shown on for %s only where who watches asks', async (purpose) => {
    const expected = WATCHING.includes(purpose) ? undefined : REFUSED
    for (const caveats of [
      [],
      ['dist:agency'],
      ['dist:bilateral'],
      ['dist:named-persons'],
    ] as const) {
      const statement = await markedBy(...caveats)
      expect(await shown(statement, 'in', purpose)).toEqual(expected)
      expect(await shown(statement, 'out', purpose)).toBeUndefined()
    }
  })

  it.each(['dist:partners', 'dist:jtwg'] as const)(
    'that it released by %s is shown',
    async (caveat) => {
      expect(await shown(await markedBy(caveat), 'in', 'prosecution')).toBeUndefined()
    },
  )
})
