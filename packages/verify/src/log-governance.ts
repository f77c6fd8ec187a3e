/**
 * What the log says about itself: officers' pseudonyms, erasures and holds, and that it goes on from an older log.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#governance
 */
import { type Leaf } from '@amana/core'
import { type Finding, FindingList, type FindingCode } from './findings.ts'

/** Two officers agree to an erasure. */
const APPROVERS = 2

type GovernanceLeaf = Extract<Leaf, { class: 'g' }>
type LeafOf<E extends Leaf['event']> = Extract<Leaf, { event: E }>

interface Judged {
  readonly agency: string
  readonly isWhole: boolean
  readonly findings: FindingList
  readonly enrolled: Set<string>
  readonly held: Set<string>
  readonly erasures: Map<number, readonly string[]>
  readonly erased: Set<string>
}

/** How leaves of class g are judged. */
export interface GovernanceInput {
  readonly agency: string
  /** Whether class g is shown from leaf 0 on. */
  readonly isWhole: boolean
  readonly leaves: readonly GovernanceLeaf[]
  /** Digests of the disclosures, groups and presentations that the file shows. */
  readonly isShown: (digest: string) => boolean
}

/** Judges the leaves of class g, in their order. */
export function judgeGovernance(input: GovernanceInput): {
  readonly findings: readonly Finding[]
  /** Values that the log says were erased. */
  readonly erased: number
} {
  const { agency, isShown, isWhole, leaves } = input
  const judged: Judged = {
    agency,
    isWhole,
    findings: new FindingList(),
    enrolled: new Set(),
    held: new Set(),
    erasures: new Map(),
    erased: new Set(),
  }
  for (const leaf of leaves) judge(judged, leaf)
  const { erased, findings } = judged
  for (const digest of erased) {
    if (isShown(digest)) findings.add(against(judged, 'ERASED_BUT_PRESENT', `digest ${digest}`))
  }
  if (erased.size > 0) {
    const where = `digests ${String(erased.size)}`
    findings.add({ code: 'ERASED', severity: 'info', level: 'LOCAL', party: agency, where })
  }
  return { findings: findings.all(), erased: erased.size }
}

function judge(judged: Judged, leaf: GovernanceLeaf): void {
  const { held } = judged
  if (leaf.event === 'g.actor') enroll(judged, leaf)
  else if (leaf.event === 'g.hold') held.add(leaf.data.std)
  else if (leaf.event === 'g.unhold') held.delete(leaf.data.std)
  else if (leaf.event === 'g.erasure') beginErasure(judged, leaf)
  else if (leaf.event === 'g.erased') endErasure(judged, leaf)
  else if (leaf.event === 'g.genesis') continueLog(judged, leaf)
}

/** A pseudonym belongs to one officer: who enrols it a second time gives his acts to another. */
function enroll(judged: Judged, { data, index }: LeafOf<'g.actor'>): void {
  if (data.op !== 'enroll') return
  if (judged.enrolled.has(data.officer)) {
    judged.findings.add(against(judged, 'ACTOR_REASSIGNED', `index ${String(index)}`))
  }
  judged.enrolled.add(data.officer)
}

function beginErasure(judged: Judged, { data, index }: LeafOf<'g.erasure'>): void {
  const { approvers, digests } = data
  judged.erasures.set(index, digests)
  const where = `index ${String(index)}`
  if (new Set(approvers).size < APPROVERS) {
    judged.findings.add(against(judged, 'ERASURE_UNAUTHORISED', where))
  }
  if (digests.some((digest) => judged.held.has(digest))) {
    judged.findings.add(against(judged, 'ERASED_UNDER_HOLD', where))
  }
}

function endErasure(judged: Judged, { data, index }: LeafOf<'g.erased'>): void {
  const digests = judged.erasures.get(data.ref)
  if (digests === undefined) {
    if (judged.isWhole) judged.findings.add(against(judged, 'LIFECYCLE', `index ${String(index)}`))
  } else if (data.done === 'all') {
    for (const digest of digests) judged.erased.add(digest)
  }
}

/** Which cosigned entries of the log before are lost, by the word of its agency under both roster keys. */
function continueLog({ agency: party, findings }: Judged, { data }: LeafOf<'g.genesis'>): void {
  if (data.prev === undefined) return
  const { kept, log, reason, size } = data.prev
  const lost = kept < size ? `${String(kept)}–${String(size - 1)}` : '0'
  const where = `${log} size ${String(size)}, ${reason}, lost ${lost}`
  findings.add({ code: 'EPOCH_BREAK', severity: 'warn', level: 'LOCAL', party, where })
}

function against({ agency: party }: Judged, code: FindingCode, where: string): Finding {
  return { code, severity: 'fail', level: 'LOCAL', party, where }
}
