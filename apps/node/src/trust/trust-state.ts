/**
 * What this node trusts: its own entry and rosters, invites, the charter and the peer's rosters. Every change is written
 * with its leaf of the log before it counts.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#pairing
 */
import {
  AmanaError,
  createCharterEntry,
  digest,
  type GeneralJws,
  GeneralJwsSchema,
  tallyCharter,
  type CharterEntry,
  type TrustView,
  verifyFirstCharter,
  verifyNextCharter,
  type VerifiedInvite,
  verifyInvite,
  type VerifiedRoster,
  verifyRoster,
} from '@amana/core'
import { type AuditEvent, type AuditWriter, type NodeClock, type Store } from '../ports.ts'
import { type CharterProgress, type PeerStatus } from '../services.ts'
import { Exclusive } from '../statements/exclusive.ts'
import {
  compareInvites,
  type Comparison,
  inviteIn,
  invitesGive,
  isRejected,
  type Meeting,
  meetingState,
  mergedWithDraft,
  otherCharter,
} from './meeting.ts'
import { refusedBy } from './refusals.ts'
import {
  isEnded,
  type PendingRecovery,
  seenBy,
  type Sighting,
  sightingOf,
} from './pending-recovery.ts'
import { unchanged, type Standing, type Step, versionOf } from './standing.ts'
import {
  afterRoster,
  contradiction,
  dueRecovery,
  firstRosterFor,
  NEXT_PATH,
  takeCharter,
} from './succession.ts'
import {
  type Change,
  chainOf,
  type Chartered,
  entryIn,
  forkPath,
  jwsAt,
  readDocuments,
  rosterPath,
  verifyOwnRoster,
  withDocuments,
  writeOf,
} from './trust-documents.ts'
import {
  isSigned,
  placeOf,
  type RosterFork,
  type Verified,
  verifyTogether,
} from './verified-documents.ts'

/** What the state needs of the node. */
export interface TrustParts {
  readonly store: Store
  readonly audit: AuditWriter
  readonly clock: NodeClock
  readonly agency: string
}

/** A charter with the signatures that are known here. */
export interface CharterState {
  readonly inForce: boolean
  readonly progress: CharterProgress
  readonly charter: GeneralJws
}

/** What this node trusts; one charter with one peer agency in this version. */
export class TrustState {
  readonly #parts: TrustParts
  readonly #exclusive = new Exclusive()
  /** What is on the disk, verified together; only `#write` sets it, after the batch. */
  #verified: Verified
  #changed: () => void = () => undefined

  private constructor(parts: TrustParts, verified: Verified) {
    this.#parts = parts
    this.#verified = verified
  }

  /** Verifies all that the store holds. @throws as the documents' own checks; STORE_DAMAGED */
  static async load(parts: TrustParts): Promise<TrustState> {
    const documents = await readDocuments(parts.store)
    return new TrustState(parts, await verifyTogether(documents, parts.agency))
  }

  /** Called whenever what is trusted changed. */
  onChange(listener: () => void): void {
    this.#changed = listener
  }

