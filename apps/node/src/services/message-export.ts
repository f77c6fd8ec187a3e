/**
 * A message file for an auditor: one statement with all that fixes who held which key, and what is shown of its body.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#writing-a-message-file
 */
import {
  canonicalize,
  AmanaError,
  concatBytes,
  digest,
  type Digest,
  DigestSchema,
  type EvidenceRecord,
  type GeneralJws,
  MESSAGE_EVIDENCE,
  type MessageEvidence,
  parseDisclosure,
  parseReceipt,
  type VerifiedDisclosure,
  verifyDisclosure,
  writeMessageFile,
} from '@amana/core'
import { type Actor } from '../access/officers.ts'
import { reasonOf, recordAct } from '../access/recorded.ts'
import { type NodeParts } from '../node-parts.ts'
import { allRecords, RECORDS, type StatementRecord } from '../records.ts'
import { type ServiceInput } from '../service-inputs.ts'
import { type ServiceResults } from '../services.ts'
import { deliveriesOf } from '../statements/deliveries.ts'
import { boundEvidence, dispatchOf, jwsRecord, trustEvidence } from './evidence.ts'
import { namesOf } from './opened.ts'
import { assertOnward } from './onward.ts'
import { policyText } from './policy-text.ts'
import { presentationIn } from './presented.ts'
import { writeWhole } from './written-file.ts'

/**
 * Writes the file; its leaf is durable before it has its name.
 *
 * @throws WIRE_POLICY when it is another agency’s, who did not release it for that
 * @throws WIRE_DIS when a path names nothing, or the disclosure is of another presentation
 * @throws WIRE_ISS when another agency's officer signed it, WIRE_MEMBER when it is for another purpose
 * @throws as `parseDisclosure` and `verifyDisclosure`; CLI_FILE, TRUST_NO_CHARTER
 */
export async function exportMessageTo(
  parts: NodeParts,
  record: StatementRecord,
  { asked, who }: { readonly asked: ServiceInput<'exportMessage'>; readonly who: Actor },
): Promise<ServiceResults['exportMessage']> {
  const { purpose, to } = asked
  const shown = await shownOf(parts, record, asked)
  const header = {
    created: parts.clock.now(),
    policy: digest(policyText(parts)),
    purpose,
    record: 'message' as const,
    statement: DigestSchema.parse(record.digest),
    v: 1 as const,
  }
  const evidence = inOrder([...(await evidenceOf(parts, record)), ...shown.evidence])
  const bytes = concatBytes(...writeMessageFile({ header, evidence }))
  return writeWhole(to, async (file) => {
    await file.write(bytes)
    const exported = { digest: digest(bytes), asked, who, disclosure: shown.disclosure }
    await logExport(parts, record, exported)
    await file.finish()
    return { file: to, digest: record.digest, sizeBytes: bytes.byteLength }
  })
}

interface Shown {
  readonly evidence: readonly MessageEvidence[]
  readonly disclosure?: VerifiedDisclosure
}

async function shownOf(
  parts: NodeParts,
  record: StatementRecord,
  { disclose, disclosure, presentation: given, purpose }: ServiceInput<'exportMessage'>,
): Promise<Shown> {
  if (disclose === undefined && given === undefined) {
    if (disclosure !== undefined) throw new AmanaError('WIRE_DIS', { reason: 'presentation' })
    return { evidence: [] }
  }
  assertOnward(record, purpose)
  const text = presentationIn(record, {
    ...(disclose === undefined ? {} : { disclose }),
    ...(given === undefined ? {} : { presentation: given }),
  })
  const presentation = {
    content: text,
    digest: digest(text),
    kind: 'presentation' as const,
    record: 'evidence' as const,
  }
  if (disclosure === undefined) return { evidence: [presentation] }
  const checked = await checkDisclosure(parts, text, { disclosure, purpose })
  return {
    evidence: [presentation, disclosureRecord(checked)],
    disclosure: checked,
  }
}

