/**
 * What a node says by carriers of the attachments that it was sent: which parts of each it lacks. A mailbox must not be
 * able to say so in its name.
 *
 * @module
 * @spec docs/spec/10-attachments.md#what-is-missing
 */
import { z } from 'zod'
import { DigestSchema } from '../crypto/digest.ts'
import { type PrivateKey } from '../crypto/jwk.ts'
import { type GeneralJws } from '../crypto/jws.ts'
import { AmanaError } from '../errors.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { InstantSchema } from '../trust/identifiers.ts'
import { parsePayload } from '../trust/payload.ts'
import { type TrustView } from '../trust/trust-view.ts'
import {
  NodeAddressSchema,
  parseNodeObject,
  signNodeObject,
  type UnverifiedNodeObject,
  verifyNodeSignature,
} from './node-signature.ts'

/** Type of the JWS. */
export const PIECES_TYPE = 'amana-pieces+jws'

/** Attachments of one word, and gaps of one of them: what does not fit is said later. */
export const MOST_PIECES = 128
/** Gaps of one attachment. */
export const MOST_GAPS = 8

const MOST_RANGES = 4096
const RangeIndexSchema = z.int().min(0).max(MOST_RANGES)

/** Members of it, exactly these. */
export const PiecesSchema = z.strictObject({
  from: NodeAddressSchema,
  issuedAt: InstantSchema,
  items: z
    .array(
      z.strictObject({
        digest: DigestSchema,
        /** Numbers of the first range of a gap, and of the first one after it; none where nothing is wanted. */
        missing: z.array(z.tuple([RangeIndexSchema, RangeIndexSchema])).max(MOST_GAPS),
      }),
    )
    .max(MOST_PIECES),
  v: z.literal(1),
})

/** Members of it. */
export type PiecesContent = z.output<typeof PiecesSchema>

/** One of the right form whose signature nobody has checked. */
export type UnverifiedPieces = UnverifiedNodeObject<PiecesContent>

/** Signs it with the node's seal key. @throws WIRE_MEMBER when a member does not fit */
export async function signPieces(
  content: PiecesContent,
  sealKey: PrivateKey<'Ed25519'>,
): Promise<GeneralJws> {
  const { from, items, ...rest } = content
  parsePayload(PiecesSchema, { ...rest, from: { ...from }, items: jsonOf(items) })
  return signNodeObject(PIECES_TYPE, { ...rest, from: { ...from }, items: jsonOf(items) }, sealKey)
}

function jsonOf(items: PiecesContent['items']): { digest: string; missing: number[][] }[] {
  return items.map(({ digest, missing }) => ({ digest, missing: missing.map((gap) => [...gap]) }))
}

/** Reads its form. @throws as `parseNodeObject` */
export function parsePieces(value: unknown): UnverifiedPieces {
  return parseNodeObject(value, {
    typ: PIECES_TYPE,
    schema: PiecesSchema,
    maxPayloadBytes: WIRE_LIMITS.dispatchPayloadBytes,
  })
}

/**
 * Checks that a node of `agency` signed it, and not in the future.
 *
 * @throws WIRE_ISS, WIRE_TIME_FUTURE; as `verifyNodeSignature`
 */
export async function verifyPieces(
  { content, signed }: UnverifiedPieces,
  { agency, now }: { readonly agency: string; readonly now: number },
  trust: TrustView,
): Promise<void> {
  const { from, issuedAt } = content
  if (from.agency !== agency) throw new AmanaError('WIRE_ISS', { issuer: from.agency })
  await verifyNodeSignature(signed, { from, at: issuedAt }, trust)
  const { skew } = trust.charter.payload.limits
  if (issuedAt > now + skew) throw new AmanaError('WIRE_TIME_FUTURE', { at: issuedAt })
}
