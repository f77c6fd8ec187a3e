/**
 * From opened groups to a message: every group of the kind by its own schema, strictly, with nothing beside.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#reading-a-body
 */
import { z } from 'zod'
import { AmanaError } from '../errors.ts'
import { type Digest, DigestSchema } from '../crypto/digest.ts'
import { MESSAGE_LIMITS } from '../limits/messages.ts'
import { assertHandlingChoice, assertRestriction, HandlingChoiceSchema } from './handling.ts'
import { groupNames, isKind, kindDefinition, type Kind } from './kinds.ts'
import { OfficeIdSchema } from './fields.ts'

/** Groups that their schemas accepted. */
export interface Message {
  readonly kind: Kind
  readonly groups: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

const GroupsSchema = z.record(z.string(), z.unknown())
const GroupSchema = z.record(z.string(), z.unknown())

/** How a statement may stand to another. */
export const RelatesSchema = z
  .array(
    z.strictObject({
      digest: DigestSchema,
      relation: z.enum(['agrees', 'answers', 'reply', 'supersedes', 'withdraws']),
    }),
  )
  .min(1)
  .max(MESSAGE_LIMITS.relates)

/** A link to another statement. */
export interface Relation {
  readonly digest: Digest
  readonly relation: 'agrees' | 'answers' | 'reply' | 'supersedes' | 'withdraws'
}

/** What a sender writes before it is signed: the file that `amana message send` takes. */
export const DraftSchema = z.strictObject({
  kind: z.string().max(MESSAGE_LIMITS.nameChars),
  to: z.strictObject({ agency: OfficeIdSchema }),
  handling: HandlingChoiceSchema,
  relates: z.exactOptional(RelatesSchema),
  /** Seconds since 1970; a proposal for a joint act must have it. */
  exp: z.exactOptional(z.int().min(0)),
  groups: GroupsSchema,
})

/** A message before it is signed. */
export interface Draft extends z.output<typeof DraftSchema> {}

/**
 * The message that `groups` hold: every group of the kind, none besides.
 *
 * @throws WIRE_SCHEMA with the path of the first thing that does not fit; never with what stands there
 */
export function parseMessage(kind: string, groups: unknown): Message {
  const opened = parseGroups(groups)
  const missing = groupNames(kind).find((name) => !Object.hasOwn(opened, name))
  if (missing !== undefined) throw new AmanaError('WIRE_SCHEMA', { path: missing })
  return parseOpened(kind, opened)
}

/**
 * The part of a message that a desk was sent: any groups of the kind, each whole.
 *
 * @throws WIRE_SCHEMA as `parseMessage`
 */
export function parseOpenedGroups(kind: string, groups: unknown): Message {
  return parseOpened(kind, parseGroups(groups))
}

/**
 * A draft that could be signed as it stands.
 *
 * @throws WIRE_SCHEMA when a member or a group does not fit
 * @throws WIRE_POLICY when the handling contradicts itself or the kind
 */
export function parseDraft(value: unknown): Draft {
  const parsed = DraftSchema.safeParse(value)
  if (!parsed.success) throw schemaError([], parsed.error)
  const draft = parsed.data
  parseMessage(draft.kind, draft.groups)
  assertHandlingChoice(draft.handling, draft.kind)
  assertRestriction(draft.handling, draft.groups)
  return draft
}

function parseGroups(groups: unknown): Readonly<Record<string, unknown>> {
  const parsed = GroupsSchema.safeParse(groups)
  if (!parsed.success) throw schemaError([], parsed.error)
  return parsed.data
}

function parseOpened(kind: string, groups: Readonly<Record<string, unknown>>): Message {
  if (!isKind(kind)) throw new AmanaError('WIRE_SCHEMA', { path: 'kind' })
  const { contradiction, groups: schemas } = kindDefinition(kind)
  const parsed = Object.entries(groups).map(([name, value]) => {
    const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined
    if (schema === undefined) throw new AmanaError('WIRE_SCHEMA', { path: 'groups' })
    return [name, parseGroup(name, schema, value)] as const
  })
  const opened = Object.fromEntries(parsed)
  const path = contradiction?.(opened)
  if (path !== undefined) throw new AmanaError('WIRE_SCHEMA', { path })
  return { kind, groups: opened }
}

function parseGroup(name: string, schema: z.ZodType, value: unknown): Record<string, unknown> {
  const parsed = schema.pipe(GroupSchema).safeParse(value)
  if (!parsed.success) throw schemaError([name], parsed.error)
  return parsed.data
}

function schemaError(path: readonly PropertyKey[], error: z.ZodError): AmanaError {
  const issue = error.issues[0]
  return new AmanaError('WIRE_SCHEMA', {
    path: [...path, ...(issue?.path ?? [])].map(String).join('.'),
  })
}
