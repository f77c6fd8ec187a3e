/**
 * The side that asks for cosignatures: which answers it takes, and when it asks again.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#witnessing
 */
import { encodeUtf8, parseWitnessRequest } from '@amana/core'
import { describe, expect, it } from 'vitest'
import {
  beginTalk,
  cosign,
  eventsOf,
  leavesOf,
  leaving,
  MEETING_MS,
  queueNew,
  type Side,
  sizeOf,
} from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { requestOf } from '../../../../test/support/witness-fixture.ts'

describe('the asker', { timeout: MEETING_MS }, () => {
  it('takes no answer that it did not ask for', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const answer = await anltp.parts.witness.answer(await requestOf(naptip), naptip.agency)
    await naptip.parts.witness.accept(answer, anltp.agency)
    const size = sizeOf(naptip)
    expect(await codeOf(() => naptip.parts.witness.accept(answer, anltp.agency))).toBe(
      'AUDIT_WITNESS_ANSWER',
    )
    expect(sizeOf(naptip)).toBe(size)
  })

  it('takes no cosignature of another head, and none of its own witness', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const first = await anltp.parts.witness.answer(await requestOf(naptip), naptip.agency)
    await queueNew(naptip, 'jtwg.minutes/1')
    await leaving(naptip)
    await requestOf(naptip)
    expect(await codeOf(() => naptip.parts.witness.accept(first, anltp.agency))).toBe(
      'AUDIT_NOT_WITNESSED',
    )
    expect(await refusalsOf(naptip)).toEqual(['AUDIT_CHECKPOINT_SIGNATURE'])
    talk.clock.turn(60)
    await using other = await beginTalk()
    const strange = await other.naptip.parts.witness.answer(
      await requestOf(other.anltp),
      other.anltp.agency,
    )
    await requestOf(naptip)
    expect(await codeOf(() => naptip.parts.witness.accept(strange, anltp.agency))).toBe(
      'AUDIT_NOT_WITNESSED',
    )
    expect(naptip.parts.witness.uncovered).toBe(false)
    talk.clock.turn(60)
    expect(naptip.parts.witness.uncovered).toBe(true)
    expect(await naptip.parts.witness.newest()).toEqual({ size: 0, note: '', time: 0 })
    expect(await eventsOf(naptip)).not.toContain('w.cosigned')
  })

  it('does not let its log grow by a witness that keeps on asking from another size', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await requestOf(naptip)
    const size = sizeOf(naptip)
    const { witness } = naptip.parts
    const again = await witness.accept(encodeUtf8('409\n5\n'), anltp.agency)
    expect(parseWitnessRequest(again ?? new Uint8Array()).oldSize).toBe(5)
    expect(await codeOf(() => witness.accept(encodeUtf8('409\n6\n'), anltp.agency))).toBe(
      'AUDIT_NOT_WITNESSED',
    )
    expect(sizeOf(naptip)).toBe(size)
  })

  it('does not let its log grow by a peer that does not cosign', async () => {
    await using talk = await beginTalk()
    const { clock, naptip } = talk
    await notCosigned(naptip)
    const size = sizeOf(naptip)
    clock.turn(60)
    await notCosigned(naptip)
    expect(sizeOf(naptip)).toBe(size)
    clock.turn(60)
    await queueNew(naptip, 'jtwg.minutes/1')
    await leaving(naptip)
    await requestOf(naptip)
    expect(sizeOf(naptip)).toBe(size + 16)
    expect((await eventsOf(naptip)).at(-1)).toBe('w.seal')
  })

  it.each([
    ['of a status that is none', '500\n', 'AUDIT_WITNESS_ANSWER'],
    ['of no signature lines', '200\n', 'AUDIT_WITNESS_ANSWER'],
    ['of bytes that are no text', '\ud800', 'AUDIT_WITNESS_ANSWER'],
  ])('takes an answer %s for none, and logs it once until the peer cosigns', async (...row) => {
    const [, text, code] = row
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const refuse = async (): Promise<void> => {
      await requestOf(naptip)
      const accept = (): Promise<unknown> =>
        naptip.parts.witness.accept(encodeUtf8(text), anltp.agency)
      expect(await codeOf(accept)).toBe('AUDIT_NOT_WITNESSED')
      expect(naptip.parts.witness.uncovered).toBe(false)
      clock.turn(60)
    }
    await refuse()
    await refuse()
    expect(await refusalsOf(naptip)).toEqual([code])
    await cosign(naptip, anltp)
    await refuse()
    expect(await refusalsOf(naptip)).toEqual([code, code])
  })

  it('asks a peer that did not cosign again after 60 s and not before', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const { witness } = naptip.parts
    await notCosigned(naptip)
    clock.turn(59)
    witness.touch()
    expect(witness.uncovered).toBe(false)
    expect(await witness.request()).toBeUndefined()
    clock.turn(1)
    expect(witness.uncovered).toBe(true)
    expect(await cosign(naptip, anltp)).toBe(16)
  })

  it('asks at once after a clock that was set back, and forgets the pause with the cosignature', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const { witness } = naptip.parts
    await notCosigned(naptip)
    clock.turn(-1)
    expect(witness.uncovered).toBe(true)
    await cosign(naptip, anltp)
    clock.turn(1)
    witness.touch()
    expect(witness.uncovered).toBe(true)
  })

  it.each([
    ['a size beyond its own', '409\n999\n'],
    ['no size', '409\n0\n'],
    ['that the log is unknown', '404\n'],
    ['that the proof fails', '422\n'],
  ])('is told %s, and says that it is not witnessed', async (_name, answer) => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await requestOf(naptip)
    const accept = (): Promise<unknown> =>
      naptip.parts.witness.accept(encodeUtf8(answer), anltp.agency)
    expect(await codeOf(accept)).toBe('AUDIT_NOT_WITNESSED')
    expect(naptip.parts.witness.uncovered).toBe(false)
    talk.clock.turn(60)
    expect(naptip.parts.witness.uncovered).toBe(true)
  })
})

/** Why answers of the witness were refused, as the log says. */
async function refusalsOf(side: Side): Promise<readonly unknown[]> {
  const leaves = await leavesOf(side)
  return leaves.flatMap(({ data, event }) => (event === 'w.refused' ? [data['code']] : []))
}

/** The node asks, and hears from a witness that does not follow its log. */
async function notCosigned(side: Side): Promise<void> {
  await requestOf(side)
  const accept = (): Promise<unknown> => side.parts.witness.accept(encodeUtf8('404\n'), side.peer)
  expect(await codeOf(accept)).toBe('AUDIT_NOT_WITNESSED')
}
