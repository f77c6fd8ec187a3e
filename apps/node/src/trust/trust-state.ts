/**
 * What changes a node's trust: rosters, invites, charters and their signatures. Every change is verified with all that is
 * there, and written with its leaf of the log, before it counts.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#pairing
 */
import {
  AmanaError,
  digest,
  type GeneralJws,
  GeneralJwsSchema,
  tallyCharter,
  verifyFirstCharter,
  verifyNextCharter,
  type VerifiedInvite,
  verifyInvite,
  type VerifiedRoster,
} from '@amana/core'
import { type AuditEvent, type AuditWriter, type NodeClock, type Store } from '../ports.ts'
import { type CharterProgress, type PeerStatus } from '../service-views.ts'
import { Exclusive } from '../statements/exclusive.ts'
import { KnownTrust } from './known-trust.ts'
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
import { seenBy } from './pending-recovery.ts'
import { knownRoster, rosterEvent, takeRoster } from './roster-adoption.ts'
import { unchanged, type Standing, type Step, versionOf } from './standing.ts'
import { contradiction, dueRecovery, takeCharter } from './succession.ts'
import {
  type Change,
  readDocuments,
  rosterPath,
  withDocuments,
  writeOf,
} from './trust-documents.ts'
import { type VerifiedBefore, verifiedSinceOpening } from './verified-before.ts'
import { type Verified, verifyTogether } from './verified-documents.ts'

/** What the state needs of the node. */
export interface TrustParts {
  readonly store: Store
  readonly audit: AuditWriter
  readonly clock: NodeClock
  readonly agency: string
  /** Nothing, where nothing is said. */
  readonly before?: VerifiedBefore
}

/** A charter with the signatures that are known here. */
export interface CharterState {
  readonly inForce: boolean
  readonly progress: CharterProgress
  readonly charter: GeneralJws
}

/** What this node trusts, and how it comes to. */
export class TrustState extends KnownTrust {
  readonly #parts: TrustParts
  readonly #exclusive = new Exclusive()
  readonly #before: VerifiedBefore
  #changed: () => void = () => undefined

  private constructor(parts: TrustParts, verified: Verified, before: VerifiedBefore) {
    super(parts, verified)
    this.#parts = parts
    this.#before = before
  }

  /** Verifies all that the store holds. @throws as the documents' own checks; STORE_DAMAGED */
  static async load(parts: TrustParts): Promise<TrustState> {
    const documents = await readDocuments(parts.store)
    const { before = verifiedSinceOpening() } = parts
    return new TrustState(parts, await verifyTogether(documents, parts.agency, before), before)
  }

  /** Called whenever what is trusted changed. */
  onChange(listener: () => void): void {
    this.#changed = listener
  }

  /**
   * Adopts the next roster of an agency; one that is known already changes nothing. A second one of a version that is
   * known is kept beside the first, as evidence, and refused.
   *
   * @throws WIRE_FORK; as `verifyRoster`
   */
  async adoptRoster(jws: GeneralJws): Promise<VerifiedRoster> {
    return this.#exclusive.run(async () => {
      const known = knownRoster(this.allRosters, jws)
      if (known !== undefined) return known
      const { verified } = this
      const ground = { agency: this.#parts.agency, now: this.#now(), verified }
      const { changes, events, outcome } = await takeRoster(jws, ground)
      if (changes.length > 0) await this.#write(events, changes)
      if (outcome instanceof AmanaError) throw outcome
      return outcome
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
    if (isRejected(this.verified.documents, agency, invite.digest))
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
      if (this.verified.chartered !== undefined && versionOf(value) > 1) {
        return this.#takeNext(value)
      }
      const tally = await tallyCharter(value)
      const done = this.verified.chartered?.charter
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
    const invite = await inviteIn(this.verified.documents, agency, this.#now())
    const path = `rejected/${agency}/${invite.digest}`
    await this.#exclusive.run(() => this.#write([], [[path, { digest: invite.digest }]]))
  }

  /** Every agency that this node knows of, and how far the pairing is. */
  async peers(): Promise<readonly Pick<PeerStatus, 'agency' | 'state'>[]> {
    const agencies = [...this.verified.documents.keys()].flatMap(
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
    const agencies = this.verified.chartered?.charter.payload.agencies
    return agencies !== undefined && Object.hasOwn(agencies, agency)
  }

  #meeting(): Meeting {
    const { documents } = this.verified
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
    const { chartered, documents } = this.verified
    if (chartered === undefined) throw new AmanaError('TRUST_NO_CHARTER', {})
    return { agency: this.#parts.agency, chartered, documents, now: this.#now() }
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
    const documents = withDocuments(this.verified.documents, changes)
    const verified = await verifyTogether(documents, agency, this.#before)
    const writes = changes.map((change) => writeOf(change))
    await audit.commit({ events, writes: async () => ({ writes, events: [] }) })
    this.replace(verified)
    this.#changed()
  }

  #now(): number {
    return this.#parts.clock.now()
  }
}

/** Difference of two honest clocks. */
const TRUST_SKEW_SECONDS = 300
