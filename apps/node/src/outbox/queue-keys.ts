/**
 * Keys of the rows of the queue: they sort by urgency, then in the order of submission.
 *
 * @module
 * @spec docs/spec/08-exchange.md#urgency
 */
import { orderKey } from '../records.ts'
import { rankOf, type Urgency } from '../statements/urgency.ts'

/** The key of a row of the queue: the most urgent first. */
export function queueKey(peer: string, urgency: Urgency, counter: number): string {
  return `${peer}/${String(rankOf(urgency))}/${orderKey(counter)}`
}

/** Two rows of one urgency have the same. */
export function urgencyPart(key: string): string {
  return key.slice(0, key.lastIndexOf('/'))
}

/** How urgent a row is: 0 to 2, the most urgent first. */
export function rankIn(key: string): number {
  return Number(urgencyPart(key).slice(-1))
}

/** Whether a row is about lives at risk. */
export function isAtRisk(key: string): boolean {
  return rankIn(key) === rankOf('life-at-risk')
}
