/**
 * The body of a statement that was decrypted: its digests, the groups that the desk must see and those that it may not.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#the-receivers-order
 */
import { assertRestriction } from '../messages/handling.ts'
import { type Message, parseOpenedGroups } from '../messages/message.ts'
import { type ReadingDesk } from '../trust/roster.ts'
import {
  assertComplete,
  groupsForDesk,
  type Opening,
  openedValues,
  rebuildOpening,
} from './opening.ts'
import { assertBody, type UnverifiedStatement } from './statement.ts'

/** A body that opened: every digest matched and the schema accepted it. */
export interface OpenedBody {
  readonly result: 'opened'
  readonly statement: UnverifiedStatement
  readonly message: Message
  /** Only what the desk may see. */
  readonly opening: Opening
  /** Groups that the sender should have withheld; only their digests are left. */
  readonly excess: readonly string[]
}

/**
 * One opening against its statement, and what the desk may see of it.
 *
 * @throws WIRE_POLICY, WIRE_DIS, WIRE_SIZE, WIRE_INCOMPLETE, WIRE_SCHEMA
 */
export function openBody(
  statement: UnverifiedStatement,
  opening: Opening,
  desk: ReadingDesk,
): OpenedBody {
  const { content } = statement
  const { mustSee, mayNotSee } = groupsForDesk(content.kind, desk)
  const rebuilt = rebuildOpening(content.kind, opening)
  assertBody(content, rebuilt.body)
  assertComplete(mustSee, opening)
  const excess = mayNotSee.filter((name) => Object.hasOwn(opening.groups, name))
  const kept = Object.entries(opening.groups).filter(([name]) => !excess.includes(name))
  const groups = Object.fromEntries(kept)
  const destroyed = Object.fromEntries(
    excess.flatMap((name) => {
      const commitment = rebuilt.groups[name]
      return commitment === undefined ? [] : [[name, commitment]]
    }),
  )
  const visible = { ...opening, groups, withheld: { ...opening.withheld, ...destroyed } }
  const message = parseOpenedGroups(content.kind, openedValues(visible))
  assertRestriction(content.handling, message.groups)
  return { result: 'opened', statement, message, opening: visible, excess }
}
