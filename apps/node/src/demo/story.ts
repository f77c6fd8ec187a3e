/**
 * The cases that the demonstration replays, as data: who signs what on which day, and what the machine must refuse.
 *
 * @module
 * @spec docs/spec/08-exchange.md#demonstration
 */
import { AmanaError, DraftSchema, REFERRAL_REASONS, ReferralReferenceSchema } from '@amana/core'
import { z } from 'zod'
import intelligence from '../../../../examples/agadez/intel-report.json' with { type: 'json' }
import minutes from '../../../../examples/agadez/minutes.json' with { type: 'json' }
import agadez from '../../../../examples/agadez/story.json' with { type: 'json' }
import disputed from '../../../../examples/disputed/story.json' with { type: 'json' }
import invented from '../../../../examples/invented/story.json' with { type: 'json' }
import kano from '../../../../examples/kano/story.json' with { type: 'json' }
import withdrawn from '../../../../examples/withdrawn/story.json' with { type: 'json' }

const SENTENCE_CHARS = 400
const MEMBERS = 200
/** Scenes of a case, and steps of a scene. */
const MOST = 200

/** The two nodes, by city. */
export const SIDES = ['niamey', 'abuja'] as const

/** A node, by city. */
export type Side = (typeof SIDES)[number]

/** Messages that are files of their own, as an officer would send them. */
export const DRAFT_FILES = { intelligence, minutes } as const

/** A sentence: its key in the catalogue, or itself in both languages. */
const WordsSchema = z.union([
  z.string(),
  z.strictObject({ en: z.string().max(SENTENCE_CHARS), fr: z.string().max(SENTENCE_CHARS) }),
])

/** A sentence of a case. */
export type Words = z.output<typeof WordsSchema>

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

/** One end of the hand-over of a group, counted by who signs it. */
const ManifestStepSchema = z.strictObject({
  ...SignedBySchema,
  manifest: z.enum(['release', 'receipt']),
  occurredAt: z.string(),
  origin: z.string(),
  destination: z.string(),
  /** Who on the list did not come, by number. */
  absent: z.array(z.int().min(1)).default([]),
  /** How many came who are on no list. */
  extra: z.int().min(0).default(0),
  /** The two lists are held against each other before anybody signs; whoever is nowhere is told. */
  trial: z.exactOptional(z.literal(true)),
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
  /** Of a group: whom it is about, by number; all of them unless said. */
  only: z.exactOptional(z.array(z.int().min(1))),
  except: z.exactOptional(z.array(z.int().min(1))),
  /** In place of that of the case. */
  handling: z.exactOptional(DraftSchema.shape.handling),
  /** One half of a joint act, which waits for the other. */
  proposal: z.exactOptional(z.literal(true)),
  /** The machine must refuse it, for exactly these reasons; `list` tells each on a line of its own. */
  refused: z.exactOptional(
    z.strictObject({
      key: WordsSchema,
      list: z.exactOptional(z.literal(true)),
      reasons: z.array(z.enum(REFERRAL_REASONS)).min(1),
      /** Those that are told; all of them unless said. */
      tell: z.exactOptional(z.array(z.enum(REFERRAL_REASONS)).min(1)),
    }),
  ),
})

const SceneSchema = z.strictObject({
  /** What happened. */
  key: WordsSchema,
  /** The day on which it happened; `before` is a time that the report does not date. */
  day: z.exactOptional(z.string()),
  /** The line is cut and the other side killed before it; both come back after it. */
  line: z.exactOptional(z.literal('down')),
  steps: z.array(z.union([DraftStepSchema, ManifestStepSchema, ReferralStepSchema])).max(MOST),
})

const OfficersSchema = z.array(
  z.strictObject({ id: z.string(), organisation: z.string(), roles: z.array(z.string()) }),
)

/** Names of the cases. */
export const CASES = ['agadez', 'invented', 'withdrawn', 'disputed', 'kano'] as const
/** Name of a case. */
export type CaseName = (typeof CASES)[number]
/** In place of a name: the case lies in a file. */
const OWN = 'own'

