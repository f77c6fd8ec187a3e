import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  buildVoidEnvelope,
  canonicalize,
  digest,
  parseEnvelope,
  parseReceipt,
  policySafetyNumber,
  type SignedStatement,
  signReceipt,
  signVoid,
} from '@amana/core'
import { type NamedFile, type Report, verifyFiles } from '@amana/verify'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { passphraseOf } from '../../../../test/support/met-agencies.ts'
import {
  beginAlone,
  beginTalk,
  carryAll,
  cosign,
  crafted,
  filesUnder,
  leavesOf,
  leaving,
  MEETING_MS,
  queue,
  queueNew,
  receive,
  type Side,
  sizeOf,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import {
  minutesOf,
  placeOf,
  reportOf,
  sendAll,
  type Sets,
} from '../../../../test/support/signature-sets.ts'
import { forgeBundle, recordsOf } from '../../../../test/support/test-log.ts'
import { openNode } from '../node.ts'
import { createAuditServices } from './audit-services.ts'
import { createMessageServices } from './message-services.ts'
import { systemClock } from '../system.ts'

const FOLDER = 'exports'

/** Messages both ways, one refused, one opened here; both logs cosigned. */
async function exchange(talk: Talk): Promise<void> {
  const { anltp, clock, naptip } = talk
  await queueNew(naptip, 'jtwg.minutes/1')
  await queueNew(naptip, 'intel.report/1')
  await carryAll(naptip, anltp)
  await queueNew(anltp, 'victim.referral/1')
  await queueNew(anltp, 'referral.event/1', { exp: clock.now() + 60 })
  clock.turn(61)
  await carryAll(anltp, naptip)
  const [newest] = await naptip.parts.ledger.newest(1)
  await createMessageServices(naptip.parts).message({
    digest: newest?.digest ?? '',
    purpose: 'referral',
  })
  await cosign(naptip, anltp)
  await cosign(anltp, naptip)
}

async function bundleOf(side: Side, { met }: Talk): Promise<NamedFile> {
  const to = join(met.path, FOLDER)
  const { file } = await createAuditServices(side.parts).exportBundle({ to })
  return { name: file, bytes: await readFile(file) }
}

async function policyOf(side: Side, { met }: Talk): Promise<string> {
  const { file } = await createAuditServices(side.parts).exportPolicy({
    to: join(met.path, FOLDER),
  })
  return readFile(file, 'utf8')
}

async function verify(
  files: readonly NamedFile[],
  policy: string,
): Promise<Pick<Report, 'findings' | 'logs' | 'totals' | 'verdict'>> {
  return verifyFiles(files, { policy, now: systemClock.now() })
}

describe('an exported bundle', { timeout: MEETING_MS }, () => {
  let talk: Talk
  let own: NamedFile
  let other: NamedFile
  let policy: string
  beforeAll(async () => {
    talk = await beginTalk()
    await exchange(talk)
    own = await bundleOf(talk.naptip, talk)
    other = await bundleOf(talk.anltp, talk)
    policy = await policyOf(talk.naptip, talk)
  }, MEETING_MS)
  afterAll(() => talk[Symbol.asyncDispose]())

  it('verifies together with the other agency’s, with nothing missing', async () => {
    const report = await verify([own, other], policy)
    const failed = report.findings.filter(({ severity }) => severity !== 'info')
    expect(failed).toEqual([])
    expect(report.verdict).toBe('verified')
    expect(report.totals).toEqual({ sent: 4, received: 4, matched: 4, inFlight: 0, mismatched: 0 })
    expect(report.logs.map(({ size, cosignedSize }) => cosignedSize - size)).toEqual([0, 0])
  })

  it('is of one policy, whichever agency exports that', async () => {
    expect(await policyOf(talk.anltp, talk)).toBe(policy)
    const { digits } = await createAuditServices(talk.anltp.parts).exportPolicy({
      to: join(talk.met.path, FOLDER),
    })
    expect(digits).toBe(policySafetyNumber(policy))
  })

  it('does not show who opened what inside the agency', async () => {
    const text = Buffer.from(own.bytes).toString()
    expect((await leavesOf(talk.naptip)).map(({ event }) => event)).toContain('a.open')
    expect(text).not.toContain(Buffer.from('"event":"a.open"').toString('base64').slice(4, -4))
    const leaves = text.split('\n').flatMap((line) => /"bytes":"([^"]+)"/.exec(line)?.[1] ?? [])
    const shown = leaves.map((leaf) => Buffer.from(leaf, 'base64').toString())
    expect(shown.filter((leaf) => leaf.includes('"class":"a"'))).toEqual([])
    expect(shown.length).toBeGreaterThan(10)
  })

  it('is found to be changed, whichever byte was', async () => {
    const isFound = async (at: number, by: number): Promise<void> => {
      const bytes = own.bytes.with(at, (own.bytes[at] ?? 0) ^ by)
      const { verdict } = await verify([{ ...own, bytes }], policy)
      expect([at, verdict]).not.toEqual([at, 'verified'])
    }
    const step = Math.floor(own.bytes.length / 16)
    for (let at = 0; at < own.bytes.length; at += step) await isFound(at, 1)
    const { length } = own.bytes
    for (const at of [length - 1, length - 2, length - 60]) await isFound(at, 1)
    await fc.assert(
      fc.asyncProperty(fc.nat(length - 1), fc.integer({ min: 1, max: 255 }), isFound),
      { numRuns: 12 },
    )
  })

  it('is named in the log before it can be seen', async () => {
    const before = sizeOf(talk.naptip)
    const { bytes } = await bundleOf(talk.naptip, talk)
    const [leaf, ...others] = await leavesOf(talk.naptip, before)
    const [end] = Buffer.from(bytes).toString().trimEnd().split('\n').slice(-1)
    expect(others).toEqual([])
    expect(leaf?.event).toBe('a.audit-export')
    expect(leaf?.data).toMatchObject({
      classes: ['g', 'w', 'x'],
      format: 'bundle',
      purpose: 'audit',
    })
    expect(end).toContain(JSON.stringify(leaf?.data).match(/"bundle":"([^"]{43})"/)?.[1])
  })
})

