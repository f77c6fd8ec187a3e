import { type Kind, openGroup, type SealedGroup } from '@amana/core'
import { Level } from 'level'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { servicesOf } from '../../../test/support/acting.ts'
import { FILLED_REFERRAL } from '../../../test/support/filled-referral.ts'
import {
  beginTalk,
  carryAll,
  leavesOf,
  MEETING_MS,
  nextRoster,
  openSide,
  queueNew,
  reopened,
  type Side,
  sizeOf,
  type Talk,
} from '../../../test/support/node-fixture.ts'
import {
  dropOfficers,
  listReaders,
  makeReader,
  type ReadingOfficer,
} from '../../../test/support/reading-officers.ts'
import { liesIn, rawRow } from '../../../test/support/raw-store.ts'
import { codeOf } from '../../../test/support/refusals.ts'
import { askAs } from './agency/asking.ts'
import { presentAs, readBy } from './agency/reading.ts'
import { allRecords, RECORDS } from './records.ts'
import { type MessageView } from './service-views.ts'

const ALL = Object.keys(FILLED_REFERRAL)
const SENT = ALL.filter((name) => name !== 'health' && name !== 'investigation')

/** Which groups of a referral each role reads in Niamey, who wrote it, and in Abuja, who got it. */
const READ_BY: Readonly<Record<string, readonly string[]>> = {
  case_manager: SENT,
  supervisor: SENT,
  duty_officer: [
    'routing',
    'person',
    'safeContact',
    'safety',
    'needs',
    'healthSummary',
    'fitness',
    'custody',
  ],
  clinician: ['routing', 'person', 'safeContact', 'healthSummary', 'health', 'fitness'],
  escort: ['routing', 'fitness', 'custody'],
  custodian: ['routing', 'fitness', 'custody'],
  head: ALL,
  'author:victim': [],
  'desk:shelter-x': [],
}
const ROLES = Object.keys(READ_BY)

/** Texts of the referral that no fact of the machine says. */
const CANARIES = [
  'Ladi',
  'Invented',
  'Rose',
  'blue thread',
  'TEST-LINE-2',
  'Aunt of the test case',
  'sewing',
  'Anaemia',
  'dressmaker',
  'school card',
  'nurse',
  'NG-KN',
]

async function readersOf(side: Side, roles = ROLES): Promise<ReadonlyMap<string, ReadingOfficer>> {
  const made = await Promise.all(
    roles.map(async (role) => [role, await makeReader(side, nameOf(role), [role])] as const),
  )
  return new Map(made)
}

function nameOf(role: string): string {
  return `r-${role.replace(/[^a-z]/g, '-')}`
}

function reader(officers: ReadonlyMap<string, ReadingOfficer>, role: string): ReadingOfficer {
  const officer = officers.get(role)
  if (officer === undefined) throw new Error(role)
  return officer
}

interface Lying {
  readonly statement: string
  readonly group: string
  readonly row: SealedGroup
}

/** The groups as they lie in the store of a node. */
async function lyingAt({ parts }: Side): Promise<readonly Lying[]> {
  const rows = await allRecords(parts.store, RECORDS.group, {})
  return rows.map(({ key, value: row }) => {
    const [statement = '', group = ''] = key.split('/')
    return { group, row, statement }
  })
}

/** Which of them a key opens. */
async function openedBy(
  lying: readonly Lying[],
  { reading: [key] }: ReadingOfficer,
): Promise<readonly string[]> {
  const opened: string[] = []
  for (const { group, row, statement } of lying) {
    if (key === undefined) break
    const code = await codeOf(() => openGroup({ group, statement }, row, key))
    if (code === undefined) opened.push(group)
    else expect(code).toBe('STORE_GROUP_KEY')
  }
  return opened.toSorted()
}

/** Everything that the store's key opens, as text. */
async function clearOf({ parts }: Side): Promise<string> {
  const decoder = new TextDecoder()
  const texts: string[] = []
  for (const { space } of Object.values(RECORDS)) {
    const rows = await parts.store.range({ space, limit: 100_000 })
    texts.push(...rows.map(({ value }) => decoder.decode(value)))
  }
  return texts.join('\n')
}

