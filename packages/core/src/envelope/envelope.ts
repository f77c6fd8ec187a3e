/**
 * The envelope: a dispatch with its seal and statements, as it crosses the wire.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#envelope
 */
import { z } from 'zod'
import { encodeCanonical, parseCanonical, type Json } from '../bytes/jcs.ts'
import { digest, type Digest, type Random } from '../crypto/digest.ts'
import { type PrivateKey } from '../crypto/jwk.ts'
import { type GeneralJws, GeneralJwsSchema, pathOf } from '../crypto/jws.ts'
import { keysOfSuite, type SealKeys } from '../crypto/suites.ts'
import { AmanaError } from '../errors.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { attachmentsOf } from '../messages/attachments.ts'
import {
  DispatchSchema,
  type DispatchContent,
  parseDispatch,
  sealBinding,
  signDispatch,
  type UnverifiedDispatch,
} from './dispatch.ts'
import { parsePayload } from '../trust/payload.ts'
import { type ReadingDesk } from '../trust/roster.ts'
import { type NodeAddress } from './node-signature.ts'
import { assertDisclosureCount, openedValues, type Opening, openingForDesk } from './opening.ts'
import { sealOpenings } from './seal.ts'
import {
  type Context,
  parseStatement,
  signaturesDigest,
  type SignedStatement,
  type UnverifiedStatement,
} from './statement.ts'
import { parseVoid, type UnverifiedVoid } from './void.ts'

const EnvelopeSchema = z.strictObject({
  dispatch: GeneralJwsSchema,
  seal: z.string().min(1).max(WIRE_LIMITS.sealBytes),
  statements: z.array(GeneralJwsSchema).min(1).max(WIRE_LIMITS.statementsPerDispatch),
  v: z.literal(1),
})
const VoidEnvelopeSchema = z.strictObject({
  dispatch: GeneralJwsSchema,
  v: z.literal(1),
  void: GeneralJwsSchema,
})

/** An envelope of the right form that fits its own dispatch; no signature is checked. */
export type UnverifiedEnvelope =
  | {
      readonly form: 'sealed'
      readonly dispatch: UnverifiedDispatch
      readonly statements: readonly UnverifiedStatement[]
      readonly seal: string
    }
  | {
      readonly form: 'void'
      readonly dispatch: UnverifiedDispatch
      readonly void: UnverifiedVoid
    }

/** What the sending node decides about one envelope. */
export interface EnvelopeParts {
  readonly statements: readonly SignedStatement[]
  readonly from: NodeAddress
  readonly to: {
    readonly agency: string
    /** As the roster of that agency that `context` names describes it. */
    readonly desk: ReadingDesk
    /** All of the desk's suite; they decide under which one it is sealed. */
    readonly keys: SealKeys
  }
  readonly place: Pick<DispatchContent, 'acknowledges' | 'channel' | 'previous' | 'sequence'>
  readonly context: Context
  /** Seconds; never before the channel's last dispatch. */
  readonly sentAt: number
  readonly sealKey: PrivateKey<'Ed25519'>
  readonly random: Random
}

/** An envelope with what its sender keeps. */
export interface BuiltEnvelope {
  readonly bytes: Uint8Array
  readonly dispatch: GeneralJws
  readonly digest: Digest
}

/**
 * Seals statements for one desk and signs the dispatch that binds them.
 *
 * @throws WIRE_INCOMPLETE when a statement lacks a group that the desk must see, WIRE_POLICY when the desk does not read it
 * @throws WIRE_SIZE above 1 MiB, 900 KiB of seal or 16,384 disclosures; WIRE_MEMBER above 64 statements or 16 keys
 */
export async function buildEnvelope(parts: EnvelopeParts): Promise<BuiltEnvelope> {
  const { statements, from, sealKey, random } = parts
  const keys = keysOfSuite(parts.to.keys.suite, parts.to.keys.recipients)
  const to = {
    agency: parts.to.agency,
    desk: parts.to.desk.id,
    kids: keys.recipients.map(({ keyId }) => keyId),
  }
  const digests = statements.map((statement) => statement.digest)
  const openings = statements.map(({ kind, opening }) =>
    openingForDesk(kind, parts.to.desk, opening),
  )
  assertDisclosureCount(openings)
  const aad = sealBinding({ from, statements: digests, to })
  const { seal, keyCommitment } = await sealOpenings({ openings, aad, keys, random })
  const content = parsePayload(DispatchSchema, {
    ...parts.place,
    attachments: namedBy(openings),
    context: parts.context,
    from,
    keyCommitment,
    seal: digest(seal),
    sealBytes: seal.length,
    sentAt: parts.sentAt,
    signatures: statements.map(({ statement }) => signaturesDigest(statement)),
    statements: digests,
    suite: keys.suite,
    to,
    v: 1,
  })
  const dispatch = await signDispatch(content, sealKey)
  const bytes = encodeEnvelope(dispatch, seal, statements)
  return { bytes, dispatch, digest: digest(dispatch.payload) }
}

