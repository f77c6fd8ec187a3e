import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLogServices } from '../../apps/node/src/services/log-services.ts'
import { ranFaults } from '../support/fault-tally.ts'
import { FILLED_REFERRAL } from '../support/filled-referral.ts'
import {
  beginTalk,
  carryAll,
  cosign,
  filesUnder,
  leavesOf,
  openSide,
  queueNew,
  type Talk,
} from '../support/node-fixture.ts'
import { answerOf, invented } from '../support/witness-fixture.ts'

const CHILD = fileURLToPath(new URL('../support/access-child.ts', import.meta.url))
const WORDS = ['--conditions=@amana/source', '--disable-warning=ExperimentalWarning', CHILD]

/** Each way out that docs/spec/05 lists, but for `auditReview` and `exportEnvelope`, which need more than a message. */
const WAYS = [
  ['message', 'a.open', { purpose: 'referral' }],
  ['referral', 'a.open', { purpose: 'referral' }],
  ['presentation', 'a.export', { disclose: ['body.identity'], purpose: 'audit' }],
  ['exportMessage', 'a.export', { purpose: 'audit' }],
  ['messages', 'a.list', { limit: 9 }],
  ['referrals', 'a.list', { limit: 9 }],
  ['waitingAttachments', 'a.list', { limit: 9 }],
  ['auditList', 'a.list', { limit: 9, purpose: 'audit' }],
  ['auditAccess', 'a.list', { purpose: 'audit' }],
  ['exportBundle', 'a.audit-export', {}],
  ['exportTiles', 'a.audit-export', {}],
  ['anchor', 'a.print', {}],
  ['confirmAnchor', 'a.print', {}],
  ['exportConflict', 'a.copy', {}],
  ['auditProve', 'a.audit-export', { index: 0, purpose: 'audit' }],
] as const

describe('a process that is killed at the leaf of an act', () => {
  let talk: Talk
  let std = ''
  let exported = ''
  let anchored = ''
  beforeAll(async () => {
    talk = await beginTalk()
    const { anltp, naptip } = talk
    std = await queueNew(anltp, 'victim.referral/1', { groups: FILLED_REFERRAL })
    await carryAll(anltp, naptip)
    await cosign(naptip, anltp)
    const size = await cosign(anltp, naptip)
    anchored = (await createLogServices(anltp.parts).anchor({})).text
    await answerOf(naptip, await invented(anltp, { oldSize: size, size }))
    exported = join(talk.met.path, 'exports')
    await mkdir(exported)
    await naptip[Symbol.asyncDispose]()
  }, 300_000)
  let kills = 0
  afterAll(async () => {
    ranFaults('acts', { faults: kills })
    await talk[Symbol.asyncDispose]()
  })

  function inputOf(method: string, members: object): object {
    const places = ['exportMessage', 'exportConflict', 'auditProve']
    const to = places.includes(method) ? join(exported, 'file.message.jsonl') : exported
    const named = ['message', 'presentation', 'exportMessage'].includes(method)
    const writes = method.startsWith('export') || method === 'auditProve'
    return {
      ...members,
      ...(named ? { digest: std } : {}),
      ...(method === 'referral' ? { reference: REFERENCE } : {}),
      ...(method === 'confirmAnchor' ? { text: anchored } : {}),
      ...(writes ? { to } : {}),
    }
  }

  it.each(WAYS.flatMap((way) => [[...way, 'before'] as const, [...way, 'after'] as const]))(
    'has shown nothing of %s, and %s is there if it had become durable (%j, %s)',
    async (...way) => {
      const [method, event, members, moment] = way
      const { naptip } = talk
      const before = await sizeAfter(talk)
      const input = JSON.stringify(inputOf(method, members))
      const words = [...WORDS, naptip.place.folder, method, moment, input]
      const { signal, text } = await run(words)
      expect([signal, text]).toEqual(['SIGKILL', ''])
      kills += 1
      const files = await filesUnder(exported)
      expect(files.filter((file) => !isUnfinished(file))).toEqual([])
      await using side = await openSide(naptip.place, talk.clock)
      const added = (await leavesOf(side, before)).map((leaf) => leaf.event)
      const also = event === 'a.print' ? ['w.anchor'] : []
      expect(added).toEqual(moment === 'after' ? [event, ...also] : [])
    },
  )
})

const REFERENCE = 'NE-ANLTP-26-5T9XW2HD-D'

/** A file that never got its name. */
function isUnfinished(file: string): boolean {
  return /\.[A-Za-z0-9_-]{8}$/.test(file)
}

async function sizeAfter({ clock, naptip }: Talk): Promise<number> {
  await using side = await openSide(naptip.place, clock)
  return side.parts.audit.head().size
}

async function run(
  words: readonly string[],
): Promise<{ readonly signal: unknown; readonly text: string }> {
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  let text = ''
  for await (const chunk of child.stdout) text += String(chunk)
  await ended
  return { signal: child.signalCode, text }
}
