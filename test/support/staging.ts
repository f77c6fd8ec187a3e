/**
 * Receipts of officers that no honest program signs, handed in at the officer's own node and brought to the sender by a
 * node that does not look at them.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#read-and-acted
 */
import { DigestSchema } from '@amana/core'
import { type OfficerName } from './met-agencies.ts'
import { beginningOf, crafted, queue, receive, type Side, signedBy } from './node-fixture.ts'
import { refusalOf } from './refusals.ts'

/** How a receipt differs from an honest one. */
export interface StageReceiptChoice {
  readonly about?: string
  readonly by?: OfficerName
  readonly dispatch?: string
  readonly later?: number
}

/** For what reason the own node refuses a receipt, and with which code the sender of the message does. */
export async function submitted(
  { sender, side }: { readonly sender: Side; readonly side: Side },
  digest: string,
  { about = digest, by = 'author', dispatch, later = 0 }: StageReceiptChoice,
): Promise<{ readonly own: unknown; readonly peer: unknown }> {
  const placed = (await side.parts.ledger.get(digest))?.dispatch ?? ''
  const signed = await signedBy(side, 'receipt.read/1', {
    author: by,
    groups: { body: { dispatch: dispatch ?? placed } },
    later,
    relates: [{ digest: DigestSchema.parse(about), relation: 'answers' }],
  })
  const own = await refusalOf(() => queue(side, signed))
  const place = { previous: beginningOf(side), sequence: 1 }
  await receive(sender, side, (await crafted(side, [signed], place)).bytes)
  const peer = (await sender.parts.ledger.get(signed.digest))?.refusal
  return { own: own?.details['reason'], peer }
}
