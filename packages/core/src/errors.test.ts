import { describe, expect, it } from 'vitest'
import { ERRORS, isErrorCode, reviveError } from './errors.ts'

describe('an error that another process reported', () => {
  it('comes back with its code and details', () => {
    const error = reviveError('WIRE_SIZE', { sizeBytes: 7, limitBytes: 6 })
    expect([error.code, error.details]).toEqual(['WIRE_SIZE', { sizeBytes: 7, limitBytes: 6 }])
  })

  it.each([
    ['a code that is none', 'WIRE_X', {}],
    ['a name that every object has', 'constructor', {}],
    ['details that are none', 'WIRE_SIG', 'x'],
    ['details without the list that is told', 'REFERRAL_REFUSED', {}],
    ['details that nest without end', 'WIRE_SIG', { keyId: nested(100_000) }],
    ['details that are no text', 'WIRE_SIG', { keyId: { toString: 1, valueOf: 1 } }],
  ])('is unexpected with %s', (_name, code, details) => {
    const error = reviveError(code, details)
    expect([error.code, error.details]).toEqual(['CLI_UNEXPECTED', { what: code }])
  })

  it('can be printed in both languages, whatever its details lack', () => {
    const codes = Object.keys(ERRORS).filter((code) => isErrorCode(code))
    for (const code of codes) {
      const error = reviveError(code, {})
      expect(error.in('fr').length * error.in('en').length).toBeGreaterThan(0)
    }
  })
})

function nested(levels: number): unknown {
  return JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)
}
