/**
 * What an officer's program hands in, checked as the peer will check it.
 *
 * @module
 * @spec docs/spec/08-exchange.md#outbox
 */
import {
  AmanaError,
  assertAnswer,
  assertDeskUnlocked,
  assertOpens,
  assertReaderNamed,
  assertRestriction,
  assertStage,
  attachmentsOf,
  type CheckedAnswer,
  deskIn,
  kindDefinition,
  type Message,
  type Opening,
  openingForDesk,
  parseMessage,
  openedValues,
  parseOpening,
  parseStatement,
  type ReadingDesk,
  type StageReceipt,
  type StatementContent,
  type TrustView,
  verifyStatement,
  WIRE_LIMITS,
} from '@amana/core'
import { type Store } from '../ports.ts'
import { type StatementRecord } from '../records.ts'
import { hostedDelivery } from '../statements/answers.ts'
import { receivedMessage } from '../statements/stages.ts'
import { signerRecords, type StatementLedger } from '../statements/statement-ledger.ts'

/** A statement that an officer's program signed, with the opening of all its groups. */
export interface Submission {
  readonly statement: unknown
  readonly opening: unknown
  /** Further desks of the addressee that get what they may see of it. */
  readonly desks?: readonly string[]
}

/** A submission that could be sent as it stands. */
export interface CheckedSubmission {
  readonly record: StatementRecord
  readonly peer: string
  /** Every desk that it goes to, by the roster under which it was checked. */
  readonly desks: readonly ReadingDesk[]
  /** Where it is the answer of a partner desk that this node hosts. */
  readonly answer?: CheckedAnswer
  /** Where it is a receipt of an officer. */
  readonly stage?: StageReceipt
}

/** What a submission is held against. */
export interface SubmissionRules {
  readonly agency: string
  readonly trust: TrustView
  readonly ledger: StatementLedger
  readonly store: Store
  /** Seconds since 1970. */
  readonly now: number
}

/**
 * Checks signatures, roles, approvals, audience, times, every group against its digest and schema, and that each desk
 * reads the kind and has a key; of an answer and a receipt also that it is due.
 *
 * @throws as `verifyStatement`, `parseMessage`, `assertAnswer` and `assertStage`; WIRE_ISS, WIRE_AUD, WIRE_DIS, WIRE_POLICY, WIRE_FORK,
 * WIRE_REPLAY, WIRE_EXPIRED, WIRE_TIME_FUTURE, TRUST_DESK
 */
export async function checkSubmission(
  { desks = [], opening, statement }: Submission,
  rules: SubmissionRules,
): Promise<CheckedSubmission> {
  const { agency, trust, now, ledger } = rules
  const parsed = parseStatement(statement)
  const verified = await verifyStatement(parsed, trust)
  const { content, signers } = verified
  if (content.iss !== agency) throw new AmanaError('WIRE_ISS', { issuer: content.iss })
  const peer = soleAddressee(content, agency)
  assertTime(content, now)
  const opened = parseOpening(opening)
  assertOpens(content, opened)
  const message = parseMessage(content.kind, openedValues(opened))
  assertRestriction(content.handling, message.groups)
  const { desk } = kindDefinition(content.kind)
  const further = [...new Set(desks)].filter((one) => one !== desk)
  const reading = [desk, ...further].map((one) =>
    readingAt({ desk: one, message, opened, peer, rules }),
  )
  await assertNew(ledger, content, parsed.digest)
  const said = {
    answer: await assertAnswer(verified, message, (...due) => hostedDelivery(rules, ...due)),
    stage: await assertStage(verified, message, (one) => receivedMessage(rules, one)),
  }
  const record: StatementRecord = {
    desk,
    digest: parsed.digest,
    direction: 'out',
    opening: opened,
    peer,
    signers: signerRecords(signers),
    state: 'queued',
    statement: parsed.signed.jws,
    ...(further.length === 0
      ? {}
      : { further: further.map((one) => ({ desk: one, state: 'queued' as const })) }),
  }
  return { desks: reading, record, peer, ...defined(said) }
}

/** Without what it is not. */
function defined({
  answer,
  stage,
}: {
  readonly answer: CheckedAnswer | undefined
  readonly stage: StageReceipt | undefined
}): Pick<CheckedSubmission, 'answer' | 'stage'> {
  return {
    ...(answer === undefined ? {} : { answer }),
    ...(stage === undefined ? {} : { stage }),
  }
}

interface Reading {
  readonly desk: string
  readonly message: Message
  readonly opened: Opening
  readonly peer: string
  readonly rules: SubmissionRules
}

/** The desk reads the kind, may be sent this message and has a key. @throws WIRE_POLICY, TRUST_DESK; as `deskKeys` */
function readingAt({ desk, message, opened, peer, rules: { now, trust } }: Reading): ReadingDesk {
  const reading = deskIn(trust.rosterOf(peer).payload, desk)
  const shown = openingForDesk(message.kind, reading, opened)
  if (reading.external && attachmentsOf(openedValues(shown)).length > 0) {
    throw new AmanaError('WIRE_POLICY', { rule: 'attachments for a partner desk' })
  }
  assertDeskUnlocked(message.kind, reading, message.groups)
  assertReaderNamed(message.kind, reading, message.groups)
  trust.deskKeys(peer, desk, now)
  return { external: reading.external, id: reading.id, roles: reading.roles }
}

/** One other agency: nothing else would ever leave the queue. */
function soleAddressee({ aud }: StatementContent, own: string): string {
  const [peer, ...others] = aud
  if (peer === undefined || others.length > 0) throw new AmanaError('WIRE_AUD', { reason: 'one' })
  if (peer === own) throw new AmanaError('WIRE_AUD', { reason: own })
  return peer
}

function assertTime({ exp, iat }: StatementContent, now: number): void {
  if (iat > now + WIRE_LIMITS.clockSkewSeconds)
    throw new AmanaError('WIRE_TIME_FUTURE', { at: iat })
  if (exp !== undefined && exp <= now) throw new AmanaError('WIRE_EXPIRED', { at: exp })
}

/** One message id, one statement, once. @throws WIRE_REPLAY, WIRE_FORK */
export async function assertNew(
  ledger: StatementLedger,
  { iss, jti }: StatementContent,
  statement: string,
): Promise<void> {
  assertNotKnown(await ledger.digestOf(iss, jti), statement)
}

/** @throws WIRE_REPLAY when the message id has this statement already, WIRE_FORK when it has another */
export function assertNotKnown(known: string | undefined, statement: string): void {
  if (known === undefined) return
  if (known !== statement) throw new AmanaError('WIRE_FORK', { what: 'statement' })
  throw new AmanaError('WIRE_REPLAY', { sequence: 0 })
}
