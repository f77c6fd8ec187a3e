/**
 * What an officer's program does when he shows a part of a message to an auditor: it gets the presentation, signs for
 * whom it is, and lets the node write the file.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#signed-disclosure
 */
import { digest as digestOf, encodeBase64url, parsePresentation, signDisclosure } from '@amana/core'
import { type ServiceInput } from '../service-inputs.ts'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { systemRandom } from '../system.ts'
import { assertListed, type UnlockedOfficer } from './unlocked-officer.ts'

const NONCE_BYTES = 16

/** What is shown, and for whom. */
export interface Disclosing extends Omit<ServiceInput<'exportMessage'>, 'disclosure'> {
  readonly audience: string
}

/**
 * Signs for a presentation and writes the message file with both.
 *
 * @throws CLI_OFFICER when the roster does not list him with this key, WIRE_MEMBER when the audience is not of its form
 * @throws as `NodeServices.presentation` and `exportMessage`
 */
export async function discloseMessage(
  services: Pick<NodeServices, 'context' | 'exportMessage' | 'presentation' | 'status'>,
  { audience, digest, disclose, presentation: made, purpose, reason, to }: Disclosing,
  officer: UnlockedOfficer,
): Promise<ServiceResults['exportMessage']> {
  const { agency } = await services.status({})
  const signing = await services.context({ agency })
  assertListed(officer, signing)
  const shown = {
    ...(disclose === undefined ? {} : { disclose }),
    ...(made === undefined ? {} : { presentation: made }),
  }
  const { presentation } = await services.presentation({ digest, ...shown, purpose })
  const disclosure = await signDisclosure(
    {
      agency,
      audience: audience.normalize('NFC'),
      disclosedAt: signing.now,
      nonce: encodeBase64url(systemRandom(NONCE_BYTES)),
      presentation: digestOf(presentation),
      purpose,
      statement: parsePresentation(presentation).statement.digest,
    },
    officer.key,
  )
  return services.exportMessage({
    digest,
    ...shown,
    disclosure: { ...disclosure },
    purpose,
    to,
    ...(reason === undefined ? {} : { reason }),
  })
}
