/**
 * A hand-over that two officers sign without a line: what one offers, what the other answers, as a file between them.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#file
 */
import { z } from 'zod'
import { canonicalize, parseCanonical } from '../bytes/jcs.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { type Digest, DigestSchema } from '../crypto/digest.ts'
import { type KeyId } from '../crypto/jwk.ts'
import { AmanaError, isAmanaError } from '../errors.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { type HandoverReceipt, HandoverReceiptSchema } from '../messages/handover-receipt.ts'
import { parseMessage } from '../messages/message.ts'
import { AgencyIdSchema } from '../trust/identifiers.ts'
import { type OfficerIdentity, type TrustView } from '../trust/trust-view.ts'
import { type Opening, openedValues, parseOpening } from './opening.ts'
import {
  assertOpens,
  parseStatement,
  type SignedStatement,
  type UnverifiedStatement,
} from './statement.ts'
import { verifyStatement } from './statement-rules.ts'

/** The kind of both halves. */
export const HANDOVER_RECEIPT = 'handover.receipt/1'

const SubmissionSchema = z.strictObject({ opening: z.json(), statement: z.json() })
const PlaceSchema = z.strictObject({
  digest: z.exactOptional(DigestSchema),
  sequence: z.int().min(0),
})

/** The file: an offer or an answer, never both. */
const HandOverSchema = z.union([
  z.strictObject({
    offer: SubmissionSchema,
    places: z.record(AgencyIdSchema, PlaceSchema),
    v: z.literal(1),
  }),
  z.strictObject({ answer: SubmissionSchema, v: z.literal(1) }),
])

/** The last statement of an agency in a referral, as who offers knows it; a hint, which nobody signed. */
export type HandOverPlace = z.output<typeof PlaceSchema>

/** One half, read and opened; nobody has checked a signature. */
export interface UnverifiedHalf {
  readonly statement: UnverifiedStatement
  readonly opening: Opening
  readonly body: HandoverReceipt
}

/** What one officer offers. */
export interface HandOverOffer extends UnverifiedHalf {
  readonly part: 'offer'
  readonly places: Readonly<Record<string, HandOverPlace>>
  /** Seconds since 1970 from which on nobody can accept it. */
  readonly exp: number
}

/** What the other answers: she `agrees`, and takes the person; or she `answers`, and disputes it. */
export interface HandOverAnswer extends UnverifiedHalf {
  readonly part: 'answer'
  readonly offer: Digest
  readonly disputes: boolean
}

/** Who signed, as far as the rosters at hand can tell. */
export type HandOverCheck =
  | {
      readonly verdict: 'verified'
      readonly signer: OfficerIdentity
      /** The newest roster of her agency at hand: version, and seconds since 1970. What came later it cannot tell. */
      readonly roster: { readonly version: number; readonly issuedAt: number }
    }
  | { readonly verdict: 'unknown'; readonly document: string }

/** The bytes of an offer. `places` are the last statements of both agencies, as far as they are known. */
export function encodeOffer(
  offer: SignedStatement,
  places: Readonly<Record<string, HandOverPlace>>,
): Uint8Array {
  return encodeUtf8(canonicalize({ offer: submissionOf(offer), places: { ...places }, v: 1 }))
}

/** The bytes of an answer. */
export function encodeAnswer(answer: SignedStatement): Uint8Array {
  return encodeUtf8(canonicalize({ answer: submissionOf(answer), v: 1 }))
}

/**
 * Reads either file: form, opening and body. Signatures are checked by `verifyHandOver`.
 *
 * @throws HANDOVER_FORM with the path of what does not fit
 * @throws as `parseCanonical`, `parseStatement`, `assertOpens` and `parseMessage`
 */
export function parseHandOver(bytes: Uint8Array): HandOverOffer | HandOverAnswer {
  if (bytes.byteLength > WIRE_LIMITS.handOverBytes) throw wrongForm('size')
  const parsed = HandOverSchema.safeParse(parseCanonical(bytes, WIRE_LIMITS.handOverBytes))
  if (!parsed.success) throw wrongForm('members')
  return 'offer' in parsed.data
    ? offerOf(readHalf(parsed.data.offer), parsed.data.places)
    : answerOf(readHalf(parsed.data.answer))
}

/**
 * Checks who signed one half: signatures and roles, and that the author belongs to the organisation for which she signs.
 *
 * @returns `unknown` where the rosters at hand are older than the statement, or have ended
 * @throws HANDOVER_PARTY and as `verifyStatement`
 */
export async function verifyHandOver(
  { body, statement }: UnverifiedHalf,
  trust: TrustView,
): Promise<HandOverCheck> {
  try {
    const { signers } = await verifyStatement(statement, trust)
    const officer = signers.find(({ act }) => act === 'author')?.officer
    const own = body.act === 'release' ? body.from : body.to
    if (officer?.organisation !== own.organisation) {
      throw new AmanaError('HANDOVER_PARTY', { rule: 'wrong_organisation' })
    }
    const { agency, id, organisation, roles } = officer
    const { payload } = trust.rosterOf(agency)
    const signer = { agency, id, organisation, roles }
    const roster = { issuedAt: payload.iat, version: payload.version }
    return { verdict: 'verified', signer, roster }
  } catch (error) {
    if (isAmanaError(error, 'WIRE_TRUST_CONTEXT') || isAmanaError(error, 'TRUST_EXPIRED')) {
      return { verdict: 'unknown', document: error.details.document }
    }
    throw error
  }
}

