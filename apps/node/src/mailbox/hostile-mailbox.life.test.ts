/**
 * Histories over a mailbox that misbehaves as its seed says: nothing that was answered for is lost, nothing arrives twice,
 * what was taken back and what officers said is the same on both sides. It can only delay.
 *
 * @module
 * @spec docs/spec/09-carriers.md#mailbox
 */
import { describe, expect, it } from 'vitest'
import { servicesOf } from '../../../../test/support/acting.ts'
import { HostileMailbox } from '../../../../test/support/hostile-mailbox.ts'
import {
  beginTalk,
  leavesOf,
  MEETING_MS,
  officerKey,
  queueNew,
  type Side,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { visitTo } from '../../../../test/support/open-mail.ts'
import { isReadOwed, signReceiptOf } from '../agency/receipting.ts'
import { type StatementRecord } from '../records.ts'
import { Chance } from '../sim/chance.ts'
import { stagesOf } from '../statements/stages.ts'

const DAY = 86_400
const ROUNDS = 8
const QUIET_ROUNDS = 4
/** What is left again is left after a day. */
const ROUND_SECONDS = DAY + 1

/** Officers of one side write, read and take back. */
async function act(side: Side, chance: Chance): Promise<void> {
  const { ledger } = side.parts
  for (let count = chance.below(3); count > 0; count -= 1) await queueNew(side, 'jtwg.minutes/1')
  const author = { id: 'author', key: await officerKey(side.place, 'author') }
  for (const { digest, direction, state } of await ledger.newest(100)) {
    const services = servicesOf(side)
    const isOwed = isReadOwed(await services.stages({ digest }))
    if (isOwed && chance.happens(0.5)) {
      await signReceiptOf(services, author, { digest, dryRun: false, stage: 'read' })
    }
    const isOpen = direction === 'out' && (state === 'sent' || state === 'queued')
    if (isOpen && chance.happens(0.1)) {
      await services.withdraw({ digest, dryRun: false, reason: 'mistake' })
    }
  }
}

async function play(talk: Talk, seed: string): Promise<HostileMailbox> {
  const mailbox = new HostileMailbox(seed)
  const chance = new Chance(`officers ${seed}`)
  for (let round = 0; round < ROUNDS + QUIET_ROUNDS; round += 1) {
    mailbox.isHonest = round >= ROUNDS
    for (const side of [talk.naptip, talk.anltp]) {
      if (!mailbox.isHonest) await act(side, chance)
      await visitTo(side, mailbox)
    }
    talk.clock.turn(ROUND_SECONDS)
  }
  return mailbox
}

/** How often the receiver’s log says that it opened each statement. */
async function openedAt(side: Side): Promise<ReadonlyMap<string, number>> {
  const opened = new Map<string, number>()
  for (const { data, event } of await leavesOf(side)) {
    if (event !== 'x.receipt' || data.outcome !== 'opened') continue
    opened.set(data.std, (opened.get(data.std) ?? 0) + 1)
  }
  return opened
}

/** What does not fit of one statement: who was told that it was opened, and who has it. */
async function faultOf(
  { from, to }: { readonly from: Side; readonly to: Side },
  { digest, state }: StatementRecord,
  times: number,
): Promise<string | undefined> {
  const there = (await to.parts.ledger.get(digest))?.state
  const [ours, theirs] = await Promise.all(
    [from, to].map(async ({ parts }) => Object.keys(await stagesOf(parts.store, digest)).join()),
  )
  const isDelivered = state === 'opened' && times === 1 && there === 'received' && ours === theirs
  const isTakenBack = state === 'withdrawn' && times === 0
  if (isDelivered || isTakenBack) return undefined
  return [digest, state, there, times, ours, theirs].join(' ')
}

async function findingsOf(from: Side, to: Side): Promise<readonly string[]> {
  const [sent, opened] = [await from.parts.outbox.position(from.peer), await openedAt(to)]
  const placed = await to.parts.inbox.position(to.peer)
  const findings = sent.digest === placed.digest ? [] : ['channels differ']
  for (const record of await from.parts.ledger.newest(1000)) {
    if (record.direction === 'in') continue
    const fault = await faultOf({ from, to }, record, opened.get(record.digest) ?? 0)
    if (fault !== undefined) findings.push(fault)
  }
  return findings
}

describe('a mailbox that misbehaves', { timeout: MEETING_MS }, () => {
  it.each(['1', '2', '3'])('only delays, seed %s', async (seed) => {
    await using talk = await beginTalk()
    const { misdeeds } = await play(talk, seed)
    expect(Object.values(misdeeds).every((times) => times > 0)).toBe(true)
    expect((await talk.anltp.parts.ledger.newest(1000)).length).toBeGreaterThan(10)
    expect(await findingsOf(talk.naptip, talk.anltp)).toEqual([])
    expect(await findingsOf(talk.anltp, talk.naptip)).toEqual([])
  })
})
