import { AmanaError, digest, encodeUtf8 } from '@amana/core'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { twoAgencies } from '../../../../test/support/agencies.ts'
import { receiptOf } from '../../../../test/support/link-desk.ts'
import {
  makeDesks,
  noise,
  openBoth,
  openGreeted,
  turns,
} from '../../../../test/support/link-session.ts'
import { compressBody } from './compression.ts'

/** The keys of both agencies are made once a process, and take their time. */
beforeAll(async () => {
  await twoAgencies()
}, 60_000)

const IN_FLIGHT = 8

afterEach(() => {
  vi.useRealTimers()
})

describe('two sessions', () => {
  it('know whom they speak with, and who dialled', async () => {
    await using both = await openBoth()
    const { anltp, naptip } = await twoAgencies()
    expect(both.near).toMatchObject({
      agency: naptip.id,
      peerId: naptip.peerId,
      initiator: true,
    })
    expect(both.far).toMatchObject({ agency: anltp.id, peerId: anltp.peerId, initiator: false })
  })

  it('bring envelopes both ways in order, and a receipt for each in the same order', async () => {
    await using both = await openBoth()
    const { nearDesk, farDesk } = both
    const sent = Array.from({ length: 40 }, (_, index) => encodeUtf8(`envelope ${String(index)}`))
    nearDesk.queue(...sent)
    farDesk.queue(...sent.slice(0, 3))
    await nearDesk.calls.until(() => nearDesk.receipted === 40)
    await farDesk.calls.until(() => farDesk.receipted === 3)
    expect(farDesk.callsOf('envelope')).toEqual(sent.map((body) => digest(body)))
    expect(nearDesk.callsOf('receipt')).toEqual(sent.map((body) => digest(receiptOf(body))))
    expect(nearDesk.callsOf('envelope')).toEqual(sent.slice(0, 3).map((body) => digest(body)))
  })

  it('send of an envelope what there is when its turn has come, and nothing where there is nothing', async () => {
    const made = await makeDesks()
    const { farDesk, nearDesk } = made
    const { promise: released, resolve: release } = Promise.withResolvers<undefined>()
    farDesk.answer = async (envelope) => {
      await released
      return receiptOf(envelope)
    }
    const envelopes = Array.from({ length: 2 * IN_FLIGHT + 1 }, (_, n) => encodeUtf8(String(n)))
    nearDesk.queue(...envelopes)
    await using both = await openBoth(made)
    await both.farDesk.calls.until(() => farDesk.callsOf('envelope').length === 1)
    await turns(50)
    const taken = new Set<Uint8Array>(envelopes.slice(IN_FLIGHT, -1))
    nearDesk.read = async (envelope) => (taken.has(envelope) ? undefined : encodeUtf8('void'))
    release(undefined)
    await farDesk.calls.until(() => farDesk.callsOf('envelope').length === IN_FLIGHT + 1)
    const sent = envelopes.slice(0, IN_FLIGHT).map((body) => digest(body))
    expect(farDesk.callsOf('envelope')).toEqual([...sent, digest('void')])
  })

  it('send what is queued later', async () => {
    await using both = await openBoth()
    both.nearDesk.queue(encodeUtf8('first'))
    await both.nearDesk.calls.until(() => both.nearDesk.receipted === 1)
    both.nearDesk.queue(encodeUtf8('second'))
    await both.nearDesk.calls.until(() => both.nearDesk.receipted === 2)
    expect(both.farDesk.callsOf('envelope')).toHaveLength(2)
  })

  it('never wait for each other while both send long envelopes and answer slowly', async () => {
    const made = await makeDesks()
    for (const [name, desk] of [
      ['near', made.nearDesk],
      ['far', made.farDesk],
    ] as const) {
      for (let count = 0; count < 6; count += 1) {
        desk.queue(noise(`${name} ${String(count)}`, 1_000_000))
      }
      desk.answer = async (envelope) => {
        await turns(100)
        return receiptOf(envelope)
      }
    }
    await using both = await openBoth(made)
    await made.nearDesk.calls.until(() => made.nearDesk.receipted === 6)
    await made.farDesk.calls.until(() => made.farDesk.receipted === 6)
    expect(both.farDesk.callsOf('envelope')).toHaveLength(6)
  }, 30_000)

  it('send rosters before the envelopes that wait', async () => {
    const made = await makeDesks()
    made.nearDesk.queue(encodeUtf8('envelope'))
    made.nearDesk.queueRoster(encodeUtf8('roster 1'))
    made.nearDesk.queueRoster(encodeUtf8('roster 2'))
    await using both = await openBoth(made)
    await made.nearDesk.calls.until(() => made.nearDesk.receipted === 1)
    const calls = both.farDesk.calls.entries.filter(({ what }) => what !== 'seen')
    expect(calls).toEqual([
      { what: 'trust', digest: digest('roster 1') },
      { what: 'trust', digest: digest('roster 2') },
      { what: 'envelope', digest: digest('envelope') },
    ])
  })

  it('ask each other to cosign, and once more where the answer asks for it', async () => {
    await using both = await openBoth()
    const { nearDesk, farDesk } = both
    nearDesk.requests = [encodeUtf8('head from 1'), encodeUtf8('head from 7')]
    await both.near.askWitness()
    await nearDesk.calls.until(() => nearDesk.callsOf('cosigned').length === 2)
    expect(farDesk.callsOf('witness')).toEqual([digest('head from 1'), digest('head from 7')])
    const answer = `ng.naptip cosigns for ne.anltp-tim ${digest('head from 7')}`
    expect(nearDesk.callsOf('cosigned')[1]).toBe(digest(answer))
  })

  it('ask nothing where there is nothing to cosign', async () => {
    await using both = await openBoth()
    await both.near.askWitness()
    await both.near.ping()
    await both.nearDesk.calls.until(() => both.nearDesk.callsOf('seen').length === 1)
    expect(both.farDesk.callsOf('witness')).toEqual([])
    both.nearDesk.requests = [encodeUtf8('head')]
    await both.near.askWitness()
    await both.farDesk.calls.until(() => both.farDesk.callsOf('witness').length === 1)
    expect(both.nearDesk.callsOf('checkpoint')).toHaveLength(2)
  })

  it('end without a code on both sides after a farewell', async () => {
    await using both = await openBoth()
    await both.near.close()
    expect(await both.near.ended).toBeUndefined()
    expect(await both.far.ended).toBeUndefined()
    await both.near.close()
  })

  it('send nothing more after the farewell', async () => {
    await using both = await openBoth()
    await both.far.close()
    both.farDesk.queue(encodeUtf8('late'))
    await expect(both.far.ping()).rejects.toMatchObject({ code: 'NET_CLOSED' })
    await both.near.ended
    expect(both.nearDesk.callsOf('envelope')).toEqual([])
  })
})

