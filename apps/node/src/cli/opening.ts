/**
 * Opening for a person’s rights: an officer opens a referral or a message, and reads what his key opens.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#reading
 */
import { AmanaError, type Referral } from '@amana/core'
import { readBy } from '../agency/reading.ts'
import { type UnlockedOfficer } from '../agency/signing.ts'
import { type RequestView } from '../rights/requests.ts'
import { type MessageView } from '../service-views.ts'
import { askFor } from './acting.ts'
import { type CommandContext } from './options.ts'
import { withServices } from './with-services.ts'

const PURPOSE = 'data-subject'

/** One message as the officer reads it; the opening is in the log first. @throws as `readBy` */
export async function openAs(
  context: CommandContext,
  { digest, officer }: { readonly digest: string; readonly officer: UnlockedOfficer },
): Promise<MessageView> {
  const input = { digest, purpose: PURPOSE } as const
  const view = await askFor(context, {
    call: { act: 'open', method: 'message', input },
    officer,
    send: (node, asked) => node.message(asked),
  })
  return readBy(view, officer)
}

/** How a referral stands; the opening is in the log first. */
export async function openReferralAs(
  context: CommandContext,
  { officer, reference }: { readonly officer: UnlockedOfficer; readonly reference: string },
): Promise<Referral> {
  const input = { purpose: PURPOSE, reference } as const
  return askFor(context, {
    call: { act: 'open', method: 'referral', input },
    officer,
    send: (node, asked) => node.referral(asked),
  })
}

/** The request that a digest names. @throws CLI_NO_MESSAGE */
export async function findRequest(context: CommandContext, digest: string): Promise<RequestView> {
  const requests = await withServices(context, (node) => node.requests({}))
  const [found, another] = requests.filter((request) => request.digest.startsWith(digest))
  if (found === undefined || another !== undefined)
    throw new AmanaError('CLI_NO_MESSAGE', { digest })
  return found
}