/** Who is about to answer an offer. */
export interface Receiver {
  readonly keyId: KeyId
  readonly organisation: string
}

/**
 * Two officers of two organisations, the second one that to which the person is offered, in time.
 *
 * @param now seconds since 1970
 * @throws HANDOVER_PARTY, HANDOVER_OVER
 */
export function assertMayAnswer(offer: HandOverOffer, receiver: Receiver, now: number): void {
  const { body, exp, statement } = offer
  const isSigner = statement.signed.signatures.some(({ keyId }) => keyId === receiver.keyId)
  if (isSigner) throw new AmanaError('HANDOVER_PARTY', { rule: 'same_officer' })
  if (body.from.organisation === receiver.organisation) {
    throw new AmanaError('HANDOVER_PARTY', { rule: 'same_organisation' })
  }
  if (body.to.organisation !== receiver.organisation) {
    throw new AmanaError('HANDOVER_PARTY', { rule: 'other_organisation' })
  }
  if (now >= exp) throw new AmanaError('HANDOVER_OVER', { exp })
}

/** The answer is one to this offer and to no other. @throws HANDOVER_OTHER */
export function assertAnswersOffer(offer: HandOverOffer, answer: HandOverAnswer): void {
  if (answer.offer !== offer.statement.digest) {
    throw new AmanaError('HANDOVER_OTHER', { what: 'offer' })
  }
  if (legOf(answer) !== legOf(offer)) throw new AmanaError('HANDOVER_OTHER', { what: 'leg' })
}

/** One thing that the two versions say differently; a side that says nothing of it is absent. */
export interface HandOverDifference {
  /** A member of the body or, of documents and belongings, `documents.<name>`. */
  readonly item: string
  readonly offered?: string
  readonly received?: string
}

/** What the two versions say differently, item by item. */
export function compareHandOver(
  offered: HandoverReceipt,
  received: HandoverReceipt,
): readonly HandOverDifference[] {
  const [first, second] = [itemsOf(offered), itemsOf(received)]
  return [...new Set([...first.keys(), ...second.keys()])].flatMap((item) => {
    const [before, after] = [first.get(item), second.get(item)]
    if (before === after) return []
    return [
      {
        item,
        ...(before === undefined ? {} : { offered: before }),
        ...(after === undefined ? {} : { received: after }),
      },
    ]
  })
}

function itemsOf(body: HandoverReceipt): ReadonlyMap<string, string> {
  const { belongings = [], condition, documents = [], place, transport, carrier } = body
  const said = { place, condition, transport, carrier }
  return new Map([
    ...Object.entries(said).flatMap(([item, value]) =>
      value === undefined ? [] : [[item, value] as const],
    ),
    ...documents.map((name) => [`documents.${name}`, '1'] as const),
    ...belongings.map(({ item, quantity }) => [`belongings.${item}`, String(quantity)] as const),
  ])
}

function submissionOf({ opening, statement }: SignedStatement) {
  const { payload, signatures } = statement
  const signed = { payload, signatures: signatures.map((one) => ({ ...one })) }
  return { opening: { ...opening }, statement: signed }
}

function readHalf({ opening, statement }: z.output<typeof SubmissionSchema>): UnverifiedHalf {
  const parsed = parseStatement(statement)
  const { content } = parsed
  if (content.kind !== HANDOVER_RECEIPT) throw wrongForm('kind')
  const opened = parseOpening(opening)
  assertOpens(content, opened)
  const { groups } = parseMessage(content.kind, openedValues(opened))
  return { statement: parsed, opening: opened, body: HandoverReceiptSchema.parse(groups['body']) }
}

function offerOf(half: UnverifiedHalf, places: HandOverOffer['places']): HandOverOffer {
  const { exp, relates } = half.statement.content
  if (half.body.act !== 'release') throw wrongForm('offer.act')
  if (relates !== undefined) throw wrongForm('offer.relates')
  if (exp === undefined) throw wrongForm('offer.exp')
  return { ...half, part: 'offer', exp, places }
}

function answerOf(half: UnverifiedHalf): HandOverAnswer {
  const [link, ...others] = half.statement.content.relates ?? []
  if (half.body.act !== 'receipt') throw wrongForm('answer.act')
  const isAnswer = link?.relation === 'agrees' || link?.relation === 'answers'
  if (!isAnswer || others.length > 0) throw wrongForm('answer.relates')
  return { ...half, part: 'answer', offer: link.digest, disputes: link.relation === 'answers' }
}

function legOf({ body }: UnverifiedHalf): string {
  const { from, leg, legType, referral, to } = body
  return canonicalize([referral, leg, legType, { ...from }, { ...to }])
}

function wrongForm(path: string): AmanaError {
  return new AmanaError('HANDOVER_FORM', { path })
}
