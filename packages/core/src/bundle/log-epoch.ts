/**
 * How an agency begins another log: an agreement that holds the first leaf of the new one and is signed by the roster keys
 * of both agencies. The leaf says where the log before it stood, so that nothing can be left out unseen.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#epochs
 */
import { z } from 'zod'
import { createCursor, followLeaf } from '../audit/cursor.ts'
import { type Leaf } from '../audit/leaf.ts'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { encodeCanonical } from '../bytes/jcs.ts'
import { type Digest } from '../crypto/digest.ts'
import { type Ed25519Jwk, type PrivateKey, thumbprint } from '../crypto/jwk.ts'
import {
  type GeneralJws,
  parseJws,
  signJws,
  type UnverifiedJws,
  verifyJwsSignature,
} from '../crypto/jws.ts'
import { AmanaError } from '../errors.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import { AgencyIdSchema, InstantSchema } from '../trust/identifiers.ts'
import { parsePayload } from '../trust/payload.ts'
import { RosterLogSchema } from '../trust/roster.ts'

/** Type of the JWS that carries an agreement. */
export const EPOCH_TYPE = 'amana-epoch+jws'

const LogEpochSchema = z.strictObject({
  agency: AgencyIdSchema,
  /** Bytes of leaf 0 of the new log, base64url. */
  first: z
    .string()
    .min(1)
    .max(2 * AUDIT_LIMITS.leafBytes),
  iat: InstantSchema,
  /** The new log as the agency's next roster names it. */
  log: RosterLogSchema,
  v: z.literal(1),
})

/** Payload of an agreement. */
export type LogEpoch = z.output<typeof LogEpochSchema>

type Genesis = Extract<Leaf, { event: 'g.genesis' }>

/** Where the log before stood, as the new one begins with it. */
export type PreviousLog = NonNullable<Genesis['data']['prev']>

/** An agreement of which the form and the fit were checked, and no signature. */
export interface ParsedEpoch {
  readonly digest: Digest
  readonly content: LogEpoch
  readonly prev: PreviousLog
  /** Bytes of leaf 0. */
  readonly first: Uint8Array
  /** Number of the new log. */
  readonly epoch: number
  readonly jws: GeneralJws
}

/** Signs an agreement with the roster key of one agency. */
export function signLogEpoch(
  epoch: LogEpoch,
  rosterKey: PrivateKey<'Ed25519'>,
): Promise<GeneralJws> {
  const signers = [{ key: rosterKey }]
  return signJws({ payload: encodeCanonical(epoch), typ: EPOCH_TYPE, signers })
}

/** The agreement with one more signature behind those that it has. */
export async function countersignLogEpoch(
  { content, jws }: ParsedEpoch,
  rosterKey: PrivateKey<'Ed25519'>,
): Promise<GeneralJws> {
  const { signatures } = await signLogEpoch(content, rosterKey)
  return { ...jws, signatures: [...jws.signatures, ...signatures] }
}

/**
 * Reads an agreement: its first leaf is the one whose hash and keys the new log has, and follows the log before by one.
 *
 * @throws WIRE_* as `parseJws`, WIRE_MEMBER; AUDIT_* as `followLeaf`
 * @throws AUDIT_EPOCH when leaf, log and agency do not fit together
 */
export function parseLogEpoch(value: unknown): ParsedEpoch {
  const parsed = parseEpochJws(value)
  const content = parsePayload(LogEpochSchema, parsed.payload)
  const first = decodeBase64url(content.first)
  const { leaf, placed } = followLeaf(createCursor(content.log.origin), first)
  if (leaf.event !== 'g.genesis' || leaf.data.prev === undefined) throw unfit('first')
  if (encodeBase64url(placed.hash) !== content.log.genesis) throw unfit('genesis')
  const { agency, keys, prev } = leaf.data
  const named = [...content.log.log, ...content.log.witness]
  if (agency !== content.agency || keys.join(' ') !== named.join(' ')) throw unfit('keys')
  const epoch = epochOf(prev.log, agency) + 1
  if (epochOf(content.log.origin, agency) !== epoch) throw unfit('origin')
  return { digest: parsed.digest, content, prev, first, epoch, jws: parsed.jws }
}

/**
 * Checks that a roster key of each of `signers` signed, in that order and nobody else.
 *
 * @throws WIRE_SIG when one did not
 */
export async function verifyLogEpoch(
  { jws }: ParsedEpoch,
  signers: readonly (readonly Ed25519Jwk[])[],
): Promise<void> {
  const parsed = parseEpochJws(jws)
  if (parsed.signatures.length !== signers.length) throw new AmanaError('WIRE_SIG', { keyId: '' })
  for (const [index, keys] of signers.entries()) await verifyOne(parsed, index, keys)
}

async function verifyOne(
  parsed: UnverifiedJws,
  index: number,
  keys: readonly Ed25519Jwk[],
): Promise<void> {
  const keyId = parsed.signatures[index]?.keyId
  for (const jwk of keys) {
    if ((await thumbprint(jwk)) === keyId) return verifyJwsSignature(parsed, index, jwk)
  }
  throw new AmanaError('WIRE_SIG', { keyId: keyId ?? '' })
}

function parseEpochJws(value: unknown): UnverifiedJws {
  return parseJws(value, {
    typ: EPOCH_TYPE,
    maxPayloadBytes: 4 * AUDIT_LIMITS.leafBytes,
    maxSignatures: 2,
  })
}

/** The number at the end of an agency's log name; 0 for another agency's. */
function epochOf(origin: string, agency: string): number {
  const [name = '', number] = origin.split('/amana/audit/')
  return name === agency ? Number(number) : 0
}

function unfit(reason: string): AmanaError {
  return new AmanaError('AUDIT_EPOCH', { reason })
}
