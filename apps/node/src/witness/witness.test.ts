import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  createNoteSigner,
  digest,
  encodeUtf8,
  parseConflictEvidence,
  parseNote,
  parseVkey,
  parseWitnessRequest,
  verifyCheckpoint,
} from '@amana/core'
import { describe, expect, it } from 'vitest'
import {
  beginTalk,
  cosign,
  eventsOf,
  leavesOf,
  MEETING_MS,
  openSide,
  queueNew,
  leaving,
  reopened,
  type Side,
  sizeOf,
  type Talk,
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
import { logOf, witnessOf } from './log-keys.ts'

describe('the mutual witness', { timeout: MEETING_MS }, () => {
  it('cosigns a log that only grew, and its note verifies by both rosters', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const told: number[] = []
    naptip.parts.witness.onCosigned((size) => told.push(size))
    const sizes = [await cosign(naptip, anltp)]
    await queueNew(naptip, 'jtwg.minutes/1')
    await leaving(naptip)
    expect(naptip.parts.witness.uncovered).toBe(true)
    sizes.push(await cosign(naptip, anltp))
    expect(naptip.parts.witness.uncovered).toBe(false)
    expect(sizes).toEqual([16, 32])
    expect(told).toEqual(sizes)
    const { note, size } = await naptip.parts.witness.newest()
    const view = anltp.parts.trust.view()
    const log = logOf(view, naptip.agency)
    const verified = await verifyCheckpoint(note, {
      origin: log.origin,
      logKeys: log.log.map((vkey) => parseVkey(vkey)),
      witnesses: [witnessOf(view, anltp.agency)],
      quorum: 1,
    })
    expect(verified.size).toBe(size)
    expect((await eventsOf(naptip)).slice(15, 17)).toEqual(['w.seal', 'w.cosigned'])
  })

  it('says in its log what it cosigned and whose cosignature it has', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const size = await cosign(naptip, anltp)
    const { note } = await naptip.parts.witness.newest()
    const time = talk.clock.now()
    expect((await leavesOf(naptip)).at(-1)).toMatchObject({
      event: 'w.cosigned',
      data: { by: 'ne.anltp-tim/amana/witness/1', note: digest(note), size, time },
    })
    const [held] = await listRecords(anltp.parts.store, RECORDS.witnessed, { limit: 9 })
    expect((await leavesOf(anltp)).at(-1)).toMatchObject({
      event: 'w.witness',
      data: { log: naptip.parts.origin, note: held?.key, size, time },
    })
    expect(digest(held?.value.note ?? '')).toBe(held?.key)
  })

  it('keeps both over a reopening and goes on from there', async () => {
    await using talk = await beginTalk()
    await cosign(talk.naptip, talk.anltp)
    const newest = await talk.naptip.parts.witness.newest()
    await using naptip = await reopened(talk.naptip)
    await using anltp = await reopened(talk.anltp)
    expect(await naptip.parts.witness.newest()).toEqual(newest)
    const { oldSize } = parseWitnessRequest(await requestOf(naptip))
    expect(oldSize).toBe(16)
    expect(await cosign(naptip, anltp)).toBeGreaterThan(newest.size)
  })

  it('asks nothing while nothing is uncovered', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await cosign(naptip, anltp)
    const size = sizeOf(naptip)
    expect(await naptip.parts.witness.request()).toBeUndefined()
    expect(sizeOf(naptip)).toBe(size)
  })

  it('is asked again from the size that it has, when its answer was lost', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await answerOf(anltp, await requestOf(naptip))
    expect(await naptip.parts.witness.newest()).toEqual({ size: 0, note: '', time: 0 })
    expect(await cosign(naptip, anltp)).toBe(16)
  })

  it('answers nothing when the disk takes nothing, and has cosigned nothing', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const request = await requestOf(naptip)
    talk.anltp.disk.full = true
    expect(await codeOf(() => answerOf(talk.anltp, request))).toBe('STORE_WRITE')
    await using anltp = await reopened(talk.anltp)
    expect(await heldOf(anltp)).toEqual([])
    expect(await eventsOf(anltp)).not.toContain('w.witness')
    expect(await answerOf(anltp, request)).toMatch(/^200\n— ne\.anltp-tim\/amana\/witness\/1 /)
  })
})

