/**
 * A file over two streams of the transport: whole, cut anywhere, changed, refused; and a peer that does not keep to the
 * protocol.
 *
 * @module
 * @spec docs/spec/10-attachments.md#transfer
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AttachmentOpener, encodeCanonical, type SealedFacts } from '@amana/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededBytes } from '../../../../test/support/seeded-bytes.ts'
import { type LinkSession } from '../ports.ts'
import { BlobFolder } from './blob-folder.ts'
import { encodeAnswer, parseRequest, type PieceRequest } from './blob-frames.ts'
import { type Pull, pull, resume } from './pull.ts'
import { PullWindow } from './window.ts'

const SIZE = 400_000
let root: string
let sender: BlobFolder
let facts: SealedFacts
let count = 0

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amana-pull-'))
  sender = new BlobFolder(join(root, 'sender'))
  facts = await sender.seal(once(seededBytes('file')(SIZE)), seededBytes('keys'))
})

afterAll(async () => {
  await rm(root, { recursive: true, force: true })
})

function receiver(): BlobFolder {
  count += 1
  return new BlobFolder(join(root, String(count)))
}

type Answering = (asked: PieceRequest, index: number) => Promise<Uint8Array | null>

/** A peer that answers in its way; nothing else of a transport is needed here. */
function peer(answer: Answering): LinkSession & { readonly asked: PieceRequest[] } {
  const asked: PieceRequest[] = []
  let next = 0
  return {
    asked,
    peerId: 'peer',
    initiator: true,
    send: async (frame) => {
      asked.push(parseRequest(frame))
    },
    receive: async () => {
      const one = asked[next]
      next += 1
      return one === undefined ? null : answer(one, next - 1)
    },
    close: async () => undefined,
  }
}

const honest: Answering = async (asked) =>
  encodeAnswer({ type: 'chunk', bytes: await sender.piece(asked.digest, asked) })

async function fetch(
  folder: BlobFolder,
  frames: LinkSession,
  {
    isOvertaken = () => false,
    ...changes
  }: Partial<SealedFacts> & Partial<Pick<Pull, 'isOvertaken'>> = {},
): Promise<unknown> {
  const said = { ...facts, ...changes }
  const opener = new AttachmentOpener(said)
  await using file = await folder.coming(said.digest)
  await resume(file, opener)
  const one = {
    digest: said.digest,
    until: said.length,
    opener,
    file,
    frames,
    window: new PullWindow(),
    nowMs: () => performance.now(),
    arrived: async () => undefined,
    isOvertaken,
    signal: new AbortController().signal,
  }
  const whole = async (): Promise<unknown> => {
    const refusal = await pull(one)
    if (refusal !== undefined) return refusal
    opener.end()
    await file.finish()
    return undefined
  }
  return await whole().catch((error: unknown) =>
    error instanceof Error && 'code' in error ? error.code : error,
  )
}

