import {
  actorOf,
  digest,
  type GeneralJws,
  type LeafField,
  readDisclosure,
  requestDigest,
  signAct,
} from '@amana/core'
import { describe, expect, it } from 'vitest'
import { servicesOf, signedFor } from '../../../../test/support/acting.ts'
import { jsonOf } from '../../../../test/support/met-agencies.ts'
import {
  adoptNext,
  beginTalk,
  leavesOf,
  MEETING_MS,
  officerKey,
  queueNew,
  type Side,
  sizeOf,
} from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'

type Claim = Parameters<typeof signAct>[0]

/** A signed act for opening a message; what is changed is signed so. */
async function actFor(
  side: Side,
  input: { readonly digest: string; readonly purpose: 'audit' },
  changed: Partial<Claim> = {},
): Promise<GeneralJws> {
  const { agency, challenge } = await servicesOf(side).challenge({})
  const request = requestDigest('message', input)
  const { purpose } = input
  const claim = { act: 'open' as const, agency, challenge, purpose, request, ...changed }
  return signAct(claim, await officerKey(side.place, 'author'))
}

describe('an officer who asks', { timeout: MEETING_MS }, () => {
  it('stands in the leaf by a pseudonym that the log bound to him before', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const std = await queueNew(naptip, 'jtwg.minutes/1')
    const size = sizeOf(naptip)
    const input = { digest: std, purpose: 'quality', reason: 'a sample' } as const
    const call = { act: 'open', method: 'message', input } as const
    await servicesOf(naptip).message(await signedFor(naptip, 'reader', call))
    await servicesOf(naptip).message(await signedFor(naptip, 'reader', call))
    const [bound, opened, again, ...none] = await leavesOf(naptip, size)
    expect(none).toEqual([])
    const { actors } = await naptip.parts.years.current()
    const officer = actorOf(actors, 'reader')
    expect(bound).toMatchObject({ event: 'g.actor', data: { officer, op: 'enroll' } })
    for (const leaf of [opened, again])
      expect(leaf).toMatchObject({ event: 'a.open', actor: officer })
    const fields = await fieldsIn(naptip, size)
    expect(fields.map(({ name }) => name).toSorted()).toEqual([
      'id',
      'key',
      'organisation',
      'roles',
    ])
    expect(fields).toContainEqual({ name: 'id', value: 'reader' })
    const why = await fieldsIn(naptip, size + 1)
    expect(why).toContainEqual({ name: 'reason', value: 'a sample' })
    const act = why.find(({ name }) => name === 'act')?.value ?? ''
    expect(JSON.parse(act)).toHaveProperty('signatures')
  })

  it('is bound again when the roster says another thing of him, and not otherwise', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const input = { limit: 1 }
    const call = { act: 'list', method: 'messages', input } as const
    const size = sizeOf(naptip)
    await servicesOf(naptip).messages(await signedFor(naptip, 'reader', call))
    const { officers } = naptip.parts.trust.ownRoster.payload
    const changed = officers.map((one) => (one.id === 'reader' ? { ...one, roles: ['head'] } : one))
    await adoptNext(naptip, anltp, { officers: changed })
    for (let time = 0; time < 2; time += 1) {
      await servicesOf(naptip).messages(await signedFor(naptip, 'reader', call))
    }
    const bound = (await leavesOf(naptip, size)).filter(({ event }) => event === 'g.actor')
    expect(bound.map(({ data }) => 'op' in data && data.op)).toEqual(['enroll', 'change'])
  })

  it('has another pseudonym in another year', async () => {
    await using talk = await beginTalk()
    const { clock, naptip } = talk
    const call = { act: 'list', method: 'messages', input: { limit: 1 } } as const
    await servicesOf(naptip).messages(await signedFor(naptip, 'reader', call))
    const { year } = naptip.parts.years
    const ends = Date.UTC(year + 1, 0, 1) / 1000
    clock.turn(ends - clock.now())
    await servicesOf(naptip).messages(await signedFor(naptip, 'reader', call))
    const actors = (await leavesOf(naptip)).filter(({ event }) => event === 'a.list')
    expect(new Set(actors.map(({ actor }) => actor)).size).toBe(2)
    expect(naptip.parts.years.year).toBe(year + 1)
  })

  it.each<[string, string, Partial<Claim>]>([
    ['for another act', 'WIRE_MEMBER', { act: 'export' }],
    ['for another purpose', 'WIRE_MEMBER', { purpose: 'referral' }],
    ['for another message', 'WIRE_MEMBER', { request: digest('another') }],
    ['with a challenge of his own', 'AUDIT_ACT_STALE', { challenge: 'AAAAAAAAAAAAAAAAAAAAAA' }],
    ['for another agency', 'WIRE_ISS', { agency: 'ne.anltp-tim' }],
  ])('is refused where he signed %s, shown nothing, and the refusal is a leaf', async (...row) => {
    const [, code, changed] = row
    await using talk = await beginTalk()
    const { naptip } = talk
    const std = await queueNew(naptip, 'jtwg.minutes/1')
    const size = sizeOf(naptip)
    const input = { digest: std, purpose: 'audit' } as const
    const by = jsonOf(await actFor(naptip, input, changed))
    expect(await codeOf(() => servicesOf(naptip).message({ ...input, by }))).toBe(code)
    const leaves = await leavesOf(naptip, size)
    expect(leaves.map(({ actor, data, event }) => [event, actor, data])).toEqual([
      ['a.denied', 'sys', { act: 'open', code }],
    ])
  })

  it('is refused the second time with one signature, and after five minutes', async () => {
    await using talk = await beginTalk()
    const { clock, naptip } = talk
    const std = await queueNew(naptip, 'jtwg.minutes/1')
    const input = { digest: std, purpose: 'audit' } as const
    const services = servicesOf(naptip)
    const by = jsonOf(await actFor(naptip, input))
    expect(await services.message({ ...input, by })).toMatchObject({ digest: std })
    expect(await codeOf(() => services.message({ ...input, by }))).toBe('AUDIT_ACT_STALE')
    const late = jsonOf(await actFor(naptip, input))
    const inTime = jsonOf(await actFor(naptip, input))
    clock.turn(300)
    expect(await services.message({ ...input, by: inTime })).toMatchObject({ digest: std })
    clock.turn(1)
    expect(await codeOf(() => services.message({ ...input, by: late }))).toBe('AUDIT_ACT_STALE')
  })

  it('is refused with a key that the roster does not list, or with a forged signature', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const std = await queueNew(naptip, 'jtwg.minutes/1')
    const input = { digest: std, purpose: 'audit' } as const
    const services = servicesOf(naptip)
    const { agency, challenge } = await services.challenge({})
    const request = requestDigest('message', input)
    const claim = { act: 'open' as const, agency, challenge, purpose: 'audit' as const, request }
    const foreign = await signAct(claim, await officerKey(anltp.place, 'author'))
    const by = jsonOf(foreign)
    expect(await codeOf(() => services.message({ ...input, by }))).toBe('WIRE_ISS')
    const own = await actFor(naptip, input)
    const other = await actFor(naptip, input)
    const forged = jsonOf({ ...own, signatures: other.signatures })
    expect(await codeOf(() => services.message({ ...input, by: forged }))).toBe('WIRE_SIG')
  })

  it('cannot be asked for more challenges than 256: the oldest is forgotten', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const std = await queueNew(naptip, 'jtwg.minutes/1')
    const input = { digest: std, purpose: 'audit' } as const
    const services = servicesOf(naptip)
    const oldest = jsonOf(await actFor(naptip, input))
    const second = jsonOf(await actFor(naptip, input))
    for (let count = 0; count < 255; count += 1) await services.challenge({})
    expect(await codeOf(() => services.message({ ...input, by: oldest }))).toBe('AUDIT_ACT_STALE')
    expect(await services.message({ ...input, by: second })).toMatchObject({ digest: std })
  })
})

async function fieldsIn(side: Side, index: number): Promise<readonly LeafField[]> {
  const [leaf] = await leavesOf(side, index)
  if (leaf === undefined) return []
  const kept = await side.parts.disclosures.of(index)
  return kept.map((encoded) => readDisclosure(leaf, encoded))
}
