/**
 * Trust for the people who use a node: rosters, invites, the charter.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#pairing
 */
import {
  AmanaError,
  charterSafetyNumber,
  GeneralJwsSchema,
  type GeneralJws,
  inviteDigits,
  thumbprint,
  type VerifiedRoster,
} from '@amana/core'
import { type NodeParts } from '../node-parts.ts'
import { type ComparisonView, type RosterView, type SigningContext } from '../service-views.ts'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { contextOf } from '../statements/trust-context.ts'

type TrustServices = Pick<
  NodeServices,
  | 'context'
  | 'rosters'
  | 'adoptRoster'
  | 'ownEntry'
  | 'importInvite'
  | 'keepInvite'
  | 'comparison'
  | 'charter'
  | 'confirmCharter'
  | 'rejectInvite'
>

/** The methods about trust. */
export function createTrustServices(parts: NodeParts): TrustServices {
  const { agency, clock, trust } = parts
  return {
    context: async (input) => {
      await trust.settle()
      return {
        agency,
        now: clock.now(),
        context: contextOf(trust.view(), [agency, input.agency]),
        officers: await officersOf(trust.ownRoster),
      }
    },
    rosters: async () => trust.rosters.map(viewOf),
    adoptRoster: async ({ roster }) => {
      const adopted = await trust.adoptRoster(jwsOf(roster, 'roster'))
      const { agency: of, digest, payload, version } = adopted
      if (of === agency) await followRoster(parts)
      return { agency: of, version, digest, expiresAt: payload.exp }
    },
    ownEntry: async () => ({ entry: trust.ownEntry(), roster: trust.ownRoster.jws }),
    importInvite: async ({ invite }) => {
      const { agency: peer, entry, expiresAt } = await trust.importInvite(jwsOf(invite, 'invite'))
      return { agency: peer, name: entry.name, expiresAt }
    },
    keepInvite: async ({ invite }) => {
      const { digest } = await trust.keepInvite(jwsOf(invite, 'invite'))
      return { digest }
    },
    comparison: async (input) => comparisonOf(input.agency, await trust.compare(input.agency)),
    charter: async () => {
      await trust.settle()
      return charterOf(trust)
    },
    confirmCharter: ({ charter }) => trust.addCharterSignatures(charter),
    rejectInvite: async (input) => {
      await trust.reject(input.agency)
      return { agency: input.agency }
    },
  }
}

/** Who reads which group follows from the newest own roster at once; nothing else writes statements meanwhile. */
async function followRoster({ atRest, inbox, outbox }: NodeParts): Promise<void> {
  await outbox.alone(() => inbox.alone(() => atRest.followRoster()))
}

function charterOf(trust: NodeParts['trust']): ServiceResults['charter'] {
  const { charter } = trust.view()
  const { charterForks: forks, pending } = trust
  const inForce = { charter: charter.payload, digest: charter.digest, version: charter.version }
  if (pending === undefined) return { ...inForce, forks }
  const { recovery, until } = pending
  const { agency, digest } = recovery
  const waiting = { agency, digest, ...(until === undefined ? {} : { until }) }
  return { ...inForce, forks, recovery: waiting }
}

function comparisonOf(
  agency: string,
  { own, peer, charter }: Awaited<ReturnType<NodeParts['trust']['compare']>>,
): ComparisonView {
  const invites = [own, peer].map((invite) => ({
    agency: invite.agency,
    digits: inviteDigits(invite),
    issuedAt: invite.issuedAt,
  }))
  return { agency, safetyNumber: charterSafetyNumber(charter), charter, invites }
}

async function officersOf({ payload }: VerifiedRoster): Promise<SigningContext['officers']> {
  return Promise.all(
    payload.officers.map(async ({ id, key, roles }) => ({
      id,
      keyId: await thumbprint(key),
      roles,
    })),
  )
}

function viewOf({ agency, digest, payload, version }: VerifiedRoster): RosterView {
  return {
    agency,
    version,
    digest,
    expiresAt: payload.exp,
    desks: payload.desks.map(({ encryption, external, id, roles }) => ({
      id,
      keys: encryption.length,
      external,
      roles,
    })),
    nodes: payload.nodes.map(({ peerId, addresses }) => ({ peerId, addresses })),
    officers: payload.officers.map(({ id, organisation, roles, exp }) => ({
      id,
      organisation,
      roles,
      expiresAt: exp,
    })),
    revoked: payload.revoked.map(({ kid, reason }) => ({ keyId: kid, reason })),
  }
}

function jwsOf(value: unknown, path: string): GeneralJws {
  const parsed = GeneralJwsSchema.safeParse(value)
  if (!parsed.success) throw new AmanaError('WIRE_MEMBER', { path })
  return parsed.data
}
