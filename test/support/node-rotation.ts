/**
 * Charters after the first between two nodes: proposed and signed by the root pairs of their folders, carried by hand.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#proposing-a-charter
 */
import { join } from 'node:path'
import {
  buildNextCharter,
  type Charter,
  digest,
  encodeCanonical,
  type GeneralJws,
  type NextCharterParts,
  type PrivateKey,
  type RootPair,
  signCharter,
  signRoster,
} from '@amana/core'
import { ROOTS_FOLDER } from '../../apps/node/src/agency/create-agency.ts'
import { readRootPair } from '../../apps/node/src/agency/pairing.ts'
import { PeerDesk } from '../../apps/node/src/peer-desk.ts'
import { nextOffer } from '../../apps/node/src/trust/offers.ts'
import { keystorePath } from '../../apps/node/src/vault/keystore-file.ts'
import { loadRootPair } from '../../apps/node/src/vault/load-keys.ts'
import { passphraseOf } from './met-agencies.ts'
import { type Side } from './node-fixture.ts'
import { jsonOf } from './trust-fixture.ts'

/** Two root pairs of an agency, as its charter lists them. */
export async function rootsOf({ place }: Side): Promise<readonly RootPair[]> {
  return Promise.all(place.secrets.roots.map((root) => loadRootPair(root)))
}

/** Two recovery pairs of an agency. */
export async function recoveriesOf({ place }: Side): Promise<readonly RootPair[]> {
  return Promise.all(
    ['recovery-1', 'recovery-2'].map((name) =>
      readRootPair(keystorePath(join(place.folder, ROOTS_FOLDER), name), passphraseOf(name)),
    ),
  )
}

/** What one agency proposes after the charter that its node has in force. */
export function nextOf(side: Side, changes: Partial<NextCharterParts> = {}): Charter {
  const { charter } = side.parts.trust.view()
  return buildNextCharter(charter, { agency: side.agency, issuedAt: side.clock.now(), ...changes })
}

/** A charter signed by the roots of some agencies. */
export async function signedBySides(
  charter: Charter,
  sides: readonly Side[],
  more: readonly RootPair[] = [],
): Promise<GeneralJws> {
  const roots = await Promise.all(sides.map((side) => rootsOf(side)))
  return signCharter(charter, [...roots.flat(), ...more])
}

/** The agency’s newest roster signed anew by another roster key, with the entry that names it. */
export async function newChainOf(
  side: Side,
  rosterKey: PrivateKey<'Ed25519'>,
): Promise<{
  readonly roster: GeneralJws
  readonly entry: NonNullable<NextCharterParts['entry']>
}> {
  const payload = { ...side.parts.trust.ownRoster.payload, iat: side.clock.now() }
  const first = { ...payload, previous: null, version: 1 }
  const roster = await signRoster(first, rosterKey)
  const bound = { digest: digest(roster.payload), version: 1 }
  return { roster, entry: { rosterKeys: [rosterKey.publicJwk], roster: bound } }
}

const NONCE = 'A'.repeat(22)

/** One greeting and all trust documents that follow, without a network: the digests of what `speaker` sent. */
export async function meet(speaker: Side, listener: Side): Promise<readonly string[]> {
  const desks = { speaker: new PeerDesk(speaker.parts), listener: new PeerDesk(listener.parts) }
  const floor = await desks.speaker.floor()
  const heads = await desks.listener.heads(speaker.parts.peerId, NONCE)
  const greeted = await desks.speaker.greeted(heads, {
    peerId: listener.parts.peerId,
    nonce: NONCE,
    floor,
  })
  const sent: string[] = []
  let { place } = greeted
  for (;;) {
    await speaker.parts.trust.settle()
    const next = nextOffer(speaker.parts.trust, speaker.agency, place)
    if (next === undefined) return sent
    sent.push(digest(next.jws.payload))
    const isOver = await desks.listener.trust(encodeCanonical(jsonOf(next.jws)))
    if (isOver) return sent
    place = { ...place, ...next.place }
  }
}
