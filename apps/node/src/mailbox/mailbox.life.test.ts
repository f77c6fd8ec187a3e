/**
 * A mailbox that does what it should, and one that drops, reorders, replays and invents: it changes nothing but delay.
 *
 * @module
 * @spec docs/spec/09-carriers.md#mailbox
 */
import { digest, encodeCanonical, encodeUtf8 } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { craftDeposit, testDepositRecipient } from '../../../../test/support/crafted-deposit.ts'
import { memoryLink } from '../../../../test/support/memory-link.ts'
import {
  beginTalk,
  MEETING_MS,
  queueNew,
  type Side,
  sizeOf,
} from '../../../../test/support/node-fixture.ts'
import { type Mischief, openMail, visit } from '../../../../test/support/open-mail.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { Arrivals } from '../carriers/arrivals.ts'
import { type LinkSession } from '../ports.ts'
import { decodeMailboxFrame, receiveMessage, sendMessage } from './messages.ts'
import { serveMailbox } from './serve.ts'

const DAY = 86_400
const MAILBOX = 'mailbox'

async function stateOf({ parts }: Side, statement: string): Promise<string | undefined> {
  return (await parts.ledger.get(statement))?.state
}

describe('a mailbox', { timeout: MEETING_MS }, () => {
  it('brings messages and receipts to nodes that are never there at once', async () => {
    await using talk = await beginTalk()
    await using box = await openMail()
    const { anltp, naptip } = talk
    const statement = await queueNew(naptip, 'jtwg.minutes/1')
    await visit(naptip, box.mail)
    expect(await visit(naptip, box.mail)).toEqual({ fetched: 0, refused: 0, left: 0 })
    expect(await visit(anltp, box.mail)).toMatchObject({ refused: 0 })
    expect(await stateOf(anltp, statement)).toBe('received')
    await visit(naptip, box.mail)
    expect(await stateOf(naptip, statement)).toBe('opened')
    expect((await naptip.parts.witness.newest()).size).toBeGreaterThan(0)
  })

  it('that drops everything only delays it', async () => {
    await using talk = await beginTalk()
    await using box = await openMail()
    const { anltp, clock, naptip } = talk
    const statement = await queueNew(naptip, 'jtwg.minutes/1')
    await visit(naptip, box.mail, { deposit: async () => undefined })
    clock.turn(DAY - 1)
    expect((await visit(naptip, box.mail)).left).toBe(1)
    expect(await visit(anltp, box.mail)).toMatchObject({ refused: 0 })
    expect(await stateOf(naptip, statement)).toBe('sent')
    clock.turn(1)
    await visit(naptip, box.mail)
    await visit(anltp, box.mail, { acknowledge: async () => undefined })
    await visit(naptip, box.mail)
    expect(await stateOf(naptip, statement)).toBe('opened')
  })

  it('that reorders, and shows everything for ever, changes nothing else', async () => {
    await using talk = await beginTalk()
    await using box = await openMail()
    const { anltp, naptip } = talk
    for (let count = 0; count < 3; count += 1) {
      await queueNew(naptip, 'jtwg.minutes/1')
      await visit(naptip, box.mail)
    }
    const replaying: Mischief = {
      acknowledge: async () => undefined,
      list: async (agency, after) => {
        const { items } = await box.mail.list(agency, after)
        return { items: items.toReversed() }
      },
    }
    await visit(anltp, box.mail, replaying)
    expect((await anltp.parts.inbox.position(anltp.peer)).sequence).toBe(3)
    const size = sizeOf(anltp)
    expect(await visit(anltp, box.mail, replaying)).toMatchObject({ refused: 0 })
    expect(sizeOf(anltp)).toBe(size)
    await visit(naptip, box.mail)
    expect(await naptip.parts.outbox.settled(naptip.peer)).toBe(3)
  })

  it('that invents deposits has them refused, and is left after 2,048', async () => {
    await using talk = await beginTalk()
    await using box = await openMail()
    const { anltp } = talk
    const foreign = await craftDeposit(await testDepositRecipient(), {
      aad: { from: 'ng.naptip', to: 'ne.anltp-tim' },
    })
    const item = { at: 1, bucketBytes: 4096, from: 'ng.naptip', name: digest(foreign) }
    let calls = 0
    const inventing: Mischief = {
      list: async (_agency, after) => ({
        items: Array.from({ length: 256 }, (_, n) => ({ ...item, place: after + n + 1 })),
      }),
      fetch: async () => {
        calls += 1
        return calls % 2 === 0 ? foreign : encodeUtf8('no deposit')
      },
    }
    const size = sizeOf(anltp)
    const seen = await visit(anltp, box.mail, inventing)
    expect(seen).toMatchObject({ fetched: 2048, refused: 2048 })
    const taken = await new Arrivals(anltp.parts).take(encodeUtf8('no deposit'))
    expect(taken).toEqual({ result: 'refused', code: 'WIRE_JSON' })
    expect(sizeOf(anltp)).toBeLessThan(size + 32)
    expect((await anltp.parts.inbox.position(anltp.peer)).sequence).toBe(0)
  })

  it.each([
    ['that is full', { quotaBytes: 1 }, 'NET_MAILBOX'],
    ['that does not serve the other agency', { agencies: new Set(['ng.naptip']) }, 'NET_MAILBOX'],
  ] as const)('%s says so', async (_name, rules, code) => {
    await using talk = await beginTalk()
    await using box = await openMail(rules)
    await queueNew(talk.naptip, 'jtwg.minutes/1')
    expect(await codeOf(() => visit(talk.naptip, box.mail))).toBe(code)
  })
})

