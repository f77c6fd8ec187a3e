/**
 * What is said on `/amana/mailbox/1`: requests and their answers, each one message of one or more frames.
 *
 * @module
 * @spec docs/spec/09-carriers.md#what-is-said
 */
import { AgencyIdSchema, AmanaError, concatBytes, parseCanonical, WIRE_LIMITS } from '@amana/core'
import { z } from 'zod'
import { type LinkSession } from '../ports.ts'

/** The protocol between a node and a mailbox. */
export const MAILBOX_PROTOCOL = '/amana/mailbox/1'

/** Types of messages by name, as the first byte says them. */
const MESSAGE_TYPES = {
  deposit: 0x01,
  list: 0x02,
  fetch: 0x03,
  acknowledge: 0x04,
  done: 0x81,
  listed: 0x82,
  fetched: 0x83,
  refused: 0xff,
} as const

/** Name of a type. */
export type MessageType = keyof typeof MESSAGE_TYPES

/** A message. */
export interface Message {
  readonly type: MessageType
  readonly body: Uint8Array
}

const PART_BYTES = 256 * 1024
const HEADER_BYTES = 2
const LAST = 0
const MORE = 1
/** A deposit is the longest body. */
const BODY_BYTES = WIRE_LIMITS.depositBytes
const JSON_BYTES = 64 * 1024

/** Of one list, and of one acknowledgement. */
export const MOST_ITEMS = 256

const NameSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
const CountSchema = z.int().min(0)

/** From which place on. */
export const ListSchema = z.strictObject({ after: CountSchema })
/** Deposits that need not be kept any more. */
export const AcknowledgeSchema = z.strictObject({ names: z.array(NameSchema).max(MOST_ITEMS) })
/** A name. */
export const FetchSchema = z.strictObject({ name: NameSchema })
/** What lies there for whoever asks: nothing but what a carrier knows. */
export const ListedSchema = z.strictObject({
  items: z
    .array(
      z.strictObject({
        at: CountSchema,
        bucketBytes: CountSchema,
        from: AgencyIdSchema,
        name: NameSchema,
        place: CountSchema,
      }),
    )
    .max(MOST_ITEMS),
})
/** Why not. */
export const RefusedSchema = z.strictObject({
  reason: z.enum(['form', 'peer', 'quota', 'unknown']),
})

export type Listed = z.output<typeof ListedSchema>
/** Why a mailbox refuses. */
export type MailboxRefusal = z.output<typeof RefusedSchema>['reason']

/** Sends a message in frames of at most 256 KiB. @throws NET_CLOSED, NET_TIMEOUT */
export async function sendMessage(
  link: LinkSession,
  { body, type }: Message,
  signal?: AbortSignal,
): Promise<void> {
  for (let at = 0; ; at += PART_BYTES) {
    const part = body.subarray(at, at + PART_BYTES)
    const isLast = at + PART_BYTES >= body.byteLength
    const header = Uint8Array.of(MESSAGE_TYPES[type], isLast ? LAST : MORE)
    await link.send(concatBytes(header, part), signal)
    if (isLast) return
  }
}

/**
 * The next message; null when the other side ended between two.
 *
 * @throws NET_FRAME when it is of no form, or longer than a deposit; NET_CLOSED, NET_TIMEOUT
 */
export async function receiveMessage(
  link: LinkSession,
  signal?: AbortSignal,
): Promise<Message | null> {
  const parts: Uint8Array[] = []
  let first: MessageType | undefined
  for (let sizeBytes = 0; ;) {
    const frame = await link.receive(signal)
    if (frame === null && first === undefined) return null
    if (frame === null) throw unfit('end')
    const { isLast, part, type } = decodeMailboxFrame(frame)
    first ??= type
    sizeBytes += part.byteLength
    if (type !== first) throw unfit('type')
    if (sizeBytes > BODY_BYTES) throw unfit('length')
    parts.push(part)
    if (isLast) return { type, body: concatBytes(...parts) }
  }
}

/** One frame of a message. @throws NET_FRAME */
export function decodeMailboxFrame(frame: Uint8Array): {
  readonly type: MessageType
  readonly isLast: boolean
  readonly part: Uint8Array
} {
  const type = TYPE_NAMES.find((name) => MESSAGE_TYPES[name] === frame[0])
  const more = frame[1]
  if (type === undefined || (more !== LAST && more !== MORE)) throw unfit('type')
  const part = frame.subarray(HEADER_BYTES)
  if (part.byteLength > PART_BYTES || (more === MORE && part.byteLength < PART_BYTES)) {
    throw unfit('length')
  }
  return { type, isLast: more === LAST, part }
}

/** The JSON of a body. @throws NET_FRAME when it is not of that form */
export function parseBody<T>(schema: z.ZodType<T>, body: Uint8Array): T {
  try {
    const parsed = schema.safeParse(parseCanonical(body, JSON_BYTES))
    if (parsed.success) return parsed.data
  } catch (cause) {
    throw new AmanaError('NET_FRAME', { reason: 'body' }, { cause })
  }
  throw unfit('body')
}

function unfit(reason: string): AmanaError {
  return new AmanaError('NET_FRAME', { reason })
}

const TYPE_NAMES = [
  'deposit',
  'list',
  'fetch',
  'acknowledge',
  'done',
  'listed',
  'fetched',
  'refused',
] as const
