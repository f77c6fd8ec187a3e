/**
 * The view that every check of a message takes: the charter in force with those before it, the rosters known under them,
 * and look-ups at an instant. A look-up either gives a key that may be used so, or says by its code why not.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#looking-up-a-key
 */
import { type Digest } from '../crypto/digest.ts'
import {
  type AdmittedKey,
  type Ed25519Jwk,
  type KeyId,
  publicKeyText,
  requireAlgorithm,
} from '../crypto/jwk.ts'
import { keysOfSuite, sealingSuite, type SealKeys } from '../crypto/suites.ts'
import { AmanaError } from '../errors.ts'
import { TRUST_LIMITS } from '../limits/trust.ts'
import { assertOneUse, type KeyUse } from './key-ring.ts'
import { type Revocation, type RosterNode, type RosterOfficer } from './roster.ts'
import { type VerifiedCharter } from './verified-charter.ts'
import { type VerifiedRoster } from './verified-roster.ts'
import { assertSame } from './versions.ts'

/** Who an officer is: by the word of the agency whose roster says so. */
export interface OfficerIdentity {
  readonly agency: string
  readonly id: string
  readonly organisation: string
  readonly roles: readonly string[]
}

/** An officer's signing key that was valid at the instant asked for. */
export interface OfficerKey extends OfficerIdentity {
  readonly keyId: KeyId
  readonly jwk: Ed25519Jwk
  /** The roster that says so. */
  readonly roster: Digest
}

/** A node's seal key that was valid at the instant asked for. */
export interface NodeKey {
  readonly agency: string
  readonly keyId: KeyId
  readonly jwk: Ed25519Jwk
  readonly node: RosterNode
}

/** Look-ups under one charter. */
export interface TrustView {
  /** By its rules everything is judged that this view is asked for. */
  readonly charter: VerifiedCharter
  /** Every charter that came into force, the oldest first. */
  readonly charters: readonly VerifiedCharter[]
  /**
   * The view by which an object is judged that says to be made at `at` under that charter.
   *
   * @throws WIRE_TRUST_CONTEXT when it is no charter of this view, or `at` is 60 days or more after the `iat` of the next
   * @throws TRUST_EXPIRED when `at` is 30 days or more after its end
   */
  under(charterDigest: string, at: number): TrustView
  /** The newest roster. @throws WIRE_ISS when the charter does not know the agency, TRUST_NO_ROSTER when none is known */
  rosterOf(agency: string): VerifiedRoster
  rosterByDigest(digest: string): VerifiedRoster | undefined
  /**
   * The key by which an officer of `agency` signed at `at`.
   *
   * @throws WIRE_KEY_REVOKED when the newest roster revokes it, whatever `at` says: a thief can date back
   * @throws and as `officerEntry`
   */
  officerKey(agency: string, keyId: KeyId, at: number): OfficerKey
  /**
   * The same without revocation: for a statement that a receipt or cosigned checkpoint covers (`judgeRevocation`).
   *
   * @throws WIRE_ISS when it is another agency's officer, WIRE_KEY_USE when it is a key for something else,
   * WIRE_KID_UNKNOWN, WIRE_KEY_EXPIRED, TRUST_EXPIRED when the roster had ended
   */
  officerEntry(agency: string, keyId: KeyId, at: number): OfficerKey
  /** The key by which a node of `agency` signed at `at`. @throws WIRE_NODE when it is another agency's; else as `officerKey` */
  nodeSealKey(agency: string, keyId: KeyId, at: number): NodeKey
  /** The node of a peer in its agency's newest roster. */
  nodeByPeerId(peerId: string): { readonly agency: string; readonly node: RosterNode } | undefined
  /**
   * Keys to seal to for a desk, by the newest roster, of the suite under which the charter has everybody seal.
   *
   * @throws TRUST_EXPIRED when that roster has ended: a newer one, kept back, may revoke what it lists
   * @throws TRUST_DESK when there is none valid at `at`
   * @throws TRUST_SUITE when there are some, and none of that suite: nobody falls back to another
   */
  deskKeys(agency: string, deskId: string, at: number): SealKeys
  revocationOf(agency: string, keyId: KeyId): Revocation | undefined
  /** Whose officer's key it is or was, for reports: says nothing of validity. */
  identify(keyId: KeyId): OfficerIdentity | undefined
}

