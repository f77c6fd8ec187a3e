/**
 * Heads: the first signed word on every connection. It proves who speaks, names the trust documents in force and where
 * each channel stands, so that a restored old disk or a fork shows at once.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#heads
 */
import { z } from 'zod'
import { type Json } from '../bytes/jcs.ts'
import { DigestSchema } from '../crypto/digest.ts'
import { type PrivateKey } from '../crypto/jwk.ts'
import { type GeneralJws } from '../crypto/jws.ts'
import { AmanaError } from '../errors.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { AgencyIdSchema, DocumentVersionSchema, InstantSchema } from '../trust/identifiers.ts'
import { parsePayload } from '../trust/payload.ts'
import { type NodeKey, type TrustView } from '../trust/trust-view.ts'
import { ChannelSchema } from './dispatch.ts'
import {
  NodeAddressSchema,
  parseNodeObject,
  signNodeObject,
  type UnverifiedNodeObject,
  verifyNodeSignature,
} from './node-signature.ts'

/** Type of the JWS that is a heads message. */
export const HEADS_TYPE = 'amana-heads+jws'

const DocumentSchema = z.strictObject({ digest: DigestSchema, version: DocumentVersionSchema })
const ChannelHeadSchema = z.strictObject({ digest: DigestSchema, sequence: z.int().min(0) })
/** 16 bytes in base64url. */
export const NonceSchema = z.string().regex(/^[A-Za-z0-9_-]{21}[AQgw]$/)

/** Members of a heads message, exactly these. */
export const HeadsSchema = z.strictObject({
  /** The last dispatch made in the own direction, the last one placed in the other. */
  channels: z.record(ChannelSchema, ChannelHeadSchema),
  charter: DocumentSchema,
  from: NodeAddressSchema,
  issuedAt: InstantSchema,
  /** The nonce of the other side's HELLO. */
  nonce: NonceSchema,
  /** A recovery that waits for its instant, and when this side saw it. */
  recovery: z.exactOptional(DocumentSchema.extend({ seenAt: InstantSchema })),
  rosters: z.record(AgencyIdSchema, DocumentSchema),
  v: z.literal(1),
})

/** Members of a heads message. */
export type HeadsContent = z.output<typeof HeadsSchema>

/** A heads message of the right form whose signature nobody has checked. */
export type UnverifiedHeads = UnverifiedNodeObject<HeadsContent>

/** Signs a heads message with the node's seal key. @throws WIRE_MEMBER when a member does not fit */
export async function signHeads(
  content: HeadsContent,
  sealKey: PrivateKey<'Ed25519'>,
): Promise<GeneralJws> {
  const { recovery, ...rest } = content
  const json: Json = recovery === undefined ? rest : { ...rest, recovery: { ...recovery } }
  parsePayload(HeadsSchema, json)
  return signNodeObject(HEADS_TYPE, json, sealKey)
}

/** Reads a heads message's form. @throws as `parseNodeObject` */
export function parseHeads(value: unknown): UnverifiedHeads {
  return parseNodeObject(value, {
    typ: HEADS_TYPE,
    schema: HeadsSchema,
    maxPayloadBytes: WIRE_LIMITS.headsPayloadBytes,
  })
}

/** What this side knows of the connection. */
export interface Greeting {
  readonly nonce: string
  readonly peerId: string
  readonly now: number
}

/**
 * Checks that the peer of this very connection signed: its node, this side's nonce, a clock within the charter's skew.
 *
 * @throws WIRE_NODE, WIRE_SIG, WIRE_REPLAY when the nonce is another's, WIRE_TIME_STALE
 * @throws WIRE_TIME_FUTURE when it is dated ahead of the own clock, or saw a recovery later than it was signed
 */
export async function verifyHeads(
  { signed, content }: UnverifiedHeads,
  greeting: Greeting,
  trust: TrustView,
): Promise<NodeKey> {
  const { from, issuedAt, nonce } = content
  if (from.node !== greeting.peerId) throw new AmanaError('WIRE_NODE', { agency: from.agency })
  const key = await verifyNodeSignature(signed, { from, at: issuedAt }, trust)
  if (nonce !== greeting.nonce) throw new AmanaError('WIRE_REPLAY', { sequence: 0 })
  const { skew } = trust.charter.payload.limits
  if (issuedAt > greeting.now + skew) throw new AmanaError('WIRE_TIME_FUTURE', { at: issuedAt })
  if (issuedAt < greeting.now - skew) throw new AmanaError('WIRE_TIME_STALE', { at: issuedAt })
  const seenAt = content.recovery?.seenAt ?? issuedAt
  if (seenAt > issuedAt) throw new AmanaError('WIRE_TIME_FUTURE', { at: seenAt })
  return key
}
