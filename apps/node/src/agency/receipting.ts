/**
 * What an officer’s program does after he read a message, or acted on it: it signs the receipt and hands it to his node.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#read-and-acted
 */
import {
  AmanaError,
  type CodeOf,
  DigestSchema,
  type Draft,
  hasStages,
  type Stage,
  STAGE_KINDS,
} from '@amana/core'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { signDraft, type UnlockedOfficer } from './signing.ts'

/** What an officer says of a message. */
export interface Receipting {
  readonly digest: string
  readonly stage: Stage
  readonly note?: CodeOf<'actedNote'> | undefined
  readonly dryRun: boolean
}

type Services = Pick<NodeServices, 'context' | 'stages' | 'submit'>

/** Whether an officer who reads a message owes its sender a receipt: it came from the peer, and nobody signed one yet. */
export function isReadOwed({ dispatch, kind, stages }: ServiceResults['stages']): boolean {
  return dispatch !== undefined && hasStages(kind) && stages.every(({ stage }) => stage !== 'read')
}

/**
 * Signs a receipt and hands it in.
 *
 * @throws CLI_NO_STAGE when the message did not come from the peer; as `signDraft` and `NodeServices.submit`
 */
export async function signReceiptOf(
  services: Services,
  officer: UnlockedOfficer,
  { dryRun, note, stage, ...asked }: Receipting,
): Promise<ServiceResults['submit']> {
  const { digest, dispatch, kind, peer, testData } = await services.stages(asked)
  if (dispatch === undefined || !hasStages(kind)) throw new AmanaError('CLI_NO_STAGE', { digest })
  const caveats: Draft['handling']['caveats'] = testData ? ['test:data'] : []
  const draft: Draft = {
    groups: { body: { dispatch, ...(note === undefined ? {} : { note }) } },
    handling: { caveats, tlp: 'AMBER' },
    kind: STAGE_KINDS[stage],
    relates: [{ digest: DigestSchema.parse(digest), relation: 'answers' }],
    to: { agency: peer },
  }
  const signing = await services.context({ agency: peer })
  const signed = await signDraft(draft, { author: officer, approvers: [] }, signing)
  const { opening, statement } = signed
  return services.submit({ dryRun, opening: { ...opening }, statement: { ...statement } })
}
