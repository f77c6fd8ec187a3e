/**
 * References as people type them and read them aloud: any case, with or without signs between the parts, in one word or
 * several.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#reference
 */
import { AmanaError, readSpokenReference, spokenReferenceFault } from '@amana/core'
import { type CommandContext } from './options.ts'
import { withServices } from './with-services.ts'

/**
 * The reference that was meant. Where one character is wrong and the node knows which referral has it otherwise, the
 * refusal names both.
 *
 * @throws CLI_REFERENCE; as `withServices`
 */
export async function referenceIn(
  context: CommandContext,
  words: readonly string[],
): Promise<string> {
  const spoken = words.join(' ')
  const reference = readSpokenReference(spoken)
  if (reference !== undefined) return reference
  const fault = spokenReferenceFault(spoken) ?? { what: 'form' }
  if (fault.what !== 'check') throw new AmanaError('CLI_REFERENCE', fault)
  const { check, expected, nearby } = fault
  const references = nearby.map((one) => one.reference)
  const known = await withServices(context, (node) => node.knownReferrals({ references }))
  const [meant, another] = nearby.filter((one) => known.references.includes(one.reference))
  throw new AmanaError(
    'CLI_REFERENCE',
    meant === undefined || another !== undefined
      ? { what: 'check', check, expected }
      : { what: 'known', ...meant },
  )
}
