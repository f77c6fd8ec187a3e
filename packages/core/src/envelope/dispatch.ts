/**
 * Dispatches: what the sending node signs. A dispatch binds 1..64 statements, their seal, the desk and the place in the
 * channel; nothing of a message stands in it.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#dispatch
 */
import { z } from 'zod'
import { isSealedLength, SEALED_BYTES_MAX } from '../attachment/chunks.ts'
import { type Json } from '../bytes/jcs.ts'
import { DigestSchema } from '../crypto/digest.ts'
import { KeyIdSchema, type PrivateKey } from '../crypto/jwk.ts'
import { type GeneralJws } from '../crypto/jws.ts'
import { SuiteSchema } from '../crypto/suites.ts'
import { ATTACHMENT_LIMITS } from '../limits/attachment.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { AgencyIdSchema, InstantSchema, isAscending, LocalIdSchema } from '../trust/identifiers.ts'
import { parsePayload } from '../trust/payload.ts'
import { type NodeKey, type TrustView } from '../trust/trust-view.ts'
import {
  NodeAddressSchema,
  parseNodeObject,
  signNodeObject,
  type UnverifiedNodeObject,
  verifyNodeSignature,
} from './node-signature.ts'
import { ContextSchema } from './statement.ts'

/** Type of the JWS that is a dispatch. */
export const DISPATCH_TYPE = 'amana-dispatch+jws'

const AGENCY_CHARS = 64

/** A position in a channel. */
export const SequenceSchema = z.int().min(1).max(Number.MAX_SAFE_INTEGER)

/** `<sender agency>><receiver agency>`. */
export const ChannelSchema = z
  .string()
  .max(2 * AGENCY_CHARS + 1)
  .regex(/^[a-z0-9.-]+>[a-z0-9.-]+$/)

/** The desk that a dispatch goes to, with every key of its suite that the context's roster gives at that instant. */
export const DeskAddressSchema = z.strictObject({
  agency: AgencyIdSchema,
  desk: LocalIdSchema,
  kids: z.array(KeyIdSchema).min(1).max(WIRE_LIMITS.recipients).refine(isAscending),
})

const digestsOfBatch = z.array(DigestSchema).min(1).max(WIRE_LIMITS.statementsPerDispatch)

/** Members of a dispatch, exactly these. */
export const DispatchSchema = z.strictObject({
  /** The last dispatch of the other direction that the sender had placed. */
  acknowledges: z.strictObject({ digest: DigestSchema, sequence: SequenceSchema }).nullable(),
  /** Sealed files that the sent groups name, sorted by digest. */
  attachments: z
    .array(
      z.strictObject({
        digest: DigestSchema,
        length: z.int().min(1).max(SEALED_BYTES_MAX).refine(isSealedLength),
      }),
    )
    .max(ATTACHMENT_LIMITS.perDispatch)
    .refine((all) => isAscending(all.map(({ digest }) => digest))),
  channel: ChannelSchema,
  context: ContextSchema,
  from: NodeAddressSchema,
  keyCommitment: DigestSchema,
  previous: DigestSchema,
  seal: DigestSchema,
  sealBytes: z.int().min(1).max(WIRE_LIMITS.sealBytes),
  sentAt: InstantSchema,
  sequence: SequenceSchema,
  signatures: digestsOfBatch,
  statements: digestsOfBatch,
  suite: SuiteSchema,
  to: DeskAddressSchema,
  v: z.literal(1),
})

/** Members of a dispatch. */
export type DispatchContent = z.output<typeof DispatchSchema>

/** A dispatch of the right form whose signature nobody has checked. */
export type UnverifiedDispatch = UnverifiedNodeObject<DispatchContent>

/** Signs a dispatch with the sending node's seal key. @throws WIRE_MEMBER when a member does not fit */
export async function signDispatch(
  content: DispatchContent,
  sealKey: PrivateKey<'Ed25519'>,
): Promise<GeneralJws> {
  const json: Json = parsePayload(DispatchSchema, content)
  return signNodeObject(DISPATCH_TYPE, json, sealKey)
}

/** Reads a dispatch's form. @throws as `parseNodeObject` */
export function parseDispatch(value: unknown): UnverifiedDispatch {
  return parseNodeObject(value, {
    typ: DISPATCH_TYPE,
    schema: DispatchSchema,
    maxPayloadBytes: WIRE_LIMITS.dispatchPayloadBytes,
  })
}

/** Checks a dispatch's signature under the seal key of the node that it names. @throws as `verifyNodeSignature` */
export async function verifyDispatch(
  { signed, content }: UnverifiedDispatch,
  trust: TrustView,
): Promise<NodeKey> {
  return verifyNodeSignature(signed, { from: content.from, at: content.sentAt }, trust)
}

/** What the seal's additional data say: the same three members as the dispatch. */
export function sealBinding(dispatch: {
  readonly from: DispatchContent['from']
  readonly statements: readonly string[]
  readonly to: DispatchContent['to']
}): Json {
  return {
    from: { ...dispatch.from },
    statements: [...dispatch.statements],
    to: { ...dispatch.to },
  }
}
