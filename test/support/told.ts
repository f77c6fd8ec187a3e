/**
 * What a receipt says of each statement, in short.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#receipt
 */
import { parseReceipt } from '@amana/core'

/** Result and refusal of each statement that a receipt tells. */
export function told(receipt: Parameters<typeof parseReceipt>[0]): readonly string[] {
  return parseReceipt(receipt).content.results.map(({ refusal, result }) =>
    refusal === undefined ? result : `${result} ${refusal}`,
  )
}