describe('an export that fails', { timeout: MEETING_MS }, () => {
  it.each(['exportBundle', 'exportTiles'] as const)(
    '%s writes nothing before the other agency has cosigned',
    async (method) => {
      await using talk = await beginTalk()
      const to = join(talk.met.path, FOLDER)
      const services = createAuditServices(talk.naptip.parts)
      expect(await codeOf(() => services[method]({ to }))).toBe('AUDIT_NOT_WITNESSED')
      expect(await readdir(talk.met.path)).not.toContain(FOLDER)
    },
  )

  it.each(['exportBundle', 'exportPolicy'] as const)(
    '%s writes nothing before there is a charter',
    async (method) => {
      await using talk = await beginAlone()
      const to = join(talk.met.path, FOLDER)
      const services = createAuditServices(talk.naptip.parts)
      const code = method === 'exportBundle' ? 'AUDIT_NOT_WITNESSED' : 'TRUST_NO_CHARTER'
      expect(await codeOf(() => services[method]({ to }))).toBe(code)
      expect(await readdir(talk.met.path)).not.toContain(FOLDER)
    },
  )

  it('leaves the file of before as it is when the log cannot name the new one', async () => {
    await using talk = await beginTalk()
    await cosign(talk.naptip, talk.anltp)
    const { bytes, name } = await bundleOf(talk.naptip, talk)
    await queueNew(talk.naptip, 'jtwg.minutes/1')
    await leaving(talk.naptip)
    await cosign(talk.naptip, talk.anltp)
    talk.naptip.disk.full = true
    expect(await codeOf(() => bundleOf(talk.naptip, talk))).toBe('STORE_WRITE')
    expect(await readFile(name)).toEqual(bytes)
    expect(await readdir(join(talk.met.path, FOLDER))).toEqual(['ng.naptip.bundle.jsonl'])
  })

  it('says so where its folder cannot be made', async () => {
    await using talk = await beginTalk()
    await cosign(talk.naptip, talk.anltp)
    const to = join(talk.met.path, FOLDER)
    await writeFile(to, 'a file')
    const services = createAuditServices(talk.naptip.parts)
    expect(await codeOf(() => services.exportBundle({ to }))).toBe('CLI_FILE')
    expect(await codeOf(() => services.exportPolicy({ to }))).toBe('CLI_FILE')
    expect(await codeOf(() => services.exportTiles({ to }))).toBe('CLI_FILE')
    expect(await readFile(to, 'utf8')).toBe('a file')
  })
})

