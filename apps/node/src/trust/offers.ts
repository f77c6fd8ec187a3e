/**
 * Which trust document a peer is sent next: charters that it has not, each with the first own roster of a chain that it
 * begins; a recovery that waits, or what refuses it; then the own rosters.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-is-sent
 */
import { type Charter, digest, type GeneralJws, type VerifiedRoster } from '@amana/core'
import { chainOf } from './trust-documents.ts'
import { type TrustState } from './trust-state.ts'

/** What a peer has of the trust documents. */
export interface PeerPlace {
  readonly charterVersion: number
  readonly rosterVersion: number
  /** The recovery that waits there. */
  readonly recovery?: string
  /** What it was sent in this session. */
  readonly sent: readonly string[]
}

/** A document, and where the peer is when it has it. */
export interface Offer {
  readonly jws: GeneralJws
  readonly place: Pick<PeerPlace, 'sent'> & Partial<Pick<PeerPlace, 'rosterVersion'>>
}

interface Candidate {
  readonly jws: GeneralJws
  readonly rosterVersion?: number
  /** A recovery is sent once while it waits, and once when it is in force. */
  readonly isWaiting?: boolean
}

/** The next document for a peer; nothing when it has all. */
export function nextOffer(trust: TrustState, agency: string, place: PeerPlace): Offer | undefined {
  const candidates: readonly Candidate[] = [
    ...newerCharters(trust, agency, place),
    ...waitingRecovery(trust, agency, place),
    ...refusal(trust, place),
    ...newerRosters(trust, agency, place),
  ]
  const unsent = candidates.find((candidate) => !place.sent.includes(nameOf(candidate)))
  if (unsent === undefined) return undefined
  const { jws, rosterVersion } = unsent
  const sent = [...place.sent, nameOf(unsent)]
  return { jws, place: { sent, ...(rosterVersion === undefined ? {} : { rosterVersion }) } }
}

function nameOf({ isWaiting, jws }: Candidate): string {
  const own = digest(jws.payload)
  return isWaiting === true ? `${WAITING}${own}` : own
}

const WAITING = 'waiting '

function newerCharters(
  trust: TrustState,
  agency: string,
  { charterVersion }: PeerPlace,
): readonly Candidate[] {
  const newer = trust.view().charters.filter(({ version }) => version > charterVersion)
  return newer.flatMap(({ jws, payload }) => [{ jws }, ...firstRosterOf(trust, agency, payload)])
}

/** The own roster that a charter names first: who has it already is told of it once more, which changes nothing. */
function firstRosterOf(
  trust: TrustState,
  agency: string,
  { agencies }: Charter,
): readonly Candidate[] {
  const named = agencies[agency]?.roster.digest
  const bound = trust.view().charters[0]?.payload.agencies[agency]?.roster.digest
  if (named === undefined || named === bound) return []
  const roster = trust.firstRoster(named)
  return roster === undefined ? [] : [{ jws: roster }]
}

function waitingRecovery(
  trust: TrustState,
  agency: string,
  { recovery }: PeerPlace,
): readonly Candidate[] {
  const pending = trust.pending?.recovery
  if (pending === undefined || pending.digest === recovery) return []
  return [{ jws: pending.jws, isWaiting: true }, ...firstRosterOf(trust, agency, pending.payload)]
}

/** A peer that has a recovery which was refused here gets what refuses it. */
function refusal(trust: TrustState, { recovery, sent }: PeerPlace): readonly Candidate[] {
  const known = [recovery ?? '', ...sent.map((name) => name.replace(WAITING, ''))]
  return known.flatMap((one) => trust.refusalOf(one) ?? []).map((jws) => ({ jws }))
}

function newerRosters(
  trust: TrustState,
  agency: string,
  { charterVersion, rosterVersion }: PeerPlace,
): readonly Candidate[] {
  const isOtherChain = chainOf(trust.view().charters, agency) > charterVersion
  return trust.rosters
    .filter((roster) => roster.agency === agency)
    .filter(({ version }) => isOtherChain || version > rosterVersion)
    .map(({ jws, version }: VerifiedRoster) => ({ jws, rosterVersion: version }))
}
