/**
 * Two nodes that have met, and attachments between them: fetched with their leaves, given to nobody else, not beyond the
 * budget, not twice, and not kept where they are not what was said.
 *
 * @module
 * @spec docs/spec/10-attachments.md#transfer
 */
import { readFile } from 'node:fs/promises'
import { type Attachment, RANGE_BYTES } from '@amana/core'
import { describe, expect, it, vi } from 'vitest'
import { allServices } from '../../../../test/support/acting.ts'
import {
  connect,
  ends,
  report,
  sealIn,
  settled,
  stateAt,
  until,
} from '../../../../test/support/blob-line.ts'
import {
  beginTalk,
  carryAll,
  eventsOf,
  MEETING_MS,
  type Side,
  signedBy,
} from '../../../../test/support/node-fixture.ts'
import { seededBytes } from '../../../../test/support/seeded-bytes.ts'
import { temporaryFolder } from '../../../../test/support/store-fixture.ts'
import { BODIES } from '../../../../test/support/message-bodies.ts'
import { takeRange } from '../carriers/carried-pieces.ts'
import { countDepartures } from '../carriers/departures.ts'
import { readRange } from '../carriers/leaving-ranges.ts'
import { encodeRequest, parseAnswer } from './blob-frames.ts'
import { Outflow } from './outflow.ts'
import { serve } from './serve.ts'
import { Traffic } from './traffic.ts'

vi.setConfig({ testTimeout: MEETING_MS })

const REPORT = 'intel.report/1'
const PURPOSE = 'investigation'

interface Asked {
  readonly file: Attachment
  readonly peer: string
  readonly traffic?: Traffic
  readonly outflow?: Outflow
}

/** What a side answers when that peer asks for the first bytes of a file. */
async function asked(
  { parts }: Side,
  { file, outflow = new Outflow(() => undefined), peer, traffic = parts.traffic }: Asked,
): Promise<string> {
  const [near, far] = ends(['near', 'far'])
  const { signal } = new AbortController()
  const own = { ...parts, folder: parts.blobs, nowMs: () => 0, outflow, traffic }
  const serving = serve(own, { frames: far, peer, signal })
  await near.send(encodeRequest({ digest: file.digest, length: 10, offset: 0 }))
  const answer = parseAnswer((await near.receive()) ?? new Uint8Array(), 10)
  await near.close()
  await serving
  return answer.type === 'no' ? answer.reason : answer.type
}

describe('an attachment', () => {
  it('is fetched once its message is there, recorded on both sides, and saved for a purpose', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const photo = await sealIn(naptip, 150_000)
    const statement = await report(naptip, [photo])
    await carryAll(naptip, anltp)
    const services = allServices(anltp.parts)
    await using place = await temporaryFolder()
    const save = {
      attachment: '1',
      digest: statement,
      purpose: PURPOSE,
      to: `${place.path}/p.jpg`,
    } as const
    await expect(services.saveAttachment(save)).rejects.toMatchObject({
      code: 'CLI_ATTACHMENT_WAITS',
    })
    await using line = connect(talk)
    expect(await settled(anltp, photo.digest, statement)).toBe('whole')
    await until(async () => (await eventsOf(anltp)).includes('x.attached'))
    const events = await eventsOf(naptip)
    expect(events.filter((event) => event === 'x.fetched')).toHaveLength(1)
    await expect(services.saveAttachment({ ...save, attachment: '2' })).rejects.toMatchObject({
      code: 'CLI_NO_ATTACHMENT',
    })
    await services.saveAttachment(save)
    const expected = seededBytes('photo.jpg')(150_000)
    expect(Buffer.compare(await readFile(save.to), expected)).toBe(0)
    const { groups } = await services.message({ digest: statement, purpose: PURPOSE })
    expect(JSON.stringify(groups)).toContain(photo.digest)
    expect(JSON.stringify(groups)).not.toContain(photo.key)
    expect(line.failed).toEqual([])
  })

  it('that a carrier brought in part is fetched in its gaps only', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const photo = await sealIn(naptip, 2 * 15 * 65_536 + 1000)
    const statement = await report(naptip, [photo])
    await carryAll(naptip, anltp)
    const range = await readRange(naptip.parts, { digest: photo.digest, index: 1 })
    expect(await takeRange(anltp.parts, range ?? new Uint8Array())).toBe(true)
    await using line = connect(talk)
    expect(await settled(anltp, photo.digest, statement)).toBe('whole')
    expect(anltp.parts.traffic.facts.bytesToday).toBe(photo.length - RANGE_BYTES)
    await until(async () => (await countDepartures(naptip.parts)).ranges === 0)
    expect(line.failed).toEqual([])
  })

  it('that lies here already is read and not fetched again', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const photo = await sealIn(naptip, 70_000)
    const first = await report(naptip, [photo])
    await carryAll(naptip, anltp)
    await using line = connect(talk)
    await settled(anltp, photo.digest, first)
    await naptip.parts.blobs.drop(photo.digest)
    const second = await report(naptip, [photo])
    await carryAll(naptip, anltp)
    line.wake()
    expect(await settled(anltp, photo.digest, second)).toBe('whole')
  })

  it('that is not what its statement says is not kept, and not fetched again', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const photo = await sealIn(naptip, 70_000)
    const statement = await report(naptip, [{ ...photo, key: 'A'.repeat(43) }])
    await carryAll(naptip, anltp)
    await using line = connect(talk)
    expect(await settled(anltp, photo.digest, statement)).toBe('unfit')
    expect(await anltp.parts.blobs.cameBytes(photo.digest)).toBe(0)
    await until(async () => (await eventsOf(anltp)).includes('x.unfit'))
    const { attachments } = await allServices(anltp.parts).attachments({ digest: statement })
    expect(attachments).toMatchObject([{ state: 'unfit', code: 'WIRE_ATTACHMENT_CHUNK' }])
    expect(line.failed).toEqual([])
  })

  it('of a message that was taken back is dropped, unless another one names it', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const [photo, shared] = [await sealIn(naptip, 100), await sealIn(naptip, 200, 'shared.jpg')]
    const statement = await report(naptip, [photo, shared])
    await report(naptip, [shared])
    const withdraw = { digest: statement, reason: 'mistake', dryRun: false } as const
    await allServices(naptip.parts).withdraw(withdraw)
    expect(await naptip.parts.blobs.has(photo.digest, photo.length)).toBe(false)
    expect(await naptip.parts.blobs.has(shared.digest, shared.length)).toBe(true)
  })
})

