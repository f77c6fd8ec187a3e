/**
 * The register of law: what holds on a day, and what only warns.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#law
 */
import { describe, expect, it } from 'vitest'
import { LAW, lawOn, mayRestOn } from './law.ts'

const offence = (country: string, code: string, day: string) =>
  lawOn({ country, subject: 'offence', code, day })

describe('the register of law', () => {
  it.each(LAW)('$id has a source, both languages and days in order', (entry) => {
    expect([entry.source, entry.en, entry.fr].every((text) => text.trim() !== '')).toBe(true)
    expect(entry.from).toMatch(/^\d{4}-\d{2}-\d{2}$/)
    expect(entry.until ?? '9999-12-31').toMatch(/^\d{4}-\d{2}-\d{2}$/)
    expect(entry.from < (entry.until ?? '9999-12-31')).toBe(true)
    expect(['NE', 'NG']).toContain(entry.country)
    expect(entry.codes.length).toBeGreaterThan(0)
  })

  it('has each id once, and every subject', () => {
    expect(new Set(LAW.map(({ id }) => id)).size).toBe(LAW.length)
    expect(new Set(LAW.map(({ subject }) => subject))).toEqual(
      new Set(['basis', 'filing', 'offence', 'transfer']),
    )
  })
})

describe('smuggling of migrants in Niger', () => {
  it.each([
    ['2015-05-25', 'unknown'],
    ['2015-05-26', 'yes'],
    ['2021-06-18', 'yes'],
    ['2023-11-24', 'yes'],
    ['2023-11-25', 'no'],
    ['2026-11-28', 'no'],
  ])('on %s is an offence: %s', (day, holds) => {
    expect(offence('NE', 'smuggling', day).holds).toBe(holds)
  })

  it('is no longer what an operation may rest on alone; trafficking is', () => {
    expect(mayRestOn('smuggling', 'NE', '2026-11-28')).toBe(false)
    expect(mayRestOn('smuggling', 'NE', '2021-06-18')).toBe(true)
    expect(mayRestOn('trafficking', 'NE', '2026-11-28')).toBe(true)
    expect(mayRestOn('smuggling', 'NG', '2026-11-28')).toBe(true)
  })
})

describe('an entry that is to be verified', () => {
  it('warns and decides nothing', () => {
    const answer = offence('NE', 'trafficking', '2026-11-28')
    expect(answer).toMatchObject({ holds: 'unknown', warns: true })
    expect(answer.entries.map(({ id }) => id)).toEqual(['ne-trafficking'])
  })

  it('that has ended does not say no either', () => {
    const question = {
      country: 'NE',
      subject: 'transfer',
      code: 'instrument',
      day: '2026-11-28',
    } as const
    expect(lawOn(question)).toMatchObject({ holds: 'unknown', warns: true })
    expect(lawOn(question).entries.map(({ id }) => id)).not.toContain('ecowas-act-ne')
  })

  it('does not warn beside one that is confirmed', () => {
    const question = {
      country: 'NG',
      subject: 'basis',
      code: 'vital_interests',
      day: '2026-11-28',
    } as const
    expect(lawOn(question)).toMatchObject({ holds: 'yes', warns: false })
  })

  it('of which there is none is unknown', () => {
    expect(offence('NE', 'slavery', '2026-11-28')).toEqual({
      holds: 'unknown',
      warns: true,
      entries: [],
    })
  })
})
