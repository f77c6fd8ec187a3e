/**
 * Channels: the ordered pair of sender and receiver, with its hash chain.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#channel
 */
import { concatBytes } from '../bytes/concat.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { digest, type Digest } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'

/** The name of the channel from one agency to another. */
export function channelName(from: string, to: string): string {
  return `${from}>${to}`
}

/** What the first dispatch of a channel names as its previous: both logs' first leaves. */
export function channelGenesis(options: {
  readonly channel: string
  readonly senderGenesis: string
  readonly receiverGenesis: string
}): Digest {
  const zero = Uint8Array.of(0)
  return digest(
    concatBytes(
      encodeUtf8('amana/1/channel'),
      zero,
      encodeUtf8(options.channel),
      zero,
      encodeUtf8(options.senderGenesis),
      zero,
      encodeUtf8(options.receiverGenesis),
    ),
  )
}

/** The last dispatch that a receiver placed in a channel; before the first, sequence 0 and the genesis digest. */
export interface ChannelHead {
  readonly sequence: number
  readonly digest: string
  readonly sentAt: number
  /** The highest of our own dispatches that the sender acknowledged. */
  readonly acknowledged: number
  /** The newest version of the charter that the channel named; 1 where nothing is said. */
  readonly charterVersion?: number
}

/** Where a dispatch stands to the head of its channel. */
export type Place = 'next' | 'replay' | 'gap'

/**
 * Decides the place of a dispatch that its sender signed.
 *
 * @param known digest of the dispatch that was placed at that sequence before, where there is one
 * @throws WIRE_FORK when another dispatch has that place, WIRE_PREV when it does not follow the head
 */
export function placeInChannel(
  dispatch: { readonly digest: string; readonly sequence: number; readonly previous: string },
  head: ChannelHead,
  known: string | undefined,
): Place {
  if (dispatch.sequence <= head.sequence) {
    if (known !== dispatch.digest) throw new AmanaError('WIRE_FORK', { what: 'dispatch' })
    return 'replay'
  }
  if (dispatch.sequence > head.sequence + 1) return 'gap'
  if (dispatch.previous !== head.digest) {
    throw new AmanaError('WIRE_PREV', { sequence: dispatch.sequence })
  }
  return 'next'
}
