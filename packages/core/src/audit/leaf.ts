/**
 * The bytes of one leaf: canonical JSON with exact members, the same on both sides of every proof.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#leaf
 */
import { z } from 'zod'
import { encodeCanonical, parseCanonical, type Json } from '../bytes/jcs.ts'
import { DigestSchema } from '../crypto/digest.ts'
import { decodeUtf8 } from '../bytes/utf8.ts'
import { AmanaError, isAnyAmanaError } from '../errors.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import { ActorSchema, CountSchema, type LeafClass, LogOriginSchema } from './event-members.ts'
import { EVENT_DATA, EVENT_DISCLOSURES, type EventName } from './events.ts'
import { leafPattern } from './leaf-pattern.ts'

/** `YYYY-MM-DDTHH:MM:SS.mmmZ`, an instant that exists. */
const LeafTimeSchema = z
  .string()
  .regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/)
  .refine((time) => isInstant(time))

const SortedDigests = z
  .array(DigestSchema)
  .max(64)
  .refine((digests) => isSorted(digests))

function isSorted(digests: readonly string[]): boolean {
  return digests.every((digest, index) => index === 0 || digest > (digests[index - 1] ?? ''))
}

function leafOf<E extends string, C extends LeafClass, D extends z.ZodType>(
  event: E,
  leafClass: C,
  data: D,
) {
  return z.strictObject({
    actor: ActorSchema,
    class: z.literal(leafClass),
    data,
    event: z.literal(event),
    index: CountSchema,
    log: LogOriginSchema,
    prev: z.int().min(-1),
    sd: SortedDigests,
    seq: CountSchema,
    time: LeafTimeSchema,
    v: z.literal(1),
  })
}

const LeafSchema = z.discriminatedUnion('event', [
  leafOf('a.audit-export', 'a', EVENT_DATA['a.audit-export']),
  leafOf('a.copy', 'a', EVENT_DATA['a.copy']),
  leafOf('a.denied', 'a', EVENT_DATA['a.denied']),
  leafOf('a.export', 'a', EVENT_DATA['a.export']),
  leafOf('a.grant', 'a', EVENT_DATA['a.grant']),
  leafOf('a.list', 'a', EVENT_DATA['a.list']),
  leafOf('a.login', 'a', EVENT_DATA['a.login']),
  leafOf('a.login-failed', 'a', EVENT_DATA['a.login-failed']),
  leafOf('a.logout', 'a', EVENT_DATA['a.logout']),
  leafOf('a.open', 'a', EVENT_DATA['a.open']),
  leafOf('a.print', 'a', EVENT_DATA['a.print']),
  leafOf('a.release', 'a', EVENT_DATA['a.release']),
  leafOf('a.review', 'a', EVENT_DATA['a.review']),
  leafOf('a.search', 'a', EVENT_DATA['a.search']),
  leafOf('g.actor', 'g', EVENT_DATA['g.actor']),
  leafOf('g.admin', 'g', EVENT_DATA['g.admin']),
  leafOf('g.closed', 'g', EVENT_DATA['g.closed']),
  leafOf('g.config', 'g', EVENT_DATA['g.config']),
  leafOf('g.decision', 'g', EVENT_DATA['g.decision']),
  leafOf('g.erased', 'g', EVENT_DATA['g.erased']),
  leafOf('g.erasure', 'g', EVENT_DATA['g.erasure']),
  leafOf('g.genesis', 'g', EVENT_DATA['g.genesis']),
  leafOf('g.hold', 'g', EVENT_DATA['g.hold']),
  leafOf('g.key', 'g', EVENT_DATA['g.key']),
  leafOf('g.policy', 'g', EVENT_DATA['g.policy']),
  leafOf('g.recovery', 'g', EVENT_DATA['g.recovery']),
  leafOf('g.recovery-refused', 'g', EVENT_DATA['g.recovery-refused']),
  leafOf('g.roster', 'g', EVENT_DATA['g.roster']),
  leafOf('g.unhold', 'g', EVENT_DATA['g.unhold']),
  leafOf('w.anchor', 'w', EVENT_DATA['w.anchor']),
  leafOf('w.clock', 'w', EVENT_DATA['w.clock']),
  leafOf('w.conflict', 'w', EVENT_DATA['w.conflict']),
  leafOf('w.cosigned', 'w', EVENT_DATA['w.cosigned']),
  leafOf('w.pad', 'w', EVENT_DATA['w.pad']),
  leafOf('w.refused', 'w', EVENT_DATA['w.refused']),
  leafOf('w.scrub', 'w', EVENT_DATA['w.scrub']),
  leafOf('w.seal', 'w', EVENT_DATA['w.seal']),
  leafOf('w.witness', 'w', EVENT_DATA['w.witness']),
  leafOf('x.attached', 'x', EVENT_DATA['x.attached']),
  leafOf('x.delivered', 'x', EVENT_DATA['x.delivered']),
  leafOf('x.excess', 'x', EVENT_DATA['x.excess']),
  leafOf('x.expired', 'x', EVENT_DATA['x.expired']),
  leafOf('x.fetched', 'x', EVENT_DATA['x.fetched']),
  leafOf('x.receipt', 'x', EVENT_DATA['x.receipt']),
  leafOf('x.received', 'x', EVENT_DATA['x.received']),
  leafOf('x.refused', 'x', EVENT_DATA['x.refused']),
  leafOf('x.rejected', 'x', EVENT_DATA['x.rejected']),
  leafOf('x.sealed', 'x', EVENT_DATA['x.sealed']),
  leafOf('x.sent', 'x', EVENT_DATA['x.sent']),
  leafOf('x.unfit', 'x', EVENT_DATA['x.unfit']),
])

