import { createHash } from 'node:crypto'
import { mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  actorOf,
  digest,
  type Leaf,
  type LeafField,
  parsePresentation,
  parseReceipt,
  readDisclosure,
  type ReceiptContent,
  signDisclosure,
  signReceipt,
} from '@amana/core'
import { type NamedFile, type Report, verifyFiles } from '@amana/verify'
import { describe, expect, it } from 'vitest'
import { FILLED_REFERRAL } from '../../../../test/support/filled-referral.ts'
import { jsonOf } from '../../../../test/support/met-agencies.ts'
import {
  beginTalk,
  carryAll,
  filesUnder,
  leavesOf,
  leaving,
  MEETING_MS,
  officerKey,
  queueNew,
  receive,
  type Side,
  sizeOf,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { reportOf, sendAll } from '../../../../test/support/signature-sets.ts'
import { discloseMessage, type Disclosing } from '../agency/disclosing.ts'
import { type UnlockedOfficer } from '../agency/signing.ts'
import { policyText } from './policy-text.ts'
import { createMessageServices } from './message-services.ts'
import { createStatusServices } from './status-services.ts'
import { createTrustServices } from './trust-services.ts'

const NAME = 'case.message.jsonl'
const SHOWN = ['body.identity.bornOn', 'safety']

type Services = Parameters<typeof discloseMessage>[0]

function servicesOf({ parts }: Side): Services {
  return {
    ...createMessageServices(parts),
    ...createTrustServices(parts),
    ...createStatusServices(parts, undefined),
  }
}

async function folderOf({ met }: Talk): Promise<string> {
  const folder = join(met.path, 'exports')
  await mkdir(folder, { recursive: true })
  return folder
}

async function placeIn(talk: Talk): Promise<string> {
  return join(await folderOf(talk), NAME)
}

async function verified(side: Side, file: string): Promise<Report> {
  const named: NamedFile = { name: NAME, bytes: new Uint8Array(await readFile(file)) }
  return verifyFiles([named], { policy: policyText(side.parts), now: side.parts.clock.now() })
}

/** A referral that both have. */
async function referral({ anltp, naptip }: Talk): Promise<string> {
  const std = await queueNew(anltp, 'victim.referral/1', { groups: FILLED_REFERRAL })
  await carryAll(anltp, naptip)
  return std
}

async function disclosing(talk: Talk, digestOfMessage: string): Promise<Disclosing> {
  return {
    audience: 'Federal High Court, Abuja',
    digest: digestOfMessage,
    disclose: SHOWN,
    purpose: 'supervision',
    to: await placeIn(talk),
  }
}

async function author({ place }: Side): Promise<UnlockedOfficer> {
  return { id: 'author', key: await officerKey(place, 'author') }
}

describe('a message file', { timeout: MEETING_MS }, () => {
  it('of either agency is enough by itself, and its leaf names the file', async () => {
    await using talk = await beginTalk()
    const std = await referral(talk)
    for (const side of [talk.anltp, talk.naptip]) {
      const to = await placeIn(talk)
      const asked = { digest: std.slice(0, 10), purpose: 'legal-request', to } as const
      expect(await servicesOf(side).exportMessage(asked)).toMatchObject({ digest: std, file: to })
      const report = await verified(side, to)
      expect(report.findings.map(({ code }) => code)).toEqual(['LOG_NOT_SHOWN', 'WITHHELD'])
      expect(report.verdict).toBe('verified')
      expect(report.timeline).toMatchObject([{ outcome: 'opened', statement: std }])
      const [leaf] = (await leavesOf(side)).slice(-1)
      expect(leaf).toMatchObject({
        actor: 'sys',
        event: 'a.export',
        data: { format: 'message', purpose: 'legal-request', std },
      })
      const sha256 = createHash('sha256')
        .update(await readFile(to))
        .digest('base64url')
      expect(leaf?.data).toMatchObject({ digest: sha256 })
      expect((await stat(to)).mode & 0o777).toBe(0o600)
    }
  })

  it('shows what was chosen and nothing else', async () => {
    await using talk = await beginTalk()
    const std = await referral(talk)
    const to = await placeIn(talk)
    const asked = { digest: std, disclose: SHOWN, purpose: 'supervision', to } as const
    await servicesOf(talk.naptip).exportMessage(asked)
    const report = await verified(talk.naptip, to)
    expect(report.verdict).toBe('verified')
    const groups = new Map(report.disclosed.flatMap((shown) => shown.groups))
    expect(groups.get('identity')).toBe('partial')
    expect(groups.get('safety')).toBe('whole')
    expect(groups.get('needs')).toBe('withheld')
    const fields = report.disclosed.flatMap((shown) => shown.fields.map(([path]) => path))
    expect(fields.filter((path) => path.startsWith('identity'))).toEqual(['identity.bornOn'])
  })

  it('says for whom it is by the word of an officer, whose pseudonym stands in the leaf', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const std = await referral(talk)
    const size = sizeOf(naptip)
    const asked = await disclosing(talk, std)
    await discloseMessage(servicesOf(naptip), asked, await author(naptip))
    const report = await verified(naptip, asked.to)
    expect(report.verdict).toBe('verified')
    expect(report.disclosed).toMatchObject([
      { handedOver: { audience: asked.audience, by: 'author, ng.naptip (ng.naptip)' } },
    ])
    const leaves = await leavesOf(naptip, size)
    expect(leaves.map(({ data, event }) => [event, 'format' in data ? data.format : ''])).toEqual([
      ['a.export', 'presentation'],
      ['g.actor', ''],
      ['a.export', 'message'],
    ])
    const records = (await readFile(asked.to, 'utf8')).split('\n')
    const disclosure = records.find((line) => line.includes('"kind":"disclosure"')) ?? ''
    const name = /"digest":"(?<name>[^"]+)"/.exec(disclosure)?.groups?.['name']
    const exported = leaves[2]
    expect(exported?.data).toMatchObject({ disclosure: name })
    const keys = await naptip.parts.years.current()
    expect(exported?.actor).toBe(actorOf(keys.actors, 'author'))
    expect(leaves[1]?.data).toMatchObject({ officer: exported?.actor, op: 'enroll' })
    expect(await committedTo(naptip, exported)).toEqual([
      { name: 'destination', value: asked.audience },
    ])
  })

  it('of a message that waits holds neither dispatch nor receipt', async () => {
    await using talk = await beginTalk()
    const std = await queueNew(talk.naptip, 'jtwg.minutes/1')
    const to = await placeIn(talk)
    await servicesOf(talk.naptip).exportMessage({ digest: std, purpose: 'audit', to })
    const report = await verified(talk.naptip, to)
    const codes = report.findings.map(({ code }) => code)
    expect(codes).toEqual(['NOT_DISPATCHED', 'LOG_NOT_SHOWN', 'WITHHELD'])
    expect(report.verdict).toBe('verified')
  })

  it('of a message that was refused here says so', async () => {
    await using talk = await beginTalk()
    const { half } = await reportOf(talk.naptip)
    await sendAll(talk, [half])
    const to = await placeIn(talk)
    const asked = { digest: half.digest, purpose: 'audit', to } as const
    await servicesOf(talk.anltp).exportMessage(asked)
    const report = await verified(talk.anltp, to)
    expect(report.timeline).toMatchObject([{ outcome: 'refused', signers: [] }])
    expect(report.findings[0]).toMatchObject({ code: 'REFUSED', cause: 'TRUST_SECOND_OFFICER' })
    expect(report.verdict).toBe('verified')
  })

  it('holds the receipt that held a message back, and the one after it', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const std = await queueNew(naptip, 'jtwg.minutes/1')
    const { envelope } = await leaving(naptip)
    const opened = await receive(anltp, naptip, envelope)
    const { content } = parseReceipt(opened)
    const results = content.results.map(({ leaf, statement }) => ({
      leaf,
      result: 'held' as const,
      statement,
    }))
    const held: ReceiptContent = { ...content, results, issuedAt: content.issuedAt - 1 }
    const { outbox } = naptip.parts
    await outbox.acceptReceipt(await signReceipt(held, anltp.parts.keys.sealKey))
    clock.turn(1)
    await outbox.acceptReceipt(opened)
    const to = await placeIn(talk)
    await servicesOf(naptip).exportMessage({ digest: std, purpose: 'audit', to })
    expect(await receiptsIn(to)).toBe(2)
    const report = await verified(naptip, to)
    expect(report.timeline).toMatchObject([{ outcome: 'opened' }])
    expect(report.verdict).toBe('verified')
    const next = await queueNew(naptip, 'jtwg.minutes/1')
    await carryAll(naptip, anltp)
    await servicesOf(naptip).exportMessage({ digest: next, purpose: 'audit', to })
    expect(await receiptsIn(to)).toBe(1)
    expect((await verified(naptip, to)).verdict).toBe('verified')
  })
})

