/**
 * What a message file shows of the body: the presentation, and who gave it to whom.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#verifying-a-message-file
 */
import {
  AmanaError,
  groupNames,
  isKind,
  parseDisclosure,
  parsePresentation,
  verifyDisclosure,
} from '@amana/core'
import { type Disclosed, disclosedOf, handedOverOf } from './disclosed.ts'
import { attempt } from './evidence.ts'
import { bindingDispatches, lookupFor, type MessageCheck, recordsOf } from './message-evidence.ts'
import { type VerifiedPresentation, verifyPresentation } from './presentation.ts'

/** Verifies presentation and signed disclosure; without a presentation every group is withheld. */
export async function checkPresented(check: MessageCheck): Promise<readonly Disclosed[]> {
  const text = presentationOf(check)
  if (text === undefined) return nothingShown(check)
  let disclosed: Disclosed | undefined
  const blamed = { where: 'presentation', party: check.name, level: 'LOCAL' } as const
  await attempt(check, { ...blamed, code: 'PRESENTATION_INVALID' }, async () => {
    disclosed = disclosedOf(check.name, await verifyShown(check, text))
  })
  const handedOver = await checkDisclosure(check, text)
  if (disclosed === undefined) return []
  return [handedOver === undefined ? disclosed : { ...disclosed, handedOver }]
}

function presentationOf({ file }: MessageCheck): string | undefined {
  return file.evidence.flatMap((record) =>
    record.kind === 'presentation' ? [record.content] : [],
  )[0]
}

/** Under a signature of this statement's author that stands in the file; it is covered as there. */
async function verifyShown(check: MessageCheck, text: string): Promise<VerifiedPresentation> {
  const { signed } = parsePresentation(text).statement
  const [shown] = signed.jws.signatures
  const found = [...check.statements].find(([, statement]) =>
    statement.signed.jws.signatures.some(
      (entry) => entry.protected === shown?.protected && entry.signature === shown.signature,
    ),
  )
  if (found === undefined) throw new AmanaError('WIRE_DIS', { reason: 'statement' })
  const [signatures] = found
  // that it is disputed is said of the statement
  const lookup = lookupFor(check, bindingDispatches(check, signatures), () => undefined)
  return verifyPresentation(text, check.trust, lookup)
}

async function checkDisclosure(
  check: MessageCheck,
  text: string,
): Promise<Disclosed['handedOver']> {
  const [record] = recordsOf(check, 'disclosure')
  if (record === undefined) return undefined
  let handedOver: Disclosed['handedOver']
  const where = `disclosure ${record.digest}`
  const blamed = { where, party: check.name, level: 'LOCAL' } as const
  await attempt(check, { ...blamed, code: 'DISCLOSURE_INVALID' }, async () => {
    const disclosure = parseDisclosure(record.content)
    if (disclosure.content.purpose !== check.file.header.purpose) {
      throw new AmanaError('WIRE_MEMBER', { path: 'purpose' })
    }
    handedOver = handedOverOf(await verifyDisclosure(disclosure, text, check.trust))
  })
  return handedOver
}

/** All that the file says of the body is that there is one. */
function nothingShown({ file, name, statements }: MessageCheck): readonly Disclosed[] {
  const [statement] = statements.values()
  if (statement === undefined) return []
  const { iss, kind } = statement.content
  // of a kind that nobody knows the statement has failed already
  if (!isKind(kind)) return []
  const groups = groupNames(kind).map((group) => [group, 'withheld'] as const)
  return [{ file: name, kind, from: iss, statement: file.header.statement, fields: [], groups }]
}
