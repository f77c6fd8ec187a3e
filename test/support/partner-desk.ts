/**
 * A partner desk of the receiving agency in tests: its key, which no node holds, and an officer who answers for it.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#partner-desks
 */
import {
  createRosterOfficer,
  type DeskRole,
  generateKey,
  type PrivateKey,
  type Random,
  type Roster,
  type RosterLists,
} from '@amana/core'
import { NOW, seededRandom } from './agencies.ts'
import { withNextRoster, type World } from './envelope-fixture.ts'

/** The desk of these tests. */
export const SHELTER = 'shelter-x'

/** Keys of a partner desk. */
export interface PartnerKeys {
  readonly desk: PrivateKey<'HPKE-9-KE'>
  readonly officer: PrivateKey<'Ed25519'>
}

/** Fresh keys of a desk and its officer. */
export async function partnerKeys(random: Random): Promise<PartnerKeys> {
  return {
    desk: await generateKey('HPKE-9-KE', random),
    officer: await generateKey('Ed25519', random),
  }
}

/** What the next roster lists more. */
export async function partnerLists(
  { agency, desks, nodes, officers }: Roster,
  keys: PartnerKeys,
  { now, roles }: { readonly now: number; readonly roles: readonly DeskRole[] },
): Promise<Pick<RosterLists, 'desks' | 'nodes' | 'officers'>> {
  const span = { nbf: now - 60, exp: now + 30 * 86_400 }
  const desk = {
    encryption: [{ ...span, jwk: keys.desk.publicJwk }],
    external: true,
    id: SHELTER,
    roles: [...roles],
  }
  const worker = await createRosterOfficer(agency, {
    ...span,
    encryption: [],
    id: 'shelter-worker',
    key: keys.officer,
    organisation: 'ng.shelter-x',
    roles: ['author:desk', `desk:${SHELTER}`],
  })
  return {
    desks: [...desks, desk],
    nodes: nodes.map((node) => ({ ...node, desks: [...node.desks, SHELTER] })),
    officers: [...officers, worker],
  }
}

/** The world in which the receiver hosts a partner desk. */
export async function withPartnerDesk(
  world: World,
  ...roles: readonly DeskRole[]
): Promise<{ readonly world: World; readonly keys: PartnerKeys }> {
  const keys = await partnerKeys(seededRandom('partner desk'))
  const { payload } = world.trust.rosterOf(world.receiver.id)
  const changes = await partnerLists(payload, keys, { now: NOW, roles })
  const hosting = await withNextRoster(world, 'receiver', { issuedAt: NOW - 60, changes })
  return { world: hosting, keys }
}
