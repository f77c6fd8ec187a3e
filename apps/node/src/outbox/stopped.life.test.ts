/**
 * Two real nodes, of which one hosts a shelter: a consent that is taken back stops what waits for that reader, and nothing
 * else, whichever side hears of it.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#stopped-disclosures
 */
import { DigestSchema, type Draft, type Json } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { beginHosted, statesOf } from '../../../../test/support/hosted-desk.ts'
import { FILLED_REFERRAL } from '../../../../test/support/filled-referral.ts'
import {
  carryAll,
  leaving,
  MEETING_MS,
  queue,
  receive,
  type Side,
  signedBy,
} from '../../../../test/support/node-fixture.ts'
import { SHELTER } from '../../../../test/support/partner-desk.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { createMessageServices } from '../services/message-services.ts'
import { stopLeftOver } from './stopped.ts'

const FILE = 'victim.referral/1'
const REFERENCE = 'NE-ANLTP-26-5T9XW2HD-D'
const BOTH = [SHELTER]

type Groups = NonNullable<Parameters<typeof signedBy>[2]>['groups']

function consent(status: 'withdrawn' | 'given', recorded: string): Groups {
  const how: Record<string, Json> =
    status === 'withdrawn'
      ? { channel: 'said at the shelter' }
      : {
          givenBy: 'person',
          medium: 'thumbprint',
          language: 'hau',
          notice: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
          understood: 'yes',
          consequencesExplained: 'yes',
          expiresAt: '2030-01-01T00:00:00Z',
        }
  return {
    routing: { referral: REFERENCE, occurredAt: recorded, sequence: 2 },
    consent: {
      scope: 'assistance',
      status,
      recorded,
      reader: 'shelter',
      fieldGroups: ['G1_identity', 'G12_placement'],
      ...how,
    },
  }
}

const TAKEN_BACK = consent('withdrawn', '2026-11-25T09:00:00Z')

async function submit(side: Side, kind: 'referral.consent/1' | typeof FILE, groups: Groups) {
  const relates = await supersedes(side, kind)
  const choice = groups === undefined ? {} : { groups }
  const { opening, statement } = await signedBy(side, kind, { ...choice, ...relates })
  return createMessageServices(side.parts).submit({
    statement: { ...statement },
    opening: { ...opening },
    desks: BOTH,
    dryRun: false,
  })
}

/** A next version of a file names the one before it. */
async function supersedes(
  { parts }: Side,
  kind: string,
): Promise<{ readonly relates?: NonNullable<Draft['relates']> }> {
  const [known] = await parts.ledger.ofReferral(REFERENCE)
  if (kind !== FILE || known === undefined) return {}
  return { relates: [{ digest: DigestSchema.parse(known.digest), relation: 'supersedes' }] }
}

async function fileFor(side: Side): Promise<string> {
  const signed = await signedBy(side, FILE)
  return queue(side, signed, BOTH)
}

describe('a consent that is taken back', { timeout: MEETING_MS }, () => {
  it('takes what waits for that reader out of the queue, and tells her', async () => {
    await using talk = await beginHosted()
    const { anltp, naptip } = talk
    const file = await fileFor(naptip)
    const { digest } = await submit(naptip, 'referral.consent/1', TAKEN_BACK)
    expect(await statesOf(naptip, file)).toEqual(['protection queued', `${SHELTER} withdrawn`])
    await carryAll(naptip, anltp)
    expect(await statesOf(naptip, file)).toEqual(['protection opened', `${SHELTER} withdrawn`])
    expect(await statesOf(naptip, digest)).toEqual(['protection opened', `${SHELTER} stored`])
    expect(await statesOf(anltp, file)).toEqual(['protection received'])
  })

  it('voids what is under way to her, and nothing beside it', async () => {
    await using talk = await beginHosted()
    const { anltp, naptip } = talk
    const file = await fileFor(naptip)
    const first = await leaving(naptip)
    await leaving(naptip, first.sequence)
    expect(await statesOf(naptip, file)).toEqual(['protection sent', `${SHELTER} sent`])
    await submit(naptip, 'referral.consent/1', TAKEN_BACK)
    await carryAll(naptip, anltp)
    expect(await statesOf(naptip, file)).toEqual(['protection opened', `${SHELTER} withdrawn`])
    expect(await statesOf(anltp, file)).toEqual(['protection received'])
  })

  it('refuses what would be sent to her next, until she consents again', async () => {
    await using talk = await beginHosted()
    const { naptip } = talk
    await fileFor(naptip)
    await submit(naptip, 'referral.consent/1', TAKEN_BACK)
    expect(await codeOf(() => submit(naptip, FILE, undefined))).toBe('REFERRAL_WITHDRAWN')
    const { person: _person, placement: _placement, ...others } = FILLED_REFERRAL
    const without = { ...others, person: {}, placement: {} }
    expect(await codeOf(() => submit(naptip, FILE, without))).toBeUndefined()
    const again = consent('given', '2026-11-26T09:00:00Z')
    await submit(naptip, 'referral.consent/1', again)
    expect(await codeOf(() => submit(naptip, FILE, undefined))).not.toBe('REFERRAL_WITHDRAWN')
  })

  it('stops it also where the other agency heard it, before its receipt goes', async () => {
    await using talk = await beginHosted()
    const { anltp, naptip } = talk
    const file = await fileFor(naptip)
    await queue(anltp, await signedBy(anltp, 'referral.consent/1', { groups: TAKEN_BACK ?? {} }))
    await carryAll(anltp, naptip)
    expect(await statesOf(naptip, file)).toEqual(['protection queued', `${SHELTER} withdrawn`])
  })

  it('waits for nobody who waits for it', async () => {
    await using talk = await beginHosted()
    const { anltp, naptip } = talk
    const file = await fileFor(naptip)
    await queue(anltp, await signedBy(anltp, 'referral.consent/1', { groups: TAKEN_BACK ?? {} }))
    const { envelope } = await leaving(anltp)
    const { inbox, outbox } = naptip.parts
    await Promise.all([
      receive(naptip, anltp, envelope),
      outbox.alone(() => inbox.alone(() => Promise.resolve())),
    ])
    expect(await statesOf(naptip, file)).toEqual(['protection queued', `${SHELTER} withdrawn`])
  })

  it('stops what was left over when the node ended', async () => {
    await using talk = await beginHosted()
    const { naptip } = talk
    const file = await fileFor(naptip)
    const word = await signedBy(naptip, 'referral.consent/1', { groups: TAKEN_BACK ?? {} })
    await queue(naptip, word, BOTH)
    expect(await statesOf(naptip, file)).toEqual(['protection queued', `${SHELTER} queued`])
    const { ledger, outbox, store, trust } = naptip.parts
    await stopLeftOver({ ledger, store, trust: () => trust.view() }, outbox, naptip.peer)
    expect(await statesOf(naptip, file)).toEqual(['protection queued', `${SHELTER} withdrawn`])
  })

  it('is told to no other partner', async () => {
    await using talk = await beginHosted()
    const { naptip } = talk
    await fileFor(naptip)
    const words = consent('withdrawn', '2026-11-25T09:00:00Z')
    const other = { ...words, consent: { ...words?.['consent'], reader: 'medical' } }
    expect(await codeOf(() => submit(naptip, 'referral.consent/1', other))).toBe('WIRE_POLICY')
  })
})