async function viewFor(side: Side, digest: string, officer?: ReadingOfficer): Promise<MessageView> {
  const services = servicesOf(side)
  const input = { digest, purpose: 'protection' as const }
  if (officer === undefined) return services.message(input)
  const call = { act: 'open', method: 'message', input } as const
  return readBy(await services.message(await askAs(services, officer, call)), officer)
}

interface Prepared extends AsyncDisposable {
  readonly talk: Talk
  readonly there: ReadonlyMap<string, ReadingOfficer>
  readonly here: ReadonlyMap<string, ReadingOfficer>
}

/** Both agencies with a reader of each role. */
async function prepared(): Promise<Prepared> {
  const talk = await beginTalk()
  const there = await readersOf(talk.anltp)
  const here = await readersOf(talk.naptip)
  await listReaders(talk.anltp, talk.naptip, [...there.values()])
  await listReaders(talk.naptip, talk.anltp, [...here.values()])
  return { talk, there, here, [Symbol.asyncDispose]: () => talk[Symbol.asyncDispose]() }
}

describe('a referral at rest', { timeout: MEETING_MS }, () => {
  let all: Prepared
  let digest = ''
  beforeAll(async () => {
    all = await prepared()
    const { anltp, naptip } = all.talk
    digest = await queueNew(anltp, 'victim.referral/1', { groups: FILLED_REFERRAL })
    await carryAll(anltp, naptip)
  }, MEETING_MS)
  afterAll(() => all[Symbol.asyncDispose]())

  it.each(ROLES)(
    'opens for a %s exactly the groups of that role, at both agencies',
    async (role) => {
      const { anltp, naptip } = all.talk
      const expected = (READ_BY[role] ?? []).toSorted()
      expect(await openedBy(await lyingAt(anltp), reader(all.there, role))).toEqual(expected)
      const sent = expected.filter((name) => SENT.includes(name))
      expect(await openedBy(await lyingAt(naptip), reader(all.here, role))).toEqual(sent)
    },
  )

  it('opens for nobody of the other agency', async () => {
    const lying = await lyingAt(all.talk.naptip)
    expect(lying).toHaveLength(SENT.length)
    expect(await openedBy(lying, reader(all.there, 'head'))).toEqual([])
  })

  it('leaves no text of it to the store’s key, and a statement without its opening', async () => {
    for (const side of [all.talk.anltp, all.talk.naptip]) {
      const clear = await clearOf(side)
      expect(CANARIES.filter((text) => clear.includes(text))).toEqual([])
      expect((await side.parts.ledger.get(digest))?.opening).toBeUndefined()
    }
  })

  it('is shown to nobody without an officer, and to him what he reads', async () => {
    const { naptip } = all.talk
    const bare = await viewFor(naptip, digest)
    expect(bare.groups).toEqual({})
    expect(JSON.stringify(bare)).not.toContain('"sealed":{')
    expect(bare.facts).toEqual({
      occurredAt: '2026-11-24T09:40:00Z',
      referral: 'NE-ANLTP-26-5T9XW2HD-D',
      referralKind: 'transnational',
      urgency: 'urgent',
    })
    const seen = await viewFor(naptip, digest, reader(all.here, 'clinician'))
    expect(seen.groups['person']).toEqual(FILLED_REFERRAL['person'])
    expect(Object.keys(seen.groups)).not.toContain('identity')
    expect(seen.withheld.toSorted()).toEqual(['health', 'investigation'])
  })

  it('is given to an officer’s program after the leaf of his opening, with his own wraps alone', async () => {
    const { naptip } = all.talk
    const before = sizeOf(naptip)
    const seen = await viewFor(naptip, digest, reader(all.here, 'escort'))
    const events = (await leavesOf(naptip, before)).map(({ event }) => event)
    expect(events).toContain('a.open')
    const wraps = Object.values(seen.atRest?.groups ?? {}).flatMap((one) => one.sealed?.wraps ?? [])
    expect(new Set(wraps.map(({ officer }) => officer))).toEqual(new Set(['r-escort']))
    expect(seen.atRest?.groups['identity']?.sealed).toBeUndefined()
    expect(seen.atRest?.groups['identity']?.readers).toContain('r-head')
  })

  it('is shown to an auditor by an officer who reads it, and not by the node', async () => {
    const { naptip } = all.talk
    const services = servicesOf(naptip)
    const asked = { digest, disclose: ['needs.education'], purpose: 'audit' } as const
    expect(
      await codeOf(() => services.presentation({ ...asked, disclose: [...asked.disclose] })),
    ).toBe('CLI_SEALED')
    const made = await presentAs(services, reader(all.here, 'case_manager'), asked)
    const { presentation } = await services.presentation({
      digest,
      presentation: made ?? '',
      purpose: 'audit',
    })
    expect(presentation).toBe(made)
    const blind = presentAs(services, reader(all.here, 'escort'), asked)
    await expect(blind).rejects.toMatchObject({ code: 'WIRE_DIS' })
  })

  it('takes no presentation of another message', async () => {
    const { naptip } = all.talk
    const services = servicesOf(naptip)
    const other = await queueNew(naptip, 'referral.event/1')
    const officer = reader(all.here, 'head')
    const asked = { digest: other, disclose: ['body.event'], purpose: 'audit' } as const
    const made = (await presentAs(services, officer, asked)) ?? ''
    const given = { digest, presentation: made, purpose: 'audit' } as const
    expect(await codeOf(() => services.presentation(given))).toBe('WIRE_DIS')
  })
})

