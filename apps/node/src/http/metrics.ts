/**
 * The node's figures in the text form that Prometheus reads. Labels are agencies, desks and urgencies; nothing names a person or a
 * message.
 *
 * @module
 * @spec docs/spec/08-exchange.md#health
 */
import { type NodeStatus, type PeerStatus } from '../service-views.ts'

/** The content type of the form. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

type Labels = Readonly<Record<string, string>>

interface Sample {
  readonly value: number | undefined
  readonly labels?: Labels
}

interface Family {
  readonly name: string
  readonly help: string
  readonly samples: readonly Sample[]
}

/** Every family with its samples. */
export function metricsText(status: NodeStatus): string {
  const { log, peers } = status
  const own = [
    gauge('log_leaves', 'Leaves of the audit log.', [{ value: log.size }]),
    gauge('log_cosigned_leaves', 'Leaves that the other agency cosigned.', [
      { value: log.cosignedSize },
    ]),
    gauge('log_cosigned_age_seconds', 'Age of the newest cosignature.', [
      { value: log.witnessed?.seconds },
    ]),
  ]
  return [...own, ...lineFamilies(status), ...peerFamilies(peers)].flatMap(linesOf).join('')
}

function lineFamilies({ line, mailbox }: NodeStatus): readonly Family[] {
  return [
    one('line_today_bytes', 'Over the line this day (UTC), both ways.', line.bytesToday),
    one('line_budget_bytes', 'Of a day, beyond which attachments wait.', line.bytesPerDay),
    one('line_budget_left_bytes', 'What is left of it.', line.bytesLeft),
    one('attachments_bytes_per_second', 'When last measured.', line.bytesPerSecond),
    one('attachments_waiting', 'To be fetched.', line.attachmentsWaiting),
    one('attachments_waiting_bytes', 'Their size.', line.attachmentBytesWaiting),
    one('attachments_held', 'On hold, or not asked for.', line.attachmentsHeld),
    one('attachments_held_bytes', 'Their size.', line.attachmentBytesHeld),
    one('mailbox_visit_timestamp_seconds', 'The newest visit.', mailbox?.visitedAt),
    one('mailbox_failure_timestamp_seconds', 'The newest that failed.', mailbox?.failedAt),
    one('mailbox_fetched', 'Deposits fetched by the newest visit.', mailbox?.fetched),
    one('mailbox_refused', 'Of them refused.', mailbox?.refused),
    one('mailbox_left', 'Deposits left by the newest visit.', mailbox?.left),
  ]
}

function one(name: string, help: string, value: number | undefined): Family {
  return gauge(name, help, [{ value }])
}

function peerFamilies(peers: readonly PeerStatus[]): readonly Family[] {
  const each = (valueOf: (peer: PeerStatus) => number | undefined): readonly Sample[] =>
    peers.map((peer) => ({ value: valueOf(peer), labels: { peer: peer.agency } }))
  return [
    gauge('peer_connected', 'Whether there is a session with the peer.', each(connected)),
    gauge('peer_next_try_timestamp_seconds', 'When the next dial begins.', each(nextTryOf)),
    gauge('peer_failures', 'Dials in a row without a session that lasted.', each(failuresOf)),
    gauge(
      'peer_round_trip_seconds',
      'From PING to PONG, with what waited before it.',
      each(tripOf),
    ),
    gauge('peer_sent_bytes_per_second', 'Frames of the last minute.', each(sentOf)),
    gauge('peer_received_bytes_per_second', 'Frames of the last minute.', each(receivedOf)),
    gauge(
      'peer_last_frame_timestamp_seconds',
      'When the last frame of the peer came.',
      each(seenOf),
    ),
    ...queueFamilies(peers),
  ]
}

type Waiting = PeerStatus['waiting'][number]

function queueFamilies(peers: readonly PeerStatus[]): readonly Family[] {
  const each = (valueOf: (waiting: Waiting) => number | undefined): readonly Sample[] =>
    peers.flatMap(({ agency, waiting }) =>
      waiting.map((waited) => {
        const { desk, urgency } = waited
        return { value: valueOf(waited), labels: { peer: agency, desk, urgency } }
      }),
    )
  const counts = each(({ statements }) => statements)
  const oldest = each(({ oldestAt }) => oldestAt)
  return [
    gauge('queue_statements', 'Statements without the last word of the peer.', counts),
    gauge(
      'queue_bytes',
      'Their size.',
      each(({ bytes }) => bytes),
    ),
    gauge('queue_oldest_timestamp_seconds', 'When the oldest was signed or sealed.', oldest),
  ]
}

function seenOf({ lastSeenAt }: PeerStatus): number | undefined {
  return lastSeenAt
}

function connected({ link }: PeerStatus): number {
  return link === 'connected' ? 1 : 0
}

function failuresOf({ line }: PeerStatus): number | undefined {
  return line?.failures
}

function nextTryOf({ line }: PeerStatus): number | undefined {
  return line?.nextTryAt
}

function tripOf({ line }: PeerStatus): number | undefined {
  return line?.roundTripMs === undefined ? undefined : line.roundTripMs / 1000
}

function sentOf({ line }: PeerStatus): number | undefined {
  return line?.sentPerSecond
}

function receivedOf({ line }: PeerStatus): number | undefined {
  return line?.receivedPerSecond
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name: `amana_${name}`, help, samples }
}

function linesOf({ help, name, samples }: Family): readonly string[] {
  const known = samples.flatMap(({ labels = {}, value }) =>
    value === undefined ? [] : [`${name}${labelsText(labels)} ${String(value)}\n`],
  )
  if (known.length === 0) return []
  return [`# HELP ${name} ${help}\n`, `# TYPE ${name} gauge\n`, ...known]
}

/** Ids of agencies and desks need no escape: letters, digits, points and hyphens. */
function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
