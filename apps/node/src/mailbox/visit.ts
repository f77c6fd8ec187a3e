/**
 * One visit of a node to a mailbox: it fetches what lies there for it, and leaves what the peer has not answered. Whatever
 * the mailbox says, only what the peer signed changes anything.
 *
 * @module
 * @spec docs/spec/09-carriers.md#a-visit
 */
import { AmanaError, encodeCanonical, isAnyAmanaError } from '@amana/core'
import { Arrivals, inOrder, type Sight } from '../carriers/arrivals.ts'
import { type Departure, departures } from '../carriers/departures.ts'
import { sealFrame } from '../carriers/deposits.ts'
import { type NodeParts } from '../node-parts.ts'
import { type LinkSession, type MailboxVisit } from '../ports.ts'
import { deleteRecord, getRecord, listRecords, putRecord, RECORDS } from '../records.ts'
import {
  type Listed,
  ListedSchema,
  type Message,
  type MessageType,
  parseBody,
  receiveMessage,
  RefusedSchema,
  sendMessage,
} from './messages.ts'

/** What was left and got no answer is left again after so long: a mailbox may have lost it. */
const AGAIN_SECONDS = 86_400
/** A log need not be cosigned more often over a mailbox. */
const CHECKPOINT_SECONDS = 6 * 3600
/** What was left is remembered no longer. */
const FORGET_SECONDS = 40 * 86_400
/** Deposits of one visit: a mailbox that invents some does not hold a node for ever. */
const MOST_FETCHED = 2048
const MOST_ROWS = 1000
/** Parts of attachments that lie there without an answer: messages must find room beside them. */
const MOST_RANGES = 40
/** What is fetched before it is taken in, so that it can be put into order. */
const TOGETHER_BYTES = 8 * 1024 * 1024
const ANSWER_MS = 120_000

/** Fetches, then leaves: what was fetched may ask for receipts. @throws NET_MAILBOX; NET_FRAME, NET_CLOSED; STORE_WRITE */
export async function visitMailbox(parts: NodeParts, link: LinkSession): Promise<MailboxVisit> {
  await parts.trust.settle()
  const fetched = await fetchAll(parts, link)
  const left = await leaveAll(parts, link)
  return { ...fetched, left }
}

async function fetchAll(
  parts: NodeParts,
  link: LinkSession,
): Promise<{ readonly fetched: number; readonly refused: number }> {
  const arrivals = new Arrivals(parts)
  let [fetched, refused, after] = [0, 0, 0]
  while (fetched < MOST_FETCHED) {
    const { items } = await list(link, after)
    if (items.length === 0) break
    const over: string[] = []
    const came: Came[] = []
    const takeThem = async (): Promise<void> => {
      const round = await takeTogether(arrivals, came.splice(0))
      refused += round.refused
      over.push(...round.over)
    }
    for (const { name, place } of items) {
      after = Math.max(after + 1, place)
      const bytes = await ask(link, { type: 'fetch', body: encodeCanonical({ name }) }, 'fetched')
      fetched += 1
      if (bytes !== undefined) came.push({ bytes, name, sight: await seen(arrivals, bytes) })
      if (heldBytes(came) >= TOGETHER_BYTES) await takeThem()
    }
    await takeThem()
    await ask(link, { type: 'acknowledge', body: encodeCanonical({ names: over }) }, 'done')
  }
  return { fetched, refused }
}

/** A deposit that was fetched and not taken in yet. */
interface Came {
  readonly name: string
  readonly bytes: Uint8Array
  readonly sight: Partial<Sight>
}

function heldBytes(came: readonly Came[]): number {
  return came.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
}

async function seen(arrivals: Arrivals, bytes: Uint8Array): Promise<Partial<Sight>> {
  try {
    return await arrivals.look(bytes)
  } catch (error) {
    if (isAnyAmanaError(error)) return {}
    throw error
  }
}

/** In the order in which they can be taken in, whatever the mailbox says. */
async function takeTogether(
  arrivals: Arrivals,
  came: readonly Came[],
): Promise<{ readonly over: readonly string[]; readonly refused: number }> {
  const over: string[] = []
  let refused = 0
  for (const { bytes, name } of came.toSorted((one, two) => inOrder(one.sight, two.sight))) {
    const taken = await arrivals.take(bytes)
    if (taken.result === 'refused') refused += 1
    const isEarly = taken.result === 'refused' && taken.code === 'WIRE_SEQ_GAP'
    if (!isEarly) over.push(name)
  }
  return { over, refused }
}

