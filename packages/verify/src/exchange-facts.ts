/**
 * What a log says about each statement in each dispatch: one fact for every pair, with the answers to it. These are the
 * log's words; the signed objects behind them are checked apart.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#exchange
 */
import { type Leaf } from '@amana/core'
import { type BundleReading, type ReadLeaf } from './bundle-reading.ts'
import { type Finding } from './findings.ts'

/** What the log says that a receipt answered. */
export interface Answer {
  /** Digest of the receipt. */
  readonly rcpt: string
  readonly outcome: 'held' | 'opened' | 'refused' | 'stored'
  readonly index: number
  /** The receiver's leaf as the receipt names it; in the sender's log only. */
  readonly peerLeaf?: { readonly hash: string; readonly sequence: number }
}

/** One statement in one dispatch, as one log has it. */
export interface ExchangeFact {
  readonly env: string
  readonly std: string
  readonly direction: 'sent' | 'received'
  /** The other agency. */
  readonly peer: string
  /** The leaf `x.sealed` or `x.received`. */
  readonly index: number
  readonly sequence: number
  /** base64url. */
  readonly hash: string
  readonly timeMs: number
  /** As `x.sealed` says. */
  readonly kind?: string
  /** As `x.received` says: digest of the dispatch's signatures. */
  readonly osig?: string
  readonly answers: readonly Answer[]
  /** The code of `x.refused`. */
  readonly refusal?: string
}

/** All facts of a log in its order. */
export interface ExchangeFacts {
  readonly facts: readonly ExchangeFact[]
  /** Dispatches of which at least one byte left, by `x.sent`. */
  readonly sentEnvs: ReadonlySet<string>
  readonly findings: readonly Finding[]
}

type Building = { -readonly [M in keyof ExchangeFact]: ExchangeFact[M] }

interface Collected {
  readonly reading: BundleReading
  readonly byKey: Map<string, Building>
  readonly sealedEnvs: Set<string>
  readonly sentEnvs: Set<string>
  readonly findings: Finding[]
}

/** Follows every statement through the log. An answer to what was never sent or received is `LIFECYCLE`. */
export function collectFacts(reading: BundleReading): ExchangeFacts {
  const collected: Collected = {
    reading,
    byKey: new Map(),
    sealedEnvs: new Set(),
    sentEnvs: new Set(),
    findings: [],
  }
  for (const read of reading.leaves) takeLeaf(collected, read)
  const { byKey, sentEnvs, findings } = collected
  return { facts: [...byKey.values()], sentEnvs, findings }
}

function takeLeaf(collected: Collected, { leaf, hash }: ReadLeaf): void {
  if (leaf.class !== 'x') return
  switch (leaf.event) {
    case 'x.sealed':
      open(collected, leaf, {
        ...placeOf(leaf, hash),
        direction: 'sent',
        peer: leaf.data.to,
        kind: leaf.data.kind,
      })
      return
    case 'x.received':
      open(collected, leaf, {
        ...placeOf(leaf, hash),
        direction: 'received',
        peer: leaf.data.from,
        osig: leaf.data.osig,
      })
      return
    case 'x.sent':
      takeSent(collected, leaf)
      return
    case 'x.receipt':
      answer(collected, leaf, { direction: 'received' })
      return
    case 'x.delivered': {
      const { peerHash, peerSequence } = leaf.data
      const peerLeaf = { hash: peerHash, sequence: peerSequence }
      answer(collected, leaf, { direction: 'sent', peerLeaf })
      return
    }
    case 'x.refused':
      refuse(collected, leaf)
      return
    case 'x.rejected':
  }
}

type LeafOf<E extends Leaf['event']> = Extract<Leaf, { event: E }>

function placeOf(
  leaf: LeafOf<'x.sealed' | 'x.received'>,
  hash: string,
): Omit<ExchangeFact, 'direction' | 'peer'> {
  const { env, std } = leaf.data
  const timeMs = Date.parse(leaf.time)
  return { env, std, index: leaf.index, sequence: leaf.seq, hash, timeMs, answers: [] }
}

/** Tells facts apart: the dispatch and the statement. */
export function factKey({ env, std }: { readonly env: string; readonly std: string }): string {
  return `${env} ${std}`
}

/** One statement is sealed or received once a dispatch; a second time is another story about the same bytes. */
function open(collected: Collected, leaf: Leaf, fact: ExchangeFact): void {
  const key = factKey(fact)
  if (collected.byKey.has(key)) {
    const code = fact.direction === 'received' ? 'DUPLICATE_RECEIVE' : 'LIFECYCLE'
    collected.findings.push(ofLeaf(collected, leaf, code))
    return
  }
  collected.byKey.set(key, { ...fact })
  if (fact.direction === 'sent') collected.sealedEnvs.add(fact.env)
}

function takeSent(collected: Collected, leaf: LeafOf<'x.sent'>): void {
  collected.sentEnvs.add(leaf.data.env)
  if (!collected.sealedEnvs.has(leaf.data.env) && isWhole(collected)) {
    collected.findings.push(ofLeaf(collected, leaf, 'LIFECYCLE'))
  }
}

function answer(
  collected: Collected,
  leaf: LeafOf<'x.receipt' | 'x.delivered'>,
  { direction, ...extra }: Pick<ExchangeFact, 'direction'> & Pick<Answer, 'peerLeaf'>,
): void {
  const { rcpt, outcome } = leaf.data
  const fact = collected.byKey.get(factKey(leaf.data))
  if (fact?.direction === direction) {
    fact.answers = [...fact.answers, { rcpt, outcome, index: leaf.index, ...extra }]
  } else if (isWhole(collected)) {
    collected.findings.push(ofLeaf(collected, leaf, 'LIFECYCLE'))
  }
}

function refuse(collected: Collected, leaf: LeafOf<'x.refused'>): void {
  const fact = collected.byKey.get(factKey(leaf.data))
  if (fact !== undefined) fact.refusal = leaf.data.code
  else if (isWhole(collected)) collected.findings.push(ofLeaf(collected, leaf, 'LIFECYCLE'))
}

/** Where the range begins later, the leaf before may be the one that is withheld. */
function isWhole({ reading }: Collected): boolean {
  return reading.header.range[0] === 0
}

function ofLeaf(
  { reading }: Collected,
  { index }: Leaf,
  code: 'LIFECYCLE' | 'DUPLICATE_RECEIVE',
): Finding {
  const where = `index ${String(index)}`
  return { code, severity: 'fail', level: 'LOCAL', party: reading.agency, where }
}
