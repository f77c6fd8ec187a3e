/**
 * What is found in free texts before they leave, what is not, and how often it is wrong.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#free-texts
 */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { FILLED_REFERRAL } from '../../../../test/support/filled-referral.ts'
import { readJson } from '../../../../test/support/repository.ts'
import { type CaseWord, caseWords } from './case-words.ts'
import { freeTextsOf } from './free-texts.ts'
import { MOST_FINDINGS, scanTexts } from './text-scan.ts'

const KIND = 'victim.referral/1'

/** What stands where something was found in her needs. */
function foundIn(summary: string, words: readonly CaseWord[]): readonly string[] {
  const found = scanTexts({ groups: { needs: { summary } }, kind: KIND, words })
  expect(found.every(({ path }) => path === 'needs.summary')).toBe(true)
  return found.map(({ length, start, why }) => `${why}: ${summary.slice(start, start + length)}`)
}

const name = (text: string): readonly CaseWord[] => [{ kind: 'name', text }]
const phone = (text: string): readonly CaseWord[] => [{ kind: 'phone', text }]

describe('a name', () => {
  it.each([
    ['Aïcha', 'Aicha'],
    ['Aïcha', 'AÏCHA'],
    ['Aïcha', 'Aisha'],
    ['Aïcha', 'A’isha'],
    ['Aisha', 'd’Aïcha'],
    ['Aisha', 'Aisha’s'],
    ['Fatouma', 'Fatuma'],
    ['Fatima', 'Fatimah'],
    ['Ousmane', 'Usman'],
    ['Oumarou', 'Umaru'],
    ['Mamadou', 'mamadu'],
    ['Souleymane', 'Suleiman'],
    ['Djibrilla', 'Jibrilla'],
    ['Mohamed', 'Muhammad'],
    ['Yacouba', 'Yakubu'],
    ['Zeinabou', 'Zainabu'],
    ['Aïssatou', 'Aisatu'],
    ['Khadija', 'Kadija'],
    ['Ɗankwambo', 'Dankwambo'],
    ['Ƙasimu', 'Kasimu'],
    ['Abdul-Rahman', 'Abdulrahman'],
    ['Abdulrahman', 'Abdoul-Rahmane'],
    ['Chinedu', 'CHINEDU'],
    ['عائشة', 'عَائِشَة'],
    ['Ladi', 'ladi'],
    ['moussa ibrahim', 'Ibrahim'],
    ['the woman called Hadiza', 'hadiza'],
  ])('%s is found as %s', (own, written) => {
    const bare = written.replace(/^d’|’s$/g, '')
    expect(foundIn(`Yesterday ${written} came.`, name(own))).toEqual([
      expect.stringContaining(bare.slice(0, 4)),
    ])
  })

  it.each([
    ['Ladi', 'A lady and a ladder stood there.'],
    ['Issa', 'Aisha came, and so did Isabelle.'],
    ['Rose', 'The price rises; she arose and prose is long.'],
    ['Amina', 'Minarets, animals and vitamins.'],
    ['Binta', 'A bin, a bint, a tab.'],
    ['Small Ladi', 'A small room.'],
    ['Mother of the case', 'Her mother and the case.'],
    ['the woman of the market', 'A woman at a market.'],
    ['Bello', 'Yellow walls below the belt.'],
    ['Musa', 'The museum of music is amusing.'],
    ['Hassan', 'She has an answer; it happens.'],
  ])('%s is not found in “%s”', (own, text) => {
    expect(foundIn(text, name(own))).toEqual([])
  })

  it('of several words is found as a whole once, and each of its own words alone', () => {
    const own = name('Small Ladi')
    expect(foundIn('They called her small  LADI, then Ladi.', own)).toEqual([
      'name: small  LADI',
      'name: Ladi',
    ])
  })
})

describe('a number', () => {
  it.each([
    '+227 90 12 34 56',
    '0022790123456',
    '90.12.34.56',
    '90-12-34-56',
    '(+227)90123456',
    '９０１２３４５６',
    '٩٠١٢٣٤٥٦',
    'tel90123456x',
  ])('of a telephone is found as %s', (written) => {
    expect(foundIn(`Call ${written} at night`, phone('+22790123456'))).toHaveLength(1)
  })

  it('of a Nigerian telephone is found without its prefix', () => {
    const own = phone('+2348031234567')
    expect(foundIn('0803 123 4567', own)).toEqual(['phone: 0803 123 4567'])
    expect(foundIn('0803 123 4566', own)).toEqual(['any_phone: 0803 123 4566'])
  })

  it('that looks like a telephone is found in a note, whoever it belongs to', () => {
    expect(foundIn('her aunt: +234 803 999 0000', [])).toEqual(['any_phone: +234 803 999 0000'])
    expect(foundIn('17 June 2021, 14 to 15 years, 1 590 945 euros, 2021-06-17', [])).toEqual([])
    const consent = { consents: [{ scope: 'return', recipientRole: '+2348039990000' }] }
    expect(scanTexts({ groups: { consent }, kind: KIND, words: [] })).toEqual([])
  })

  it('of a document is found however it is parted', () => {
    const own = [{ kind: 'number', text: 'TEST-000417' }] as const
    expect(foundIn('card test 000 417, or test000417', own)).toEqual([
      'number: test 000 417',
      'number: test000417',
    ])
    expect(foundIn('card test 000 418 and 000417', own)).toEqual([])
  })
})