async function committedTo({ parts }: Side, leaf: Leaf | undefined): Promise<readonly LeafField[]> {
  if (leaf === undefined) return []
  const kept = await parts.disclosures.of(leaf.index)
  return kept.map((encoded) => readDisclosure(leaf, encoded))
}

async function receiptsIn(file: string): Promise<number> {
  const lines = (await readFile(file, 'utf8')).split('\n')
  return lines.filter((line) => line.includes('"kind":"receipt"')).length
}

describe(
  'a message file is not written, and the refusal is a leaf',
  { timeout: MEETING_MS },
  () => {
    it('where nothing begins so, or a path names nothing', async () => {
      await using talk = await beginTalk()
      const { naptip } = talk
      const std = await queueNew(naptip, 'jtwg.minutes/1')
      const size = sizeOf(naptip)
      const to = await placeIn(talk)
      const services = servicesOf(naptip)
      const asked = { digest: std, purpose: 'audit', to } as const
      const none = { ...asked, digest: digest('none') }
      expect(await codeOf(() => services.exportMessage(none))).toBe('CLI_NO_MESSAGE')
      const nothing = { ...asked, disclose: ['body.nothing'] }
      expect(await codeOf(() => services.exportMessage(nothing))).toBe('WIRE_DIS')
      expect((await leavesOf(naptip, size)).map(({ data, event }) => [event, data])).toEqual([
        ['a.denied', { act: 'export', code: 'CLI_NO_MESSAGE' }],
        ['a.denied', { act: 'export', code: 'WIRE_DIS' }],
      ])
      expect(await filesUnder(await folderOf(talk))).toEqual([])
    })

    it('where the disclosure is not of its own officer, this presentation or this purpose', async () => {
      await using talk = await beginTalk()
      const { anltp, naptip } = talk
      const std = await referral(talk)
      const to = await placeIn(talk)
      const services = servicesOf(naptip)
      const base = { digest: std, disclose: SHOWN, purpose: 'supervision' } as const
      const { presentation } = await services.presentation({ ...base, disclose: [...SHOWN] })
      const size = sizeOf(naptip)
      const members = {
        agency: naptip.agency,
        audience: 'x',
        disclosedAt: talk.clock.now(),
        nonce: 'CtZG4hoNUZCsOcAaX2AkmQ',
        presentation: digest(presentation),
        purpose: 'supervision' as const,
        statement: parsePresentation(presentation).statement.digest,
      }
      const own = await officerKey(naptip.place, 'author')
      const other = await officerKey(anltp.place, 'author')
      const codes: (string | undefined)[] = []
      for (const signed of [
        await signDisclosure({ ...members, agency: anltp.agency }, other),
        await signDisclosure({ ...members, purpose: 'audit' }, own),
        await signDisclosure({ ...members, presentation: digest('another') }, own),
        await signDisclosure(members, other),
      ]) {
        const asked = { ...base, disclose: [...SHOWN], disclosure: jsonOf(signed), to }
        codes.push(await codeOf(() => services.exportMessage(asked)))
      }
      expect(codes).toEqual(['WIRE_ISS', 'WIRE_MEMBER', 'WIRE_DIS', 'WIRE_ISS'])
      const bare = { digest: std, disclosure: jsonOf(await signDisclosure(members, own)) }
      expect(await codeOf(() => services.exportMessage({ ...bare, purpose: 'audit', to }))).toBe(
        'WIRE_DIS',
      )
      const events = (await leavesOf(naptip, size)).map(({ event }) => event)
      expect(events).toEqual(Array.from({ length: 5 }, () => 'a.denied'))
      expect(await filesUnder(await folderOf(talk))).toEqual([])
    })

    it('where the roster lists the officer with another key', async () => {
      await using talk = await beginTalk()
      const { anltp, naptip } = talk
      const std = await referral(talk)
      const size = sizeOf(naptip)
      const asked = await disclosing(talk, std)
      const stranger = await author(anltp)
      const services = servicesOf(naptip)
      expect(await codeOf(() => discloseMessage(services, asked, stranger))).toBe('CLI_OFFICER')
      expect(sizeOf(naptip)).toBe(size)
    })

    it('where the leaf cannot be written', async () => {
      await using talk = await beginTalk()
      const { naptip } = talk
      const std = await queueNew(naptip, 'jtwg.minutes/1')
      naptip.disk.full = true
      const to = await placeIn(talk)
      const services = servicesOf(naptip)
      expect(
        await codeOf(() => services.exportMessage({ digest: std, purpose: 'audit', to })),
      ).toBe('STORE_WRITE')
      expect(await filesUnder(await folderOf(talk))).toEqual([])
    })
  },
)
