import {
  buildVoidEnvelope,
  canonicalize,
  digest,
  encodeBase64url,
  leafHash,
  openedGroupsDigest,
  openingForDesk,
  ownDesk,
  parseEnvelope,
  parseOpening,
  parseReceipt,
  type SignedStatement,
  signVoid,
} from '@amana/core'
import { describe, expect, it } from 'vitest'
import { craft, forged, put } from '../../../../test/support/crafted-envelope.ts'
import { at } from '../../../../test/support/json.ts'
import {
  beginningOf,
  beginTalk,
  carryAll,
  crafted,
  craftingWorld,
  eventsOf,
  leavesOf,
  leaving,
  MEETING_MS,
  officerKey,
  payloadOf,
  queue,
  queueNew,
  receive,
  reopened,
  type Side,
  signedBy,
  sizeOf,
} from '../../../../test/support/node-fixture.ts'
import { codeOf, refusalOf } from '../../../../test/support/refusals.ts'
import { told } from '../../../../test/support/told.ts'
import { allRecords, getRecord, RECORDS, sequenceKey } from '../records.ts'

const DAY = 86_400

async function positionOf({ parts, peer }: Side): Promise<number> {
  return (await parts.inbox.position(peer)).sequence
}

describe('an envelope that arrives', { timeout: MEETING_MS }, () => {
  it('is answered with a receipt that names the leaf of each statement', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const statements = [
      await queueNew(naptip, 'jtwg.minutes/1'),
      await queueNew(naptip, 'jtwg.minutes/1'),
    ]
    const { envelope } = await leaving(naptip)
    const before = sizeOf(anltp)
    const receipt = await receive(anltp, naptip, envelope)
    const { dispatch } = parseEnvelope(envelope)
    const [env, rcpt] = [dispatch.digest, digest(receipt.payload)]
    const osig = digest(canonicalize(dispatch.signed.jws.signatures.map((entry) => ({ ...entry }))))
    const leaves = await leavesOf(anltp, before)
    expect(leaves.map(({ event, data }) => [event, data])).toEqual([
      ...statements.map((std) => ['x.received', { env, from: naptip.agency, osig, std }]),
      ...statements.map((std) => ['x.receipt', { env, outcome: 'opened', rcpt, std }]),
    ])
    const bytes = await anltp.parts.audit.leaves(before, before + 2)
    expect(parseReceipt(receipt).content).toMatchObject({
      dispatch: env,
      log: 'ne.anltp-tim/amana/audit/1',
      receiver: { agency: anltp.agency, node: anltp.parts.peerId },
      results: bytes.map((leaf, n) => ({
        leaf: { hash: encodeBase64url(leafHash(leaf)), sequence: leaves[n]?.seq },
        result: 'opened',
        statement: statements[n],
      })),
    })
    expect(await positionOf(anltp)).toBe(1)
  })

  it('and comes again gets the same bytes and is delivered once, also after a reopening', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    await queueNew(naptip, 'jtwg.minutes/1')
    const { envelope } = await leaving(naptip)
    const [first, second] = await Promise.all([
      receive(talk.anltp, naptip, envelope),
      receive(talk.anltp, naptip, envelope),
    ])
    const before = sizeOf(talk.anltp)
    expect(JSON.stringify(second)).toBe(JSON.stringify(first))
    await using anltp = await reopened(talk.anltp)
    talk.clock.turn(3600)
    expect(JSON.stringify(await receive(anltp, naptip, envelope))).toBe(JSON.stringify(first))
    expect(sizeOf(anltp)).toBe(before)
    expect(await anltp.parts.ledger.newest(9)).toHaveLength(1)
  })

  it('before those it follows is refused, and nothing of it is kept', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await queueNew(naptip, 'jtwg.minutes/1')
    const first = await leaving(naptip)
    const later = await queueNew(naptip, 'jtwg.minutes/1')
    const second = await leaving(naptip, 1)
    const before = sizeOf(anltp)
    expect(await refusalOf(() => receive(anltp, naptip, second.envelope))).toEqual({
      code: 'WIRE_SEQ_GAP',
      details: { expected: 1, found: 2 },
    })
    expect(await positionOf(anltp)).toBe(0)
    expect(await anltp.parts.inbox.dispatchAt(naptip.agency, 2)).toBeUndefined()
    expect(await anltp.parts.ledger.newest(9)).toEqual([])
    const env = parseEnvelope(second.envelope).dispatch.digest
    expect((await leavesOf(anltp, before)).map(({ event, data }) => [event, data])).toEqual([
      ['x.rejected', { code: 'WIRE_SEQ_GAP', count: 1, env, from: naptip.agency }],
    ])
    await receive(anltp, naptip, first.envelope)
    await receive(anltp, naptip, second.envelope)
    expect(await anltp.parts.ledger.get(later)).toMatchObject({ state: 'received' })
  })

  it('shows nothing of itself when the disk takes nothing, and is taken when it comes again', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const digestOf = await queueNew(naptip, 'jtwg.minutes/1')
    const { envelope } = await leaving(naptip)
    const before = sizeOf(talk.anltp)
    talk.anltp.disk.full = true
    expect(await codeOf(() => receive(talk.anltp, naptip, envelope))).toBe('STORE_WRITE')
    expect(await talk.anltp.parts.ledger.get(digestOf)).toBeUndefined()
    expect(await talk.anltp.parts.ledger.newest(9)).toEqual([])
    await using anltp = await reopened(talk.anltp)
    expect(sizeOf(anltp)).toBe(before)
    expect(await positionOf(anltp)).toBe(0)
    expect(told(await receive(anltp, naptip, envelope))).toEqual(['opened'])
  })

  it.each([
    ['what the message id stands for', 'identity', (jti: string) => `ng.naptip/${jti}`],
    ['the own dispatch that it acknowledges', 'out', () => 'ng.naptip/0000000000000001'],
    ['whether it was delivered before', 'statement', (_jti: string, std: string) => std],
  ])(
    'is not refused where the node cannot read %s: nothing is answered',
    async (_name, space, keyOf) => {
      await using talk = await beginTalk()
      const { anltp, naptip } = talk
      await queueNew(anltp, 'jtwg.minutes/1')
      await carryAll(anltp, naptip)
      const signed = await signedBy(naptip, 'jtwg.minutes/1')
      await queue(naptip, signed)
      const { envelope } = await leaving(naptip)
      const key = keyOf(String(at(payloadOf(signed.statement), ['jti'])), signed.digest)
      await anltp.parts.store.batch([{ type: 'put', space, key, value: Buffer.from('{}') }])
      expect(await codeOf(() => receive(anltp, naptip, envelope))).toBe('STORE_DAMAGED')
      expect(await positionOf(anltp)).toBe(0)
      expect(await anltp.parts.inbox.dispatchAt(naptip.agency, 1)).toBeUndefined()
    },
  )

  it('over another peer’s connection, or to another agency, takes no place', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await queueNew(naptip, 'jtwg.minutes/1')
    const { envelope } = await leaving(naptip)
    const [other, back] = [
      await codeOf(() => anltp.parts.inbox.receive(envelope, anltp.parts.peerId)),
      await codeOf(() => receive(naptip, naptip, envelope)),
    ]
    expect([other, back]).toEqual(['WIRE_NODE', 'WIRE_NOT_FOR_ME'])
    expect(await positionOf(anltp)).toBe(0)
  })

  it('of a stranger leaves a leaf without a name, and one leaf for many', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const before = sizeOf(anltp)
    const bytes = Buffer.from('{"dispatch":"ng.naptip","v":1}')
    for (let n = 0; n < 9; n += 1) {
      expect(await codeOf(() => receive(anltp, naptip, bytes))).toBe('WIRE_MEMBER')
    }
    const code = 'WIRE_MEMBER'
    expect((await leavesOf(anltp, before)).map(({ event, data }) => [event, data])).toEqual(
      [1, 1, 2, 4].map((count) => ['x.rejected', { code, count }]),
    )
  })
})

