/**
 * Statements of a bundle: officers' signatures and roles by the rosters of the day, and that they are what the dispatch
 * bound.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#signatures-of-a-statement
 */
import {
  type Cover,
  isStageKind,
  type OfficerLookup,
  parseStatement,
  signaturesDigest,
  type UnverifiedStatement,
  type VerifiedSigner,
  verifyStatement,
} from '@amana/core'
import {
  attempt,
  blame,
  type Blame,
  type CheckedStatement,
  type EvidenceCheck,
} from './evidence.ts'
import { type EvidencePlace } from './evidence-store.ts'
import { type ExchangeFact, factKey } from './exchange-facts.ts'
import { type AskedKey, historyLookup, revokingRoster } from './officer-history.ts'
import { isSendersFault } from './sender-fault.ts'
import { signerText } from './single-files.ts'

/**
 * Verifies every statement that the log names, for each dispatch with the signatures that it bound: one statement may
 * come in two dispatches under two sets of them. Call it when dispatches and receipts are verified.
 */
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
  const records = check.reading.evidence.of('statement', std)
  const [first] = records
  const bound = Map.groupBy(facts, (fact) => boundSignatures(check, fact))
  const strays = records.filter(({ signatures }) => !bound.has(signatures))
  for (const [signatures, together] of bound) {
    const record =
      signatures === undefined ? first : records.find((place) => place.signatures === signatures)
    if (record !== undefined) {
      note(check, together, await judge(check, record, together))
    } else if (strays.length > 0 || !mayBeAbsent(check, together)) {
      const code = first === undefined ? 'EVIDENCE_MISSING' : 'EVIDENCE_MISMATCH'
      blame(check, code, `statement ${std}`)
      await judgeStray(check, strays.shift(), together)
    }
  }
}

/** Digest of the signatures that the fact's dispatch binds; nothing where there is no dispatch to ask. */
function boundSignatures(check: EvidenceCheck, { env, std }: ExchangeFact): string | undefined {
  const dispatch = check.dispatches.get(env)?.content
  if (dispatch === undefined) return undefined
  const position = dispatch.statements.findIndex((statement) => statement === std)
  return dispatch.signatures[position] ?? ''
}

/** In the log of the receiver who refused it: a voided dispatch never brought it. */
function mayBeAbsent(check: EvidenceCheck, facts: readonly ExchangeFact[]): boolean {
  return isRefused(check, facts) && facts.every(({ direction }) => direction === 'received')
}

/** Whether the receiver refused it in all of these dispatches, and nobody acted on it. */
function isRefused(check: EvidenceCheck, facts: readonly ExchangeFact[]): boolean {
  return facts.every((fact) => isFactRefused(check, fact))
}

/** As the newest receipt says under its signature; the receiver's own word only where it has answered nothing yet. */
function isFactRefused(
  { receipts }: EvidenceCheck,
  { answers, direction, refusal, std }: ExchangeFact,
): boolean {
  const newest = answers.at(-1)
  if (newest === undefined) return direction === 'received' && refusal !== undefined
  const results = receipts.get(newest.rcpt)?.results ?? []
  return results.some(({ result, statement }) => statement === std && result === 'refused')
}

/** A record with signatures that no dispatch bound: what was signed is in it, who signed is not to be taken from it. */
async function judgeStray(
  check: EvidenceCheck,
  stray: EvidencePlace | undefined,
  facts: readonly ExchangeFact[],
): Promise<void> {
  if (stray === undefined) return
  const checked = await judge(check, stray, facts)
  note(check, facts, checked === undefined ? undefined : { ...checked, signers: [] })
}

function note(
  check: EvidenceCheck,
  facts: readonly ExchangeFact[],
  checked: CheckedStatement | undefined,
): void {
  if (checked === undefined) return
  for (const fact of facts) check.statements.set(factKey(fact), checked)
}

