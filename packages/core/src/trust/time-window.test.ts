import { describe, expect, it } from 'vitest'
import { refusalOf, refusalWith } from '../../../../test/support/refusals.ts'
import { assertCurrent, assertSpan } from './time-window.ts'

const DAY = 86_400
const iat = 1_795_514_400

describe('the span of a document', () => {
  it.each([
    [1, undefined],
    [35 * DAY, undefined],
    [35 * DAY + 1, 'TRUST_EXPIRED'],
    [0, 'TRUST_EXPIRED'],
    [-1, 'TRUST_EXPIRED'],
  ])('of %i seconds: %s', async (seconds, code) => {
    const dated = { iat, exp: iat + seconds }
    const bound = iat + 35 * DAY
    expect(await refusalOf(() => assertSpan('roster', dated, 35 * DAY))).toEqual(
      refusalWith(code, { document: 'roster', exp: dated.exp, bound }),
    )
  })
})

describe('a document', () => {
  const dated = { iat, exp: iat + DAY }
  const expired = (now: number): unknown => ({
    code: 'TRUST_EXPIRED',
    details: { document: 'invite', exp: iat + DAY, bound: now },
  })

  it.each([
    ['when it is issued', iat, undefined],
    ['300 seconds before', iat - 300, undefined],
    ['301 seconds before', iat - 301, { code: 'WIRE_TIME_FUTURE', details: { at: iat } }],
    ['a second before its end', iat + DAY - 1, undefined],
    ['at its end', iat + DAY, expired(iat + DAY)],
    ['after its end', iat + 2 * DAY, expired(iat + 2 * DAY)],
  ])('%s', async (_name, now, refusal) => {
    expect(await refusalOf(() => assertCurrent('invite', dated, now))).toEqual(refusal)
  })
})
