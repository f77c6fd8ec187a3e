/**
 * The receiver's order of checks: cheap before dear, signatures before decryption, the place in the channel before the
 * contents. `openEnvelope` is the list of the specification; each step is a function of its own.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#the-receivers-order
 */
import { type Digest } from '../crypto/digest.ts'
import { type OpeningKey } from '../crypto/jwk.ts'
import { keysOfSuite } from '../crypto/suites.ts'
import { AmanaError, ERRORS, isAnyAmanaError } from '../errors.ts'
import { assertRestriction } from '../messages/handling.ts'
import { type Message, parseOpenedGroups } from '../messages/message.ts'
import { deskKeysIn, type TrustView } from '../trust/trust-view.ts'
import { type ChannelHead, channelName, placeInChannel } from './channel.ts'
import {
  type DispatchContent,
  sealBinding,
  type UnverifiedDispatch,
  verifyDispatch,
} from './dispatch.ts'
import { assertEnvelopeMatches, parseEnvelope, type UnverifiedEnvelope } from './envelope.ts'
import { verifyNodeSignature } from './node-signature.ts'
import {
  assertComplete,
  assertDisclosureCount,
  groupsForDesk,
  type Opening,
  openedValues,
  rebuildOpening,
} from './opening.ts'
import { openSeal, parseSeal } from './seal.ts'
import { assertKnownRoster, type VerifiedStatement, verifyStatement } from './statement-rules.ts'
import { assertBody, type UnverifiedStatement } from './statement.ts'
import { canonicalize } from '../bytes/jcs.ts'

/** What the receiving node knows when an envelope arrives. */
export interface Receiver {
  readonly agency: string
  /** Seconds. */
  readonly now: number
  readonly trust: TrustView
  /** The peer that the transport authenticated; absent for envelopes from a file. */
  readonly carriedBy?: string
  /** The head of the channel from `sender` to here. */
  headOf(sender: string): Promise<ChannelHead>
  /** The dispatch that took that place before. */
  dispatchAt(sender: string, sequence: number): Promise<string | undefined>
  /** Our own dispatch at that place of the channel to `receiver`. */
  ownDispatchAt(receiver: string, sequence: number): Promise<string | undefined>
  /** The statement that has this message id already. */
  statementOf(issuer: string, messageId: string): Promise<string | undefined>
  /** The private half of a desk's key, where this node hosts it. */
  deskKey(keyId: string): OpeningKey | undefined
}

/** A statement that opened: every digest matched and the schema accepted it. */
export interface OpenedStatement {
  readonly result: 'opened'
  readonly statement: UnverifiedStatement
  readonly verified: VerifiedStatement
  readonly message: Message
  /** Only what the desk may see. */
  readonly opening: Opening
  /** Groups that the sender should have withheld; only their digests are left. */
  readonly excess: readonly string[]
}

/** A statement that takes its place and is refused. */
export interface RefusedStatement {
  readonly result: 'refused'
  readonly digest: Digest
  /** Absent when the dispatch was voided. */
  readonly statement?: UnverifiedStatement
  readonly error: AmanaError
}

/** What became of an envelope whose sender is proven. */
export type ReceivedEnvelope =
  | { readonly outcome: 'replay'; readonly dispatch: UnverifiedDispatch }
  | { readonly outcome: 'gap'; readonly dispatch: UnverifiedDispatch; readonly expected: number }
  | {
      readonly outcome: 'placed'
      readonly dispatch: UnverifiedDispatch
      readonly statements: readonly (OpenedStatement | RefusedStatement)[]
    }

/**
 * Opens an envelope in the order of the specification. What fails before the place throws: no place, no receipt. What
 * fails after it refuses statements, which a receipt tells by class.
 *
 * @throws WIRE_*, TRUST_EXPIRED as each step says
 */
