/**
 * The cases that the demonstration replays, as data: who signs what on which day, and what the machine must refuse.
 *
 * @module
 * @spec docs/spec/08-exchange.md#demonstration
 */
import { DraftSchema, REFERRAL_REASONS } from '@amana/core'
import { z } from 'zod'
import intelligence from '../../../../examples/agadez/intel-report.json' with { type: 'json' }
import minutes from '../../../../examples/agadez/minutes.json' with { type: 'json' }
import agadez from '../../../../examples/agadez/story.json' with { type: 'json' }
import invented from '../../../../examples/invented/story.json' with { type: 'json' }

/** The two nodes, by city. */
export const SIDES = ['niamey', 'abuja'] as const

/** A node, by city. */
export type Side = (typeof SIDES)[number]

/** Messages that are files of their own, as an officer would send them. */
export const DRAFT_FILES = { intelligence, minutes } as const

const GroupsSchema = z.record(z.string(), z.record(z.string(), z.unknown()))

const SignedBySchema = {
  side: z.enum(SIDES),
  author: z.string(),
  approvers: z.exactOptional(z.array(z.string())),
}

const DraftStepSchema = z.strictObject({
  ...SignedBySchema,
  draft: z.enum(['intelligence', 'minutes']),
})

/** A statement of the referral; its reference and place among its agency’s statements are filled in as it is told. */
const ReferralStepSchema = z.strictObject({
  ...SignedBySchema,
  /** How later steps name it. */
  id: z.exactOptional(z.string()),
  kind: z.string(),
  /** The step whose groups these replace, group by group and member by member. */
  basedOn: z.exactOptional(z.string()),
  groups: GroupsSchema,
  relates: z.exactOptional(
    z.array(
      z.strictObject({ step: z.string(), relation: z.enum(['agrees', 'answers', 'supersedes']) }),
    ),
  ),
  /** One half of a joint act, which waits for the other. */
  proposal: z.exactOptional(z.literal(true)),
  /** The machine must refuse it, for exactly these reasons; `list` tells each on a line of its own. */
  refused: z.exactOptional(
    z.strictObject({
      key: z.string(),
      list: z.exactOptional(z.literal(true)),
      reasons: z.array(z.enum(REFERRAL_REASONS)).min(1),
      /** Those that are told; all of them unless said. */
      tell: z.exactOptional(z.array(z.enum(REFERRAL_REASONS)).min(1)),
    }),
  ),
})

const SceneSchema = z.strictObject({
  /** Of its sentence in the catalogue. */
  key: z.string(),
  /** The day on which it happened; `before` is a time that the report does not date. */
  day: z.exactOptional(z.string()),
  /** The line is cut and the other side killed before it; both come back after it. */
  line: z.exactOptional(z.literal('down')),
  steps: z.array(z.union([DraftStepSchema, ReferralStepSchema])),
})

const OfficersSchema = z.array(
  z.strictObject({ id: z.string(), organisation: z.string(), roles: z.array(z.string()) }),
)

const StorySchema = z.strictObject({
  case: z.enum(['agadez', 'invented']),
  reference: z.string(),
  handling: DraftSchema.shape.handling,
  officers: z.strictObject({ niamey: OfficersSchema, abuja: OfficersSchema }),
  /** The step of which the auditor gets a redacted copy, and what it shows. */
  redacted: z.string(),
  disclose: z.array(z.string()),
  scenes: z.array(SceneSchema),
})

/** A case. */
export interface Story extends z.output<typeof StorySchema> {}
/** What happened on one day. */
export type Scene = Story['scenes'][number]
/** One statement of the referral. */
export interface ReferralStoryStep extends z.output<typeof ReferralStepSchema> {}
/** One statement. */
export type StoryStep = Scene['steps'][number]

/** Names of the cases. */
export const CASES = ['agadez', 'invented'] as const
/** Name of a case. */
export type CaseName = (typeof CASES)[number]

/** The case of that name. */
export function readStory(name: CaseName): Story {
  return StorySchema.parse(name === 'agadez' ? agadez : invented)
}