/** What a view is made of. */
export interface TrustDocuments {
  readonly charter: VerifiedCharter
  /** Those that were in force before it, from version 1 on. */
  readonly earlier?: readonly VerifiedCharter[]
  /** All rosters known, in any order; the one with the highest version of an agency is its newest. */
  readonly rosters: readonly VerifiedRoster[]
}

/**
 * @throws TRUST_CHAIN when the charters are not one chain, or one goes back to a chain of rosters that was left behind
 * @throws WIRE_ISS when a roster is of an agency that no charter knows
 * @throws WIRE_SIG when a roster is not signed by a roster key of a charter
 * @throws WIRE_FORK when two rosters of one version differ
 * @throws WIRE_KEY when a key has two uses or two owners anywhere in these documents
 */
export function createTrustView({ charter, earlier = [], rosters }: TrustDocuments): TrustView {
  const charters = [...earlier, charter]
  assertOneChain(charters)
  assertNoChainAgain(charters)
  const chained = rosters.map((roster) => ({ roster, chain: chainOf(charters, roster) }))
  assertOneUse([...charters, ...rosters].map(({ keys }) => keys))
  return new DocumentsView(charters, newestFirst(chained, charters))
}

function assertOneChain(charters: readonly VerifiedCharter[]): void {
  for (const [index, { payload, version }] of charters.entries()) {
    const before = charters[index - 1]
    if (before === undefined || payload.previous === before.digest) continue
    throw new AmanaError('TRUST_CHAIN', { document: 'charter', version })
  }
}

/** Whoever holds the roster key of a chain that was left behind must not have it count again. */
function assertNoChainAgain(charters: readonly VerifiedCharter[]): void {
  for (const [index, { payload, version }] of charters.entries()) {
    for (const [agency, { roster }] of Object.entries(payload.agencies)) {
      const starts = charters.slice(0, index).flatMap((one) => {
        const start = one.payload.agencies[agency]?.roster.digest
        return start === undefined ? [] : [start]
      })
      if (!starts.includes(roster.digest) || starts.at(-1) === roster.digest) continue
      throw new AmanaError('TRUST_CHAIN', { document: 'charter', version })
    }
  }
}

/** Which chain of rosters it is of: the version of the first charter with that chain. */
function chainOf(charters: readonly VerifiedCharter[], roster: VerifiedRoster): number {
  const { agency, chainStart, signerKeyId } = roster
  const known = charters.filter(({ payload }) => payload.agencies[agency] !== undefined)
  if (known.length === 0) throw new AmanaError('WIRE_ISS', { issuer: agency })
  const signedUnder = known.filter(({ keys }) => {
    const signer = keys.byKeyId.get(signerKeyId)
    return signer?.use === 'roster' && signer.owner === agency
  })
  const named = signedUnder.find(
    ({ payload }) => payload.agencies[agency]?.roster.digest === chainStart,
  )
  const first = named ?? signedUnder[0]
  if (first === undefined) throw new AmanaError('WIRE_SIG', { keyId: signerKeyId })
  return first.version
}

type History = ReadonlyMap<string, readonly VerifiedRoster[]>

interface ChainedRoster {
  readonly roster: VerifiedRoster
  readonly chain: number
}

/**
 * The rosters of each agency: those of the newest chain first, and in a chain those of the highest version. An agency of
 * whose newest chain no roster is known has none: what its roster keys of before signed is not relied on alone.
 */
function newestFirst(
  rosters: readonly ChainedRoster[],
  charters: readonly VerifiedCharter[],
): History {
  const history = new Map<string, readonly VerifiedRoster[]>()
  const sorted = rosters.toSorted(
    (a, b) => b.chain - a.chain || b.roster.version - a.roster.version,
  )
  for (const [agency, known] of Map.groupBy(sorted, ({ roster }) => roster.agency)) {
    const newest = newestChain(charters, agency)
    history.set(agency, known[0]?.chain === newest ? withoutTwins(known) : [])
  }
  return history
}

function newestChain(charters: readonly VerifiedCharter[], agency: string): number | undefined {
  const startOf = ({ payload }: VerifiedCharter): string | undefined =>
    payload.agencies[agency]?.roster.digest
  const newest = charters.findLast((charter) => startOf(charter) !== undefined)
  if (newest === undefined) return undefined
  return charters.find((charter) => startOf(charter) === startOf(newest))?.version
}

/** @throws WIRE_FORK when two rosters of one chain and version differ */
function withoutTwins(sorted: readonly ChainedRoster[]): readonly VerifiedRoster[] {
  return sorted.flatMap(({ chain, roster }, index) => {
    const before = sorted[index - 1]
    if (before?.chain !== chain || before.roster.version !== roster.version) return [roster]
    assertSame('roster', roster, before.roster)
    return []
  })
}

