import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  decodeUtf8,
  type NoteKey,
  parseLogProof,
  parsePolicy,
  parseVkey,
  verifyLogProof,
} from '@amana/core'
import { verifyFiles } from '@amana/verify'
import { describe, expect, it } from 'vitest'
import { breakGlass, servicesOf, signedFor } from '../../../../test/support/acting.ts'
import {
  beginTalk,
  carryAll,
  cosign,
  leavesOf,
  MEETING_MS,
  queueNew,
  type Side,
  sizeOf,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { recordsOf } from '../../../../test/support/test-log.ts'
import { policyText } from './policy-text.ts'

const REASON = 'the embassy asked, invented'

/** A message that was opened by an officer with a reason, by the node, and exported. */
async function lookedAt({ naptip }: Talk): Promise<string> {
  const std = await queueNew(naptip, 'jtwg.minutes/1')
  await queueNew(naptip, 'intel.report/1')
  const services = servicesOf(naptip)
  const input = { digest: std, purpose: 'legal-request', reason: REASON } as const
  await services.message(
    await signedFor(naptip, 'reader', { act: 'open', method: 'message', input }),
  )
  await services.message({ digest: std, purpose: 'quality' })
  await services.message({ digest: std, purpose: 'quality' })
  await services.presentation({ digest: std, disclose: ['body.status'], purpose: 'audit' })
  return std
}

async function exportsOf({ met }: Talk): Promise<string> {
  const folder = join(met.path, 'exports')
  await mkdir(folder, { recursive: true })
  return folder
}

describe('the own log', { timeout: MEETING_MS }, () => {
  it('is listed the newest first, by class, event and message, and each look is a leaf', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const std = await lookedAt(talk)
    const services = servicesOf(naptip)
    const size = sizeOf(naptip)
    const look = { limit: 1000, purpose: 'audit' } as const
    const all = await services.auditList(look)
    expect(all.more).toBe(false)
    expect(all.leaves.map(({ index }) => index)).toEqual(
      Array.from({ length: size }, (_, n) => size - 1 - n),
    )
    const opened = await services.auditList({ ...look, event: 'a.open', message: std.slice(0, 9) })
    expect(opened.leaves.map(({ data }) => data['purpose'])).toEqual([
      'quality',
      'quality',
      'legal-request',
    ])
    expect(opened.leaves.at(-1)).toMatchObject({ disclosed: [], withheld: 2 })
    const some = await services.auditList({ ...look, classes: ['g'], limit: 2 })
    expect(some.leaves.map((leaf) => leaf.class)).toEqual(['g', 'g'])
    expect(some.more).toBe(true)
    const before = some.next ?? 0
    const rest = await services.auditList({ ...look, before, classes: ['g'] })
    expect([...some.leaves, ...rest.leaves]).toEqual(
      all.leaves.filter((leaf) => leaf.class === 'g'),
    )
    expect(rest).toMatchObject({ more: false })
    expect(rest.next).toBeUndefined()
    const looks = await leavesOf(naptip, size)
    expect(looks.map(({ data, event }) => [event, data])).toEqual([
      ['a.list', { count: 10, purpose: 'audit', what: 'log' }],
      ['a.list', { count: 10, purpose: 'audit', what: 'log' }],
      ['a.list', { count: 10, purpose: 'audit', what: 'log' }],
      ['a.list', { count: 10, purpose: 'audit', what: 'log' }],
    ])
    expect(looks.map(({ sd }) => sd.length)).toEqual([0, 1, 0, 1])
  })

  it('is read 20,000 leaves at a time, and says where to go on', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const pads = Array.from({ length: 20_100 }, () => ({ event: 'w.pad', actor: 'sys', data: {} }))
    const size = sizeOf(naptip)
    await naptip.parts.audit.commit({
      events: pads,
      writes: async () => ({ writes: [], events: [] }),
    })
    const look = { event: 'g.genesis', limit: 1, purpose: 'audit' } as const
    const services = servicesOf(naptip)
    const next = size + 100
    expect(await services.auditList(look)).toEqual({ leaves: [], more: true, next })
    const rest = await services.auditList({ ...look, before: next })
    expect(rest).toMatchObject({ leaves: [{ index: 0 }], more: false })
  })

  it('shows what leaves committed to where that is asked for, until it is erased', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    await lookedAt(talk)
    const look = { disclose: true, event: 'a.open', limit: 9, purpose: 'audit' } as const
    const shown = async () => (await servicesOf(naptip).auditList(look)).leaves.at(-1)
    expect((await shown())?.disclosed).toContainEqual({ name: 'reason', value: REASON })
    const { store, years } = naptip.parts
    const index = (await shown())?.index ?? 0
    const rows = await store.range({ space: 'disclosure', gte: '', limit: 99 })
    const mine = rows.filter(({ key }) => Number(key.split('/')[0]) === index)
    expect(mine).toHaveLength(2)
    for (const { value } of rows) expect(decodeUtf8(value)).not.toContain(REASON)
    const [first] = mine
    await store.batch([{ type: 'del', space: 'disclosure', key: first?.key ?? '' }])
    expect(await shown()).toMatchObject({ withheld: 1 })
    await store.batch([{ type: 'del', space: 'year', key: String(years.year) }])
    expect(await shown()).toMatchObject({ disclosed: [], withheld: 2 })
  })
})

