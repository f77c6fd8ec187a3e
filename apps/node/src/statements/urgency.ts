/**
 * How urgent a statement is: what the queue and the attachments are ordered by.
 *
 * @module
 * @spec docs/spec/08-exchange.md#urgency
 */
import { parseStatement } from '@amana/core'
import { z } from 'zod'
import { type StatementRecord } from '../records.ts'
import { valuesOf } from './statement-values.ts'

/** Lives at risk, urgent, everything else. */
export const URGENCIES = ['life-at-risk', 'urgent', 'routine'] as const
/** One of them. */
export type Urgency = (typeof URGENCIES)[number]

const WORDS: Readonly<Record<string, Urgency>> = {
  emergency: 'life-at-risk',
  'life-at-risk': 'life-at-risk',
  urgent: 'urgent',
  'urgent-direct': 'urgent',
  'urgent-indirect': 'urgent',
  routine: 'routine',
}

/** A group that says how urgent it is. */
const SayingSchema = z.looseObject({ urgency: z.string() })
/** Kinds that the other agency is told at once: somebody may look for persons who are in hiding. */
const AT_ONCE: ReadonlySet<string> = new Set(['rights.breach/1'])
/** Kinds of which nobody waits for one. */
const UNHURRIED: ReadonlySet<string> = new Set(['jtwg.minutes/1'])

/** What the statement itself says; nothing where it says nothing of it. */
export function ownUrgency(record: StatementRecord): Urgency | undefined {
  const { kind } = parseStatement(record.statement).content
  if (AT_ONCE.has(kind)) return 'life-at-risk'
  if (UNHURRIED.has(kind)) return 'routine'
  const values = record.facts ?? valuesOf(record)
  const said =
    SayingSchema.safeParse(values['routing']).data ?? SayingSchema.safeParse(values['body']).data
  return said === undefined ? undefined : WORDS[said.urgency]
}

/**
 * The urgency of a statement, with those of its referral before it: a step of a referral is as urgent as the newest file,
 * and one whose file is not known as urgent as can be. What belongs to no referral and says nothing is urgent.
 */
export function urgencyOf(
  record: StatementRecord,
  before: readonly StatementRecord[] | undefined,
): Urgency {
  const own = ownUrgency(record)
  if (own !== undefined) return own
  if (before === undefined) return 'urgent'
  return before.map(ownUrgency).findLast((one) => one !== undefined) ?? 'life-at-risk'
}

/** 0 goes first. */
export function rankOf(urgency: Urgency): number {
  return URGENCIES.indexOf(urgency)
}
