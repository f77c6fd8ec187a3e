/**
 * What an agency's own signed log proves by its order, and no clock: that it had sealed a dispatch before, or had answered
 * one for good. A clock that was set back makes nobody a liar.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#proof-by-order
 */
import { type ExchangeFact } from './exchange-facts.ts'
import { isFirstLog } from './log-names.ts'
import { type SignedDispatch, type VerifiedLog } from './verify-bundle.ts'

/** Two logs of one direction. */
export interface Logs {
  readonly sender: VerifiedLog
  readonly receiver: VerifiedLog
}

/**
 * Whether the sender's log names what it can only have written after it sealed this dispatch, which the receiver's log has
 * as `received`: a later one of the channel; one of the other channel that acknowledges this one or a later one; or a head
 * of the receiver's log that covers its leaf of this one. A log that follows an older one must also name a dispatch before
 * it: else this one may stand in the older log.
 */
export function isBehind({ sender, receiver }: Logs, received: ExchangeFact): boolean {
  const dispatch = receiver.dispatches.get(received.env)
  if (dispatch === undefined) return false
  const { channel, sequence } = dispatch
  const sealed = dispatchesOf(sender, 'sent').filter((other) => other.channel === channel)
  const isFirst = isFirstLog(sender.summary.origin)
  const begins = isFirst || sealed.some((other) => other.sequence < sequence)
  if (!begins) return false
  return (
    sealed.some((other) => other.sequence > sequence) ||
    acknowledges({ sender, receiver }, dispatch) ||
    sender.witnessed.some(
      ({ origin, root, size }) =>
        origin === receiver.summary.origin &&
        size > received.index &&
        root === receiver.roots.get(size),
    )
  )
}

/** What names the digest of a dispatch was made after it. */
function acknowledges({ sender, receiver }: Logs, { channel, sequence }: SignedDispatch): boolean {
  const later = [...sender.dispatches, ...receiver.dispatches].flatMap(([env, other]) =>
    other.channel === channel && other.sequence >= sequence ? [env] : [],
  )
  const existing = new Set<string | undefined>(later)
  return dispatchesOf(sender, 'received').some((other) => existing.has(other.acknowledges))
}

function dispatchesOf(
  log: VerifiedLog,
  direction: ExchangeFact['direction'],
): readonly SignedDispatch[] {
  return log.facts.flatMap((fact) =>
    fact.direction === direction ? (log.dispatches.get(fact.env) ?? []) : [],
  )
}

/** Whether the receiver's log names a receipt that held nothing of the dispatch back: no other one follows it. */
export function isAnsweredForGood({ facts }: VerifiedLog, env: string): boolean {
  const together = facts.filter((fact) => fact.env === env && fact.direction === 'received')
  return together.every(({ answers }) => answers.some(({ outcome }) => outcome !== 'held'))
}
