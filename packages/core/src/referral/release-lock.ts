/**
 * What of a referral may not leave, by what is known now: nobody's own State is told of one who fears it, and what a person
 * took back is disclosed no more. A message that said otherwise when it was signed is judged again whenever it would leave.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#looked-at-again
 */
import { type CodeOf } from '../messages/code-lists.ts'
import { type ReferralFacts } from '../messages/victim-referral.ts'
import { type ReadingDesk } from '../trust/roster.ts'
import { instantOf } from './instants.ts'
import { isWithdrawn, mayUsePhotographs } from './person.ts'
import { type Progress } from './progress.ts'
import { replay } from './referral.ts'
import { placeOf, readContent, type ReferralContent, type ReferralStatement } from './statement.ts'

/** Why something does not leave. */
export type LockReason = 'consent_withdrawn' | 'photo_consent_missing' | 'protection_claim_open'

/** A message of a referral that would leave now. */
export interface Leaving {
  readonly kind: string
  readonly reference: string
  /** The desk that it would go to. */
  readonly desk: ReadingDesk
  /** Whether a photograph goes with it. */
  readonly photographs: boolean
  /** Seconds since 1970. */
  readonly now: number
}

type Scope = CodeOf<'consentScope'>

/** The scope of consent on which a partner desk of that role is told anything. */
const SCOPE_OF_ROLE: ReadonlyMap<string, Scope> = new Map<string, Scope>([
  ['embassy_consular', 'share_embassy'],
  ['guardian_representative', 'share_family'],
  ['investigator', 'share_law_enforcement'],
  ['medical', 'share_medical'],
  ['ngo_service_provider', 'assistance'],
  ['prosecutor', 'share_law_enforcement'],
  ['shelter', 'assistance'],
])
/** Kinds that tell of the person; steps, receipts and tasks that bring her to safety go on. */
const DISCLOSING: readonly string[] = [
  'victim.referral/1',
  'victim.referral/2',
  'referral.stranded-migrant/1',
  'referral.assessment/1',
]
const EMBASSY = 'embassy_consular'
/** What the other agency's own desk is told of her. */
const OWN_DESK_SCOPES: readonly Scope[] = ['share_receiving_agency', 'assistance']
const TAKEN_BACK: readonly CodeOf<'consentStatus'>[] = ['refused', 'withdrawn']

/** Whether what is known of the referral can lock it at all; else nothing of it need be read. */
export function canBeLocked({
  desk,
  kind,
  photographs,
}: Omit<Leaving, 'now' | 'reference'>): boolean {
  return photographs || desk.roles.length > 0 || DISCLOSING.includes(kind)
}

/**
 * Why a message does not leave for a desk now; nothing where it may. `known` are the statements of its referral in the
 * order in which the node came to know them, the message itself among them.
 *
 * @throws WIRE_SCHEMA as `computeReferral`
 */
export function releaseLock(
  leaving: Leaving,
  known: readonly ReferralStatement[],
): LockReason | undefined {
  const { desk, kind, now, photographs, reference } = leaving
  if (desk.roles.includes(EMBASSY) && isClaimed(kind, known)) return 'protection_claim_open'
  const { progress } = replay(reference, known)
  const at = instantOf(now)
  if (isTakenBack(leaving, progress, at)) return 'consent_withdrawn'
  return photographs && !mayUsePhotographs(progress, at) ? 'photo_consent_missing' : undefined
}

/** A word about her claim for protection. */
interface Word {
  readonly isClaim: boolean
  readonly occurredAt: string
}

/**
 * Whether somebody says, or leaves open, that she fears her own State. A word that she does not ends a claim only if it
 * came after it and happened after it: an older file that was long on its way opens nothing.
 */
function isClaimed(kind: string, known: readonly ReferralStatement[]): boolean {
  const words = known.flatMap((statement) => wordOf(statement, DISCLOSING.includes(kind)))
  return words.some(
    ({ isClaim, occurredAt }, index) =>
      isClaim &&
      !words.slice(index + 1).some((later) => !later.isClaim && later.occurredAt > occurredAt),
  )
}

/** A refused step counts too: who signed it knows something. */
function wordOf(statement: ReferralStatement, isFile: boolean): readonly Word[] {
  const content = readContent(statement)
  const isClaim = content.type === 'file' ? claimOf(content.file, isFile) : stopsForClaim(content)
  return isClaim === undefined ? [] : [{ isClaim, occurredAt: placeOf(content).occurredAt }]
}

function claimOf({ risk }: ReferralFacts, isFile: boolean): boolean | undefined {
  const said = risk?.protectionClaim
  if (said === 'no') return false
  return said === 'yes' || said === 'unknown' || isFile ? true : undefined
}

function stopsForClaim(content: ReferralContent): true | undefined {
  if (content.type !== 'event') return undefined
  const { body } = content
  const isStop = body.event === 'suspend' || body.event === 'decline'
  return isStop && body.reason === 'protection_claim' ? true : undefined
}

function isTakenBack({ desk, kind }: Leaving, progress: Progress, at: string): boolean {
  const { roles } = desk
  if (roles.length === 0) {
    return (
      DISCLOSING.includes(kind) && OWN_DESK_SCOPES.some((scope) => isWithdrawn(progress, scope, at))
    )
  }
  return roles.some((role) => {
    const scope = SCOPE_OF_ROLE.get(role)
    const isOfScope = scope !== undefined && isWithdrawn(progress, scope, at)
    return isOfScope || saidNo(progress, role)
  })
}

/** Whether the newest word that she gave about one reader is a no. */
function saidNo({ consents }: Progress, reader: string): boolean {
  const scopes = new Map<Scope, (typeof consents)[number]['record']>()
  for (const { record } of consents.filter((one) => one.record.reader === reader)) {
    const before = scopes.get(record.scope)
    if (before === undefined || before.recorded <= record.recorded) scopes.set(record.scope, record)
  }
  return [...scopes.values()].some(({ status }) => TAKEN_BACK.includes(status))
}
