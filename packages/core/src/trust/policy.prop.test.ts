import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { twoAgencies } from '../../../../test/support/agencies.ts'
import { isAnyAmanaError } from '../errors.ts'
import { formatPolicy, parsePolicy, type Policy } from './policy.ts'

const { charter, naptip, anltp } = await twoAgencies()
const text = formatPolicy(charter, [naptip.roster, anltp.roster])
const policy = parsePolicy(text)

describe('a policy file', () => {
  it('says something else, or nothing, when one character of it is changed', () => {
    const letter = fc.constantFrom('a', 'A', '0', ' ', '\n', '+', '/', '=', '#', 'é')
    fc.assert(
      fc.property(fc.nat({ max: text.length - 1 }), letter, (place, put) => {
        const changed = `${text.slice(0, place)}${put}${text.slice(place + 1)}`
        if (changed !== text) expect(parsed(changed)).not.toEqual(policy)
      }),
      { numRuns: 300 },
    )
  })

  it('is read from any text, or refused with an error of the table', () => {
    const line = fc.oneof(fc.constantFrom(...text.split('\n')), fc.string())
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const read = parsed(lines.join('\n'))
        if (read !== undefined) expect(read.quorum).toBe(1)
      }),
      { numRuns: 300 },
    )
  })
})

function parsed(changed: string): Policy | undefined {
  try {
    return parsePolicy(changed)
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    return undefined
  }
}
