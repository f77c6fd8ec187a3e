/**
 * What the checks of a message file share: the file, under which trust it is judged, and what was found.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#verifying-a-message-file
 */
import {
  type Cover,
  type GeneralJws,
  type MessageEvidence,
  type MessageFile,
  type OfficerLookup,
  type TrustView,
  type UnverifiedDispatch,
  type UnverifiedReceipt,
  type UnverifiedStatement,
  type VerifiedRoster,
} from '@amana/core'
import { type Finding, type FindingCode } from './findings.ts'
import { type AskedKey, historyLookup, revokingRoster } from './officer-history.ts'
import { type ParsedPolicy } from './policy.ts'

/** Everything that checks of a message file look at, and where they put what they find. */
export interface MessageCheck {
  /** Of the file: the party where no agency can be named. */
  readonly name: string
  readonly file: MessageFile
  readonly policy: ParsedPolicy
  readonly trust: TrustView
  readonly rosters: readonly VerifiedRoster[]
  /** Dispatches whose signature verified and that bind the statement. */
  readonly dispatches: Map<string, UnverifiedDispatch>
  /** Receipts that answer one of these under a valid signature, in the order of the file. */
  readonly receipts: UnverifiedReceipt[]
  /** The statement as it stands in the file, by the digest of its signatures. */
  readonly statements: Map<string, UnverifiedStatement>
  readonly findings: Finding[]
}

/** A failing finding against the file. */
export function noteOf(
  { name }: Pick<MessageCheck, 'name'>,
  code: FindingCode,
  where: string,
): Finding {
  return { code, severity: 'fail', level: 'LOCAL', party: name, where }
}

/** The signed objects of one kind. */
export function recordsOf(
  { file }: MessageCheck,
  wanted: Exclude<MessageEvidence['kind'], 'presentation'>,
): readonly (MessageEvidence & { readonly content: GeneralJws })[] {
  return file.evidence.flatMap((record) =>
    record.kind !== 'presentation' && record.kind === wanted ? [record] : [],
  )
}

/** The dispatches that bind the statement with the signatures of that digest. */
export function bindingDispatches(
  { dispatches, file }: MessageCheck,
  signatures: string,
): readonly UnverifiedDispatch[] {
  return [...dispatches.values()].filter(
    ({ content }) => boundSignatures(content, file.header.statement) === signatures,
  )
}

/** Digest of the signatures that a dispatch binds a statement with. */
export function boundSignatures(
  content: UnverifiedDispatch['content'],
  statement: string,
): string | undefined {
  return content.signatures[content.statements.findIndex((bound) => bound === statement)]
}

/** Receipts that answer one of these dispatches. */
export function answersTo(
  { receipts }: MessageCheck,
  dispatches: readonly UnverifiedDispatch[],
): readonly UnverifiedReceipt[] {
  return receipts.filter(({ content }) =>
    dispatches.some(({ digest }) => digest === content.dispatch),
  )
}

/** Looks an officer up as history, covered by the receipts for these dispatches. */
export function lookupFor(
  check: MessageCheck,
  dispatches: readonly UnverifiedDispatch[],
  onDisputed: (agency: string) => void,
): OfficerLookup {
  const coverOf = (signer: AskedKey): Cover | undefined => {
    const times = answersTo(check, dispatches).flatMap(({ content }) =>
      content.receiver.agency === signer.agency ? [] : [content.issuedAt],
    )
    if (times.length === 0) return undefined
    const firstSeenAt = revokingRoster(check.rosters, signer)?.payload.iat ?? 0
    return { coveredAt: Math.min(...times), firstSeenAt }
  }
  return historyLookup(check.trust, { coverOf, onDisputed })
}
