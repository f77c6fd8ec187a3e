import { encodeUtf8 } from '@amana/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { twoAgencies } from '../../../../test/support/agencies.ts'
import { type Ends, openPair } from '../../../../test/support/link-pair.ts'
import { noise } from '../../../../test/support/link-session.ts'
import { Wire } from './wire.ts'

/** The keys of both agencies are made once a process, and take their time. */
beforeAll(async () => {
  await twoAgencies()
}, 60_000)

const NEVER = new AbortController().signal

interface Wires {
  readonly near: Wire
  readonly far: Wire
}

function wiresOf({ near, far }: Ends): Wires {
  return { near: new Wire(near), far: new Wire(far) }
}

describe('a wire', () => {
  it('brings frames in the order in which they were given, however long each takes', async () => {
    await using pair = await openPair()
    const { near, far } = wiresOf(await pair.connect())
    const bodies = [1_000_000, 3, 500_000, 0, 800_000, 2].map((size) => noise(String(size), size))
    const sending = bodies.map((body) => near.send('envelope', body))
    for (const body of bodies) {
      const frame = await far.receive()
      expect([frame?.type, frame?.body.byteLength]).toEqual(['envelope', body.byteLength])
    }
    await Promise.all(sending)
  })

  it('reads what it is to send when its turn has come, and sends nothing where there is nothing', async () => {
    await using pair = await openPair()
    const { near, far } = wiresOf(await pair.connect())
    let newest: Uint8Array | undefined = encodeUtf8('sealed')
    const sending = near.send('envelope', noise('long', 1_000_000))
    const sent = near.sendNewest('envelope', async () => newest)
    newest = encodeUtf8('void')
    expect((await far.receive())?.body.byteLength).toBe(1_000_000)
    expect(await far.receive()).toMatchObject({ body: encodeUtf8('void') })
    await sending
    expect(await sent).toBe(true)
    expect(await near.sendNewest('envelope', async () => undefined)).toBe(false)
    await near.send('ping', new Uint8Array())
    expect((await far.receive())?.type).toBe('ping')
  })

  it('gives the body of the frame that is expected, and refuses another', async () => {
    await using pair = await openPair()
    const { near, far } = wiresOf(await pair.connect())
    await near.send('hello', encodeUtf8('body'))
    await near.send('ping', new Uint8Array())
    expect(await far.expect('hello', NEVER)).toEqual(encodeUtf8('body'))
    await expect(far.expect('heads', NEVER)).rejects.toMatchObject({
      code: 'NET_GREETING',
      details: { reason: 'heads' },
    })
  })

  it('refuses what waits and what comes when the link has ended', async () => {
    await using pair = await openPair()
    const ends = await pair.connect()
    const { near } = wiresOf(ends)
    const sending = [1, 2, 3].map((count) => near.send('envelope', noise(String(count), 1_000_000)))
    const outcomes = Promise.allSettled([...sending, near.send('ping', new Uint8Array())])
    await ends.far.close()
    const codes = (await outcomes).map((end) => (end.status === 'rejected' ? codeOf(end) : 'sent'))
    expect(codes.at(-1)).toBe('NET_CLOSED')
    await expect(near.send('ping', new Uint8Array())).rejects.toMatchObject({ code: 'NET_CLOSED' })
  })

  it('says good-bye behind what was sent', async () => {
    await using pair = await openPair()
    const { near, far } = wiresOf(await pair.connect())
    await near.send('ping', new Uint8Array())
    await near.farewell()
    expect(await typesUntilTheEnd(far)).toEqual(['ping', 'bye', 'end'])
  })

  it('says none to a peer that has not read what was sent, and lets it read that', async () => {
    await using pair = await openPair()
    const { near, far } = wiresOf(await pair.connect())
    const sending = near.send('envelope', noise('long', 1_000_000))
    const ending = near.farewell()
    expect(await typesUntilTheEnd(far)).toEqual(['envelope', 'end'])
    await Promise.all([sending, ending])
  })

  it('ends also where a peer never reads', async () => {
    await using pair = await openPair()
    const { near, far } = wiresOf(await pair.connect())
    const stuck = new AbortController()
    const sending = [1, 2].map((count) =>
      near.send('envelope', noise(String(count), 1_000_000), stuck.signal),
    )
    const outcomes = Promise.allSettled(sending)
    stuck.abort()
    await near.farewell()
    expect((await outcomes).map(({ status }) => status)).toContain('rejected')
    expect(await typesUntilTheEnd(far)).not.toContain('bye')
  })
})

async function typesUntilTheEnd(wire: Wire): Promise<readonly string[]> {
  const types: string[] = []
  try {
    for (;;) {
      const frame = await wire.receive()
      if (frame === null) return [...types, 'end']
      types.push(frame.type)
    }
  } catch {
    return types
  }
}

function codeOf({ reason }: { readonly reason: unknown }): string {
  return reason instanceof Error && 'code' in reason ? String(reason.code) : String(reason)
}
