/**
 * Requests of persons and corrections for the people who use a node, and the leaf of what leaves for her.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#requests-and-corrections
 */
import { acting, reasonOf, recordAct } from '../access/recorded.ts'
import { type NodeParts } from '../node-parts.ts'
import { correctionViews } from '../rights/corrections.ts'
import { requestViews } from '../rights/requests.ts'
import { type NodeServices } from '../services.ts'

/** The methods about a person’s rights. */
export function createRightsServices(
  parts: NodeParts,
): Pick<NodeServices, 'copied' | 'corrections' | 'requests'> {
  return {
    requests: async () => requestViews(parts),
    corrections: async () => correctionViews(parts),
    copied: async (input) =>
      acting(parts, { act: 'copy', method: 'copied', input }, async (who) => {
        const { digest, purpose } = input
        const leaves = [{ event: 'a.copy', data: { digest, purpose } }] as const
        await recordAct(parts, { who, leaves, fields: reasonOf(input) })
        return { digest }
      }),
  }
}
