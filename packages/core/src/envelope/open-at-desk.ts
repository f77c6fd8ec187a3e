/**
 * A partner desk opens what its hosting node keeps for it: without a node, from a file, with its own key. The node has
 * checked the place in the channel and the time; the desk checks all that its reading rests on.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#opening-at-a-partner-desk
 */
import { type OpeningKey } from '../crypto/jwk.ts'
import { AmanaError } from '../errors.ts'
import { deskIn } from '../trust/roster.ts'
import { type TrustView } from '../trust/trust-view.ts'
import { type UnverifiedDispatch, verifyDispatch } from './dispatch.ts'
import { assertEnvelopeMatches, parseEnvelope } from './envelope.ts'
import {
  assertDeskKeys,
  checkAll,
  namedRoster,
  openAll,
  type OpenedStatement,
  type RefusedStatement,
} from './open.ts'
import { assertKnownRoster } from './statement-rules.ts'

/** Who opens. */
export interface DeskReader {
  /** The agency that hosts the desk. */
  readonly agency: string
  readonly desk: string
  readonly key: OpeningKey
  /** Seconds. */
  readonly now: number
  readonly trust: TrustView
}

/** What a desk found in an envelope. */
export interface OpenedAtDesk {
  readonly dispatch: UnverifiedDispatch
  readonly statements: readonly (OpenedStatement | RefusedStatement)[]
}

/**
 * Opens an envelope at a partner desk. What stands and falls for the whole envelope throws; what fails after that refuses
 * statements.
 *
 * @throws as `parseEnvelope`, `verifyDispatch` and `assertEnvelopeMatches`
 * @throws WIRE_NOT_FOR_ME when it is for another desk, WIRE_POLICY when it is voided
 * @throws WIRE_TRUST_CONTEXT, TRUST_EXPIRED, WIRE_TO
 */
export async function openAtDesk(bytes: Uint8Array, reader: DeskReader): Promise<OpenedAtDesk> {
  const { agency, desk, key } = reader
  const envelope = parseEnvelope(bytes)
  const { dispatch } = envelope
  const { content } = dispatch
  await verifyDispatch(dispatch, reader.trust)
  assertEnvelopeMatches(envelope)
  if (content.to.agency !== agency || content.to.desk !== desk) {
    throw new AmanaError('WIRE_NOT_FOR_ME', { agency: `${content.to.agency} ${content.to.desk}` })
  }
  if (envelope.form === 'void') throw new AmanaError('WIRE_POLICY', { rule: 'void' })
  reader.trust.under(content.context.charter, content.sentAt)
  assertKnownRoster(content.context, content.from.agency, reader.trust)
  assertDeskKeys(content, reader)
  const receiver = { ...reader, statementOf: async () => undefined }
  const checked = await checkAll(envelope.statements, content, receiver)
  const statements = await openAll(envelope, checked, {
    desk: deskIn(namedRoster(content, reader).payload, desk),
    deskKey: (keyId) => (keyId === key.keyId ? key : undefined),
    sentTo: async () => undefined,
    stagedAt: async () => undefined,
  })
  return { dispatch, statements }
}