/** Officers, roles and approvals; what it says of them is for these facts. */
async function judge(
  check: EvidenceCheck,
  place: EvidencePlace,
  facts: readonly ExchangeFact[],
): Promise<CheckedStatement | undefined> {
  check.named.add(place)
  const record = await check.reading.evidence.read(place)
  const where = `statement ${record.digest}`
  const own = { where, party: check.reading.agency, level: 'LOCAL' } as const
  let checked: CheckedStatement | undefined
  await attempt(check, { ...own, isRefused: isRefused(check, facts) }, async () => {
    const statement = parseStatement(record.content)
    const { iat, kind } = statement.content
    checked = { iat, kind, signers: [] }
    checkKind(check, statement, facts)
    const blamed = blameOf(check, statement, facts) ?? own
    await attempt(check, { ...blamed, isRefused: isRefused(check, facts) }, async () => {
      const { signers } = await verifyStatement(statement, check.trust, lookupAt(check, facts))
      const texts = signers.map((signer) => signerText(signer))
      checked = { iat, kind, signers: texts, ...stageOf(statement, signers) }
    })
  })
  return checked
}

/** What an officer’s receipt says in the clear; nothing of another statement. */
function stageOf(
  { content: { kind, relates = [] } }: UnverifiedStatement,
  signers: readonly VerifiedSigner[],
): Pick<CheckedStatement, 'stage'> {
  const [named] = relates
  if (!isStageKind(kind) || named === undefined) return {}
  return {
    stage: { statement: named.digest, roles: signers.map(({ officer }) => officer.roles) },
  }
}

/** The agency whose signed dispatch binds this very statement with these very signatures: it sent it so. */
function blameOf(
  check: EvidenceCheck,
  statement: UnverifiedStatement,
  facts: readonly ExchangeFact[],
): Blame | undefined {
  const own = signaturesDigest(statement.signed.jws)
  const binding = facts
    .flatMap(({ env }) => check.dispatches.get(env) ?? [])
    .filter(({ content: { signatures, statements } }) => {
      return signatures[statements.indexOf(statement.digest)] === own
    })
  const [first] = binding
  if (first === undefined) return undefined
  const known = { ...check, receipts: [...check.receipts.values()] }
  return {
    where: `statement ${statement.digest}`,
    party: first.content.from.agency,
    level: 'LOCAL',
    isProven: async () => {
      for (const dispatch of binding) {
        if (await isSendersFault(statement, dispatch, known)) return true
      }
      return false
    },
  }
}

function checkKind(
  check: EvidenceCheck,
  { content }: UnverifiedStatement,
  facts: readonly ExchangeFact[],
): void {
  for (const { index, kind } of facts) {
    if (kind !== undefined && kind !== content.kind) {
      blame(check, 'DISPATCH_MISMATCH', `index ${String(index)}`)
    }
  }
}

/** Looks a signer up as history: what a later revocation does to him, the cover decides. */
function lookupAt(check: EvidenceCheck, facts: readonly ExchangeFact[]): OfficerLookup {
  return historyLookup(check.trust, {
    coverOf: (signer) => coverOf(check, facts, signer),
    onDisputed: (party) => {
      const where = `statement ${facts[0]?.std ?? ''}`
      check.findings.push({ code: 'KEY_DISPUTED', severity: 'warn', level: 'LOCAL', party, where })
    },
  })
}

/** The earliest instant at which somebody outside the signer's agency had the signature in hand. */
function coverOf(
  check: EvidenceCheck,
  facts: readonly ExchangeFact[],
  signer: AskedKey,
): Cover | undefined {
  const receipts = facts.flatMap(({ answers }) =>
    answers.flatMap(({ rcpt }) => check.receipts.get(rcpt) ?? []),
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
function firstSeen(check: EvidenceCheck, key: AskedKey): number {
  const roster = revokingRoster(check.rosters, key)
  const seen = check.reading.claims.governance.find(
    ({ data, event }) => event === 'g.roster' && data.new === roster?.digest,
  )
  if (seen !== undefined) return Math.floor(Date.parse(seen.time) / 1000)
  return roster?.payload.iat ?? 0
}
