/**
 * What came to be known since a message was signed is looked at wherever it would leave: from the queue, again from a
 * dispatch, on a stick, through a mailbox, and out of the hands of who keeps it for a partner desk.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#looked-at-again
 */
import { join } from 'node:path'
import { type DeskRole, DigestSchema, type Json, parseEnvelope } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../../test/support/agencies.ts'
import { FILLED_REFERRAL } from '../../../../test/support/filled-referral.ts'
import {
  adoptNext,
  beginTalk,
  carryAll,
  leaving,
  MEETING_MS,
  queue,
  receive,
  type Side,
  signedBy,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import {
  partnerKeys,
  partnerLists,
  SHELTER as DESK,
} from '../../../../test/support/partner-desk.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { departures } from '../carriers/departures.ts'
import { createMessageServices } from '../services/message-services.ts'

const REFERRAL = 'victim.referral/1'
const LOCKED = (reason: string) => ({
  code: 'REFERRAL_LOCKED',
  details: { desk: DESK, reason },
})
type Groups = Readonly<Record<string, { readonly [member: string]: Json }>>

/** Two nodes of which ANLTP/TIM’s hosts a partner desk. */
async function beginHosted(role: DeskRole): Promise<Talk> {
  const talk = await beginTalk()
  const { payload } = talk.anltp.parts.trust.ownRoster
  const keys = await partnerKeys(seededRandom('release'))
  const lists = await partnerLists(payload, keys, { now: talk.clock.now(), roles: [role] })
  await adoptNext(talk.anltp, talk.naptip, lists)
  return talk
}

/** A version of the file; a later one is dated after the one before. */
function version(claim: string, hour: number): Groups {
  const { risk, routing } = FILLED_REFERRAL
  return {
    ...FILLED_REFERRAL,
    routing: {
      ...routing,
      occurredAt: `2026-11-24T${String(hour).padStart(2, '0')}:40:00Z`,
      sequence: hour,
    },
    risk: { ...risk, protectionClaim: claim },
  }
}

/** Queues a version of the file for the own desk and, unless told otherwise, for the partner desk. */
async function sendFile(side: Side, groups: Groups, desks = [DESK]): Promise<string> {
  return queue(side, await signedBy(side, REFERRAL, { groups }), desks)
}

async function statesOf({ parts }: Side, statement: string): Promise<readonly string[]> {
  const record = await parts.ledger.get(statement)
  return [record, ...(record?.further ?? [])].map((one) => `${one?.desk} ${one?.state}`)
}

/** Forms of what a carrier would take now. */
async function carriedForms({ parts }: Side): Promise<readonly string[]> {
  const forms: string[] = []
  for await (const departure of departures(parts, 'file')) {
    const body = departure.type === 'envelope' ? await departure.read() : undefined
    if (body !== undefined) forms.push(parseEnvelope(body).form)
  }
  return forms
}

describe(
  'what waits for an embassy when she comes to fear her State',
  { timeout: MEETING_MS },
  () => {
    it('stays in the queue, holds nothing else up, and goes when she says that she need not', async () => {
      await using talk = await beginHosted('embassy_consular')
      const { anltp, naptip } = talk
      const first = await sendFile(naptip, version('no', 9))
      const second = await sendFile(naptip, version('yes', 10), [])
      await carryAll(naptip, anltp)
      expect(await statesOf(naptip, first)).toEqual(['protection opened', `${DESK} queued`])
      expect(await statesOf(naptip, second)).toEqual(['protection opened'])
      expect(naptip.parts.outbox.problem).toBe('REFERRAL_LOCKED')
      expect(await carriedForms(naptip)).toEqual([])
      await sendFile(naptip, version('no', 11), [])
      await carryAll(naptip, anltp)
      expect(await statesOf(naptip, first)).toEqual(['protection opened', `${DESK} stored`])
      expect(naptip.parts.outbox.problem).toBeUndefined()
    })

    it('is locked also by what the other agency says, and another person’s file goes', async () => {
      await using talk = await beginHosted('embassy_consular')
      const { anltp, naptip } = talk
      const first = await sendFile(naptip, version('no', 9))
      await sendFile(anltp, version('unknown', 10), [])
      await carryAll(anltp, naptip)
      const { routing, ...rest } = version('no', 9)
      const other = { ...rest, routing: { ...routing, referral: 'NE-ANLTP-21-7K3QX9M4-I' } }
      const second = await queue(naptip, await signedBy(naptip, REFERRAL, { groups: other }), [
        DESK,
      ])
      await carryAll(naptip, anltp)
      expect(await statesOf(naptip, first)).toEqual(['protection opened', `${DESK} queued`])
      expect(await statesOf(naptip, second)).toEqual(['protection opened', `${DESK} stored`])
    })

    it('leaves a dispatch that nobody answered as a void only, by link, stick and mailbox', async () => {
      await using talk = await beginHosted('embassy_consular')
      const { anltp, naptip } = talk
      const first = await sendFile(naptip, version('no', 9))
      const { outbox } = naptip.parts
      const sent = [await leaving(naptip), await leaving(naptip, 1)]
      expect(sent.map(({ envelope }) => parseEnvelope(envelope).form)).toEqual(['sealed', 'sealed'])
      await sendFile(naptip, version('yes', 10), [])
      const read = await outbox.envelopeAt(naptip.peer, 2)
      expect(read === undefined ? undefined : parseEnvelope(read).form).toBe('void')
      expect(await carriedForms(naptip)).toEqual(['sealed', 'void', 'sealed'])
      const { envelope } = await leaving(naptip, 1)
      expect(parseEnvelope(envelope).form).toBe('void')
      await outbox.acceptReceipt(await receive(anltp, naptip, (await leaving(naptip)).envelope))
      await outbox.acceptReceipt(await receive(anltp, naptip, envelope))
      expect(await statesOf(naptip, first)).toEqual(['protection opened', `${DESK} queued`])
    })

    it('is handed in no more, and handed out no more', async () => {
      await using talk = await beginHosted('embassy_consular')
      const { anltp, naptip } = talk
      const first = await sendFile(naptip, version('no', 9))
      await carryAll(naptip, anltp)
      const hosting = createMessageServices(anltp.parts)
      const asked = { desk: DESK, digest: first, purpose: 'protection' } as const
      const to = (name: string): string => join(anltp.place.folder, name)
      await hosting.exportEnvelope({ ...asked, to: to('before.amana.json') })
      await sendFile(naptip, version('yes', 10), [])
      await carryAll(naptip, anltp)
      const handOut = (): unknown =>
        hosting.exportEnvelope({ ...asked, to: to('after.amana.json') })
      expect(await refusalOf(handOut)).toEqual(LOCKED('protection_claim_open'))
      const relates = [{ digest: DigestSchema.parse(first), relation: 'supersedes' as const }]
      const groups = version('no', 10)
      const { opening, statement } = await signedBy(naptip, REFERRAL, { groups, relates })
      const submitted = { statement: { ...statement }, opening: { ...opening }, dryRun: true }
      const { submit } = createMessageServices(naptip.parts)
      expect(await refusalOf(() => submit({ ...submitted, desks: [DESK] }))).toEqual(
        LOCKED('protection_claim_open'),
      )
      expect(await submit(submitted)).toMatchObject({ queued: false })
    })
  },
)