const StorySchema = z.strictObject({
  case: z.enum([...CASES, OWN]),
  reference: ReferralReferenceSchema,
  /** How many go together; each has a referral of her own. */
  members: z.int().min(1).max(MEMBERS).default(1),
  handling: DraftSchema.shape.handling,
  officers: z.strictObject({ niamey: OfficersSchema, abuja: OfficersSchema }),
  /** The step of which the auditor gets a redacted copy, and what it shows. */
  redacted: z.string(),
  disclose: z.array(z.string()),
  scenes: z.array(SceneSchema).max(MOST),
})

/** A case that begins as the invented one does: up to a scene, in its words or in words of its own. */
const SequelSchema = StorySchema.omit({ handling: true, officers: true }).extend({
  continues: z.strictObject({
    case: z.literal('invented'),
    through: z.string(),
    retold: z.exactOptional(z.literal(true)),
  }),
  officers: z.exactOptional(StorySchema.shape.officers),
})

/** What happened on one day, and the case whose catalogue has its sentence. */
export type Scene = z.output<typeof SceneSchema> & { readonly of: Story['case'] }
/** A case. */
export interface Story extends Omit<z.output<typeof StorySchema>, 'scenes'> {
  readonly scenes: readonly Scene[]
}
/** One statement of the referral. */
export interface ReferralStoryStep extends z.output<typeof ReferralStepSchema> {}
/** One end of the hand-over of a group. */
export interface ManifestStoryStep extends z.output<typeof ManifestStepSchema> {}
/** One statement. */
export type StoryStep = Scene['steps'][number]

const FILES = { agadez, disputed, invented, kano, withdrawn } as const

/** The case of that name. */
export function readStory(name: CaseName): Story {
  const file: unknown = FILES[name]
  return isSequel(file) ? continued(SequelSchema.parse(file)) : whole(StorySchema.parse(file))
}

/**
 * The case that a file tells, in words of its own.
 *
 * @throws CLI_STORY with the place in the file, which is empty where it holds no JSON
 */
export function parseStory(text: string, path: string): Story {
  const found = storyIn(text)
  if (typeof found === 'string') throw new AmanaError('CLI_STORY', { path, at: found })
  return found
}

/** The case, or the place of what does not fit. */
function storyIn(text: string): Story | string {
  const file = jsonIn(text)
  const parsed = isSequel(file) ? SequelSchema.safeParse(file) : StorySchema.safeParse(file)
  if (!parsed.success) return (parsed.error.issues[0]?.path ?? []).join('.')
  const { data } = parsed
  const wordless = data.scenes.findIndex(({ key }) => typeof key === 'string')
  if (wordless !== -1) return `scenes.${String(wordless)}.key`
  return 'continues' in data ? continued({ ...data, case: OWN }) : whole({ ...data, case: OWN })
}

function isSequel(file: unknown): boolean {
  return z.object({ continues: z.unknown() }).safeParse(file).success
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function whole(story: z.output<typeof StorySchema>): Story {
  return { ...story, scenes: story.scenes.map((scene) => ({ ...scene, of: story.case })) }
}

function continued({ continues, ...own }: z.output<typeof SequelSchema>): Story {
  const before = readStory(continues.case)
  const last = before.scenes.findIndex(({ key }) => key === continues.through)
  const { abuja = [], niamey = [] } = own.officers ?? {}
  const retold = continues.retold === true ? { of: own.case } : {}
  return {
    ...before,
    ...own,
    officers: {
      abuja: [...before.officers.abuja, ...abuja],
      niamey: [...before.officers.niamey, ...niamey],
    },
    scenes: [
      ...before.scenes.slice(0, last + 1).map((scene) => ({ ...scene, ...retold })),
      ...own.scenes.map((scene) => ({ ...scene, of: own.case })),
    ],
  }
}