async function checkDisclosure(
  { agency, trust }: NodeParts,
  presentation: string,
  { disclosure, purpose }: Pick<ServiceInput<'exportMessage'>, 'disclosure' | 'purpose'>,
): Promise<VerifiedDisclosure> {
  const parsed = parseDisclosure(disclosure)
  const { by, purpose: signedFor } = parsed.content
  if (by.agency !== agency) throw new AmanaError('WIRE_ISS', { issuer: by.agency })
  if (signedFor !== purpose) throw new AmanaError('WIRE_MEMBER', { path: 'purpose' })
  return verifyDisclosure(parsed, presentation, trust.view())
}

function disclosureRecord({ digest: name, signed }: VerifiedDisclosure): MessageEvidence {
  const { payload, signatures } = signed.jws
  const content = { payload, signatures }
  return { content, digest: name, kind: 'disclosure', record: 'evidence' }
}

/** Trust documents, and of the statement what its dispatch bound and what was answered; without one the statement alone. */
async function evidenceOf(
  parts: NodeParts,
  record: StatementRecord,
): Promise<readonly MessageEvidence[]> {
  const std = DigestSchema.parse(record.digest)
  const sent = await Promise.all(
    deliveriesOf(record).flatMap(({ dispatch }) =>
      dispatch === undefined ? [] : [exchanged(parts, record, DigestSchema.parse(dispatch))],
    ),
  )
  const own = sent.length === 0 ? [jwsRecord('statement', std, record.statement)] : sent.flat()
  return noneTwice([...trustEvidence(parts), ...own]).filter(isSigned)
}

/** A statement that went to several desks is one, unless its signatures differ. */
function noneTwice(evidence: readonly EvidenceRecord[]): readonly EvidenceRecord[] {
  return [...new Map(evidence.map((record) => [canonicalize({ ...record }), record])).values()]
}

async function exchanged(
  parts: NodeParts,
  { digest: std, direction }: StatementRecord,
  env: Digest,
): Promise<readonly EvidenceRecord[]> {
  const side = direction === 'out' ? 'sent' : 'received'
  const bound = await boundEvidence(parts, side, { env, std: DigestSchema.parse(std) })
  const last = (await dispatchOf(parts, side, env))?.receipt
  const held = await allRecords(parts.store, RECORDS.replaced, {})
  const receipts = [
    ...held.map(({ value }) => value.receipt),
    ...(last === undefined ? [] : [last]),
  ]
    .filter((receipt) => parseReceipt(receipt).content.dispatch === env)
    .map((receipt) => jwsRecord('receipt', digest(receipt.payload), receipt))
  return [...bound, ...receipts]
}

function isSigned(record: EvidenceRecord): record is Extract<EvidenceRecord, SignedContent> {
  return typeof record.content !== 'string'
}

interface SignedContent {
  readonly content: GeneralJws
}

function inOrder(evidence: readonly MessageEvidence[]): readonly MessageEvidence[] {
  return evidence.toSorted(
    (a, b) => MESSAGE_EVIDENCE.indexOf(a.kind) - MESSAGE_EVIDENCE.indexOf(b.kind),
  )
}

interface Exported {
  readonly digest: Digest
  readonly asked: ServiceInput<'exportMessage'>
  readonly who: Actor
  readonly disclosure: VerifiedDisclosure | undefined
}

/** By the officer who signed for whom it is, else by who asked. */
async function logExport(
  parts: NodeParts,
  shown: StatementRecord,
  { asked, digest: file, disclosure, who }: Exported,
): Promise<void> {
  const { purpose } = asked
  const data = { ...namesOf(shown), digest: file, format: 'message', purpose }
  if (disclosure === undefined) {
    const leaves = [{ event: 'a.export' as const, data }]
    await recordAct(parts, { who, leaves, fields: reasonOf(asked) })
    return
  }
  const { content, digest: name, officer } = disclosure
  await recordAct(parts, {
    who: { ...who, actor: await parts.officers.enroll(officer) },
    leaves: [{ event: 'a.export', data: { ...data, disclosure: name } }],
    fields: [...reasonOf(asked), { name: 'destination', value: content.audience }],
  })
}
