/**
 * Two nodes over a real transport, of which one does not cosign: messages go on in the same session.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-is-sent
 */
import { decodeUtf8, encodeUtf8 } from '@amana/core'
import { expect, it } from 'vitest'
import { flipped } from '../../../../test/support/hostile-edits.ts'
import { openPair } from '../../../../test/support/link-pair.ts'
import {
  beginTalk,
  eventsOf,
  MEETING_MS,
  queueNew,
  sizeOf,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { answerOf, invented } from '../../../../test/support/witness-fixture.ts'
import { openSession, type OpenSession } from '../exchange/session.ts'
import { PeerDesk } from '../peer-desk.ts'

const NEVER = new AbortController().signal

interface Line extends AsyncDisposable {
  readonly session: OpenSession
  readonly desk: PeerDesk
}

it('a session goes on when the peer does not cosign', { timeout: MEETING_MS }, async () => {
  await using talk = await beginTalk()
  const { anltp, naptip } = talk
  expect(await answerOf(naptip, await invented(anltp, { oldSize: 1, size: 1 }))).toBe('409\n1\n')
  await using line = await openLine(talk)
  const told = new Promise((resolve) => {
    line.desk.onNotWitnessed((agency, size) => {
      resolve([agency, size])
    })
    anltp.parts.witness.onCosigned(resolve)
  })
  await line.session.askWitness()
  expect(await Promise.race([told, line.session.ended])).toEqual([naptip.agency, sizeOf(anltp)])
  const delivered = new Promise<void>((resolve) => {
    anltp.parts.outbox.onDelivered(resolve)
  })
  await queueNew(anltp, 'jtwg.minutes/1')
  line.desk.wake()
  await Promise.race([delivered, line.session.ended])
  expect(await anltp.parts.outbox.pending(naptip.agency)).toBe(0)
  await line.session.close()
  expect(await line.session.ended).toBeUndefined()
})

it.each([
  ['of another form', () => encodeUtf8('500\n')],
  ['under a wrong signature', (answer: Uint8Array) => encodeUtf8(flipped(decodeUtf8(answer)))],
])('a session goes on when the peer’s answer is %s', { timeout: MEETING_MS }, async (...row) => {
  const [, change] = row
  await using talk = await beginTalk()
  const { anltp, naptip } = talk
  const hostile = new PeerDesk(naptip.parts)
  const honest = hostile.witness.bind(hostile)
  hostile.witness = async (request, agency) => change(await honest(request, agency))
  await using line = await openLine(talk, hostile)
  const told = new Promise((resolve) => {
    line.desk.onNotWitnessed(resolve)
  })
  await line.session.askWitness()
  expect(await Promise.race([told, line.session.ended])).toBe(naptip.agency)
  const delivered = new Promise<void>((resolve) => {
    anltp.parts.outbox.onDelivered(resolve)
  })
  await queueNew(anltp, 'jtwg.minutes/1')
  line.desk.wake()
  await Promise.race([delivered, line.session.ended])
  expect(await anltp.parts.outbox.pending(naptip.agency)).toBe(0)
  expect(await eventsOf(anltp)).toContain('w.refused')
  expect(await eventsOf(anltp)).not.toContain('w.cosigned')
  expect(await anltp.parts.witness.newest()).toMatchObject({ size: 0 })
  await line.session.close()
  expect(await line.session.ended).toBeUndefined()
})

/** ANLTP/TIM’s session with NAPTIP. */
async function openLine(
  { anltp, naptip }: Talk,
  peer: PeerDesk = new PeerDesk(naptip.parts),
): Promise<Line> {
  const keys = { near: anltp.parts.keys.peerKey, far: naptip.parts.keys.peerKey }
  const pair = await openPair(keys)
  const ends = await pair.connect()
  const desk = new PeerDesk(anltp.parts)
  const [session, other] = await Promise.all([
    openSession(ends.near, desk, NEVER),
    openSession(ends.far, peer, NEVER),
  ])
  return {
    session,
    desk,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([session.close(), other.close()])
      await pair[Symbol.asyncDispose]()
    },
  }
}
