/**
 * One envelope or one presentation by itself. Whose keys signed, only a charter and rosters can say that came in a
 * verified bundle; without one nothing is verified.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#files
 */
import {
  assertEnvelopeMatches,
  decodeUtf8,
  isAnyAmanaError,
  parseEnvelope,
  type TrustView,
  type UnverifiedEnvelope,
  type UnverifiedStatement,
  verifyDispatch,
  verifyNodeSignature,
  type VerifiedSigner,
  verifyStatement,
} from '@amana/core'
import { type Disclosed, disclosedOf, groupFindings } from './disclosed.ts'
import { type Finding, type FindingCode, findingOfRefusal, type Verdict } from './findings.ts'
import { verifyPresentation } from './presentation.ts'
import { type TimelineRow } from './report.ts'
import { instantOf } from './instant.ts'

/** The outcome for one file. */
export interface FileCheck {
  readonly verdict: Verdict
  readonly findings: readonly Finding[]
  readonly timeline: readonly TimelineRow[]
  /** Name of the file, where its digest is known. */
  readonly file?: string
  /** Of the whole file, in hexadecimal. */
  readonly sha256?: string
  /** What the file shows of a message, where it is a presentation. */
  readonly disclosed?: Disclosed
}

/** Signatures of the dispatch, of a void, of every statement; that all belong together. The seal stays closed. */
export async function checkEnvelope(
  name: string,
  bytes: Uint8Array,
  trust: TrustView | undefined,
): Promise<FileCheck> {
  if (trust === undefined) return withoutTrust(name)
  return checked({ name, code: 'ENVELOPE_INVALID' }, async () => {
    const envelope = parseEnvelope(bytes)
    const { dispatch } = envelope
    await verifyDispatch(dispatch, trust)
    if (envelope.form === 'void') {
      const { from, sentAt } = dispatch.content
      await verifyNodeSignature(envelope.void.signed, { from, at: sentAt }, trust)
    }
    assertEnvelopeMatches(envelope)
    return { findings: [], timeline: await rowsOf(envelope, trust) }
  })
}

/** The author's signature, every digest, and which groups are shown whole, in part or not at all. */
export async function checkPresentation(
  name: string,
  bytes: Uint8Array,
  trust: TrustView | undefined,
): Promise<FileCheck> {
  if (trust === undefined) return withoutTrust(name)
  return checked({ name, code: 'PRESENTATION_INVALID' }, async () => {
    const presentation = await verifyPresentation(decodeUtf8(bytes), trust)
    const { author, statement } = presentation
    const disclosed = disclosedOf(name, presentation)
    const signers = [`author ${author.id}, ${author.organisation}`]
    return {
      findings: groupFindings(disclosed),
      timeline: [rowOf(statement, { to: statement.content.aud.join(', '), signers })],
      disclosed,
    }
  })
}

function withoutTrust(name: string): FileCheck {
  const finding: Finding = { code: 'NO_TRUST', severity: 'warn', level: 'INFO', party: name }
  return { verdict: 'could-not', findings: [finding], timeline: [] }
}

async function checked(
  { name, code }: { readonly name: string; readonly code: FindingCode },
  step: () => Promise<Omit<FileCheck, 'verdict'>>,
): Promise<FileCheck> {
  try {
    return { verdict: 'verified', ...(await step()) }
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    const finding = findingOfRefusal(error, { party: name, otherwise: code })
    return { verdict: 'failed', findings: [finding], timeline: [] }
  }
}

async function rowsOf(
  envelope: UnverifiedEnvelope,
  trust: TrustView,
): Promise<readonly TimelineRow[]> {
  if (envelope.form === 'void') return []
  const rows: TimelineRow[] = []
  for (const statement of envelope.statements) {
    const { signers } = await verifyStatement(statement, trust)
    const to = envelope.dispatch.content.to.agency
    rows.push(rowOf(statement, { to, signers: signers.map((signer) => signerText(signer)) }))
  }
  return rows
}

/** One statement as a line of the timeline, before anything is known of its outcome. */
export function rowOf(
  { content, digest }: UnverifiedStatement,
  { to, signers }: Pick<TimelineRow, 'to' | 'signers'>,
): TimelineRow {
  const { iat, iss, kind } = content
  const signedAt = instantOf(iat)
  return { signedAt, kind, from: iss, to, signers, outcome: 'pending', statement: digest }
}

/** A signer as the timeline names him. */
export function signerText({ act, officer }: VerifiedSigner): string {
  return `${act} ${officer.id}, ${officer.organisation}`
}
