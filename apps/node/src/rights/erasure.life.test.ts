import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Draft, type Json, openGroup } from '@amana/core'
import { verifyFiles } from '@amana/verify'
import { Level } from 'level'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { servicesOf, signedFor } from '../../../../test/support/acting.ts'
import { FILLED_REFERRAL } from '../../../../test/support/filled-referral.ts'
import { BODIES } from '../../../../test/support/message-bodies.ts'
import {
  beginTalk,
  carryAll,
  cosign,
  eventsOf,
  leavesOf,
  MEETING_MS,
  officerKey,
  openSide,
  queueNew,
  type Side,
  sizeOf,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { liesIn, rawRow } from '../../../../test/support/raw-store.ts'
import {
  listReaders,
  makeReader,
  type ReadingOfficer,
} from '../../../../test/support/reading-officers.ts'
import { codeOf, refusalOf } from '../../../../test/support/refusals.ts'
import { askAsTwo, attestationDrafts, orderDraft } from '../agency/erasing.ts'
import { sendDraft, type UnlockedOfficer } from '../agency/signing.ts'
import { putRecord, RECORDS } from '../records.ts'
import { type ServiceInput } from '../service-inputs.ts'
import { type NodeServices } from '../services.ts'
import { systemClock } from '../system.ts'
import { erasedBy, resumeErasures } from './erasures.ts'

const SENT = Object.keys(FILLED_REFERRAL).filter((name) => !/^(?:health|investigation)$/.test(name))
const REFERENCE = 'NE-ANLTP-26-5T9XW2HD-D'

async function officer(side: Side, id: 'author' | 'approver' | 'reader'): Promise<UnlockedOfficer> {
  return { id, key: await officerKey(side.place, id) }
}

/** Two officers of a side sign one call of erasure. */
async function agreed<I extends object>(
  side: Side,
  method: 'erase' | 'retain',
  input: I,
): Promise<I> {
  const two = { first: await officer(side, 'author'), second: await officer(side, 'approver') }
  return askAsTwo(servicesOf(side), two, { act: 'erase', method, input })
}

async function carryOut(side: Side, order: string): ReturnType<NodeServices['erase']> {
  return servicesOf(side).erase(await agreed(side, 'erase', { order }))
}

async function send(side: Side, draft: Draft): Promise<string> {
  const signers = {
    author: await officer(side, 'author'),
    approvers: [await officer(side, 'approver')],
  }
  return (await sendDraft(servicesOf(side), draft, signers)).digest
}

/** An officer of the sender orders groups of a message to be erased. */
async function ordered(side: Side, digest: string, groups: readonly string[]): Promise<string> {
  const message = await servicesOf(side).erasable({ digest })
  const now = side.clock.now()
  return send(side, orderDraft({ basis: 'sent_in_error', groups, message, now }))
}

async function attest(side: Side, order: string): Promise<readonly string[]> {
  const view = await servicesOf(side).erasure({ order })
  const digests: string[] = []
  for (const draft of attestationDrafts(view, side.clock.now()))
    digests.push(await send(side, draft))
  return digests
}

async function hold(side: Side, about: string): ReturnType<NodeServices['hold']> {
  const input = {
    about,
    basis: 'prosecution',
    office: 'ng.court-x',
    reason: 'trial in June',
    until: '2027-06-01',
  } as const
  return servicesOf(side).hold(
    await signedFor(side, 'author', { act: 'hold', method: 'hold', input }),
  )
}

/** Everything that the store's key opens, as text. */
async function clearOf({ parts }: Side): Promise<string> {
  const texts: string[] = []
  for (const { space } of Object.values(RECORDS)) {
    const rows = await parts.store.range({ space, limit: 100_000 })
    texts.push(...rows.map(({ value }) => new TextDecoder().decode(value)))
  }
  return texts.join('\n')
}

async function statesOf(side: Side, order: string): Promise<readonly string[]> {
  const { targets } = await servicesOf(side).erasure({ order })
  return [...new Set(targets.flatMap(({ groups }) => Object.values(groups)))]
}

async function bundle(side: Side, { met }: Talk): Promise<{ name: string; bytes: Uint8Array }> {
  const { file } = await servicesOf(side).exportBundle({ to: join(met.path, 'bundles') })
  return { name: file, bytes: await readFile(file) }
}

/** The talk with another node of one side, on the same folder. */
function withNaptip({ anltp, ...talk }: Talk, naptip: Side): Talk {
  const close = async (): Promise<void> => {
    await naptip[Symbol.asyncDispose]()
    await anltp[Symbol.asyncDispose]()
    await talk.met[Symbol.asyncDispose]()
  }
  return { ...talk, anltp, naptip, [Symbol.asyncDispose]: close }
}

describe('an order of erasure', { timeout: MEETING_MS }, () => {
  let talk: Talk
  let head: ReadingOfficer
  let digest = ''
  let order = ''
  beforeAll(async () => {
    talk = await beginTalk()
    const { anltp, naptip } = talk
    head = await makeReader(naptip, 'r-head', ['head'])
    await listReaders(naptip, anltp, [head])
    digest = await queueNew(anltp, 'victim.referral/1', { groups: FILLED_REFERRAL })
    await carryAll(anltp, naptip)
    order = await ordered(anltp, digest, SENT)
    await carryAll(anltp, naptip)
  }, MEETING_MS)
  afterAll(() => talk[Symbol.asyncDispose]())

  it('is known to the recipient’s node without an officer, and erases nothing by itself', async () => {
    const [view] = await servicesOf(talk.naptip).erasures({})
    expect(view).toMatchObject({
      digest: order,
      direction: 'in',
      from: 'ne.anltp-tim',
      attested: [],
    })
    expect(await statesOf(talk.naptip, order)).toEqual(['due'])
    expect(Object.keys(FILLED_REFERRAL)).toHaveLength(SENT.length + 2)
  })

  it('destroys, once two officers agreed, what every key opened, and the log says so before and after', async () => {
    const { anltp, met } = talk
    await cosign(talk.naptip, anltp)
    const before = await bundle(talk.naptip, talk)
    await talk.naptip[Symbol.asyncDispose]()
    const row = await rawRow(Level<string, Uint8Array>, talk.naptip, `group!${digest}/identity`)
    expect(await liesIn(talk.naptip, row)).toBe(true)
    const again = await openSide(talk.naptip.place, talk.clock)
    talk = withNaptip(talk, again)
    const from = sizeOf(again)
    const lying = await again.parts.atRest.group(digest, 'identity')
    const [key] = head.reading
    if (lying === undefined || key === undefined) throw new Error('nothing lies there')
    expect(
      await codeOf(() => openGroup({ group: 'identity', statement: digest }, lying, key)),
    ).toBe(undefined)
    const { erased } = await carryOut(again, order)
    expect(erased).toBe(SENT.length)
    expect(await again.parts.atRest.group(digest, 'identity')).toBeUndefined()
    const clear = await clearOf(again)
    expect(['"calledName"', 'Feminine', '"ZZ"'].filter((text) => clear.includes(text))).toEqual([])
    const leaves = await leavesOf(again, from)
    const [began, ended] = leaves.filter(({ event }) => event.startsWith('g.eras'))
    expect(began?.data).toMatchObject({ basis: 'mistake', keys: [] })
    expect(began?.data).toHaveProperty('approvers.length', 2)
    expect(began?.data).toHaveProperty('digests.0', digest)
    expect(began?.data).toHaveProperty('digests.length', SENT.length + 1)
    expect(ended?.data).toEqual({ done: 'all', ref: began?.index })
    await cosign(again, anltp)
    const { file } = await servicesOf(again).exportPolicy({ to: join(met.path, 'bundles') })
    const rules = { policy: await readFile(file, 'utf8'), now: systemClock.now() }
    const after = await bundle(again, talk)
    for (const [bytes, count] of [
      [before, 0],
      [after, 1],
    ] as const) {
      const report = await verifyFiles([bytes], rules)
      expect(report.findings.filter(({ severity }) => severity === 'fail')).toEqual([])
      expect(report.findings.filter(({ code }) => code === 'ERASED')).toHaveLength(count)
    }
    expect(await statesOf(again, order)).toEqual(['erased'])
    await again[Symbol.asyncDispose]()
    expect(await liesIn(again, row)).toBe(false)
    const open = await openSide(talk.naptip.place, talk.clock)
    talk = withNaptip(talk, open)
  })

  it('changes nothing the second time, and a message that comes again brings nothing back', async () => {
    const { naptip } = talk
    const { erased, order: view } = await carryOut(naptip, order)
    expect(erased).toBe(0)
    expect(view.done?.leaf).toHaveLength(43)
    expect(await eventsOf(naptip)).toHaveLength(sizeOf(naptip))
    expect((await eventsOf(naptip)).filter((event) => event === 'g.erased')).toHaveLength(1)
    const shown = await servicesOf(naptip).message({ digest, purpose: 'protection' })
    expect(shown.erased).toEqual(SENT.toSorted())
    expect(shown.withheld.toSorted()).toEqual(['health', 'investigation'])
  })

  it('is answered by a signed attestation, which names the leaf, and the owner sees it', async () => {
    const { anltp, naptip } = talk
    const [attestation] = await attest(naptip, order)
    await carryAll(naptip, anltp)
    const view = await servicesOf(anltp).erasure({ order })
    expect(view.attested).toMatchObject([
      {
        action: 'erase',
        digest: attestation,
        from: 'ng.naptip',
        holds: [],
        targets: [{ statement: digest }],
      },
    ])
    const [row] = await erasedBy(naptip.parts.store, order)
    expect(view.targets[0]?.groups['identity']).toBe('due')
    expect(row?.done?.hash).toBe((await servicesOf(naptip).erasure({ order })).done?.leaf)
  })

  it('is carried out on the own copy by the same act', async () => {
    const { anltp } = talk
    expect((await carryOut(anltp, order)).erased).toBe(SENT.length)
    expect((await clearOf(anltp)).includes('blue thread')).toBe(false)
    const shown = await servicesOf(anltp).message({ digest, purpose: 'protection' })
    expect(shown.groups).toEqual({
      health: FILLED_REFERRAL['health'],
      investigation: FILLED_REFERRAL['investigation'],
    })
  })
})

describe('an erasure', { timeout: MEETING_MS }, () => {
  let talk: Talk
  let theirs = ''
  let own = ''
  beforeAll(async () => {
    talk = await beginTalk()
    const { anltp, naptip } = talk
    theirs = await queueNew(anltp, 'victim.referral/1', { groups: FILLED_REFERRAL })
    await carryAll(anltp, naptip)
    own = await queueNew(naptip, 'task.clearance/1')
    await carryAll(naptip, anltp)
  }, MEETING_MS)
  afterAll(() => talk[Symbol.asyncDispose]())

  it('is not ordered by an agency whose message it is not, here or there', async () => {
    const { anltp, naptip } = talk
    const refused = { code: 'RIGHTS_ORDER', details: { reason: 'owner' } }
    expect(await refusalOf(() => ordered(naptip, theirs, ['identity']))).toMatchObject(refused)
    const forged = await queueNew(naptip, 'rights.erasure/1', { groups: sampleOrder(theirs) })
    await carryAll(naptip, anltp)
    expect(await refusalOf(() => carryOut(anltp, forged))).toMatchObject(refused)
    expect((await anltp.parts.ledger.get(theirs))?.erased).toBeUndefined()
  })

  it('needs an order that is one', async () => {
    const { naptip } = talk
    const asked = (digest: string) => refusalOf(() => carryOut(naptip, digest))
    expect(await asked(theirs)).toMatchObject({ details: { reason: 'kind' } })
    const { routing, rights } = sampleOrder(theirs)
    const put = async (changed: object): Promise<string> => {
      const groups = { routing, rights: { ...rights, ...changed } }
      const digest = await queueNew(talk.anltp, 'rights.erasure/1', { groups })
      await carryAll(talk.anltp, naptip)
      return digest
    }
    expect(await asked(await put({ action: 'restrict' }))).toMatchObject({
      details: { reason: 'action' },
    })
    const word = { act: 'attestation', executedAt: '2026-11-20T08:00:00Z', proof: theirs }
    expect(await asked(await put(word))).toMatchObject({ details: { reason: 'kind' } })
    const back = await queueNew(talk.anltp, 'rights.erasure/1', { groups: { routing, rights } })
    await servicesOf(talk.anltp).withdraw({ digest: back, dryRun: false, reason: 'mistake' })
    expect(await refusalOf(() => carryOut(talk.anltp, back))).toMatchObject({
      details: { reason: 'state' },
    })
  })

  it('needs two officers with the role, for this very order', async () => {
    const { anltp, naptip } = talk
    const order = await ordered(anltp, theirs, ['contact'])
    await carryAll(anltp, naptip)
    const services = servicesOf(naptip)
    const call = { act: 'erase', method: 'erase', input: { order } } as const
    const both = async (
      one: 'author' | 'reader',
      two: 'author' | 'reader',
    ): Promise<string | undefined> =>
      codeOf(async () => {
        const officers = { first: await officer(naptip, one), second: await officer(naptip, two) }
        return services.erase(await askAsTwo(services, officers, call))
      })
    expect(await codeOf(() => services.erase({ order }))).toBe('CLI_OPTION')
    expect(await codeOf(async () => services.erase(await signedFor(naptip, 'author', call)))).toBe(
      'RIGHTS_SECOND',
    )
    expect(await both('author', 'author')).toBe('RIGHTS_SECOND')
    expect(await both('reader', 'author')).toBe('RIGHTS_ROLE')
    expect(await both('author', 'reader')).toBe('RIGHTS_ROLE')
    const { by: _by, ...other }: ServiceInput<'erase'> = await agreed(naptip, 'erase', {
      order: own,
    })
    const moved = { ...call, input: { ...other, order } }
    expect(await codeOf(async () => services.erase(await signedFor(naptip, 'author', moved)))).toBe(
      'WIRE_MEMBER',
    )
    const used = await agreed(naptip, 'erase', { order })
    expect((await services.erase(used)).erased).toBe(1)
    expect(await codeOf(() => services.erase(used))).toBe('AUDIT_ACT_STALE')
    const denied = (await leavesOf(naptip)).filter(({ event }) => event === 'a.denied')
    expect(denied.at(-1)?.data).toEqual({ act: 'erase', code: 'AUDIT_ACT_STALE' })
  })

  it('waits for a hold, which goes back to the owner with its reason, and is lifted', async () => {
    const { anltp, naptip } = talk
    const services = servicesOf(naptip)
    expect(await hold(naptip, REFERENCE)).toEqual({ held: 2, statements: [theirs, own] })
    expect(await hold(naptip, theirs.slice(0, 12))).toMatchObject({ held: 0 })
    const order = await ordered(anltp, theirs, ['needs'])
    await carryAll(anltp, naptip)
    expect((await carryOut(naptip, order)).erased).toBe(0)
    expect(await statesOf(naptip, order)).toEqual(['held'])
    await attest(naptip, order)
    await carryAll(naptip, anltp)
    const { attested } = await servicesOf(anltp).erasure({ order })
    expect(attested).toMatchObject([
      { action: 'keep', holds: [{ by: 'ng.court-x', until: '2027-06-01' }] },
    ])
    const shown = await servicesOf(anltp).message({
      digest: attested[0]?.digest ?? '',
      purpose: 'data-subject',
    })
    expect(JSON.stringify(shown.groups)).toContain('trial in June')
    const input = { about: REFERENCE, reason: 'the trial ended' }
    const lift = { act: 'hold', method: 'unhold', input } as const
    expect(await services.unhold(await signedFor(naptip, 'author', lift))).toEqual({ lifted: 2 })
    expect(await codeOf(async () => services.unhold(await signedFor(naptip, 'author', lift)))).toBe(
      'RIGHTS_HOLD',
    )
    expect(await codeOf(async () => services.unhold(await signedFor(naptip, 'reader', lift)))).toBe(
      'RIGHTS_ROLE',
    )
    expect((await carryOut(naptip, order)).erased).toBe(1)
    const events = (await eventsOf(naptip)).filter((event) => /hold/.test(event))
    expect(events).toEqual(['g.hold', 'g.hold', 'g.unhold', 'g.unhold'])
  })

  it('keeps what comes later to a referral that is held', async () => {
    const { anltp, naptip } = talk
    await hold(naptip, REFERENCE)
    const later = await queueNew(anltp, 'referral.event/1', {
      groups: { body: { ...BODIES['referral.event/1']['body'], ...placeOf(2) } },
    })
    await carryAll(anltp, naptip)
    const order = await ordered(anltp, later, ['body'])
    await carryAll(anltp, naptip)
    expect(await statesOf(naptip, order)).toEqual(['held'])
  })

  it('goes on at the next start where it was interrupted', async () => {
    const { anltp } = talk
    const left = { basis: 'mistake', groups: ['contact'], leaf: 0, statement: theirs } as const
    const row = putRecord(RECORDS.erasure, 'retention/0', { ...left, groups: ['contact'] })
    await anltp.parts.audit.commit({
      events: [],
      writes: async () => ({ writes: [row], events: [] }),
    })
    expect(await resumeErasures(anltp.parts)).toBe(1)
    expect((await anltp.parts.ledger.get(theirs))?.erased).toEqual(['contact'])
    expect(await resumeErasures(anltp.parts)).toBe(0)
  })
})

function placeOf(sequence: number): { readonly [member: string]: Json } {
  return { occurredAt: '2026-11-24T10:00:00Z', referral: REFERENCE, sequence }
}

function sampleOrder(statement: string): {
  readonly routing: { readonly [member: string]: Json }
  readonly rights: { readonly [member: string]: Json }
} {
  const targets = [{ groups: ['identity'], statement }]
  return {
    rights: { act: 'request', action: 'erase', basis: 'court', targets },
    routing: { occurredAt: '2026-11-24T10:00:00Z', referral: REFERENCE },
  }
}
