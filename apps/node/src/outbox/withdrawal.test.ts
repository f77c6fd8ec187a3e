import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  decodeBase64url,
  parseDispatch,
  parseEnvelope,
  parseReceipt,
  referralReferenceOf,
  signReceipt,
} from '@amana/core'
import { verifyFiles } from '@amana/verify'
import { describe, expect, it } from 'vitest'
import {
  beginTalk,
  carryAll,
  cosign,
  eventsOf,
  leaving,
  MEETING_MS,
  officerKey,
  queue,
  queueNew,
  receive,
  reopened,
  type Side,
  signedBy,
  sizeOf,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { BODIES } from '../../../../test/support/message-bodies.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import {
  deleteRecord,
  listRecords,
  putRecord,
  RECORDS,
  sequenceKey,
  type StatementRecord,
} from '../records.ts'
import { createAuditServices } from '../services/audit-services.ts'
import { createKeyServices } from '../services/key-services.ts'
import { createMessageServices } from '../services/message-services.ts'

const KIND = 'jtwg.minutes/1'

async function recordOf({ parts }: Side, digest: string): Promise<StatementRecord | undefined> {
  return parts.ledger.get(digest)
}

/** Three statements in one dispatch that has left and was not answered. */
async function sendThree(side: Side): Promise<readonly [string, string, string]> {
  const three = [
    await queueNew(side, KIND),
    await queueNew(side, KIND),
    await queueNew(side, KIND),
  ] as const
  await leaving(side)
  return three
}

/** What a node would send again now: the form of the envelope, and the statements of its dispatch. */
async function onItsWay(side: Side): Promise<readonly [string, readonly string[]]> {
  const { dispatch, form } = parseEnvelope((await leaving(side)).envelope)
  return [form, dispatch.content.statements]
}

/** What an auditor says of the bundles of both. */
async function verdictOf(talk: Talk, sides: readonly Side[]): Promise<string> {
  const [first, second] = sides
  if (first === undefined || second === undefined) throw new TypeError('sides')
  await cosign(first, second)
  await cosign(second, first)
  const files = []
  let policy = ''
  for (const { agency, parts } of sides) {
    const to = join(talk.met.path, `export-${agency}`)
    await mkdir(to, { recursive: true })
    const services = createAuditServices(parts)
    const { file } = await services.exportBundle({ to })
    files.push({ name: file, bytes: await readFile(file) })
    policy = await readFile((await services.exportPolicy({ to })).file, 'utf8')
  }
  const report = await verifyFiles(files, { policy, now: 1_800_000_000 })
  expect(report.totals.mismatched).toBe(0)
  return report.verdict
}

