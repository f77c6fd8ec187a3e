/**
 * Tells a case: each statement is signed by its officers and handed to their node, and what must be refused is refused.
 *
 * @module
 * @spec docs/spec/08-exchange.md#demonstration
 */
import {
  AmanaError,
  DigestSchema,
  type Digest,
  isAmanaError,
  parseDraft,
  type ReferralReason,
} from '@amana/core'
import { sendDraft, type UnlockedOfficer } from '../agency/signing.ts'
import { systemClock } from '../system.ts'
import { AGENCIES, type DemoAgencies, type DemoAgency } from './demo-agencies.ts'
import { type DemoNodes } from './demo-nodes.ts'
import {
  DRAFT_FILES,
  type ReferralStoryStep,
  type Side,
  type Story,
  type StoryStep,
} from './story.ts'

/** What the stage is set with. */
export interface StageParts {
  readonly story: Story
  readonly agencies: DemoAgencies
  readonly nodes: DemoNodes
}

/** A step that the machine refused, as the case says that it must. */
export interface Refusal {
  readonly key: string
  readonly isList: boolean
  readonly told: readonly ReferralReason[]
}

type Groups = ReferralStoryStep['groups']

const PROPOSAL_SECONDS = 86_400

/** The state of the telling: places, digests and groups of what was said before. */
export class Stage {
  readonly #parts: StageParts
  readonly #digests = new Map<string, Digest>()
  readonly #groups = new Map<string, Groups>()
  readonly #places = new Map<Side, { readonly sequence: number; readonly previous: Digest }>()
  #told = 0
  #side: Side | undefined

  constructor(parts: StageParts) {
    this.#parts = parts
  }

  /** How many statements were signed and queued. */
  get told(): number {
    return this.#told
  }

  /** The digest of a step that was told. @throws CLI_UNEXPECTED */
  digestOf(id: string): Digest {
    const digest = this.#digests.get(id)
    if (digest === undefined) throw new AmanaError('CLI_UNEXPECTED', { what: id })
    return digest
  }

  /**
   * Signs and hands in one statement; the other side acts only on what has reached it.
   *
   * @throws CLI_UNEXPECTED when the machine takes what it must refuse, or refuses it for other reasons
   */
  async tell(step: StoryStep): Promise<Refusal | undefined> {
    const { nodes } = this.#parts
    if (this.#side !== undefined && this.#side !== step.side) await nodes.settled()
    this.#side = step.side
    if ('draft' in step) {
      await this.#send(step, DRAFT_FILES[step.draft])
      return undefined
    }
    return step.refused === undefined ? this.#move(step) : this.#refused(step, step.refused)
  }

  async #move(step: ReferralStoryStep): Promise<undefined> {
    const groups = this.#groupsOf(step)
    const digest = await this.#send(step, this.#draftOf(step, groups))
    const { sequence } = this.#placeOf(step.side)
    this.#places.set(step.side, { sequence, previous: digest })
    if (step.id === undefined) return
    this.#digests.set(step.id, digest)
    this.#groups.set(step.id, groups)
  }

  async #refused(
    step: ReferralStoryStep,
    { key, list, reasons, tell = reasons }: NonNullable<ReferralStoryStep['refused']>,
  ): Promise<Refusal> {
    try {
      await this.#send(step, this.#draftOf(step, this.#groupsOf(step)))
    } catch (error) {
      if (!isAmanaError(error, 'REFERRAL_REFUSED')) throw error
      if (isSame(error.details.reasons, reasons)) return { key, isList: list === true, told: tell }
      throw new AmanaError('CLI_UNEXPECTED', { what: error.details.reasons.join(' ') })
    }
    throw new AmanaError('CLI_UNEXPECTED', { what: key })
  }

  async #send(step: StoryStep, draft: unknown): Promise<Digest> {
    const { agencies, nodes } = this.#parts
    const { officers } = agencies[step.side]
    const author = officerOf(officers, step.author)
    const approvers = (step.approvers ?? []).map((id) => officerOf(officers, id))
    const { digest } = await sendDraft(nodes.services(step.side), parseDraft(draft), {
      author,
      approvers,
    })
    this.#told += 1
    return DigestSchema.parse(digest)
  }

  #draftOf(step: ReferralStoryStep, groups: Groups): unknown {
    const { handling } = this.#parts.story
    const relates = (step.relates ?? []).map(({ relation, step: id }) => ({
      digest: this.digestOf(id),
      relation,
    }))
    return {
      kind: step.kind,
      to: { agency: AGENCIES[step.side === 'niamey' ? 'abuja' : 'niamey'].id },
      handling,
      groups: this.#placed(step.side, groups),
      ...(relates.length === 0 ? {} : { relates }),
      ...(step.proposal === undefined ? {} : { exp: systemClock.now() + PROPOSAL_SECONDS }),
    }
  }

  /** With the reference, and the place among the statements of its agency. */
  #placed(side: Side, groups: Groups): Groups {
    const { reference: referral } = this.#parts.story
    const first = 'routing' in groups ? 'routing' : 'body'
    const place = { referral, ...this.#placeOf(side) }
    return { ...groups, [first]: { ...groups[first], ...place } }
  }

  #placeOf(side: Side): { readonly sequence: number; readonly previous?: Digest } {
    const last = this.#places.get(side)
    return last === undefined
      ? { sequence: 1 }
      : { sequence: last.sequence + 1, previous: last.previous }
  }

  #groupsOf({ basedOn, groups }: ReferralStoryStep): Groups {
    const before = basedOn === undefined ? {} : (this.#groups.get(basedOn) ?? {})
    const names = [...new Set([...Object.keys(before), ...Object.keys(groups)])]
    return Object.fromEntries(names.map((name) => [name, { ...before[name], ...groups[name] }]))
  }
}

function officerOf(officers: DemoAgency['officers'], id: string): UnlockedOfficer {
  const officer = officers.get(id)
  if (officer === undefined) throw new AmanaError('CLI_OFFICER', { id })
  return officer
}

function isSame(found: readonly string[], expected: readonly string[]): boolean {
  return found.toSorted().join() === expected.toSorted().join()
}