describe('a place in the channel', { timeout: MEETING_MS }, () => {
  it('is not given to a second dispatch', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const previous = beginningOf(naptip)
    const [one, two] = [
      await crafted(naptip, [await signedBy(naptip, 'jtwg.minutes/1')], { sequence: 1, previous }),
      await crafted(naptip, [await signedBy(naptip, 'jtwg.minutes/1')], { sequence: 1, previous }),
    ]
    await receive(anltp, naptip, one.bytes)
    expect(await refusalOf(() => receive(anltp, naptip, two.bytes))).toEqual({
      code: 'WIRE_FORK',
      details: { what: 'dispatch' },
    })
    expect((await leavesOf(anltp)).at(-1)).toMatchObject({
      event: 'x.rejected',
      data: { code: 'WIRE_FORK', env: two.digest, from: naptip.agency },
    })
    expect((await anltp.parts.inbox.dispatchAt(naptip.agency, 1))?.digest).toBe(one.digest)
    expect(await anltp.parts.ledger.newest(9)).toHaveLength(1)
    const kept = `in/${sequenceKey(naptip.agency, 1)}`
    const evidence = { signed: two.dispatch }
    expect(await getRecord(anltp.parts.store, RECORDS.fork, kept)).toEqual(evidence)
    const signed = await signedBy(naptip, 'jtwg.minutes/1')
    const three = await crafted(naptip, [signed], { sequence: 1, previous })
    expect(await codeOf(() => receive(anltp, naptip, three.bytes))).toBe('WIRE_FORK')
    expect(await getRecord(anltp.parts.store, RECORDS.fork, kept)).toEqual(evidence)
  })

  it('keeps its second dispatch, though leaves are no longer written for each', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    let previous = beginningOf(naptip)
    const forks: Uint8Array[] = []
    for (let sequence = 1; sequence <= 3; sequence += 1) {
      const [signed, other] = [
        await signedBy(naptip, 'jtwg.minutes/1'),
        await signedBy(naptip, 'jtwg.minutes/1'),
      ]
      const built = await crafted(naptip, [signed], { sequence, previous })
      forks.push((await crafted(naptip, [other], { sequence, previous })).bytes)
      await receive(anltp, naptip, built.bytes)
      previous = built.digest
    }
    const before = sizeOf(anltp)
    for (const bytes of forks) {
      expect(await codeOf(() => receive(anltp, naptip, bytes))).toBe('WIRE_FORK')
    }
    expect(await eventsOf(anltp, before)).toEqual(['x.rejected', 'x.rejected'])
    const kept = await allRecords(anltp.parts.store, RECORDS.fork, {})
    expect(kept.map(({ key }) => key)).toEqual(
      [1, 2, 3].map((sequence) => `in/${sequenceKey(naptip.agency, sequence)}`),
    )
  })

  it('is not given to one that names another before it', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const signed = await signedBy(naptip, 'jtwg.minutes/1')
    const { bytes } = await crafted(naptip, [signed], { sequence: 1, previous: digest('other') })
    expect(await codeOf(() => receive(anltp, naptip, bytes))).toBe('WIRE_PREV')
    expect(await positionOf(anltp)).toBe(0)
  })

  it('is taken by a dispatch that is refused, and the channel goes on', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const late = await queueNew(naptip, 'jtwg.minutes/1')
    const { envelope } = await leaving(naptip)
    clock.turn(31 * DAY)
    const before = sizeOf(anltp)
    const receipt = await receive(anltp, naptip, envelope)
    expect(told(receipt)).toEqual(['refused order'])
    expect(await eventsOf(anltp, before)).toEqual(['x.received', 'x.refused', 'x.receipt'])
    const [, refused] = await leavesOf(anltp, before)
    expect(refused?.data).toMatchObject({ code: 'WIRE_TIME_STALE', std: late })
    expect(await anltp.parts.ledger.get(late)).toMatchObject({
      refusal: 'WIRE_TIME_STALE',
      signers: [],
      state: 'refused',
    })
    expect(await anltp.parts.ledger.get(late)).not.toHaveProperty('opening')
    await naptip.parts.outbox.acceptReceipt(receipt)
    expect(await naptip.parts.ledger.get(late)).toMatchObject({ state: 'queued' })
    const next = await queueNew(naptip, 'jtwg.minutes/1')
    await carryAll(naptip, anltp)
    expect(await anltp.parts.ledger.get(next)).toMatchObject({ state: 'received' })
    expect(await anltp.parts.ledger.get(late)).toMatchObject({ state: 'received' })
    expect(await positionOf(anltp)).toBe(2)
  })

  it('is taken by a void, which brings nothing', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const std = await queueNew(naptip, 'jtwg.minutes/1')
    const { envelope } = await leaving(naptip)
    const { dispatch } = parseEnvelope(envelope)
    const { channel, sequence } = dispatch.content
    const voided = { channel, dispatch: dispatch.digest, sequence }
    const { jws } = dispatch.signed
    const bytes = buildVoidEnvelope(jws, await signVoid(voided, naptip.parts.keys.sealKey))
    const receipt = await receive(anltp, naptip, bytes)
    expect(told(receipt)).toEqual(['refused policy'])
    expect(await anltp.parts.ledger.get(std)).toBeUndefined()
    expect(await receive(anltp, naptip, envelope)).toEqual(receipt)
    await naptip.parts.outbox.acceptReceipt(receipt)
    expect(await naptip.parts.ledger.get(std)).toMatchObject({ state: 'refused' })
  })
})

