/**
 * Attachments by carriers: half of them missing, out of order, of last month, wrong, mixed with what a link brought.
 *
 * @module
 * @spec docs/spec/10-attachments.md#by-carriers
 */
import { encodeRange, type Json, parseRange, type SealedFacts } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { carriedBytes, takeAll } from '../../../../test/support/carrying.ts'
import { BODIES } from '../../../../test/support/message-bodies.ts'
import {
  beginTalk,
  carryAll,
  eventsOf,
  MEETING_MS,
  queueNew,
  reopened,
  type Side,
  sizeOf,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { openMail, visit } from '../../../../test/support/open-mail.ts'
import { seededBytes } from '../../../../test/support/seeded-bytes.ts'
import { attachmentRow } from '../statements/attachment-rows.ts'
import { Arrivals } from './arrivals.ts'
import { countDepartures, departures } from './departures.ts'
import { sealFrame } from './deposits.ts'

/** Four ranges: three whole ones and the rest. */
const SIZE = 3 * 15 * 65_536 + 1000

interface Sent {
  readonly digest: string
  readonly facts: SealedFacts
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** A message with a file, in the queue of its sender. */
async function sendFile({ naptip }: Pick<Talk, 'naptip'>, sizeBytes = SIZE): Promise<Sent> {
  const file = seededBytes(String(sizeBytes))(sizeBytes)
  const facts = await naptip.parts.blobs.seal(once(file), seededBytes('keys'))
  const attachment: Json = { ...facts, media: 'image/jpeg', name: 'photo.jpg' }
  const body: Json = { ...BODIES['jtwg.minutes/1']['body'], attachments: [attachment] }
  return { digest: await queueNew(naptip, 'jtwg.minutes/1', { groups: { body } }), facts }
}

async function stateOf({ parts }: Side, { digest, facts }: Sent): Promise<string | undefined> {
  return (await attachmentRow(parts.store, facts.digest, digest))?.state
}

/** What a node says by a carrier that it lacks, taken in by the other one. */
async function tellPieces(from: Side, to: Side): Promise<void> {
  await takeAll(to, await carriedBytes(from, 'pieces'))
}

async function resultOf(side: Side, bytes: Uint8Array): Promise<string> {
  const taken = await new Arrivals(side.parts).take(bytes)
  return taken.result === 'refused' ? taken.code : taken.result
}

/** The first range, changed and sealed again as whoever has the deposit key can do. */
async function forged(
  side: Side,
  change: (range: ReturnType<typeof parseRange>) => ReturnType<typeof parseRange>,
): Promise<Uint8Array> {
  for await (const departure of departures(side.parts, 'file', { type: 'range', after: 0 })) {
    const body = await departure.read()
    if (body === undefined) break
    const bytes = encodeRange(change(parseRange(body)))
    return sealFrame(side.parts, { type: 'range', body: bytes })
  }
  throw new Error('no range leaves')
}

describe('an attachment on sticks', { timeout: MEETING_MS }, () => {
  it('comes in any order and in several of them, and is asked for until it is whole', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const sent = await sendFile(talk)
    await takeAll(anltp, await carriedBytes(naptip, 'envelope'))
    const size = sizeOf(naptip)
    const ranges = await carriedBytes(naptip, 'range')
    expect(ranges).toHaveLength(4)
    expect(await eventsOf(naptip, size)).toEqual(['x.fetched'])
    await takeAll(
      anltp,
      [ranges[3], ranges[1]].filter((one) => one !== undefined),
    )
    expect(await stateOf(anltp, sent)).toBe('waits')
    await tellPieces(anltp, naptip)
    expect(await countDepartures(naptip.parts)).toMatchObject({ ranges: 2 })
    await using again = await reopened(anltp)
    const rest = await carriedBytes(naptip, 'range')
    expect(rest).toHaveLength(2)
    await takeAll(again, rest.toReversed())
    expect(await stateOf(again, sent)).toBe('whole')
    await again.parts.blobs.assertWhole(sent.facts.digest, sent.facts.length)
    expect(await again.parts.blobs.ranges(sent.facts.digest)).toEqual([])
    expect((await eventsOf(again)).filter((event) => event === 'x.attached')).toHaveLength(1)
    await tellPieces(again, naptip)
    expect(await countDepartures(naptip.parts)).toMatchObject({ ranges: 0, rangeBytes: 0 })
    const after = sizeOf(again)
    expect(await resultOf(again, ranges[0] ?? new Uint8Array())).toBe('known')
    expect(sizeOf(again)).toBe(after)
  })

  it('of last month, or of a message that was taken back, changes nothing', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const sent = await sendFile(talk, 1000)
    await carriedBytes(naptip, 'envelope')
    const [range] = await carriedBytes(naptip, 'range')
    await naptip.parts.outbox.withdraw(sent.digest, 'mistake')
    expect(await carriedBytes(naptip, 'range')).toEqual([])
    await carryAll(naptip, anltp)
    expect(await resultOf(anltp, range ?? new Uint8Array())).toBe('NET_BLOB')
    expect(await anltp.parts.blobs.ranges(sent.facts.digest)).toEqual([])
  })

  it('with wrong bytes, or in another place, is refused and asked for again', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const sent = await sendFile(talk)
    await takeAll(anltp, await carriedBytes(naptip, 'envelope'))
    const wrong = [
      await forged(naptip, (one) => ({
        ...one,
        bytes: one.bytes.with(7, 1 + (one.bytes[7] ?? 0)),
      })),
      await forged(naptip, (one) => ({ ...one, index: 1 })),
      await forged(naptip, (one) => ({ ...one, salt: one.salt.with(0, 1 + (one.salt[0] ?? 0)) })),
    ]
    for (const bytes of wrong) expect(await resultOf(anltp, bytes)).toBe('WIRE_ATTACHMENT_CHUNK')
    const beyond = await forged(naptip, (one) => ({ ...one, index: 9 }))
    expect(await resultOf(anltp, beyond)).toBe('NET_BLOB')
    expect(await anltp.parts.blobs.ranges(sent.facts.digest)).toEqual([])
    await takeAll(anltp, await carriedBytes(naptip, 'range'))
    expect(await stateOf(anltp, sent)).toBe('whole')
  })

  it('is not what another node says of it: only the peer’s newest word counts', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await sendFile(talk)
    await takeAll(anltp, await carriedBytes(naptip, 'envelope'))
    const [before] = await carriedBytes(anltp, 'pieces')
    const [own] = await carriedBytes(naptip, 'pieces')
    expect(own).toBeUndefined()
    await takeAll(anltp, await carriedBytes(naptip, 'range'))
    clock.turn(1)
    await tellPieces(anltp, naptip)
    expect(await resultOf(naptip, before ?? new Uint8Array())).toBe('known')
    expect(await countDepartures(naptip.parts)).toMatchObject({ ranges: 0 })
  })
})

describe('an attachment in a mailbox', { timeout: MEETING_MS }, () => {
  it('comes with its message, and leaves messages room', async () => {
    await using talk = await beginTalk()
    await using box = await openMail({ quotaBytes: 4 * 1024 * 1024 })
    const { anltp, naptip } = talk
    const sent = await sendFile(talk)
    await visit(naptip, box.mail)
    await visit(anltp, box.mail)
    expect(await stateOf(anltp, sent)).toBe('waits')
    await visit(naptip, box.mail)
    await visit(anltp, box.mail)
    expect(await stateOf(anltp, sent)).toBe('whole')
    await visit(naptip, box.mail)
    expect(await countDepartures(naptip.parts)).toMatchObject({ ranges: 0 })
  })
})