describe('a place or a code word', () => {
  it.each([
    ['place', 'Oredo', 'She is from OREDO.', 'place: OREDO'],
    ['place', 'Quartier Sabon Gari', 'near quartier Sabon  gari', 'place: quartier Sabon  gari'],
    ['code_word', 'blue thread', 'says Blue-Thread', 'code_word: Blue-Thread'],
    ['code_word', 'blue thread', 'says blue thread', 'code_word: blue thread'],
    ['place', 'Oredo', 'Oredoville', undefined],
  ] as const)('is found as a whole: %s %s', (...[kind, text, summary, expected]) => {
    expect(foundIn(summary, [{ kind, text }])).toEqual(expected === undefined ? [] : [expected])
  })
})

describe('the words of a case', () => {
  it('come from the groups that say who she is, and from no other', () => {
    const words = caseWords(FILLED_REFERRAL)
    expect(words.filter(({ kind }) => kind !== 'name')).toEqual([
      { kind: 'number', text: 'TEST-000417' },
      { kind: 'phone', text: '+2340000000001' },
      { kind: 'place', text: 'TEST-LINE-2' },
      { kind: 'code_word', text: 'blue thread' },
      { kind: 'place', text: 'a ward of the city, not recorded here' },
    ])
    expect(words.map(({ text }) => text)).toEqual(expect.arrayContaining(['Ladi', 'Small Ladi']))
    const { needs, routing } = FILLED_REFERRAL
    expect(caseWords({ needs, routing, body: { calledName: 'Ladi' } })).toEqual([])
    expect(caseWords({ person: { calledName: 7 } })).toEqual([])
  })

  it('are not looked for where they stand by right, nor in codes, ids and digests', () => {
    const words = [...name('Feminine'), ...name('Rose'), ...name('off-0417')]
    const { identity, person, routing } = FILLED_REFERRAL
    expect(scanTexts({ groups: { identity, person, routing }, kind: KIND, words })).toEqual([])
    const paths = freeTextsOf(KIND, { routing, needs: { summary: 'x', education: 'y' } })
    expect(paths.map(({ path }) => path)).toEqual(['needs.summary', 'needs.education'])
  })
})

describe('hostile texts', () => {
  it.each([
    ['one long word', 'a'.repeat(8000)],
    ['joints only', "a-'".repeat(2666)],
    ['digits only', '1 '.repeat(4000)],
    ['the name again and again', 'Ladi '.repeat(1600)],
    ['marks only', 'a' + '\u0301'.repeat(7000)],
    ['a number that nearly fits', 'test 000 41 '.repeat(600)],
  ])('of %s give at most so many findings and end', (_name, narrative) => {
    const words = [
      ...name('Ladi'),
      ...phone('+22790123456'),
      { kind: 'number', text: 'TEST-000417' },
    ]
    const groups = { exploitation: { narrative, route: [{ country: 'NE', place: narrative }] } }
    const found = scanTexts({ groups, kind: KIND, words: z.array(WordSchema).parse(words) })
    expect(found.length).toBeLessThanOrEqual(MOST_FINDINGS)
  })
})

const WordSchema = z.object({
  kind: z.enum(['code_word', 'name', 'number', 'phone', 'place']),
  text: z.string(),
})

describe('in the samples, where nobody is named out of place', () => {
  const { samples } = z
    .object({
      samples: z.array(
        z.object({
          kind: z.string(),
          groups: z.record(z.string(), z.record(z.string(), z.json())),
        }),
      ),
    })
    .parse(readJson('test/vectors/messages/samples.json'))
  const persons = samples.filter(({ kind }) => !/^(?:intel|jtwg|desk)\./.test(kind))
  const NAMES = [
    'Aïcha Oumarou',
    'Ladi Bello',
    'Fatouma Issoufou',
    'Blessing Osagie',
    'Mariama Djibo',
    'Hadiza Musa',
    'Rose Edobor',
    'Precious Igbinosa',
    'Zeinabou Maman',
    'Amina Yakubu',
  ]

  it('ten names give no false finding', () => {
    const words = NAMES.map((text) => ({ kind: 'name', text }) as const)
    const texts = persons.flatMap(({ groups, kind }) => freeTextsOf(kind, groups))
    const found = persons.flatMap((sample) => scanTexts({ ...sample, words }))
    expect(texts.length).toBeGreaterThan(150)
    expect(found.map(({ path }) => path)).toEqual([])
  })
})