export async function openEnvelope(
  bytes: Uint8Array,
  receiver: Receiver,
): Promise<ReceivedEnvelope> {
  const envelope = parseEnvelope(bytes)
  const { dispatch } = envelope
  await verifyDispatch(dispatch, receiver.trust)
  await assertVoidSigned(envelope, receiver.trust)
  assertEnvelopeMatches(envelope)
  assertForMe(dispatch, receiver)
  assertCarrier(dispatch, receiver)
  const head = await receiver.headOf(dispatch.content.from.agency)
  const place = await placeOf(dispatch, head, receiver)
  if (place === 'replay') return { outcome: 'replay', dispatch }
  if (place === 'gap') return { outcome: 'gap', dispatch, expected: head.sequence + 1 }
  const statements = await openPlaced(envelope, head, receiver)
  return { outcome: 'placed', dispatch, statements }
}

async function assertVoidSigned(envelope: UnverifiedEnvelope, trust: TrustView): Promise<void> {
  if (envelope.form === 'sealed') return
  const { from, sentAt } = envelope.dispatch.content
  await verifyNodeSignature(envelope.void.signed, { from, at: sentAt }, trust)
}

/** The channel is the two agencies', in this direction. @throws WIRE_NOT_FOR_ME, WIRE_CHANNEL */
function assertForMe({ content }: UnverifiedDispatch, receiver: Receiver): void {
  const { from, to, channel } = content
  if (to.agency !== receiver.agency) {
    throw new AmanaError('WIRE_NOT_FOR_ME', { agency: to.agency })
  }
  if (from.agency === to.agency || channel !== channelName(from.agency, to.agency)) {
    throw new AmanaError('WIRE_CHANNEL', { channel })
  }
}

/** A dispatch is accepted from its own node only. @throws WIRE_NODE */
function assertCarrier({ content }: UnverifiedDispatch, { carriedBy }: Receiver): void {
  if (carriedBy !== undefined && carriedBy !== content.from.node) {
    throw new AmanaError('WIRE_NODE', { agency: content.from.agency })
  }
}

async function placeOf(
  { digest, content }: UnverifiedDispatch,
  head: ChannelHead,
  receiver: Receiver,
): Promise<'next' | 'replay' | 'gap'> {
  const { sequence, previous, from } = content
  const known = await receiver.dispatchAt(from.agency, sequence)
  return placeInChannel({ digest, sequence, previous }, head, known)
}

/** From here on the place is taken, whatever the contents are. */
async function openPlaced(
  envelope: UnverifiedEnvelope,
  head: ChannelHead,
  receiver: Receiver,
): Promise<readonly (OpenedStatement | RefusedStatement)[]> {
  const { content } = envelope.dispatch
  if (envelope.form === 'void') {
    const error = new AmanaError('WIRE_POLICY', { rule: 'void' })
    return content.statements.map((digest) => ({ result: 'refused', digest, error }))
  }
  const { statements } = envelope
  const failed = await failureOf(async () => assertWhole(envelope.dispatch, head, receiver))
  if (failed !== undefined) return statements.map((statement) => refused(statement, failed))
  const place = { dispatch: content, messageIds: new Map<string, Digest>(), receiver }
  const checked: Checked[] = []
  for (const statement of statements) {
    checked.push(await refusing(async () => checkStatement(statement, place)))
  }
  const openings = await openingsOf(envelope, checked, receiver)
  const opened = statements.map(async (statement, index) => {
    const result = await refusing(async () => {
      const verified = signed(checked[index])
      return { ...openBody(statement, openings(index), content.to.desk), verified }
    })
    return 'error' in result ? refused(statement, result.error) : result
  })
  return Promise.all(opened)
}

/** What stands and falls for the whole dispatch: charter, suite, times, context, acknowledgement, addressees. */
async function assertWhole(
  dispatch: UnverifiedDispatch,
  head: ChannelHead,
  anyReceiver: Receiver,
): Promise<void> {
  const { content } = dispatch
  const receiver = { ...anyReceiver, trust: rulingCharter(content, head, anyReceiver.trust) }
  assertSuite(content.suite, receiver.trust)
  assertTimes(content.sentAt, head, receiver)
  assertKnownRoster(content.context, content.from.agency, receiver.trust)
  await assertAcknowledges(dispatch, head, receiver)
  assertRecipientCount(dispatch, receiver)
  assertDeskKeys(dispatch, receiver)
}

