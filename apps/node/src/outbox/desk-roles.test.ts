/**
 * What waits for a desk whose row the other agency changes meanwhile: nobody is sent more than an officer asked for.
 *
 * @module
 * @spec docs/spec/08-exchange.md#outbox
 */
import { type DeskRole, parseReceipt, signReceipt } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../../test/support/agencies.ts'
import {
  adoptNext,
  beginTalk,
  carryAll,
  leaving,
  MEETING_MS,
  queue,
  queueNew,
  receive,
  type Side,
  signedBy,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { partnerKeys, partnerLists, SHELTER } from '../../../../test/support/partner-desk.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'

const REFERRAL = 'victim.referral/1'

/** Two nodes of which ANLTP/TIM’s hosts a partner desk. */
async function beginHosted(...roles: readonly DeskRole[]): Promise<Talk> {
  const talk = await beginTalk()
  const { payload } = talk.anltp.parts.trust.ownRoster
  const keys = await partnerKeys(seededRandom('roles'))
  await adoptNext(
    talk.anltp,
    talk.naptip,
    await partnerLists(payload, keys, { now: talk.clock.now(), roles }),
  )
  return talk
}

/** ANLTP/TIM’s next roster says something else of that desk. */
async function rowBecomes(
  { anltp, naptip }: Talk,
  desk: string,
  row: { readonly external?: boolean; readonly roles: readonly DeskRole[] },
): Promise<void> {
  const { desks } = anltp.parts.trust.ownRoster.payload
  const changed = desks.map((one) =>
    one.id === desk ? { ...one, ...row, roles: [...row.roles] } : one,
  )
  await adoptNext(anltp, naptip, { desks: changed })
}

async function statesOf({ parts }: Side, statement: string): Promise<readonly string[]> {
  const record = await parts.ledger.get(statement)
  return [record, ...(record?.further ?? [])].map((one) => `${one?.desk} ${one?.state}`)
}

describe('what waits for a desk whose row changes', { timeout: MEETING_MS }, () => {
  it.each<[string, DeskRole, { external?: boolean; roles: readonly DeskRole[] }]>([
    ['that would get other groups', 'shelter', { roles: ['investigator', 'medical'] }],
    ['that becomes an embassy', 'io_partner_iom', { roles: ['embassy_consular'] }],
    ['that reads nothing any more', 'shelter', { roles: [] }],
    ['that becomes an own desk', 'shelter', { external: false, roles: [] }],
  ])('waits for one %s, and all else goes', async (_name, role, row) => {
    await using talk = await beginHosted(role)
    const { anltp, naptip } = talk
    const asked = await queue(naptip, await signedBy(naptip, REFERRAL), [SHELTER])
    await rowBecomes(talk, SHELTER, row)
    const later = await queueNew(naptip, 'jtwg.minutes/1')
    expect(await carryAll(naptip, anltp)).toBe(2)
    expect(naptip.parts.outbox.problem).toBe('TRUST_DESK_ROLES')
    expect(await statesOf(naptip, asked)).toEqual(['protection opened', `${SHELTER} queued`])
    expect(await statesOf(naptip, later)).toEqual(['coordination opened'])
    await rowBecomes(talk, SHELTER, { external: true, roles: [role] })
    expect(await carryAll(naptip, anltp)).toBe(1)
    expect(naptip.parts.outbox.problem).toBeUndefined()
    expect(await statesOf(naptip, asked)).toEqual(['protection opened', `${SHELTER} stored`])
  })

  it('waits for the desk of its kind, where that would be read as a partner’s', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const asked = await queueNew(naptip, REFERRAL)
    await rowBecomes(talk, 'protection', { external: true, roles: ['investigator', 'medical'] })
    expect(await carryAll(naptip, anltp)).toBe(0)
    expect(await statesOf(naptip, asked)).toEqual(['protection queued'])
  })

  it('lets go what an officer asked for by the new row', async () => {
    await using talk = await beginHosted('shelter')
    const { anltp, naptip } = talk
    const before = await queue(naptip, await signedBy(naptip, REFERRAL), [SHELTER])
    await rowBecomes(talk, SHELTER, { roles: ['medical'] })
    const after = await queue(naptip, await signedBy(naptip, REFERRAL), [SHELTER])
    await carryAll(naptip, anltp)
    expect(await statesOf(naptip, before)).toContain(`${SHELTER} queued`)
    expect(await statesOf(naptip, after)).toContain(`${SHELTER} stored`)
  })

  it('does not come again by itself with more than it went with', async () => {
    await using talk = await beginHosted('shelter')
    const { anltp, clock, naptip } = talk
    const asked = await queue(naptip, await signedBy(naptip, REFERRAL), [SHELTER])
    const own = await leaving(naptip)
    await naptip.parts.outbox.acceptReceipt(await receive(anltp, naptip, own.envelope))
    const { envelope } = await leaving(naptip)
    const { content } = parseReceipt(await receive(anltp, naptip, envelope))
    const results = content.results.map(({ leaf, statement }) => ({
      leaf,
      statement,
      refusal: 'content' as const,
      result: 'refused' as const,
    }))
    const refusing = await signReceipt({ ...content, results }, anltp.parts.keys.sealKey)
    const keys = await partnerKeys(seededRandom('other keys'))
    const { desks } = anltp.parts.trust.ownRoster.payload
    const now = clock.now()
    const other = { exp: now + 86_400, jwk: keys.desk.publicJwk, nbf: now - 60 }
    const changed = desks.map((one) =>
      one.id === SHELTER
        ? { ...one, encryption: [other], roles: ['investigator' as const, 'medical' as const] }
        : one,
    )
    await adoptNext(anltp, naptip, { desks: changed })
    await naptip.parts.outbox.acceptReceipt(refusing)
    expect(await statesOf(naptip, asked)).toEqual(['protection opened', `${SHELTER} queued`])
    expect(await carryAll(naptip, anltp)).toBe(0)
    expect(naptip.parts.outbox.problem).toBe('TRUST_DESK_ROLES')
  })
})

describe('a receipt of an own desk', { timeout: MEETING_MS }, () => {
  it('does not say that a message is kept for somebody: the seal stays until it was opened', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await queueNew(naptip, REFERRAL)
    const { envelope } = await leaving(naptip)
    const { content } = parseReceipt(await receive(anltp, naptip, envelope))
    const results = content.results.map(({ leaf, statement }) => ({
      leaf,
      statement,
      result: 'stored' as const,
    }))
    const evasive = await signReceipt({ ...content, results }, anltp.parts.keys.sealKey)
    expect(await refusalOf(() => naptip.parts.outbox.acceptReceipt(evasive))).toEqual({
      code: 'WIRE_RECEIPT',
      details: { reason: 'desk' },
    })
    expect(await naptip.parts.outbox.dispatchAt(naptip.peer, 1)).toHaveProperty('envelope')
  })
})
