/**
 * One statement at several desks: how it stands at each. The record itself is the delivery to the desk that reads the
 * statement here, or to the first that took it; the others stand beside it.
 *
 * @module
 * @spec docs/spec/08-exchange.md#several-desks
 */
import { type Delivery, type StatementRecord } from '../records.ts'

/** Every delivery, that of the record first. */
export function deliveriesOf(record: StatementRecord): readonly Delivery[] {
  return [ownDelivery(record), ...(record.further ?? [])]
}

/** How a statement stands at a desk; nothing where it never went there. */
export function deliveryTo(record: StatementRecord, desk: string): Delivery | undefined {
  return deliveriesOf(record).find((delivery) => delivery.desk === desk)
}

/** The record with another delivery to its desk, or with one more. */
export function withDelivery(record: StatementRecord, delivery: Delivery): StatementRecord {
  if (delivery.desk === record.desk) return { ...withoutDelivery(record), ...delivery }
  const others = (record.further ?? []).filter(({ desk }) => desk !== delivery.desk)
  return { ...record, further: [...others, delivery] }
}

const RANK = { refused: 0, stored: 1 } as const

/**
 * What a statement that comes again changes. Undefined where its record stays as it is: it was delivered to that desk
 * before, or is our own that somebody sends back. What can be read takes the record of what is kept closed, and that the
 * record of what was refused; else a new desk is added.
 */
export function cameAgain(
  known: StatementRecord,
  came: StatementRecord,
): { readonly record: StatementRecord; readonly isFirst: boolean } | undefined {
  if (known.direction === 'out') return undefined
  const before = deliveryTo(known, came.desk)
  if (before !== undefined && (before.state !== 'refused' || came.state === 'refused')) {
    return undefined
  }
  if (rankOf(came) <= rankOf(known)) {
    return { record: withDelivery(known, ownDelivery(came)), isFirst: false }
  }
  const further = deliveriesOf(known).filter(({ desk }) => desk !== came.desk)
  return { record: further.length === 0 ? came : { ...came, further: [...further] }, isFirst: true }
}

function rankOf({ state }: StatementRecord): number {
  return state === 'refused' || state === 'stored' ? RANK[state] : 2
}

function ownDelivery(record: StatementRecord): Delivery {
  const { desk, dispatch, receipt, refusal, state, takenBack } = record
  return {
    desk,
    state,
    ...(dispatch === undefined ? {} : { dispatch }),
    ...(receipt === undefined ? {} : { receipt }),
    ...(refusal === undefined ? {} : { refusal }),
    ...(takenBack === undefined ? {} : { takenBack }),
  }
}

function withoutDelivery(record: StatementRecord): Omit<StatementRecord, keyof Delivery> {
  const { desk: _desk, dispatch: _dispatch, ...rest } = record
  const { receipt: _receipt, refusal: _refusal, state: _state, takenBack: _back, ...kept } = rest
  return kept
}
