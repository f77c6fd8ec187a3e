/**
 * Texts that may tell who somebody is do not leave before an officer has seen them and said why, in the log.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#free-texts
 */
import { describe, expect, it } from 'vitest'
import { FILLED_REFERRAL } from '../../../../test/support/filled-referral.ts'
import {
  beginTalk,
  leavesOf,
  MEETING_MS,
  officerKey,
  type Side,
  sizeOf,
} from '../../../../test/support/node-fixture.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { lookOver } from '../agency/looking-over.ts'
import { type Sending, sendDraft, type Signers } from '../agency/signing.ts'
import { createAccessServices } from './access-services.ts'
import { createMessageServices } from './message-services.ts'
import { createReferralServices } from './referral-services.ts'
import { createTrustServices } from './trust-services.ts'

const FOUND = { code: 'REFERRAL_FINDINGS', details: { count: 2, path: 'needs.summary' } }

function draftFor({ peer }: Side, groups: Record<string, unknown> = FILLED_REFERRAL) {
  const { needs } = FILLED_REFERRAL
  const summary = 'Laddi (her sister calls her LADI) sleeps badly; ask 0000 00 00 01.'
  return {
    kind: 'victim.referral/1',
    to: { agency: peer },
    handling: { caveats: ['test:data' as const], tlp: 'AMBER' as const },
    groups: { ...groups, needs: { ...needs, summary } },
  }
}

async function signersOf({ place }: Side): Promise<Signers> {
  const [author, approver] = ['author', 'approver'] as const
  return {
    author: { id: author, key: await officerKey(place, author) },
    approvers: [{ id: approver, key: await officerKey(place, approver) }],
  }
}

function servicesOf({ parts }: Side) {
  return {
    ...createAccessServices(parts),
    ...createMessageServices(parts),
    ...createReferralServices(parts),
    ...createTrustServices(parts),
  }
}

describe('a message whose texts tell who she is', { timeout: MEETING_MS }, () => {
  it('is queued only with an officer’s reason, which the log keeps, without the text', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const [services, signers, draft] = [
      servicesOf(naptip),
      await signersOf(naptip),
      draftFor(naptip),
    ]
    const send = async (sending: Sending): Promise<unknown> =>
      sendDraft(services, draft, { ...signers, ...sending })
    const before = sizeOf(naptip)
    expect(await refusalOf(() => send({}))).toEqual(FOUND)
    expect(await refusalOf(() => send({ dryRun: true }))).toEqual(FOUND)
    expect(sizeOf(naptip)).toBe(before)
    const fewer = { count: 1, reason: 'seen one' }
    expect(await refusalOf(() => send({ accepted: fewer }))).toEqual(FOUND)
    expect(await naptip.parts.outbox.pending(naptip.peer)).toBe(0)
    const shown = await lookOver(services, { draft, desks: [], officer: signers.author })
    expect(shown.map(({ text, why }) => [why, text])).toEqual([
      ['name', 'LADI'],
      ['phone', '0000 00 00 01'],
    ])
    await send({ accepted: { count: shown.length, reason: 'her sister asks us to say so' } })
    expect(await naptip.parts.outbox.pending(naptip.peer)).toBe(1)
    const leaves = await leavesOf(naptip, before)
    const [leaf] = leaves.filter(({ event }) => event === 'a.release')
    expect(leaf?.data).toMatchObject({ count: 10 })
    expect(leaf?.actor).toMatch(/^u_/)
    expect(leaf?.sd).toHaveLength(2)
    expect(leaves.filter(({ event }) => event === 'a.denied')).toHaveLength(1)
    expect(JSON.stringify(leaves)).not.toMatch(/ladi|sister|needs/i)
  })
})
