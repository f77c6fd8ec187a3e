/**
 * Minutes in both languages: nothing is said in one only, and every decision and action belongs to one item.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#jtwgminutes1
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { set, type Path } from '../../../../test/support/edit-json.ts'
import { parseMessage } from './message.ts'

const SAMPLES = new URL('../../../../test/vectors/messages/samples.json', import.meta.url)
const KIND = 'jtwg.minutes/1'
const { samples } = z
  .object({ samples: z.array(z.object({ kind: z.string(), groups: z.json() })) })
  .parse(JSON.parse(readFileSync(SAMPLES, 'utf8')))
const groups: unknown = samples.find(({ kind }) => kind === KIND)?.groups
const changed = (path: Path, put: unknown): unknown => set(groups, ['body', ...path], put)
const refusing = (path: string): unknown =>
  expect.objectContaining({ code: 'WIRE_SCHEMA', details: { path } })

const BILINGUAL: readonly Path[] = [
  ['meeting', 'place'],
  ['items', 0, 'title'],
  ['items', 0, 'summary'],
  ['decisions', 0, 'text'],
  ['actions', 0, 'text'],
]

describe('minutes', () => {
  it('are accepted in both languages', () => {
    expect(parseMessage(KIND, groups).kind).toBe(KIND)
  })

  it.each(BILINGUAL.flatMap((path) => ['en', 'fr'].map((language) => ({ path, language }))))(
    'say $path in $language too',
    ({ path, language }) => {
      const other = language === 'en' ? 'fr' : 'en'
      expect(() => parseMessage(KIND, changed(path, { [other]: 'x' }))).toThrow(
        refusing(['body', ...path, language].join('.')),
      )
      expect(() => parseMessage(KIND, changed([...path, language], ''))).toThrow(
        refusing(['body', ...path, language].join('.')),
      )
    },
  )

  it.each([
    ['a decision that no item names', ['items', 0, 'decisions'], [], 'decisions'],
    ['a decision named twice', ['items', 0, 'decisions'], ['D-01', 'D-01'], 'decisions'],
    ['a decision that is not there', ['items', 0, 'decisions'], ['D-01', 'D-02'], 'decisions'],
    ['an action that no item names', ['items', 0, 'actions'], [], 'actions'],
    ['an action that is not there', ['items', 0, 'actions'], ['A-02'], 'actions'],
    ['no item at all', ['items'], [], 'items'],
    ['a case', ['casesMentioned'], 'one', 'casesMentioned'],
    ['a seat by a person’s name', ['attendance', 0, 'seat'], 'Mr. X', 'attendance.0.seat'],
    ['an action without a number', ['actions', 0, 'id'], 'A-1', 'actions.0.id'],
  ] as const)('do not hold %s', (...[, path, put, refused]) => {
    expect(() => parseMessage(KIND, changed(path, put))).toThrow(refusing(`body.${refused}`))
  })

  it('name each decision in one item only', () => {
    const item = {
      number: 2,
      title: { en: 'x', fr: 'x' },
      summary: { en: 'x', fr: 'x' },
      actions: [],
    }
    const first = { ...item, number: 1, decisions: ['D-01'], actions: ['A-01'] }
    const put = [first, { ...item, decisions: ['D-01'] }]
    expect(() => parseMessage(KIND, changed(['items'], put))).toThrow(refusing('body.decisions'))
    const apart = [first, { ...item, decisions: [] }]
    expect(parseMessage(KIND, changed(['items'], apart)).kind).toBe(KIND)
  })

  it('hold two decisions under two ids', () => {
    const decision = { id: 'D-01', text: { en: 'x', fr: 'x' }, how: 'vote' }
    const twice = changed(['decisions'], [decision, decision])
    expect(() => parseMessage(KIND, twice)).toThrow(refusing('body.decisions'))
  })
})
