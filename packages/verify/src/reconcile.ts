/**
 * Holds the bundles of both agencies against each other: what one says that it sent, the other must say that it
 * received, with the same receipt; and what one cosigned must be the other's history. A claim counts as proven only by
 * signatures of the party it speaks against; else one of two is wrong, and which one is not said.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#reconciliation
 */
import { type Finding, type FindingCode } from './findings.ts'
import { type ExchangeFact } from './exchange-facts.ts'
import { quoteKey } from './check-receipts.ts'
import { foldFindings } from './fold-findings.ts'
import { isFirstLog } from './log-names.ts'
import { isAnsweredForGood, isBehind, type Logs } from './reconcile-order.ts'
import { reconcileWitness } from './reconcile-witness.ts'
import { type MonthRow, type Totals } from './report.ts'
import { isSignedUpTo } from './signed-history.ts'
import { type BundleVerification, type VerifiedLog } from './verify-bundle.ts'

/** Two honest clocks differ by this much at most. */
const SKEW_MS = 300_000

/** A receipt that is not there after this time is worth a word. */
const GRACE_MS = 3_600_000

/** What the comparison gives: numbers for both directions, and findings. */
export interface Reconciliation {
  readonly totals: Totals
  /** By month and direction. */
  readonly months: readonly MonthRow[]
  readonly findings: readonly Finding[]
}

/** Nothing was compared. */
export const NO_TOTALS: Totals = {
  sent: 0,
  received: 0,
  matched: 0,
  inFlight: 0,
  mismatched: 0,
}

/**
 * Compares two verified bundles, in any order. Bundles that could not be read are left out: their own findings say why.
 */
export function reconcile(a: BundleVerification, b: BundleVerification): Reconciliation {
  if (a.log === undefined || b.log === undefined)
    return { totals: NO_TOTALS, months: [], findings: [] }
  const witness = reconcileWitness(a.log, b.log)
  if (a.log.agency === b.log.agency) return { totals: NO_TOTALS, months: [], findings: witness }
  const there = reconcileDirection(a.log, b.log)
  const back = reconcileDirection(b.log, a.log)
  const outcomes = [...there, ...back]
  return {
    totals: totalsOf(outcomes),
    months: monthsOf(outcomes),
    findings: foldFindings([...witness, ...outcomes.flatMap(({ findings }) => findings)]),
  }
}

const MONTH_CHARS = 7

/** One log alone: nothing is matched. */
export function countLog({
  agency,
  facts,
}: VerifiedLog): Pick<Reconciliation, 'months' | 'totals'> {
  const outcomes = facts.map((fact): PlacedOutcome => {
    const isSent = fact.direction === 'sent'
    const [from, to] = isSent ? [agency, fact.peer] : [fact.peer, agency]
    const month = new Date(fact.timeMs).toISOString().slice(0, MONTH_CHARS)
    const state = isSent && fact.answers.length === 0 ? 'in-flight' : 'not-shown'
    return { state, findings: [], month, from, to, isSent, isReceived: !isSent }
  })
  return { totals: totalsOf(outcomes), months: monthsOf(outcomes) }
}

function totalsOf(outcomes: readonly PlacedOutcome[]): Totals {
  const count = (state: Outcome['state']): number =>
    outcomes.filter((outcome) => outcome.state === state).length
  return {
    sent: outcomes.filter(({ isSent }) => isSent).length,
    received: outcomes.filter(({ isReceived }) => isReceived).length,
    matched: count('matched'),
    inFlight: count('in-flight'),
    mismatched: count('mismatched'),
  }
}

function monthsOf(outcomes: readonly PlacedOutcome[]): readonly MonthRow[] {
  const groups = Map.groupBy(outcomes, ({ from, month, to }) => `${month} ${from} ${to}`)
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, together]) => {
      const [first] = together
      if (first === undefined) return []
      const { from, month, to } = first
      return [{ month, from, to, ...totalsOf(together) }]
    })
}

/** What became of one statement in one dispatch. */
interface Outcome {
  readonly state: 'matched' | 'in-flight' | 'mismatched' | 'not-shown'
  readonly findings: readonly Finding[]
}

/** Where and when, by the sender's log if it has it. */
interface PlacedOutcome extends Outcome, Pick<MonthRow, 'from' | 'month' | 'to'> {
  readonly isSent: boolean
  readonly isReceived: boolean
}

