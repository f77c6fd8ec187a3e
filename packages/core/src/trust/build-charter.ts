/**
 * Charter N+1 as one agency proposes it, and what it changes for the people who are asked to sign it.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#proposing-a-charter
 */
import { canonicalize } from '../bytes/jcs.ts'
import { TRUST_LIMITS } from '../limits/trust.ts'
import { type Charter, type CharterEntry } from './charter.ts'
import { type VerifiedCharter } from './verified-charter.ts'

/** What the next charter changes; the rest stays. */
export interface NextCharterParts extends Partial<
  Pick<Charter, 'kinds' | 'limits' | 'suites' | 'witnesses'>
> {
  /** Seconds since 1970. */
  readonly issuedAt: number
  /** At most 365 days, which it is where nothing is said. */
  readonly validForSeconds?: number
  /** The agency that proposes: it changes its own entry and no other. */
  readonly agency: string
  readonly entry?: Partial<CharterEntry>
}

/** The charter after a trusted one. Nothing is checked: `verifyNextCharter` does. */
export function buildNextCharter(
  previous: Pick<VerifiedCharter, 'digest' | 'payload' | 'version'>,
  parts: NextCharterParts,
): Charter {
  const { agency, entry, issuedAt, validForSeconds, ...rules } = parts
  const { agencies } = previous.payload
  const own = agencies[agency]
  const changed = own === undefined ? {} : { [agency]: { ...own, ...entry } }
  return {
    ...previous.payload,
    ...rules,
    agencies: { ...agencies, ...changed },
    exp: issuedAt + (validForSeconds ?? TRUST_LIMITS.charterValidForSeconds),
    iat: issuedAt,
    previous: previous.digest,
    version: previous.version + 1,
  }
}

/** One thing that the next charter says differently; of an agency, or of all. */
export interface CharterChange {
  readonly what:
    | 'joins'
    | 'leaves'
    | keyof CharterEntry
    | 'exp'
    | 'kinds'
    | 'limits'
    | 'suites'
    | 'witnesses'
  readonly agency?: string
}

const ENTRY_MEMBERS = [
  'name',
  'recovery',
  'recoveryThreshold',
  'roots',
  'roster',
  'rosterKeys',
  'threshold',
] as const
const RULES = ['exp', 'kinds', 'limits', 'suites', 'witnesses'] as const

/** What differs between two charters, agencies first. */
export function changesOf(before: Charter, after: Charter): readonly CharterChange[] {
  const agencies = [
    ...new Set([...Object.keys(before.agencies), ...Object.keys(after.agencies)]),
  ].toSorted()
  const ofAgencies = agencies.flatMap((agency) =>
    entryChanges(before.agencies[agency], after.agencies[agency]).map((what) => ({ what, agency })),
  )
  const ofAll = RULES.filter((what) => !isSame(before[what], after[what])).map((what) => ({ what }))
  return [...ofAgencies, ...ofAll]
}

function entryChanges(
  before: CharterEntry | undefined,
  after: CharterEntry | undefined,
): readonly CharterChange['what'][] {
  if (before === undefined) return ['joins']
  if (after === undefined) return ['leaves']
  return ENTRY_MEMBERS.filter((member) => !isSame(before[member], after[member]))
}

function isSame(one: Parameters<typeof canonicalize>[0], two: typeof one): boolean {
  return canonicalize(one) === canonicalize(two)
}
