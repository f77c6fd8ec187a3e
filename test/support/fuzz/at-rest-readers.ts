/**
 * The reader of groups at rest, with a group that its officer opens.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#a-group-at-rest
 */
import { encodeBase64url, generateKey, openGroup, SealedGroupSchema, sealGroup } from '@amana/core'
import { seededRandom } from '../agencies.ts'
import { ofValue, type Reader } from './reader.ts'

/** The reader, by any value in place of the stored one. */
export async function atRestReaders(): Promise<readonly Reader[]> {
  const random = seededRandom('fuzz group')
  const key = await generateKey('HPKE-9-KE', random)
  const name = { statement: encodeBase64url(random(32)), group: 'body' }
  const reader = { officer: 'reader', keyId: key.keyId, jwk: key.publicJwk }
  const open = { seed: encodeBase64url(random(32)), value: { a: 'b' } }
  const { sealed, wraps } = await sealGroup(name, open, { random, readers: [reader] })
  const row = { sealed, wraps: wraps.map((wrap) => ({ ...wrap })) }
  return [
    ofValue('openGroup', row, async (value) => {
      const parsed = SealedGroupSchema.safeParse(value)
      return parsed.success ? openGroup(name, parsed.data, key) : undefined
    }),
  ]
}
