/**
 * How the line to a peer is, and what waits for it, in plain words: lines of `amana node status`.
 *
 * @module
 * @spec docs/spec/08-exchange.md#health
 */
import { ERRORS } from '@amana/core'
import {
  type LineStatus,
  type LineView,
  type MailboxHealth,
  type PeerStatus,
} from '../service-views.ts'
import { type Io } from './io.ts'
import { instantOf, sizeOf } from './texts.ts'

const KILO = 1000

/** Of one peer, in the order in which a person asks: is it there, how good is it, what waits. */
export function peerLines(io: Io, { line, waiting }: PeerStatus): readonly string[] {
  const { say } = io
  const desks = waiting.map(({ bytes, desk, oldestAt, statements, urgency: rank }) => {
    const urgency = say(`node.urgency.${rank}`)
    const figures = { count: statements, desk, urgency, kilobytes: Math.ceil(bytes / KILO) }
    if (oldestAt === undefined) return say('node.waiting.some', figures)
    return say('node.waiting.since', { ...figures, date: instantOf(oldestAt) })
  })
  return [...(line === undefined ? [] : lineLines(io, line)), ...desks]
}

/** How the visits to the mailbox went. */
export function mailboxLines(io: Io, mailbox: MailboxHealth | undefined): readonly string[] {
  if (mailbox === undefined) return []
  const { say } = io
  const { failedAt, failure, fetched, left, refused, visitedAt } = mailbox
  const visited =
    visitedAt === undefined
      ? say('node.mailbox.never')
      : say('node.mailbox.visited', { date: instantOf(visitedAt), fetched, refused, left })
  if (failure === undefined || failedAt === undefined) return [visited]
  const { hintEn, hintFr } = ERRORS[failure]
  const told = { date: instantOf(failedAt), hint: io.language === 'en' ? hintEn : hintFr }
  return [visited, say('node.mailbox.failed', { ...told, code: failure })]
}

/** What the line carried today, what it may, and what is still to be fetched over it. */
export function trafficLines(io: Io, line: LineStatus): readonly string[] {
  const { say } = io
  const { bytesLeft, bytesPerDay, bytesPerSecond } = line
  const today = sizeOf(io, line.bytesToday)
  const budget = { budget: sizeOf(io, bytesPerDay ?? 0), left: sizeOf(io, bytesLeft ?? 0), today }
  const speed = bytesPerSecond === undefined ? '' : (bytesPerSecond / KILO).toFixed(1)
  const counted = (key: string, count: number, bytes: number): readonly string[] =>
    count === 0 ? [] : [say(`node.line.${key}`, { count, size: sizeOf(io, bytes) })]
  return [
    bytesPerDay === undefined ? say('node.line.today', { today }) : say('node.line.budget', budget),
    ...(speed === '' ? [] : [say('node.line.speed', { speed })]),
    ...counted('waiting', line.attachmentsWaiting, line.attachmentBytesWaiting),
    ...counted('held', line.attachmentsHeld, line.attachmentBytesHeld),
  ]
}

function lineLines(io: Io, line: LineView): readonly string[] {
  const { say } = io
  const state = stateLine(io, line)
  const trip =
    line.roundTripMs === undefined
      ? []
      : [say('node.line.trip', { seconds: (line.roundTripMs / KILO).toFixed(1) })]
  const flow =
    line.connectedSince === undefined
      ? []
      : [
          say('node.line.flow', {
            received: (line.receivedPerSecond / KILO).toFixed(1),
            sent: (line.sentPerSecond / KILO).toFixed(1),
          }),
        ]
  return [state, ...trip, ...flow]
}

function stateLine({ language, say }: Io, line: LineView): string {
  const { connectedSince, failures, lastFailure, nextTryAt } = line
  if (connectedSince !== undefined) {
    return say('node.line.connected', { date: instantOf(connectedSince) })
  }
  const { hintEn, hintFr } = ERRORS[lastFailure ?? 'NET_UNREACHABLE']
  const hint = language === 'en' ? hintEn : hintFr
  const why = lastFailure === undefined ? '' : say('node.line.why', { code: lastFailure, hint })
  const when =
    nextTryAt === undefined
      ? say('node.line.trying')
      : say('node.line.next', { date: instantOf(nextTryAt), failures })
  return `${when}${why}`
}