  /** Charters of a version that was in force and that contradict it, by version. */
  get charterForks(): readonly number[] {
    return [...this.#verified.documents.keys()].flatMap((path) => {
      const [, version] = /^forked-charter\/([0-9]+)$/.exec(path) ?? []
      return version === undefined ? [] : [Number(version)]
    })
  }

  /** The recovery that waits until its delay is over. */
  get pending(): PendingRecovery | undefined {
    const { pending } = this.#verified
    return pending === undefined || isEnded(pending, this.#now()) ? undefined : pending
  }

  /** When the own agency saw the recovery that waits, or that is in force. */
  get sighting(): Sighting | undefined {
    const { chartered, documents } = this.#verified
    if (chartered === undefined) return undefined
    return sightingOf({ agency: this.#parts.agency, chartered, documents }, this.pending)
  }

  /** The roster of that digest with which a chain of the own agency begins, under a charter in force or to come. */
  firstRoster(named: string): GeneralJws | undefined {
    const { documents } = this.#verified
    return [...documents.keys()]
      .filter((path) => /^(?:roster|chain)\//.test(path))
      .flatMap((path) => jwsAt(documents, path) ?? [])
      .find(({ payload }) => digest(payload) === named)
  }

  /** The next charter as far as signatures are here. */
  get next(): GeneralJws | undefined {
    const { chartered, documents } = this.#verified
    const jws = jwsAt(documents, NEXT_PATH)
    if (chartered === undefined || jws === undefined) return undefined
    return versionOf(jws) === chartered.charter.version + 1 ? jws : undefined
  }

  /** Recoveries that were dropped here: their digests. */
  get refusedRecoveries(): ReadonlySet<string> {
    const paths = [...this.#verified.documents.keys()]
    return new Set(paths.flatMap((path) => /^refused\/(.+)$/.exec(path)?.[1] ?? []))
  }

  /** The charter that refuses a recovery which was dropped here, while it may still be the next one. */
  refusalOf(recovery: string): GeneralJws | undefined {
    const { chartered, documents } = this.#verified
    const jws = refusedBy(documents, recovery)
    if (jws === undefined || versionOf(jws) !== (chartered?.charter.version ?? 0) + 1)
      return undefined
    const { next } = this
    return next !== undefined && digest(next.payload) === digest(jws.payload) ? next : jws
  }

  /** The view under the charter in force. @throws TRUST_NO_CHARTER when there is none */
  view(): TrustView {
    const { view } = this.#verified
    if (view === undefined) throw new AmanaError('TRUST_NO_CHARTER', {})
    return view
  }

  get inForce(): Chartered | undefined {
    return this.#verified.chartered
  }

  /** The version of the charter that began the chain of the own rosters. */
  get ownChain(): number {
    return this.#chainOf(this.#parts.agency)
  }

  get ownRoster(): VerifiedRoster {
    const { agency } = this.#parts
    const newest =
      this.#verified.chartered?.rosters.findLast((roster) => roster.agency === agency) ??
      this.#verified.own.at(-1)
    if (newest === undefined)
      throw new AmanaError('TRUST_NO_ROSTER', { agency: this.#parts.agency })
    return newest
  }

  /** Every roster known, for a person to look at. */
  get rosters(): readonly VerifiedRoster[] {
    return this.#verified.chartered?.rosters ?? this.#verified.own
  }

  /** The same, and the own ones from before the charter: all that the log names. */
  get allRosters(): readonly VerifiedRoster[] {
    const { chartered, own: all } = this.#verified
    const under = chartered?.allRosters ?? []
    const known = new Set(under.map(({ digest: own }) => own))
    return [...all.filter(({ digest: own }) => !known.has(own)), ...under]
  }

  /** What the own agency puts into a charter, bound to its newest roster. */
  ownEntry(): CharterEntry {
    const { chartered, documents } = this.#verified
    const inForce = chartered?.charter.payload.agencies[this.#parts.agency]
    return createCharterEntry(inForce ?? entryIn(documents), this.ownRoster)
  }

  /** The other agency of the charter. @throws TRUST_NO_CHARTER */
  peer(): string {
    const agencies = Object.keys(this.view().charter.payload.agencies)
    const peer = agencies.find((agency) => agency !== this.#parts.agency)
    if (peer === undefined) throw new AmanaError('TRUST_NO_CHARTER', {})
    return peer
  }

  /** Agencies and versions of which two signed rosters are kept. */
  get forks(): readonly RosterFork[] {
    return [...this.#verified.documents.keys()].flatMap((path) => {
      const [, agency = '', version = ''] =
        /^fork\/(?:chain\/[0-9]+\/)?([^/]+)\/([0-9]+)$/.exec(path) ?? []
      return agency === '' ? [] : [{ agency, version: Number(version) }]
    })
  }

  /**
   * Adopts the next roster of an agency; one that is known already changes nothing. A second one of a version that is
   * known is kept beside the first, as evidence, and refused.
   *
   * @throws WIRE_FORK; as `verifyRoster`
   */
  async adoptRoster(jws: GeneralJws): Promise<VerifiedRoster> {
    return this.#exclusive.run(async () => {
      const known = this.allRosters.find((roster) => roster.digest === digest(jws.payload))
      if (known !== undefined) return known
      const first = await this.#adoptFirst(jws)
      if (first !== undefined) return first
      await this.#refuseFork(jws)
      const roster = await this.#verifyNext(jws)
      const previous = this.#newestOf(roster.agency)
      const path = rosterPath(roster.agency, roster.version, this.#chainOf(roster.agency))
      await this.#write([rosterEvent(roster, previous)], [[path, jws]])
      return roster
    })
  }

  /** Keeps the own invite that was signed outside. @throws as `verifyInvite`, WIRE_ISS when it is another agency's */
  async keepInvite(jws: GeneralJws): Promise<VerifiedInvite> {
    const { agency } = this.#parts
    const invite = await verifyInvite(jws, this.#now())
    if (invite.agency !== agency) throw new AmanaError('WIRE_ISS', { issuer: invite.agency })
    await this.#exclusive.run(() => this.#write([], [[`invite/${agency}`, jws]]))
    return invite
  }

  /** Keeps the other agency's invite; trusts nothing yet. @throws as `verifyInvite`, TRUST_SELF, TRUST_REJECTED */
  async importInvite(jws: GeneralJws): Promise<VerifiedInvite> {
    const invite = await verifyInvite(jws, this.#now())
    const { agency } = invite
    if (agency === this.#parts.agency) throw new AmanaError('TRUST_SELF', { agency })
    if (isRejected(this.#verified.documents, agency, invite.digest))
      throw new AmanaError('TRUST_REJECTED', { agency })
    await this.#exclusive.run(() => this.#write([], [[`invite/${agency}`, jws]]))
    return invite
  }

  /** What is to be read aloud. @throws TRUST_NO_INVITE when one of the two is missing; as `verifyInvite` */
  async compare(agency: string): Promise<Comparison> {
    return compareInvites(this.#meeting(), agency)
  }

  /**
   * Takes signatures under the charter that both invites give; with both quorums it is in force.
   *
   * @throws TRUST_OTHER_CHARTER when it is another charter than the invites give, or than the one that was signed here
   * @throws TRUST_EXPIRED when it lapsed; as `tallyCharter`
   */
  async addCharterSignatures(value: unknown): Promise<CharterState> {
    return this.#exclusive.run(async () => {
      if (this.#verified.chartered !== undefined && versionOf(value) > 1) {
        return this.#takeNext(value)
      }
      const tally = await tallyCharter(value)
      const done = this.#verified.chartered?.charter
      if (done !== undefined) {
        if (done.digest === tally.digest)
          return { inForce: true, progress: 'in-force', charter: done.jws }
        throw otherCharter(done.digest, tally.digest)
      }
      const peer = await invitesGive(tally, this.#meeting())
      const charter = await mergedWithDraft(tally, this.#meeting())
      const { inForce } = await tallyCharter(charter)
      if (inForce) await this.#enterIntoForce(charter, peer)
      else await this.#write([], [['draft', charter]])
      return { inForce, progress: inForce ? 'in-force' : 'waiting', charter }
    })
  }

  /**
   * A charter that the other agency's node sends: complete, a recovery, or one that refuses a recovery. Signatures alone
   * go by files. `now` may be 300 seconds behind for a recovery that the other side has in force.
   *
   * @throws TRUST_THRESHOLD when it is none of these; as `addCharterSignatures`
   */
  async takeOffered(jws: GeneralJws): Promise<CharterState> {
    return this.#exclusive.run(async () => {
      if (this.pending?.recovery.digest === digest(jws.payload)) {
        await this.#apply(await dueRecovery(this.#standing(), TRUST_SKEW_SECONDS))
      }
      const step = await this.#stepOf(jws)
      if (step.progress === 'waiting' && step.events.length === 0) {
        await verifyNextCharter(jws, { previous: this.#standing().chartered.charter })
      }
      return this.#apply(step)
    })
  }

  /** The other agency says when it saw the recovery that waits here. */
  async seenByPeer(
    peer: string,
    told: { readonly digest: string; readonly seenAt: number },
  ): Promise<void> {
    await this.#exclusive.run(async () => {
      if (this.pending === undefined) return
      await this.#apply(await seenBy(peer, told, this.#standing()))
    })
  }

  /** Takes the recovery into force whose delay is over. */
  async settle(): Promise<void> {
    if (this.pending?.until === undefined || this.pending.until > this.#now()) return
    await this.#exclusive.run(async () => {
      if (this.pending !== undefined) await this.#apply(await dueRecovery(this.#standing()))
    })
  }

  /** Blocks this pair of invites. @throws TRUST_NO_INVITE, TRUST_IN_FORCE once the charter is in force */
  async reject(agency: string): Promise<void> {
    if (this.#isOfCharter(agency)) throw new AmanaError('TRUST_IN_FORCE', { agency })
    const invite = await inviteIn(this.#verified.documents, agency, this.#now())
    const path = `rejected/${agency}/${invite.digest}`
    await this.#exclusive.run(() => this.#write([], [[path, { digest: invite.digest }]]))
  }

  /** Every agency that this node knows of, and how far the pairing is. */
  async peers(): Promise<readonly Pick<PeerStatus, 'agency' | 'state'>[]> {
    const agencies = [...this.#verified.documents.keys()].flatMap(
      (path) => /^invite\/(.+)$/.exec(path)?.[1] ?? [],
    )
    const others = agencies.filter((agency) => agency !== this.#parts.agency)
    return Promise.all(
      others.map(async (agency) => ({
        agency,
        state: this.#isOfCharter(agency) ? 'in-force' : await meetingState(this.#meeting(), agency),
      })),
    )
  }

  #isOfCharter(agency: string): boolean {
    const agencies = this.#verified.chartered?.charter.payload.agencies
    return agencies !== undefined && Object.hasOwn(agencies, agency)
  }

  #meeting(): Meeting {
    const { documents } = this.#verified
    return { agency: this.#parts.agency, documents, now: this.#now() }
  }

  /** Version N+1, or another charter of a version that is over. */
  async #takeNext(value: unknown): Promise<CharterState> {
    return this.#apply(await this.#stepOf(GeneralJwsSchema.parse(value)))
  }

  /** @throws WIRE_FORK when it contradicts a charter that was in force, which is kept; as `takeCharter` */
  async #stepOf(jws: GeneralJws): Promise<Step> {
    const standing = this.#standing()
    const version = versionOf(jws)
    if (version <= standing.chartered.charter.version) {
      if (this.refusedRecoveries.has(digest(jws.payload))) return unchanged('refused', jws)
      const evidence = await contradiction(jws, standing)
      if (evidence !== undefined) await this.#write([], [evidence])
      if (evidence !== undefined || this.charterForks.includes(version)) {
        throw new AmanaError('WIRE_FORK', { what: `charter version ${version}` })
      }
    }
    return takeCharter(jws, standing)
  }

  async #apply(step: Step): Promise<CharterState>
  async #apply(step: Step | undefined): Promise<CharterState | undefined>
  async #apply(step: Step | undefined): Promise<CharterState | undefined> {
    if (step === undefined) return undefined
    const { changes, charter, events, progress } = step
    if (changes.length > 0) await this.#write(events, changes)
    return { inForce: progress === 'in-force', progress, charter }
  }

  #standing(): Standing {
    const { chartered, documents } = this.#verified
    if (chartered === undefined) throw new AmanaError('TRUST_NO_CHARTER', {})
    return { agency: this.#parts.agency, chartered, documents, now: this.#now() }
  }

  /** The first roster of a chain that a charter to come begins; what waited for it comes into force with it. */
  async #adoptFirst(jws: GeneralJws): Promise<VerifiedRoster | undefined> {
    if (this.#verified.chartered === undefined) return undefined
    const standing = this.#standing()
    const first = await firstRosterFor(jws, standing)
    if (first === undefined) return undefined
    const documents = withDocuments(standing.documents, [first.change])
    const step = await afterRoster({ ...standing, documents })
    await this.#write(step?.events ?? [], [first.change, ...(step?.changes ?? [])])
    return first.roster
  }

  /** Under which charter the chain of an agency's rosters began. */
  #chainOf(agency: string): number {
    const { chartered } = this.#verified
    return chartered === undefined ? 1 : chainOf([...chartered.earlier, chartered.charter], agency)
  }

  async #verifyNext(jws: GeneralJws): Promise<VerifiedRoster> {
    const { agency } = placeOf(jws)
    return this.#verifyAfter(jws, this.#newestOf(agency), this.#now())
  }

  /** Without `now` as history is read. */
  async #verifyAfter(
    jws: GeneralJws,
    previous: VerifiedRoster | undefined,
    now?: number,
  ): Promise<VerifiedRoster> {
    const { chartered, documents } = this.#verified
    if (chartered === undefined) {
      const { agency } = this.#parts
      return verifyOwnRoster({ agency, entry: entryIn(documents), jws, previous })
    }
    return verifyRoster(jws, {
      authority: chartered.charter,
      ...(now === undefined ? {} : { now }),
      ...(previous === undefined ? {} : { previous }),
    })
  }

  /** Two rosters of one version, both signed, prove that their agency told two stories: both stay. @throws WIRE_FORK */
  async #refuseFork(jws: GeneralJws): Promise<void> {
    const { agency, version } = placeOf(jws)
    const unbound = this.#chainOf(agency) === 1 ? this.#verified.own : []
    const ofAgency = [...unbound, ...this.rosters].filter((roster) => roster.agency === agency)
    if (!ofAgency.some((roster) => roster.version === version)) return
    const before = ofAgency.find((roster) => roster.version === version - 1)
    if (!(await isSigned(() => this.#verifyAfter(jws, before)))) return
    const path = forkPath(agency, version, this.#chainOf(agency))
    if (!this.#verified.documents.has(path)) await this.#write([], [[path, jws]])
    throw new AmanaError('WIRE_FORK', { what: `roster version ${version}` })
  }

  #newestOf(agency: string): VerifiedRoster | undefined {
    return this.rosters.findLast((roster) => roster.agency === agency)
  }

  async #enterIntoForce(jws: GeneralJws, peer: VerifiedInvite): Promise<void> {
    const charter = await verifyFirstCharter(jws, { now: this.#now() })
    const events = [
      rosterEvent(peer.roster, undefined),
      { event: 'g.policy', actor: 'sys', data: { new: charter.digest, version: 1 } },
    ]
    await this.#write(events, [
      ['charter', jws],
      [rosterPath(peer.agency, peer.roster.version), peer.roster.jws],
    ])
  }

  /**
   * Verifies everything as it will lie on the disk, then writes the new documents with their leaves: a folder that could
   * not be opened again is never written.
   */
  async #write(events: readonly AuditEvent[], changes: readonly Change[]): Promise<void> {
    const { agency, audit } = this.#parts
    const documents = withDocuments(this.#verified.documents, changes)
    const verified = await verifyTogether(documents, agency)
    const writes = changes.map((change) => writeOf(change))
    await audit.commit({ events, writes: async () => ({ writes, events: [] }) })
    this.#verified = verified
    this.#changed()
  }

  #now(): number {
    return this.#parts.clock.now()
  }
}

/** Difference of two honest clocks. */
const TRUST_SKEW_SECONDS = 300

function rosterEvent(roster: VerifiedRoster, previous: VerifiedRoster | undefined): AuditEvent {
  const { agency, version } = roster
  const old = previous === undefined ? {} : { old: previous.digest }
  return { event: 'g.roster', actor: 'sys', data: { agency, new: roster.digest, version, ...old } }
}
