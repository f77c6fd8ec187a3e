/**
 * Another log in place of one that cannot go on: only both agencies begin it, and nothing that was cosigned is left out
 * unseen.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#epochs
 */
import { cp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type GeneralJws, type ParsedEpoch } from '@amana/core'
import { type NamedFile, verifyFiles } from '@amana/verify'
import { describe, expect, it } from 'vitest'
import {
  beginTalk,
  carryAll,
  cosign,
  eventsOf,
  filesUnder,
  FullableStore,
  leavesOf,
  MEETING_MS,
  openSide,
  queueNew,
  type Side,
  sizeOf,
  type Talk,
  type TestClock,
} from '../../../../test/support/node-fixture.ts'
import { passphraseOf } from '../../../../test/support/met-agencies.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { answerOf, requestOf } from '../../../../test/support/witness-fixture.ts'
import { openCheckpointFile } from '../audit/checkpoint-file.ts'
import { openFolder, openPartsOn } from '../node-parts.ts'
import { createAccessServices } from '../services/access-services.ts'
import { createAuditServices } from '../services/audit-services.ts'
import { createEpochServices } from '../services/epoch-services.ts'
import { policyText } from '../services/policy-text.ts'
import { type EpochView } from '../service-views.ts'
import { loadSigningKey } from '../vault/load-keys.ts'
import { beginEpoch, type EpochWish, proposeEpoch, signEpoch } from './log-epoch.ts'
import { adoptNextRoster } from './rosters.ts'
import { createTrustServices } from '../services/trust-services.ts'
import { createStatusServices } from '../services/status-services.ts'

const SECOND = 'ng.naptip/amana/audit/2'

