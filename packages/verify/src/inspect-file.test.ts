/**
 * A file of any length is taken apart while it is read.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#inspecting
 */
import { encodeUtf8 } from '@amana/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildExchange } from '../../../test/support/built-exchange.ts'
import { inspect } from './inspect.ts'
import { inspectFile } from './inspect-file.ts'
import { type InspectMember } from './inspect-members.ts'

const NAME = 'naptip.bundle.jsonl'
let bundle: Uint8Array
let note: Uint8Array
beforeAll(async () => {
  const exchange = await buildExchange()
  bundle = await exchange.naptip.log.bundle(exchange)
  note = encodeUtf8(exchange.naptip.log.notes[0] ?? '')
})

/** @yields the bytes, so many at a time */
async function* pieces(bytes: Uint8Array, sizeBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += sizeBytes) {
    yield await Promise.resolve(bytes.slice(at, at + sizeBytes))
  }
}

/** @yields the beginning, then the same byte, 32 times as long as a line may be; counts the pieces that were taken */
async function* endless(beginning: string, taken: { count: number }): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(encodeUtf8(beginning))
  while (taken.count < 1024) {
    taken.count += 1
    yield new Uint8Array(65_536).fill(0x61)
  }
}

async function allOf(chunks: AsyncIterable<Uint8Array>): Promise<readonly InspectMember[]> {
  const all: InspectMember[] = []
  for await (const member of (await inspectFile(NAME, chunks)).members) all.push(member)
  return all
}

describe('a file that is read in pieces', () => {
  it.each([1, 7, 65_536])('of %d bytes is shown as it is whole', async (sizeBytes) => {
    for (const bytes of [bundle, note]) {
      const { members, what } = inspect(bytes, NAME)
      expect((await inspectFile(NAME, pieces(bytes, sizeBytes))).what).toBe(what)
      expect(await allOf(pieces(bytes, sizeBytes))).toEqual(members)
    }
  })

  it('is shown before its end has come', async () => {
    const taken = { count: 0 }
    const [header = ''] = new TextDecoder().decode(bundle).split('\n')
    const { members } = await inspectFile(NAME, endless(`${header}\n`, taken))
    for await (const member of members) {
      expect(member.path).toBe('classes')
      break
    }
    expect(taken.count).toBeLessThan(2)
  })

  it.each(['', '{"classes":', '{"classes":[]}\n'])(
    'and has no end, behind %j: AUDIT_BUNDLE_LIMIT after 2 MiB',
    async (beginning) => {
      const taken = { count: 0 }
      const refused: unknown = expect.objectContaining({ code: 'AUDIT_BUNDLE_LIMIT' })
      await expect(allOf(endless(beginning, taken))).rejects.toEqual(refused)
      expect(taken.count).toBeLessThan(40)
    },
  )

  it('and stops within a line: AUDIT_BUNDLE_TRUNCATED', async () => {
    await expect(allOf(pieces(bundle.subarray(0, -1), 999))).rejects.toMatchObject({
      code: 'AUDIT_BUNDLE_TRUNCATED',
    })
  })
})
