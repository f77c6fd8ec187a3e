/**
 * Statements of a bundle: officers' signatures and roles by the rosters of the day, and that they are what the dispatch
 * bound.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#signed-objects
 */
import {
  AmanaError,
  type Cover,
  judgeRevocation,
  type KeyId,
  type OfficerKey,
  parseStatement,
  signaturesDigest,
  type UnverifiedStatement,
  verifyStatement,
} from '@amana/core'
import { attempt, blame, type Blame, type EvidenceCheck, evidenceOf } from './evidence.ts'
import { type ExchangeFact } from './exchange-facts.ts'

/** Verifies every statement that the log names. Call it when dispatches and receipts are verified. */
export async function checkStatements(check: EvidenceCheck): Promise<void> {
  for (const [std, facts] of Map.groupBy(check.facts, (fact) => fact.std)) {
    await checkStatement(check, std, facts)
  }
}

async function checkStatement(
  check: EvidenceCheck,
  std: string,
  facts: readonly ExchangeFact[],
): Promise<void> {
  const isRefused = facts.every(({ refusal }) => refusal !== undefined)
  // a voided dispatch never brought its statements
  if (isRefused && !check.reading.evidence.has(`statement ${std}`)) return
  const record = evidenceOf(check, 'statement', std)
  if (record === undefined) return
  const own = { where: `statement ${std}`, party: check.reading.agency, level: 'LOCAL' } as const
  await attempt(check, { ...own, isRefused }, async () => {
    const statement = parseStatement(record.content)
    check.statements.set(std, { statement })
    checkBinding(check, statement, facts)
    const sender = senderOf(check, statement, facts)
    const blamed: Blame = sender === undefined ? own : { ...own, party: sender, level: 'PROVEN' }
    await attempt(check, { ...blamed, isRefused }, async () => {
      const lookup = lookupAt(check, facts)
      const { signers } = await verifyStatement(statement, check.trust, lookup)
      check.statements.set(std, { statement, signers })
    })
  })
}

/** The agency whose signed dispatch binds this very statement with these very signatures: it sent it so. */
function senderOf(
  check: EvidenceCheck,
  { digest, signed }: UnverifiedStatement,
  facts: readonly ExchangeFact[],
): string | undefined {
  const own = signaturesDigest(signed.jws)
  const dispatches = facts.flatMap(({ env }) => check.dispatches.get(env)?.content ?? [])
  const binding = dispatches.find(
    ({ statements, signatures }) => signatures[statements.indexOf(digest)] === own,
  )
  return binding?.from.agency
}

function checkBinding(
  check: EvidenceCheck,
  { digest, signed, content }: UnverifiedStatement,
  facts: readonly ExchangeFact[],
): void {
  for (const { env, index, kind } of facts) {
    const dispatch = check.dispatches.get(env)?.content
    const position = dispatch?.statements.indexOf(digest) ?? -1
    const isBound = dispatch?.signatures[position] === signaturesDigest(signed.jws)
    if (dispatch !== undefined && !isBound) {
      blame(check, 'EVIDENCE_MISMATCH', `statement ${digest}`)
    }
    if (kind !== undefined && kind !== content.kind) {
      blame(check, 'DISPATCH_MISMATCH', `index ${String(index)}`)
    }
  }
}

/** Looks a signer up as history: what a later revocation does to him, the cover decides. */
function lookupAt(
  check: EvidenceCheck,
  facts: readonly ExchangeFact[],
): (agency: string, keyId: KeyId, at: number) => OfficerKey {
  return (agency, keyId, at) => {
    const officer = check.trust.officerEntry(agency, keyId, at)
    const revocation = check.trust.revocationOf(agency, keyId)
    if (revocation === undefined) return officer
    const judged = judgeRevocation(revocation, coverOf(check, facts, { agency, keyId }))
    if (judged === 'void') throw new AmanaError('WIRE_KEY_REVOKED', { keyId })
    if (judged === 'disputed') {
      const where = `statement ${facts[0]?.std ?? ''}`
      const code = 'KEY_DISPUTED'
      check.findings.push({ code, severity: 'warn', level: 'LOCAL', party: agency, where })
    }
    return officer
  }
}

/** The earliest instant at which somebody outside the signer's agency had the signature in hand. */
function coverOf(
  check: EvidenceCheck,
  facts: readonly ExchangeFact[],
  signer: { readonly agency: string; readonly keyId: KeyId },
): Cover | undefined {
  const receipts = facts.flatMap(({ answers }) =>
    answers.flatMap(({ rcpt }) => check.receipts.get(rcpt)?.content ?? []),
  )
  const receiptTimes = receipts.flatMap(({ receiver, issuedAt }) =>
    receiver.agency === signer.agency ? [] : [issuedAt],
  )
  const cosignTimes = facts
    .filter(({ direction }) => direction === 'sent')
    .flatMap(
      ({ index }) =>
        check.proven
          .find(({ size, cosignedAt }) => size > index && cosignedAt.length > 0)
          ?.cosignedAt.slice(0, 1) ?? [],
    )
  const coveredAt = Math.min(...receiptTimes, ...cosignTimes)
  const firstSeenAt = firstSeen(check, signer)
  return Number.isFinite(coveredAt) ? { coveredAt, firstSeenAt } : undefined
}

/** When the log's agency first saw the roster that revokes; where that is not shown, when the roster was issued. */
function firstSeen(
  check: EvidenceCheck,
  { agency, keyId }: { readonly agency: string; readonly keyId: KeyId },
): number {
  const roster = check.rosters.find(
    (candidate) =>
      candidate.agency === agency && candidate.payload.revoked.some(({ kid }) => kid === keyId),
  )
  const seen = check.reading.leaves.find(
    ({ leaf }) => leaf.event === 'g.roster' && leaf.data.new === roster?.digest,
  )
  if (seen !== undefined) return Math.floor(Date.parse(seen.leaf.time) / 1000)
  return roster?.payload.iat ?? 0
}