describe('an attachment', () => {
  it('comes whole, and nothing is asked for twice', async () => {
    const folder = receiver()
    const frames = peer(honest)
    expect(await fetch(folder, frames)).toBeUndefined()
    await folder.assertWhole(facts.digest, facts.length)
    const bytes = frames.asked.reduce((sum, { length }) => sum + length, 0)
    expect(bytes).toBe(facts.length)
  })

  it('asks for no more when another one goes before, takes what it asked for, and goes on there', async () => {
    const folder = receiver()
    const frames = peer(honest)
    const end = await fetch(folder, frames, { isOvertaken: () => frames.asked.length >= 40 })
    expect(end).toBe('overtaken')
    const bytes = frames.asked.reduce((sum, { length }) => sum + length, 0)
    const came = await folder.cameBytes(facts.digest)
    expect(bytes - came).toBeLessThan(65_552)
    const rest = peer(honest)
    expect(await fetch(folder, rest)).toBeUndefined()
    expect(rest.asked[0]?.offset).toBe(came)
    await folder.assertWhole(facts.digest, facts.length)
  })

  it('goes on at the last whole chunk, wherever it was cut', async () => {
    for (const cut of [1, 3, 10]) {
      const folder = receiver()
      const breaking = peer(async (asked, index) => (index < cut ? honest(asked, index) : null))
      expect(await fetch(folder, breaking)).toBe('NET_CLOSED')
      const came = await folder.cameBytes(facts.digest)
      expect(came === 0 || (came - 16) % 65_552 === 0).toBe(true)
      const rest = peer(honest)
      expect(await fetch(folder, rest)).toBeUndefined()
      expect(rest.asked[0]?.offset).toBe(came)
      await folder.assertWhole(facts.digest, facts.length)
    }
  })

  it('keeps no chunk that was changed on the way or on the disk', async () => {
    const folder = receiver()
    const changed = peer(async (asked, index) => {
      const bytes = await sender.piece(asked.digest, asked)
      const isThere = asked.offset <= 200_000 && asked.offset + asked.length > 200_000
      if (isThere) bytes.set([(bytes[200_000 - asked.offset] ?? 0) ^ 1], 200_000 - asked.offset)
      return encodeAnswer({ type: 'chunk', bytes: index < 0 ? new Uint8Array() : bytes })
    })
    expect(await fetch(folder, changed)).toBe('WIRE_ATTACHMENT_CHUNK')
    expect(await folder.cameBytes(facts.digest)).toBe(16 + 3 * 65_552)
    await using file = await folder.coming(facts.digest)
    await file.append(new Uint8Array(5000))
    expect(await fetch(folder, peer(honest))).toBeUndefined()
    await folder.assertWhole(facts.digest, facts.length)
  })

  it.each<[string, string, Partial<SealedFacts>]>([
    ['another key', 'WIRE_ATTACHMENT_CHUNK', { key: seededBytes('x')(32).toString() }],
  ])('is refused with %s', async (_name, code, _changes) => {
    const key = 'A'.repeat(43)
    expect(await fetch(receiver(), peer(honest), { key })).toBe(code)
  })
})

describe('a peer', () => {
  it.each<[string, Answering, unknown]>([
    [
      'gives too little',
      async (asked) => encodeAnswer({ type: 'chunk', bytes: new Uint8Array(asked.length - 1) }),
      'NET_BLOB',
    ],
    [
      'gives too much',
      async (asked) => encodeAnswer({ type: 'chunk', bytes: new Uint8Array(asked.length + 1) }),
      'NET_BLOB',
    ],
    ['answers with a request', async () => Uint8Array.of(1), 'NET_BLOB'],
    ['answers with nothing', async () => new Uint8Array(), 'NET_BLOB'],
    [
      'refuses in a form of its own',
      async () => Uint8Array.of(3, ...encodeCanonical({ reason: 'why' })),
      'NET_BLOB',
    ],
    ['has it not', async () => encodeAnswer({ type: 'no', reason: 'absent' }), 'absent'],
    [
      'has no bytes left today',
      async () => encodeAnswer({ type: 'no', reason: 'budget' }),
      'budget',
    ],
    ['ends', async () => null, 'NET_CLOSED'],
  ])('that %s gives no file', async (_name, answer, outcome) => {
    const folder = receiver()
    expect(await fetch(folder, peer(answer))).toBe(outcome)
    expect(await folder.has(facts.digest, facts.length)).toBe(false)
  })

  it.each<[string, Uint8Array]>([
    ['a type of no request', Uint8Array.of(2)],
    ['no JSON', Uint8Array.of(1, 0x7b)],
    [
      'a member more',
      Uint8Array.of(
        1,
        ...encodeCanonical({ digest: 'A'.repeat(43), length: 1, more: 1, offset: 0 }),
      ),
    ],
    [
      'a length of nothing',
      Uint8Array.of(1, ...encodeCanonical({ digest: 'A'.repeat(43), length: 0, offset: 0 })),
    ],
    [
      'a length above 64 KiB',
      Uint8Array.of(1, ...encodeCanonical({ digest: 'A'.repeat(43), length: 65_537, offset: 0 })),
    ],
    [
      'an offset below 0',
      Uint8Array.of(1, ...encodeCanonical({ digest: 'A'.repeat(43), length: 1, offset: -1 })),
    ],
    [
      'a path for a digest',
      Uint8Array.of(
        1,
        ...encodeCanonical({ digest: '../../node.keystore.json', length: 1, offset: 0 }),
      ),
    ],
  ])('that asks with %s is refused', (_name, frame) => {
    expect(() => parseRequest(frame)).toThrow(expect.objectContaining({ code: 'NET_BLOB' }))
  })
})
