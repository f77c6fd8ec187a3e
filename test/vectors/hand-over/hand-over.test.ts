/**
 * Every vector of `hand-over.json` against the code that ships.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#vectors
 */
import { decodeUtf8, encodeUtf8, joinHandOver, parseHandOver, verifyHandOver } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { makeWorld } from '../../support/envelope-fixture.ts'
import { codeOf } from '../../support/refusals.ts'
import { readJson } from '../../support/repository.ts'

const Case = { name: z.string(), code: z.exactOptional(z.string()) }
const { files, parts } = z
  .strictObject({
    about: z.string(),
    trust: z.json(),
    files: z.array(
      z.strictObject({ ...Case, file: z.string(), says: z.exactOptional(z.string()) }),
    ),
    parts: z.array(
      z.strictObject({ ...Case, file: z.exactOptional(z.string()), parts: z.array(z.string()) }),
    ),
  })
  .parse(readJson('test/vectors/hand-over/hand-over.json'))
const { trust } = await makeWorld()

async function verdictOf(file: string): Promise<string> {
  return (await verifyHandOver(parseHandOver(encodeUtf8(file)), trust)).verdict
}

describe('a hand-over', () => {
  it('is refused in as many vectors as it is accepted', () => {
    const refused = [...files, ...parts].filter(({ code }) => code !== undefined)
    expect(refused.length * 2).toBeGreaterThanOrEqual(files.length + parts.length)
  })

  it.each(files)('as a file, $name', async ({ code, file, says }) => {
    if (code === undefined) expect(await verdictOf(file)).toBe(says)
    else expect(await codeOf(() => verdictOf(file))).toBe(code)
  })

  it.each(parts)('in parts, $name', async ({ code, file, parts: texts }) => {
    if (code === undefined) expect(decodeUtf8(joinHandOver(texts))).toBe(file)
    else expect(await codeOf(() => joinHandOver(texts))).toBe(code)
  })
})