describe('what a mailbox keeps', { timeout: MEETING_MS }, () => {
  let made: Promise<Uint8Array> | undefined
  const deposit = async (): Promise<Uint8Array> => {
    made ??= testDepositRecipient().then((key) => craftDeposit(key))
    return made
  }

  it('is for its agency alone, once, until it is acknowledged', async () => {
    await using box = await openMail()
    const bytes = await deposit()
    const name = digest(bytes)
    expect(await box.mail.deposit('ne.anltp-tim', bytes)).toBeUndefined()
    expect(await box.mail.deposit('ne.anltp-tim', bytes)).toBeUndefined()
    expect((await box.mail.list('ng.naptip', 0)).items).toEqual([
      { at: box.clock.now(), bucketBytes: 4096, from: 'ne.anltp-tim', name, place: 1 },
    ])
    expect((await box.mail.list('ng.naptip', 1)).items).toEqual([])
    expect((await box.mail.list('ne.anltp-tim', 0)).items).toEqual([])
    expect(await box.mail.fetch('ne.anltp-tim', name)).toBeUndefined()
    await box.mail.acknowledge('ne.anltp-tim', [name])
    expect(await box.mail.fetch('ng.naptip', name)).toEqual(bytes)
    await box.mail.acknowledge('ng.naptip', [name, name])
    expect(await box.mail.fetch('ng.naptip', name)).toBeUndefined()
    expect(box.mail.counts).toEqual([{ agency: 'ne.anltp-tim', deposits: 0, sizeBytes: 0 }])
  })

  it('is no file, and nothing in the name of another agency', async () => {
    await using box = await openMail()
    expect(await box.mail.deposit('ne.anltp-tim', encodeUtf8('a file'))).toBe('form')
    expect(await box.mail.deposit('ng.naptip', await deposit())).toBe('peer')
    expect(box.mail.counts).toEqual([])
  })

  it('goes when its time is over', async () => {
    await using box = await openMail()
    await box.mail.deposit('ne.anltp-tim', await deposit())
    box.clock.turn(30 * DAY)
    expect(await box.mail.expire()).toBe(0)
    box.clock.turn(1)
    expect(await box.mail.expire()).toBe(1)
    expect((await box.mail.list('ng.naptip', 0)).items).toEqual([])
  })
})

describe('a message to or from a mailbox', () => {
  const nobody: LinkSession = memoryLink(MAILBOX).near

  it.each([
    ['of an unknown type', Uint8Array.of(9, 0)],
    ['with another mark of its end', Uint8Array.of(1, 2)],
    ['of no bytes', new Uint8Array()],
    ['of more than 256 KiB in a frame', new Uint8Array(256 * 1024 + 3).fill(1)],
    ['cut into small pieces', Uint8Array.of(1, 1, 7)],
  ])('is refused %s', async (_name, frame) => {
    const fixed = frame.byteLength > 3 ? frame.with(1, 0) : frame
    expect(await codeOf(() => decodeMailboxFrame(fixed))).toBe('NET_FRAME')
  })

  it('is refused above 2 MiB, and where its frames are of two types or end too early', async () => {
    const part = new Uint8Array(256 * 1024 + 2).fill(1)
    const cases = [Array.from({ length: 9 }, () => part), [part, Uint8Array.of(2, 0)], [part, null]]
    for (const frames of cases) {
      const link = { ...nobody, receive: async () => frames.shift() ?? null }
      expect(await codeOf(() => receiveMessage(link))).toBe('NET_FRAME')
    }
  })

  it('that is no request is answered with a refusal, and one out of form ends the session', async () => {
    await using box = await openMail()
    const { far, near } = memoryLink(MAILBOX)
    const serving = codeOf(() => serveMailbox(far, 'ng.naptip', box.mail))
    await sendMessage(near, { type: 'done', body: new Uint8Array() })
    expect((await receiveMessage(near))?.type).toBe('refused')
    await sendMessage(near, { type: 'list', body: encodeCanonical({ after: -1 }) })
    expect(await serving).toBe('NET_FRAME')
  })
})
