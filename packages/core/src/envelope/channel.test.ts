/**
 * The chain of a channel: where it begins, and which dispatch comes next.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#channel
 */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { channelGenesis, channelName, placeInChannel } from './channel.ts'

const CHANNEL = 'ne.anltp-tim>ng.naptip'
const HEAD = { sequence: 5, digest: 'five', sentAt: 1, acknowledged: 0 }

describe('a channel', () => {
  it('is named by its two agencies, in the direction of its dispatches', () => {
    expect(channelName('ne.anltp-tim', 'ng.naptip')).toBe(CHANNEL)
  })

  it('begins with a digest of its name and of both logs’ first leaves', () => {
    const text = `amana/1/channel\0${CHANNEL}\0sender\0receiver`
    const expected = createHash('sha256').update(text).digest('base64url')
    const begin = { channel: CHANNEL, senderGenesis: 'sender', receiverGenesis: 'receiver' }
    expect(channelGenesis(begin)).toBe(expected)
    const turned = { ...begin, senderGenesis: 'receiver', receiverGenesis: 'sender' }
    expect(channelGenesis(turned)).not.toBe(expected)
  })

  it.each([
    ['next', 6, 'six', 'five', undefined],
    ['gap', 7, 'seven', 'six', undefined],
    ['gap', 9, 'nine', 'five', undefined],
    ['replay', 5, 'five', 'four', 'five'],
    ['replay', 2, 'two', 'one', 'two'],
  ])('finds %s for dispatch %i', (...[place, sequence, digest, previous, known]) => {
    expect(placeInChannel({ digest, sequence, previous }, HEAD, known)).toBe(place)
  })

  it.each([
    ['WIRE_FORK', 5, 'other', 'four', 'five'],
    ['WIRE_FORK', 2, 'other', 'one', 'two'],
    ['WIRE_FORK', 2, 'two', 'one', undefined],
    ['WIRE_PREV', 6, 'six', 'other', undefined],
  ])('refuses with %s dispatch %i', (...[code, sequence, digest, previous, known]) => {
    expect(() => placeInChannel({ digest, sequence, previous }, HEAD, known)).toThrow(
      expect.objectContaining({ code }),
    )
  })
})