describe('a statement', { timeout: MEETING_MS }, () => {
  it('in a second dispatch is delivered once and answered twice', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const signed = await signedBy(naptip, 'jtwg.minutes/1')
    const receipts = await receiveInTurn(talk, [[signed], [signed]])
    expect(receipts).toEqual([['opened'], ['opened']])
    const records = await anltp.parts.ledger.newest(9)
    expect(records.map((record) => record.digest)).toEqual([signed.digest])
    const first = await anltp.parts.inbox.dispatchAt(naptip.agency, 1)
    expect(records[0]?.dispatch).toBe(first?.digest)
  })

  it('of the message id of another is refused, and the first stays', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const first = await signedBy(naptip, 'jtwg.minutes/1')
    const key = await officerKey(naptip.place, 'author')
    const jti = put(['jti'], at(payloadOf(first.statement), ['jti']))
    const other = await signedBy(naptip, 'jtwg.minutes/1')
    const second = await forged(other, jti, [{ key, act: 'author' }])
    expect(await receiveInTurn(talk, [[first], [second]])).toEqual([['opened'], ['refused order']])
    expect(await anltp.parts.ledger.get(second.digest)).toMatchObject({ refusal: 'WIRE_FORK' })
    const identity = await getRecord(
      anltp.parts.store,
      RECORDS.identity,
      `${naptip.agency}/${String(at(payloadOf(first.statement), ['jti']))}`,
    )
    expect(identity?.digest).toBe(first.digest)
  })

  it('that was refused may still come, and stands in the list once', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const whole = await signedBy(naptip, 'intel.report/1')
    const half = withoutApproval(whole)
    expect(await receiveInTurn(talk, [[half], [half], [whole]])).toEqual([
      ['refused policy'],
      ['refused policy'],
      ['opened'],
    ])
    const records = await anltp.parts.ledger.newest(9)
    expect(records.map(({ digest: own, state }) => [own, state])).toEqual([
      [whole.digest, 'received'],
    ])
  })

  it('refused beside one that is opened takes nothing from it', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const half = withoutApproval(await signedBy(naptip, 'intel.report/1'))
    const whole = await signedBy(naptip, 'intel.report/1')
    expect(await receiveInTurn(talk, [[half, whole]])).toEqual([['refused policy', 'opened']])
  })

  it('of ours that the other agency refused and sends back does not replace our own', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const own = await signedBy(naptip, 'jtwg.minutes/1')
    const { ledger, outbox } = naptip.parts
    await queue(naptip, own)
    const { envelope } = await leaving(naptip)
    clock.turn(31 * DAY)
    await outbox.acceptReceipt(await receive(anltp, naptip, envelope))
    const before = await ledger.get(own.digest)
    expect(before).toMatchObject({ direction: 'out', state: 'queued', opening: own.opening })
    const echo = await crafted(anltp, [own], { sequence: 1, previous: beginningOf(anltp) })
    expect(told(await receive(naptip, anltp, echo.bytes))).toEqual(['refused policy'])
    expect(await ledger.get(own.digest)).toEqual(before)
    expect(await ledger.newest(9)).toHaveLength(1)
  })

  it('shows no group that its desk may not see, though the sender sent it', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const signed = await signedBy(naptip, 'victim.referral/1')
    const now = talk.clock.now()
    const { bytes } = await craft(await craftingWorld(naptip, anltp), {
      statements: [signed],
      recipients: naptip.parts.trust.view().deskKeys(anltp.agency, 'protection', now).recipients,
      sentAt: now,
      openings: put([0], signed.opening),
    })
    const receipt = await receive(anltp, naptip, bytes)
    const record = await anltp.parts.ledger.get(signed.digest)
    const { groups, withheld } = parseOpening(record?.opening)
    expect(Object.keys(withheld)).toEqual(['health', 'investigation'])
    expect(groups).not.toHaveProperty('health')
    expect(JSON.stringify(record)).not.toContain('Anaemia')
    expect(JSON.stringify(signed.opening)).toContain('Anaemia')
    const visible = openingForDesk(signed.kind, ownDesk('protection'), signed.opening)
    expect(parseReceipt(receipt).content.results).toMatchObject([
      { groups: openedGroupsDigest(visible), result: 'opened' },
    ])
  })
})

/** Lets dispatches of these statements arrive one after another; what each receipt tells. */
async function receiveInTurn(
  { anltp, naptip }: { readonly anltp: Side; readonly naptip: Side },
  dispatches: readonly (readonly SignedStatement[])[],
): Promise<readonly (readonly string[])[]> {
  let previous = beginningOf(naptip)
  const receipts: (readonly string[])[] = []
  for (const [index, statements] of dispatches.entries()) {
    const built = await crafted(naptip, statements, { sequence: index + 1, previous })
    receipts.push(told(await receive(anltp, naptip, built.bytes)))
    previous = built.digest
  }
  return receipts
}

function withoutApproval(signed: SignedStatement): SignedStatement {
  const { payload, signatures } = signed.statement
  return { ...signed, statement: { payload, signatures: signatures.slice(0, 1) } }
}
