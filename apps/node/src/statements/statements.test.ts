import { channelGenesis, createTrustView } from '@amana/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FILLED_REFERRAL } from '../../../../test/support/filled-referral.ts'
import { asJson } from '../../../../test/support/json.ts'
import { BODIES, type Groups } from '../../../../test/support/message-bodies.ts'
import {
  beginTalk,
  carryAll,
  MEETING_MS,
  queueNew,
  reopened,
  type Side,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { listRecords, orderKey, putRecord, RECORDS } from '../records.ts'
import { referralStatement, referralStatements } from './referral-statements.ts'
import { channelStart, contextOf } from './trust-context.ts'

const REFERENCE = 'NE-ANLTP-26-5T9XW2HD-D'
const OTHER_REFERENCE = 'NE-ANLTP-21-7K3QX9M4-I'

/** An event of another referral. */
function aboutAnother(): Groups {
  const { body = {} } = BODIES['referral.event/1']
  return { body: asJson({ ...body, referral: OTHER_REFERENCE }) }
}

async function digestsOf(side: Side, reference: string): Promise<readonly string[]> {
  return (await side.parts.ledger.ofReferral(reference)).map(({ digest }) => digest)
}

describe('the statements that a node knows', { timeout: MEETING_MS }, () => {
  it('are listed newest first, over a reopening too', async () => {
    await using talk = await beginTalk()
    const queued = [
      await queueNew(talk.naptip, 'jtwg.minutes/1'),
      await queueNew(talk.naptip, 'jtwg.minutes/1'),
    ]
    await using naptip = await reopened(talk.naptip)
    queued.push(await queueNew(naptip, 'jtwg.minutes/1'))
    const { ledger } = naptip.parts
    const newest = await ledger.newest(9)
    expect(newest.map(({ digest }) => digest)).toEqual(queued.toReversed())
    expect((await ledger.newest(2)).map(({ digest }) => digest)).toEqual(
      queued.slice(1).toReversed(),
    )
  })

  it('are found by the beginning of a digest that no other has', async () => {
    await using talk = await beginTalk()
    const { ledger } = talk.naptip.parts
    const [first, second] = [
      await queueNew(talk.naptip, 'jtwg.minutes/1'),
      await queueNew(talk.naptip, 'jtwg.minutes/1'),
    ]
    expect((await ledger.find(first.slice(0, 12)))?.digest).toBe(first)
    expect((await ledger.find(second))?.digest).toBe(second)
    expect(await ledger.find('')).toBeUndefined()
    expect(await ledger.find(`${first.slice(0, 12)}~`)).toBeUndefined()
  })

  it('are given by referral, oldest first, from both directions', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const file = await queueNew(anltp, 'victim.referral/1', { groups: FILLED_REFERRAL })
    const other = await queueNew(anltp, 'referral.event/1', { groups: aboutAnother() })
    await carryAll(anltp, naptip)
    const answer = await queueNew(naptip, 'referral.event/1')
    await queueNew(naptip, 'jtwg.minutes/1')
    expect(await digestsOf(naptip, REFERENCE)).toEqual([file, answer])
    expect(await digestsOf(naptip, OTHER_REFERENCE)).toEqual([other])
    expect(await digestsOf(naptip, 'NE-ANLTP-26-00000000-X')).toEqual([])
    const groups = await naptip.parts.ledger.referrals()
    const digests = groups.map((group) => group.map(({ digest }) => digest).join(' '))
    expect(new Set(digests)).toEqual(new Set([`${file} ${answer}`, other]))
  })

  it('are given by referral whole, however many there are', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    const event = await queueNew(anltp, 'referral.event/1')
    const rows = Array.from({ length: 2001 }, (_, n) =>
      putRecord(RECORDS.referral, `${'-'.repeat(32)}/${orderKey(n)}`, { digest: event }),
    )
    await anltp.parts.store.batch(rows)
    const groups = await anltp.parts.ledger.referrals()
    expect(groups.map((group) => group.length)).toEqual([2001, 1])
  })

  it('are indexed under a name that says nothing and differs from node to node', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await queueNew(anltp, 'referral.event/1')
    await carryAll(anltp, naptip)
    const keys = await Promise.all(
      [anltp, naptip].map(async ({ parts }) => {
        const rows = await listRecords(parts.store, RECORDS.referral, { limit: 9 })
        return rows.map(({ key }) => key.split('/')[0])
      }),
    )
    expect(keys.flat()).toHaveLength(2)
    expect(new Set(keys.flat()).size).toBe(2)
    for (const key of keys.flat()) {
      expect(key).toMatch(/^[A-Za-z0-9_-]{32}$/)
      expect(key).not.toContain('NE-ANLTP')
    }
  })
})

