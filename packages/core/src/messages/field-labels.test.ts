/**
 * Every member of a kind of the person’s side, and every field of the design’s list, has its words in English and French,
 * and no word is left over.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#words
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readJson } from '../../../../test/support/repository.ts'
import { messageJsonSchema } from './json-schema.ts'
import { KINDS } from './kinds.ts'

const FIELDS = new URL('../../../vocabulary/src/fields.json', import.meta.url)
const LabelsSchema = z.record(
  z.string(),
  z.strictObject({ en: z.string().trim().min(1), fr: z.string().trim().min(1) }),
)
const {
  aliases,
  members: labels,
  planned,
} = z
  .strictObject({
    version: z.string().min(1),
    members: LabelsSchema,
    aliases: z.record(z.string(), z.string()),
    planned: LabelsSchema,
  })
  .parse(JSON.parse(readFileSync(FIELDS, 'utf8')))
const { schemas } = z
  .object({ schemas: z.record(z.string(), z.array(z.string())) })
  .parse(readJson('test/vectors/messages/design-fields.json'))

/** Kinds of intelligence, of meetings, of partner desks and of receipts have screens of their own. */
const PERSON = Object.keys(KINDS).filter((kind) => !/^(?:intel|jtwg|desk|receipt)\./.test(kind))

describe('the members of a person’s kinds', () => {
  const used = new Set(PERSON.flatMap((kind) => membersOf(groupsOf(kind))))

  it.each(PERSON)('have words in both languages: %s', (kind) => {
    const missing = membersOf(groupsOf(kind)).filter((name) => labels[name] === undefined)
    expect([...new Set(missing)]).toEqual([])
  })

  it('are all that have words', () => {
    expect(Object.keys(labels).filter((name) => !used.has(name))).toEqual([])
  })
})

describe('the 411 fields of the list', () => {
  const names = Object.values(schemas).flat()

  it('all have words: as a member, as one that is called otherwise, or as one that no kind has yet', () => {
    expect([Object.keys(schemas).length, names.length]).toEqual([21, 411])
    const known = { ...labels, ...aliases, ...planned }
    expect(names.filter((name) => !Object.hasOwn(known, name))).toEqual([])
  })

  it('have their words in one place each, and none is left over', () => {
    const beside = [...Object.keys(aliases), ...Object.keys(planned)]
    expect(beside.filter((name) => Object.hasOwn(labels, name))).toEqual([])
    expect(new Set(beside).size).toBe(beside.length)
    expect(beside.filter((name) => !names.includes(name))).toEqual([])
    expect(Object.values(aliases).filter((name) => labels[name] === undefined)).toEqual([])
  })
})

/** The schemas of the groups; their names are those of the matrix. */
function groupsOf(kind: string): readonly unknown[] {
  return Object.values(
    z.object({ properties: z.record(z.string(), z.unknown()) }).parse(messageJsonSchema(kind))
      .properties,
  )
}

/** Names of members at every depth. */
function membersOf(schema: unknown): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap((item: unknown) => membersOf(item))
  const parsed = z.record(z.string(), z.unknown()).safeParse(schema)
  if (!parsed.success) return []
  const { properties, ...others } = parsed.data
  const named = z.record(z.string(), z.unknown()).safeParse(properties).data ?? {}
  return [
    ...Object.keys(named),
    ...membersOf(Object.values(named)),
    ...membersOf(Object.values(others)),
  ]
}