describe('a statement that waits in the queue', { timeout: MEETING_MS }, () => {
  it('leaves it for good, without a leaf, and the one behind it goes alone', async () => {
    await using talk = await beginTalk()
    const [first, second] = [await queueNew(talk.naptip, KIND), await queueNew(talk.naptip, KIND)]
    const before = sizeOf(talk.naptip)
    const { outbox } = talk.naptip.parts
    expect(await outbox.withdrawal(first)).toEqual({ way: 'queue', others: [] })
    expect(await recordOf(talk.naptip, first)).toMatchObject({ state: 'queued' })
    expect(await outbox.withdraw(first, 'consent')).toEqual({ way: 'queue', others: [] })
    expect(sizeOf(talk.naptip)).toBe(before)
    await using naptip = await reopened(talk.naptip)
    expect(await naptip.parts.outbox.pending(naptip.peer)).toBe(1)
    expect(await onItsWay(naptip)).toEqual(['sealed', [second]])
    await carryAll(naptip, talk.anltp)
    expect(await recordOf(naptip, first)).toMatchObject({
      state: 'withdrawn',
      withdrawal: 'consent',
    })
    expect(await recordOf(talk.anltp, first)).toBeUndefined()
  })

  it('is found behind more than are read at a time', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const all: string[] = []
    for (let count = 0; count < 130; count += 1) all.push(await queueNew(naptip, KIND))
    const last = all.at(-1) ?? ''
    await naptip.parts.outbox.withdraw(last, 'mistake')
    expect(await naptip.parts.outbox.pending(naptip.peer)).toBe(129)
    expect(await recordOf(naptip, last)).toMatchObject({ state: 'withdrawn' })
  })

  it('keeps its message id, and cannot be withdrawn again', async () => {
    await using talk = await beginTalk()
    const signed = await signedBy(talk.naptip, KIND)
    await queue(talk.naptip, signed)
    const { outbox } = talk.naptip.parts
    await outbox.withdraw(signed.digest, 'lost')
    expect(await codeOf(() => outbox.withdraw(signed.digest, 'mistake'))).toBe(
      'CLI_NOT_WITHDRAWABLE',
    )
    expect(await codeOf(() => queue(talk.naptip, signed))).toBe('WIRE_REPLAY')
  })

  it('is no step of its referral any more', async () => {
    await using talk = await beginTalk()
    const { ledger, outbox } = talk.anltp.parts
    const kind = 'victim.referral/1'
    const reference = referralReferenceOf(kind, BODIES[kind]) ?? ''
    const digest = await queueNew(talk.anltp, kind)
    const found = async (): Promise<readonly number[]> => [
      (await ledger.ofReferral(reference)).length,
      (await ledger.referrals()).flat().length,
    ]
    expect(await found()).toEqual([1, 1])
    await outbox.withdraw(digest, 'consent')
    expect(await found()).toEqual([0, 0])
  })

  it('counts neither as answered nor as waiting under its key', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    await queueNew(naptip, KIND)
    await carryAll(naptip, talk.anltp)
    const digest = await queueNew(naptip, KIND)
    const { keyId } = await officerKey(naptip.place, 'author')
    const services = createKeyServices(naptip.parts)
    expect(await services.signedBy({ keyId })).toEqual({ covered: 1, waiting: 1 })
    await naptip.parts.outbox.withdraw(digest, 'consent')
    expect(await services.signedBy({ keyId })).toEqual({ covered: 1, waiting: 0 })
  })

  it('stays there where the disk is full', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const digest = await queueNew(naptip, KIND)
    naptip.disk.full = true
    expect(await codeOf(() => naptip.parts.outbox.withdraw(digest, 'lost'))).toBe('STORE_WRITE')
    await using again = await reopened(naptip)
    expect(await onItsWay(again)).toEqual(['sealed', [digest]])
  })
})

