/**
 * What an officer says of attachments that wait: which come first, and which do not come for now.
 *
 * @module
 * @spec docs/spec/10-attachments.md#choosing
 */
import { describe, expect, it, vi } from 'vitest'
import { allServices } from '../../../../test/support/acting.ts'
import { connect, report, sealIn, settled, until } from '../../../../test/support/blob-line.ts'
import {
  beginTalk,
  carryAll,
  eventsOf,
  MEETING_MS,
  reopened,
  type Side,
} from '../../../../test/support/node-fixture.ts'
import { wantedFrom } from '../statements/attachment-rows.ts'
import { type NodeServices } from '../services.ts'

vi.setConfig({ testTimeout: MEETING_MS })

type Listed = Awaited<ReturnType<NodeServices['waitingAttachments']>>['attachments']

async function listed(side: Side): Promise<Listed> {
  return (await allServices(side.parts).waitingAttachments({ limit: 100 })).attachments
}

async function whole(side: Side, digest: string): Promise<boolean> {
  const { attachments } = await allServices(side.parts).attachments({ digest })
  return attachments.every(({ state }) => state === 'whole')
}

describe('attachments that wait', () => {
  it('are listed with their messages: lives at risk first, then the smaller; without names', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const [large, small] = [await sealIn(naptip, 900, 'film.mp4'), await sealIn(naptip, 90)]
    const routine = await report(naptip, [large, small], 'routine')
    const risk = await report(naptip, [await sealIn(naptip, 999, 'x.jpg')], 'life-at-risk')
    await carryAll(naptip, anltp)
    expect(await listed(anltp)).toMatchObject([
      { message: risk, number: 1, urgency: 'life-at-risk', kind: 'intel.report/1', sizeBytes: 999 },
      { message: routine, number: 2, urgency: 'routine', sizeBytes: 90, state: 'waits' },
      { message: routine, number: 1, urgency: 'routine', sizeBytes: 900 },
    ])
    expect(JSON.stringify(await listed(anltp))).not.toContain('film')
    expect(await listed(naptip)).toEqual([])
    expect((await eventsOf(anltp)).filter((event) => event === 'a.list')).toHaveLength(2)
  })

  it('come in the order that an officer says, and keep it when the node is opened again', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const files = [await sealIn(naptip, 10, 'a'), await sealIn(naptip, 20, 'b')]
    const risk = await report(naptip, [await sealIn(naptip, 30, 'c')], 'life-at-risk')
    const message = await report(naptip, files, 'routine')
    await carryAll(naptip, talk.anltp)
    const services = allServices(talk.anltp.parts)
    const chosen = await services.chooseAttachment({
      attachment: 'b',
      choice: 'first',
      digest: message,
    })
    expect(chosen).toMatchObject({
      digest: message,
      attachment: { number: 2, isFirst: true, state: 'waits' },
    })
    await services.chooseAttachment({ attachment: '1', choice: 'hold', digest: risk })
    await using anltp = await reopened(talk.anltp)
    const order = (await listed(anltp)).map(({ message: of, number, state }) => [of, number, state])
    expect(order).toEqual([
      [message, 2, 'waits'],
      [message, 1, 'waits'],
      [risk, 1, 'held'],
    ])
    const { line } = await allServices(anltp.parts).status({})
    expect(line).toMatchObject({ attachmentsWaiting: 2, attachmentsHeld: 1 })
    expect(line.attachmentBytesHeld).toBe(30 + 32)
  })

  it('do not come while they are on hold, and come when they are asked for', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const [held, other] = [await sealIn(naptip, 100, 'held'), await sealIn(naptip, 200, 'other')]
    const message = await report(naptip, [held])
    const second = await report(naptip, [other])
    await carryAll(naptip, anltp)
    const services = allServices(anltp.parts)
    const choose = async (choice: 'hold' | 'pull'): Promise<void> => {
      await services.chooseAttachment({ attachment: '1', choice, digest: message })
    }
    await choose('hold')
    await using line = connect(talk)
    await settled(anltp, other.digest, second)
    expect(await whole(anltp, message)).toBe(false)
    await choose('pull')
    line.wake()
    expect(await settled(anltp, held.digest, message)).toBe('whole')
    expect(await listed(anltp)).toEqual([])
  })

  it('wait until they are asked for where the settings say so', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const [asked, other] = [await sealIn(naptip, 500, 'asked'), await sealIn(naptip, 100, 'other')]
    const message = await report(naptip, [asked, other], 'life-at-risk')
    await carryAll(naptip, anltp)
    const pull = { attachment: 'asked', choice: 'pull', digest: message } as const
    await allServices(anltp.parts).chooseAttachment(pull)
    await using line = connect(talk, { asks: true })
    expect(await settled(anltp, asked.digest, message)).toBe('whole')
    line.wake()
    await until(async () => (await eventsOf(anltp)).includes('x.attached'))
    expect(await listed(anltp)).toMatchObject([{ number: 2, cameBytes: 0 }])
    expect((await eventsOf(naptip)).filter((event) => event === 'x.fetched')).toHaveLength(1)
    const services = allServices({ ...anltp.parts, config: askingIn(anltp.parts.config) })
    expect((await services.waitingAttachments({ limit: 100 })).attachments).toMatchObject([
      { number: 2, state: 'unasked' },
    ])
    expect((await services.status({})).line).toMatchObject({
      attachmentsWaiting: 0,
      attachmentsHeld: 1,
    })
  })

  it('give way under way: one about lives at risk comes before the rest of a long one', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const film = await sealIn(naptip, 8_000_000, 'film.mp4')
    const long = await report(naptip, [film], 'routine')
    await carryAll(naptip, anltp)
    await using line = connect(talk)
    await until(async () => (await anltp.parts.blobs.cameBytes(film.digest)) > 100_000)
    const photo = await sealIn(naptip, 2000)
    const risk = await report(naptip, [photo], 'life-at-risk')
    await carryAll(naptip, anltp)
    line.wake()
    await settled(anltp, photo.digest, risk)
    expect(await whole(anltp, long)).toBe(false)
    expect(await settled(anltp, film.digest, long)).toBe('whole')
    expect((await eventsOf(naptip)).filter((event) => event === 'x.fetched')).toHaveLength(2)
    expect(line.failed).toEqual([])
  })

  it('are none where the attachment is here, is the own one, or is not of the message', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const photo = await sealIn(naptip, 100)
    const message = await report(naptip, [photo])
    await carryAll(naptip, anltp)
    const hold = { attachment: '1', choice: 'hold', digest: message } as const
    await expect(allServices(naptip.parts).chooseAttachment(hold)).rejects.toMatchObject({
      code: 'CLI_ATTACHMENT_SETTLED',
      details: { number: 1, state: 'whole' },
    })
    await using line = connect(talk)
    await settled(anltp, photo.digest, message)
    const services = allServices(anltp.parts)
    await expect(services.chooseAttachment(hold)).rejects.toMatchObject({
      code: 'CLI_ATTACHMENT_SETTLED',
    })
    await expect(services.chooseAttachment({ ...hold, attachment: '2' })).rejects.toMatchObject({
      code: 'CLI_NO_ATTACHMENT',
    })
    expect(line.failed).toEqual([])
    const range = { limit: 10, which: 'all' } as const
    expect(await wantedFrom(anltp.parts.store, naptip.agency, range)).toEqual([])
  })
})

function askingIn(config: Side['parts']['config']): Side['parts']['config'] {
  return { ...config, node: { ...config.node, attachments: 'ask' } }
}
