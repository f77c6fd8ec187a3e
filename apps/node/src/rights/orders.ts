/**
 * Orders of erasure: which agency may give one, what was done of it here, and what the other agency attests.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#an-order-of-erasure
 */
import { AmanaError, parseStatement } from '@amana/core'
import { type NodeParts } from '../node-parts.ts'
import { type ErasureRecord, type StatementRecord } from '../records.ts'
import { erasedBy, planErasure, type Target, type TargetPlan } from './erasures.ts'
import { allSaid, isTestData, type Said, saidIn } from './rights-facts.ts'

type Order = Said<'rights.erasure/1'>

/** What the leaf says of the basis of an order. */
const LEAF_BASIS = {
  court: 'court-order',
  request: 'data-subject',
  retention_end: 'retention',
  sent_in_error: 'mistake',
} as const satisfies Readonly<Record<OrderBasis, ErasureRecord['basis']>>

/** Why an erasure is ordered. */
export const ORDER_BASES = ['court', 'request', 'retention_end', 'sent_in_error'] as const
export type OrderBasis = (typeof ORDER_BASES)[number]

/** An order, and what would become of it here now. */
export interface OrderView {
  readonly digest: string
  readonly referral: string
  readonly from: string
  readonly to: string
  readonly direction: 'in' | 'out'
  /** Seconds since 1970. */
  readonly issuedAt: number
  readonly basis: OrderBasis
  /** Of an exercise. */
  readonly isTest: boolean
  readonly targets: readonly TargetPlan[]
  /** When the last of it was erased here, and the leaf that says so. */
  readonly done?: { readonly at: number; readonly leaf: string }
  /** What the agency that was asked said, the newest last. */
  readonly attested: readonly Attestation[]
}

/** The signed word of an agency on an order. */
export interface Attestation {
  readonly digest: string
  readonly from: string
  /** `erase`, or `keep` where it refuses. */
  readonly action: string
  readonly executedAt: string
  /** Of the order; what else it names is not told. */
  readonly targets: readonly Target[]
  readonly holds: readonly { readonly by: string; readonly until: string }[]
}

/**
 * The order that a statement is.
 *
 * @throws RIGHTS_ORDER when it is no request for erasure, was refused or taken back, or orders anything of another agency’s
 */
export async function orderOf(
  { ledger }: Pick<NodeParts, 'ledger'>,
  record: StatementRecord,
): Promise<Order> {
  const { digest } = record
  const { kind } = parseStatement(record.statement).content
  const said = saidIn(ledger, 'rights.erasure/1', record)
  if (kind !== 'rights.erasure/1' || (said !== undefined && said.facts.rights.act !== 'request')) {
    throw new AmanaError('RIGHTS_ORDER', { digest, reason: 'kind' })
  }
  if (said === undefined || record.withdrawal !== undefined) {
    throw new AmanaError('RIGHTS_ORDER', { digest, reason: 'state' })
  }
  if (said.facts.rights.action !== 'erase') {
    throw new AmanaError('RIGHTS_ORDER', { digest, reason: 'action' })
  }
  await assertOwner(ledger, said)
  return said
}

/** Nobody orders the erasure of what another agency’s officers signed. @throws RIGHTS_ORDER */
async function assertOwner(
  ledger: NodeParts['ledger'],
  { facts, from, record }: Order,
): Promise<void> {
  for (const { statement } of facts.rights.targets) {
    const target = await ledger.get(statement)
    if (target !== undefined && parseStatement(target.statement).content.iss !== from) {
      throw new AmanaError('RIGHTS_ORDER', { digest: record.digest, reason: 'owner' })
    }
  }
}

/** What the leaf of the erasure by this order says of its basis. */
export function leafBasisOf({ facts }: Order): ErasureRecord['basis'] {
  return LEAF_BASIS[facts.rights.basis]
}

/** Every order that may be carried out, in or out, newest first. @throws STORE_DAMAGED */
export async function orderViews(parts: NodeParts): Promise<readonly OrderView[]> {
  const all = await allSaid(parts.ledger, 'rights.erasure/1')
  const views: OrderView[] = []
  for (const said of all.toReversed()) {
    if (said.facts.rights.act !== 'request') continue
    views.push(await orderView(parts, said, all))
  }
  return views
}

/** One order as it stands. @throws STORE_DAMAGED */
export async function orderView(
  parts: NodeParts,
  order: Order,
  all?: readonly Order[],
): Promise<OrderView> {
  const { digest, direction } = order.record
  const { basis, targets } = order.facts.rights
  const known = all ?? (await allSaid(parts.ledger, 'rights.erasure/1'))
  const rows = await erasedBy(parts.store, digest)
  const last = rows.flatMap(({ done }) => done ?? []).at(-1)
  return {
    attested: attestationsOf(order, known),
    basis,
    digest,
    direction,
    from: order.from,
    isTest: isTestData(order.record),
    issuedAt: order.issuedAt,
    referral: order.facts.routing.referral,
    targets: await planErasure(parts, targets),
    to: addresseeOf(order),
    ...(last === undefined ? {} : { done: { at: last.at, leaf: last.hash } }),
  }
}

/** Refuses an own order for what another agency’s officers signed, before it is queued. @throws RIGHTS_ORDER */
export async function assertOwnOrder(
  { ledger }: Pick<NodeParts, 'ledger'>,
  record: StatementRecord,
): Promise<void> {
  const said = saidIn(ledger, 'rights.erasure/1', record)
  if (said?.facts.rights.act === 'request') await assertOwner(ledger, said)
}

function addresseeOf({ record }: Order): string {
  return parseStatement(record.statement).content.aud[0] ?? ''
}

/** Only the agency that was asked can say what became of the order, and only of what was asked. */
function attestationsOf(order: Order, all: readonly Order[]): readonly Attestation[] {
  const asked = new Set(order.facts.rights.targets.map(({ statement }) => statement))
  const addressee = addresseeOf(order)
  return all.flatMap(({ answers, facts, from, record }) => {
    const { act, action, executedAt, holds = [], targets } = facts.rights
    const isAnswer = act === 'attestation' && from === addressee
    if (!isAnswer || !answers.includes(order.record.digest) || executedAt === undefined) return []
    const own = targets.filter(({ statement }) => asked.has(statement))
    return [{ action, digest: record.digest, executedAt, from, holds, targets: own }]
  })
}
