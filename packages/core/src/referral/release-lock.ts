/**
 * What of a referral may not leave, by what is known now: nobody's own State is told of one who fears it, and a photograph
 * goes with leave only. A message that said otherwise when it was signed is judged again whenever it would leave.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#looked-at-again
 */
import { type ReferralFacts } from '../messages/victim-referral.ts'
import { instantOf } from './instants.ts'
import { mayUsePhotographs } from './person.ts'
import { replay } from './referral.ts'
import { placeOf, readContent, type ReferralContent, type ReferralStatement } from './statement.ts'

/** Why something does not leave. */
export type LockReason = 'photo_consent_missing' | 'protection_claim_open'

/** A message of a referral that would leave now. */
export interface Leaving {
  readonly kind: string
  readonly reference: string
  /** The desk that it would go to, by what it is. */
  readonly desk: { readonly roles: readonly string[] }
  /** Whether a photograph goes with it. */
  readonly photographs: boolean
  /** Seconds since 1970. */
  readonly now: number
}

/** Kinds that tell of the person: of them an embassy is sent nothing unless somebody asked her and she fears nothing. */
const DISCLOSING: readonly string[] = [
  'victim.referral/1',
  'victim.referral/2',
  'referral.stranded-migrant/1',
  'referral.assessment/1',
]
const EMBASSY = 'embassy_consular'

/** Whether what is known of the referral can lock it at all; else nothing of it need be read. */
export function canBeLocked({ desk, photographs }: Pick<Leaving, 'desk' | 'photographs'>): boolean {
  return photographs || desk.roles.includes(EMBASSY)
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
  if (!photographs) return undefined
  const { progress } = replay(reference, known)
  return mayUsePhotographs(progress, instantOf(now)) ? undefined : 'photo_consent_missing'
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