describe('who did what', { timeout: MEETING_MS }, () => {
  it('is told of one message: who opened and exported it, and how often by purpose', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const std = await lookedAt(talk)
    const services = servicesOf(naptip)
    const report = await services.auditAccess({ disclose: true, message: std, purpose: 'audit' })
    expect(report.entries.map(({ event }) => event)).toEqual([
      'a.export',
      'a.open',
      'a.open',
      'a.open',
    ])
    const officer = report.entries.at(-1)?.actor
    expect(report.opens.map(({ actor, count, purpose }) => [actor, purpose, count])).toEqual([
      ['sys', 'quality', 2],
      [officer, 'legal-request', 1],
    ])
    expect(report.officers).toMatchObject([{ actor: officer }])
    expect(report.officers[0]?.fields).toContainEqual({ name: 'id', value: 'reader' })
    const masked = await services.auditAccess({ message: std, purpose: 'audit' })
    expect(masked.officers).toEqual([])
    expect(JSON.stringify(masked)).not.toContain('reader')
    expect((await leavesOf(naptip)).slice(-1)).toMatchObject([
      { event: 'a.list', data: { count: 10, what: 'access' } },
    ])
  })

  it('is told of all messages between two days, and of break-glass how its review stands', async () => {
    await using talk = await beginTalk()
    const { clock, naptip } = talk
    const std = await queueNew(naptip, 'jtwg.minutes/1')
    const days: string[] = []
    const glass: number[] = []
    for (let day = 0; day < 3; day += 1) {
      days.push(new Date(clock.nowMs()).toISOString().slice(0, 10))
      glass.push((await breakGlass(naptip, 'author', std)).review?.index ?? -1)
      clock.turn(24 * 3600)
    }
    const services = servicesOf(naptip)
    const [, , last = -1] = glass
    const input = { by: null, index: last, result: 'not-justified' } as const
    const call = { act: 'review', method: 'auditReview', input } as const
    await services.auditReview(await signedFor(naptip, 'approver', call))
    clock.turn(-60)
    const reviews = async (asked: { from?: string; until?: string }) => {
      const { entries } = await services.auditAccess({ ...asked, purpose: 'supervision' })
      return entries
        .filter(({ event }) => event === 'a.open')
        .map(({ index, review }) => [index, review])
    }
    expect(await reviews({})).toEqual([
      [glass[2], 'not-justified'],
      [glass[1], 'overdue'],
      [glass[0], 'overdue'],
    ])
    const [first = '', second = ''] = days
    expect(await reviews({ from: second, until: second })).toEqual([[glass[1], 'overdue']])
    expect(await reviews({ until: first })).toEqual([[glass[0], 'overdue']])
  })
})

