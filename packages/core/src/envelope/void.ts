/**
 * A void stands in place of seal and statements where a sender must not or cannot deliver a dispatch that is already in
 * the chain: the place is taken, every statement is refused.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#void
 */
import { z } from 'zod'
import { DigestSchema } from '../crypto/digest.ts'
import { type PrivateKey } from '../crypto/jwk.ts'
import { type GeneralJws } from '../crypto/jws.ts'
import { parsePayload } from '../trust/payload.ts'
import { ChannelSchema, SequenceSchema } from './dispatch.ts'
import { parseNodeObject, signNodeObject, type UnverifiedNodeObject } from './node-signature.ts'

/** Type of the JWS that voids a dispatch. */
export const VOID_TYPE = 'amana-void+jws'

const VOID_BYTES = 1024

const VoidSchema = z.strictObject({
  channel: ChannelSchema,
  dispatch: DigestSchema,
  sequence: SequenceSchema,
  v: z.literal(1),
})

/** Members of a void. */
export type VoidContent = z.output<typeof VoidSchema>

/** A void of the right form whose signature nobody has checked. */
export type UnverifiedVoid = UnverifiedNodeObject<VoidContent>

/** Signs that a dispatch will not be delivered. @throws WIRE_MEMBER when a member does not fit */
export async function signVoid(
  content: Omit<VoidContent, 'v'>,
  sealKey: PrivateKey<'Ed25519'>,
): Promise<GeneralJws> {
  return signNodeObject(VOID_TYPE, parsePayload(VoidSchema, { ...content, v: 1 }), sealKey)
}

/** Reads a void's form. @throws as `parseNodeObject` */
export function parseVoid(value: unknown): UnverifiedVoid {
  return parseNodeObject(value, { typ: VOID_TYPE, schema: VoidSchema, maxPayloadBytes: VOID_BYTES })
}