/** Each file once, whichever statements name it. */
function namedBy(openings: readonly Opening[]): DispatchContent['attachments'] {
  const all = openings.flatMap((opening) => attachmentsOf(openedValues(opening)))
  const lengths = new Map(all.map(({ digest: file, length }) => [file, length]))
  return [...lengths.keys()]
    .toSorted()
    .map((file) => ({ digest: file, length: lengths.get(file) ?? 0 }))
}

/** The bytes of a void envelope. */
export function buildVoidEnvelope(dispatch: GeneralJws, voided: GeneralJws): Uint8Array {
  return encodeCanonical({ dispatch: jsonOf(dispatch), v: 1, void: jsonOf(voided) })
}

/**
 * Reads an envelope's form and compares it with its own dispatch. Checks no signature and opens nothing.
 *
 * @throws WIRE_SIZE, WIRE_UTF8, WIRE_JSON, WIRE_CANON, WIRE_VERSION, WIRE_MEMBER; as `parseDispatch` and `parseStatement`
 */
export function parseEnvelope(bytes: Uint8Array): UnverifiedEnvelope {
  const json = parseCanonical(bytes, WIRE_LIMITS.envelopeBytes)
  assertFormat(json)
  const voided = VoidEnvelopeSchema.safeParse(json)
  if (voided.success) {
    return {
      form: 'void',
      dispatch: parseDispatch(voided.data.dispatch),
      void: parseVoid(voided.data.void),
    }
  }
  const parsed = EnvelopeSchema.safeParse(json)
  if (!parsed.success) throw new AmanaError('WIRE_MEMBER', { path: pathOf(parsed.error) })
  return {
    form: 'sealed',
    dispatch: parseDispatch(parsed.data.dispatch),
    statements: parsed.data.statements.map((statement) => parseStatement(statement)),
    seal: parsed.data.seal,
  }
}

/**
 * Compares an envelope with the dispatch that its sender signed. What differs is not what the sender sent: no place, no
 * receipt. Call it when the dispatch's signature is verified.
 *
 * @throws WIRE_ENVELOPE naming the part
 */
export function assertEnvelopeMatches(envelope: UnverifiedEnvelope): void {
  const { content } = envelope.dispatch
  if (content.statements.length !== content.signatures.length) mismatch('signatures')
  if (new Set(content.statements).size !== content.statements.length) mismatch('statements')
  if (envelope.form === 'void') {
    assertVoidMatches(envelope)
    return
  }
  const { statements, seal } = envelope
  if (digest(seal) !== content.seal || seal.length !== content.sealBytes) mismatch('seal')
  assertSame(
    content.statements,
    statements.map((statement) => statement.digest),
    'statements',
  )
  assertSame(
    content.signatures,
    statements.map(({ signed }) => signaturesDigest(signed.jws)),
    'signatures',
  )
}

function assertVoidMatches(envelope: Extract<UnverifiedEnvelope, { form: 'void' }>): void {
  const { dispatch, void: voided } = envelope
  const { content } = voided
  if (
    content.dispatch !== dispatch.digest ||
    content.channel !== dispatch.content.channel ||
    content.sequence !== dispatch.content.sequence
  ) {
    mismatch('void')
  }
}

function assertSame(expected: readonly string[], found: readonly string[], part: string): void {
  if (expected.length !== found.length || expected.some((text, index) => text !== found[index])) {
    mismatch(part)
  }
}

function mismatch(part: string): never {
  throw new AmanaError('WIRE_ENVELOPE', { part })
}

function encodeEnvelope(
  dispatch: GeneralJws,
  seal: string,
  statements: readonly SignedStatement[],
): Uint8Array {
  const bytes = encodeCanonical({
    dispatch: jsonOf(dispatch),
    seal,
    statements: statements.map(({ statement }) => jsonOf(statement)),
    v: 1,
  })
  if (bytes.byteLength > WIRE_LIMITS.envelopeBytes) {
    throw new AmanaError('WIRE_SIZE', {
      sizeBytes: bytes.byteLength,
      limitBytes: WIRE_LIMITS.envelopeBytes,
    })
  }
  return bytes
}

function jsonOf(jws: GeneralJws): Json {
  return {
    payload: jws.payload,
    signatures: jws.signatures.map((entry) => ({
      protected: entry.protected,
      signature: entry.signature,
    })),
  }
}

const VersionedSchema = z.looseObject({ v: z.unknown() })

function assertFormat(json: Json): void {
  const parsed = VersionedSchema.safeParse(json)
  if (!parsed.success) throw new AmanaError('WIRE_MEMBER', { path: 'v' })
  if (parsed.data.v !== 1) {
    throw new AmanaError('WIRE_VERSION', { found: String(parsed.data.v).slice(0, 16) })
  }
}
