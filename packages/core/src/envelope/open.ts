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
import { deskIn, type ReadingDesk } from '../trust/roster.ts'
import { deskKeysIn, type TrustView } from '../trust/trust-view.ts'
import { type VerifiedRoster } from '../trust/verified-roster.ts'
import { assertAnswer, type FindDelivery } from './answer.ts'
import { type ChannelHead, channelName, placeInChannel } from './channel.ts'
import {
  type DispatchContent,
  sealBinding,
  type UnverifiedDispatch,
  verifyDispatch,
} from './dispatch.ts'
import { assertEnvelopeMatches, parseEnvelope, type UnverifiedEnvelope } from './envelope.ts'
import { verifyNodeSignature } from './node-signature.ts'
import { attachmentsOf } from '../messages/attachments.ts'
import { openBody, type OpenedBody } from './open-body.ts'
import { checkStatement, type StatementReceiver } from './open-statement.ts'
import { assertDisclosureCount, groupsForDesk, type Opening } from './opening.ts'
import { openSeal, parseSeal, type UnverifiedSeal } from './seal.ts'
import { assertStage, type FindStaged, type StageReceipt } from './stage.ts'
import { assertKnownRoster, type VerifiedStatement } from './statement-rules.ts'
import { type UnverifiedStatement } from './statement.ts'
import { canonicalize } from '../bytes/jcs.ts'

/** What the receiving node knows when an envelope arrives. */
export interface Receiver extends StatementReceiver {
  /** The peer that the transport authenticated; absent for envelopes from a file. */
  readonly carriedBy?: string
  /** The head of the channel from `sender` to here. */
  headOf(sender: string): Promise<ChannelHead>
  /** The dispatch that took that place before. */
  dispatchAt(sender: string, sequence: number): Promise<string | undefined>
  /** Our own dispatch at that place of the channel to `receiver`. */
  ownDispatchAt(receiver: string, sequence: number): Promise<string | undefined>
  /** The private half of a desk's key, where this node hosts it. */
  deskKey(keyId: string): OpeningKey | undefined
  /** Our own statement as it was sent to a partner desk of `agency`. */
  sentTo(agency: string, ...delivery: Parameters<FindDelivery>): ReturnType<FindDelivery>
  /** Our own statement as it was sent to the desk of its kind at `agency`. */
  stagedAt(agency: string, ...staged: Parameters<FindStaged>): ReturnType<FindStaged>
}

/** A statement that opened. */
export interface OpenedStatement extends OpenedBody {
  readonly verified: VerifiedStatement
}

/** A statement for a partner desk: signed and sealed as it must be, and closed to this node. */
export interface StoredStatement {
  readonly result: 'stored'
  readonly statement: UnverifiedStatement
  readonly verified: VerifiedStatement
}

/** A statement that takes its place and is refused. */
export interface RefusedStatement {
  readonly result: 'refused'
  readonly digest: Digest
  /** Absent when the dispatch was voided. */
  readonly statement?: UnverifiedStatement
  readonly error: AmanaError
}

/** What became of a statement. */
export type StatementOutcome = OpenedStatement | StoredStatement | RefusedStatement

