/**
 * What a dispatch says of the trust documents in force here, and where a channel begins.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#channel
 */
import { AmanaError, channelGenesis, channelName, type Context, type TrustView } from '@amana/core'

/** What the first dispatch from one agency to another names as its previous. @throws TRUST_NO_ROSTER */
export function channelStart(trust: TrustView, from: string, to: string): string {
  return channelGenesis({
    channel: channelName(from, to),
    senderGenesis: genesisOf(trust, from),
    receiverGenesis: genesisOf(trust, to),
  })
}

/** The charter and the newest roster of each agency. @throws TRUST_NO_ROSTER */
export function contextOf(trust: TrustView, agencies: readonly string[]): Context {
  const rosters = agencies.map((agency) => [agency, trust.rosterOf(agency).digest] as const)
  return { charter: trust.charter.digest, rosters: Object.fromEntries(rosters) }
}

function genesisOf(trust: TrustView, agency: string): string {
  const node = trust.rosterOf(agency).payload.nodes[0]
  if (node === undefined) throw new AmanaError('TRUST_NO_ROSTER', { agency })
  return node.log.genesis
}
