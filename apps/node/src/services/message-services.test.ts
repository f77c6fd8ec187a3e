import { digest, type SignedStatement } from '@amana/core'
import { verifyFiles } from '@amana/verify'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FILLED_REFERRAL } from '../../../../test/support/filled-referral.ts'
import { jsonOf } from '../../../../test/support/met-agencies.ts'
import {
  beginAlone,
  beginTalk,
  carryAll,
  cosign,
  leavesOf,
  leaving,
  MEETING_MS,
  queueNew,
  receive,
  reopened,
  signedBy,
  sizeOf,
  type Side,
} from '../../../../test/support/node-fixture.ts'
import { codeOf, refusalOf } from '../../../../test/support/refusals.ts'
import { createAuditServices } from './audit-services.ts'
import { createMessageServices } from './message-services.ts'

type Services = ReturnType<typeof createMessageServices>

function servicesOf({ parts }: Side): Services {
  return createMessageServices(parts)
}

async function submit(
  services: Services,
  signed: SignedStatement,
  dryRun = false,
): ReturnType<Services['submit']> {
  const opening = { ...signed.opening }
  return services.submit({ statement: jsonOf(signed.statement), opening, dryRun })
}

describe('a message that is handed in', { timeout: MEETING_MS }, () => {
  it('waits in the queue and is listed without its body', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const services = servicesOf(naptip)
    const signed = await signedBy(naptip, 'intel.report/1')
    expect(await submit(services, signed)).toEqual({ digest: signed.digest, queued: true })
    expect(await services.messages({ limit: 9 })).toEqual([
      {
        desks: [{ desk: 'intelligence', state: 'queued' }],
        digest: signed.digest,
        from: naptip.agency,
        issuedAt: talk.clock.now(),
        kind: 'intel.report/1',
        stages: [],
        state: 'queued',
        tlp: 'AMBER',
        to: [naptip.peer],
      },
    ])
    expect(await codeOf(() => submit(services, signed))).toBe('WIRE_REPLAY')
  })

  it('to try it changes nothing, and is refused for the same reasons', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const services = servicesOf(naptip)
    const size = sizeOf(naptip)
    const signed = await signedBy(naptip, 'jtwg.minutes/1')
    expect(await submit(services, signed, true)).toEqual({ digest: signed.digest, queued: false })
    const other = await signedBy(naptip, 'jtwg.minutes/1', { author: 'reader' })
    expect(await codeOf(() => submit(services, other, true))).toBe('WIRE_POLICY')
    expect(await services.messages({ limit: 9 })).toEqual([])
    expect(await naptip.parts.outbox.pending(naptip.peer)).toBe(0)
    expect((await leavesOf(naptip, size)).map(({ event }) => event)).toEqual(['a.list'])
  })

  it('is refused before there is a charter', async () => {
    await using talk = await beginTalk()
    const signed = await signedBy(talk.naptip, 'jtwg.minutes/1')
    await using alone = await beginAlone()
    const services = servicesOf(alone.naptip)
    expect(await codeOf(() => submit(services, signed))).toBe('TRUST_NO_CHARTER')
  })

  it('is queued once, handed in twice at once', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    const services = servicesOf(anltp)
    const signed = await signedBy(anltp, 'victim.referral/1', { groups: FILLED_REFERRAL })
    const codes = await Promise.all([
      codeOf(() => submit(services, signed)),
      codeOf(() => submit(services, signed)),
    ])
    expect(codes.filter((code) => code === undefined)).toHaveLength(1)
    expect(await anltp.parts.outbox.pending(anltp.peer)).toBe(1)
    expect(await services.messages({ limit: 9 })).toHaveLength(1)
  })
})