describe('a new log of an agency', { timeout: MEETING_MS }, () => {
  it('follows one that is closed, has keys of its own, is cosigned, and messages go on', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    const size = await cosign(talk.naptip, anltp)
    const old = await requestOf(talk.naptip)
    const signed = await agreed(talk, { reason: 'keys' })
    expect(await answerOf(anltp, old)).toBe('404\n')
    await using naptip = await adopted(talk, signed)
    const [first] = await leavesOf(naptip)
    expect(first).toMatchObject({
      event: 'g.genesis',
      log: SECOND,
      data: { prev: { log: talk.naptip.parts.origin, reason: 'keys', size } },
    })
    expect(await lastOfFirstLog(naptip)).toMatchObject({ data: { next: SECOND, reason: 'keys' } })
    await anltp.parts.trust.adoptRoster(naptip.parts.trust.ownRoster.jws)
    expect(await cosign(naptip, anltp)).toBe(16)
    expect((await leavesOf(anltp)).at(-1)).toMatchObject({ data: { log: SECOND } })
    await queueNew(naptip, 'jtwg.minutes/1')
    expect(await carryAll(naptip, anltp)).toBe(1)
    expect(await eventsOf(naptip)).toContain('x.delivered')
    await cosign(anltp, naptip)
    await cosign(naptip, anltp)
    const files: NamedFile[] = []
    for (const { parts } of [naptip, anltp]) {
      const { file } = await createAuditServices(parts).exportBundle({ to: talk.met.path })
      files.push({ name: file, bytes: await readFile(file) })
    }
    const report = await verifyFiles(files, { policy: policyText(naptip.parts), now: 0 })
    expect(report.findings.filter(({ severity }) => severity === 'fail')).toEqual([])
    expect(report.verdict).toBe('verified')
    expect(report.totals).toMatchObject({ sent: 1, matched: 1 })
  })

  it('leaves the one before to be exported, proved, listed and verified, by its number or name', async () => {
    await using talk = await beginTalk()
    const { anltp, met, naptip: old } = talk
    await queueNew(old, 'jtwg.minutes/1')
    await carryAll(old, anltp)
    const size = await cosign(old, anltp)
    const { origin } = old.parts
    const policy = policyText(old.parts)
    await using naptip = await adopted(talk, await agreed(talk, { reason: 'keys' }))
    const audit = createAuditServices(naptip.parts)
    const access = createAccessServices(naptip.parts)
    const to = met.path
    const since = sizeOf(naptip)
    const { file, leaves } = await audit.exportBundle({ epoch: '1', to })
    expect([file, leaves]).toEqual([join(to, 'ng.naptip.audit-1.bundle.jsonl'), size])
    const { file: policyFile } = await audit.exportPolicy({ epoch: origin, to })
    expect(policyFile).toBe(join(to, 'policy.audit-1.txt'))
    expect(await readFile(policyFile, 'utf8')).toBe(policy)
    const look = { epoch: origin, purpose: 'audit' } as const
    const proof = await access.auditProve({ ...look, index: 3, to: join(to, 'old.tlog-proof') })
    expect(proof.size).toBe(size)
    const files: NamedFile[] = []
    for (const name of [file, proof.file]) files.push({ name, bytes: await readFile(name) })
    const report = await verifyFiles(files, { policy, now: 0 })
    expect(report.findings.filter(({ severity }) => severity === 'fail')).toEqual([])
    expect(report.verdict).toBe('verified')
    const { leaves: listed } = await access.auditList({ ...look, limit: 1 })
    expect(listed).toMatchObject([{ event: 'g.closed', data: { next: SECOND } }])
    const whole = (listed[0]?.index ?? 0) + 1
    const verified = await audit.auditVerify({ epoch: '1' })
    expect(verified).toMatchObject({ cosignedSize: size, size: whole })
    expect(await audit.exportTiles({ epoch: '1', to: join(to, 'tiles') })).toMatchObject({ size })
    expect(await eventsOf(naptip, since)).toEqual([
      'a.audit-export',
      'a.audit-export',
      'a.list',
      'a.audit-export',
    ])
    for (const epoch of ['3', '0', 'ne.anltp-tim/amana/audit/1']) {
      expect(await codeOf(() => audit.auditVerify({ epoch }))).toBe('CLI_OPTION')
    }
    for (const epoch of ['2', SECOND]) {
      expect(await codeOf(() => audit.exportBundle({ epoch, to }))).toBe('AUDIT_NOT_WITNESSED')
    }
  })

  it('leaves a log before that does not fit unexported, and says where', async () => {
    await using talk = await beginTalk()
    await cosign(talk.naptip, talk.anltp)
    await using naptip = await adopted(talk, await agreed(talk, { reason: 'keys' }))
    await naptip.disk.batch([{ type: 'del', space: 'leaf', key: '000000000003' }])
    const { auditVerify, exportBundle } = createAuditServices(naptip.parts)
    expect(await codeOf(() => auditVerify({ epoch: '1' }))).toBe('STORE_HOLE')
    const to = talk.met.path
    expect(await codeOf(() => exportBundle({ epoch: '1', to }))).toBe('STORE_HOLE')
    expect((await filesUnder(to)).filter((name) => name.includes('audit-1'))).toEqual([])
  })

  it('is what is opened from then on, and the log before is not, even with its file of heads', async () => {
    await using talk = await beginTalk()
    await cosign(talk.naptip, talk.anltp)
    const before = join(talk.met.path, 'before')
    await cp(talk.naptip.place.folder, before, { recursive: true })
    const naptip = await adopted(talk, await agreed(talk, { reason: 'keys' }))
    expect(naptip.parts.origin).toBe(SECOND)
    await naptip[Symbol.asyncDispose]()
    await cp(join(before, 'store'), join(naptip.place.folder, 'store'), {
      recursive: true,
      force: true,
    })
    expect(await codeOf(() => openSide(naptip.place, talk.clock))).toMatch(/^STORE_/)
  })

  it('is begun again after a crash between its file of heads and its first leaf', async () => {
    await using talk = await beginTalk()
    await cosign(talk.naptip, talk.anltp)
    const signed = await agreed(talk, { reason: 'keys' })
    const { config } = talk.naptip.parts
    const heads = await openCheckpointFile(`${config.node.checkpoints}.2`)
    await heads.append({ size: 1, root: new Uint8Array(32), commits: 1 })
    await heads.close()
    expect(await codeOf(() => openSide(talk.naptip.place, talk.clock))).toBe('STORE_ROLLBACK')
    await using naptip = await adopted(talk, signed)
    expect(naptip.parts.origin).toBe(SECOND)
    expect((await beginAgain(naptip, signed)).epoch).toBe(2)
  })

  it('is not cosigned by a peer that did not agree to it', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    await cosign(talk.naptip, anltp)
    const { rows } = await epochRows(anltp)
    await using naptip = await adopted(talk, await agreed(talk, { reason: 'keys' }))
    await anltp.parts.trust.adoptRoster(naptip.parts.trust.ownRoster.jws)
    expect(rows).toEqual([])
    const key = (await epochRows(anltp)).rows[0]?.key ?? ''
    await anltp.disk.batch([{ type: 'del', space: 'epoch', key }])
    expect(await answerOf(anltp, await requestOf(naptip))).toBe('404\n')
  })
})

