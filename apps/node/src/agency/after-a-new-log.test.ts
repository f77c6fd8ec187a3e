/**
 * Two real nodes, of which one begins another log while messages are on their way: both bundles, of before and after, are
 * verified, and nobody is accused.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#after-a-new-log
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseLogEpoch } from '@amana/core'
import { type Finding, type NamedFile, verifyFiles } from '@amana/verify'
import { expect, it } from 'vitest'
import { passphraseOf } from '../../../../test/support/met-agencies.ts'
import {
  adoptNext,
  beginTalk,
  carryAll,
  cosign,
  eventsOf,
  leaving,
  MEETING_MS,
  queueNew,
  receive,
  type Side,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { openParts } from '../node-parts.ts'
import { createAuditServices } from '../services/audit-services.ts'
import { createEpochServices } from '../services/epoch-services.ts'
import { loadSigningKey } from '../vault/load-keys.ts'
import { beginEpoch, proposeEpoch, signEpoch } from './log-epoch.ts'

async function cosignBoth(first: Side, second: Side): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    await cosign(first, second)
    await cosign(second, first)
  }
}

/** NAPTIP closes its log and opens on the next one, with ANLTP/TIM’s consent. */
async function begunAnew({ anltp, naptip }: Talk): Promise<Side> {
  await naptip[Symbol.asyncDispose]()
  const folder = { folder: naptip.place.folder, passphrase: passphraseOf('node') }
  const [own, other] = await Promise.all(
    [naptip, anltp].map(({ place }) => loadSigningKey(place.secrets.roster.seed)),
  )
  if (own === undefined || other === undefined) throw new Error('no roster keys')
  const proposal = await proposeEpoch(folder, { reason: 'keys' }, own)
  const agreement = await signEpoch(proposal, other)
  await createEpochServices(anltp.parts).acceptEpoch({ agreement: { ...agreement } })
  const { content } = await beginEpoch(folder, agreement)
  const parts = await openParts(folder)
  const side = { ...naptip, parts, [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose]() }
  const nodes = parts.trust.ownRoster.payload.nodes.map((node) => ({ ...node, log: content.log }))
  expect(parseLogEpoch(agreement).content.log.origin).toBe('ng.naptip/amana/audit/2')
  await adoptNext(side, anltp, { nodes })
  return side
}

async function bundleOf({ agency, parts, place }: Side): Promise<NamedFile> {
  const to = join(place.folder, 'exports')
  const { file } = await createAuditServices(parts).exportBundle({ to })
  return { name: `${agency}.bundle.jsonl`, bytes: await readFile(file) }
}

function flat(findings: readonly Finding[]): readonly Finding[] {
  return findings.flatMap((finding) => [finding, ...flat(finding.consequences ?? [])])
}

it('an honest agency is accused of nothing after a new log', { timeout: MEETING_MS }, async () => {
  await using talk = await beginTalk()
  const { anltp, naptip } = talk
  await queueNew(naptip, 'jtwg.minutes/1')
  await queueNew(anltp, 'jtwg.minutes/1')
  await carryAll(naptip, anltp)
  await carryAll(anltp, naptip)
  await queueNew(naptip, 'jtwg.minutes/1')
  const receipt = await receive(anltp, naptip, (await leaving(naptip)).envelope)
  await queueNew(anltp, 'jtwg.minutes/1')
  await leaving(anltp)
  await cosignBoth(naptip, anltp)
  await using later = await begunAnew(talk)
  await later.parts.outbox.acceptReceipt(receipt)
  await queueNew(later, 'jtwg.minutes/1')
  expect(await carryAll(anltp, later)).toBe(1)
  expect(await carryAll(later, anltp)).toBe(1)
  await cosignBoth(later, anltp)
  expect(await eventsOf(later)).toContain('x.delivered')
  const to = join(later.place.folder, 'exports')
  const { file } = await createAuditServices(later.parts).exportPolicy({ to })
  const report = await verifyFiles([await bundleOf(later), await bundleOf(anltp)], {
    policy: await readFile(file, 'utf8'),
    now: anltp.clock.now(),
  })
  const told = flat(report.findings).filter(({ severity }) => severity !== 'info')
  expect(told.map(({ code, party }) => [code, party])).toEqual([['EPOCH_BREAK', 'ng.naptip']])
  expect(report.verdict).toBe('verified')
})
