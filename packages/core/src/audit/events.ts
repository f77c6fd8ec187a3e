/**
 * What each event of the log records: closed members, digests, ids and enumerations; no free text, no personal data.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#events
 */
import { ACCESS_DATA } from './events-access.ts'
import { EXCHANGE_DATA } from './events-exchange.ts'
import { GOVERNANCE_DATA } from './events-governance.ts'
import { WITNESS_DATA } from './events-witness.ts'

/** Members of `data`, by event. */
export const EVENT_DATA = {
  ...ACCESS_DATA,
  ...EXCHANGE_DATA,
  ...GOVERNANCE_DATA,
  ...WITNESS_DATA,
} as const

/** Name of an event. */
export type EventName = keyof typeof EVENT_DATA

/** What a leaf may commit to, by event; every other event has none. The values lie outside the log and can be erased. */
export const EVENT_DISCLOSURES: Readonly<Partial<Record<EventName, readonly string[]>>> = {
  'a.audit-export': ['act', 'auditor', 'reason'],
  'a.copy': ['act', 'reason'],
  'a.denied': ['act', 'reason'],
  'a.export': ['act', 'destination', 'reason'],
  'a.grant': ['act', 'officer', 'reason'],
  'a.list': ['act', 'query', 'reason'],
  'a.open': ['act', 'reason'],
  'a.print': ['act', 'reason'],
  'a.release': ['act', 'reason'],
  'a.review': ['act', 'reason'],
  'a.search': ['act', 'query', 'reason'],
  'g.actor': ['id', 'key', 'organisation', 'roles'],
  'g.admin': ['reason'],
  'g.erasure': ['act', 'reason'],
  'g.hold': ['act', 'reason'],
  'g.unhold': ['act', 'reason'],
}