type Checked = VerifiedStatement | { readonly error: AmanaError }

/**
 * The seal is opened once somebody's signature asks for it, and not before. A seal that does not open refuses every
 * statement that is not refused already.
 */
async function openingsOf(
  envelope: Extract<UnverifiedEnvelope, { form: 'sealed' }>,
  checked: readonly Checked[],
  receiver: Receiver,
): Promise<(index: number) => Opening> {
  if (checked.every((one) => 'error' in one)) return noOpening
  const opened = await refusing(async () => openWhole(envelope, receiver))
  if ('error' in opened) {
    return () => {
      throw opened.error
    }
  }
  return (index) => opened[index] ?? noOpening()
}

/** @throws as it was refused before anything was decrypted */
function signed(checked: Checked | undefined): VerifiedStatement {
  if (checked === undefined) return noOpening()
  if ('error' in checked) throw checked.error
  return checked
}

function noOpening(): never {
  throw new AmanaError('WIRE_DIS', { reason: 'count' })
}

/** The seal, in its own order, and one opening for each statement. */
async function openWhole(
  { dispatch, seal: text, statements }: Extract<UnverifiedEnvelope, { form: 'sealed' }>,
  receiver: Receiver,
): Promise<readonly Opening[]> {
  const { keyCommitment, suite, to } = dispatch.content
  const seal = parseSeal(text, suite)
  if (canonicalize(seal.aad) !== canonicalize(sealBinding(dispatch.content))) {
    throw new AmanaError('WIRE_AAD', { member: 'aad' })
  }
  assertSealRecipients(seal.keyIds, to.kids)
  const key = ownKey(to.kids, receiver)
  const openings = await openSeal(seal, key, { keyCommitment, dispatch: dispatch.digest })
  if (openings.length !== statements.length) throw new AmanaError('WIRE_DIS', { reason: 'count' })
  assertDisclosureCount(openings)
  return openings
}

/**
 * The charter by which the dispatch is judged: one that counts at its time, and no earlier one than the sender named
 * before. Who has the next charter does not go back to the one before.
 *
 * @throws WIRE_TRUST_CONTEXT, TRUST_EXPIRED
 */
function rulingCharter(
  { context, sentAt }: DispatchContent,
  head: ChannelHead,
  trust: TrustView,
): TrustView {
  const ruling = trust.under(context.charter, sentAt)
  if (ruling.charter.version < (head.charterVersion ?? 1)) {
    throw new AmanaError('WIRE_TRUST_CONTEXT', { document: 'charter' })
  }
  return ruling
}

function assertSuite(suite: string, trust: TrustView): void {
  if (!trust.charter.payload.suites.some((known) => known === suite)) {
    throw new AmanaError('WIRE_SUITE', { suite })
  }
}

function assertTimes(sentAt: number, head: ChannelHead, receiver: Receiver): void {
  const { skew, hold } = receiver.trust.charter.payload.limits
  if (sentAt > receiver.now + skew) throw new AmanaError('WIRE_TIME_FUTURE', { at: sentAt })
  if (receiver.now - sentAt > hold) throw new AmanaError('WIRE_TIME_STALE', { at: sentAt })
  if (sentAt < head.sentAt) throw new AmanaError('WIRE_TIME_ORDER', { at: sentAt })
}

/** The sender names a dispatch of ours that we know, and never an earlier one than before. @throws WIRE_ACK */
async function assertAcknowledges(
  { content }: UnverifiedDispatch,
  head: ChannelHead,
  receiver: Receiver,
): Promise<void> {
  const sequence = content.acknowledges?.sequence ?? 0
  if (sequence < head.acknowledged) throw new AmanaError('WIRE_ACK', { sequence })
  if (content.acknowledges === null) return
  const own = await receiver.ownDispatchAt(content.from.agency, sequence)
  if (own !== content.acknowledges.digest) throw new AmanaError('WIRE_ACK', { sequence })
}