async function list(link: LinkSession, after: number): Promise<Listed> {
  const body = await ask(link, { type: 'list', body: encodeCanonical({ after }) }, 'listed')
  return body === undefined ? { items: [] } : parseBody(ListedSchema, body)
}

async function leaveAll(parts: NodeParts, link: LinkSession): Promise<number> {
  await forgetOld(parts)
  let left = 0
  let lyingRanges = 0
  for await (const departure of departures(parts, 'mailbox')) {
    const isRange = departure.type === 'range'
    const key = `${link.peerId}/${departure.id}`
    if (!(await isDue(parts, departure, key))) {
      lyingRanges += isRange ? 1 : 0
      continue
    }
    if (isRange && (lyingRanges >= MOST_RANGES || parts.traffic.isSpent)) break
    if (!(await leaveOne(parts, link, departure))) break
    await note(parts, key)
    left += 1
    lyingRanges += isRange ? 1 : 0
  }
  return left
}

/**
 * Leaves one; false where the mailbox is full of attachments already: messages found room before them.
 *
 * @throws NET_MAILBOX
 */
async function leaveOne(
  parts: NodeParts,
  link: LinkSession,
  departure: Departure,
): Promise<boolean> {
  const { type } = departure
  const body = await departure.read()
  if (body === undefined) return true
  const bytes = await sealFrame(parts, { type, body })
  try {
    const answer = await ask(link, { type: 'deposit', body: bytes }, 'done')
    if (answer === undefined) throw new AmanaError('NET_MAILBOX', { reason: 'unknown' })
  } catch (error) {
    if (type !== 'range' || !isQuota(error)) throw error
    return false
  }
  if (type === 'range') parts.traffic.count(bytes.byteLength)
  return true
}

function isQuota(error: unknown): boolean {
  return (
    isAnyAmanaError(error) &&
    error.code === 'NET_MAILBOX' &&
    'reason' in error.details &&
    error.details.reason === 'quota'
  )
}

async function isDue(
  { clock, store }: NodeParts,
  { since = 0, type }: Departure,
  key: string,
): Promise<boolean> {
  const left = await getRecord(store, RECORDS.left, key)
  if (left === undefined) return true
  const again = type === 'checkpoint' ? CHECKPOINT_SECONDS : AGAIN_SECONDS
  const elapsed = clock.now() - left.at
  // a receipt is left again where its envelope came once more, and not by the day
  if (type === 'receipt') return since > left.at
  return elapsed < 0 || elapsed >= again
}

async function note({ audit, clock }: NodeParts, key: string): Promise<void> {
  const writes = [putRecord(RECORDS.left, key, { at: clock.now() })]
  await audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
}

async function forgetOld({ audit, clock, store }: NodeParts): Promise<void> {
  const rows = await listRecords(store, RECORDS.left, { limit: MOST_ROWS })
  const old = rows.filter(({ value }) => value.at < clock.now() - FORGET_SECONDS)
  if (old.length === 0) return
  const writes = old.map(({ key }) => deleteRecord(RECORDS.left, key))
  await audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
}

/**
 * The body of the answer; nothing where the mailbox does not know what was asked for.
 *
 * @throws NET_MAILBOX when it refuses otherwise; NET_FRAME when it answers something else; NET_CLOSED when it ends
 */
async function ask(
  link: LinkSession,
  message: Message,
  answer: MessageType,
): Promise<Uint8Array | undefined> {
  const signal = AbortSignal.timeout(ANSWER_MS)
  await sendMessage(link, message, signal)
  const said = await receiveMessage(link, signal)
  if (said === null) throw new AmanaError('NET_CLOSED', {})
  if (said.type === answer) return said.body
  if (said.type !== 'refused') throw new AmanaError('NET_FRAME', { reason: 'type' })
  const { reason } = parseBody(RefusedSchema, said.body)
  if (reason === 'unknown') return undefined
  throw new AmanaError('NET_MAILBOX', { reason })
}
