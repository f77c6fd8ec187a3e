import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  beginTalk,
  leaving,
  MEETING_MS,
  queueNew,
  receive,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'

let talk: Talk
let envelope: Uint8Array
beforeAll(async () => {
  talk = await beginTalk()
  await queueNew(talk.naptip, 'jtwg.minutes/1')
  envelope = (await leaving(talk.naptip)).envelope
}, MEETING_MS)
afterAll(() => talk[Symbol.asyncDispose]())

/** Refused with a code of the wire or of trust, and the channel stands where it stood. */
async function expectRefused(bytes: Uint8Array): Promise<void> {
  const { anltp, naptip } = talk
  expect(await codeOf(() => receive(anltp, naptip, bytes))).toMatch(/^(?:WIRE|TRUST)_/)
  expect(await anltp.parts.inbox.position(naptip.agency)).toMatchObject({ sequence: 0 })
  expect(await anltp.parts.inbox.dispatchAt(naptip.agency, 1)).toBeUndefined()
}

describe('an envelope that is not what its sender signed', () => {
  it(
    'takes no place, whichever byte was changed',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(envelope.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) =>
          expectRefused(envelope.with(at, (envelope[at] ?? 0) ^ by)),
        ),
        { numRuns: 150 },
      )
      const step = Math.floor(envelope.length / 60)
      for (let at = 0; at < envelope.length; at += step) {
        await expectRefused(envelope.with(at, (envelope[at] ?? 0) ^ 1))
      }
    },
    MEETING_MS,
  )

  it(
    'takes no place, wherever it was cut, and whatever follows it',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(envelope.length - 1), (length) =>
          expectRefused(envelope.subarray(0, length)),
        ),
        { numRuns: 30 },
      )
      await expectRefused(Uint8Array.of(...envelope, 0x20))
      await expectRefused(Uint8Array.of(...envelope, ...envelope))
    },
    MEETING_MS,
  )

  it('does not keep the true one out', async () => {
    const { anltp, naptip } = talk
    await receive(anltp, naptip, envelope)
    expect(await anltp.parts.inbox.position(naptip.agency)).toMatchObject({ sequence: 1 })
    expect(await anltp.parts.ledger.newest(9)).toMatchObject([{ state: 'received' }])
  })
})
