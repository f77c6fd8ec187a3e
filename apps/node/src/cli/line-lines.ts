/**
 * How the line to a peer is, and what waits for it, in plain words: lines of `amana node status`.
 *
 * @module
 * @spec docs/spec/08-exchange.md#health
 */
import { ERRORS } from '@amana/core'
import { type LineView, type PeerStatus } from '../service-views.ts'
import { type Io } from './io.ts'
import { instantOf } from './texts.ts'

const KILO = 1000

/** Of one peer, in the order in which a person asks: is it there, how good is it, what waits. */
export function peerLines(io: Io, { line, waiting }: PeerStatus): readonly string[] {
  const { say } = io
  const desks = waiting.map(({ bytes, desk, oldestAt, statements }) => {
    const figures = { count: statements, desk, kilobytes: Math.ceil(bytes / KILO) }
    if (oldestAt === undefined) return say('node.waiting.some', figures)
    return say('node.waiting.since', { ...figures, date: instantOf(oldestAt) })
  })
  return [...(line === undefined ? [] : lineLines(io, line)), ...desks]
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