describe('a peer', () => {
  it('is given nothing beyond the budget of the day', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const { audit, clock, store } = naptip.parts
    const traffic = await Traffic.load({ audit, clock, store, bytesPerDay: 1_000_000 })
    traffic.count(1_000_000)
    const photo = await sealIn(naptip, 70_000)
    const statement = await report(naptip, [photo])
    await carryAll(naptip, anltp)
    await using line = connect(talk, { traffic })
    expect(await asked(naptip, { file: photo, peer: anltp.agency, traffic })).toBe('budget')
    expect(await stateAt(anltp, photo.digest, statement)).toBe('waits')
    expect(await eventsOf(naptip)).not.toContain('x.fetched')
    expect(line.failed).toEqual([])
  })

  it('is given nothing while a frame of the exchange waits to leave', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const photo = await sealIn(naptip, 70_000)
    await report(naptip, [photo])
    const taken = Promise.withResolvers<undefined>()
    const counted: number[] = []
    const outflow = new Outflow((bytes) => counted.push(bytes))
    const [session] = ends(['near', 'far'])
    const link = outflow.watch({
      peerId: 'own',
      addresses: () => [],
      allow: async () => undefined,
      close: async () => undefined,
      onSession: () => undefined,
      dial: async () => ({ ...session, send: () => taken.promise }),
    })
    const dialled = await link.dial('far', [], new AbortController().signal)
    const sending = dialled.send(new Uint8Array(5))
    const order: string[] = []
    const given = (async () => {
      order.push(await asked(naptip, { file: photo, peer: anltp.agency, outflow }))
    })()
    // what began later and need not wait is over: the first would be too
    for (const fence of [1, 2, 3]) {
      expect([fence, await asked(naptip, { file: photo, peer: anltp.agency })]).toEqual([
        fence,
        'chunk',
      ])
    }
    order.push('frame')
    taken.resolve(undefined)
    await sending
    await given
    expect(order).toEqual(['frame', 'chunk'])
    expect(counted).toEqual([9])
  })

  it('of no roster is given nothing', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const photo = await sealIn(naptip, 70_000)
    const statement = await report(naptip, [photo])
    await carryAll(naptip, anltp)
    await using line = connect(talk, { stranger: true })
    await until(async () => line.failed.length > 0)
    expect(await stateAt(anltp, photo.digest, statement)).toBe('waits')
    expect(await eventsOf(naptip)).not.toContain('x.fetched')
  })

  it('is given no file that was not sent to it, also not one of its own', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const photo = await sealIn(anltp, 70_000)
    const statement = await report(anltp, [photo])
    await carryAll(anltp, naptip)
    await using line = connect(talk)
    expect(await settled(naptip, photo.digest, statement)).toBe('whole')
    const sent = await sealIn(naptip, 100, 'sent.jpg')
    await report(naptip, [sent])
    const answers = [
      await asked(naptip, { file: photo, peer: anltp.agency }),
      await asked(naptip, { file: sent, peer: 'ne.other' }),
      await asked(naptip, { file: sent, peer: anltp.agency }),
    ]
    expect(answers).toEqual(['absent', 'absent', 'chunk'])
    expect(line.failed).toEqual([])
  })
})

describe('a message whose file is not in the folder', () => {
  it('is not queued', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const photo = await sealIn(naptip, 100)
    const body = { ...BODIES[REPORT]['body'], attachments: [{ ...photo }] }
    const { opening, statement } = await signedBy(naptip, REPORT, { groups: { body } })
    const submission = { opening: { ...opening }, statement: { ...statement }, dryRun: false }
    await naptip.parts.blobs.drop(photo.digest)
    const services = allServices(naptip.parts)
    await expect(services.submit(submission)).rejects.toMatchObject({ code: 'STORE_BLOB' })
    expect(await naptip.parts.outbox.pending(naptip.peer)).toBe(0)
    await sealIn(naptip, 100)
    expect(await services.submit(submission)).toMatchObject({ queued: true })
  })
})
