/**
 * Whose log a name is, and whether it follows an older one: a policy names the log in force, rosters also those before it.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#after-a-new-log
 */
import { type VerifiedRoster } from '@amana/core'
import { genesisOf, logOf, type ParsedPolicy } from './policy.ts'

/** What says whose logs there are. */
interface KnownLogs {
  readonly policy: ParsedPolicy
  /** Rosters that verified. */
  readonly rosters: readonly VerifiedRoster[]
}

/** Whether no log of the agency is before this one. */
export function isFirstLog(origin: string): boolean {
  return origin.endsWith('/amana/audit/1')
}

/** The agency whose log this is or was; nothing where neither the policy nor a roster names it. */
export function agencyOfLog({ policy, rosters }: KnownLogs, origin: string): string | undefined {
  const known = logOf(policy, origin)
  if (known !== undefined) return known.agency
  return rosters.find(({ payload }) => payload.nodes.some(({ log }) => log.origin === origin))
    ?.agency
}

/** The hashes of the first leaves of an agency's logs: a channel begins with those that were in force then. */
export function genesesOf({ policy, rosters }: KnownLogs, agency: string): readonly string[] {
  const named = rosters
    .filter((roster) => roster.agency === agency)
    .flatMap(({ payload }) => payload.nodes.map(({ log }) => log.genesis))
  return [...new Set([genesisOf(policy, agency), ...named])]
}