class DocumentsView implements TrustView {
  readonly charter: VerifiedCharter
  readonly charters: readonly VerifiedCharter[]
  readonly #history: History

  constructor(
    charters: readonly VerifiedCharter[],
    history: History,
    charter = newestOf(charters),
  ) {
    this.charter = charter
    this.charters = charters
    this.#history = history
  }

  under(charterDigest: string, at: number): TrustView {
    const index = this.charters.findIndex(({ digest }) => digest === charterDigest)
    const charter = this.charters[index]
    const next = this.charters[index + 1]
    if (charter === undefined || isReplaced(next, at)) {
      throw new AmanaError('WIRE_TRUST_CONTEXT', { document: 'charter' })
    }
    assertNotOver(charter, at)
    if (charter === this.charter) return this
    return new DocumentsView(this.charters, this.#history, charter)
  }

  rosterOf(agency: string): VerifiedRoster {
    if (!Object.hasOwn(this.charter.payload.agencies, agency)) {
      throw new AmanaError('WIRE_ISS', { issuer: agency })
    }
    const newest = this.#history.get(agency)?.[0]
    if (newest === undefined) throw new AmanaError('TRUST_NO_ROSTER', { agency })
    return newest
  }

  rosterByDigest(digest: string): VerifiedRoster | undefined {
    return this.#all().find((roster) => roster.digest === digest)
  }

  officerKey(agency: string, keyId: KeyId, at: number): OfficerKey {
    this.#assertNotRevoked(agency, keyId)
    return this.officerEntry(agency, keyId, at)
  }

  officerEntry(agency: string, keyId: KeyId, at: number): OfficerKey {
    for (const roster of this.#inForce(agency, at)) {
      const found = officerIn(roster, keyId)
      if (found === undefined) continue
      assertValid({ roster, keyId, window: found.officer }, at)
      const { jwk } = requireAlgorithm(found.key, 'Ed25519')
      return { ...identityOf(agency, found.officer), keyId, jwk, roster: roster.digest }
    }
    throw this.#notFound({ agency, keyId, use: 'officer' })
  }

  nodeSealKey(agency: string, keyId: KeyId, at: number): NodeKey {
    this.#assertNotRevoked(agency, keyId)
    for (const roster of this.#inForce(agency, at)) {
      const slot = roster.keys.byKeyId.get(keyId)
      const node = roster.payload.nodes.find(({ sealKey }) => sealKey.x === slot?.publicKey)
      if (slot?.admitted === undefined || node === undefined) continue
      assertValid({ roster, keyId, window: node }, at)
      return { agency, keyId, jwk: requireAlgorithm(slot.admitted, 'Ed25519').jwk, node }
    }
    throw this.#notFound({ agency, keyId, use: 'node-seal' })
  }

  nodeByPeerId(peerId: string): { readonly agency: string; readonly node: RosterNode } | undefined {
    for (const [agency, [newest]] of this.#history) {
      const node = newest?.payload.nodes.find((entry) => entry.peerId === peerId)
      if (node !== undefined) return { agency, node }
    }
    return undefined
  }

  deskKeys(agency: string, deskId: string, at: number): SealKeys {
    const roster = this.rosterOf(agency)
    assertNotEnded(roster, at)
    const current = deskKeysIn(roster, deskId, at)
    if (current.length === 0) throw new AmanaError('TRUST_DESK', { agency, desk: deskId })
    const keys = keysOfSuite(sealingSuite(this.charter.payload.suites), current)
    if (keys.recipients.length > 0) return keys
    throw new AmanaError('TRUST_SUITE', { agency, desk: deskId, suite: keys.suite })
  }

  revocationOf(agency: string, keyId: KeyId): Revocation | undefined {
    return this.rosterOf(agency).payload.revoked.find((revocation) => revocation.kid === keyId)
  }

  identify(keyId: KeyId): OfficerIdentity | undefined {
    for (const roster of this.#all()) {
      const found = officerIn(roster, keyId)
      if (found !== undefined) return identityOf(roster.agency, found.officer)
    }
    return undefined
  }

  #all(): readonly VerifiedRoster[] {
    return [...this.#history.values()].flat()
  }

  /**
   * The roster in force at an instant, and before it the one that a signer whose clock is ahead may have had.
   * An instant before the first roster reads the first: the key's own window decides.
   */
  #inForce(agency: string, at: number): readonly VerifiedRoster[] {
    const newest = this.rosterOf(agency)
    const known = this.#history.get(agency) ?? [newest]
    const issuedBy = (instant: number): VerifiedRoster =>
      known.find((roster) => roster.payload.iat <= instant) ?? known.at(-1) ?? newest
    return [issuedBy(at), issuedBy(at + TRUST_LIMITS.skewSeconds)]
  }

