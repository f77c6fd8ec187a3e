/**
 * Chains of rosters that a charter begins: the first roster of each, and what was kept for another proposal.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#proposing-a-charter
 */
import { type Charter, type Digest, digest, type GeneralJws } from '@amana/core'
import { type AuditEvent } from '../ports.ts'
import {
  type Change,
  chainOf,
  type Chartered,
  type Documents,
  jwsAt,
  rosterPath,
} from './trust-documents.ts'

/** A chain of rosters that a charter begins. */
export interface BegunChain {
  readonly agency: string
  readonly chain: number
  readonly bound: { readonly digest: Digest; readonly version: number }
}

/** Those of `next`, after the charter in force. */
export function newChains(
  next: { readonly payload: Charter; readonly version: number },
  { charter, earlier }: Chartered,
): readonly BegunChain[] {
  const charters = [...earlier, charter, next]
  return Object.entries(next.payload.agencies).flatMap(([agency, entry]) =>
    chainOf(charters, agency) === next.version
      ? [{ agency, chain: next.version, bound: entry.roster }]
      : [],
  )
}

/** The roster with which it begins, where it is here. */
export function firstRosterIn(
  documents: Documents,
  { agency, bound, chain }: BegunChain,
): GeneralJws | undefined {
  const jws = jwsAt(documents, rosterPath(agency, bound.version, chain))
  return jws !== undefined && digest(jws.payload) === bound.digest ? jws : undefined
}

/** What was kept for another proposal of the same version. */
export function strayRosters(
  documents: Documents,
  { agency, bound, chain }: BegunChain,
): readonly Change[] {
  const own = rosterPath(agency, bound.version, chain)
  const folder = own.slice(0, own.lastIndexOf('/') + 1)
  return [...documents.keys()]
    .filter((path) => path.startsWith(folder) && path !== own)
    .map((path) => [path, undefined] as const)
}

/** The leaf of its first roster. */
export function chainEvent({ agency, bound }: BegunChain): AuditEvent {
  const data = { agency, new: bound.digest, version: bound.version }
  return { event: 'g.roster', actor: 'sys', data }
}
