import { DigestSchema } from '@amana/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { servicesOf, signedFor } from '../../../../test/support/acting.ts'
import { FILLED_REFERRAL } from '../../../../test/support/filled-referral.ts'
import { BODIES } from '../../../../test/support/message-bodies.ts'
import {
  beginTalk,
  carryAll,
  leavesOf,
  MEETING_MS,
  officerKey,
  queueNew,
  type Side,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { answerDraft, correctionDraft, requestDraft } from '../agency/rights-drafts.ts'
import { sendDraft } from '../agency/signing.ts'
import { givenOf } from '../agency/subject-export.ts'
import { type CorrectionView } from './corrections.ts'
import { type RequestView } from './requests.ts'

const REFERENCE = 'NE-ANLTP-26-5T9XW2HD-D'
const DAY = 86_400

async function send(side: Side, draft: Parameters<typeof sendDraft>[1]): Promise<string> {
  const officer = async (id: 'approver' | 'author') => ({
    id,
    key: await officerKey(side.place, id),
  })
  const signers = { author: await officer('author'), approvers: [await officer('approver')] }
  return (await sendDraft(servicesOf(side), draft, signers)).digest
}

async function asked(side: Side): Promise<string> {
  const draft = requestDraft({
    channel: 'shelter',
    isTest: true,
    peer: side.peer,
    receivedAt: side.clock.now(),
    referral: REFERENCE,
    rights: { codeWordChecked: 'yes', requester: 'self' },
    type: 'access',
  })
  return send(side, draft)
}

async function requestAt(side: Side, digest: string): Promise<RequestView> {
  const found = (await servicesOf(side).requests({})).find((one) => one.digest === digest)
  if (found === undefined) throw new Error('no such request')
  return found
}

describe('a request of a person', { timeout: MEETING_MS }, () => {
  let talk: Talk
  let file = ''
  let request = ''
  beforeAll(async () => {
    talk = await beginTalk()
    const { anltp, naptip } = talk
    file = await queueNew(anltp, 'victim.referral/1', { groups: FILLED_REFERRAL })
    await carryAll(anltp, naptip)
    request = await asked(naptip)
    await carryAll(naptip, anltp)
  }, MEETING_MS)
  afterAll(() => talk[Symbol.asyncDispose]())

  it('goes to the other agency, runs 30 days at both, and is overdue afterwards', async () => {
    const { anltp, clock, naptip } = talk
    for (const side of [naptip, anltp]) {
      const view = await requestAt(side, request)
      expect(view).toMatchObject({ from: 'ng.naptip', status: 'open', type: 'access', answers: [] })
      expect(view.dueAt - view.receivedAt).toBe(30 * DAY)
    }
    expect((await servicesOf(naptip).status({})).requests).toHaveLength(1)
    clock.turn(30 * DAY + 1)
    expect(await requestAt(naptip, request)).toMatchObject({ status: 'overdue' })
    clock.turn(-30 * DAY - 1)
  })

  it('is not answered by the word of the agency that she did not ask, which counts as its acknowledgement', async () => {
    const { anltp, clock, naptip } = talk
    const decided = { appeal: 'hapdp', decision: 'granted', restricted: [], now: clock.now() }
    const theirs = answerDraft({
      ...decided,
      own: anltp.agency,
      request: await requestAt(anltp, request),
    })
    expect(theirs.groups['rights']).not.toHaveProperty('notified')
    await send(anltp, theirs)
    await carryAll(anltp, naptip)
    expect(await requestAt(naptip, request)).toMatchObject({
      answers: [{ from: 'ne.anltp-tim' }],
      status: 'open',
    })
    const restricted = [{ group: 'G9_investigation', reviewOn: '2027-05-20', why: 'It is open.' }]
    const own = answerDraft({
      ...decided,
      appeal: 'ndpc',
      decision: 'partly',
      own: naptip.agency,
      reasons: 'An investigation is open.',
      request: await requestAt(naptip, request),
      restricted,
    })
    expect(own.groups['rights']).toMatchObject({
      notified: [{ acknowledged: 'yes', agency: 'ne.anltp-tim' }],
    })
    await send(naptip, own)
    await carryAll(naptip, anltp)
    for (const side of [naptip, anltp]) {
      expect(await requestAt(side, request)).toMatchObject({ status: 'answered' })
    }
    expect((await servicesOf(naptip).status({})).requests).toEqual([])
  })

  it('gives her what is hers: no data of others, no investigation, nothing of a place', async () => {
    const { anltp } = talk
    const given = givenOf(
      await servicesOf(anltp).message({ digest: file, purpose: 'data-subject' }),
    )
    expect(given.groups).toHaveProperty('identity.givenNames', 'Ladi Test')
    expect(given.groups).toHaveProperty('health')
    expect(given.notGiven).toEqual(['investigation', 'placement'])
    const text = JSON.stringify(given)
    expect(text).not.toMatch(/Aunt of the test case|house mother|"witness"|doNotContact|off-0417/)
  })

  it('has a leaf of the file that she is given', async () => {
    const { naptip } = talk
    const input = { digest: DigestSchema.parse(file), purpose: 'data-subject' } as const
    const services = servicesOf(naptip)
    await services.copied(
      await signedFor(naptip, 'author', { act: 'copy', method: 'copied', input }),
    )
    const leaf = (await leavesOf(naptip)).findLast(({ event }) => event === 'a.copy')
    expect(leaf?.data).toEqual({ digest: file, purpose: 'data-subject' })
  })
})

async function correctionAt(side: Side, digest: string): Promise<CorrectionView | undefined> {
  return (await servicesOf(side).corrections({})).find((one) => one.digest === digest)
}

describe('a correction', { timeout: MEETING_MS }, () => {
  let talk: Talk
  let file = ''
  beforeAll(async () => {
    talk = await beginTalk()
    file = await queueNew(talk.anltp, 'victim.referral/1', { groups: FILLED_REFERRAL })
    await carryAll(talk.anltp, talk.naptip)
  }, MEETING_MS)
  afterAll(() => talk[Symbol.asyncDispose]())

  const say = async (
    side: Side,
    act: 'accepted' | 'applied' | 'proposal' | 'refused',
    { answers, newValue = '16' }: { readonly answers?: string; readonly newValue?: string } = {},
  ): Promise<string> => {
    const draft = correctionDraft({
      act,
      answers,
      isTest: true,
      now: side.clock.now(),
      peer: side.peer,
      reason: 'Her school card was found.',
      referral: REFERENCE,
      targets: [{ group: 'person', member: 'ageMax', newValue, statement: file }],
    })
    const digest = await send(side, draft)
    await carryAll(side, side === talk.naptip ? talk.anltp : talk.naptip)
    return digest
  }

  it('is a proposal until the owner decides, and two of one member are shown as a conflict', async () => {
    const { anltp, naptip } = talk
    const first = await say(naptip, 'proposal')
    const second = await say(naptip, 'proposal', { newValue: '17' })
    expect(await correctionAt(anltp, first)).toMatchObject({ conflicts: [second], status: 'open' })
    const decided = await say(anltp, 'accepted', { answers: first })
    const refused = await say(anltp, 'refused', { answers: second, newValue: '17' })
    for (const side of [anltp, naptip]) {
      expect(await correctionAt(side, first)).toMatchObject({
        conflicts: [],
        decision: decided,
        status: 'accepted',
      })
      expect(await correctionAt(side, second)).toMatchObject({
        decision: refused,
        status: 'refused',
      })
    }
    await say(naptip, 'applied', { answers: decided })
    expect((await correctionAt(anltp, first))?.applied).toEqual(['ng.naptip'])
    expect(JSON.stringify(await servicesOf(anltp).corrections({}))).not.toContain('"16"')
  })

  it('is not decided by who proposed it, here or there', async () => {
    const { anltp, naptip } = talk
    const proposal = await say(naptip, 'proposal')
    const refused = { code: 'RIGHTS_ORDER', details: { reason: 'owner' } }
    expect(await refusalOf(() => say(naptip, 'accepted', { answers: proposal }))).toMatchObject(
      refused,
    )
    const groups = {
      routing: { act: 'accepted', occurredAt: '2026-11-27T09:00:00Z', referral: REFERENCE },
      rights: BODIES['rights.correction/1']['rights'] ?? {},
    }
    const targets = [{ group: 'person', member: 'ageMax', newValue: '16', statement: file }]
    await queueNew(naptip, 'rights.correction/1', {
      groups: { ...groups, rights: { ...groups.rights, targets } },
      relates: [{ digest: DigestSchema.parse(proposal), relation: 'answers' }],
    })
    await carryAll(naptip, anltp)
    expect(await correctionAt(anltp, proposal)).toMatchObject({ status: 'open' })
    expect(await refusalOf(() => say(naptip, 'applied', { answers: proposal }))).toMatchObject({
      code: 'RIGHTS_ORDER',
      details: { reason: 'state' },
    })
  })
})

describe('a breach', { timeout: MEETING_MS }, () => {
  it('goes before everything else, and both nodes count 72 hours until an authority knows', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await queueNew(anltp, 'task.clearance/1')
    const at = new Date(clock.nowMs()).toISOString().replace(/\.\d+Z$/, 'Z')
    const {
      authority: _a,
      authorityNotifiedAt: _at,
      delayReason: _why,
      ...body
    } = BODIES['rights.breach/1']['body'] ?? {}
    const told = { ...body, awareAt: at, peerNotifiedAt: at }
    const breach = await queueNew(anltp, 'rights.breach/1', { groups: { body: told } })
    const sent = await anltp.parts.outbox.next(anltp.peer, 0)
    expect(sent?.sequence).toBe(1)
    expect((await anltp.parts.ledger.get(breach))?.state).toBe('sent')
    await carryAll(anltp, naptip)
    const statuses = async () =>
      Promise.all([anltp, naptip].map(async (side) => (await servicesOf(side).status({})).breaches))
    const awareAt = clock.now()
    const dueAt = awareAt + 72 * 3600
    const open = { awareAt, breach: 'b-1', dueAt, from: 'ne.anltp-tim', overdue: false }
    expect(await statuses()).toMatchObject([[open], [open]])
    clock.turn(72 * 3600 + 1)
    expect(await statuses()).toMatchObject([[{ overdue: true }], [{ overdue: true }]])
    clock.turn(-72 * 3600 - 1)
    const notified = { ...told, authority: 'ndpc', authorityNotifiedAt: at }
    await queueNew(anltp, 'rights.breach/1', { groups: { body: notified } })
    await carryAll(anltp, naptip)
    expect(await statuses()).toEqual([[], []])
  })
})
