/**
 * Every code has its words in English and French, and no word is left over.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#words
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { CODE_LISTS } from './code-lists.ts'
import { EntitySchema } from './intelligence-entities.ts'
import { KINDS } from './kinds.ts'
import { RelatesSchema } from './message.ts'

const LABELS = new URL('../../../vocabulary/src/code-lists.json', import.meta.url)
const labels = z
  .record(
    z.string(),
    z.strictObject({
      source: z.string().min(1),
      version: z.string().min(1),
      codes: z.record(
        z.string(),
        z.strictObject({
          en: z.string().trim().min(1),
          fr: z.string().trim().min(1),
          haDraft: z.exactOptional(z.string().trim().min(1)),
        }),
      ),
    }),
  )
  .parse(JSON.parse(readFileSync(LABELS, 'utf8')))

describe('the code lists', () => {
  it('are those that have words', () => {
    expect(Object.keys(labels).toSorted()).toEqual(Object.keys(CODE_LISTS).toSorted())
  })

  it.each(Object.entries(CODE_LISTS))(
    'have words for every code of %s, and for no other',
    (list, codes) => {
      const own: readonly string[] = codes
      expect(Object.keys(labels[list]?.codes ?? {}).toSorted()).toEqual(own.toSorted())
      expect(new Set(own).size).toBe(own.length)
    },
  )

  it.each(Object.entries(labels))(
    'say something different of every code of %s',
    (_list, { codes }) => {
      for (const language of ['en', 'fr'] as const) {
        const words = Object.values(codes).map((code) => code[language].toLowerCase())
        expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([])
      }
    },
  )

  it('name the kinds, the entities and the links that the program knows', () => {
    expect(CODE_LISTS.messageKind.toSorted()).toEqual(Object.keys(KINDS).toSorted())
    expect(CODE_LISTS.entityType.toSorted()).toEqual(
      EntitySchema.options.map(({ shape }) => shape.type.value).toSorted(),
    )
    expect(CODE_LISTS.relation.toSorted()).toEqual(
      RelatesSchema.element.shape.relation.options.toSorted(),
    )
    expect(CODE_LISTS.desk.toSorted()).toEqual(
      [...new Set(Object.values(KINDS).map(({ desk }) => desk))].toSorted(),
    )
  })
})
