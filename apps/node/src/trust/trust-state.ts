/**
 * What this node trusts: its own entry and rosters, invites, the charter and the peer's rosters. Every change is written
 * with its leaf of the log before it counts.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#pairing
 */
import { z } from 'zod'
import {
  AmanaError,
  type Charter,
  type CharterTally,
  createCharterEntry,
  createTrustView,
  deriveCharter,
  digest,
  documentDigest,
  type GeneralJws,
  hasLapsed,
  isAmanaError,
  isAnyAmanaError,
  mergeCharterSignatures,
  parseJws,
  tallyCharter,
  type CharterEntry,
  type TrustView,
  verifyFirstCharter,
  type VerifiedInvite,
  verifyInvite,
  type VerifiedRoster,
  verifyRoster,
} from '@amana/core'
import { type AuditEvent, type AuditWriter, type NodeClock, type Store } from '../ports.ts'
import { type PeerStatus } from '../services.ts'
import { Exclusive } from '../statements/exclusive.ts'
import {
  type Chartered,
  charteredFrom,
  type Documents,
  entryIn,
  forkPath,
  jwsAt,
  ownRosters,
  putDocument,
  readDocuments,
  rosterPath,
  verifyOwnRoster,
  withDocuments,
} from './trust-documents.ts'

/** What the state needs of the node. */
export interface TrustParts {
  readonly store: Store
  readonly audit: AuditWriter
  readonly clock: NodeClock
  readonly agency: string
}

/** Two invites that may become a charter, and that charter. */
export interface Comparison {
  readonly own: VerifiedInvite
  readonly peer: VerifiedInvite
  readonly charter: Charter
}

/** A charter with the signatures that are known here. */
export interface CharterState {
  readonly inForce: boolean
  readonly charter: GeneralJws
}

/** A version of an agency's roster of which there are two. */
export interface RosterFork {
  readonly agency: string
  readonly version: number
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

  /** The view under the charter in force. @throws TRUST_NO_CHARTER when there is none */
  view(): TrustView {
    const { view } = this.#verified
    if (view === undefined) throw new AmanaError('TRUST_NO_CHARTER', {})
    return view
  }

  get inForce(): Chartered | undefined {
    return this.#verified.chartered
  }

  get ownRoster(): VerifiedRoster {
    const newest = this.#verified.own.at(-1)
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
    const known = new Set(this.rosters.map(({ digest: own }) => own))
    const { own: all } = this.#verified
    return [...all.filter(({ digest: own }) => !known.has(own)), ...this.rosters]
  }

