/**
 * The error table is whole in both languages, and its page says the same.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { describe, expect, it } from 'vitest'
import { ERRORS } from '@amana/core'
import { errorCodes, formatErrorsPage, sentenceOf } from '../support/errors-page.ts'
import { readText } from '../support/repository.ts'

describe('the error table', () => {
  it('is what docs/spec/errors.md says (pnpm docs:errors writes it)', () => {
    expect(formatErrorsPage()).toBe(readText('docs/spec/errors.md'))
  })

  it.each(errorCodes())('%s has a sentence and a hint in both languages', (code) => {
    const { hintEn, hintFr } = ERRORS[code]
    const texts = [sentenceOf(code, 'en'), sentenceOf(code, 'fr'), hintEn, hintFr]
    expect(texts.filter((text) => text.trim() === '' || text.endsWith('.'))).toEqual([])
    expect(texts[0]).not.toBe(texts[1])
    expect(hintEn).not.toBe(hintFr)
  })

  it('names every code in upper case with its area', () => {
    const areas =
      /^(WIRE|TRUST|AUDIT|STORE|NET|REFERRAL|RIGHTS|HANDOVER|CLI|VERIFY)_[A-Z0-9]+(_[A-Z0-9]+)*$/
    expect(errorCodes().filter((code) => !areas.test(code))).toEqual([])
  })
})