describe('a statement in a dispatch without a receipt', { timeout: MEETING_MS }, () => {
  it('is voided for good, refused, and withdrawn by the receipt; the others come again in order', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    const [first, second, third] = await sendThree(talk.naptip)
    const plan = { way: 'void', others: [first, third] }
    expect(await talk.naptip.parts.outbox.withdrawal(second)).toEqual(plan)
    expect(await onItsWay(talk.naptip)).toEqual(['sealed', [first, second, third]])
    expect(await talk.naptip.parts.outbox.withdraw(second, 'erased')).toEqual(plan)
    await using naptip = await reopened(talk.naptip)
    expect(await recordOf(naptip, second)).toMatchObject({ state: 'sent', withdrawal: 'erased' })
    const before = sizeOf(naptip)
    const { envelope, sequence } = await leaving(naptip)
    expect(await eventsOf(naptip, before)).toEqual(['x.sent'])
    const { dispatch, form } = parseEnvelope(envelope)
    expect([form, sequence, dispatch.content.statements]).toEqual([
      'void',
      1,
      [first, second, third],
    ])
    const receipt = await receive(anltp, naptip, envelope)
    await naptip.parts.outbox.acceptReceipt(receipt)
    expect(await recordOf(naptip, second)).toMatchObject({
      state: 'withdrawn',
      withdrawal: 'erased',
    })
    expect(await naptip.parts.outbox.pending(naptip.peer)).toBe(2)
    expect(await onItsWay(naptip)).toEqual(['sealed', [first, third]])
    await carryAll(naptip, anltp)
    expect(await recordOf(naptip, first)).toMatchObject({ state: 'opened' })
    const arrived = (await anltp.parts.ledger.newest(9)).map(({ digest }) => digest)
    expect(arrived).toEqual([third, first])
    expect(await verdictOf(talk, [naptip, anltp])).toBe('verified')
  })

  it('may be followed by another of the same dispatch, under the same void', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const { outbox } = naptip.parts
    const [first, second, third] = await sendThree(naptip)
    await outbox.withdraw(second, 'consent')
    const before = (await leaving(naptip)).envelope
    expect((await outbox.withdraw(first, 'mistake')).others).toEqual([third])
    expect((await leaving(naptip)).envelope).toEqual(before)
    await outbox.withdraw(second, 'lost')
    expect(await carryAll(naptip, anltp)).toBe(2)
    const records = await Promise.all(
      [first, second, third].map((digest) => recordOf(naptip, digest)),
    )
    expect(records.map((record) => [record?.state, record?.withdrawal])).toEqual([
      ['withdrawn', 'mistake'],
      ['withdrawn', 'consent'],
      ['opened', undefined],
    ])
  })

  it('comes too late where the peer had placed it: opened, and the record says so', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    const [first, second, third] = await sendThree(talk.naptip)
    const { envelope } = await leaving(talk.naptip)
    const lost = await receive(anltp, talk.naptip, envelope)
    await talk.naptip.parts.outbox.withdraw(second, 'consent')
    await using naptip = await reopened(talk.naptip)
    const again = await leaving(naptip)
    expect(parseEnvelope(again.envelope).form).toBe('void')
    const receipt = await receive(anltp, naptip, again.envelope)
    expect(receipt).toEqual(lost)
    await naptip.parts.outbox.acceptReceipt(receipt)
    const messages = await createMessageServices(naptip.parts).messages({ limit: 9 })
    expect(messages.map(({ digest, state, withdrawal }) => [digest, state, withdrawal])).toEqual([
      [third, 'opened', undefined],
      [second, 'opened', 'consent'],
      [first, 'opened', undefined],
    ])
    expect(await naptip.parts.outbox.pending(naptip.peer)).toBe(0)
    expect(await recordOf(anltp, second)).toMatchObject({ state: 'received' })
    expect(await verdictOf(talk, [naptip, anltp])).toBe('verified')
  })

  it('leaves no sealed copy behind, and no envelope after the receipt', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const digest = await queueNew(naptip, KIND)
    await leaving(naptip)
    await naptip.parts.outbox.withdraw(digest, 'erased')
    const record = await naptip.parts.outbox.dispatchAt(naptip.peer, 1)
    const { dispatch, form } = parseEnvelope(decodeBase64url(record?.envelope ?? ''))
    expect([form, dispatch.digest]).toEqual(['void', record?.digest])
    await carryAll(naptip, anltp)
    const answered = await naptip.parts.outbox.dispatchAt(naptip.peer, 1)
    expect(answered).not.toHaveProperty('envelope')
    expect(parseDispatch(answered?.dispatch).content.statements).toEqual([digest])
  })

  it('stays as it is where the disk is full', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const [first] = await sendThree(naptip)
    naptip.disk.full = true
    expect(await codeOf(() => naptip.parts.outbox.withdraw(first, 'lost'))).toBe('STORE_WRITE')
    await using again = await reopened(naptip)
    expect((await onItsWay(again))[0]).toBe('sealed')
    expect(await recordOf(again, first)).not.toHaveProperty('withdrawal')
  })

  it('that nobody took back does not come again where the peer refused the sealed dispatch', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const [first, second, third] = await sendThree(naptip)
    const { envelope } = await leaving(naptip)
    const { content } = parseReceipt(await receive(anltp, naptip, envelope))
    const results = content.results.map(({ leaf, statement }) => ({
      leaf,
      refusal: 'trust' as const,
      result: 'refused' as const,
      statement,
    }))
    const receipt = await signReceipt({ ...content, results }, anltp.parts.keys.sealKey)
    await naptip.parts.outbox.withdraw(second, 'mistake')
    await naptip.parts.outbox.acceptReceipt(receipt)
    const records = await Promise.all(
      [first, second, third].map((digest) => recordOf(naptip, digest)),
    )
    expect(records.map((record) => [record?.state, record?.refusal])).toEqual([
      ['refused', 'trust'],
      ['withdrawn', 'trust'],
      ['refused', 'trust'],
    ])
  })
})

