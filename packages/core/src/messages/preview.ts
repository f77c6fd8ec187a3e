/**
 * What a reader will see of a message, before it is signed: by the function that decides what is sealed for her.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#preview
 */
import { isAmanaError } from '../errors.ts'
import { type DeskRole } from '../trust/identifiers.ts'
import { type ReadingDesk } from '../trust/roster.ts'
import { assertDeskUnlocked, deskGroups } from './kinds.ts'
import { type Message } from './message.ts'

/** Readers that people ask for by a plain word. */
export const READER_PRESETS = {
  border: 'border_officer',
  shelter: 'shelter',
  clinic: 'medical',
  embassy: 'embassy_consular',
  prosecutor: 'prosecutor',
} as const satisfies Readonly<Record<string, DeskRole>>

/** What one reader would be sent. */
export interface Preview {
  /** Groups that are sealed for her, with what is in them. */
  readonly sees: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Groups of which she gets the digest. */
  readonly withheld: readonly string[]
  /** Nothing is sent to this desk, because the person may fear her own State. */
  readonly locked: boolean
}

/** What a desk would be sent of a message. A desk that reads no group of its kind is sent nothing. */
export function previewFor({ groups, kind }: Message, desk: ReadingDesk): Preview {
  const { mayNotSee, mustSee } = deskGroups(kind, desk)
  const locked = isLocked(kind, desk, groups)
  const sees = locked ? [] : mustSee.map((name) => [name, groups[name] ?? {}] as const)
  const withheld = locked ? [...mustSee, ...mayNotSee].toSorted() : mayNotSee
  return { locked, sees: Object.fromEntries(sees), withheld }
}

function isLocked(kind: string, desk: ReadingDesk, groups: Message['groups']): boolean {
  try {
    assertDeskUnlocked(kind, desk, groups)
    return false
  } catch (error) {
    if (isAmanaError(error, 'WIRE_POLICY')) return true
    throw error
  }
}
