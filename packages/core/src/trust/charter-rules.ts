/**
 * What a charter's members must be to each other, beside their form.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#charter
 */
import { AmanaError } from '../errors.ts'
import { TRUST_LIMITS } from '../limits/trust.ts'
import { type Charter, type CharterEntry, type KindRule } from './charter.ts'
import { assertSpan } from './time-window.ts'

/**
 * Root thresholds: at least two pairs, never more than there are. Recovery: at least one.
 *
 * @throws TRUST_THRESHOLD when one is out of these bounds
 */
export function assertThresholds(agency: string, entry: CharterEntry): void {
  assertThreshold(agency, entry.threshold, {
    least: TRUST_LIMITS.rootThreshold,
    most: entry.roots.length,
  })
  assertThreshold(agency, entry.recoveryThreshold, { least: 1, most: entry.recovery.length })
}

interface Bounds {
  readonly least: number
  readonly most: number
}

function assertThreshold(agency: string, threshold: number, { least, most }: Bounds): void {
  if (threshold >= least && threshold <= most) return
  throw new AmanaError('TRUST_THRESHOLD', { agency, pairs: most, threshold })
}

/**
 * Thresholds of every agency, an end after the beginning, and kinds only for agencies of this charter.
 *
 * @throws TRUST_THRESHOLD, TRUST_EXPIRED, WIRE_MEMBER
 */
export function assertCharterRules(charter: Charter): void {
  for (const [agency, entry] of Object.entries(charter.agencies)) assertThresholds(agency, entry)
  assertSpan('charter', charter, TRUST_LIMITS.charterValidForSeconds)
  for (const [kind, rule] of Object.entries(charter.kinds)) assertAudienceKnown(charter, kind, rule)
}

function assertAudienceKnown(charter: Charter, kind: string, rule: KindRule): void {
  if (rule.aud.every((agency) => charter.agencies[agency] !== undefined)) return
  throw new AmanaError('WIRE_MEMBER', { path: `kinds.${kind}.aud` })
}

/**
 * An agency that keeps its roster keys keeps its chain of rosters, and one that changes them begins another: a roster
 * version is counted anew from the one that the charter names.
 *
 * @throws TRUST_CHAIN when keys and first roster do not change together
 */
export function assertRosterChains(before: Charter, { agencies, version }: Charter): void {
  for (const [agency, entry] of Object.entries(agencies)) {
    const known = before.agencies[agency]
    if (known === undefined) continue
    const keepsKeys = keysText(known) === keysText(entry)
    const keepsChain = known.roster.digest === entry.roster.digest
    if (keepsKeys !== keepsChain || (keepsChain && known.roster.version !== entry.roster.version)) {
      throw new AmanaError('TRUST_CHAIN', { document: 'charter', version })
    }
  }
}

function keysText({ rosterKeys }: CharterEntry): string {
  return rosterKeys
    .map(({ x }) => x)
    .toSorted()
    .join(' ')
}

/** Every charter opens it to all of its agencies: it says what became of a statement, and asks for nothing. */
export const DESK_ANSWER = 'desk.answer/1'

/** What an officer says of a message that his agency was sent; every charter opens both in the same way. */
export const STAGE_KINDS = { read: 'receipt.read/1', acted: 'receipt.acted/1' } as const

/** How far a message has come with the officers of its receiver. */
export type Stage = keyof typeof STAGE_KINDS

/** Whether a statement of this kind is an officer's receipt. */
export function isStageKind(kind: string): boolean {
  return Object.values<string>(STAGE_KINDS).includes(kind)
}

/**
 * Kinds that a charter opens with another one, since no referral is carried on without them: to the same agencies, with
 * these approvals. A charter that lists such a kind decides itself.
 */
export const OPENED_WITH: Readonly<
  Record<string, { readonly approvals: number; readonly kind: string }>
> = {
  'handover.check-in/1': { approvals: 0, kind: 'handover.receipt/1' },
  'handover.escort-plan/1': { approvals: 0, kind: 'handover.receipt/1' },
  'handover.manifest/1': { approvals: 0, kind: 'handover.receipt/1' },
  'referral.assessment/1': { approvals: 0, kind: 'referral.event/1' },
  'referral.consent/1': { approvals: 0, kind: 'referral.event/1' },
  'referral.follow-up/1': { approvals: 0, kind: 'referral.event/1' },
  'referral.stranded-migrant/1': { approvals: 1, kind: 'victim.referral/1' },
  'referral.told/1': { approvals: 0, kind: 'referral.event/1' },
  'rights.answer/1': { approvals: 1, kind: 'victim.referral/1' },
  'rights.breach/1': { approvals: 0, kind: 'victim.referral/1' },
  'rights.correction/1': { approvals: 0, kind: 'victim.referral/1' },
  'rights.erasure/1': { approvals: 1, kind: 'victim.referral/1' },
  'rights.request/1': { approvals: 0, kind: 'victim.referral/1' },
  'task.assistance/1': { approvals: 2, kind: 'task.travel-document/1' },
  'task.bed-query/1': { approvals: 0, kind: 'task.travel-document/1' },
  'task.service/1': { approvals: 0, kind: 'task.travel-document/1' },
}

/** A later version of a kind has the rule that the charter gives the earlier one, unless the charter lists it. */
export const LATER_VERSIONS: Readonly<Record<string, string>> = {
  'victim.referral/2': 'victim.referral/1',
}

/**
 * The charter's rule for a kind.
 *
 * @throws WIRE_POLICY when the charter does not open that kind
 */
export function kindRule(charter: Charter, kind: string): KindRule {
  const rule = Object.hasOwn(charter.kinds, kind) ? charter.kinds[kind] : undefined
  if (rule !== undefined) return rule
  if (kind === DESK_ANSWER || isStageKind(kind)) {
    return { approvals: 0, aud: Object.keys(charter.agencies) }
  }
  const earlier = Object.hasOwn(LATER_VERSIONS, kind) ? LATER_VERSIONS[kind] : undefined
  if (earlier !== undefined && Object.hasOwn(charter.kinds, earlier))
    return kindRule(charter, earlier)
  const opened = openedWith(charter, kind)
  if (opened !== undefined) return opened
  throw new AmanaError('WIRE_POLICY', { rule: `kind ${kind}` })
}

function openedWith({ kinds }: Charter, kind: string): KindRule | undefined {
  const entry = Object.hasOwn(OPENED_WITH, kind) ? OPENED_WITH[kind] : undefined
  if (entry === undefined || !Object.hasOwn(kinds, entry.kind)) return undefined
  const aud = kinds[entry.kind]?.aud
  return aud === undefined ? undefined : { approvals: entry.approvals, aud }
}
