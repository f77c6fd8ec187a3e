/**
 * Every vector of `message-files.json` and `disclosures.json` against the code that ships.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#vectors
 */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { FileVectorsSchema, wordsOfFiles } from '../../support/message-verdicts.ts'
import { ObjectVectorsSchema, ourVerdicts } from '../../support/object-verdicts.ts'
import { readJson } from '../../support/repository.ts'

const files = FileVectorsSchema.parse(readJson('test/vectors/files/message-files.json'))
const words = await wordsOfFiles(files)
const { disclosures } = z
  .object({ disclosures: z.array(z.object({ name: z.string(), code: z.string().optional() })) })
  .parse(readJson('test/vectors/files/disclosures.json'))
const found = await ourVerdicts(
  ObjectVectorsSchema.parse(readJson('test/vectors/files/disclosures.json')),
)

describe('a message file', () => {
  it.each(files.files.map(({ name, says }, index) => [name, says.join(' '), index] as const))(
    '%s: %s',
    (name, says, index) => {
      expect(words[index]).toBe(`${name}: ${says}`)
    },
  )

  it('is refused in more of the cases than accepted', () => {
    const sound = files.files.filter(({ says }) => says.every((one) => one === 'REFUSED')).length
    expect(sound).toBeGreaterThan(10)
    expect(files.files.length - sound).toBeGreaterThan(sound)
  })
})

describe('a signed disclosure', () => {
  it.each(disclosures.map(({ code, name }, index) => [name, code ?? 'accepted', index] as const))(
    '%s: %s',
    (name, code, index) => {
      expect(found[index]).toEqual({ part: 'disclosures', name, found: code })
    },
  )

  it('is refused in more of the cases than accepted', () => {
    const sound = disclosures.filter(({ code }) => code === undefined).length
    expect(sound).toBeGreaterThan(4)
    expect(disclosures.length - sound).toBeGreaterThan(sound)
  })
})