/** One leaf whose form was checked; `event` says which members `data` has. */
export type Leaf = z.output<typeof LeafSchema>

/** What a leaf records, before the log gives it a place. */
export interface NewEvent {
  readonly event: string
  readonly actor: string
  readonly data: Readonly<Record<string, unknown>>
  /** Digests of what it commits to, in any order; see `discloseField`. */
  readonly sd?: readonly string[]
}

/** The place that the log gives to an event. */
export interface LeafPlace {
  readonly log: string
  readonly index: number
  readonly seq: number
  /** Index of the class's leaf before this one; -1 for its first. */
  readonly prev: number
  /** Milliseconds since 1970. */
  readonly timeMs: number
}

/**
 * The bytes of an event at its place.
 *
 * @throws AUDIT_LEAF_EVENT when the event is not one of the specification
 * @throws AUDIT_LEAF_SCHEMA when a member does not fit, so that no such leaf is ever written
 */
export function buildLeaf(event: NewEvent, place: LeafPlace): Uint8Array {
  const { timeMs, ...rest } = place
  const leaf = checkLeaf({
    ...rest,
    actor: event.actor,
    class: event.event.slice(0, 1),
    data: event.data,
    event: event.event,
    sd: [...(event.sd ?? [])].toSorted(),
    time: new Date(timeMs).toISOString(),
    v: 1,
  })
  const bytes = encodeCanonical(leaf)
  if (bytes.length > AUDIT_LIMITS.leafBytes) {
    throw new AmanaError('AUDIT_LEAF_SCHEMA', { index: place.index, path: '' })
  }
  return bytes
}

/**
 * Reads a leaf strictly. Its place in the log is not checked: `followLeaf` does that.
 *
 * @throws AUDIT_LEAF_CANONICAL when the bytes are not the one canonical form
 * @throws AUDIT_LEAF_EVENT when the event is not one of the specification
 * @throws AUDIT_LEAF_SCHEMA when a member is unknown, missing or does not fit
 */
export function parseLeaf(bytes: Uint8Array): Leaf {
  return spelledOut(bytes) ?? checkLeaf(parseLeafJson(bytes))
}

const EVENT_MEMBER = '"event":"'

/** A leaf that the pattern of its event matches; nothing where the schema has to decide. */
function spelledOut(bytes: Uint8Array): Leaf | undefined {
  if (bytes.length > AUDIT_LIMITS.leafBytes) return undefined
  const text = textOf(bytes)
  const start = text.lastIndexOf(EVENT_MEMBER) + EVENT_MEMBER.length
  const event = text.slice(start, text.indexOf('"', start))
  if (leafPattern(event)?.test(text) !== true) return undefined
  const leaf: unknown = JSON.parse(text)
  return isLeaf(leaf) && isSorted(leaf.sd) && commitsAsItMay(leaf) ? leaf : undefined
}

/** Empty where the bytes are no text. */
function textOf(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes)
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    return ''
  }
}

/** The pattern matched its text: it fits the schema, but for the order of `sd`. */
function isLeaf(leaf: unknown): leaf is Leaf {
  return typeof leaf === 'object' && leaf !== null
}

function parseLeafJson(bytes: Uint8Array): Json {
  try {
    return parseCanonical(bytes, AUDIT_LIMITS.leafBytes)
  } catch (cause) {
    throw new AmanaError('AUDIT_LEAF_CANONICAL', {}, { cause })
  }
}

const EventNameSchema = z.looseObject({ event: z.string(), index: z.unknown() })

function checkLeaf(candidate: unknown): Leaf {
  const named = EventNameSchema.safeParse(candidate)
  const index = typeof named.data?.index === 'number' ? named.data.index : -1
  if (named.success && !Object.hasOwn(EVENT_DATA, named.data.event)) {
    throw new AmanaError('AUDIT_LEAF_EVENT', { index })
  }
  const parsed = LeafSchema.safeParse(candidate)
  if (parsed.success && commitsAsItMay(parsed.data)) return parsed.data
  const path = parsed.error === undefined ? 'sd' : (parsed.error.issues[0]?.path.join('.') ?? '')
  throw new AmanaError('AUDIT_LEAF_SCHEMA', { index, path })
}

/** Only some events commit to something; an opening against the usual rule says why. */
function commitsAsItMay(leaf: Leaf): boolean {
  const event: EventName = leaf.event
  if (leaf.event === 'a.open' && leaf.data.bg && leaf.sd.length === 0) return false
  return leaf.sd.length === 0 || EVENT_DISCLOSURES[event] !== undefined
}

function isInstant(time: string): boolean {
  const instant = new Date(time)
  return !Number.isNaN(instant.getTime()) && instant.toISOString() === time
}
