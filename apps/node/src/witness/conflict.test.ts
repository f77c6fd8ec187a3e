/**
 * What a node holds against the peer's log: a file that stands alone, a leaf that names it, and no cosignature any more.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#conflict
 */
import { digest, encodeUtf8 } from '@amana/core'
import { verifyFiles } from '@amana/verify'
import { describe, expect, it } from 'vitest'
import {
  beginTalk,
  cosign,
  leavesOf,
  MEETING_MS,
  reopened,
  type Side,
  sizeOf,
} from '../../../../test/support/node-fixture.ts'
import { answerOf, invented, requestOf } from '../../../../test/support/witness-fixture.ts'
import { policyText } from '../services/policy-text.ts'

const DAY = 86_400

describe('evidence against the peer’s log', { timeout: MEETING_MS }, () => {
  it('of a fork is proven by the file alone, which a leaf names', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const size = await cosign(naptip, anltp)
    await answerOf(anltp, await invented(naptip, { oldSize: size, size }))
    const evidence = await evidenceOf(anltp, naptip)
    expect((await leavesOf(anltp)).at(-1)).toMatchObject({
      event: 'w.conflict',
      data: { evidence: digest(evidence), kind: 'fork', log: naptip.parts.origin },
    })
    expect(await findingsOf(anltp, evidence)).toEqual([['EQUIVOCATION', 'PROVEN', naptip.agency]])
  })

  it('of another beginning needs no note but the one', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await answerOf(anltp, await invented(naptip, { oldSize: 1, size: 1 }))
    const evidence = await evidenceOf(anltp, naptip)
    expect(await findingsOf(anltp, evidence)).toEqual([['EQUIVOCATION', 'PROVEN', naptip.agency]])
  })

  it('of a head without proof is a word against a word', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const size = await cosign(naptip, anltp)
    await answerOf(anltp, await invented(naptip, { oldSize: size, size: size + 16 }))
    expect(await findingsOf(anltp, await evidenceOf(anltp, naptip))).toEqual([
      ['HISTORY_UNPROVEN', 'CONTRADICTED', naptip.agency],
    ])
  })

  it('is none where nothing is held against the log', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await cosign(naptip, anltp)
    expect(await anltp.parts.witness.conflicts.evidence(naptip.parts.origin)).toBeUndefined()
    expect(await anltp.parts.witness.conflicts.stateOf(naptip.parts.origin)).toBeUndefined()
  })
})

describe('a head without proof', { timeout: MEETING_MS }, () => {
  it('is a conflict for good once a day has passed, also after a restart', async () => {
    await using talk = await beginTalk()
    const { clock, naptip } = talk
    await answerOf(talk.anltp, await invented(naptip, { oldSize: 1, size: 16 }))
    clock.turn(DAY - 1)
    expect(await stateOf(talk.anltp, naptip)).toBe('suspected')
    clock.turn(1)
    expect(await stateOf(talk.anltp, naptip)).toBe('conflict')
    await using anltp = await reopened(talk.anltp)
    expect(await answerOf(anltp, await requestOf(naptip))).toBe('422\n')
    expect(await stateOf(anltp, naptip)).toBe('conflict')
  })

  it('is answered by a proof within the day, and is kept', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await answerOf(anltp, await invented(naptip, { oldSize: 1, size: 16 }))
    const evidence = await evidenceOf(anltp, naptip)
    clock.turn(DAY - 1)
    await cosign(naptip, anltp)
    clock.turn(DAY)
    expect(await stateOf(anltp, naptip)).toBe('answered')
    expect(await evidenceOf(anltp, naptip)).toBe(evidence)
  })

  it('begins a new day after one that was answered', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await answerOf(anltp, await invented(naptip, { oldSize: 1, size: 16 }))
    const size = await cosign(naptip, anltp)
    clock.turn(DAY)
    await answerOf(anltp, await invented(naptip, { oldSize: size, size: size + 16 }))
    expect(await stateOf(anltp, naptip)).toBe('suspected')
    const length = sizeOf(anltp)
    await answerOf(anltp, await invented(naptip, { oldSize: size, size: size + 16 }))
    expect(sizeOf(anltp)).toBe(length)
  })
})

async function stateOf({ parts }: Side, other: Side): Promise<string | undefined> {
  return (await parts.witness.conflicts.stateOf(other.parts.origin))?.state
}

async function evidenceOf({ parts }: Side, other: Side): Promise<string> {
  return (await parts.witness.conflicts.evidence(other.parts.origin)) ?? ''
}

async function findingsOf({ parts }: Side, evidence: string): Promise<readonly unknown[]> {
  const file = { name: 'a.amana-evidence.json', bytes: encodeUtf8(evidence) }
  const { findings } = await verifyFiles([file], { policy: policyText(parts), now: 0 })
  return findings.map(({ code, level, party }) => [code, level, party])
}
