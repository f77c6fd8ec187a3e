/**
 * A log of which two histories were seen is not cosigned again.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#witnessing
 */
import {
  createNoteSigner,
  DigestSchema,
  encodeBase64url,
  formatVkey,
  formatWitnessRequest,
  parseWitnessRequest,
  type RosterNode,
  signCheckpoint,
} from '@amana/core'
import { describe, expect, it } from 'vitest'
import {
  adoptNext,
  beginTalk,
  cosign,
  MEETING_MS,
  reopened,
  type Side,
  sizeOf,
} from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { random } from '../../../../test/support/store-fixture.ts'
import {
  alarmsOf,
  answerOf,
  heldOf,
  invented,
  logSigners,
  requestOf,
} from '../../../../test/support/witness-fixture.ts'
import { listRecords, RECORDS } from '../records.ts'

describe('a log whose fork was seen', { timeout: MEETING_MS }, () => {
  it('is not cosigned any more, whatever is sent, also after a restart', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const size = await cosign(naptip, talk.anltp)
    const fork = await invented(naptip, { oldSize: size, size })
    expect(await answerOf(talk.anltp, fork)).toBe(`409\n${String(size)}\n`)
    const good = await requestOf(naptip)
    expect(parseWitnessRequest(good).oldSize).toBe(size)
    await expectRefused(talk.anltp, [good, fork, withOld(good, 1)])
    await using anltp = await reopened(talk.anltp)
    await expectRefused(anltp, [good, fork, withOld(good, 1)])
    expect(await codeOf(() => cosign(naptip, anltp))).toBe('AUDIT_NOT_WITNESSED')
    expect((await naptip.parts.witness.newest()).size).toBe(size)
  })

  it('is told of once while the node runs, and leaves nothing more in log and store', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const size = await cosign(naptip, talk.anltp)
    const fork = await invented(naptip, { oldSize: size, size })
    const alarms = alarmsOf(talk.anltp)
    await answerOf(talk.anltp, fork)
    const kept = await witnessRows(talk.anltp)
    const length = sizeOf(talk.anltp)
    const later = await invented(naptip, { oldSize: size, size: size + 16 })
    const second = await invented(naptip, { oldSize: size, size })
    for (const request of [fork, second, later]) await answerOf(talk.anltp, request)
    expect(alarms).toEqual([naptip.parts.origin])
    await using anltp = await reopened(talk.anltp)
    const again = alarmsOf(anltp)
    for (const request of [fork, later]) await answerOf(anltp, request)
    expect(again).toEqual([naptip.parts.origin])
    expect(await witnessRows(anltp)).toEqual(kept)
    expect(sizeOf(anltp)).toBe(length)
  })

  it('is still told 403 where it did not sign, and nothing is said of a fork', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const size = await cosign(naptip, anltp)
    await answerOf(anltp, await invented(naptip, { oldSize: size, size }))
    const alarms = alarmsOf(anltp)
    const half = await invented(naptip, { oldSize: size, size }, logSigners(naptip).slice(0, 1))
    expect(await answerOf(anltp, half)).toBe('403\n')
    expect(alarms).toEqual([])
  })

  it('is not left behind by a roster that names another log', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await answerOf(anltp, await invented(naptip, { oldSize: 1, size: 1 }))
    const next = await nextLog(naptip, anltp)
    expect(await answerOf(anltp, next)).toBe('404\n')
    expect(await heldOf(anltp)).toEqual([`fork/${naptip.parts.origin}`])
  })
})

async function witnessRows({ parts }: Side): Promise<readonly unknown[]> {
  return [
    ...(await listRecords(parts.store, RECORDS.witness, { limit: 9 })),
    ...(await listRecords(parts.store, RECORDS.conflict, { limit: 9 })),
  ]
}

async function expectRefused(witness: Side, requests: readonly Uint8Array[]): Promise<void> {
  const size = sizeOf(witness)
  for (const request of requests) expect(await answerOf(witness, request)).toBe('422\n')
  expect(sizeOf(witness)).toBe(size)
}

/** The request as if from another size. */
function withOld(request: Uint8Array, oldSize: number): Uint8Array {
  const { note, proof } = parseWitnessRequest(request)
  return formatWitnessRequest({ oldSize, proof, note })
}

/** The agency's roster names another log; the request to cosign its first leaf. */
async function nextLog(side: Side, other: Side): Promise<Uint8Array> {
  const origin = 'ng.naptip/amana/audit/2'
  const root = random(32)
  const log = await createNoteSigner(origin, 'log', random(32))
  const later = await createNoteSigner(origin, 'post-quantum', random(32))
  const genesis = DigestSchema.parse(encodeBase64url(root))
  const nodes = side.parts.trust.ownRoster.payload.nodes.map((node): RosterNode => {
    const names: [string, string] = [formatVkey(log), formatVkey(later)]
    return { ...node, log: { ...node.log, origin, genesis, log: names } }
  })
  await adoptNext(side, other, { nodes })
  const note = await signCheckpoint({ origin, size: 1, root }, [log, later], 1)
  return formatWitnessRequest({ oldSize: 1, proof: [], note })
}