describe('an older copy that was restored', { timeout: MEETING_MS }, () => {
  it('never goes on with its log, and the new one says which entries are lost', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, met } = talk
    const kept = talk.naptip.parts.audit.head().size
    const old = join(met.path, 'old')
    await talk.naptip[Symbol.asyncDispose]()
    await cp(join(talk.naptip.place.folder, 'store'), old, { recursive: true })
    const naptip = await openSide(talk.naptip.place, clock)
    await cosign(naptip, anltp)
    const size = await cosign(naptip, anltp)
    await naptip[Symbol.asyncDispose]()
    const store = join(naptip.place.folder, 'store')
    await rm(store, { recursive: true })
    await cp(old, store, { recursive: true })
    expect(await codeOf(() => openSide(naptip.place, clock))).toBe('STORE_ROLLBACK')
    const blind = await propose(talk, { reason: 'restored' })
    expect(await codeOf(() => check(anltp, blind.jws))).toBe('AUDIT_EPOCH_BEHIND')
    const { note: last } = await createEpochServices(anltp.parts).cosignedHead({})
    const proposal = await propose(talk, { reason: 'restored', last })
    expect(await check(anltp, proposal.jws)).toMatchObject({ lost: { from: kept, to: size } })
    await using again = await adopted(talk, await signedBy(anltp, proposal))
    expect((await leavesOf(again))[0]?.data).toMatchObject({
      prev: { kept, reason: 'restored', size },
    })
    expect(await lastOfFirstLog(again)).not.toMatchObject({ event: 'g.closed' })
  })

  it('is given no head that its own log did not sign', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    await cosign(anltp, talk.naptip)
    const { note: last } = await anltp.parts.witness.newest()
    await talk.naptip[Symbol.asyncDispose]()
    expect(await codeOf(() => propose(talk, { reason: 'restored', last }))).toBe(
      'AUDIT_CHECKPOINT_ORIGIN',
    )
  })
})

describe('an agreement is refused', { timeout: MEETING_MS }, () => {
  it('by the peer where it follows another head, another log, or is not signed by the agency', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    await cosign(talk.naptip, anltp)
    await talk.naptip[Symbol.asyncDispose]()
    const proposal = await propose(talk, { reason: 'keys' })
    expect(await check(anltp, proposal.jws)).toMatchObject({ log: SECOND, reason: 'keys' })
    const unsigned = { ...proposal.jws, signatures: strange(proposal.jws) }
    expect(await codeOf(() => check(anltp, unsigned))).toBe('WIRE_SIG')
    const alone = { agreement: { ...proposal.jws } }
    const { acceptEpoch } = createEpochServices(anltp.parts)
    expect(await codeOf(() => acceptEpoch(alone))).toBe('WIRE_SIG')
    await using naptip = await openSide(talk.naptip.place, talk.clock)
    await cosign(naptip, anltp)
    expect(await codeOf(() => check(anltp, proposal.jws))).toBe('AUDIT_EPOCH_BEHIND')
    expect(await codeOf(() => check(naptip, proposal.jws))).toBe('AUDIT_EPOCH')
  })

  it('by the own folder where the peer did not sign, or it is another agency’s', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    await cosign(talk.naptip, anltp)
    await talk.naptip[Symbol.asyncDispose]()
    const proposal = await propose(talk, { reason: 'keys' })
    expect(await codeOf(() => begin(talk.naptip, proposal.jws))).toBe('WIRE_SIG')
    const signed = await signedBy(anltp, proposal)
    await anltp[Symbol.asyncDispose]()
    expect(await codeOf(() => begin(anltp, signed))).toBe('AUDIT_EPOCH')
    await using again = await openSide(talk.naptip.place, talk.clock)
    expect(again.parts.origin).toBe('ng.naptip/amana/audit/1')
  })

  it('while a node runs', async () => {
    await using talk = await beginTalk()
    expect(await codeOf(() => propose(talk, { reason: 'keys' }))).toBe('STORE_LOCKED')
  })
})