describe('a bundle up to the newest cosigned head', { timeout: MEETING_MS }, () => {
  it('carries nothing that came after that head', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await queueNew(naptip, 'jtwg.minutes/1')
    const { envelope } = await leaving(naptip)
    await cosign(naptip, anltp)
    await naptip.parts.outbox.acceptReceipt(await receive(anltp, naptip, envelope))
    const { findings, verdict } = await verify(
      [await bundleOf(naptip, talk)],
      await policyOf(naptip, talk),
    )
    expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([])
    expect(verdict).toBe('verified')
  })

  it('carries the receipt that held a statement back beside the last word', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await queueNew(naptip, 'jtwg.minutes/1')
    const { envelope } = await leaving(naptip)
    const receipt = await receive(anltp, naptip, envelope)
    const { content } = parseReceipt(receipt)
    const held = await signReceipt(
      {
        ...content,
        results: content.results.map(({ leaf, statement }) => ({
          leaf,
          result: 'held',
          statement,
        })),
      },
      anltp.parts.keys.sealKey,
    )
    await naptip.parts.outbox.acceptReceipt(held)
    await naptip.parts.outbox.acceptReceipt(receipt)
    await cosign(naptip, anltp)
    const { findings, verdict } = await verify(
      [await bundleOf(naptip, talk)],
      await policyOf(naptip, talk),
    )
    expect(findings.filter(({ severity }) => severity === 'fail')).toEqual([])
    expect(verdict).toBe('verified')
  })

  it('is whole where two are exported at once', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await cosign(naptip, anltp)
    const services = createAuditServices(naptip.parts)
    const to = join(talk.met.path, FOLDER)
    const [{ file }] = await Promise.all([
      services.exportBundle({ to }),
      services.exportBundle({ to }),
    ])
    const bundle = { name: file, bytes: await readFile(file) }
    expect((await verify([bundle], await policyOf(naptip, talk))).verdict).toBe('verified')
    expect(await readdir(to)).toEqual(['ng.naptip.bundle.jsonl', 'policy.txt'])
  })
})

/** The records of a bundle that have a statement with these signatures. */
function holding({ bytes }: NamedFile, { statement }: SignedStatement): number {
  const text = canonicalize({ ...statement })
  return recordsOf(bytes).filter(({ content }) => canonicalize(content ?? '') === text).length
}

/** The bundle without a statement with these signatures, with the right last line. */
function without({ bytes, name }: NamedFile, { statement }: SignedStatement): NamedFile {
  const text = canonicalize({ ...statement })
  const left = recordsOf(bytes).filter(({ content }) => canonicalize(content ?? '') !== text)
  return { name, bytes: forgeBundle(left) }
}

