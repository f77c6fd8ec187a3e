/**
 * What persons asked about their data: how long there is to answer, who answered, and whether the other agency has it.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#requests-and-corrections
 */
import { parseStatement } from '@amana/core'
import { type NodeClock } from '../ports.ts'
import { type StatementLedger } from '../statements/statement-ledger.ts'
import { allSaid, isTestData, type Said, secondsOf } from './rights-facts.ts'

/** An answer of an agency. */
export interface RequestAnswer {
  readonly digest: string
  readonly from: string
  readonly answeredAt: string
  readonly decision: string
}

/** A request as it stands; nothing of what was asked in words. Instants in seconds since 1970. */
export interface RequestView {
  readonly digest: string
  readonly referral: string
  readonly type: string
  /** The agency where the person asked: it answers her. */
  readonly from: string
  readonly to: string
  readonly direction: 'in' | 'out'
  readonly receivedAt: number
  readonly dueAt: number
  readonly codeWordChecked: string
  readonly isTest: boolean
  /** Whether the other agency has it: its receipt. */
  readonly state: string
  readonly status: 'answered' | 'open' | 'overdue'
  readonly answers: readonly RequestAnswer[]
}

type Answer = Said<'rights.answer/1'>

/** Every request, the one that is due first first; those that are answered last. @throws STORE_DAMAGED */
export async function requestViews({
  clock,
  ledger,
}: {
  readonly clock: NodeClock
  readonly ledger: StatementLedger
}): Promise<readonly RequestView[]> {
  const answers = await allSaid(ledger, 'rights.answer/1')
  const requests = await allSaid(ledger, 'rights.request/1')
  return requests
    .map((request) => viewOf(request, answers, clock.now()))
    .toSorted((first, second) => rankOf(first) - rankOf(second) || first.dueAt - second.dueAt)
}

function rankOf({ status }: RequestView): number {
  return status === 'answered' ? 1 : 0
}

/** She is answered by the agency that she asked; what the other one answers is told to that agency. */
function viewOf(
  request: Said<'rights.request/1'>,
  all: readonly Answer[],
  now: number,
): RequestView {
  const { facts, from, record } = request
  const { routing, rights } = facts
  const dueAt = secondsOf(routing.dueAt)
  const answers = all
    .filter((answer) => answer.answers.includes(record.digest))
    .map((answer) => ({
      answeredAt: answer.facts.routing.answeredAt,
      decision: answer.facts.rights.decision,
      digest: answer.record.digest,
      from: answer.from,
    }))
  const isAnswered = answers.some((answer) => answer.from === from)
  const waiting = now > dueAt ? 'overdue' : 'open'
  return {
    answers,
    codeWordChecked: rights.codeWordChecked,
    digest: record.digest,
    direction: record.direction,
    dueAt,
    from,
    isTest: isTestData(record),
    receivedAt: secondsOf(routing.receivedAt),
    referral: routing.referral,
    state: record.state,
    status: isAnswered ? 'answered' : waiting,
    to: parseStatement(record.statement).content.aud[0] ?? '',
    type: routing.type,
  }
}
