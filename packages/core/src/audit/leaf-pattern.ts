/**
 * Every event's leaf as one regular expression: whatever it matches is canonical and fits the schema, so that a reader of
 * millions of leaves parses each once; the order of `sd` is left to it. What it does not match says nothing: the schema decides.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#leaf
 */
import { z } from 'zod'
import { ActorSchema, LogOriginSchema } from './event-members.ts'
import { EVENT_DATA } from './events.ts'

/** Years, months, days and hours that exist; the 29th of February is left to the calendar. */
const TIME =
  '[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)' +
  'T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{3}Z'
const DIGEST = '"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"'
/** Below 2^53 whatever the digits are. */
const COUNT = '(?:0|[1-9][0-9]{0,14})'
const POSITIVE = '[1-9][0-9]{0,14}'

/** What `z.toJSONSchema` says of the schemas of events; anything else has no pattern. */
const NodeSchema = z.looseObject({
  additionalProperties: z.boolean().optional(),
  anyOf: z.never().optional(),
  const: z.union([z.string(), z.int().nonnegative()]).optional(),
  enum: z.array(z.union([z.string(), z.int()])).optional(),
  exclusiveMinimum: z.int().optional(),
  items: z.unknown().optional(),
  maxItems: z.int().optional(),
  maxLength: z.int().optional(),
  minItems: z.int().optional(),
  minLength: z.int().optional(),
  minimum: z.int().optional(),
  pattern: z.string().optional(),
  prefixItems: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  type: z.string().optional(),
})
type Node = z.output<typeof NodeSchema>

const patterns = new Map<string, RegExp | undefined>()

/** The leaf of an event as text; nothing for an unknown event, or one whose schema says more than a pattern can. */
export function leafPattern(event: string): RegExp | undefined {
  if (!patterns.has(event)) patterns.set(event, buildPattern(event))
  return patterns.get(event)
}

function buildPattern(event: string): RegExp | undefined {
  const data = Object.entries(EVENT_DATA).find(([name]) => name === event)?.[1]
  const text = data === undefined ? undefined : patternOf(data)
  const actor = patternOf(ActorSchema)
  const log = patternOf(LogOriginSchema)
  if (text === undefined || actor === undefined || log === undefined) return undefined
  const members = [
    `"actor":${actor}`,
    `"class":"${event.slice(0, 1)}"`,
    `"data":${text}`,
    `"event":"${escaped(event)}"`,
    `"index":${COUNT}`,
    `"log":${log}`,
    `"prev":(?:-1|${COUNT})`,
    `"sd":\\[(?:${DIGEST}(?:,${DIGEST}){0,63})?\\]`,
    `"seq":${COUNT}`,
    `"time":"${TIME}"`,
    '"v":1',
  ]
  return new RegExp(`^\\{${members.join(',')}\\}$`)
}

/** Nothing for a schema with a check of its own, which JSON Schema would pass over in silence. */
function patternOf(schema: z.ZodType): string | undefined {
  let isPlain = true
  const json = z.toJSONSchema(schema, {
    unrepresentable: 'any',
    override: ({ zodSchema: { _zod: schemaOf } }) => {
      const { checks = [], type } = schemaOf.def
      isPlain &&= checks.every(({ _zod: check }) => check.def.check !== 'custom')
      isPlain &&= PLAIN_TYPES.has(type)
    },
  })
  return isPlain ? nodePattern(json) : undefined
}

const PLAIN_TYPES: ReadonlySet<string> = new Set([
  'array',
  'boolean',
  'enum',
  'literal',
  'number',
  'object',
  'optional',
  'string',
  'tuple',
])

function nodePattern(json: unknown): string | undefined {
  const parsed = NodeSchema.safeParse(json)
  if (!parsed.success) return undefined
  const node = parsed.data
  if (node.const !== undefined) return escaped(JSON.stringify(node.const))
  if (node.enum !== undefined) {
    return alternatives(node.enum.map((name) => escaped(JSON.stringify(name))))
  }
  switch (node.type) {
    case 'string':
      return stringPattern(node)
    case 'integer':
      return integerPattern(node)
    case 'boolean':
      return '(?:true|false)'
    case 'array':
      return arrayPattern(node)
    case 'object':
      return objectPattern(node)
    case undefined:
    default:
  }
  return undefined
}

function stringPattern({ maxLength, minLength, pattern = '' }: Node): string | undefined {
  const inner = pattern.startsWith('^') && pattern.endsWith('$') ? pattern.slice(1, -1) : ''
  if (inner === '' || minLength !== undefined || !keepsInside(inner)) return undefined
  const length = maxLength === undefined ? '' : `(?=[^"]{0,${String(maxLength)}}")`
  return `"${length}(?:${inner})"`
}

const CLASS = /\[(?:\\.|[^\]\\])*\]/g
/** Letters and their counts, groups, and escapes of characters that stand for themselves. */
const SIMPLE = /^(?:[A-Za-z0-9_(){}?:,*+|-]|\\[./+-])*$/

/** Whether no text of this pattern holds a quote or a backslash, so that a string ends where it should. */
function keepsInside(inner: string): boolean {
  const classes = inner.match(CLASS) ?? []
  const areSafe = classes.every((one) => !['"', '\\'].some((char) => new RegExp(one).test(char)))
  return areSafe && SIMPLE.test(inner.replaceAll(CLASS, ''))
}

function integerPattern({ exclusiveMinimum, minimum }: Node): string | undefined {
  if (exclusiveMinimum === 0) return POSITIVE
  if (minimum === 0) return COUNT
  if (minimum === 1) return POSITIVE
  return minimum === -1 ? `(?:-1|${COUNT})` : undefined
}

function arrayPattern({ items, maxItems, minItems = 0, prefixItems }: Node): string | undefined {
  if (prefixItems !== undefined) {
    const parts = prefixItems.map((item) => nodePattern(item))
    return parts.every((part) => part !== undefined) ? `\\[${parts.join(',')}\\]` : undefined
  }
  const item = nodePattern(items)
  if (item === undefined || maxItems === undefined || maxItems < 1) return undefined
  const least = String(Math.max(0, minItems - 1))
  const list = `${item}(?:,${item}){${least},${String(maxItems - 1)}}`
  return minItems === 0 ? `\\[(?:${list})?\\]` : `\\[${list}\\]`
}

/** Members in the order of canonical JSON; one that may be absent takes its comma with it. */
function objectPattern({
  additionalProperties,
  properties = {},
  required = [],
}: Node): string | undefined {
  const names = Object.keys(properties).toSorted()
  const first = names.findIndex((name) => required.includes(name))
  if (additionalProperties !== false || (names.length > 0 && first === -1)) return undefined
  const members = names.map((name, place) => {
    const value = nodePattern(properties[name])
    if (value === undefined) return undefined
    const member = `"${escaped(name)}":${value}`
    if (required.includes(name)) return place === first ? member : `,${member}`
    return place < first ? `(?:${member},)?` : `(?:,${member})?`
  })
  return members.includes(undefined) ? undefined : `\\{${members.join('')}\\}`
}

function alternatives(names: readonly string[]): string {
  return `(?:${names.join('|')})`
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