/** NAPTIP proposes, ANLTP/TIM signs and keeps it. NAPTIP’s node is closed then. */
async function agreed(talk: Talk, wish: EpochWish): Promise<GeneralJws> {
  await talk.naptip[Symbol.asyncDispose]()
  return signedBy(talk.anltp, await propose(talk, wish))
}

async function propose({ naptip }: Talk, wish: EpochWish): Promise<ParsedEpoch> {
  const rosterKey = await loadSigningKey(naptip.place.secrets.roster.seed)
  return proposeEpoch(optionsOf(naptip), wish, rosterKey)
}

async function signedBy(side: Side, proposal: ParsedEpoch): Promise<GeneralJws> {
  const rosterKey = await loadSigningKey(side.place.secrets.roster.seed)
  const signed = await signEpoch(proposal, rosterKey)
  await createEpochServices(side.parts).acceptEpoch({ agreement: { ...signed } })
  return signed
}

/** NAPTIP on its new log, which its next roster names. */
async function adopted({ clock, naptip }: Talk, signed: GeneralJws): Promise<Side> {
  const { content } = await begin(naptip, signed)
  const side = await openWithNewKeys(naptip, clock)
  const rosterKey = await loadSigningKey(naptip.place.secrets.roster.seed)
  const { adoptRoster, ownEntry } = createTrustServices(side.parts)
  const { status } = createStatusServices(side.parts, undefined)
  await adoptNextRoster({ adoptRoster, ownEntry, status }, rosterKey, ({ payload }) => ({
    nodes: payload.nodes.map((node) => ({ ...node, log: content.log })),
  }))
  return side
}

/** The node with the keys that its keystore file holds by now. */
async function openWithNewKeys(side: Side, clock: TestClock): Promise<Side> {
  const opened = await openFolder(optionsOf(side))
  const disk = new FullableStore(opened.store)
  const parts = await openPartsOn({ ...opened, clock, store: disk })
  return { ...side, clock, disk, parts, [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose]() }
}

function begin(side: Side, signed: GeneralJws): Promise<ParsedEpoch> {
  return beginEpoch(optionsOf(side), signed)
}

async function beginAgain(side: Side, signed: GeneralJws): Promise<ParsedEpoch> {
  await side[Symbol.asyncDispose]()
  return begin(side, signed)
}

function optionsOf({ place }: Side): Parameters<typeof beginEpoch>[0] {
  return { folder: place.folder, passphrase: passphraseOf('node') }
}

function check({ parts }: Side, agreement: GeneralJws): Promise<EpochView> {
  return createEpochServices(parts).checkEpoch({ agreement: { ...agreement } })
}

/** A signature of the right form that is not one. */
function strange({ signatures: [own] }: GeneralJws): GeneralJws['signatures'] {
  const signature = own?.signature ?? ''
  return [
    {
      protected: own?.protected ?? '',
      signature: `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
    },
  ]
}

async function epochRows({ disk }: Side): Promise<{ rows: readonly { readonly key: string }[] }> {
  return { rows: await disk.range({ space: 'epoch', limit: 9 }) }
}

/** The newest leaf of the first log, as it lies in the store. */
async function lastOfFirstLog({ disk }: Side): Promise<unknown> {
  const [row] = await disk.range({ space: 'leaf', reverse: true, limit: 1 })
  return JSON.parse(Buffer.from(row?.value ?? new Uint8Array()).toString())
}
