/**
 * A message that was taken back while it lay on a stick or in a mailbox: what came first at its receiver decides, both
 * sides say the same, and of two that lie there together the void goes first.
 *
 * @module
 * @spec docs/spec/09-carriers.md#taken-back-on-the-way
 */
import { describe, expect, it } from 'vitest'
import { carriedBytes, takeAll } from '../../../../test/support/carrying.ts'
import { openMail, visit } from '../../../../test/support/open-mail.ts'
import {
  beginTalk,
  leaving,
  MEETING_MS,
  queueNew,
  type Side,
  sizeOf,
  type Talk,
} from '../../../../test/support/node-fixture.ts'

/** How a message stands at its sender and at its receiver. */
async function statesOf({ anltp, naptip }: Talk, digest: string): Promise<readonly unknown[]> {
  const states = [naptip, anltp].map(({ parts }) => parts.ledger.get(digest))
  return (await Promise.all(states)).map((record) => record?.state)
}

async function answered({ anltp, naptip }: Talk): Promise<void> {
  await takeAll(naptip, await carriedBytes(anltp, 'receipt'))
}

/** The deposits of a dispatch as it was sent, and as it is taken back. */
async function sealedAndVoid(side: Side, digest: string) {
  const sealed = await carriedBytes(side, 'envelope')
  await side.parts.outbox.withdraw(digest, 'consent')
  return { sealed, voided: await carriedBytes(side, 'envelope') }
}

describe('a message that is taken back while it is carried', { timeout: MEETING_MS }, () => {
  it('is withdrawn where the void comes first, and the stick of before changes nothing', async () => {
    await using talk = await beginTalk()
    const digest = await queueNew(talk.naptip, 'intel.report/1')
    const { sealed, voided } = await sealedAndVoid(talk.naptip, digest)
    await takeAll(talk.anltp, voided)
    const size = sizeOf(talk.anltp)
    await takeAll(talk.anltp, [...sealed, ...voided, ...sealed])
    expect(sizeOf(talk.anltp)).toBe(size)
    await answered(talk)
    expect(await statesOf(talk, digest)).toEqual(['withdrawn', undefined])
    const after = sizeOf(talk.naptip)
    await answered(talk)
    expect(sizeOf(talk.naptip)).toBe(after)
  })

  it('is too late where the message comes first, also when receipts cross', async () => {
    await using talk = await beginTalk()
    const digest = await queueNew(talk.naptip, 'intel.report/1')
    const { sealed, voided } = await sealedAndVoid(talk.naptip, digest)
    await takeAll(talk.anltp, sealed)
    const receipts = await carriedBytes(talk.anltp, 'receipt')
    await takeAll(talk.anltp, voided)
    await takeAll(talk.naptip, [...(await carriedBytes(talk.anltp, 'receipt')), ...receipts])
    expect(await statesOf(talk, digest)).toEqual(['opened', 'received'])
    expect((await talk.naptip.parts.ledger.get(digest))?.withdrawal).toBe('consent')
  })

  it.each([
    ['before', ['void', 'sealed']],
    ['after', ['sealed', 'void']],
  ])('is withdrawn where both wait for the one before, the void %s', async (_name, order) => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await queueNew(naptip, 'jtwg.minutes/1')
    await leaving(naptip)
    const [first] = await carriedBytes(naptip, 'envelope')
    const digest = await queueNew(naptip, 'intel.report/1')
    const { sealed, voided } = await sealedAndVoid(naptip, digest)
    const bytes = { sealed: sealed[1], void: voided[1] }
    if (first === undefined || !bytes.sealed || !bytes.void) throw new Error('nothing leaves')
    await takeAll(
      anltp,
      order.map((name) => (name === 'void' ? bytes.void : bytes.sealed)).filter((one) => !!one),
    )
    await takeAll(anltp, [first])
    await answered(talk)
    expect(await statesOf(talk, digest)).toEqual(['withdrawn', undefined])
  })

  it('is withdrawn where both lie in the mailbox when its receiver comes', async () => {
    await using talk = await beginTalk()
    await using box = await openMail()
    const { anltp, naptip } = talk
    const digest = await queueNew(naptip, 'intel.report/1')
    await visit(naptip, box.mail)
    await naptip.parts.outbox.withdraw(digest, 'mistake')
    expect((await visit(naptip, box.mail)).left).toBeGreaterThan(0)
    await visit(anltp, box.mail)
    await visit(naptip, box.mail)
    expect(await statesOf(talk, digest)).toEqual(['withdrawn', undefined])
  })

  it('is too late where its receiver has been at the mailbox', async () => {
    await using talk = await beginTalk()
    await using box = await openMail()
    const { anltp, naptip } = talk
    const digest = await queueNew(naptip, 'intel.report/1')
    await visit(naptip, box.mail)
    await visit(anltp, box.mail)
    await naptip.parts.outbox.withdraw(digest, 'mistake')
    await visit(naptip, box.mail)
    await visit(anltp, box.mail)
    await visit(naptip, box.mail)
    expect(await statesOf(talk, digest)).toEqual(['opened', 'received'])
  })
})
