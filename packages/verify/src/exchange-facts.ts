/**
 * What a log says about each statement in each dispatch: one fact for every pair, with the answers to it. These are the
 * log's words; the signed objects behind them are checked apart.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#exchange
 */
import { AmanaError, AUDIT_LIMITS, encodeBase64url, type Leaf } from '@amana/core'
import { type Finding, FindingList } from './findings.ts'

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
  /** Dispatches and receipts of which a leaf names no more than the digest: without a place, or of the log before. */
  readonly bareNames: ReadonlySet<string>
  /** Counter of the newest leaf of class x that is shown; -1 without any. */
  readonly head: number
  readonly findings: readonly Finding[]
}

type Building = { -readonly [M in keyof ExchangeFact]: ExchangeFact[M] }

/** Follows every statement through the log. An answer to what was never sent or received is `LIFECYCLE`. */
export class FactCollector {
  readonly #agency: string
  readonly #isWhole: boolean
  readonly #byKey = new Map<string, Building>()
  readonly #sealedEnvs = new Set<string>()
  readonly #sentEnvs = new Set<string>()
  readonly #bareNames = new Set<string>()
  readonly #findings = new FindingList()
  #head = -1

  /** `isWhole` unless the range begins later, or an older log is before: then the leaf before may be there. */
  constructor(agency: string, isWhole: boolean) {
    this.#agency = agency
    this.#isWhole = isWhole
  }

  /** @throws AUDIT_BUNDLE_LIMIT when there are too many to keep */
  take(leaf: Extract<Leaf, { class: 'x' }>, hash: Uint8Array): void {
    this.#head = leaf.seq
    if (leaf.event === 'x.sealed') {
      const { kind, to: peer } = leaf.data
      this.#open(leaf, { ...placeOf(leaf, hash), direction: 'sent', peer, kind })
    } else if (leaf.event === 'x.received') {
      const { from: peer, osig } = leaf.data
      this.#open(leaf, { ...placeOf(leaf, hash), direction: 'received', peer, osig })
    } else if (!isOfAttachment(leaf)) this.#follow(leaf)
  }

  /** What comes after the first leaf of a statement, and what is about none. */
  #follow(leaf: FollowingLeaf): void {
    switch (leaf.event) {
      case 'x.sent':
        this.#send(leaf)
        return
      case 'x.receipt':
        this.#answer(leaf, { direction: 'received' })
        return
      case 'x.delivered':
        this.#deliver(leaf)
        return
      case 'x.refused':
        this.#refuse(leaf)
        return
      case 'x.excess':
        this.#findExcess(leaf)
        return
      case 'x.expired':
        if (!this.#byKey.has(factKey(leaf.data))) this.#findUnopened(leaf)
        return
      case 'x.rejected':
        if (leaf.data.env !== undefined) this.#keep(leaf, this.#bareNames, leaf.data.env)
    }
  }

  /** Whether the statement was sealed or received in this dispatch. */
  has(fact: { readonly env: string; readonly std: string }): boolean {
    return this.#byKey.has(factKey(fact))
  }

  /** Everything so far. */
  collected(): ExchangeFacts {
    return {
      facts: [...this.#byKey.values()],
      sentEnvs: this.#sentEnvs,
      bareNames: this.#bareNames,
      head: this.#head,
      findings: this.#findings.all(),
    }
  }

  /** One statement is sealed or received once a dispatch; a second time is another story about the same bytes. */
  #open(leaf: Leaf, fact: ExchangeFact): void {
    const key = factKey(fact)
    if (this.#byKey.has(key)) {
      this.#find(leaf, fact.direction === 'received' ? 'DUPLICATE_RECEIVE' : 'LIFECYCLE')
      return
    }
    this.#byKey.set(key, fact)
    assertKept(leaf, this.#byKey.size)
    if (fact.direction === 'sent') this.#sealedEnvs.add(fact.env)
  }

  #send(leaf: LeafOf<'x.sent'>): void {
    this.#keep(leaf, this.#sentEnvs, leaf.data.env)
    if (!this.#sealedEnvs.has(leaf.data.env)) this.#findUnopened(leaf)
  }

  #deliver(leaf: LeafOf<'x.delivered'>): void {
    const { peerHash, peerSequence } = leaf.data
    const peerLeaf = { hash: peerHash, sequence: peerSequence }
    this.#answer(leaf, { direction: 'sent', peerLeaf })
  }

