/**
 * Receipts of a bundle: the receiver's signature, what they say of each statement, and the leaf that they name.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#signed-objects
 */
import { parseDispatch, parseReceipt, type ReceiptResult, verifyReceipt } from '@amana/core'
import { attempt, blame, type EvidenceCheck, evidenceOf } from './evidence.ts'
import { type Answer, type ExchangeFact } from './exchange-facts.ts'
import { logOf } from './policy.ts'

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

/** The leaf says of the receipt what the receipt says of itself; the receiver's own receipt names the receiver's leaf. */
function checkAnswer(check: EvidenceCheck, fact: ExchangeFact, answer: Answer): void {
  const receipt = check.receipts.get(answer.rcpt)
  const result = receipt?.results.find(({ statement }) => statement === fact.std)
  if (receipt === undefined || result === undefined) return
  const where = `index ${String(answer.index)}`
  if (result.result !== answer.outcome) blame(check, 'OUTCOME_MISMATCH', where)
  const receiver = fact.direction === 'received' ? check.reading.agency : fact.peer
  const isOfLog = logOf(check.policy, receipt.log)?.agency === receiver
  if (!isOfLog || !namesLeaf(result, fact, answer)) blame(check, 'RECEIPT_MISMATCH', where)
}

function namesLeaf({ leaf }: ReceiptResult, fact: ExchangeFact, { peerLeaf }: Answer): boolean {
  const expected = fact.direction === 'received' ? fact : peerLeaf
  return leaf.hash === expected?.hash && leaf.sequence === expected.sequence
}