describe('the bundle of a node to which statements were sent with other signatures', () => {
  let talk: Talk
  let report: Sets
  let minutes: Sets
  let own: Sets
  let bundle: NamedFile
  let policy: string
  beforeAll(async () => {
    talk = await beginTalk()
    const { anltp, naptip } = talk
    own = await minutesOf(anltp)
    await queue(anltp, own.whole)
    await carryAll(anltp, naptip)
    report = await reportOf(naptip)
    minutes = await minutesOf(naptip)
    const { half, whole } = minutes
    const told = await sendAll(talk, [report.half, report.whole, whole, half, whole, own.half])
    expect(told).toEqual(['refused', 'opened', 'opened', 'opened', 'opened', 'refused'])
    await cosign(naptip, anltp)
    await cosign(anltp, naptip)
    bundle = await bundleOf(anltp, talk)
    policy = await policyOf(anltp, talk)
  }, MEETING_MS)
  afterAll(() => talk[Symbol.asyncDispose]())

  it('holds each set once and verifies', async () => {
    const sets = [report, minutes, own].flatMap(({ half, whole }) => [half, whole])
    expect(sets.map((signed) => holding(bundle, signed))).toEqual(sets.map(() => 1))
    const { findings, verdict } = await verify([bundle], policy)
    expect(findings.map(({ cause, code }) => [code, cause])).toEqual([
      ['REFUSED', 'TRUST_SECOND_OFFICER'],
    ])
    expect(verdict).toBe('verified')
  })

  it('fails where one of them is taken out', async () => {
    for (const signed of [report.whole, minutes.whole, minutes.half, own.whole]) {
      const { findings, verdict } = await verify([without(bundle, signed)], policy)
      expect(findings).toContainEqual(
        expect.objectContaining({
          code: 'EVIDENCE_MISMATCH',
          where: `statement ${signed.digest}`,
        }),
      )
      expect(verdict).toBe('failed')
    }
  })

  it('verifies where a set was voided before it came', async () => {
    const { anltp, naptip } = talk
    const { half, whole } = await minutesOf(naptip)
    await sendAll(talk, [whole])
    const { digest: previous, sequence } = await placeOf(anltp, naptip)
    const { dispatch } = parseEnvelope(
      (await crafted(naptip, [half], { sequence, previous })).bytes,
    )
    const { channel } = dispatch.content
    const voided = { channel, dispatch: dispatch.digest, sequence }
    const signed = await signVoid(voided, naptip.parts.keys.sealKey)
    await receive(anltp, naptip, buildVoidEnvelope(dispatch.signed.jws, signed))
    await cosign(anltp, naptip)
    const later = await bundleOf(anltp, talk)
    expect([holding(later, whole), holding(later, half)]).toEqual([1, 0])
    expect((await verify([later], policy)).verdict).toBe('verified')
  })
})

describe('the log as tiles', { timeout: MEETING_MS }, () => {
  it('has every leaf, and the checkpoint that the other agency cosigned', async () => {
    await using talk = await beginTalk()
    const { anltp, met, naptip } = talk
    const size = await cosign(naptip, anltp)
    const { note } = await naptip.parts.witness.newest()
    const to = join(met.path, FOLDER)
    await mkdir(to)
    const before = sizeOf(naptip)
    expect(await createAuditServices(naptip.parts).exportTiles({ to })).toEqual({
      folder: to,
      size,
    })
    expect(await filesUnder(to)).toEqual([
      'checkpoint',
      `tile/0/000.p/${String(size)}`,
      `tile/entries/000.p/${String(size)}`,
    ])
    expect(await readFile(join(to, 'checkpoint'), 'utf8')).toBe(note)
    expect(await leavesOf(naptip, before)).toMatchObject([
      {
        event: 'a.audit-export',
        data: { bundle: digest(note), classes: ['a', 'g', 'w', 'x'], format: 'tiles' },
      },
    ])
  })
})

describe('the check of the own log', { timeout: MEETING_MS }, () => {
  it('reads all of it, and finds a leaf that is not what was written', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const cosignedSize = await cosign(naptip, anltp)
    const services = createAuditServices(naptip.parts)
    const { root, size } = naptip.parts.audit.head()
    expect(await services.auditVerify({})).toEqual({
      size,
      root: Buffer.from(root).toString('base64url'),
      cosignedSize,
    })
    const key = '000000000003'
    await naptip.parts.store.batch([{ type: 'put', space: 'leaf', key, value: Buffer.from('{}') }])
    expect(await codeOf(() => services.auditVerify({}))).toMatch(/^(?:AUDIT_LEAF|STORE_DAMAGED)/)
  })

  it('is there for a command that opens the folder for a moment', async () => {
    await using talk = await beginTalk()
    await exchange(talk)
    await talk.naptip[Symbol.asyncDispose]()
    const { folder } = talk.naptip.place
    await using node = await openNode({ folder, passphrase: passphraseOf('node') })
    const { cosignedSize, size } = await node.services.auditVerify({})
    expect(size).toBeGreaterThan(cosignedSize)
    const to = join(talk.met.path, FOLDER)
    const { file, leaves, sizeBytes } = await node.services.exportBundle({ to })
    const bytes = await readFile(file)
    expect([leaves, sizeBytes]).toEqual([cosignedSize, bytes.length])
    const { file: policy } = await node.services.exportPolicy({ to })
    const report = await verify([{ name: file, bytes }], await readFile(policy, 'utf8'))
    expect(report.verdict).toBe('verified')
  })
})
