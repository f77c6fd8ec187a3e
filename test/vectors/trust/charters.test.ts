/**
 * Every vector of `charters.json` against the code that ships.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#vectors
 */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ObjectVectorsSchema, ourVerdicts } from '../../support/object-verdicts.ts'
import { readJson } from '../../support/repository.ts'

const FILE = 'test/vectors/trust/charters.json'
const CasesSchema = z.array(z.object({ name: z.string(), code: z.string().default('accepted') }))
const SECTIONS = ['documents', 'charters', 'statements'] as const
const expected = z
  .object({ documents: CasesSchema, charters: CasesSchema, statements: CasesSchema })
  .parse(readJson(FILE))
const found = await ourVerdicts(ObjectVectorsSchema.parse(readJson(FILE)))

describe.each(SECTIONS)('%s', (section) => {
  const own = found.filter(({ part }) => part === section)

  it.each(expected[section].map(({ code, name }, index) => [name, code, index] as const))(
    '%s: %s',
    (name, code, index) => {
      expect(own[index]).toEqual({ part: section, name, found: code })
    },
  )
})

it('refuses more of them than it accepts', () => {
  const all = SECTIONS.flatMap((section) => expected[section])
  const accepted = all.filter(({ code }) => code === 'accepted').length
  expect(all).toHaveLength(found.length)
  expect(accepted).toBeGreaterThan(10)
  expect(all.length - accepted).toBeGreaterThan(accepted)
})