describe('the proof of one entry', { timeout: MEETING_MS }, () => {
  it('stands alone: its leaf leads to a head that the other agency cosigned', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await lookedAt(talk)
    await carryAll(naptip, anltp)
    const size = await cosign(naptip, anltp)
    const leaves = await leavesOf(naptip)
    const index = leaves.findIndex(({ event }) => event === 'x.sealed')
    const to = join(await exportsOf(talk), 'sealed.tlog-proof')
    const services = servicesOf(naptip)
    const asked = { index, purpose: 'prosecution', to } as const
    expect(await services.auditProve(asked)).toEqual({ file: to, index, size })
    const text = await readFile(to, 'utf8')
    const proof = parseLogProof(text)
    const policy = parsePolicy(policyText(naptip.parts))
    const origin = naptip.parts.origin
    const logKeys = keysOf(policy.logs.find((log) => log.origin === origin)?.keys)
    const keys = keysOf(policy.witnesses.find(({ agency }) => agency === anltp.agency)?.keys)
    const witnesses = [{ name: keys[0]?.name ?? '', keys }]
    const { leaf, checkpoint } = await verifyLogProof(proof, {
      origin,
      logKeys,
      witnesses,
      quorum: 1,
    })
    expect(leaf).toEqual(leaves[index])
    expect(checkpoint.size).toBe(size)
    const file = { name: 'sealed.tlog-proof', bytes: await readFile(to) }
    const report = await verifyFiles([file], { policy: policyText(naptip.parts), now: 0 })
    expect([report.verdict, report.findings[0]?.code]).toEqual(['verified', 'ENTRY_PROVEN'])
    expect((await leavesOf(naptip)).at(-1)).toMatchObject({
      event: 'a.audit-export',
      data: { classes: ['x'], format: 'proof', purpose: 'prosecution', range: [index, index + 1] },
    })
  })

  it('is not written for an entry that nobody cosigned', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const folder = await exportsOf(talk)
    const asked = { index: 0, purpose: 'audit', to: join(folder, 'x.tlog-proof') } as const
    const size = sizeOf(naptip)
    expect(await codeOf(() => servicesOf(naptip).auditProve(asked))).toBe('AUDIT_NOT_WITNESSED')
    expect((await leavesOf(naptip, size)).map(({ data }) => data)).toEqual([
      { act: 'export', code: 'AUDIT_NOT_WITNESSED' },
    ])
    expect(await readdir(folder)).toEqual([])
  })
})

describe('a bundle', { timeout: MEETING_MS }, () => {
  it('shows class a and what leaves committed to only where that is asked for', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await lookedAt(talk)
    await carryAll(naptip, anltp)
    await cosign(naptip, anltp)
    const to = await exportsOf(talk)
    const plain = await bundleOf(naptip, { to })
    expect(plain.opens).toBe(0)
    expect(plain.classes).toEqual(['g', 'w', 'x'])
    const whole = await bundleOf(naptip, { to, classes: ['a', 'g', 'x'], disclose: true })
    expect(whole.classes).toEqual(['a', 'g', 'w', 'x'])
    // reason and act of the opening, four facts of the officer
    expect(whole.opens).toBe(6)
    for (const { findings, verdict } of [plain, whole]) {
      expect(findings.filter(({ severity }) => severity === 'fail')).toEqual([])
      expect(verdict).toBe('verified')
    }
  })
})

function keysOf(keys: readonly string[] = []): readonly NoteKey[] {
  return keys.map((key) => parseVkey(key))
}

async function bundleOf(
  side: Side,
  asked: Parameters<ReturnType<typeof servicesOf>['exportBundle']>[0],
) {
  const { file } = await servicesOf(side).exportBundle(asked)
  const bytes = new Uint8Array(await readFile(file))
  const records = recordsOf(bytes)
  const options = { policy: policyText(side.parts), now: side.clock.now() }
  const { findings, verdict } = await verifyFiles([{ name: file, bytes }], options)
  const opens = records.filter(({ record }) => record === 'open').length
  return { classes: records[0]?.['classes'], findings, opens, verdict }
}