describe('what the machine of referrals is told', { timeout: MEETING_MS }, () => {
  it('is which statements of the other side the sender had placed', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const first = await queueNew(anltp, 'referral.event/1')
    await carryAll(anltp, naptip)
    const unsent = await queueNew(naptip, 'referral.event/1')
    await queueNew(anltp, 'referral.event/1', { exp: talk.clock.now() + 60 })
    const waiting = await referralStatements(
      naptip.parts,
      await naptip.parts.ledger.ofReferral(REFERENCE),
    )
    expect(waiting.map(({ acknowledges }) => acknowledges)).toEqual([[], undefined])
    await carryAll(naptip, anltp)
    await carryAll(anltp, naptip)
    const told = await referralStatements(
      naptip.parts,
      await naptip.parts.ledger.ofReferral(REFERENCE),
    )
    expect(told.map(({ acknowledges }) => acknowledges)).toEqual([[], [first], [unsent]])
    expect(told[2]?.exp).toBe(talk.clock.now() + 60)
  })

  it('is kind, time, signers with their roles, and the groups that are open', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const digest = await queueNew(anltp, 'victim.referral/1', { groups: FILLED_REFERRAL })
    await carryAll(anltp, naptip)
    const record = await naptip.parts.ledger.get(digest)
    if (record === undefined) throw new Error('not received')
    const { groups, ...clear } = referralStatement(naptip.parts.ledger, record)
    expect(clear).toMatchObject({
      digest,
      iat: talk.clock.now(),
      kind: 'victim.referral/1',
      relates: [],
      signers: [
        { act: 'author', agency: anltp.agency, officer: 'author' },
        { act: 'approve', agency: anltp.agency, officer: 'approver' },
      ],
    })
    expect(clear.signers[0]?.roles).toContain('case_manager')
    expect(groups['identity']).toEqual({
      aliases: ['…'],
      citizenship: ['ZZ'],
      familyName: '…',
      givenNames: '…',
    })
    expect(groups['routing']).toEqual(FILLED_REFERRAL['routing'])
    expect(Object.keys(groups)).not.toContain('health')
  })
})

describe('the beginning of a channel and the documents in force', () => {
  let talk: Talk
  beforeAll(async () => {
    talk = await beginTalk()
  }, MEETING_MS)
  afterAll(() => talk[Symbol.asyncDispose]())

  it('is named alike by both sides, and differs by direction', () => {
    const views = [talk.naptip, talk.anltp].map(({ parts }) => parts.trust.view())
    const [there, back] = [
      ['ng.naptip', 'ne.anltp-tim'],
      ['ne.anltp-tim', 'ng.naptip'],
    ] as const
    const genesis = views.map((view) => view.rosterOf('ng.naptip').payload.nodes[0]?.log.genesis)
    const other = views[0]?.rosterOf('ne.anltp-tim').payload.nodes[0]?.log.genesis
    const begun = views.map((view) => channelStart(view, ...there))
    expect(new Set(begun).size).toBe(1)
    expect(begun[0]).toBe(
      channelGenesis({
        channel: 'ng.naptip>ne.anltp-tim',
        senderGenesis: genesis[0] ?? '',
        receiverGenesis: other ?? '',
      }),
    )
    expect(views.map((view) => channelStart(view, ...back))).not.toContain(begun[0])
  })

  it('names the charter and the newest roster of each agency', () => {
    const view = talk.naptip.parts.trust.view()
    expect(contextOf(view, ['ng.naptip', 'ne.anltp-tim'])).toEqual({
      charter: view.charter.digest,
      rosters: {
        'ng.naptip': talk.naptip.parts.trust.ownRoster.digest,
        'ne.anltp-tim': talk.anltp.parts.trust.ownRoster.digest,
      },
    })
  })

  it('is not to be had without a roster', async () => {
    const { charter } = talk.naptip.parts.trust.view()
    const view = createTrustView({ charter, rosters: [talk.naptip.parts.trust.ownRoster] })
    expect(await codeOf(() => channelStart(view, 'ng.naptip', 'ne.anltp-tim'))).toBe(
      'TRUST_NO_ROSTER',
    )
  })
})