  #answer(
    leaf: LeafOf<'x.receipt' | 'x.delivered'>,
    { direction, ...extra }: Pick<ExchangeFact, 'direction'> & Pick<Answer, 'peerLeaf'>,
  ): void {
    const { rcpt, outcome } = leaf.data
    const fact = this.#byKey.get(factKey(leaf.data))
    if (fact?.direction !== direction) {
      this.#findUnopened(leaf)
      this.#keep(leaf, this.#bareNames, rcpt)
      return
    }
    fact.answers = [...fact.answers, { rcpt, outcome, index: leaf.index, ...extra }]
    assertKept(leaf, fact.answers.length * ANSWER_SHARE)
  }

  #refuse(leaf: LeafOf<'x.refused'>): void {
    const fact = this.#byKey.get(factKey(leaf.data))
    if (fact === undefined) this.#findUnopened(leaf)
    else fact.refusal = leaf.data.code
  }

  /** The sender sealed what the desk may not see; the receiver destroyed it. */
  #findExcess({ data, index }: LeafOf<'x.excess'>): void {
    const party = this.#byKey.get(factKey(data))?.peer ?? this.#agency
    const where = `index ${String(index)}: ${data.groups.join(' ')}`
    this.#findings.add({ code: 'EXCESS_GROUPS', severity: 'warn', level: 'LOCAL', party, where })
  }

  #keep({ index }: Leaf, envs: Set<string>, env: string): void {
    envs.add(env)
    assertKept({ index }, envs.size)
  }

  #findUnopened(leaf: Leaf): void {
    if (this.#isWhole) this.#find(leaf, 'LIFECYCLE')
  }

  #find({ index }: Leaf, code: 'LIFECYCLE' | 'DUPLICATE_RECEIVE'): void {
    const where = `index ${String(index)}`
    const party = this.#agency
    this.#findings.add({ code, severity: 'fail', level: 'LOCAL', party, where })
  }
}

/** A statement is held, then answered for good; nobody answers a thousand times. */
const ANSWER_SHARE = 500

function assertKept({ index }: Pick<Leaf, 'index'>, count: number): void {
  if (count > AUDIT_LIMITS.bundleFacts) throw new AmanaError('AUDIT_BUNDLE_LIMIT', { line: index })
}

type AttachmentEvent = 'x.attached' | 'x.fetched' | 'x.unfit'
type FollowingLeaf = Exclude<
  Extract<Leaf, { class: 'x' }>,
  { event: AttachmentEvent | 'x.sealed' | 'x.received' }
>
type LeafOf<E extends Leaf['event']> = Extract<Leaf, { event: E }>

/** What became of a file is not held against the other log. */
function isOfAttachment(leaf: Leaf): leaf is LeafOf<AttachmentEvent> {
  return leaf.event === 'x.attached' || leaf.event === 'x.fetched' || leaf.event === 'x.unfit'
}

function placeOf(
  leaf: LeafOf<'x.sealed' | 'x.received'>,
  leafHash: Uint8Array,
): Omit<ExchangeFact, 'direction' | 'peer'> {
  const { env, std } = leaf.data
  const timeMs = Date.parse(leaf.time)
  const hash = encodeBase64url(leafHash)
  return { env, std, index: leaf.index, sequence: leaf.seq, hash, timeMs, answers: [] }
}

/** Tells facts apart: the dispatch and the statement. */
export function factKey({ env, std }: { readonly env: string; readonly std: string }): string {
  return `${env} ${std}`
}