  #assertNotRevoked(agency: string, keyId: KeyId): void {
    if (this.revocationOf(agency, keyId) !== undefined) {
      throw new AmanaError('WIRE_KEY_REVOKED', { keyId })
    }
  }

  #notFound({ agency, keyId, use }: Sought): AmanaError {
    const rings = [...this.charters, ...this.#all()].map(({ keys }) => keys)
    const slots = rings.flatMap((ring) => ring.byKeyId.get(keyId) ?? [])
    if (slots.length === 0) return new AmanaError('WIRE_KID_UNKNOWN', { keyId })
    const sameUse = slots.find((slot) => slot.use === use)
    if (sameUse === undefined) return new AmanaError('WIRE_KEY_USE', { keyId })
    if (sameUse.owner.startsWith(`${agency} `)) return new AmanaError('WIRE_KEY_EXPIRED', { keyId })
    return use === 'officer'
      ? new AmanaError('WIRE_ISS', { issuer: agency })
      : new AmanaError('WIRE_NODE', { agency })
  }
}

function newestOf(charters: readonly VerifiedCharter[]): VerifiedCharter {
  const newest = charters.at(-1)
  if (newest === undefined) throw new AmanaError('TRUST_NO_CHARTER', {})
  return newest
}

/** From then on whoever signs must have had the time to get the next charter. */
function isReplaced(next: VerifiedCharter | undefined, at: number): boolean {
  return next !== undefined && at >= next.payload.iat + TRUST_LIMITS.charterReplacedAfterSeconds
}

/** @throws TRUST_EXPIRED when the charter ended over 30 days before */
function assertNotOver({ payload: { exp } }: VerifiedCharter, at: number): void {
  if (at < exp + TRUST_LIMITS.charterGraceSeconds) return
  throw new AmanaError('TRUST_EXPIRED', { document: 'charter', exp, bound: at })
}

interface Sought {
  readonly agency: string
  readonly keyId: KeyId
  readonly use: KeyUse
}

/** Keys of a desk, of every suite, that others may seal to at an instant, by this roster; revoked ones are left out. */
export function deskKeysIn(
  roster: VerifiedRoster,
  deskId: string,
  at: number,
): readonly AdmittedKey[] {
  const desk = roster.payload.desks.find(({ id }) => id === deskId)
  const revoked = new Set<string>(roster.payload.revoked.map(({ kid }) => kid))
  const current = new Set(
    desk?.encryption
      .filter(({ nbf, exp }) => nbf <= at && at < exp)
      .map(({ jwk }) => publicKeyText(jwk)),
  )
  return roster.keys.slots
    .filter(({ publicKey }) => current.has(publicKey))
    .flatMap(({ admitted }) => admitted ?? [])
    .filter(({ keyId }) => !revoked.has(keyId))
}

function officerIn(
  roster: VerifiedRoster,
  keyId: KeyId,
): { readonly officer: RosterOfficer; readonly key: AdmittedKey } | undefined {
  const slot = roster.keys.byKeyId.get(keyId)
  const officer = roster.payload.officers.find(({ key }) => key.x === slot?.publicKey)
  if (slot?.admitted === undefined || officer === undefined) return undefined
  return { officer, key: slot.admitted }
}

function identityOf(agency: string, { id, organisation, roles }: RosterOfficer): OfficerIdentity {
  return { agency, id, organisation, roles }
}

interface Candidate {
  readonly roster: VerifiedRoster
  readonly keyId: KeyId
  readonly window: { readonly nbf: number; readonly exp: number }
}

function assertValid({ roster, keyId, window }: Candidate, at: number): void {
  if (at < window.nbf || at >= window.exp) throw new AmanaError('WIRE_KEY_EXPIRED', { keyId })
  assertNotEnded(roster, at)
}

function assertNotEnded({ payload: { exp } }: VerifiedRoster, at: number): void {
  if (at >= exp) throw new AmanaError('TRUST_EXPIRED', { document: 'roster', exp, bound: at })
}
