/**
 * What an evidence bundle carries beside the log: every signed object that a shown leaf names, and the trust documents.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#records
 */
import {
  type Digest,
  digest as digestOf,
  type EvidenceRecord,
  type GeneralJws,
  type Leaf,
  parseDispatch,
  parseLeaf,
  signaturesDigest,
} from '@amana/core'
import { type NodeParts } from '../node-parts.ts'
import { type AuditWriter } from '../ports.ts'
import { getRecord, type InRecord, type OutRecord, RECORDS } from '../records.ts'

/** What evidence is read from; the log need not be the one that is written. */
export type EvidenceParts = Pick<NodeParts, 'ledger' | 'store' | 'trust'> & {
  readonly audit: Pick<AuditWriter, 'leaves'>
}

type JwsKind = Extract<EvidenceRecord, { content: GeneralJws }>['kind']

/** Leaves read at a time. */
const PAGE = 256

/**
 * The evidence for the leaves [0, size).
 *
 * @yields one object at a time, none twice; a statement once for each set of signatures that a dispatch bound
 */
export async function* evidenceFor(
  parts: EvidenceParts,
  size: number,
): AsyncGenerator<EvidenceRecord> {
  const seen = new Set<string>()
  for await (const record of allEvidence(parts, size)) {
    const key = nameOf(record)
    if (seen.has(key)) continue
    seen.add(key)
    yield record
  }
}

function nameOf(record: EvidenceRecord): string {
  const name = `${record.kind} ${record.digest}`
  return record.kind === 'statement' ? `${name} ${signaturesDigest(record.content)}` : name
}

/** @yields the trust documents, then what each leaf names */
async function* allEvidence(parts: EvidenceParts, size: number): AsyncGenerator<EvidenceRecord> {
  yield* trustEvidence(parts)
  for (let from = 0; from < size; from += PAGE) {
    for (const bytes of await parts.audit.leaves(from, Math.min(from + PAGE, size))) {
      yield* await evidenceOf(parts, parseLeaf(bytes))
    }
  }
}

/** Every charter and roster that the node knows. */
export function trustEvidence({ trust }: Pick<NodeParts, 'trust'>): readonly EvidenceRecord[] {
  const charters = trust.view().charters.map(({ digest, jws }) => jwsRecord('charter', digest, jws))
  const rosters = trust.allRosters.map(({ digest, jws }) => jwsRecord('roster', digest, jws))
  return [...charters, ...rosters]
}

async function evidenceOf(parts: EvidenceParts, leaf: Leaf): Promise<readonly EvidenceRecord[]> {
  if (leaf.event === 'x.sealed') return boundEvidence(parts, 'sent', leaf.data)
  if (leaf.event === 'x.received') return boundEvidence(parts, 'received', leaf.data)
  if (leaf.event === 'x.delivered') return receiptEvidence(parts, 'sent', leaf.data)
  if (leaf.event === 'x.receipt') return receiptEvidence(parts, 'received', leaf.data)
  return leaf.event === 'w.witness' ? noteEvidence(parts, leaf.data.note) : []
}

/** On which side of the exchange the own agency stands. */
export type Direction = 'sent' | 'received'

/** The dispatch, and the statement with the signatures that it bound; a voided one never brought it. */
export async function boundEvidence(
  parts: EvidenceParts,
  direction: Direction,
  { env, std }: { readonly env: Digest; readonly std: Digest },
): Promise<readonly EvidenceRecord[]> {
  const dispatch = (await dispatchOf(parts, direction, env))?.dispatch
  if (dispatch === undefined) return []
  const statement = await parts.ledger.signedWith(std, boundSignatures(dispatch, std))
  return [
    ...(statement === undefined ? [] : [jwsRecord('statement', std, statement)]),
    jwsRecord('dispatch', env, dispatch),
  ]
}

/** Digest of the signatures that a dispatch binds a statement with. */
function boundSignatures(dispatch: GeneralJws, std: Digest): string {
  const { signatures, statements } = parseDispatch(dispatch).content
  return signatures[statements.indexOf(std)] ?? ''
}

/** The receipt that the leaf names: the last one, or one before it that held a statement back. */
async function receiptEvidence(
  parts: EvidenceParts,
  direction: Direction,
  { env, rcpt }: { readonly env: Digest; readonly rcpt: Digest },
): Promise<readonly EvidenceRecord[]> {
  const last = (await dispatchOf(parts, direction, env))?.receipt
  const replaced = await getRecord(parts.store, RECORDS.replaced, rcpt)
  return [last, replaced?.receipt]
    .filter((receipt) => receipt !== undefined)
    .filter(({ payload }) => digestOf(payload) === rcpt)
    .map((receipt) => jwsRecord('receipt', rcpt, receipt))
}

/** What the node keeps of a dispatch. */
export async function dispatchOf(
  { store }: Pick<NodeParts, 'store'>,
  direction: Direction,
  env: Digest,
): Promise<OutRecord | InRecord | undefined> {
  const { key = '' } = (await getRecord(store, RECORDS.dispatch, env)) ?? {}
  return direction === 'sent'
    ? getRecord(store, RECORDS.out, key)
    : getRecord(store, RECORDS.in, key)
}

async function noteEvidence(
  { store }: Pick<NodeParts, 'store'>,
  digest: Digest,
): Promise<readonly EvidenceRecord[]> {
  const found = await getRecord(store, RECORDS.witnessed, digest)
  if (found === undefined) return []
  return [{ content: found.note, digest, kind: 'peer-note', record: 'evidence' }]
}

/** A signed object as a record. */
export function jwsRecord(
  kind: JwsKind,
  digest: Digest,
  { payload, signatures }: GeneralJws,
): EvidenceRecord {
  return { content: { payload, signatures }, digest, kind, record: 'evidence' }
}
