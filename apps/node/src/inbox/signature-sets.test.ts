import {
  buildVoidEnvelope,
  parseEnvelope,
  signaturesDigest,
  type SignedStatement,
  signVoid,
} from '@amana/core'
import { describe, expect, it } from 'vitest'
import {
  beginTalk,
  carryAll,
  crafted,
  MEETING_MS,
  queue,
  receive,
  reopened,
  type Side,
} from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { minutesOf, placeOf, reportOf, sendAll } from '../../../../test/support/signature-sets.ts'
import { allRecords, RECORDS } from '../records.ts'

/** How many signatures the node has of each set. */
async function keptOf(
  { parts }: Side,
  sets: readonly SignedStatement[],
): Promise<readonly (number | undefined)[]> {
  const found = await Promise.all(
    sets.map(({ digest, statement }) =>
      parts.ledger.signedWith(digest, signaturesDigest(statement)),
    ),
  )
  return found.map((statement) => statement?.signatures.length)
}

async function besides({ parts }: Side): Promise<readonly string[]> {
  return (await allRecords(parts.store, RECORDS.signed, {})).map(({ key }) => key)
}

describe('a statement that comes with other signatures', { timeout: MEETING_MS }, () => {
  it('takes no approval from the one that was opened, and its own are kept beside it', async () => {
    await using talk = await beginTalk()
    const { half, whole } = await reportOf(talk.naptip)
    await sendAll(talk, [whole])
    const before = await talk.anltp.parts.ledger.get(whole.digest)
    expect(await sendAll(talk, [half])).toEqual(['refused'])
    await using anltp = await reopened(talk.anltp)
    const record = await anltp.parts.ledger.get(whole.digest)
    expect(record).toEqual(before)
    expect(record?.signers.map(({ act }) => act)).toEqual(['author', 'approve'])
    expect(await keptOf(anltp, [whole, half])).toEqual([2, 1])
    expect(await besides(anltp)).toEqual([`${half.digest}/${signaturesDigest(half.statement)}`])
  })

  it('takes none where it is opened without them too', async () => {
    await using talk = await beginTalk()
    const { half, whole } = await minutesOf(talk.naptip)
    await sendAll(talk, [whole])
    const before = await talk.anltp.parts.ledger.get(whole.digest)
    expect(await sendAll(talk, [half])).toEqual(['opened'])
    expect(await talk.anltp.parts.ledger.get(whole.digest)).toEqual(before)
    expect(before?.signers).toHaveLength(2)
    expect(await keptOf(talk.anltp, [whole, half])).toEqual([2, 1])
  })

  it('is opened after it was refused, and what was refused is kept as it came', async () => {
    await using talk = await beginTalk()
    const { half, whole } = await reportOf(talk.naptip)
    const [author, approval] = whole.statement.signatures
    if (author === undefined || approval === undefined) throw new Error('not approved')
    const other = { ...whole, statement: { ...whole.statement, signatures: [approval] } }
    expect(await sendAll(talk, [half, other, half, whole, other])).toEqual([
      'refused',
      'refused',
      'refused',
      'opened',
      'refused',
    ])
    const { ledger } = talk.anltp.parts
    expect(await ledger.get(whole.digest)).toMatchObject({
      state: 'received',
      statement: whole.statement,
    })
    expect(await keptOf(talk.anltp, [half, other, whole])).toEqual([1, 1, 2])
    expect(await ledger.signedWith(other.digest, signaturesDigest(other.statement))).toEqual(
      other.statement,
    )
  })

  it('leaves nothing beside the record when they are the same', async () => {
    await using talk = await beginTalk()
    const { whole } = await minutesOf(talk.naptip)
    expect(await sendAll(talk, [whole, whole])).toEqual(['opened', 'opened'])
    expect(await besides(talk.anltp)).toEqual([])
    expect(await keptOf(talk.anltp, [whole])).toEqual([2])
  })

  it('is our own that is sent back: ours stays, and what was made of it is kept beside', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const { half, whole } = await minutesOf(naptip)
    await queue(naptip, whole)
    await carryAll(naptip, anltp)
    const before = await naptip.parts.ledger.get(whole.digest)
    expect(await sendAll({ anltp: naptip, naptip: anltp }, [half, whole])).toEqual([
      'refused',
      'refused',
    ])
    expect(await naptip.parts.ledger.get(whole.digest)).toEqual(before)
    expect(await keptOf(naptip, [whole, half])).toEqual([2, 1])
    expect(await besides(naptip)).toHaveLength(1)
  })

  it('brings nothing where its dispatch is voided', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const { half, whole } = await minutesOf(naptip)
    await sendAll(talk, [whole])
    const { digest: previous, sequence } = await placeOf(anltp, naptip)
    const { bytes } = await crafted(naptip, [half], { sequence, previous })
    const { dispatch } = parseEnvelope(bytes)
    const { channel } = dispatch.content
    const voided = { channel, dispatch: dispatch.digest, sequence }
    const signed = await signVoid(voided, naptip.parts.keys.sealKey)
    await receive(anltp, naptip, buildVoidEnvelope(dispatch.signed.jws, signed))
    expect(await keptOf(anltp, [whole, half])).toEqual([2, undefined])
  })

  it('is kept with its place or not at all', async () => {
    await using talk = await beginTalk()
    const { half, whole } = await minutesOf(talk.naptip)
    await sendAll(talk, [whole])
    talk.anltp.disk.full = true
    expect(await codeOf(() => sendAll(talk, [half]))).toBe('STORE_WRITE')
    await using anltp = await reopened(talk.anltp)
    expect(await keptOf(anltp, [half])).toEqual([undefined])
    expect(await sendAll({ ...talk, anltp }, [half])).toEqual(['opened'])
    expect(await keptOf(anltp, [half])).toEqual([1])
  })
})
