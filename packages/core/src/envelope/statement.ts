/**
 * Statements: what an officer signs. The clear part says who, for whom, when and what kind; the body is one digest.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#statement
 */
import { z } from 'zod'
import { encodeBase64url } from '../bytes/base64.ts'
import { encodeCanonical, type Json } from '../bytes/jcs.ts'
import { digest, DigestSchema, type Digest, type Random } from '../crypto/digest.ts'
import { type PrivateKey } from '../crypto/jwk.ts'
import { type Act, type GeneralJws, parseJws, signJws, type UnverifiedJws } from '../crypto/jws.ts'
import { AmanaError } from '../errors.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { HandlingSchema } from '../messages/handling.ts'
import { RelatesSchema } from '../messages/message.ts'
import { AgencyIdSchema, InstantSchema, isAscending, KindSchema } from '../trust/identifiers.ts'
import { parsePayload } from '../trust/payload.ts'
import { createOpening, type Opening, rebuildOpening } from './opening.ts'

/** Type of the JWS that is a statement. */
export const STATEMENT_TYPE = 'amana-statement+sd-jwt'

const MESSAGE_ID_BYTES = 16
const AUDIENCE = 8

/** The trust documents that a signer had: one charter, the roster of each agency. */
export const ContextSchema = z.strictObject({
  charter: DigestSchema,
  rosters: z.record(AgencyIdSchema, DigestSchema),
})

/** The trust documents that a signer had. */
export interface Context extends z.output<typeof ContextSchema> {}

const AudienceSchema = z.array(AgencyIdSchema).min(1).max(AUDIENCE).refine(isAscending)

/** Clear members of a statement, exactly these. */
export const StatementSchema = z.strictObject({
  _sd: z.tuple([DigestSchema]),
  _sd_alg: z.string().max(32),
  aud: AudienceSchema,
  context: ContextSchema,
  exp: z.exactOptional(InstantSchema),
  handling: HandlingSchema,
  iat: InstantSchema,
  iss: AgencyIdSchema,
  /** 16 random bytes: one id, one statement. */
  jti: z.string().regex(/^[A-Za-z0-9_-]{21}[AQgw]$/),
  kind: KindSchema,
  relates: z.exactOptional(RelatesSchema),
  v: z.literal(1),
})

/** Clear members of a statement. */
export type StatementContent = z.output<typeof StatementSchema>

/** A statement of the right form; nobody has checked a signature. */
export interface UnverifiedStatement {
  readonly signed: UnverifiedJws
  readonly digest: Digest
  readonly content: StatementContent
}

/** A statement as its officer's program holds it: signed, with the opening of every group. */
export interface SignedStatement {
  readonly statement: GeneralJws
  readonly digest: Digest
  readonly kind: string
  readonly opening: Opening
}

/** What the author decides; core adds the message id, the seeds and the digest. */
export interface StatementDraft {
  readonly aud: readonly string[]
  readonly context: Context
  readonly exp?: number
  readonly groups: Readonly<Record<string, { readonly [member: string]: Json }>>
  readonly handling: z.output<typeof HandlingSchema>
  readonly iat: number
  readonly iss: string
  readonly kind: string
  readonly relates?: z.output<typeof RelatesSchema>
}

/** Who signs a statement, as what. */
export interface OfficerSigner {
  readonly key: PrivateKey<'Ed25519'>
  readonly act: Act
}

/**
 * Signs a new statement. An approver's key signs the same payload: `approveStatement` does it in another program.
 *
 * @throws WIRE_MEMBER when a member does not fit, WIRE_DIS when groups are not those of the kind, WIRE_SIZE
 * @throws as `parseStatement` where a peer could not read it, as with two signatures by one key
 */
export async function signStatement(options: {
  readonly draft: StatementDraft
  readonly signers: readonly OfficerSigner[]
  readonly random: Random
}): Promise<SignedStatement> {
  const { draft, signers, random } = options
  const { groups, ...clear } = draft
  const opening = createOpening(groups, random)
  const content = parsePayload(StatementSchema, {
    ...withoutUndefined(clear),
    _sd: [rebuildOpening(draft.kind, opening).body],
    _sd_alg: 'sha-256',
    jti: encodeBase64url(random(MESSAGE_ID_BYTES)),
    v: 1,
  })
  const payload = encodeCanonical(withoutUndefined(content))
  const statement = await signJws({ payload, typ: STATEMENT_TYPE, signers })
  return { statement, digest: parseStatement(statement).digest, kind: draft.kind, opening }
}

/**
 * Adds an approval. The approver's program rebuilds every group first, so that nobody approves what he cannot see.
 *
 * @throws WIRE_DIS when the opening is not the statement's, WIRE_INCOMPLETE when a group is withheld
 * @throws WIRE_SIG when that key has signed already, WIRE_SIZE above four signatures
 */
export async function approveStatement(
  signed: SignedStatement,
  approver: PrivateKey<'Ed25519'>,
): Promise<SignedStatement> {
  const { signed: parsed, content } = parseStatement(signed.statement)
  assertOpens(content, signed.opening)
  const withheld = Object.keys(signed.opening.withheld)[0]
  if (withheld !== undefined) throw new AmanaError('WIRE_INCOMPLETE', { group: withheld })
  const { signatures } = await signJws({
    payload: encodeCanonical(parsed.payload),
    typ: STATEMENT_TYPE,
    signers: [{ key: approver, act: 'approve' }],
  })
  const both = [...signed.statement.signatures, ...signatures]
  const statement = { payload: signed.statement.payload, signatures: both }
  parseStatement(statement)
  return { ...signed, statement }
}

/**
 * Reads a statement's form: the JWS, the exact members, the digest algorithm.
 *
 * @throws as `parseJws`; WIRE_VERSION, WIRE_MEMBER, WIRE_SD_ALG
 */
export function parseStatement(value: unknown): UnverifiedStatement {
  const signed = parseJws(value, {
    typ: STATEMENT_TYPE,
    maxPayloadBytes: WIRE_LIMITS.statementPayloadBytes,
    maxSignatures: WIRE_LIMITS.statementSignatures,
    acts: true,
  })
  const content = parsePayload(StatementSchema, signed.payload)
  const { _sd_alg: algorithm } = content
  if (algorithm !== 'sha-256') throw new AmanaError('WIRE_SD_ALG', { algorithm })
  return { signed, digest: signed.digest, content }
}

/** Compares an opening with the one digest that the officers signed. @throws WIRE_DIS, WIRE_SIZE */
export function assertOpens(content: StatementContent, opening: Opening): void {
  assertBody(content, rebuildOpening(content.kind, opening).body)
}

/** @throws WIRE_DIS when the officers signed another digest */
export function assertBody(content: StatementContent, body: Digest): void {
  if (body !== bodyDigest(content)) throw new AmanaError('WIRE_DIS', { reason: 'digest' })
}

/** The one digest of a statement: what its body opens. */
export function bodyDigest({ _sd: [body] }: StatementContent): Digest {
  return body
}

/** The digest over a statement's signatures: what a dispatch binds beside the statement's own digest. */
export function signaturesDigest(statement: GeneralJws): Digest {
  return digest(encodeCanonical(statement.signatures.map((entry) => ({ ...entry }))))
}

/** JSON without members that are absent. */
function withoutUndefined(value: object): { readonly [member: string]: Json } {
  const members = Object.entries<Json | undefined>({ ...value })
  return Object.fromEntries(
    members.flatMap(([name, member]) => (member === undefined ? [] : [[name, member] as const])),
  )
}
