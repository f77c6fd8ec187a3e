/**
 * One new key of a node, as its service makes it for a command.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#the-life-of-a-key
 */
import { type NodeParts } from '../../apps/node/src/node-parts.ts'
import { type ServiceInput } from '../../apps/node/src/service-inputs.ts'
import { type ServiceResults } from '../../apps/node/src/services.ts'
import { createKeyServices } from '../../apps/node/src/services/key-services.ts'

/** A key that is made, or was made and is listed nowhere. */
export async function madeKey(
  parts: NodeParts,
  wish: ServiceInput<'makeKeys'>,
): Promise<ServiceResults['makeKeys'][number]> {
  const [key] = await createKeyServices(parts).makeKeys(wish)
  if (key === undefined) throw new Error('no key was made')
  return key
}