/** No more addressees than the charter allows. @throws WIRE_SIZE */
function assertRecipientCount({ content }: UnverifiedDispatch, { trust }: Receiver): void {
  const { recipients } = trust.charter.payload.limits
  if (content.to.kids.length > recipients) {
    throw new AmanaError('WIRE_SIZE', {
      sizeBytes: content.to.kids.length,
      limitBytes: recipients,
    })
  }
}

/** The addressees are every key of the suite that the desk had, by the roster of ours that the sender names. @throws WIRE_TO */
function assertDeskKeys({ content }: UnverifiedDispatch, receiver: Receiver): void {
  const named = content.context.rosters[receiver.agency]
  const roster = named === undefined ? undefined : receiver.trust.rosterByDigest(named)
  if (roster?.agency !== receiver.agency) {
    throw new AmanaError('WIRE_TRUST_CONTEXT', { document: 'roster' })
  }
  const keys = deskKeysIn(roster, content.to.desk, content.sentAt)
  const { recipients } = keysOfSuite(content.suite, keys)
  if (recipients.map(({ keyId }) => keyId).join(' ') !== content.to.kids.join(' ')) {
    throw new AmanaError('WIRE_TO', { reason: 'desk' })
  }
}

function assertSealRecipients(found: readonly string[], expected: readonly string[]): void {
  if (found.join(' ') !== expected.join(' ')) throw new AmanaError('WIRE_TO', { reason: 'seal' })
}

function ownKey(keyIds: readonly string[], receiver: Receiver): OpeningKey {
  for (const keyId of keyIds) {
    const key = receiver.deskKey(keyId)
    if (key !== undefined) return key
  }
  throw new AmanaError('WIRE_NOT_FOR_ME', { agency: receiver.agency })
}

interface StatementPlace {
  readonly dispatch: DispatchContent
  /** Ids that statements of this dispatch took, with their statement. */
  readonly messageIds: Map<string, Digest>
  readonly receiver: Receiver
}

/** One statement before anything is decrypted: signatures and roles, sender, audience, times, message id. */
async function checkStatement(
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

function openBody(
  statement: UnverifiedStatement,
  opening: Opening,
  desk: string,
): Omit<OpenedStatement, 'verified'> {
  const { content } = statement
  const { mustSee, mayNotSee } = groupsForDesk(content.kind, desk)
  const rebuilt = rebuildOpening(content.kind, opening)
  assertBody(content, rebuilt.body)
  assertComplete(mustSee, opening)
  const excess = mayNotSee.filter((name) => Object.hasOwn(opening.groups, name))
  const kept = Object.entries(opening.groups).filter(([name]) => !excess.includes(name))
  const groups = Object.fromEntries(kept)
  const destroyed = Object.fromEntries(
    excess.flatMap((name) => {
      const commitment = rebuilt.groups[name]
      return commitment === undefined ? [] : [[name, commitment]]
    }),
  )
  const visible = { ...opening, groups, withheld: { ...opening.withheld, ...destroyed } }
  const message = parseOpenedGroups(content.kind, openedValues(visible))
  assertRestriction(content.handling, message.groups)
  return { result: 'opened', statement, message, opening: visible, excess }
}

function refused(statement: UnverifiedStatement, error: AmanaError): RefusedStatement {
  return { result: 'refused', digest: statement.digest, statement, error }
}

async function failureOf(step: () => Promise<void>): Promise<AmanaError | undefined> {
  const result = await refusing(async () => {
    await step()
    return {}
  })
  return 'error' in result ? result.error : undefined
}

/** A code that a receipt can tell by its class is an answer here; anything else is a fault of this node and goes up. */
async function refusing<T>(step: () => Promise<T>): Promise<T | { readonly error: AmanaError }> {
  try {
    return await step()
  } catch (error) {
    if (isAnyAmanaError(error) && ERRORS[error.code].refusal !== undefined) return { error }
    throw error
  }
}
