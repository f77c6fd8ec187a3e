import { describe, expect, it } from 'vitest'
import { refusalOf, refusalWith } from '../../../../test/support/refusals.ts'
import { digest } from '../crypto/digest.ts'
import { assertFirst, assertFollows, assertSame } from './versions.ts'

const [one, two, other] = [digest('one'), digest('two'), digest('other')]

describe('a first version', () => {
  it.each([
    [1, null, undefined],
    [2, null, 'TRUST_CHAIN'],
    [1, other, 'TRUST_CHAIN'],
  ])('%i that names %s before it: %s', async (version, previous, code) => {
    const refusal = await refusalOf(() =>
      assertFirst('charter', { digest: one, previous, version }),
    )
    expect(refusal).toEqual(refusalWith(code, { document: 'charter', version }))
  })
})

const rollback = (found: number): unknown => ({
  code: 'TRUST_ROLLBACK',
  details: { document: 'roster', found, known: 4 },
})

describe('a version after version 4', () => {
  const known = { digest: one, version: 4 }
  it.each([
    ['the next one', { digest: two, previous: one, version: 5 }, undefined],
    ['the same again', { digest: one, previous: other, version: 4 }, undefined],
    [
      'another of the same version',
      { digest: two, previous: one, version: 4 },
      { code: 'WIRE_FORK', details: { what: 'roster version 4' } },
    ],
    [
      'the next one after another',
      { digest: two, previous: other, version: 5 },
      { code: 'TRUST_CHAIN', details: { document: 'roster', version: 5 } },
    ],
    [
      'the next one after nothing',
      { digest: two, previous: null, version: 5 },
      { code: 'TRUST_CHAIN', details: { document: 'roster', version: 5 } },
    ],
    ['the one before', { digest: two, previous: one, version: 3 }, rollback(3)],
    ['the first', { digest: two, previous: null, version: 1 }, rollback(1)],
    ['one that skips a version', { digest: two, previous: one, version: 6 }, rollback(6)],
  ])('is %s', async (_name, next, refusal) => {
    expect(await refusalOf(() => assertFollows('roster', next, known))).toEqual(refusal)
  })

  it('has one digest', async () => {
    expect(await refusalOf(() => assertSame('roster', known, known))).toBeUndefined()
    expect(await refusalOf(() => assertSame('roster', { ...known, digest: two }, known))).toEqual({
      code: 'WIRE_FORK',
      details: { what: 'roster version 4' },
    })
  })
})
