/**
 * Receipts of a bundle: the receiver's signature, what they say of each statement, and the leaf that they name.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#signed-objects
 */
import { parseDispatch, parseReceipt, type ReceiptResult, verifyReceipt } from '@amana/core'
import { attempt, blame, type EvidenceCheck, evidenceOf } from './evidence.ts'
import { type Answer, type ExchangeFact, factKey } from './exchange-facts.ts'
import { agencyOfLog } from './log-names.ts'

/** Verifies every receipt that the log names. Call it when dispatches are verified. */
export async function checkReceipts(check: EvidenceCheck): Promise<void> {
  const envByReceipt = new Map(
    check.facts.flatMap(({ env, answers }) => answers.map(({ rcpt }) => [rcpt, env] as const)),
  )
  const claimed = new Set(
    check.facts.flatMap(({ answers, direction }) =>
      direction === 'sent' ? answers.map(({ rcpt }) => rcpt) : [],
    ),
  )
  for (const [rcpt, env] of envByReceipt) await checkReceipt(check, { claimed, env, rcpt })
  for (const fact of check.facts) {
    for (const answer of fact.answers) checkAnswer(check, fact, answer)
  }
}

interface NamedReceipt {
  /** Receipts that a sender says he was given: without the receipt itself that is his word alone. */
  readonly claimed: ReadonlySet<string>
  readonly env: string
  readonly rcpt: string
}

async function checkReceipt(
  check: EvidenceCheck,
  { claimed, env, rcpt }: NamedReceipt,
): Promise<void> {
  if (check.reading.evidence.of('receipt', rcpt).length === 0 && claimed.has(rcpt)) {
    blame(check, 'RECEIPT_UNSUPPORTED', `receipt ${rcpt}`)
    return
  }
  const record = await evidenceOf(check, 'receipt', rcpt)
  const [place] = check.reading.evidence.of('dispatch', env)
  if (record === undefined || place === undefined || !check.dispatches.has(env)) return
  const dispatch = await check.reading.evidence.read(place)
  const blamed = { where: `receipt ${rcpt}`, party: check.reading.agency, level: 'LOCAL' } as const
  await attempt(check, blamed, async () => {
    const receipt = parseReceipt(record.content)
    await verifyReceipt(receipt, parseDispatch(dispatch.content), check.trust)
    check.receipts.set(rcpt, receipt.content)
  })
}

/** A receipt that bears an answer out. */
export interface QuotedReceipt {
  /** Seconds since 1970, by its signer's clock. */
  readonly issuedAt: number
  /** The receiver's log, whose leaf it names. */
  readonly log: string
}

/** The answer to one fact: a receipt for one dispatch proves nothing of another. */
export function quoteKey(fact: Pick<ExchangeFact, 'env' | 'std'>, { rcpt }: Answer): string {
  return `${factKey(fact)} ${rcpt}`
}

/** Receipts of which the log says what they say: a log that names another leaf cannot hold it against the receiver. */
export function quotedReceipts(check: EvidenceCheck): ReadonlyMap<string, QuotedReceipt> {
  const quoted = new Map<string, QuotedReceipt>()
  for (const fact of check.facts) {
    for (const answer of fact.answers) {
      const receipt = check.receipts.get(answer.rcpt)
      const result = resultOf(check, fact, answer)
      if (receipt === undefined || result === undefined) continue
      if (!isQuoted(check, result, { answer, fact })) continue
      const { issuedAt, log } = receipt
      quoted.set(quoteKey(fact, answer), { issuedAt, log })
    }
  }
  return quoted
}

function resultOf(
  { receipts }: EvidenceCheck,
  { env, std }: ExchangeFact,
  { rcpt }: Answer,
): ReceiptResult | undefined {
  const receipt = receipts.get(rcpt)
  if (receipt?.dispatch !== env) return undefined
  return receipt.results.find(({ statement }) => statement === std)
}

/** The leaf says of the receipt what the receipt says of itself; the receiver's own receipt names the receiver's leaf. */
function checkAnswer(check: EvidenceCheck, fact: ExchangeFact, answer: Answer): void {
  const where = `index ${String(answer.index)}`
  const result = resultOf(check, fact, answer)
  if (result === undefined) {
    if (check.receipts.has(answer.rcpt)) blame(check, 'RECEIPT_MISMATCH', where)
    return
  }
  if (result.result !== answer.outcome) blame(check, 'OUTCOME_MISMATCH', where)
  if (!isQuoted(check, result, { answer, fact })) blame(check, 'RECEIPT_MISMATCH', where)
}

interface Quotation {
  readonly answer: Answer
  readonly fact: ExchangeFact
}

function isQuoted(
  check: EvidenceCheck,
  result: ReceiptResult,
  { answer, fact }: Quotation,
): boolean {
  const receiver = fact.direction === 'received' ? check.reading.agency : fact.peer
  const log = check.receipts.get(answer.rcpt)?.log ?? ''
  return agencyOfLog(check, log) === receiver && namesLeaf(result, fact, answer)
}

function namesLeaf({ leaf }: ReceiptResult, fact: ExchangeFact, { peerLeaf }: Answer): boolean {
  const expected = fact.direction === 'received' ? fact : peerLeaf
  return leaf.hash === expected?.hash && leaf.sequence === expected.sequence
}
