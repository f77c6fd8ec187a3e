/**
 * What a withdrawal of consent stops: which groups no reader of a role is to be sent any more. It stands, whoever recorded
 * it, until the scope is given again to that reader, or is answered for on another basis.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#stopped-disclosures
 */
import { CODE_LISTS, type CodeOf } from '../messages/code-lists.ts'
import { type WithdrawnDisclosure } from '../messages/stopped-groups.ts'
import { replay } from './referral.ts'
import { readContent, placeOf, type ReferralContent, type ReferralStatement } from './statement.ts'

type Scope = CodeOf<'consentScope'>
type Reader = CodeOf<'readerRole'>

interface Word extends WithdrawnDisclosure {
  readonly at: string
  readonly isStop: boolean
}

/** To whom a scope lets somebody disclose, where a withdrawal names nobody. */
const READERS: Partial<Readonly<Record<Scope, readonly Reader[]>>> = {
  share_receiving_agency: ['case_manager_sending', 'case_manager_receiving'],
  share_embassy: ['embassy_consular'],
  share_family: ['guardian_representative'],
  share_medical: ['medical'],
  share_law_enforcement: ['prosecutor', 'investigator'],
}
/** How a referral stands, that she consented or not, and that somebody acted, stays said. */
const ALWAYS: readonly CodeOf<'fieldGroup'>[] = ['G0_routing', 'G10_consent', 'G14_audit']
const EVERYTHING = CODE_LISTS.fieldGroup.filter((group) => !ALWAYS.includes(group))
const ANSWERED: readonly CodeOf<'consentStatus'>[] = ['given', 'not_possible', 'not_relied_on']

/**
 * What stands withdrawn after `statements`. A withdrawal counts also where its step is refused; what lifts one counts only
 * where it stands, and was recorded later.
 *
 * @throws WIRE_SCHEMA as `computeReferral`
 */
export function withdrawnDisclosures(
  reference: string,
  statements: readonly ReferralStatement[],
): readonly WithdrawnDisclosure[] {
  const { steps } = replay(reference, statements)
  const refused = new Set(
    steps.filter(({ effect }) => effect === 'refused').map(({ statement }) => statement),
  )
  const last = new Map<string, Word>()
  for (const statement of statements) {
    for (const word of wordsOf(readContent(statement))) {
      if (!word.isStop && refused.has(statement.digest)) continue
      const key = `${word.scope} ${word.reader}`
      const before = last.get(key)
      if (before === undefined || isLater(word, before)) last.set(key, word)
    }
  }
  return [...last.values()]
    .filter(({ isStop }) => isStop)
    .map(({ fieldGroups, reader, scope }) => ({ scope, reader, fieldGroups }))
}

/** Whether a statement takes a consent back. @throws WIRE_SCHEMA as `computeReferral` */
export function takesConsentBack(statement: ReferralStatement): boolean {
  return wordsOf(readContent(statement)).some(({ isStop }) => isStop)
}

/** Of two said at one instant, what stops. */
function isLater(word: Word, before: Word): boolean {
  return word.at > before.at || (word.at === before.at && word.isStop)
}

function wordsOf(content: ReferralContent): readonly Word[] {
  if (content.type === 'consent') {
    const { fieldGroups, reader, recorded: at, scope, status } = content.said.consent
    const isStop = status === 'withdrawn'
    return isStop || ANSWERED.includes(status) ? [{ scope, reader, fieldGroups, at, isStop }] : []
  }
  if (content.type === 'event' && content.body.event === 'withdraw_consent') {
    return toReaders(content.body.scope, placeOf(content).occurredAt, true)
  }
  if (content.type !== 'file') return []
  return (content.file.consent?.consents ?? []).flatMap(({ recorded, scope, status }) =>
    status === 'withdrawn' || ANSWERED.includes(status)
      ? toReaders(scope, recorded, status === 'withdrawn')
      : [],
  )
}

function toReaders(scope: Scope, at: string, isStop: boolean): readonly Word[] {
  const readers = READERS[scope] ?? []
  return readers.map((reader) => ({ scope, reader, fieldGroups: EVERYTHING, at, isStop }))
}
