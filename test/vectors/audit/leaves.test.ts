/**
 * Every vector of `leaves.json` against the code that ships.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#vectors
 */
import { describe, expect, it } from 'vitest'
import { encodeBase64url, encodeUtf8, leafHash, parseLeaf, readDisclosure } from '@amana/core'
import { z } from 'zod'
import { LEAF_EXAMPLES } from '../../support/leaf-examples.ts'
import { readJson } from '../../support/repository.ts'

const text = z.string()
const FileSchema = z.strictObject({
  about: text,
  accepted: z.array(z.strictObject({ name: text, leaf: text, hash: text })).min(44),
  refused: z.array(z.strictObject({ name: text, leaf: text, code: text })).min(90),
  disclosures: z
    .array(
      z.strictObject({
        name: text,
        leaf: text,
        disclosure: text,
        field: z.exactOptional(z.strictObject({ name: text, value: text })),
        code: z.exactOptional(text),
      }),
    )
    .min(3),
})
const { accepted, disclosures, refused } = FileSchema.parse(
  await readJson('test/vectors/audit/leaves.json'),
)

describe('leaves', () => {
  it.each(accepted)('accepts $name', ({ hash, leaf }) => {
    const bytes = encodeUtf8(leaf)
    expect(parseLeaf(bytes).index).toBe(7)
    expect(encodeBase64url(leafHash(bytes))).toBe(hash)
  })

  it('has one of every event', () => {
    const events = accepted.map(({ leaf }) => parseLeaf(encodeUtf8(leaf)).event)
    expect(new Set(events)).toEqual(new Set(Object.keys(LEAF_EXAMPLES)))
  })

  it.each(refused)('refuses $name', ({ code, leaf }) => {
    expect(() => parseLeaf(encodeUtf8(leaf))).toThrow(expect.objectContaining({ code }))
  })
})

describe('disclosures', () => {
  it.each(disclosures)('answers $name', ({ code, disclosure, field, leaf }) => {
    const read = () => readDisclosure(parseLeaf(encodeUtf8(leaf)), disclosure)
    if (code === undefined) expect(read()).toEqual(field)
    else expect(read).toThrow(expect.objectContaining({ code }))
  })
})
