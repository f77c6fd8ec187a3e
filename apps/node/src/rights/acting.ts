/**
 * Who may destroy or hold: officers with the role for it, and for an erasure two of them.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#who-erases
 */
import { AmanaError, requestDigest } from '@amana/core'
import { z } from 'zod'
import { type Actor } from '../access/officers.ts'
import { type NodeParts } from '../node-parts.ts'

const ROLES: readonly string[] = ['approve:rights', 'head']
const RequestSchema = z.record(z.string(), z.json())

/** The officer who acts, by his roles in the roster. @throws CLI_OPTION when nobody signed, RIGHTS_ROLE */
export function assertMayErase(who: Actor): void {
  const { officer } = who
  if (officer === undefined) throw new AmanaError('CLI_OPTION', { option: '--officer' })
  if (officer.roles.some((role) => ROLES.includes(role))) return
  throw new AmanaError('RIGHTS_ROLE', { id: officer.id })
}

/**
 * The second officer, who signed for the same as the first and first of all: the first one signed for her act too.
 *
 * @throws RIGHTS_SECOND when nobody did, or it is the same; RIGHTS_ROLE; as `Officers.of`
 */
export async function secondOf(
  { officers }: Pick<NodeParts, 'officers'>,
  { input, method }: { readonly input: { readonly second?: unknown }; readonly method: string },
  who: Actor,
): Promise<Actor> {
  const { by: _by, second, ...asked } = RequestSchema.parse(input)
  if (second === undefined) throw new AmanaError('RIGHTS_SECOND', { option: '--approve' })
  const request = requestDigest(method, asked)
  const other = await officers.of(second, { act: 'erase', request })
  if (other.officer?.id === who.officer?.id) {
    throw new AmanaError('RIGHTS_SECOND', { option: '--approve' })
  }
  assertMayErase(other)
  return other
}
