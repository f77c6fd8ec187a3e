/**
 * What an officer's program does when he asks his node for something that is recorded: it gets a challenge and signs for
 * the whole request.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#signed-acts
 */
import { type ActClaim, PURPOSES, requestDigest, signAct } from '@amana/core'
import { z } from 'zod'
import { type ServiceName } from '../service-inputs.ts'
import { type NodeServices } from '../services.ts'
import { assertListed, type UnlockedOfficer } from './unlocked-officer.ts'

/** A call of a method that takes an officer's signature. */
export interface OfficerCall<I extends object> {
  readonly act: ActClaim['act']
  readonly method: ServiceName
  readonly input: I
}

const PurposeSchema = z.looseObject({ purpose: z.exactOptional(z.enum(PURPOSES)) })
const MembersSchema = z.record(z.string(), z.json())

/** The input with the officer's signature over all of it. @throws CLI_OFFICER when the roster does not list him */
export async function askAs<I extends object>(
  services: Pick<NodeServices, 'challenge' | 'context'>,
  officer: UnlockedOfficer,
  { act, input, method }: OfficerCall<I>,
): Promise<I> {
  const { agency, challenge } = await services.challenge({})
  assertListed(officer, await services.context({ agency }))
  const { by: _none, ...asked } = MembersSchema.parse(input)
  const request = requestDigest(method, asked)
  const { purpose } = PurposeSchema.parse(input)
  const claim = { act, agency, challenge, request }
  const by = await signAct(purpose === undefined ? claim : { ...claim, purpose }, officer.key)
  return { ...input, by: { ...by } }
}
