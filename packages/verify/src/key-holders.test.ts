import { beforeAll, describe, expect, it } from 'vitest'
import { NOW } from '../../../test/support/agencies.ts'
import {
  beginExchange,
  cosign,
  type Exchange,
  revokeAuthor,
  send,
} from '../../../test/support/built-exchange.ts'
import { secondsOf } from './instant.ts'
import { type AgencyKeys } from './key-holders.ts'
import { renderText } from './render-text.ts'
import { renderReport, type Report } from './report.ts'
import { type NamedFile } from './source.ts'
import { verifyFiles } from './verify-files.ts'

const DAY = 86_400
const SINCE = 100
const SAID = 200

let exchange: Exchange
let bundle: NamedFile
beforeAll(async () => {
  exchange = await beginExchange()
  await send(exchange, { from: 'naptip', sequence: 1, kinds: ['jtwg.minutes/1'], at: 60 })
  await revokeAuthor(exchange, { since: SINCE, at: SAID })
  await cosign(exchange, 300)
  const bytes = await exchange.naptip.log.bundle(exchange)
  bundle = { name: 'naptip.bundle.jsonl', bytes }
})

async function reportAt(asOf: number): Promise<Report> {
  return verifyFiles([bundle], { policy: exchange.policyText, now: NOW, asOf })
}

async function naptipAt(asOf: number): Promise<AgencyKeys> {
  const { keysOfDay } = await reportAt(asOf)
  const found = keysOfDay?.agencies.find(({ agency }) => agency === 'ng.naptip')
  if (found === undefined) throw new Error('no agency')
  return found
}

function authorIn({ holders }: AgencyKeys): AgencyKeys['holders'][number] | undefined {
  return holders.find(({ id, what }) => what === 'officer' && id === 'author')
}

describe('who held which key on a day', () => {
  it('is what the roster of that day says: nodes, desks, officers', async () => {
    const { payload, digest, version } = exchange.naptip.roster
    const keys = await naptipAt(NOW + 60)
    expect(keys.roster).toMatchObject({ digest, version, isOver: false })
    const named = (what: string): readonly string[] =>
      keys.holders.flatMap((holder) => (holder.what === what ? [holder.id] : []))
    expect(named('officer')).toEqual(payload.officers.map(({ id }) => id))
    expect(named('desk')).toEqual(payload.desks.map(({ id }) => id))
    expect(named('node')).toEqual(payload.nodes.map(({ peerId }) => peerId))
    const node = keys.holders.find(({ what }) => what === 'node')
    expect(node?.keys.map(({ use }) => use)).toEqual(['seal', 'deposit'])
    expect(node?.keys[0]?.keyId).toBe(exchange.naptip.agency.sealKey.keyId)
    expect(authorIn(keys)).toMatchObject({
      organisation: 'ng.naptip',
      keys: [{ use: 'signature', keyId: exchange.naptip.agency.officers['author']?.keyId }],
    })
  })

  it('names a revocation with the instant at which it was said, which may be later', async () => {
    for (const at of [SINCE - 50, SINCE + 50, SAID + 50]) {
      const [key] = authorIn(await naptipAt(NOW + at))?.keys ?? []
      expect(key?.revoked).toEqual({
        since: new Date((NOW + SINCE) * 1000).toISOString().replace('.000Z', 'Z'),
        reason: 'compromise',
        saidAt: new Date((NOW + SAID) * 1000).toISOString().replace('.000Z', 'Z'),
      })
    }
  })

  it('changes with the roster: from its first second on the next one counts', async () => {
    const [before, from] = [await naptipAt(NOW + SAID - 1), await naptipAt(NOW + SAID)]
    expect([before.roster?.version, from.roster?.version]).toEqual([1, 2])
  })

  it('is not known from before the first roster, and said of one that had ended', async () => {
    const { iat, exp } = exchange.naptip.roster.payload
    expect(await naptipAt(iat - 1)).toEqual({ agency: 'ng.naptip', holders: [] })
    expect((await naptipAt(iat)).roster?.version).toBe(1)
    expect((await naptipAt(NOW + SAID + 40 * DAY)).roster).toMatchObject({ isOver: true })
    expect((await naptipAt(exp - 1)).roster?.isOver).toBe(false)
  })

  it('lists no key outside of its days', async () => {
    const author = exchange.naptip.roster.payload.officers.find(({ id }) => id === 'author')
    const end = author?.exp ?? 0
    expect(authorIn(await naptipAt(end - 1))).toBeDefined()
    expect(authorIn(await naptipAt(end))).toBeUndefined()
  })

  it('changes nothing of what is verified', async () => {
    const { keysOfDay, ...rest } = await reportAt(NOW + 60)
    expect(keysOfDay?.agencies.map(({ agency }) => agency)).toEqual(['ne.anltp-tim', 'ng.naptip'])
    expect(rest).toEqual(await verifyFiles([bundle], { policy: exchange.policyText, now: NOW }))
  })

  it('is reported in both languages, as text and as HTML, with 12 letters of a key', async () => {
    const report = await reportAt(NOW + 60)
    const keyId = exchange.naptip.agency.officers['author']?.keyId ?? ''
    for (const text of [renderText(report, 'en'), renderReport(report, ['en'])]) {
      expect(text).toContain('Who held which key at 2026-')
      expect(text).toContain('officer author, ng.naptip (author:')
      expect(text).toContain(keyId.slice(0, 12))
      expect(text).not.toContain(keyId)
      expect(text.replaceAll(/\s+/g, ' ')).toContain('(compromised), said by a roster issued on')
    }
    expect(renderText(report, 'fr')).toContain('Qui détenait quelle clé le 2026-')
    const old = await reportAt(NOW - 100 * DAY)
    expect(renderText(old, 'en')).toContain('No roster of this agency')
  })

  it('without any roster among the files is NO_ROSTERS, and never green', async () => {
    const files = [{ name: 'policy.txt', bytes: new TextEncoder().encode(exchange.policyText) }]
    const { findings, keysOfDay, verdict } = await verifyFiles(files, { now: NOW, asOf: NOW })
    expect(findings).toMatchObject([{ code: 'NO_ROSTERS', severity: 'warn' }])
    expect(keysOfDay).toBeUndefined()
    expect(verdict).toBe('could-not')
  })
})

describe('a day that is asked for', () => {
  it.each([
    ['2026-11-24', '2026-11-24T00:00:00Z'],
    ['2026-11-24T10:30:00Z', '2026-11-24T10:30:00Z'],
    ['2026-11-24T10:30:00.250Z', '2026-11-24T10:30:00Z'],
    ['2026-11-24T00:30:00+01:00', '2026-11-23T23:30:00Z'],
    ['2028-02-29', '2028-02-29T00:00:00Z'],
  ])('%s is %s', (text, instant) => {
    expect(secondsOf(text)).toBe(Date.parse(instant) / 1000)
  })

  it.each([
    '',
    '2026',
    '2026-11',
    '2026-13-01',
    '2026-02-29',
    '2026-11-24T',
    '2026-11-24T10:30Z',
    '2026-11-24T10:30:00',
    '2026-11-24T24:00:00Z',
    '2026-11-24 10:30:00Z',
    '2026-11-24T10:30:00ZT',
    '1969-12-31',
    '24.11.2026',
  ])('%j is none', (text) => {
    expect(secondsOf(text)).toBeUndefined()
  })
})
