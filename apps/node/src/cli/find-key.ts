/**
 * The key that a person means by the beginning of its id.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { AmanaError } from '@amana/core'
import { type KeyView } from '../service-views.ts'
import { type NodeServices } from '../services.ts'

/** Shorter beginnings name too many. */
const LEAST = 6

/** The one own key whose id begins so. @throws CLI_NO_KEY */
export async function findKey(services: NodeServices, kid: string): Promise<KeyView> {
  const { keys } = await services.keys({})
  const found = keys.filter(({ keyId, secondKeyId = '' }) =>
    [keyId, secondKeyId].some((id) => kid.length >= LEAST && id.startsWith(kid)),
  )
  const [key, another] = found
  if (key === undefined || another !== undefined) throw new AmanaError('CLI_NO_KEY', { keyId: kid })
  return key
}
