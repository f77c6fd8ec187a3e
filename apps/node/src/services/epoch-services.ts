/**
 * The other agency begins another log: what this agency checks before its roster key signs, and keeps afterwards.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#epochs
 */
import {
  AmanaError,
  type Ed25519Jwk,
  encodeBase64url,
  parseLogEpoch,
  type ParsedEpoch,
  verifyLogEpoch,
} from '@amana/core'
import { type NodeParts } from '../node-parts.ts'
import { putRecord, RECORDS } from '../records.ts'
import { type EpochView } from '../service-views.ts'
import { type NodeServices, type ServiceResults } from '../services.ts'

type EpochServices = Pick<NodeServices, 'acceptEpoch' | 'checkEpoch' | 'cosignedHead'>

/** The methods about a new log of the other agency. */
export function createEpochServices(parts: NodeParts): EpochServices {
  return {
    cosignedHead: () => cosignedHead(parts),
    checkEpoch: async ({ agreement }) =>
      epochView(await checked(parts, agreement, [peerOf(parts)])),
    acceptEpoch: ({ agreement }) => accept(parts, agreement),
  }
}

/** An agreement as people read it. */
export function epochView({ content, digest, prev }: ParsedEpoch): EpochView {
  const { kept, log: before, reason, size } = prev
  const lost = kept < size ? { lost: { from: kept, to: size } } : {}
  return { agency: content.agency, before, log: content.log.origin, reason, ...lost, digest }
}

/** The roster keys that the charter in force names for an agency. @throws TRUST_NO_CHARTER, WIRE_ISS */
export function rosterKeysOf(
  { trust }: Pick<NodeParts, 'trust'>,
  agency: string,
): readonly Ed25519Jwk[] {
  const entry = trust.view().charter.payload.agencies[agency]
  if (entry === undefined) throw new AmanaError('WIRE_ISS', { issuer: agency })
  return entry.rosterKeys
}

/** @throws AUDIT_NOT_WITNESSED when nothing was cosigned yet */
async function cosignedHead(parts: NodeParts): Promise<ServiceResults['cosignedHead']> {
  const { note, origin, size } = await parts.witness.held(peerOf(parts))
  if (note === undefined) {
    throw new AmanaError('AUDIT_NOT_WITNESSED', { size: 0, witnesses: 0, quorum: 1 })
  }
  return { log: origin, size, note }
}

/**
 * With both signatures the agreement counts here: the new log will be cosigned, and the one before is not any more.
 *
 * @throws as `checkEpoch`; STORE_WRITE
 */
async function accept(parts: NodeParts, agreement: unknown): Promise<EpochView> {
  const epoch = await checked(parts, agreement, [peerOf(parts), parts.agency])
  const { content, digest, jws, prev } = epoch
  const record = { agreement: { ...jws }, before: prev.log }
  const writes = [putRecord(RECORDS.epoch, content.log.origin, record)]
  const data = { policy: digest, rule: 'new-log', verdict: 'allow' }
  await parts.audit.commit({
    events: [{ event: 'g.decision', actor: 'sys', data }],
    writes: async () => ({ writes, events: [] }),
  })
  return epochView(epoch)
}

/** Of the peer, signed by these in that order, and following exactly what was cosigned here. */
async function checked(
  parts: NodeParts,
  agreement: unknown,
  signers: readonly string[],
): Promise<ParsedEpoch> {
  const epoch = parseLogEpoch(agreement)
  if (epoch.content.agency !== peerOf(parts))
    throw new AmanaError('AUDIT_EPOCH', { reason: 'agency' })
  await verifyLogEpoch(
    epoch,
    signers.map((agency) => rosterKeysOf(parts, agency)),
  )
  const { log, root, size } = epoch.prev
  const held = await parts.witness.held(epoch.content.agency)
  if (log !== held.origin) throw new AmanaError('AUDIT_EPOCH', { reason: 'log' })
  if (size !== held.size || root !== encodeBase64url(held.root)) {
    throw new AmanaError('AUDIT_EPOCH_BEHIND', { size, cosigned: held.size })
  }
  return epoch
}

function peerOf({ trust }: NodeParts): string {
  return trust.peer()
}
