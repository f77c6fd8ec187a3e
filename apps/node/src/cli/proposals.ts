/**
 * The first half of a joint act that waits, as the officer reads it who does the second or takes it back.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#joint-acts
 */
import { AmanaError, type PendingProposal } from '@amana/core'
import { z } from 'zod'
import { readBy } from '../agency/reading.ts'
import { type UnlockedOfficer } from '../agency/signing.ts'
import { type ReferralPlaceView } from '../service-views.ts'
import { askFor } from './acting.ts'
import { type Members } from './field-options.ts'
import { type CommandContext } from './options.ts'

const BodySchema = z.record(z.string(), z.unknown())
const PLACE = new Set(['referral', 'occurredAt', 'sequence', 'previous', 'event'])

/** What waits for the other agency’s half; an emergency also for that of a clinician. @throws CLI_NO_PROPOSAL */
export function waitingFor(
  event: string,
  { agency, peer, pending }: ReferralPlaceView,
): PendingProposal {
  const found = pending.filter((one) => one.event === event)
  const own =
    event === 'declare_emergency' ? found.findLast((one) => one.agency === agency) : undefined
  const proposal = found.findLast((one) => one.agency === peer) ?? own
  if (proposal === undefined) throw new AmanaError('CLI_NO_PROPOSAL', { event })
  return proposal
}

/** The own half that waits. @throws CLI_NO_PROPOSAL */
export function ownWaiting(event: string, { agency, pending }: ReferralPlaceView): PendingProposal {
  const proposal = pending.findLast((one) => one.event === event && one.agency === agency)
  if (proposal === undefined) throw new AmanaError('CLI_NO_PROPOSAL', { event })
  return proposal
}

/** What a proposal says, without its place; nothing where the officer may not read it. */
export async function proposedMembers(
  context: CommandContext,
  officer: UnlockedOfficer,
  digest: string,
): Promise<Members> {
  const input = { digest, purpose: 'referral' } as const
  const message = await askFor(context, {
    call: { act: 'open', method: 'message', input },
    officer,
    send: (node, asked) => node.message(asked),
  })
  const { groups } = await readBy(message, officer)
  const body = BodySchema.safeParse(groups['body']).data ?? {}
  return Object.fromEntries(Object.entries(body).filter(([name]) => !PLACE.has(name)))
}
