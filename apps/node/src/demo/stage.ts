/**
 * Tells a case: each statement is signed by its officers and handed to their node, and what must be refused is refused.
 *
 * @module
 * @spec docs/spec/08-exchange.md#demonstration
 */
import {
  AmanaError,
  compareManifests,
  DigestSchema,
  type Digest,
  isAmanaError,
  type Manifest,
  type ManifestComparison,
  parseDraft,
  type ReferralReason,
} from '@amana/core'
import { sendDraft, type UnlockedOfficer } from '../agency/signing.ts'
import { systemClock } from '../system.ts'
import { AGENCIES, type DemoAgencies, type DemoAgency } from './demo-agencies.ts'
import { type DemoNodes } from './demo-nodes.ts'
import { manifestOf, peopleOf, type Person } from './people.ts'
import {
  DRAFT_FILES,
  type ManifestStoryStep,
  type ReferralStoryStep,
  type Side,
  type Story,
  type StoryStep,
  type Words,
} from './story.ts'

/** What the stage is set with. */
export interface StageParts {
  readonly story: Story
  readonly agencies: DemoAgencies
  readonly nodes: DemoNodes
}

/** A step that the machine refused, as the case says that it must. */
export interface Refusal {
  readonly key: Words
  readonly isList: boolean
  readonly told: readonly ReferralReason[]
}

const PROPOSAL_SECONDS = 86_400

/** What both ends of the hand-over of a group say of it. */
export interface Counted {
  readonly comparison: ManifestComparison
  readonly isTrial: boolean
}

/** What came of a step that is told about. */
export type Outcome = { readonly refusal: Refusal } | { readonly counted: Counted } | undefined

/** The state of the telling: what was said before, person by person. */
export class Stage {
  readonly #parts: StageParts
  readonly people: readonly Person[]
  #released: Manifest | undefined
  #told = 0
  #side: Side | undefined

  constructor(parts: StageParts) {
    this.#parts = parts
    this.people = peopleOf(parts.story)
  }

  /** How many statements were signed and queued. */
  get told(): number {
    return this.#told
  }

  /** The digest of a step that was told, of the first person. @throws CLI_UNEXPECTED */
  digestOf(id: string): Digest {
    const digest = this.people[0]?.digests.get(id)
    if (digest === undefined) throw unexpected(id)
    return digest
  }

  /**
   * Signs and hands in one statement, of a group one for each person; the other side acts only on what has reached it.
   *
   * @throws CLI_UNEXPECTED when the machine takes what it must refuse, or refuses it for other reasons
   */
  async tell(step: StoryStep): Promise<Outcome> {
    const { nodes } = this.#parts
    if (this.#side !== undefined && this.#side !== step.side) await nodes.settled()
    this.#side = step.side
    if ('draft' in step) {
      await this.#send(step, DRAFT_FILES[step.draft])
      return undefined
    }
    if ('manifest' in step) return this.#count(step)
    let outcome: Outcome
    for (const person of this.people.filter(({ number }) => isAbout(step, number))) {
      if (step.refused === undefined) await this.#move(step, person)
      else outcome = { refusal: await this.#refused(step, person, step.refused) }
    }
    return outcome
  }

  async #move(step: ReferralStoryStep, person: Person): Promise<void> {
    const groups = person.groupsOf(step)
    const digest = await this.#send(step, this.#draftOf(step, person))
    person.said(step, groups, digest)
  }

  async #refused(
    step: ReferralStoryStep,
    person: Person,
    { key, list, reasons, tell = reasons }: NonNullable<ReferralStoryStep['refused']>,
  ): Promise<Refusal> {
    try {
      await this.#send(step, this.#draftOf(step, person))
    } catch (error) {
      if (!isAmanaError(error, 'REFERRAL_REFUSED')) throw error
      if (isSame(error.details.reasons, reasons)) return { key, isList: list === true, told: tell }
      throw unexpected(error.details.reasons.join(' '))
    }
    throw unexpected(reasons.join(' '))
  }

  /** The list of those who leave is sent; that of those who came is held against it, and sent unless it is a trial. */
  async #count(step: ManifestStoryStep): Promise<Outcome> {
    const groups = manifestOf(step, `${this.#parts.story.case}-1`, this.people)
    const { handling } = this.#parts.story
    if (step.trial === undefined) {
      await this.#send(step, { kind: 'handover.manifest/1', to: toOf(step.side), handling, groups })
    }
    if (step.manifest === 'release') {
      this.#released = groups
      return undefined
    }
    if (this.#released === undefined) throw unexpected('manifest')
    const comparison = compareManifests(this.#released, groups)
    const isTrial = step.trial === true
    if (comparison.findings.length > 0 !== isTrial) throw unexpected('manifest')
    return { counted: { comparison, isTrial } }
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

  #draftOf(step: ReferralStoryStep, person: Person): unknown {
    const { handling } = this.#parts.story
    const relates = (step.relates ?? []).map(({ relation, step: id }) => {
      const digest = person.digests.get(id)
      if (digest === undefined) throw unexpected(id)
      return { digest, relation }
    })
    return {
      kind: step.kind,
      to: toOf(step.side),
      handling: step.handling ?? handling,
      groups: person.placed(step),
      ...(relates.length === 0 ? {} : { relates }),
      ...(step.proposal === undefined ? {} : { exp: systemClock.now() + PROPOSAL_SECONDS }),
    }
  }
}

function toOf(side: Side): { readonly agency: string } {
  return { agency: AGENCIES[side === 'niamey' ? 'abuja' : 'niamey'].id }
}

function isAbout({ except = [], only }: ReferralStoryStep, number: number): boolean {
  return !except.includes(number) && (only?.includes(number) ?? true)
}

function officerOf(officers: DemoAgency['officers'], id: string): UnlockedOfficer {
  const officer = officers.get(id)
  if (officer === undefined) throw new AmanaError('CLI_OFFICER', { id })
  return officer
}

function isSame(found: readonly string[], expected: readonly string[]): boolean {
  return found.toSorted().join() === expected.toSorted().join()
}

function unexpected(what: string): AmanaError {
  return new AmanaError('CLI_UNEXPECTED', { what })
}