function reconcileDirection(sender: VerifiedLog, receiver: VerifiedLog): readonly PlacedOutcome[] {
  const sent = factsOf(sender, 'sent', receiver.agency)
  const received = factsOf(receiver, 'received', sender.agency)
  const keys = new Set([...sent.keys(), ...received.keys()])
  return [...keys].flatMap((key) => {
    const there = sent.get(key)
    const here = received.get(key)
    const outcome = outcomeOf({ sender, receiver }, there, here)
    const month = new Date((there ?? here)?.timeMs ?? 0).toISOString().slice(0, MONTH_CHARS)
    const place = { month, from: sender.agency, to: receiver.agency }
    return { ...outcome, ...place, isSent: there !== undefined, isReceived: here !== undefined }
  })
}

function outcomeOf(
  logs: Logs,
  there: ExchangeFact | undefined,
  here: ExchangeFact | undefined,
): Outcome {
  if (there !== undefined && here !== undefined) return reconcilePair(logs, there, here)
  if (there !== undefined) return onlySent(logs, there)
  return here === undefined ? matched([]) : onlyReceived(logs, here)
}

function factsOf(
  log: VerifiedLog,
  direction: ExchangeFact['direction'],
  peer: string,
): ReadonlyMap<string, ExchangeFact> {
  const facts = log.facts.filter((fact) => fact.direction === direction && fact.peer === peer)
  return new Map(facts.map((fact) => [`${fact.env} ${fact.std}`, fact]))
}

/** The receiver has no trace of it. A signed receipt that names a leaf which must be there proves that it had. */
function onlySent({ sender, receiver }: Logs, fact: ExchangeFact): Outcome {
  const where = `statement ${fact.std}`
  const answer = fact.answers.at(-1)
  if (answer === undefined) return unanswered({ sender, receiver }, fact)
  const sequence = answer.peerLeaf?.sequence ?? 0
  const receipt = sender.receipts.get(quoteKey(fact, answer))
  const isOtherLog = receipt !== undefined && receipt.log !== receiver.summary.origin
  if (isOtherLog || !receiver.isWhole.exchange || sequence > receiver.exchangeHead) {
    return notShown(receiver, where)
  }
  if (receipt !== undefined) return mismatched([proven('RECEIPT_CONTRADICTED', receiver, where)])
  return mismatched([contradicted('SENT_NOT_RECEIVED', receiver, where)])
}

/** Bytes left, and an hour later the other log knows nothing: lost on the way, or dropped by who took them. */
function unanswered({ sender, receiver }: Logs, { env, std, timeMs }: ExchangeFact): Outcome {
  const where = `statement ${std}`
  const isLate = Math.min(sender.newestMs, receiver.newestMs) > timeMs + GRACE_MS
  const isWhole = receiver.isWhole.exchange && isFirstLog(receiver.summary.origin)
  if (!isLate || !sender.sentEnvs.has(env) || !isWhole) {
    return pending(sender, where)
  }
  const lost = contradicted('SENT_NOT_RECEIVED', receiver, where)
  return { state: 'in-flight', findings: [{ ...lost, severity: 'warn' }] }
}

/** The sender has no trace of it. Its own signature on the dispatch, and what it wrote after it, prove that it sent. */
function onlyReceived(logs: Logs, fact: ExchangeFact): Outcome {
  const { sender, receiver } = logs
  const where = `statement ${fact.std}`
  if (!sender.isWhole.exchange) return notShown(sender, where)
  if (isBehind(logs, fact)) return mismatched([proven('RECEIVED_NOT_SENT', sender, where)])
  const dispatch = receiver.dispatches.get(fact.env)
  // a log that follows another one may have it in that one
  const since = dispatch === undefined ? fact.timeMs + GRACE_MS : reachedMs(dispatch.sentAt)
  const isFirst = isFirstLog(sender.summary.origin)
  if (!isFirst || sender.newestMs < since) return notShown(sender, where)
  return mismatched([contradicted('RECEIVED_NOT_SENT', sender, where)])
}

/** From when on a leaf is surely later than what was signed in that second, by clocks that may differ. */
function reachedMs(signedAt: number): number {
  return (signedAt + 1) * 1000 + SKEW_MS
}

