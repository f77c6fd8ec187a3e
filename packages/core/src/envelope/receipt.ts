/**
 * Receipts: the receiver's signed answer, one result for each statement of the dispatch, in its order.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#receipt
 */
import { z } from 'zod'
import { type Json } from '../bytes/jcs.ts'
import { DigestSchema } from '../crypto/digest.ts'
import { type PrivateKey } from '../crypto/jwk.ts'
import { type GeneralJws } from '../crypto/jws.ts'
import { AmanaError, ERRORS } from '../errors.ts'
import { type RefusalClass } from '../errors/row.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { InstantSchema } from '../trust/identifiers.ts'
import { parsePayload } from '../trust/payload.ts'
import { type NodeKey, type TrustView } from '../trust/trust-view.ts'
import { ChannelSchema, SequenceSchema, type UnverifiedDispatch } from './dispatch.ts'
import {
  NodeAddressSchema,
  parseNodeObject,
  signNodeObject,
  type UnverifiedNodeObject,
  verifyNodeSignature,
} from './node-signature.ts'

/** Type of the JWS that is a receipt. */
export const RECEIPT_TYPE = 'amana-receipt+jws'

const ORIGIN_CHARS = 128

const ResultSchema = z.strictObject({
  /** Which groups were opened: digest(JCS([body salt, sorted names])). */
  groups: z.exactOptional(DigestSchema),
  /** The leaf of the receiver's log in which the statement stands. */
  leaf: z.strictObject({ hash: DigestSchema, sequence: z.int().min(0) }),
  refusal: z.exactOptional(z.enum(['content', 'malformed', 'order', 'policy', 'size', 'trust'])),
  result: z.enum(['held', 'opened', 'refused', 'stored']),
  statement: DigestSchema,
})

/** Members of a receipt, exactly these. */
export const ReceiptSchema = z.strictObject({
  channel: ChannelSchema,
  dispatch: DigestSchema,
  issuedAt: InstantSchema,
  log: z.string().min(1).max(ORIGIN_CHARS),
  receiver: NodeAddressSchema,
  results: z.array(ResultSchema).min(1).max(WIRE_LIMITS.statementsPerDispatch),
  sequence: SequenceSchema,
  v: z.literal(1),
})

/** Members of a receipt. */
export type ReceiptContent = z.output<typeof ReceiptSchema>

/** What became of one statement. */
export type ReceiptResult = ReceiptContent['results'][number]

/** A receipt of the right form whose signature nobody has checked. */
export type UnverifiedReceipt = UnverifiedNodeObject<ReceiptContent>

/** Signs a receipt with the receiving node's seal key. @throws WIRE_MEMBER when a member does not fit */
export async function signReceipt(
  content: ReceiptContent,
  sealKey: PrivateKey<'Ed25519'>,
): Promise<GeneralJws> {
  const json: Json = withoutAbsent(parsePayload(ReceiptSchema, withoutAbsent(content)))
  return signNodeObject(RECEIPT_TYPE, json, sealKey)
}

/** Reads a receipt's form. @throws as `parseNodeObject` */
export function parseReceipt(value: unknown): UnverifiedReceipt {
  return parseNodeObject(value, {
    typ: RECEIPT_TYPE,
    schema: ReceiptSchema,
    maxPayloadBytes: WIRE_LIMITS.receiptPayloadBytes,
  })
}

/**
 * Checks that a receipt answers a dispatch: signature of a node of the addressee, channel, place, every statement once
 * and in order.
 *
 * @throws WIRE_RECEIPT with what does not fit; as `verifyNodeSignature`
 * @throws WIRE_TIME_ORDER when it says opened and is dated before the dispatch by more than the skew: who opened it had
 * found the dispatch's time right
 */
export async function verifyReceipt(
  receipt: UnverifiedReceipt,
  dispatch: Pick<UnverifiedDispatch, 'content' | 'digest'>,
  trust: TrustView,
): Promise<NodeKey> {
  const { content, signed } = receipt
  const claim = { from: content.receiver, at: content.issuedAt }
  const key = await verifyNodeSignature(signed, claim, trust)
  assertAnswers(content, dispatch)
  const { skew } = trust.charter.payload.limits
  const isOpened = content.results.some(({ result }) => result === 'opened')
  if (isOpened && content.issuedAt + skew < dispatch.content.sentAt) {
    throw new AmanaError('WIRE_TIME_ORDER', { at: content.issuedAt })
  }
  return key
}

/**
 * A receipt that arrives is of now: one dated ahead would count as seen before it was. Not for those who read history.
 *
 * @throws WIRE_TIME_FUTURE when it is dated more than the skew after `now`, seconds since 1970
 */
export function assertReceiptArrives(
  { content: { issuedAt } }: UnverifiedReceipt,
  now: number,
  trust: TrustView,
): void {
  if (issuedAt <= now + trust.charter.payload.limits.skew) return
  throw new AmanaError('WIRE_TIME_FUTURE', { at: issuedAt })
}

/** What a peer is told of a refusal: its class, never its code. */
export function refusalClassOf(error: AmanaError): RefusalClass {
  return ERRORS[error.code].refusal ?? 'content'
}

function assertAnswers(
  receipt: ReceiptContent,
  { content, digest }: Pick<UnverifiedDispatch, 'content' | 'digest'>,
): void {
  if (receipt.dispatch !== digest) unfit('dispatch')
  if (receipt.channel !== content.channel || receipt.sequence !== content.sequence) unfit('place')
  if (receipt.receiver.agency !== content.to.agency) unfit('receiver')
  const answered = receipt.results.map(({ statement }) => statement)
  if (answered.join(' ') !== content.statements.join(' ')) unfit('results')
  const odd = receipt.results.find(
    ({ result, refusal, groups }) =>
      (result === 'refused') !== (refusal !== undefined) ||
      (result === 'opened') !== (groups !== undefined),
  )
  if (odd !== undefined) unfit('result')
}

function unfit(reason: string): never {
  throw new AmanaError('WIRE_RECEIPT', { reason })
}

function withoutAbsent(content: ReceiptContent): Json {
  return {
    ...content,
    receiver: { ...content.receiver },
    results: content.results.map((result) => ({ ...result, leaf: { ...result.leaf } })),
  }
}
