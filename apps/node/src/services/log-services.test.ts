/**
 * Anchors of both logs, what is held against the peer's, and what the status says of all of it.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#anchors
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digest, parseAnchor } from '@amana/core'
import { describe, expect, it } from 'vitest'
import {
  beginTalk,
  cosign,
  eventsOf,
  leavesOf,
  MEETING_MS,
  type Side,
  sizeOf,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { answerOf, invented } from '../../../../test/support/witness-fixture.ts'
import { type ServiceResults } from '../services.ts'
import { createLogServices, logStatus } from './log-services.ts'

describe('an anchor', { timeout: MEETING_MS }, () => {
  it('names the newest heads that each cosigned for the other, and its leaf comes first', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await cosignBoth(talk)
    const size = await cosign(naptip, anltp)
    const { digest: named, digits, text } = await anchorOf(naptip)
    expect(parseAnchor(text)).toMatchObject({
      heads: [
        { origin: anltp.parts.origin, size: 16 },
        { origin: naptip.parts.origin, size },
      ],
      digits,
    })
    expect((await leavesOf(naptip)).slice(-2)).toMatchObject([
      { event: 'a.print', actor: 'sys', data: { digest: named, purpose: 'audit' } },
      { event: 'w.anchor', data: { digest: named, kind: 'minutes' } },
    ])
    expect(named).toBe(digest(text))
  })

  it('names the statement with the minutes where it is given', async () => {
    await using talk = await beginTalk()
    await cosignBoth(talk)
    const minutes = digest('minutes')
    await createLogServices(talk.naptip.parts).anchor({ minutes })
    expect((await leavesOf(talk.naptip)).at(-1)?.data).toMatchObject({ ref: minutes })
  })

  it('is not made before both have cosigned', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    expect(await codeOf(() => anchorOf(naptip))).toBe('AUDIT_NOT_WITNESSED')
    await cosign(naptip, anltp)
    const size = sizeOf(naptip)
    expect(await codeOf(() => anchorOf(naptip))).toBe('AUDIT_NOT_WITNESSED')
    expect(await eventsOf(naptip, size)).toEqual(['a.denied'])
    await cosign(anltp, naptip)
    expect((await anchorOf(naptip)).text).toContain(anltp.parts.origin)
  })

  it('of the other agency is confirmed from the own store, with the same digest', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await cosignBoth(talk)
    const printed = await anchorOf(naptip)
    await cosignBoth(talk)
    const { confirmAnchor } = createLogServices(anltp.parts)
    expect(await confirmAnchor({ text: printed.text })).toEqual(printed)
    expect((await leavesOf(anltp)).at(-1)?.data).toMatchObject({ digest: printed.digest })
    const typed = printed.text.replaceAll(/ [A-Za-z0-9+/]{43}=/g, '')
    expect(await confirmAnchor({ text: typed })).toEqual(printed)
  })

  it.each([
    [
      'other digits',
      (text: string) => text.replace(/[0-9]\n$/, (end) => `${9 - Number(end[0])}\n`),
    ],
    [
      'another root',
      (text: string) => text.replace(/ [A-Za-z0-9+/]{4}(?=[A-Za-z0-9+/]{39}=)/, ' AAAA'),
    ],
    ['a size that was not cosigned', (text: string) => text.replace('audit/1 16', 'audit/1 15')],
    ['a size beyond the own log', (text: string) => text.replace(/(ng\S+) [0-9]+/, '$1 9999')],
  ])('with %s is refused, and is in no leaf but that of the refusal', async (_name, change) => {
    await using talk = await beginTalk()
    const { naptip } = talk
    await cosignBoth(talk)
    const { text } = await anchorOf(talk.anltp)
    const size = sizeOf(naptip)
    const confirm = (): Promise<unknown> =>
      createLogServices(naptip.parts).confirmAnchor({ text: change(text) })
    expect(await codeOf(confirm)).toBe('AUDIT_ANCHOR_MISMATCH')
    const denied = { act: 'print', code: 'AUDIT_ANCHOR_MISMATCH' }
    expect((await leavesOf(naptip, size)).map(({ data }) => data)).toEqual([denied])
  })
})

describe('what is held against the peer’s log', { timeout: MEETING_MS }, () => {
  it('is written as its leaf names it, and stands in the status', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, met, naptip } = talk
    const { exportConflict } = createLogServices(anltp.parts)
    const to = join(met.path, 'a.amana-evidence.json')
    expect(await codeOf(() => exportConflict({ to }))).toBe('CLI_NO_CONFLICT')
    await answerOf(anltp, await invented(naptip, { oldSize: 1, size: 1 }))
    const { origin } = naptip.parts
    const made = await exportConflict({ to })
    expect(made).toMatchObject({ file: to, log: origin, kind: 'fork' })
    expect(digest(await readFile(to, 'utf8'))).toBe(made.digest)
    expect((await leavesOf(anltp)).slice(-2)).toMatchObject([
      { event: 'w.conflict', data: { evidence: made.digest } },
      { event: 'a.copy', data: { digest: made.digest, purpose: 'audit' } },
    ])
    const log = 'ne.other/amana/audit/1'
    expect(await codeOf(() => exportConflict({ log, to }))).toBe('CLI_NO_CONFLICT')
    expect((await logStatus(anltp.parts)).conflicts).toEqual([
      { origin, kind: 'fork', state: 'conflict', since: clock.now() },
    ])
  })
})

async function anchorOf({ parts }: Side): Promise<ServiceResults['anchor']> {
  return createLogServices(parts).anchor({})
}

async function cosignBoth({ anltp, naptip }: Talk): Promise<void> {
  await cosign(naptip, anltp)
  await cosign(anltp, naptip)
}