describe('what is on its way', { timeout: MEETING_MS }, () => {
  it('is open to the queue until the last receipt, and to officers from the beginning', async () => {
    await using all = await prepared()
    const { anltp, naptip } = all.talk
    const digest = await queueNew(anltp, 'victim.referral/1', { groups: FILLED_REFERRAL })
    expect((await anltp.parts.ledger.get(digest))?.opening).toBeDefined()
    expect((await viewFor(anltp, digest)).groups).toEqual({})
    const seen = await viewFor(anltp, digest, reader(all.there, 'head'))
    expect(seen.groups).toEqual(FILLED_REFERRAL)
    await carryAll(anltp, naptip)
    expect((await anltp.parts.ledger.get(digest))?.opening).toBeUndefined()
    expect((await viewFor(anltp, digest)).state).toBe('opened')
  })

  it('is closed when it is taken back', async () => {
    await using all = await prepared()
    const { anltp } = all.talk
    const digest = await queueNew(anltp, 'victim.referral/1', { groups: FILLED_REFERRAL })
    await servicesOf(anltp).withdraw({ digest, dryRun: false, reason: 'consent' })
    expect((await anltp.parts.ledger.get(digest))?.opening).toBeUndefined()
    const seen = await viewFor(anltp, digest, reader(all.there, 'case_manager'))
    expect(seen.groups['identity']).toEqual(FILLED_REFERRAL['identity'])
  })

  it('leaves the files of the store within the hour', async () => {
    await using all = await prepared()
    const { anltp, naptip } = all.talk
    const digest = await queueNew(anltp, 'victim.referral/1', { groups: FILLED_REFERRAL })
    await anltp[Symbol.asyncDispose]()
    const open = await rawRow(Level<string, Uint8Array>, anltp, `statement!${digest}`)
    await using again = await openSide(anltp.place, anltp.clock)
    await carryAll(again, naptip)
    await again.parts.atRest.forget()
    await again[Symbol.asyncDispose]()
    expect(await liesIn(again, open)).toBe(false)
  })
})

