import { cp, readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAnyAmanaError } from '@amana/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FILLED_REFERRAL } from '../../../test/support/filled-referral.ts'
import { passphraseOf } from '../../../test/support/met-agencies.ts'
import {
  beginTalk,
  carryAll,
  cosign,
  filesUnder,
  leaving,
  MEETING_MS,
  openSide,
  openStoreOf,
  queueNew,
  type Side,
  type Talk,
} from '../../../test/support/node-fixture.ts'
import { codeOf } from '../../../test/support/refusals.ts'
import { openParts } from './node-parts.ts'
import { RECORDS } from './records.ts'
import { createAuditServices } from './services/audit-services.ts'
import { createMessageServices } from './services/message-services.ts'
import { createTrustServices } from './services/trust-services.ts'

const NODE = passphraseOf('node')

/** Messages both ways; one waits, and one was sent and has no receipt. */
async function talkFor(talk: Talk): Promise<void> {
  const { anltp, naptip } = talk
  await queueNew(anltp, 'victim.referral/1', { groups: FILLED_REFERRAL })
  await queueNew(anltp, 'intel.report/1')
  await carryAll(anltp, naptip)
  await queueNew(naptip, 'jtwg.minutes/1')
  await carryAll(naptip, anltp)
  await cosign(naptip, anltp)
  await queueNew(naptip, 'jtwg.minutes/1')
  await leaving(naptip)
  await queueNew(naptip, 'referral.event/1')
}

describe('the folder of a node', { timeout: MEETING_MS }, () => {
  it('has one owner at a time', async () => {
    await using talk = await beginTalk()
    const { folder } = talk.naptip.place
    const opening = { folder, passphrase: NODE }
    expect(await codeOf(() => openParts(opening))).toBe('STORE_LOCKED')
    await talk.naptip[Symbol.asyncDispose]()
    await using parts = await openParts(opening)
    expect(parts.agency).toBe('ng.naptip')
    expect(await codeOf(() => openParts(opening))).toBe('STORE_LOCKED')
  })

  it('opens with the passphrase of its own keystore and no other', async () => {
    await using talk = await beginTalk()
    const { folder } = talk.naptip.place
    await talk.naptip[Symbol.asyncDispose]()
    expect(await codeOf(() => openParts({ folder, passphrase: 'another one' }))).toBe(
      'STORE_PASSPHRASE',
    )
    await rm(join(folder, 'node.keystore.json'))
    expect(await codeOf(() => openParts({ folder, passphrase: NODE }))).toBe('STORE_FILE')
  })

  it.each<[string, string, (own: string, other: string) => Promise<unknown>]>([
    [
      'the other agency’s store',
      'STORE_DAMAGED',
      async (own, other) => replace(join(own, 'store'), join(other, 'store')),
    ],
    [
      'the other agency’s file of heads',
      'STORE_ROLLBACK',
      async (own, other) => replace(join(own, 'heads'), join(other, 'heads')),
    ],
    ['no file of heads', 'STORE_GUARD', async (own) => rm(join(own, 'heads'), { recursive: true })],
    [
      'another agency’s name in its settings',
      'STORE_ROLLBACK',
      async (own) => edit(join(own, 'amana.toml'), 'ng.naptip', 'ng.nis'),
    ],
    ['no store', 'STORE_ROLLBACK', async (own) => rm(join(own, 'store'), { recursive: true })],
  ])('does not open with %s', async (_name, code, change) => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await queueNew(naptip, 'jtwg.minutes/1')
    await naptip[Symbol.asyncDispose]()
    await anltp[Symbol.asyncDispose]()
    await change(naptip.place.folder, anltp.place.folder)
    expect(await codeOf(() => openSide(naptip.place, clock))).toBe(code)
  })

  it.skipIf(process.platform !== 'linux')('is let go of when it cannot be opened', async () => {
    await using talk = await beginTalk()
    const { clock, naptip } = talk
    const { folder } = naptip.place
    await naptip[Symbol.asyncDispose]()
    const store = await openStoreOf(naptip.place)
    const entry = await store.get('trust', 'entry')
    const put = { type: 'put', space: 'trust', key: 'entry' } as const
    await store.batch([{ ...put, value: Buffer.from('{}') }])
    await store.close()
    expect(await codeOf(() => openSide(naptip.place, clock))).toBe('STORE_DAMAGED')
    expect(await openFilesUnder(folder)).toEqual([])
    const again = await openStoreOf(naptip.place)
    await again.batch([{ ...put, value: entry ?? new Uint8Array() }])
    await again.close()
    await using side = await openSide(naptip.place, clock)
    expect(await openFilesUnder(folder)).not.toEqual([])
    expect(side.agency).toBe('ng.naptip')
  })
})

