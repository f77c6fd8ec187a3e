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
  parseLeaf,
} from '@amana/core'
import { type NodeParts } from '../node-parts.ts'
import { getRecord, RECORDS } from '../records.ts'

type JwsKind = Extract<EvidenceRecord, { content: GeneralJws }>['kind']

/** Leaves read at a time. */
const PAGE = 256

/**
 * The evidence for the leaves [0, size).
 *
 * @yields one object at a time, none twice
 */
export async function* evidenceFor(parts: NodeParts, size: number): AsyncGenerator<EvidenceRecord> {
  const seen = new Set<string>()
  for await (const record of allEvidence(parts, size)) {
    const key = `${record.kind} ${record.digest}`
    if (seen.has(key)) continue
    seen.add(key)
    yield record
  }
}

/** @yields the trust documents, then what each leaf names */
async function* allEvidence(parts: NodeParts, size: number): AsyncGenerator<EvidenceRecord> {
  yield* trustEvidence(parts)
  for (let from = 0; from < size; from += PAGE) {
    for (const bytes of await parts.audit.leaves(from, Math.min(from + PAGE, size))) {
      yield* await evidenceOf(parts, parseLeaf(bytes))
    }
  }
}

function trustEvidence({ trust }: NodeParts): readonly EvidenceRecord[] {
  const { charter } = trust.view()
  const rosters = trust.allRosters.map(({ digest, jws }) => jwsRecord('roster', digest, jws))
  return [jwsRecord('charter', charter.digest, charter.jws), ...rosters]
}

async function evidenceOf(parts: NodeParts, leaf: Leaf): Promise<readonly EvidenceRecord[]> {
  if (leaf.event === 'x.sealed') return exchangeEvidence(parts, 'sent', leaf.data)
  if (leaf.event === 'x.received') return exchangeEvidence(parts, 'received', leaf.data)
  return leaf.event === 'w.witness' ? noteEvidence(parts, leaf.data.note) : []
}

/** The statement, the dispatch that binds it and the receipt that answers, as this side has them. */
async function exchangeEvidence(
  { store, ledger }: NodeParts,
  direction: 'sent' | 'received',
  { env, std }: { readonly env: Digest; readonly std: Digest },
): Promise<readonly EvidenceRecord[]> {
  const { key = '' } = (await getRecord(store, RECORDS.dispatch, env)) ?? {}
  const dispatch =
    direction === 'sent'
      ? await getRecord(store, RECORDS.out, key)
      : await getRecord(store, RECORDS.in, key)
  const statement = await ledger.get(std)
  const receipt = dispatch?.receipt
  return [
    ...(statement === undefined ? [] : [jwsRecord('statement', std, statement.statement)]),
    ...(dispatch === undefined ? [] : [jwsRecord('dispatch', env, dispatch.dispatch)]),
    ...(receipt === undefined ? [] : [receiptRecord(receipt)]),
  ]
}

async function noteEvidence(
  { store }: NodeParts,
  digest: Digest,
): Promise<readonly EvidenceRecord[]> {
  const found = await getRecord(store, RECORDS.witnessed, digest)
  if (found === undefined) return []
  return [{ content: found.note, digest, kind: 'peer-note', record: 'evidence' }]
}

function receiptRecord(receipt: GeneralJws): EvidenceRecord {
  return jwsRecord('receipt', digestOf(receipt.payload), receipt)
}

function jwsRecord(
  kind: JwsKind,
  digest: Digest,
  { payload, signatures }: GeneralJws,
): EvidenceRecord {
  return { content: { payload, signatures }, digest, kind, record: 'evidence' }
}