describe('rows of before', { timeout: MEETING_MS }, () => {
  it('are sealed for the first officers with encryption keys, and no open copy stays', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const digest = await queueNew(anltp, 'victim.referral/1', { groups: FILLED_REFERRAL })
    await carryAll(anltp, naptip)
    expect((await viewFor(naptip, digest)).groups['identity']).toEqual(FILLED_REFERRAL['identity'])
    await naptip[Symbol.asyncDispose]()
    const open = await rawRow(Level<string, Uint8Array>, naptip, `statement!${digest}`)
    expect(await liesIn(naptip, open)).toBe(true)
    await using again = await openSide(naptip.place, naptip.clock)
    const head = await makeReader(again, 'r-head', ['head'])
    await listReaders(again, anltp, [head])
    const clear = await clearOf(again)
    expect(CANARIES.filter((text) => clear.includes(text))).toEqual([])
    expect((await viewFor(again, digest, head)).groups['identity']).toEqual(
      FILLED_REFERRAL['identity'],
    )
    await again[Symbol.asyncDispose]()
    expect(await liesIn(again, open)).toBe(false)
  })

  it('are sealed when the node starts, where the roster changed while it was closed', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const digest = await queueNew(anltp, 'referral.event/1')
    await carryAll(anltp, naptip)
    const head = await makeReader(naptip, 'r-head', ['head'])
    const { officers } = naptip.parts.trust.ownRoster.payload
    await naptip.parts.trust.adoptRoster(
      await nextRoster(naptip, { officers: [...officers, head.entry] }),
    )
    expect((await naptip.parts.ledger.get(digest))?.atRest).toBeUndefined()
    await using again = await reopened(naptip)
    expect((await again.parts.ledger.get(digest))?.opening).toBeUndefined()
    expect((await viewFor(again, digest, head)).groups['body']).toMatchObject({ event: 'submit' })
  })
})

describe('the officers of the newest roster', { timeout: MEETING_MS }, () => {
  const KIND: Kind = 'victim.referral/1'

  it('read what waited for them, and nobody else does meanwhile', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const manager = await makeReader(anltp, 'r-manager', ['case_manager'])
    await listReaders(anltp, naptip, [manager])
    const digest = await queueNew(anltp, KIND, { groups: FILLED_REFERRAL })
    await carryAll(anltp, naptip)
    const bare = await viewFor(anltp, digest, manager)
    expect(Object.keys(bare.atRest?.waiting ?? {}).toSorted()).toEqual(['health', 'investigation'])
    expect(Object.keys(bare.groups).toSorted()).toEqual(SENT.toSorted())
    const clinician = await makeReader(anltp, 'r-clinician', ['clinician'])
    await listReaders(anltp, naptip, [clinician])
    const seen = await viewFor(anltp, digest, clinician)
    expect(seen.groups['health']).toEqual(FILLED_REFERRAL['health'])
    expect(Object.keys(seen.atRest?.waiting ?? {})).toEqual(['investigation'])
  })

  it('are the only ones whose keys stay, but for the last one of a group', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const head = await makeReader(anltp, 'r-head', ['head'])
    const manager = await makeReader(anltp, 'r-manager', ['case_manager'])
    await listReaders(anltp, naptip, [head, manager])
    const digest = await queueNew(anltp, KIND, { groups: FILLED_REFERRAL })
    await carryAll(anltp, naptip)
    await dropOfficers(anltp, naptip, ['r-manager'])
    const seen = await viewFor(anltp, digest, head)
    expect(seen.atRest?.groups['identity']).toMatchObject({
      left: ['r-manager'],
      readers: ['r-head'],
    })
    await dropOfficers(anltp, naptip, ['r-head'])
    const other = await makeReader(anltp, 'r-second', ['case_manager'])
    await listReaders(anltp, naptip, [other])
    expect((await viewFor(anltp, digest)).atRest?.groups['identity']?.readers).toEqual(['r-head'])
  })

  it('lose what a role gave them that they do not have any more', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const head = await makeReader(anltp, 'r-head', ['head'])
    const manager = await makeReader(anltp, 'r-manager', ['case_manager'])
    await listReaders(anltp, naptip, [head, manager])
    const digest = await queueNew(anltp, KIND, { groups: FILLED_REFERRAL })
    await carryAll(anltp, naptip)
    const lower = { ...manager, entry: { ...manager.entry, roles: ['escort'] } }
    await listReaders(anltp, naptip, [lower])
    const lying = await lyingAt(anltp)
    expect(await openedBy(lying, manager)).toEqual(['custody', 'fitness', 'routing'])
    expect((await viewFor(anltp, digest, lower)).groups['identity']).toBeUndefined()
  })
})
