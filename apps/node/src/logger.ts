/**
 * The node's own log: lines of JSON on stderr. Ids and codes only, never a payload, a name, a key or an address of a person.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-records
 */
import { destination, type Logger, pino } from 'pino'

const STDERR = 2

/** Lines of JSON on stderr, written at once, so that none is lost when the process is killed. */
export function createLogger(): Logger {
  const base = { name: 'amana' }
  return pino({ base, level: 'info' }, destination({ dest: STDERR, sync: true }))
}
