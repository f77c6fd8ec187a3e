import { describe, expect, it } from 'vitest'
import {
  beginTalk,
  cosign,
  MEETING_MS,
  nextRoster,
  sizeOf,
} from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { allRecords, putRecord, RECORDS } from '../records.ts'
import { assertContinuesCosigned } from './log-check.ts'

describe('a log that the other agency cosigned', { timeout: MEETING_MS }, () => {
  it('is continued by one that has all of it, with the same root, and by no other', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const size = await cosign(naptip, anltp)
    await naptip.parts.trust.adoptRoster(await nextRoster(naptip))
    const { store } = naptip.parts
    await assertContinuesCosigned(store, size)
    await assertContinuesCosigned(store, sizeOf(naptip))
    expect(await codeOf(() => assertContinuesCosigned(store, size - 1))).toBe('STORE_ROLLBACK')
    // another log that is long enough
    for (let leaves = sizeOf(anltp); leaves < size; leaves += 1) {
      await anltp.parts.trust.adoptRoster(await nextRoster(anltp))
    }
    const notes = await allRecords(store, RECORDS.note, {})
    const other = anltp.parts.store
    await other.batch(notes.map(({ key, value }) => putRecord(RECORDS.note, key, value)))
    expect(await codeOf(() => assertContinuesCosigned(other, sizeOf(anltp)))).toBe('STORE_ROLLBACK')
  })
})
