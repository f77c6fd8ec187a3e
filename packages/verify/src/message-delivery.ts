/**
 * Dispatches and receipts of a message file: which node sent the statement to whom, and what the other one answered.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#verifying-a-message-file
 */
import { parseDispatch, parseReceipt, verifyDispatch, verifyReceipt } from '@amana/core'
import { attempt } from './evidence.ts'
import {
  answersTo,
  boundSignatures,
  type MessageCheck,
  noteOf,
  recordsOf,
} from './message-evidence.ts'
import { agencyOfLog } from './log-names.ts'

/** Verifies every dispatch: the node's signature, and that it carried this statement. */
export async function checkDispatches(check: MessageCheck): Promise<void> {
  const { file, findings, name, trust } = check
  const records = recordsOf(check, 'dispatch')
  for (const { content, digest } of records) {
    const where = `dispatch ${digest}`
    await attempt(check, { where, party: name, level: 'LOCAL' }, async () => {
      const dispatch = parseDispatch(content)
      await verifyDispatch(dispatch, trust)
      if (boundSignatures(dispatch.content, file.header.statement) === undefined) {
        findings.push(noteOf(check, 'DISPATCH_MISMATCH', where))
      } else {
        check.dispatches.set(digest, dispatch)
      }
    })
  }
  if (records.length > 0) return
  findings.push({ code: 'NOT_DISPATCHED', severity: 'info', level: 'INFO', party: name })
}

/** Verifies every receipt against its dispatch. Call it when dispatches are verified. */
export async function checkReceipts(check: MessageCheck): Promise<void> {
  const { findings, name } = check
  for (const { content, digest } of recordsOf(check, 'receipt')) {
    const where = `receipt ${digest}`
    await attempt(check, { where, party: name, level: 'LOCAL' }, () =>
      checkReceipt(check, content, where),
    )
  }
  for (const dispatch of check.dispatches.values()) {
    if (answersTo(check, [dispatch]).length > 0) continue
    const where = `dispatch ${dispatch.digest}`
    findings.push({ code: 'IN_FLIGHT', severity: 'info', level: 'INFO', party: name, where })
  }
}

async function checkReceipt(check: MessageCheck, jws: unknown, where: string): Promise<void> {
  const receipt = parseReceipt(jws)
  const dispatch = check.dispatches.get(receipt.content.dispatch)
  if (dispatch === undefined) {
    check.findings.push(noteOf(check, 'EVIDENCE_MISSING', `dispatch ${receipt.content.dispatch}`))
    return
  }
  await verifyReceipt(receipt, dispatch, check.trust)
  const receiver = dispatch.content.to.agency
  if (agencyOfLog(check, receipt.content.log) !== receiver) {
    check.findings.push(noteOf(check, 'RECEIPT_MISMATCH', where))
  }
  check.receipts.push(receipt)
}
