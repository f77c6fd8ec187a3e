/**
 * What a node trusts, to be asked: charters, rosters, a recovery that waits, and documents of which there are two. It
 * changes nothing.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#looking-up-a-key
 */
import {
  AmanaError,
  type CharterEntry,
  createCharterEntry,
  digest,
  type GeneralJws,
  type TrustView,
  type VerifiedRoster,
} from '@amana/core'
import { type NodeClock } from '../ports.ts'
import { isEnded, type PendingRecovery, type Sighting, sightingOf } from './pending-recovery.ts'
import { refusedBy } from './refusals.ts'
import { type NamedRosterKey, rosterKeysOf } from './roster-keys.ts'
import { versionOf } from './standing.ts'
import { NEXT_PATH } from './draft.ts'
import { chainOf, type Chartered, entryIn, jwsAt } from './trust-documents.ts'
import { type RosterFork, type Verified } from './verified-documents.ts'

/** What the questions are asked with. */
export interface KnownTrustParts {
  readonly clock: NodeClock
  readonly agency: string
}

/** What a node trusts; one charter with one peer agency in this version. */
export class KnownTrust {
  readonly #parts: KnownTrustParts
  #verified: Verified

  constructor(parts: KnownTrustParts, verified: Verified) {
    this.#parts = parts
    this.#verified = verified
  }

  /** What is on the disk, verified together. */
  protected get verified(): Verified {
    return this.#verified
  }

  /** Only for what was written. */
  protected replace(verified: Verified): void {
    this.#verified = verified
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

  /** The other agency of the charter. @throws TRUST_NO_CHARTER */
  peer(): string {
    const agencies = Object.keys(this.view().charter.payload.agencies)
    const peer = agencies.find((agency) => agency !== this.#parts.agency)
    if (peer === undefined) throw new AmanaError('TRUST_NO_CHARTER', {})
    return peer
  }

  /** Charters of a version that was in force and that contradict it, by version. */
  get charterForks(): readonly number[] {
    return [...this.#verified.documents.keys()].flatMap((path) => {
      const [, version] = /^forked-charter\/([0-9]+)$/.exec(path) ?? []
      return version === undefined ? [] : [Number(version)]
    })
  }

  /** The version in force, where there are two charters of it. */
  get dividedVersion(): number | undefined {
    const version = this.#verified.chartered?.charter.version
    return this.charterForks.find((forked) => forked === version)
  }

  /** Agencies and versions of which two signed rosters are kept. */
  get forks(): readonly RosterFork[] {
    return [...this.#verified.documents.keys()].flatMap((path) => {
      const [, agency = '', version = ''] =
        /^fork\/(?:chain\/[0-9]+\/)?([^/]+)\/([0-9]+)$/.exec(path) ?? []
      return agency === '' ? [] : [{ agency, version: Number(version) }]
    })
  }

  /** The recovery that waits until its delay is over. */
  get pending(): PendingRecovery | undefined {
    const { pending } = this.#verified
    return pending === undefined || isEnded(pending, this.#parts.clock.now()) ? undefined : pending
  }

  /** When the own agency saw the recovery that waits, or that is in force. */
  get sighting(): Sighting | undefined {
    const { chartered, documents } = this.#verified
    if (chartered === undefined) return undefined
    return sightingOf({ agency: this.#parts.agency, chartered, documents }, this.pending)
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

  /** The version of the charter that began the chain of the own rosters. */
  get ownChain(): number {
    const { chartered } = this.#verified
    if (chartered === undefined) return 1
    return chainOf([...chartered.earlier, chartered.charter], this.#parts.agency)
  }

  get ownRoster(): VerifiedRoster {
    const { agency } = this.#parts
    const newest =
      this.rosters.findLast((roster) => roster.agency === agency) ?? this.#verified.own.at(-1)
    if (newest === undefined) throw new AmanaError('TRUST_NO_ROSTER', { agency })
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

  /** The roster of that digest with which a chain of the own agency begins, under a charter in force or to come. */
  firstRoster(named: string): GeneralJws | undefined {
    const { documents } = this.#verified
    return [...documents.keys()]
      .filter((path) => /^(?:roster|chain)\//.test(path))
      .flatMap((path) => jwsAt(documents, path) ?? [])
      .find(({ payload }) => digest(payload) === named)
  }

  /** Roster keys of the own agency: in force, to come, and from before. */
  get rosterKeys(): readonly NamedRosterKey[] {
    const { chartered, documents } = this.#verified
    const waiting = [this.next, this.pending?.recovery.jws].filter((jws) => jws !== undefined)
    const { rosterKeys: first } = entryIn(documents)
    const now = this.#parts.clock.now()
    return rosterKeysOf({ agency: this.#parts.agency, chartered, first, now, waiting })
  }

  /** What the own agency puts into a charter, bound to its newest roster. */
  ownEntry(): CharterEntry {
    const { chartered, documents } = this.#verified
    const inForce = chartered?.charter.payload.agencies[this.#parts.agency]
    return createCharterEntry(inForce ?? entryIn(documents), this.ownRoster)
  }
}
