/**
 * Whose keys sign an agency's log, and whose witness it: by the newest roster.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#keys
 */
import { AmanaError, parseVkey, type RosterNode, type TrustView, type Witness } from '@amana/core'

/** The agency's log as its roster names it. @throws TRUST_NO_ROSTER when the roster names no node */
export function logOf(trust: TrustView, agency: string): RosterNode['log'] {
  const log = trust.rosterOf(agency).payload.nodes[0]?.log
  if (log === undefined) throw new AmanaError('TRUST_NO_ROSTER', { agency })
  return log
}

/** The agency's witness with its two keys. @throws TRUST_NO_ROSTER */
export function witnessOf(trust: TrustView, agency: string): Witness {
  const keys = logOf(trust, agency).witness.map((vkey) => parseVkey(vkey))
  return { name: keys[0]?.name ?? '', keys }
}
