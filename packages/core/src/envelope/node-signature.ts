/**
 * Objects that one node signs: dispatch, receipt, heads and void. One signature, by the node's seal key.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#signed-by-a-node
 */
import { z } from 'zod'
import { encodeCanonical, type Json } from '../bytes/jcs.ts'
import { type Digest } from '../crypto/digest.ts'
import { type PrivateKey } from '../crypto/jwk.ts'
import {
  type GeneralJws,
  parseJws,
  signJws,
  type UnverifiedJws,
  verifyJwsSignature,
} from '../crypto/jws.ts'
import { AmanaError } from '../errors.ts'
import { AgencyIdSchema } from '../trust/identifiers.ts'
import { parsePayload } from '../trust/payload.ts'
import { type NodeKey, type TrustView } from '../trust/trust-view.ts'

/** An agency and one of its nodes. */
export const NodeAddressSchema = z.strictObject({
  agency: AgencyIdSchema,
  /** libp2p peer id. */
  node: z.string().min(1).max(64),
})

/** An agency and one of its nodes. */
export interface NodeAddress extends z.output<typeof NodeAddressSchema> {}

/** An object of the right form that names its node; the signature is not checked. */
export interface UnverifiedNodeObject<T> {
  readonly signed: UnverifiedJws
  readonly digest: Digest
  readonly content: T
}

/** How an object of a node is read. */
export interface NodeObjectForm<S extends z.ZodType> {
  readonly typ: string
  readonly schema: S
  readonly maxPayloadBytes: number
}

/** Signs an object with the node's seal key. */
export async function signNodeObject(
  typ: string,
  content: Json,
  sealKey: PrivateKey<'Ed25519'>,
): Promise<GeneralJws> {
  return signJws({ payload: encodeCanonical(content), typ, signers: [{ key: sealKey }] })
}

/** Reads an object's form. @throws as `parseJws`; WIRE_VERSION, WIRE_MEMBER */
export function parseNodeObject<S extends z.ZodType>(
  value: unknown,
  form: NodeObjectForm<S>,
): UnverifiedNodeObject<z.output<S>> {
  const { typ, maxPayloadBytes, schema } = form
  const signed = parseJws(value, { typ, maxPayloadBytes, maxSignatures: 1 })
  return { signed, digest: signed.digest, content: parsePayload(schema, signed.payload) }
}

/** Who claims to have signed, and when by his clock. */
export interface NodeClaim {
  readonly from: NodeAddress
  readonly at: number
}

/**
 * Checks the one signature under the seal key that the roster gave that node at that instant.
 *
 * @throws WIRE_NODE when the key is another node's, WIRE_SIG, and as `TrustView.nodeSealKey`
 */
export async function verifyNodeSignature(
  signed: UnverifiedJws,
  { from, at }: NodeClaim,
  trust: TrustView,
): Promise<NodeKey> {
  const keyId = signed.signatures[0]?.keyId
  if (keyId === undefined) throw new AmanaError('WIRE_SIG', { keyId: '' })
  const key = trust.nodeSealKey(from.agency, keyId, at)
  if (key.node.peerId !== from.node) throw new AmanaError('WIRE_NODE', { agency: from.agency })
  await verifyJwsSignature(signed, 0, key.jwk)
  return key
}