describe('the witness does not cosign', { timeout: MEETING_MS }, () => {
  it('a log that it does not follow', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    const size = sizeOf(anltp)
    expect(await answerOf(anltp, await requestOf(anltp))).toBe('404\n')
    expect(await eventsOf(anltp, size)).not.toContain('w.witness')
  })

  it('what it cannot read', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    expect(await answerOf(anltp, encodeUtf8('old 1\n'))).toBe('400\n')
  })

  it('a head that other keys of the same name signed', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const signers = [
      await createNoteSigner(naptip.parts.origin, 'log', random(32)),
      await createNoteSigner(naptip.parts.origin, 'post-quantum', random(32)),
    ]
    const strange = await invented(naptip, { oldSize: 1, size: 16 }, signers)
    expect(await answerOf(anltp, strange)).toBe('403\n')
    const half = await invented(naptip, { oldSize: 1, size: 16 }, logSigners(naptip).slice(0, 1))
    expect(await answerOf(anltp, half)).toBe('403\n')
    expect(await heldOf(anltp)).toEqual([])
  })

  it('another beginning than the roster names, and keeps the note as evidence', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const alarms = alarmsOf(anltp)
    expect(await answerOf(anltp, await invented(naptip, { oldSize: 1, size: 1 }))).toBe('409\n1\n')
    expect(alarms).toEqual([naptip.parts.origin])
    expect(await eventsOf(anltp)).not.toContain('w.witness')
    expect(await heldOf(anltp)).toEqual([`fork/${naptip.parts.origin}`])
  })

  it('a head without proof, and keeps its note, until the log shows a proof', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const alarms = alarmsOf(anltp)
    const { origin } = naptip.parts
    for (const expected of [[origin], [origin, origin]]) {
      expect(await answerOf(anltp, await invented(naptip, { oldSize: 1, size: 16 }))).toBe('422\n')
      expect(alarms).toEqual(expected)
    }
    expect(await heldOf(anltp)).toEqual([`unproven/${origin}`])
    expect(await cosign(naptip, anltp)).toBe(16)
    expect(await anltp.parts.witness.conflicts.stateOf(origin)).toMatchObject({ state: 'answered' })
  })

  it('a log that was rewound below what it saw', async () => {
    await using talk = await beginTalk()
    const old = await copyOf(talk)
    for (let round = 0; round < 3; round += 1) await cosign(talk.naptip, talk.anltp)
    await using naptip = await rewound(talk, old)
    expect(await codeOf(() => cosign(naptip, talk.anltp))).toBe('AUDIT_NOT_WITNESSED')
    expect(await naptip.parts.witness.newest()).toEqual({ size: 0, note: '', time: 0 })
  })

  it('a second history of the same length: both notes prove the fork', async () => {
    await using talk = await beginTalk()
    const old = await copyOf(talk)
    const size = await cosign(talk.naptip, talk.anltp)
    const { note } = await talk.naptip.parts.witness.newest()
    await using naptip = await rewound(talk, old)
    talk.clock.turn(60)
    expect(await codeOf(() => cosign(naptip, talk.anltp))).toBe('AUDIT_NOT_WITNESSED')
    const evidence = await talk.anltp.parts.witness.conflicts.evidence(naptip.parts.origin)
    const { notes } = parseConflictEvidence(encodeUtf8(evidence ?? ''))
    const texts = notes.map((kept) => parseNote(kept).text)
    expect(texts.map((text) => text.split('\n')[1])).toEqual([String(size), String(size)])
    expect(new Set(texts).size).toBe(2)
    expect(texts[0]).toBe(parseNote(note).text)
  })
})

async function copyOf({ met, naptip }: Talk): Promise<string> {
  const copy = join(met.path, 'old')
  await cp(naptip.place.folder, copy, { recursive: true })
  return copy
}

/** NAPTIP's node on an older copy of everything it has, the file of heads too. */
async function rewound({ clock, naptip }: Talk, copy: string): Promise<Side> {
  await naptip[Symbol.asyncDispose]()
  await rm(naptip.place.folder, { recursive: true })
  await cp(copy, naptip.place.folder, { recursive: true })
  return openSide(naptip.place, clock)
}
