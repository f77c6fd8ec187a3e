/**
 * Who is shown a list leaves a leaf first; it says about how long the list was.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#log-before-act
 */
import { type LeafField } from '@amana/core'
import { type Actor } from '../access/officers.ts'
import { type Asked, countBucket, reasonOf, recordAct } from '../access/recorded.ts'
import { type NodeParts } from '../node-parts.ts'

/** A list that is about to be shown. */
export interface Listed {
  readonly asked: Asked
  readonly who: Actor
  readonly what: 'access' | 'log' | 'messages' | 'referrals'
  readonly count: number
  /** What was looked for, where it was not everything. */
  readonly query?: string
}

/** Writes the leaf. @throws STORE_WRITE */
export async function logListed(parts: NodeParts, listed: Listed): Promise<void> {
  const { asked, count, query, what, who } = listed
  const { purpose } = asked
  const data = {
    count: countBucket(count),
    what,
    ...(purpose === undefined ? {} : { purpose }),
  }
  const sought: readonly LeafField[] = query === undefined ? [] : [{ name: 'query', value: query }]
  const fields = [...reasonOf(asked), ...sought]
  await recordAct(parts, { who, leaves: [{ event: 'a.list', data }], fields })
}