/** What became of an envelope whose sender is proven. */
export type ReceivedEnvelope =
  | { readonly outcome: 'replay'; readonly dispatch: UnverifiedDispatch }
  | { readonly outcome: 'gap'; readonly dispatch: UnverifiedDispatch; readonly expected: number }
  | {
      readonly outcome: 'placed'
      readonly dispatch: UnverifiedDispatch
      readonly statements: readonly StatementOutcome[]
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

/**
 * A dispatch is accepted from a node of its own agency only: one whose keys were made anew brings what it signed before.
 *
 * @throws WIRE_NODE
 */
function assertCarrier({ content }: UnverifiedDispatch, { carriedBy, trust }: Receiver): void {
  const { agency } = content.from
  if (carriedBy !== undefined && trust.nodeByPeerId(carriedBy)?.agency !== agency) {
    throw new AmanaError('WIRE_NODE', { agency })
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
): Promise<readonly StatementOutcome[]> {
  const { content } = envelope.dispatch
  if (envelope.form === 'void') {
    const error = new AmanaError('WIRE_POLICY', { rule: 'void' })
    return content.statements.map((digest) => ({ result: 'refused', digest, error }))
  }
  const { statements } = envelope
  const failed = await failureOf(async () => assertWhole(envelope.dispatch, head, receiver))
  if (failed !== undefined) return statements.map((statement) => refused(statement, failed))
  const checked = await checkAll(statements, content, receiver)
  const desk = deskIn(namedRoster(content, receiver).payload, content.to.desk)
  if (desk.external) return storeAll(envelope, checked, desk)
  return openAll(envelope, checked, {
    desk,
    deskKey: (keyId) => receiver.deskKey(keyId),
    sentTo: (...delivery) => receiver.sentTo(content.from.agency, ...delivery),
    stagedAt: (...staged) => receiver.stagedAt(content.from.agency, ...staged),
  })
}

/** Every statement before anything is decrypted. */
export async function checkAll(
  statements: readonly UnverifiedStatement[],
  dispatch: DispatchContent,
  receiver: StatementReceiver,
): Promise<readonly Checked[]> {
  const place = { dispatch, messageIds: new Map<string, Digest>(), receiver }
  const checked: Checked[] = []
  for (const statement of statements) {
    checked.push(await refusing(async () => checkStatement(statement, place)))
  }
  return checked
}

/** The node of a partner desk keeps what it cannot open; the form of the seal it can see. */
async function storeAll(
  envelope: SealedEnvelope,
  checked: readonly Checked[],
  desk: ReadingDesk,
): Promise<readonly StatementOutcome[]> {
  const failed = await failureOf(async () => void checkedSeal(envelope))
  const stored = envelope.statements.map(async (statement, index) => {
    const result = await refusing(async (): Promise<StoredStatement> => {
      const verified = signed(checked[index])
      if (failed !== undefined) throw failed
      groupsForDesk(statement.content.kind, desk)
      return { result: 'stored', statement, verified }
    })
    return 'error' in result ? refused(statement, result.error) : result
  })
  return Promise.all(stored)
}

/** Who opens a seal. */
export interface Opener {
  readonly desk: ReadingDesk
  readonly deskKey: (keyId: string) => OpeningKey | undefined
  /** Our own statement as it was sent to a partner desk of the sender. */
  readonly sentTo: FindDelivery
  /** Our own statement as it was sent to the sender. */
  readonly stagedAt: FindStaged
}

/** Opens the seal and every body of the statements that are not refused. */
export async function openAll(
  envelope: SealedEnvelope,
  checked: readonly Checked[],
  opener: Opener,
): Promise<readonly (OpenedStatement | RefusedStatement)[]> {
  const openings = await openingsOf(envelope, checked, opener)
  const answered = new Set<string>()
  const staged: StageReceipt[] = []
  const outcomes: (OpenedStatement | RefusedStatement)[] = []
  for (const [index, statement] of envelope.statements.entries()) {
    const result = await refusing(async () => {
      const verified = signed(checked[index])
      const body = openBody(statement, openings(index), opener.desk)
      assertAttachmentsNamed(body, envelope.dispatch.content)
      const answer = await assertAnswer(verified, body.message, findOnce(opener.sentTo, answered))
      if (answer !== undefined) answered.add(deliveryName(answer.statement, answer.desk))
      const receipt = await assertStage(verified, body.message, stagedOnce(opener.stagedAt, staged))
      if (receipt !== undefined) staged.push(receipt)
      return { ...body, verified }
    })
    outcomes.push('error' in result ? refused(statement, result.error) : result)
  }
  return outcomes
}

/** What a statement attaches its sender's node has bound too, with its length. @throws WIRE_ATTACHMENT */
function assertAttachmentsNamed({ message }: OpenedBody, { attachments }: DispatchContent): void {
  const named = new Map<string, number>(attachments.map((one) => [one.digest, one.length]))
  for (const { digest, length } of attachmentsOf(message.groups)) {
    if (named.get(digest) !== length) throw new AmanaError('WIRE_ATTACHMENT', { digest })
  }
}

/** What one statement of a dispatch answered, no later one answers again. */
function findOnce(find: FindDelivery, answered: ReadonlySet<string>): FindDelivery {
  return async (statement, desk) => {
    const delivery = await find(statement, desk)
    const isAnswered = answered.has(deliveryName(statement, desk))
    return delivery !== undefined && isAnswered ? { ...delivery, isAnswered } : delivery
  }
}

/** What one statement of a dispatch said of a message, no later one says again. */
function stagedOnce(find: FindStaged, staged: readonly StageReceipt[]): FindStaged {
  return async (statement) => {
    const known = await find(statement)
    const said = staged.filter((one) => one.statement === statement).map(({ stage }) => stage)
    return known === undefined ? undefined : { ...known, signed: [...known.signed, ...said] }
  }
}

function deliveryName(statement: string, desk: string): string {
  return `${statement} ${desk}`
}

/** An envelope that is not voided. */
export type SealedEnvelope = Extract<UnverifiedEnvelope, { form: 'sealed' }>

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
  assertDeskKeys(content, receiver)
}

/** A statement before it is decrypted. */
export type Checked = VerifiedStatement | { readonly error: AmanaError }

/**
 * The seal is opened once somebody's signature asks for it, and not before. A seal that does not open refuses every
 * statement that is not refused already.
 */
async function openingsOf(
  envelope: SealedEnvelope,
  checked: readonly Checked[],
  opener: Opener,
): Promise<(index: number) => Opening> {
  if (checked.every((one) => 'error' in one)) return noOpening
  const opened = await refusing(async () => openWhole(envelope, opener))
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
async function openWhole(envelope: SealedEnvelope, opener: Opener): Promise<readonly Opening[]> {
  const { dispatch, statements } = envelope
  const { keyCommitment, to } = dispatch.content
  const seal = checkedSeal(envelope)
  const key = ownKey(to, opener)
  const openings = await openSeal(seal, key, { keyCommitment, dispatch: dispatch.digest })
  if (openings.length !== statements.length) throw new AmanaError('WIRE_DIS', { reason: 'count' })
  assertDisclosureCount(openings)
  return openings
}

/** The form of the seal, and that it is for this dispatch and its recipients. */
function checkedSeal({ dispatch, seal: text }: SealedEnvelope): UnverifiedSeal {
  const { suite, to } = dispatch.content
  const seal = parseSeal(text, suite)
  if (canonicalize(seal.aad) !== canonicalize(sealBinding(dispatch.content))) {
    throw new AmanaError('WIRE_AAD', { member: 'aad' })
  }
  assertSealRecipients(seal.keyIds, to.kids)
  return seal
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

/** The roster of the receiver that the dispatch names. @throws WIRE_TRUST_CONTEXT */
export function namedRoster(
  { context }: DispatchContent,
  { agency, trust }: Pick<StatementReceiver, 'agency' | 'trust'>,
): VerifiedRoster {
  const named = context.rosters[agency]
  const roster = named === undefined ? undefined : trust.rosterByDigest(named)
  if (roster?.agency === agency) return roster
  throw new AmanaError('WIRE_TRUST_CONTEXT', { document: 'roster' })
}

/** The addressees are every key of the suite that the desk had, by the roster of ours that the sender names. @throws WIRE_TO */
export function assertDeskKeys(
  content: DispatchContent,
  receiver: Pick<StatementReceiver, 'agency' | 'trust'>,
): void {
  const keys = deskKeysIn(namedRoster(content, receiver), content.to.desk, content.sentAt)
  const { recipients } = keysOfSuite(content.suite, keys)
  if (recipients.map(({ keyId }) => keyId).join(' ') !== content.to.kids.join(' ')) {
    throw new AmanaError('WIRE_TO', { reason: 'desk' })
  }
}

function assertSealRecipients(found: readonly string[], expected: readonly string[]): void {
  if (found.join(' ') !== expected.join(' ')) throw new AmanaError('WIRE_TO', { reason: 'seal' })
}

function ownKey({ agency, kids }: DispatchContent['to'], { deskKey }: Opener): OpeningKey {
  for (const keyId of kids) {
    const key = deskKey(keyId)
    if (key !== undefined) return key
  }
  throw new AmanaError('WIRE_NOT_FOR_ME', { agency })
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
