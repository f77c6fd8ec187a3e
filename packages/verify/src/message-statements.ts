/**
 * The statement of a message file: officers, roles and approvals by the rosters of their day, under the signatures that
 * its dispatch bound.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#verifying-a-message-file
 */
import {
  parseStatement,
  signaturesDigest,
  type UnverifiedDispatch,
  type UnverifiedStatement,
  type VerifiedSigner,
  verifyStatement,
} from '@amana/core'
import { attempt, type Blame } from './evidence.ts'
import {
  answersTo,
  bindingDispatches,
  boundSignatures,
  lookupFor,
  type MessageCheck,
  noteOf,
  recordsOf,
} from './message-evidence.ts'
import { type TimelineRow } from './report.ts'
import { isSendersFault } from './sender-fault.ts'
import { rowOf, signerText } from './single-files.ts'

/** Verifies the statement with each set of signatures. Call it when dispatches and receipts are verified. */
export async function checkStatements(check: MessageCheck): Promise<readonly TimelineRow[]> {
  const { file, name } = check
  const where = `statement ${file.header.statement}`
  for (const { content, digest } of recordsOf(check, 'statement')) {
    if (digest !== file.header.statement) {
      check.findings.push(noteOf(check, 'EVIDENCE_MISMATCH', `statement ${digest}`))
      continue
    }
    await attempt(check, { where, party: name, level: 'LOCAL' }, async () => {
      const statement = parseStatement(content)
      check.statements.set(signaturesDigest(content), statement)
      return Promise.resolve()
    })
  }
  noteUnbound(check, where)
  const rows: TimelineRow[] = []
  for (const [signatures, statement] of check.statements) {
    const dispatches = bindingDispatches(check, signatures)
    // who signed is not to be taken from signatures that no dispatch bound
    const isStray = dispatches.length === 0 && check.dispatches.size > 0
    rows.push(isStray ? unsigned(statement) : await judge(check, statement, dispatches))
  }
  return rows
}

/** Every set of signatures that a dispatch binds is there, and where one binds some, no other. */
function noteUnbound(check: MessageCheck, where: string): void {
  const { dispatches, file, statements } = check
  const bound = new Set(
    [...dispatches.values()].map(({ content }) => boundSignatures(content, file.header.statement)),
  )
  const here = new Set<string | undefined>(statements.keys())
  if (here.size === 0 || [...bound].some((signatures) => !here.has(signatures))) {
    check.findings.push(noteOf(check, 'EVIDENCE_MISSING', where))
  }
  if (bound.size > 0 && [...here].some((signatures) => !bound.has(signatures))) {
    check.findings.push(noteOf(check, 'EVIDENCE_MISMATCH', where))
  }
}

function unsigned(statement: UnverifiedStatement): TimelineRow {
  return rowOf(statement, { to: statement.content.aud.join(', '), signers: [] })
}

async function judge(
  check: MessageCheck,
  statement: UnverifiedStatement,
  dispatches: readonly UnverifiedDispatch[],
): Promise<TimelineRow> {
  const where = `statement ${statement.digest}`
  const [sent] = dispatches
  const alone = unsigned(statement)
  const row = { ...alone, to: sent?.content.to.agency ?? alone.to }
  const isProven = async (): Promise<boolean> => {
    const receipts = check.receipts.map(({ content }) => content)
    for (const dispatch of dispatches) {
      if (await isSendersFault(statement, dispatch, { ...check, receipts })) return true
    }
    return false
  }
  const blamed: Blame =
    sent === undefined
      ? { where, party: check.name, level: 'LOCAL' }
      : { where, party: sent.content.from.agency, level: 'LOCAL', isProven }
  let signers: readonly VerifiedSigner[] = []
  await attempt(check, { ...blamed, isRefused: isRefused(check, dispatches) }, async () => {
    const lookup = lookupFor(check, dispatches, (party) => {
      check.findings.push({ code: 'KEY_DISPUTED', severity: 'warn', level: 'LOCAL', party, where })
    })
    signers = (await verifyStatement(statement, check.trust, lookup)).signers
  })
  const outcome = dispatches.map((dispatch) => outcomeOf(check, dispatch)).at(-1) ?? row.outcome
  return { ...row, outcome, signers: signers.map((signer) => signerText(signer)) }
}

/** Whether the receiver refused it in all of these dispatches, and nobody acted on it. */
function isRefused(check: MessageCheck, dispatches: readonly UnverifiedDispatch[]): boolean {
  const outcomes = dispatches.map((dispatch) => outcomeOf(check, dispatch))
  return outcomes.length > 0 && outcomes.every((outcome) => outcome === 'refused')
}

/** As the newest receipt says: `held` may be followed by a final one. */
function outcomeOf(check: MessageCheck, dispatch: UnverifiedDispatch): string {
  const newest = answersTo(check, [dispatch])
    .toSorted((a, b) => a.content.issuedAt - b.content.issuedAt)
    .at(-1)
  const { statement } = check.file.header
  const result = newest?.content.results.find((answer) => answer.statement === statement)
  return result?.result ?? 'pending'
}