describe('a byte changed on the disk', { timeout: MEETING_MS }, () => {
  it('is refused by code or changes no answer, wherever it lies', async () => {
    await using talk = await beginTalk()
    await talkFor(talk)
    const { clock, met, naptip } = talk
    const answers = await answersOf(naptip)
    await naptip[Symbol.asyncDispose]()
    const outcomes = new Map<string, number>()
    const original = join(met.path, 'original')
    await cp(naptip.place.folder, original, { recursive: true })
    for (const name of await filesUnder(original)) {
      if (!/^(?:store\/(?!LOG|LOCK)|heads)/.test(name)) continue
      const bytes = await readFile(join(original, name))
      const step = Math.max(1, Math.floor(bytes.length / 7))
      for (let at = Math.floor(step / 2); at < bytes.length; at += step) {
        const changed = bytes.with(at, (bytes[at] ?? 0) ^ (1 << (at % 8)))
        await replace(naptip.place.folder, original)
        await writeFile(join(naptip.place.folder, name), changed)
        const outcome = await outcomeOf(naptip, clock, answers)
        expect([name, at, outcome]).toEqual([
          name,
          at,
          expect.stringMatching(/^(?:same|STORE_\w+|AUDIT_\w+)$/),
        ])
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      }
    }
    expect(outcomes.get('STORE_DAMAGED') ?? 0).toBeGreaterThan(5)
  })

  it('in a record is a damaged store to whoever asks, never another answer', async () => {
    await using talk = await beginTalk()
    await talkFor(talk)
    const { naptip } = talk
    const { ledger, outbox, store } = naptip.parts
    const [newest] = await ledger.newest(1)
    const digest = newest?.digest ?? ''
    const value = Buffer.from('{"state":"opened"}')
    await store.batch([
      { type: 'put', space: RECORDS.statement.space, key: digest, value },
      { type: 'put', space: RECORDS.position.space, key: `out/${naptip.peer}`, value },
    ])
    const services = createMessageServices(naptip.parts)
    const input = { digest, purpose: 'audit' } as const
    expect(await codeOf(() => services.message(input))).toBe('STORE_DAMAGED')
    expect(await codeOf(() => services.messages({ limit: 9 }))).toBe('STORE_DAMAGED')
    expect(await codeOf(() => outbox.pending(naptip.peer))).toBe('STORE_DAMAGED')
    expect(await codeOf(() => outbox.next(naptip.peer, 2))).toBe('STORE_DAMAGED')
  })
})

describe('what a node keeps', { timeout: MEETING_MS }, () => {
  let talk: Talk
  beforeAll(async () => {
    talk = await beginTalk()
    await talkFor(talk)
    for (const side of [talk.naptip, talk.anltp]) {
      await cosign(side, side === talk.naptip ? talk.anltp : talk.naptip)
      const to = join(side.place.folder, 'exports')
      await createAuditServices(side.parts).exportBundle({ to })
      await createAuditServices(side.parts).exportTiles({ to: join(to, 'tiles') })
      await createAuditServices(side.parts).exportPolicy({ to })
    }
  }, MEETING_MS)
  afterAll(() => talk[Symbol.asyncDispose]())

  /** Of bodies of every kind that was sent, and of what only their readers may know. */
  const BODY = [
    'Ladi Test',
    'blue thread',
    'TEST-000417',
    'Anaemia',
    'The chair opened',
    'NE-ANLTP-26-5T9XW2HD-D',
  ]

  it.each(['naptip', 'anltp'] as const)(
    'shows nothing of a body, no passphrase and no seed in any file of %s',
    async (name) => {
      const { folder, secrets } = talk[name].place
      const seeds = JSON.stringify(secrets).match(/[A-Za-z0-9_-]{43}/g) ?? []
      const needles = [
        ...[...BODY, NODE, passphraseOf('roster'), ...seeds].map((text) => Buffer.from(text)),
        ...seeds.map((seed) => Buffer.from(seed, 'base64url')),
        ...BODY.flatMap((text) => encodingsOf(text)),
      ]
      expect(seeds.length).toBeGreaterThan(15)
      const files = await filesUnder(folder)
      expect(files.filter((file) => file.startsWith('store/')).length).toBeGreaterThan(2)
      expect(files).toContain(`exports/${talk[name].agency}.bundle.jsonl`)
      for (const file of files) {
        const bytes = await readFile(join(folder, file))
        const found = needles.filter((needle) => bytes.includes(needle))
        expect([file, found.map((needle) => needle.toString())]).toEqual([file, []])
      }
    },
  )

  it('would have been found: the words are in what an officer is shown', async () => {
    const { parts } = talk.naptip
    const services = createMessageServices(parts)
    const listed = await services.messages({ limit: 9 })
    const views = await Promise.all(
      listed.map(({ digest }) => services.message({ digest, purpose: 'quality' })),
    )
    const shown = JSON.stringify(views)
    for (const word of BODY.filter((text) => text !== 'Anaemia')) expect(shown).toContain(word)
  })
})

/** What people see of a node. */
async function answersOf({ parts }: Side): Promise<string> {
  const records = await parts.ledger.newest(99)
  const head = parts.audit.head()
  await parts.audit.verify()
  return JSON.stringify([
    records,
    await createTrustServices(parts).rosters({}),
    await parts.outbox.pending(parts.trust.peer()),
    await parts.witness.newest(),
    [head.size, Buffer.from(head.root).toString('hex')],
  ])
}

async function outcomeOf({ place }: Side, clock: Talk['clock'], expected: string): Promise<string> {
  try {
    await using side = await openSide(place, clock)
    return (await answersOf(side)) === expected ? 'same' : 'another answer'
  } catch (error) {
    if (isAnyAmanaError(error)) return error.code
    throw error
  }
}

/** A text in base64 at each of the three places where it may begin, without the letters that depend on what is beside it. */
function encodingsOf(text: string): readonly Buffer[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.from(`${'\0'.repeat(offset)}${text}`).toString('base64url')
    return Buffer.from(encoded.slice(offset === 0 ? 0 : offset + 1, -2))
  })
}

async function replace(folder: string, by: string): Promise<void> {
  const old = `${folder}.old`
  await rename(folder, old)
  await cp(by, folder, { recursive: true })
  await rm(old, { recursive: true })
}

async function edit(path: string, from: string, to: string): Promise<void> {
  await writeFile(path, (await readFile(path, 'utf8')).replace(from, to))
}

/** Files under a folder that this process holds open. */
async function openFilesUnder(folder: string): Promise<readonly string[]> {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  )
  return links.filter((link) => link.startsWith(folder))
}
