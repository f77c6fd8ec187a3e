import { openGroup } from '@amana/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { servicesOf } from '../../../test/support/acting.ts'
import { FILLED_REFERRAL } from '../../../test/support/filled-referral.ts'
import {
  beginTalk,
  carryAll,
  leavesOf,
  MEETING_MS,
  queueNew,
  type Side,
  sizeOf,
  type Talk,
} from '../../../test/support/node-fixture.ts'
import {
  listReaders,
  makeReader,
  type ReadingOfficer,
} from '../../../test/support/reading-officers.ts'
import { codeOf } from '../../../test/support/refusals.ts'
import { askAs } from './agency/asking.ts'
import { grantTo } from './agency/granting.ts'

const DRAWN = { dryRun: false, onProgress: () => undefined }

async function read(
  side: Side,
  digest: string,
  officer: ReadingOfficer,
): Promise<readonly string[]> {
  const names: string[] = []
  for (const name of Object.keys(FILLED_REFERRAL)) {
    const row = await side.parts.atRest.group(digest, name)
    const [key] = officer.reading
    if (row === undefined || key === undefined) continue
    const code = await codeOf(() => openGroup({ group: name, statement: digest }, row, key))
    if (code === undefined) names.push(name)
  }
  return names
}

describe('an officer who reads', { timeout: MEETING_MS }, () => {
  let talk: Talk
  let head: ReadingOfficer
  let escort: ReadingOfficer
  let clinician: ReadingOfficer
  let digest = ''
  beforeAll(async () => {
    talk = await beginTalk()
    const { anltp, naptip } = talk
    head = await makeReader(naptip, 'r-head', ['head'])
    escort = await makeReader(naptip, 'r-escort', ['escort'])
    await listReaders(naptip, anltp, [head, escort])
    digest = await queueNew(anltp, 'victim.referral/1', { groups: FILLED_REFERRAL })
    await carryAll(anltp, naptip)
    clinician = await makeReader(naptip, 'r-clinician', ['clinician'])
    await listReaders(naptip, anltp, [clinician])
  }, MEETING_MS)
  afterAll(() => talk[Symbol.asyncDispose]())

  it('says first how many groups another one would read, and changes nothing', async () => {
    const { naptip } = talk
    const asked = { ...DRAWN, dryRun: true, to: 'r-clinician' }
    expect(await grantTo(servicesOf(naptip), head, asked)).toBe(5)
    expect(await read(naptip, digest, clinician)).toEqual([])
  })

  it('lets him read what he reads himself: of the other’s groups no more', async () => {
    const { naptip } = talk
    const before = sizeOf(naptip)
    expect(await grantTo(servicesOf(naptip), escort, { ...DRAWN, to: 'r-clinician' })).toBe(2)
    expect(await read(naptip, digest, clinician)).toEqual(['routing', 'fitness'])
    const leaf = (await leavesOf(naptip, before)).find(({ event }) => event === 'a.grant')
    expect(leaf?.data).toEqual({ count: 10, key: clinician.reading[0]?.keyId })
  })

  it('lets another one read what that one’s roles give, and the node alone cannot', async () => {
    const { naptip } = talk
    const services = servicesOf(naptip)
    expect(await codeOf(() => services.grantable({ to: 'r-clinician' }))).toBe('CLI_OPTION')
    expect(await grantTo(services, head, { ...DRAWN, to: 'r-clinician' })).toBe(3)
    expect(await read(naptip, digest, clinician)).toEqual([
      'routing',
      'person',
      'safeContact',
      'healthSummary',
      'fitness',
    ])
    expect(await grantTo(services, head, { ...DRAWN, to: 'r-clinician' })).toBe(0)
  })

  it('lets nobody read who has no key, and stores no key that is not the other’s', async () => {
    const { naptip } = talk
    const services = servicesOf(naptip)
    expect(await codeOf(() => grantTo(services, head, { ...DRAWN, to: 'reader' }))).toBe(
      'CLI_READER',
    )
    const row = await naptip.parts.atRest.group(digest, 'identity')
    const [own] = row?.wraps ?? []
    if (own === undefined) throw new Error('no wrap')
    const { statement } = { statement: digest }
    const forged = [
      { group: 'identity', statement, wrap: { ...own, officer: 'r-clinician' } },
      { group: 'nothing', statement, wrap: own },
    ]
    const call = {
      act: 'grant',
      method: 'grant',
      input: { to: 'r-clinician', wraps: forged },
    } as const
    const asked = await askAs(services, head, call)
    expect(await services.grant(asked)).toEqual({ granted: 0 })
    expect(await naptip.parts.atRest.group(digest, 'identity')).toEqual(row)
  })

  it('wraps for the new key of his own what he reads with the old one', async () => {
    const { anltp, naptip } = talk
    const renewed = await makeReader(naptip, 'r-escort', ['escort'])
    await listReaders(naptip, anltp, [renewed])
    expect(await read(naptip, digest, renewed)).toEqual([])
    const both = { ...renewed, reading: [...escort.reading, ...renewed.reading] }
    expect(await grantTo(servicesOf(naptip), both, { ...DRAWN, to: 'r-escort' })).toBe(3)
    expect(await read(naptip, digest, renewed)).toEqual(['routing', 'fitness', 'custody'])
  })
})

describe('the status of a node', { timeout: MEETING_MS }, () => {
  it('says of how many groups too few officers read, until two heads do', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const services = servicesOf(naptip)
    expect((await services.status({})).readers?.officers).toBe(0)
    const first = await makeReader(naptip, 'r-head', ['head'])
    const manager = await makeReader(naptip, 'r-manager', ['case_manager'])
    await listReaders(naptip, anltp, [first, manager])
    const { readers } = await services.status({})
    expect(readers?.thin).toContainEqual({ group: 'health', kind: 'victim.referral/1', readers: 1 })
    expect(readers?.thin).not.toContainEqual(
      expect.objectContaining({ group: 'person', kind: 'victim.referral/1' }),
    )
    await listReaders(naptip, anltp, [await makeReader(naptip, 'r-second', ['head'])])
    expect((await services.status({})).readers).toBeUndefined()
  })
})
