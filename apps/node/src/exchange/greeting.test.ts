import { encodeCanonical, encodeUtf8, peerIdOfKey } from '@amana/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { NOW, twoAgencies } from '../../../../test/support/agencies.ts'
import { type Greeting } from '../../../../test/support/link-peer.ts'
import { openHalf } from '../../../../test/support/link-session.ts'
import { signingKey } from '../../../../test/support/trust-fixture.ts'

/** The keys of both agencies are made once a process, and take their time. */
beforeAll(async () => {
  await twoAgencies()
}, 60_000)

const nonce = 'AAAAAAAAAAAAAAAAAAAAAA'

const STRANGERS: readonly (readonly [string, () => Promise<Greeting>, string])[] = [
  ['of the other agency', async () => ({ heads: { from: await nodeOf('naptip') } }), 'WIRE_NODE'],
  [
    'of an agency outside the charter',
    async () => ({ heads: { from: await outside() } }),
    'WIRE_ISS',
  ],
  ['of another node key', async () => ({ heads: { from: await otherNode() } }), 'WIRE_NODE'],
  ['that answers another nonce', async () => ({ nonce }), 'WIRE_REPLAY'],
  ['by a clock far ahead', async () => ({ heads: { issuedAt: NOW + 500 } }), 'WIRE_TIME_FUTURE'],
  ['by a clock far behind', async () => ({ heads: { issuedAt: NOW - 500 } }), 'WIRE_TIME_STALE'],
  [
    'under a key of nobody',
    async () => ({ sealKey: await signingKey('nobody') }),
    'WIRE_KID_UNKNOWN',
  ],
  [
    'under the other agency’s key',
    async () => ({ sealKey: (await twoAgencies()).naptip.sealKey }),
    'WIRE_NODE',
  ],
]

describe('a greeting', () => {
  it.each([
    ['of another version', { nonce, v: 2 }],
    ['with a member more', { nonce, v: 1, x: 1 }],
    ['without a nonce', { v: 1 }],
    ['with a short nonce', { nonce: 'AAAA', v: 1 }],
  ])('%s is refused with NET_GREETING, and gets no heads', async (_name, members) => {
    await using half = await openHalf()
    await half.peer.say('hello', encodeCanonical(members))
    await expect(half.opening).rejects.toMatchObject({
      code: 'NET_GREETING',
      details: { reason: 'version' },
    })
    expect(await half.unheard()).toEqual(['hello'])
    expect(half.desk.calls.entries).toEqual([])
  })

  it.each([
    ['with no base64url', `{"nonce":"${'!'.repeat(22)}","v":1}`, 'WIRE_B64'],
    ['that is too long', `{"nonce":"${'A'.repeat(300)}","v":1}`, 'WIRE_SIZE'],
    ['that is not canonical', `{"v":1,"nonce":"${nonce}"}`, 'WIRE_CANON'],
  ])('%s is refused with its code, and gets no heads', async (_name, text, code) => {
    await using half = await openHalf()
    await half.peer.say('hello', encodeUtf8(text))
    await expect(half.opening).rejects.toMatchObject({ code })
    expect(await half.unheard()).toEqual(['hello'])
    expect(half.desk.calls.entries).toEqual([])
  })

  it.each(['heads', 'envelope', 'trust', 'bye', 'ping'] as const)(
    'that begins with %s is refused with NET_GREETING',
    async (type) => {
      await using half = await openHalf()
      await half.peer.say(type, encodeUtf8('{}'))
      await expect(half.opening).rejects.toMatchObject({
        code: 'NET_GREETING',
        details: { reason: 'hello' },
      })
      expect(await half.unheard()).toEqual(['hello'])
      expect(half.desk.calls.entries).toEqual([])
    },
  )

  it.each(['hello', 'envelope', 'receipt', 'trust', 'bye'] as const)(
    'that goes on with %s is refused with NET_GREETING, and nothing of it is taken',
    async (type) => {
      await using half = await openHalf()
      await half.peer.hello()
      await half.peer.say(type, encodeUtf8('{}'))
      await expect(half.opening).rejects.toMatchObject({
        code: 'NET_GREETING',
        details: { reason: 'heads' },
      })
      expect(await half.unheard()).toEqual(['heads'])
      expect(half.desk.calls.entries).toEqual([])
    },
  )

  it('that ends after HELLO is refused with NET_GREETING', async () => {
    await using half = await openHalf()
    await half.peer.hello()
    expect((await half.peer.hear()).type).toBe('heads')
    await half.peer.link.close()
    await expect(half.opening).rejects.toMatchObject({
      code: 'NET_GREETING',
      details: { reason: 'heads' },
    })
  })

  it('of an unknown type is refused with NET_FRAME', async () => {
    await using half = await openHalf()
    await half.peer.sayBytes(0x0d, 0)
    await expect(half.opening).rejects.toMatchObject({
      code: 'NET_FRAME',
      details: { reason: 'type' },
    })
  })

  it('that says nothing ends with the signal', async () => {
    const controller = new AbortController()
    await using half = await openHalf(controller.signal)
    controller.abort()
    await expect(half.opening).rejects.toMatchObject({ code: 'NET_TIMEOUT' })
  })

  it.each(STRANGERS)(
    '%s is refused with its code, and nothing but HELLO and HEADS has been sent',
    async (_name, greeting, code) => {
      await using half = await openHalf()
      half.desk.queue(encodeUtf8('an envelope that waits'))
      half.desk.queueRoster(encodeUtf8('a roster that waits'))
      await half.peer.greet(await greeting())
      await expect(half.opening).rejects.toMatchObject({ code })
      expect(await half.unheard()).toEqual([])
      expect(half.desk.calls.entries).toEqual([])
    },
  )
})

async function nodeOf(name: 'anltp' | 'naptip'): Promise<{ agency: string; node: string }> {
  const { id, peerId } = (await twoAgencies())[name]
  return { agency: id, node: peerId }
}

async function otherNode(): Promise<{ agency: string; node: string }> {
  const node = peerIdOfKey((await signingKey('another node')).publicJwk)
  return { agency: 'ne.anltp-tim', node }
}

async function outside(): Promise<{ agency: string; node: string }> {
  return { ...(await nodeOf('anltp')), agency: 'ng.nis' }
}