describe('an open session', () => {
  it('says nothing more than its greeting to a peer that says nothing, but what waits', async () => {
    await using half = await openGreeted()
    half.desk.queue(encodeUtf8('waits'))
    expect((await half.peer.hear()).type).toBe('envelope')
  })

  it.each([
    ['an unknown type', [0x0b, 0]],
    ['no byte', []],
    ['a type without its second byte', [0x08]],
    ['a type that must be plain, compressed', [0x08, 1, ...compressBody(encodeUtf8('x'))]],
    ['a compressed body that is none', [0x03, 1, 0x28, 0xb5, 0x2f, 0xfd]],
    ['a second HELLO', [0x01, 0]],
    ['second HEADS', [0x02, 0]],
  ])('ends with NET_FRAME on a frame of %s, and says BYE', async (_name, bytes) => {
    await using half = await openGreeted()
    await half.peer.sayBytes(...bytes)
    expect(await half.session.ended).toBe('NET_FRAME')
    expect(await half.unheard()).toEqual(['bye'])
    expect(half.desk.callsOf('envelope')).toEqual([])
  })

  it('answers each ping', async () => {
    await using half = await openGreeted()
    for (let count = 0; count < 3; count += 1) {
      await half.peer.say('ping')
      expect((await half.peer.hear()).type).toBe('pong')
    }
    await half.peer.say('pong')
    await half.peer.say('ping')
    expect((await half.peer.hear()).type).toBe('pong')
  })

  it('ends in good order when the peer says BYE', async () => {
    await using half = await openGreeted()
    await half.peer.say('bye')
    expect(await half.session.ended).toBeUndefined()
  })

  it('ends in good order when the peer ends between two frames', async () => {
    await using half = await openGreeted()
    await half.peer.link.close()
    expect(await half.session.ended).toBeUndefined()
  })

  it('ends with NET_TIMEOUT when the peer falls silent for ninety seconds', async () => {
    await using half = await openGreeted()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    for (let round = 0; round < 3; round += 1) {
      await half.peer.say('ping')
      expect((await half.peer.hear()).type).toBe('pong')
      vi.advanceTimersByTime(89_999)
    }
    vi.advanceTimersByTime(1)
    expect(await half.session.ended).toBe('NET_TIMEOUT')
  })

  it('sends eight envelopes, and one more for each receipt', async () => {
    await using half = await openGreeted()
    const sent = Array.from({ length: 12 }, (_, index) => encodeUtf8(`envelope ${String(index)}`))
    half.desk.queue(...sent)
    for (let count = 0; count < IN_FLIGHT; count += 1) {
      expect((await half.peer.hear()).body).toEqual(sent[count])
    }
    for (let count = 0; count < 4; count += 1) {
      await half.peer.say('ping')
      expect((await half.peer.hear()).type).toBe('pong')
      await half.peer.say('receipt', receiptOf(sent[count] ?? new Uint8Array()))
      expect((await half.peer.hear()).body).toEqual(sent[IN_FLIGHT + count])
    }
  })

  it('sends long envelopes one by one, and rosters meanwhile', async () => {
    await using half = await openGreeted()
    const long = [noise('first', 16 * 1024), noise('second', 16 * 1024)]
    half.desk.queue(...long)
    expect((await half.peer.hear()).body).toEqual(long[0])
    half.desk.queueRoster(encodeUtf8('roster'))
    expect((await half.peer.hear()).type).toBe('trust')
    await half.peer.say('ping')
    expect((await half.peer.hear()).type).toBe('pong')
    await half.peer.say('receipt', receiptOf(long[0] ?? new Uint8Array()))
    expect((await half.peer.hear()).body).toEqual(long[1])
  })

  it.each([
    ['answers nothing of ours', 'never sent'],
    ['answers a later envelope than the oldest', 'second'],
  ])('ends with WIRE_RECEIPT on a receipt that %s', async (_name, envelope) => {
    await using half = await openGreeted()
    half.desk.queue(encodeUtf8('first'), encodeUtf8('second'))
    await half.peer.hear()
    await half.peer.hear()
    await half.peer.say('receipt', receiptOf(encodeUtf8(envelope)))
    expect(await half.session.ended).toBe('WIRE_RECEIPT')
    expect(half.desk.receipted).toBe(0)
  })

  it('ends with WIRE_RECEIPT on the same receipt a second time where that answers nothing', async () => {
    await using half = await openGreeted()
    half.desk.queue(encodeUtf8('first'))
    await half.peer.hear()
    await half.peer.say('receipt', receiptOf(encodeUtf8('first')))
    await half.peer.say('receipt', receiptOf(encodeUtf8('first')))
    expect(await half.session.ended).toBe('WIRE_RECEIPT')
    expect(half.desk.receipted).toBe(1)
  })

  it('gives no receipt where its node gives none', async () => {
    await using half = await openGreeted()
    half.desk.answer = async () => undefined
    await half.peer.say('envelope', encodeUtf8('unanswered'))
    await half.peer.say('ping')
    expect((await half.peer.hear()).type).toBe('pong')
  })

  it.each([
    ['WIRE_SEQ_GAP', new AmanaError('WIRE_SEQ_GAP', { expected: 1, found: 3 })],
    ['CLI_UNEXPECTED', new TypeError('not of the table')],
  ])('ends with %s where its node refuses an envelope so, and says BYE', async (code, error) => {
    await using half = await openGreeted()
    half.desk.answer = () => Promise.reject(error)
    await half.peer.say('envelope', encodeUtf8('refused'))
    expect(await half.session.ended).toBe(code)
    expect(await half.unheard()).toEqual(['bye'])
  })

  it('asks for one cosignature at a time', async () => {
    await using half = await openGreeted()
    half.desk.requests = [encodeUtf8('head 1'), encodeUtf8('head 2')]
    await half.session.askWitness()
    await half.session.askWitness()
    expect((await half.peer.hear()).body).toEqual(encodeUtf8('head 1'))
    half.desk.requests = []
    await half.peer.say('witness', encodeUtf8('cosigned'))
    await half.peer.say('ping')
    expect((await half.peer.hear()).type).toBe('pong')
    half.desk.requests = [encodeUtf8('head 3')]
    await half.session.askWitness()
    expect((await half.peer.hear()).body).toEqual(encodeUtf8('head 3'))
  })

  it('asks again after its node could not make the request', async () => {
    await using half = await openGreeted()
    half.desk.requests = [new TypeError('busy'), encodeUtf8('head 1')]
    await expect(half.session.askWitness()).rejects.toThrow('busy')
    await half.session.askWitness()
    expect((await half.peer.hear()).body).toEqual(encodeUtf8('head 1'))
  })

  it('reads no further where a peer asks and does not listen', async () => {
    await using half = await openGreeted()
    const receipt = noise('a long receipt', 24 * 1024)
    half.desk.answer = async () => receipt
    const flooding = half.peer.flood('envelope', noise('again', 2048))
    flooding.catch(() => undefined)
    let seen = -1
    while (seen !== half.desk.callsOf('envelope').length) {
      seen = half.desk.callsOf('envelope').length
      await turns(200)
    }
    // What lies in buffers of the transport, and sixteen answers: 2 MiB at most.
    expect(seen).toBeGreaterThan(0)
    expect(seen).toBeLessThan(85)
    await half.session.close()
    await expect(flooding).rejects.toMatchObject({ code: 'NET_CLOSED' })
    expect(half.desk.callsOf('envelope')).toHaveLength(seen)
  }, 30_000)

  it('keeps one pong for all pings that a peer does not read', async () => {
    await using half = await openGreeted()
    for (const label of ['1', '2', '3']) half.desk.queueRoster(noise(label, 1_000_000))
    for (let count = 0; count < 200; count += 1) await half.peer.say('ping')
    await half.peer.say('envelope', encodeUtf8('after the pings'))
    await half.desk.calls.until(() => half.desk.callsOf('envelope').length === 1)
    const heard: string[] = []
    while (heard.at(-1) !== 'receipt') heard.push((await half.peer.hear()).type)
    const pongs = heard.filter((type) => type === 'pong').length
    expect(pongs).toBeGreaterThan(0)
    expect(pongs).toBeLessThan(16)
  })
})
