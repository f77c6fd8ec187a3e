/**
 * What a receiver asks of each statement before anything is decrypted.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#the-receivers-order
 */
import { type Digest } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'
import { type TrustView } from '../trust/trust-view.ts'
import { type DispatchContent } from './dispatch.ts'
import { type VerifiedStatement, verifyStatement } from './statement-rules.ts'
import { type UnverifiedStatement } from './statement.ts'

/** What whoever reads statements knows. */
export interface StatementReceiver {
  readonly agency: string
  /** Seconds. */
  readonly now: number
  readonly trust: TrustView
  /** The statement that has this message id already. */
  statementOf(issuer: string, messageId: string): Promise<string | undefined>
}

/** Where a statement arrives. */
export interface StatementPlace {
  readonly dispatch: DispatchContent
  /** Ids that statements of this dispatch took, with their statement. */
  readonly messageIds: Map<string, Digest>
  readonly receiver: StatementReceiver
}

/** One statement before anything is decrypted: signatures and roles, sender, audience, times, message id. */
export async function checkStatement(
  statement: UnverifiedStatement,
  place: StatementPlace,
): Promise<VerifiedStatement> {
  const { dispatch, receiver } = place
  const verified = await verifyStatement(statement, receiver.trust)
  assertSender(verified, dispatch.from.agency)
  assertAudience(verified, receiver.agency)
  assertStatementTimes(verified, place)
  await assertMessageId(verified, place)
  return verified
}

/** Nobody passes on another agency's statement: the originator makes a new one for a new reader. @throws WIRE_ISS */
function assertSender({ content }: VerifiedStatement, agency: string): void {
  if (content.iss !== agency) throw new AmanaError('WIRE_ISS', { issuer: content.iss })
}

function assertAudience({ content }: VerifiedStatement, agency: string): void {
  if (!content.aud.includes(agency)) throw new AmanaError('WIRE_AUD', { reason: agency })
}

function assertStatementTimes({ content }: VerifiedStatement, place: StatementPlace): void {
  const { now, trust } = place.receiver
  const { skew } = trust.charter.payload.limits
  if (content.iat > Math.min(now, place.dispatch.sentAt) + skew) {
    throw new AmanaError('WIRE_TIME_FUTURE', { at: content.iat })
  }
  if (content.exp !== undefined && content.exp <= now) {
    throw new AmanaError('WIRE_EXPIRED', { at: content.exp })
  }
}

/** One message id, one statement. @throws WIRE_FORK */
async function assertMessageId(
  { content, digest }: VerifiedStatement,
  { messageIds, receiver }: StatementPlace,
): Promise<void> {
  const { iss, jti } = content
  const known = messageIds.get(jti) ?? (await receiver.statementOf(iss, jti))
  if (known !== undefined && known !== digest) {
    throw new AmanaError('WIRE_FORK', { what: 'statement' })
  }
  messageIds.set(jti, digest)
}
