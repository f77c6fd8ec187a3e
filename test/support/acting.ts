/**
 * Officers who ask their node for something, for tests: every service of a node, and calls in an officer's name.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#signed-acts
 */
import { askAs, type OfficerCall } from '../../apps/node/src/agency/asking.ts'
import { createAccessServices } from '../../apps/node/src/services/access-services.ts'
import { createAttachmentServices } from '../../apps/node/src/services/attachment-services.ts'
import { createAuditServices } from '../../apps/node/src/services/audit-services.ts'
import { createCarrierServices } from '../../apps/node/src/services/carrier-services.ts'
import { createEpochServices } from '../../apps/node/src/services/epoch-services.ts'
import { createErasureServices } from '../../apps/node/src/services/erasure-services.ts'
import { createRightsServices } from '../../apps/node/src/services/rights-services.ts'
import { createKeyServices } from '../../apps/node/src/services/key-services.ts'
import { createLogServices } from '../../apps/node/src/services/log-services.ts'
import { createMessageServices } from '../../apps/node/src/services/message-services.ts'
import { createReaderServices } from '../../apps/node/src/services/reader-services.ts'
import { createHandOverServices } from '../../apps/node/src/services/hand-over-services.ts'
import { createReferralServices } from '../../apps/node/src/services/referral-services.ts'
import { createStatusServices } from '../../apps/node/src/services/status-services.ts'
import { createTrustServices } from '../../apps/node/src/services/trust-services.ts'
import { createUnderwayServices } from '../../apps/node/src/services/underway-services.ts'
import { type NodeParts } from '../../apps/node/src/node-parts.ts'
import { type NodeServices } from '../../apps/node/src/services.ts'
import { type OfficerName } from './met-agencies.ts'
import { officerKey, type Side } from './node-fixture.ts'

/** Every service of a node that was opened without a network. */
export function allServices(parts: NodeParts): NodeServices {
  return {
    ...createKeyServices(parts),
    ...createTrustServices(parts),
    ...createMessageServices(parts),
    ...createAttachmentServices(parts),
    ...createReaderServices(parts),
    ...createErasureServices(parts),
    ...createRightsServices(parts),
    ...createReferralServices(parts),
    ...createUnderwayServices(parts),
    ...createHandOverServices(parts),
    ...createAuditServices(parts),
    ...createAccessServices(parts),
    ...createEpochServices(parts),
    ...createCarrierServices(parts),
    ...createLogServices(parts),
    ...createStatusServices(parts, undefined),
  }
}

/** The same of one side of a talk. */
export function servicesOf({ parts }: Side): NodeServices {
  return allServices(parts)
}

/** The input with an officer's signature over it. */
export async function signedFor<I extends object>(
  side: Side,
  id: OfficerName,
  call: OfficerCall<I>,
): Promise<I> {
  return askAs(servicesOf(side), { id, key: await officerKey(side.place, id) }, call)
}

/** Opens a message against the usual rule. */
export async function breakGlass(
  side: Side,
  id: OfficerName,
  digest: string,
): ReturnType<NodeServices['message']> {
  const input = { breakGlass: true, digest, purpose: 'emergency', reason: 'no one else' } as const
  return servicesOf(side).message(
    await signedFor(side, id, { act: 'open', method: 'message', input }),
  )
}
