/**
 * Who acts: an officer by his signature over a challenge that was given for this one act, bound to his pseudonym before
 * the first leaf that bears it; else the node.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#signed-acts
 */
import {
  type ActClaim,
  actorOf,
  AmanaError,
  digest,
  encodeBase64url,
  encodeCanonical,
  type LeafField,
  type OfficerKey,
  parseAct,
  type Random,
  verifyAct,
} from '@amana/core'
import { type AuditWriter, type NodeClock, type Store } from '../ports.ts'
import { getRecord, putRecord, RECORDS } from '../records.ts'
import { Exclusive } from '../statements/exclusive.ts'
import { type TrustState } from '../trust/trust-state.ts'
import { discloseFields, disclosureWrites } from './disclosures.ts'
import { type YearKeyring } from './year-keys.ts'

/** What the officers' desk is made of. */
export interface OfficersParts {
  readonly agency: string
  readonly store: Store
  readonly audit: AuditWriter
  readonly clock: NodeClock
  readonly trust: Pick<TrustState, 'view'>
  readonly years: YearKeyring
  readonly random: Random
}

/** Who acts, as the log names him. */
export interface Actor {
  /** `sys`, or a pseudonym. */
  readonly actor: string
  /** His signature, for the leaf to commit to. */
  readonly fields: readonly LeafField[]
  readonly officer?: OfficerKey
}

/** Nobody signed: the node acts, for whoever may reach its folder. */
export const NODE_ACTS: Actor = { actor: 'sys', fields: [] }

const CHALLENGE_BYTES = 16
/** Time to type a passphrase. */
const CHALLENGE_SECONDS = 300
/** Challenges that nobody used: one screen needs one. */
const CHALLENGES = 256

/** Gives challenges, checks signed acts, enrolls officers. */
export class Officers {
  readonly #parts: OfficersParts
  /** Seconds since 1970 at which each challenge was given. */
  readonly #challenges = new Map<string, number>()
  readonly #enrolling = new Exclusive()

  constructor(parts: OfficersParts) {
    this.#parts = parts
  }

  /** 16 random bytes for one act within five minutes; of too many the oldest are forgotten. */
  challenge(): string {
    const challenge = encodeBase64url(this.#parts.random(CHALLENGE_BYTES))
    this.#challenges.set(challenge, this.#parts.clock.now())
    for (const oldest of this.#challenges.keys()) {
      if (this.#challenges.size <= CHALLENGES) break
      this.#challenges.delete(oldest)
    }
    return challenge
  }

  /**
   * The officer who signed for this act; his pseudonym is bound to him in the log when this returns.
   *
   * @throws AUDIT_ACT_STALE when the challenge was not given, is over, or was used
   * @throws as `parseAct` and `verifyAct`; STORE_WRITE
   */
  async of(by: unknown, claim: Omit<ActClaim, 'challenge'>): Promise<Actor> {
    const act = parseAct(by)
    const { challenge } = act.content
    const { agency, clock, trust } = this.#parts
    const givenAt = this.#challenges.get(challenge)
    this.#challenges.delete(challenge)
    const now = clock.now()
    if (givenAt === undefined || now - givenAt > CHALLENGE_SECONDS) {
      throw new AmanaError('AUDIT_ACT_STALE', {})
    }
    const { officer, text } = await verifyAct(
      act,
      { ...claim, agency, challenge, now },
      trust.view(),
    )
    return { actor: await this.enroll(officer), fields: [{ name: 'act', value: text }], officer }
  }

  /** Where the newest `g.actor` leaf of a pseudonym stands. @throws STORE_DAMAGED */
  async enrolledAt(actor: string): Promise<number | undefined> {
    return (await getRecord(this.#parts.store, RECORDS.actor, actor))?.index
  }

  /**
   * The pseudonym of an officer in the running year, bound to him by a `g.actor` leaf: the first time, and whenever what
   * the roster says of him is another.
   *
   * @throws STORE_WRITE
   */
  async enroll({ id, keyId, organisation, roles }: OfficerKey): Promise<string> {
    const { audit, random, store, years } = this.#parts
    return this.#enrolling.run(async () => {
      const keys = await years.current()
      const officer = actorOf(keys.actors, id)
      const named = { id, key: keyId, organisation, roles: roles.join(' ') }
      const facts = digest(encodeCanonical(named))
      const known = await getRecord(store, RECORDS.actor, officer)
      if (known?.facts === facts) return officer
      const fields = Object.entries(named).map(([name, value]) => ({ name, value }))
      const disclosures = discloseFields('g.actor', fields.filter(isThere), random)
      const op = known === undefined ? 'enroll' : 'change'
      const sd = disclosures.map((disclosure) => disclosure.digest)
      await audit.commit({
        events: [{ event: 'g.actor', actor: 'sys', data: { officer, op, year: keys.year }, sd }],
        writes: async ([leaf]) => {
          const { index = 0 } = leaf ?? {}
          const kept = await disclosureWrites(index, disclosures, { keys, random })
          return {
            writes: [putRecord(RECORDS.actor, officer, { facts, index }), ...kept],
            events: [],
          }
        },
      })
      return officer
    })
  }
}

function isThere({ value }: LeafField): boolean {
  return value !== ''
}
