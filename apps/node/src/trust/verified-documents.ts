/**
 * All that the store holds of trust, verified together, and what a roster says of itself before it is verified.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#looking-up-a-key
 */
import {
  AgencyIdSchema,
  createTrustView,
  type GeneralJws,
  isAmanaError,
  isAnyAmanaError,
  parseJws,
  type TrustView,
  type VerifiedRoster,
} from '@amana/core'
import { z } from 'zod'
import { type PendingRecovery, pendingRecovery } from './pending-recovery.ts'
import { charteredFrom, type Chartered, type Documents, ownRosters } from './trust-documents.ts'
import { type VerifiedBefore } from './verified-before.ts'

const ROSTER_BYTES = 256 * 1024

/** A version of an agency's roster of which there are two. */
export interface RosterFork {
  readonly agency: string
  readonly version: number
}

/** What is on the disk, verified together. */
export interface Verified {
  readonly documents: Documents
  readonly own: readonly VerifiedRoster[]
  readonly chartered: Chartered | undefined
  readonly view: TrustView | undefined
  readonly pending: PendingRecovery | undefined
}

/** Each document for itself where it was not verified before, and all of them beside each other. */
export async function verifyTogether(
  documents: Documents,
  agency: string,
  before: VerifiedBefore,
): Promise<Verified> {
  const own = await ownRosters(documents, agency, before)
  const chartered = await charteredFrom(documents, before)
  const view = chartered === undefined ? undefined : viewOf(chartered)
  const pending =
    chartered === undefined ? undefined : await pendingRecovery({ chartered, documents })
  return { documents, own, chartered, view, pending }
}

function viewOf({ allRosters, charter, earlier }: Chartered): TrustView {
  return createTrustView({ charter, earlier, rosters: allRosters })
}

const PlaceSchema = z.looseObject({ agency: AgencyIdSchema, version: z.int() })

/** Whose roster it says to be, and which; `verifyRoster` proves it. */
export function placeOf(jws: GeneralJws): RosterFork {
  const { payload } = parseJws(jws, {
    typ: 'amana-roster+jws',
    maxPayloadBytes: ROSTER_BYTES,
    maxSignatures: 1,
  })
  const { agency = '', version = 0 } = PlaceSchema.safeParse(payload).data ?? {}
  return { agency, version }
}

/** Whether its agency signed it: what is refused for its place alone was verified so far. */
export async function isSigned(verify: () => Promise<unknown>): Promise<boolean> {
  try {
    await verify()
    return true
  } catch (error) {
    if (isAmanaError(error, 'WIRE_FORK') || isAmanaError(error, 'TRUST_CHAIN')) return true
    if (isAnyAmanaError(error)) return false
    throw error
  }
}
