/**
 * A proposal for the next own roster: made by one person, read and signed, or refused, by another.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#proposals
 */
import {
  AgencyIdSchema,
  AmanaError,
  buildNextRoster,
  canonicalize,
  digest,
  type Digest,
  type RosterLists,
  RosterListsSchema,
  type VerifiedRoster,
} from '@amana/core'
import { z } from 'zod'
import { type NodeServices } from '../services.ts'
import { systemClock } from '../system.ts'
import { newestOwnRoster, type RosterChange } from './rosters.ts'

const ProposalSchema = z.strictObject({
  agency: AgencyIdSchema,
  lists: RosterListsSchema,
  previous: z.string().length(43),
  v: z.literal(1),
  version: z.int().min(1),
  what: z.literal('roster-proposal'),
})

/** What the next roster is to list; it has no dates, since it gets them when it is signed. */
export interface Proposal extends z.output<typeof ProposalSchema> {}

/** The next roster with the same lists, for a person to change. */
export function proposalAfter({
  agency,
  digest: previous,
  payload,
  version,
}: VerifiedRoster): Proposal {
  const { desks, nodes, officers, revoked } = payload
  const lists = { desks, nodes, officers, revoked }
  return { agency, lists, previous, v: 1, version: version + 1, what: 'roster-proposal' }
}

/** The next roster as a change would have it. @throws as `newestOwnRoster` and the change */
export async function proposeChange(
  services: NodeServices,
  change: RosterChange,
): Promise<Proposal> {
  const before = await newestOwnRoster(services)
  const now = Math.max(systemClock.now(), before.payload.iat)
  const { desks, nodes, officers, revoked } = buildNextRoster(
    before,
    now,
    await change(before, now),
  )
  return { ...proposalAfter(before), lists: { desks, nodes, officers, revoked } }
}

/** Reads a proposal from a file's JSON. @throws CLI_PROPOSAL with the member that is wrong */
export function parseProposal(value: unknown, path: string): Proposal {
  const parsed = ProposalSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const reason = parsed.error.issues[0]?.path.join('.') ?? ''
  throw new AmanaError('CLI_PROPOSAL', { path, reason: reason === '' ? 'JSON' : reason })
}

/** Names a proposal, however its file is spelled. */
export function proposalDigest(proposal: Proposal): Digest {
  return digest(canonicalize({ ...proposal }))
}

/** It is of this agency and follows its newest roster. @throws CLI_PROPOSAL */
export function assertNext(
  { agency, previous, version }: Proposal,
  before: VerifiedRoster,
  path: string,
): void {
  if (agency !== before.agency) throw new AmanaError('CLI_PROPOSAL', { path, reason: 'agency' })
  if (version !== before.version + 1 || previous !== before.digest) {
    throw new AmanaError('CLI_PROPOSAL', { path, reason: 'version' })
  }
}

/** Its lists; a new revocation in peace begins no earlier than the roster that is signed now. */
export function proposed({ lists }: Proposal): RosterChange {
  return ({ payload }, now) => ({
    ...lists,
    revoked: datedNow(lists.revoked, payload.revoked, now),
  })
}

function datedNow(
  revoked: RosterLists['revoked'],
  before: RosterLists['revoked'],
  now: number,
): RosterLists['revoked'] {
  const known = new Set(before.map(({ kid }) => kid))
  return revoked.map((revocation) => {
    const { kid, reason, since } = revocation
    const inPeace = reason === 'left' || reason === 'superseded'
    return known.has(kid) || !inPeace ? revocation : { ...revocation, since: Math.max(since, now) }
  })
}
