/**
 * One statement under several sets of signatures, and a hostile node that sends it with each.
 *
 * @module
 * @spec docs/spec/08-exchange.md#inbox
 */
import { approveStatement, parseReceipt, type SignedStatement } from '@amana/core'
import {
  beginningOf,
  crafted,
  officerKey,
  receive,
  type Side,
  signedBy,
  type Talk,
} from './node-fixture.ts'

/** One statement with an approval and without. */
export interface Sets {
  readonly whole: SignedStatement
  readonly half: SignedStatement
}

/** A report that its kind lets nobody send without the approval, with it and without. */
export async function reportOf(side: Side): Promise<Sets> {
  const whole = await signedBy(side, 'intel.report/1')
  return { whole, half: withoutApproval(whole) }
}

/** Minutes that need no approval, with one and without. */
export async function minutesOf(side: Side): Promise<Sets> {
  const half = await signedBy(side, 'jtwg.minutes/1')
  return { half, whole: await approveStatement(half, await officerKey(side.place, 'approver')) }
}

function withoutApproval(signed: SignedStatement): SignedStatement {
  const { payload, signatures } = signed.statement
  return { ...signed, statement: { payload, signatures: signatures.slice(0, 1) } }
}

/** A hostile node sends a statement again and again, each time with other signatures; what each receipt tells. */
export async function sendAll(
  { anltp, naptip }: Pick<Talk, 'anltp' | 'naptip'>,
  statements: readonly SignedStatement[],
): Promise<readonly string[]> {
  const told: string[] = []
  for (const statement of statements) {
    const { digest: previous, sequence } = await placeOf(anltp, naptip)
    const { bytes } = await crafted(naptip, [statement], { sequence, previous })
    const { results } = parseReceipt(await receive(anltp, naptip, bytes)).content
    told.push(...results.map(({ result }) => result))
  }
  return told
}

/** The next place of the channel between two nodes, as the receiver has it. */
export async function placeOf(
  to: Side,
  from: Side,
): Promise<{ readonly digest: string; readonly sequence: number }> {
  const { digest, sequence } = await to.parts.inbox.position(from.agency)
  return { digest: sequence === 0 ? beginningOf(from) : digest, sequence: sequence + 1 }
}