  /** What the own agency puts into a charter, bound to its newest roster. */
  ownEntry(): CharterEntry {
    return createCharterEntry(entryIn(this.#verified.documents), this.ownRoster)
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
      const [, agency = '', version = ''] = /^fork\/(.+)\/([0-9]+)$/.exec(path) ?? []
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
      await this.#refuseFork(jws)
      const roster = await this.#verifyNext(jws)
      const previous = this.#newestOf(roster.agency)
      const path = rosterPath(roster.agency, roster.version)
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
    if (this.#isRejected(agency, invite.digest)) throw new AmanaError('TRUST_REJECTED', { agency })
    await this.#exclusive.run(() => this.#write([], [[`invite/${agency}`, jws]]))
    return invite
  }

  /** What is to be read aloud. @throws TRUST_NO_INVITE when one of the two is missing; as `verifyInvite` */
  async compare(agency: string): Promise<Comparison> {
    return this.#compareAt(agency, this.#now())
  }

  /**
   * Takes signatures under the charter that both invites give; with both quorums it is in force.
   *
   * @throws TRUST_OTHER_CHARTER when it is another charter than the invites give, or than the one that was signed here
   * @throws TRUST_EXPIRED when it lapsed; as `tallyCharter`
   */
  async addCharterSignatures(value: unknown): Promise<CharterState> {
    return this.#exclusive.run(async () => {
      const tally = await tallyCharter(value)
      const done = this.#verified.chartered?.charter
      if (done !== undefined) {
        if (done.digest === tally.digest) return { inForce: true, charter: done.jws }
        throw otherCharter(done.digest, tally.digest)
      }
      const peer = await this.#invitesGive(tally)
      const charter = await this.#mergedWithDraft(tally)
      const { inForce } = await tallyCharter(charter)
      if (inForce) await this.#enterIntoForce(charter, peer)
      else await this.#write([], [['draft', charter]])
      return { inForce, charter }
    })
  }

  /** Blocks this pair of invites. @throws TRUST_NO_INVITE, TRUST_IN_FORCE once the charter is in force */
  async reject(agency: string): Promise<void> {
    const { chartered } = this.#verified
    if (chartered !== undefined && Object.hasOwn(chartered.charter.payload.agencies, agency)) {
      throw new AmanaError('TRUST_IN_FORCE', { agency })
    }
    const invite = await this.#inviteOf(agency, this.#now())
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
      others.map(async (agency) => ({ agency, state: await this.#stateOf(agency) })),
    )
  }

  async #stateOf(agency: string): Promise<PeerStatus['state']> {
    const { chartered, documents } = this.#verified
    if (chartered?.charter.payload.agencies[agency] !== undefined) return 'in-force'
    const invite = jwsAt(documents, `invite/${agency}`)
    if (invite !== undefined && this.#isRejected(agency, digest(invite.payload))) return 'rejected'
    const draft = jwsAt(documents, 'draft')
    if (draft === undefined) {
      return documents.has(`invite/${this.#parts.agency}`) ? 'comparing' : 'invited'
    }
    const { pairs } = await tallyCharter(draft)
    return (pairs[this.#parts.agency] ?? 0) > 0 ? 'confirmed-here' : 'comparing'
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
    const ofAgency = this.allRosters.filter((roster) => roster.agency === agency)
    if (!ofAgency.some((roster) => roster.version === version)) return
    const before = ofAgency.find((roster) => roster.version === version - 1)
    if (!(await isSigned(() => this.#verifyAfter(jws, before)))) return
    const path = forkPath(agency, version)
    if (!this.#verified.documents.has(path)) await this.#write([], [[path, jws]])
    throw new AmanaError('WIRE_FORK', { what: `roster version ${version}` })
  }

  #newestOf(agency: string): VerifiedRoster | undefined {
    return this.rosters.findLast((roster) => roster.agency === agency)
  }

  async #compareAt(agency: string, at: number): Promise<Comparison> {
    const own = await this.#inviteOf(this.#parts.agency, at)
    const peer = await this.#inviteOf(agency, at)
    return { own, peer, charter: deriveCharter(own, peer) }
  }

  async #inviteOf(agency: string, at: number): Promise<VerifiedInvite> {
    const jws = jwsAt(this.#verified.documents, `invite/${agency}`)
    if (jws === undefined) throw new AmanaError('TRUST_NO_INVITE', { agency })
    if (this.#isRejected(agency, digest(jws.payload))) {
      throw new AmanaError('TRUST_REJECTED', { agency })
    }
    return verifyInvite(jws, at)
  }

  #isRejected(agency: string, invite: string): boolean {
    return this.#verified.documents.has(`rejected/${agency}/${invite}`)
  }

  /** The charter is the one that both invites give; once it was compared, it may be completed for 30 days. */
  async #invitesGive({ charter, digest: found }: CharterTally): Promise<VerifiedInvite> {
    const agencies = Object.keys(charter.agencies)
    const agency = agencies.find((name) => name !== this.#parts.agency) ?? ''
    const draft = jwsAt(this.#verified.documents, 'draft')
    const isBegun = draft !== undefined && digest(draft.payload) === found
    if (hasLapsed(charter, this.#now())) {
      const bound = this.#now()
      throw new AmanaError('TRUST_EXPIRED', { document: 'charter', exp: charter.iat, bound })
    }
    const derived = await this.#compareAt(agency, isBegun ? charter.iat : this.#now())
    const expected = documentDigest(derived.charter)
    if (expected !== found) throw otherCharter(expected, found)
    return derived.peer
  }

  /** An agency signs one charter of a version; another one only when the first has lapsed. */
  async #mergedWithDraft(tally: CharterTally): Promise<GeneralJws> {
    const jws = jwsAt(this.#verified.documents, 'draft')
    if (jws === undefined) return tally.jws
    const draft = await tallyCharter(jws)
    if (draft.digest === tally.digest) return mergeCharterSignatures(jws, tally.jws)
    const isSignedHere = (draft.pairs[this.#parts.agency] ?? 0) > 0
    if (isSignedHere && !hasLapsed(draft.charter, this.#now())) {
      throw otherCharter(draft.digest, tally.digest)
    }
    return tally.jws
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
  async #write(
    events: readonly AuditEvent[],
    added: readonly (readonly [string, object])[],
  ): Promise<void> {
    const { agency, audit } = this.#parts
    const documents = withDocuments(this.#verified.documents, added)
    const verified = await verifyTogether(documents, agency)
    const writes = added.map(([path, document]) => putDocument(path, document))
    await audit.commit({ events, writes: async () => ({ writes, events: [] }) })
    this.#verified = verified
    this.#changed()
  }

  #now(): number {
    return this.#parts.clock.now()
  }
}

function otherCharter(expected: string, found: string): AmanaError {
  return new AmanaError('TRUST_OTHER_CHARTER', { expected, found })
}

const ROSTER_BYTES = 256 * 1024

interface Verified {
  readonly documents: Documents
  readonly own: readonly VerifiedRoster[]
  readonly chartered: Chartered | undefined
  readonly view: TrustView | undefined
}

/** Each document for itself, and all of them beside each other. */
async function verifyTogether(documents: Documents, agency: string): Promise<Verified> {
  const own = await ownRosters(documents, agency)
  const chartered = await charteredFrom(documents)
  const view = chartered === undefined ? undefined : createTrustView(chartered)
  return { documents, own, chartered, view }
}

const PlaceSchema = z.looseObject({ agency: z.string(), version: z.int() })

/** Whose roster it says to be, and which; `verifyRoster` proves it. */
function placeOf(jws: GeneralJws): RosterFork {
  const { payload } = parseJws(jws, {
    typ: 'amana-roster+jws',
    maxPayloadBytes: ROSTER_BYTES,
    maxSignatures: 1,
  })
  const { agency = '', version = 0 } = PlaceSchema.safeParse(payload).data ?? {}
  return { agency, version }
}

/** Whether its agency signed it: what is refused for its place alone was verified so far. */
async function isSigned(verify: () => Promise<unknown>): Promise<boolean> {
  try {
    await verify()
    return true
  } catch (error) {
    if (isAmanaError(error, 'WIRE_FORK') || isAmanaError(error, 'TRUST_CHAIN')) return true
    if (isAnyAmanaError(error)) return false
    throw error
  }
}

function rosterEvent(roster: VerifiedRoster, previous: VerifiedRoster | undefined): AuditEvent {
  const { agency, version } = roster
  const old = previous === undefined ? {} : { old: previous.digest }
  return { event: 'g.roster', actor: 'sys', data: { agency, new: roster.digest, version, ...old } }
}