function reconcilePair(logs: Logs, there: ExchangeFact, here: ExchangeFact): Outcome {
  const { sender, receiver } = logs
  const where = `statement ${there.std}`
  if (there.answers.some((answer) => isLater(logs, { answer, here }))) {
    return notShown(receiver, where)
  }
  const findings = there.answers.flatMap((answer) => answerFindings(logs, { answer, here }))
  if (here.timeMs + SKEW_MS < there.timeMs) {
    findings.push({ ...contradicted('RECEIVED_BEFORE_SENT', receiver, where), severity: 'warn' })
  }
  if (findings.length > 0) return mismatched(findings)
  const unlogged = here.answers.find(
    ({ rcpt }) => !there.answers.some((answer) => answer.rcpt === rcpt),
  )
  if (unlogged === undefined)
    return there.answers.length === 0 ? pending(sender, where) : matched([])
  const isLate = sender.newestMs > here.timeMs + GRACE_MS
  if (!isLate) return pending(sender, where)
  return mismatched([
    { ...contradicted('RECEIPT_NOT_LOGGED_BY_SENDER', sender, where), severity: 'warn' },
  ])
}

interface Answered {
  readonly answer: ExchangeFact['answers'][number]
  readonly here: ExchangeFact
}

/** The receiver signed it after what its bundle shows, of a statement that was held before; or it is of another log. */
function isLater({ sender, receiver }: Logs, { answer, here }: Answered): boolean {
  const receipt = sender.receipts.get(quoteKey(here, answer))
  const isShown = here.answers.some(({ rcpt }) => rcpt === answer.rcpt)
  if (isShown || receipt === undefined) return false
  if (receipt.log !== receiver.summary.origin) return true
  return receiver.newestMs < reachedMs(receipt.issuedAt) && !isAnsweredForGood(receiver, here.env)
}

/** What the sender was told is what the receiver wrote down: the same receipt, outcome and leaf. */
function answerFindings({ sender, receiver }: Logs, { answer, here }: Answered): Finding[] {
  const where = `receipt ${answer.rcpt}`
  const isSigned = sender.receipts.get(quoteKey(here, answer))?.log === receiver.summary.origin
  const own = here.answers.find(({ rcpt }) => rcpt === answer.rcpt)
  if (own === undefined) {
    if (here.answers.length > 0 && !isSigned) {
      return [contradicted('RECEIPT_MISMATCH', receiver, where)]
    }
    const claim = isSigned && isAnsweredForGood(receiver, here.env) ? proven : contradicted
    return [claim('RECEIPT_CONTRADICTED', receiver, where)]
  }
  if (!isSameLeaf(answer, here)) {
    const claim = isSigned ? proven : contradicted
    return [claim('RECEIPT_CONTRADICTED', receiver, where)]
  }
  if (own.outcome === answer.outcome) return []
  return [contradicted('OUTCOME_MISMATCH', receiver, where)]
}

function isSameLeaf({ peerLeaf }: Answered['answer'], { hash, sequence }: ExchangeFact): boolean {
  return peerLeaf?.hash === hash && peerLeaf.sequence === sequence
}

/** Its signature is there, and its own signed log says otherwise; leaves under no signed head may be anybody's. */
function proven(code: FindingCode, log: VerifiedLog, where: string): Finding {
  const isOwnWord = isSignedUpTo(log, log.summary.size)
  const level = isOwnWord ? 'PROVEN' : 'CONTRADICTED'
  return { code, severity: 'fail', level, party: log.agency, where }
}

function contradicted(code: FindingCode, { agency }: VerifiedLog, where: string): Finding {
  return { code, severity: 'fail', level: 'CONTRADICTED', party: agency, where }
}

function inFlight({ agency }: VerifiedLog, where: string): Finding {
  return { code: 'IN_FLIGHT', severity: 'info', level: 'INFO', party: agency, where }
}

function pending(sender: VerifiedLog, where: string): Outcome {
  return { state: 'in-flight', findings: [inFlight(sender, where)] }
}

function notShown({ agency }: VerifiedLog, where: string): Outcome {
  const code = 'OTHER_NOT_SHOWN'
  return {
    state: 'not-shown',
    findings: [{ code, severity: 'info', level: 'INFO', party: agency, where }],
  }
}

function matched(findings: readonly Finding[]): Outcome {
  return { state: 'matched', findings }
}

function mismatched(findings: readonly Finding[]): Outcome {
  return { state: 'mismatched', findings }
}