describe('a withdrawal', { timeout: MEETING_MS }, () => {
  it('finds that the queue or the dispatch is not there', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const { outbox, store } = naptip.parts
    const sent = await queueNew(naptip, KIND)
    await leaving(naptip)
    const queued = await queueNew(naptip, KIND)
    const [row] = await listRecords(store, RECORDS.queue, { limit: 1 })
    await store.batch([
      deleteRecord(RECORDS.out, sequenceKey(naptip.peer, 1)),
      deleteRecord(RECORDS.queue, row?.key ?? ''),
    ])
    for (const [digest, space] of [
      [sent, 'out'],
      [queued, 'queue'],
    ] as const) {
      await expect(outbox.withdraw(digest, 'lost')).rejects.toMatchObject({
        code: 'STORE_DAMAGED',
        details: { space },
      })
    }
  })

  it('finds that the void of the dispatch is not there', async () => {
    await using talk = await beginTalk()
    const { outbox, store } = talk.naptip.parts
    const sent = await queueNew(talk.naptip, KIND)
    await leaving(talk.naptip)
    const [row] = await listRecords(store, RECORDS.out, { limit: 1 })
    if (row === undefined) throw new Error('nothing was sent')
    const { void: _void, ...without } = row.value
    await store.batch([putRecord(RECORDS.out, row.key, without)])
    expect(await codeOf(() => outbox.withdraw(sent, 'lost'))).toBe('STORE_DAMAGED')
  })

  it('wakes the line', async () => {
    await using talk = await beginTalk()
    const { outbox } = talk.naptip.parts
    const [first] = await sendThree(talk.naptip)
    let told = 0
    outbox.onQueued(() => {
      told += 1
    })
    await outbox.withdrawal(first)
    expect(told).toBe(0)
    await outbox.withdraw(first, 'lost')
    expect(told).toBe(1)
  })
})

describe('what the peer answered, or sent itself', { timeout: MEETING_MS }, () => {
  it('is not withdrawn', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const digest = await queueNew(naptip, KIND)
    await carryAll(naptip, anltp)
    for (const [{ parts }, state] of [
      [naptip, 'opened'],
      [anltp, 'received'],
    ] as const) {
      const input = { digest: digest.slice(0, 12), reason: 'consent' } as const
      for (const dryRun of [true, false]) {
        await expect(
          createMessageServices(parts).withdraw({ ...input, dryRun }),
        ).rejects.toMatchObject({ code: 'CLI_NOT_WITHDRAWABLE', details: { digest, state } })
      }
      expect(await parts.ledger.get(digest)).toMatchObject({ state })
    }
    expect(await codeOf(() => naptip.parts.outbox.withdraw('none', 'lost'))).toBe('CLI_NO_MESSAGE')
  })

  it('is told apart by the services from what would be done and what was', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const digest = await queueNew(naptip, KIND)
    const services = createMessageServices(naptip.parts)
    const asked = { digest: digest.slice(0, 8), reason: 'mistake' } as const
    const plan = { digest, way: 'queue', others: [] }
    expect(await services.withdraw({ ...asked, dryRun: true })).toEqual({
      ...plan,
      withdrawn: false,
    })
    expect(await recordOf(naptip, digest)).toMatchObject({ state: 'queued' })
    expect(await services.withdraw({ ...asked, dryRun: false })).toEqual({
      ...plan,
      withdrawn: true,
    })
    expect(await recordOf(naptip, digest)).toMatchObject({ state: 'withdrawn' })
  })
})