describe('a message that is read', { timeout: MEETING_MS }, () => {
  it('is shown after the leaf that says so, with who signed and what is withheld', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const sent = await queueNew(anltp, 'victim.referral/1', { groups: FILLED_REFERRAL })
    await carryAll(anltp, naptip)
    const before = sizeOf(naptip)
    const view = await servicesOf(naptip).message({
      digest: sent.slice(0, 10),
      purpose: 'protection',
    })
    const placed = await naptip.parts.inbox.dispatchAt(anltp.agency, 1)
    expect(await leavesOf(naptip, before)).toMatchObject([
      {
        actor: 'sys',
        event: 'a.open',
        data: { bg: false, env: placed?.digest, purpose: 'protection', std: sent },
      },
    ])
    expect(view).toMatchObject({
      digest: sent,
      dispatch: placed?.digest,
      receipt: digest(placed?.receipt.payload ?? ''),
      signers: [
        { act: 'author', agency: anltp.agency, officer: 'author', organisation: anltp.agency },
        { act: 'approve', agency: anltp.agency, officer: 'approver', organisation: anltp.agency },
      ],
      state: 'received',
      withheld: ['health', 'investigation'],
    })
    expect(view.groups['identity']).toEqual(FILLED_REFERRAL['identity'])
    expect(view.groups).not.toHaveProperty('health')
    expect(view.signers[0]).not.toHaveProperty('roles')
  })

  it('is not shown when its leaf cannot be written', async () => {
    await using talk = await beginTalk()
    const sent = await queueNew(talk.anltp, 'jtwg.minutes/1')
    await carryAll(talk.anltp, talk.naptip)
    const before = sizeOf(talk.naptip)
    talk.naptip.disk.full = true
    const services = servicesOf(talk.naptip)
    const input = { digest: sent, purpose: 'referral' } as const
    expect(await codeOf(() => services.message(input))).toBe('STORE_WRITE')
    expect(await codeOf(() => services.presentation({ ...input, disclose: ['body.status'] }))).toBe(
      'STORE_WRITE',
    )
    await using naptip = await reopened(talk.naptip)
    expect(sizeOf(naptip)).toBe(before)
  })

  it('of the own queue is named without a dispatch', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const std = await queueNew(naptip, 'jtwg.minutes/1')
    const view = await servicesOf(naptip).message({ digest: std, purpose: 'quality' })
    expect(view).not.toHaveProperty('dispatch')
    expect((await leavesOf(naptip)).at(-1)?.data).toEqual({ bg: false, purpose: 'quality', std })
  })

  it('is refused where nothing, or more than one, begins so, which is a leaf', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    await queueNew(naptip, 'jtwg.minutes/1')
    const size = sizeOf(naptip)
    const services = servicesOf(naptip)
    const input = { digest: digest('none'), purpose: 'audit' } as const
    expect(await codeOf(() => services.message(input))).toBe('CLI_NO_MESSAGE')
    expect(await codeOf(() => services.presentation({ ...input, disclose: ['body'] }))).toBe(
      'CLI_NO_MESSAGE',
    )
    expect((await leavesOf(naptip, size)).map(({ data, event }) => [event, data])).toEqual([
      ['a.denied', { act: 'open', code: 'CLI_NO_MESSAGE' }],
      ['a.denied', { act: 'export', code: 'CLI_NO_MESSAGE' }],
    ])
  })

  it('that came too late shows its code and no body, and waits with its sender to come again', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const std = await queueNew(naptip, 'jtwg.minutes/1')
    const { envelope } = await leaving(naptip)
    clock.turn(31 * 86_400)
    await naptip.parts.outbox.acceptReceipt(await receive(anltp, naptip, envelope))
    const there = await servicesOf(anltp).message({ digest: std, purpose: 'quality' })
    expect(there).toMatchObject({ groups: {}, refusal: 'WIRE_TIME_STALE', state: 'refused' })
    const [here] = await servicesOf(naptip).messages({ limit: 1 })
    expect(here).toMatchObject({ state: 'queued' })
    expect(here).not.toHaveProperty('refusal')
    const input = { digest: std, disclose: ['body'], purpose: 'audit' as const }
    expect(await codeOf(() => servicesOf(anltp).presentation(input))).toBe('WIRE_DIS')
  })
})

describe('a part of a message for an auditor', { timeout: MEETING_MS }, () => {
  it('is named in the log, shows what was chosen, and verifies beside the bundle', async () => {
    await using talk = await beginTalk()
    const { anltp, met, naptip } = talk
    const std = await queueNew(anltp, 'victim.referral/1', { groups: FILLED_REFERRAL })
    await carryAll(anltp, naptip)
    const services = servicesOf(naptip)
    const input = { digest: std, purpose: 'supervision' } as const
    const onward = { digest: std, purpose: 'prosecution' } as const
    expect(
      await refusalOf(() => services.presentation({ ...onward, disclose: ['safety'] })),
    ).toEqual({
      code: 'WIRE_POLICY',
      details: { rule: 'originator control' },
    })
    const { presentation } = await services.presentation({
      ...input,
      disclose: ['body.identity.bornOn', 'safety'],
    })
    const placed = await naptip.parts.inbox.dispatchAt(anltp.agency, 1)
    expect((await leavesOf(naptip)).at(-1)).toMatchObject({
      event: 'a.export',
      data: {
        digest: digest(presentation),
        env: placed?.digest,
        format: 'presentation',
        purpose: 'supervision',
        std,
      },
    })
    const texts = presentation
      .split('~')
      .slice(1)
      .map((part) => Buffer.from(part, 'base64url').toString())
      .join('\n')
    expect(texts).toContain('2011')
    expect(texts).not.toContain('TEST-000417')
    await cosign(naptip, anltp)
    const to = join(met.path, 'exports')
    await mkdir(to)
    const { exportBundle, exportPolicy } = createAuditServices(naptip.parts)
    const { file } = await exportBundle({ to })
    const policy = await exportPolicy({ to })
    const report = await verifyFiles(
      [
        { name: file, bytes: await readFile(file) },
        { name: 'case.sd-jwt', bytes: Buffer.from(presentation) },
      ],
      { policy: await readFile(policy.file, 'utf8'), now: talk.clock.now() },
    )
    expect(report.verdict).toBe('verified')
    const codes = new Set(report.findings.map(({ code, where }) => `${code} ${where ?? ''}`))
    expect(codes).toContain('GROUP_PARTIAL identity')
    expect(codes).toContain('GROUP_WHOLE safety')
    const [withheld] = report.findings.filter(({ code }) => code === 'WITHHELD')
    expect(withheld?.where).toContain('needs')
  })

  it('is refused where it names nothing of the message, which is a leaf', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const std = await queueNew(naptip, 'jtwg.minutes/1')
    const size = sizeOf(naptip)
    const input = { digest: std, disclose: ['body.nothing'], purpose: 'audit' as const }
    expect(await codeOf(() => servicesOf(naptip).presentation(input))).toBe('WIRE_DIS')
    expect((await leavesOf(naptip, size)).map(({ event }) => event)).toEqual(['a.denied'])
  })
})
