/**
 * Every vector of `deposits.json` against the code that ships.
 *
 * @module
 * @spec docs/spec/09-carriers.md#vectors
 */
import {
  decodeBase64url,
  encodeBase64url,
  encodeUtf8,
  openDeposit,
  parseDeposit,
  privateKeyFromSeed,
} from '@amana/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { refusalOf } from '../../support/refusals.ts'
import { readJson } from '../../support/repository.ts'

const FileSchema = z.strictObject({
  about: z.string(),
  key: z.strictObject({ kid: z.string(), seed: z.string() }),
  deposits: z.array(
    z.strictObject({
      name: z.string(),
      code: z.exactOptional(z.string()),
      frame: z.exactOptional(z.string()),
      deposit: z.string(),
    }),
  ),
})
const { deposits, key } = FileSchema.parse(readJson('test/vectors/carriers/deposits.json'))
const own = await privateKeyFromSeed('HPKE-9-KE', decodeBase64url(key.seed))

async function opened(text: string): Promise<Uint8Array> {
  return openDeposit(parseDeposit(encodeUtf8(text)), own)
}

describe('a deposit', () => {
  it('is refused in more vectors than it is accepted', () => {
    expect(key.kid).toBe(own.keyId)
    const refused = deposits.filter(({ code }) => code !== undefined)
    expect(refused.length).toBeGreaterThan(deposits.length / 2)
  })

  it.each(deposits)('with $name', async ({ code, deposit, frame }) => {
    if (code === undefined) expect(encodeBase64url(await opened(deposit))).toBe(frame)
    else expect((await refusalOf(() => opened(deposit)))?.code).toBe(code)
  })
})
