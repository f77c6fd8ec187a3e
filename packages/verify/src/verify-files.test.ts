import { buildPresentation, decodeUtf8, encodeUtf8 } from '@amana/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { NOW } from '../../../test/support/agencies.ts'
import { buildExchange, type Exchange } from '../../../test/support/built-exchange.ts'
import { renderText } from './render-text.ts'
import { renderReport, type Report } from './report.ts'
import { checkEnvelope, checkPresentation } from './single-files.ts'
import { type NamedFile } from './source.ts'
import { verifyFiles } from './verify-files.ts'

let exchange: Exchange
let own: NamedFile
let other: NamedFile
let envelope: NamedFile
beforeAll(async () => {
  exchange = await buildExchange()
  own = { name: 'naptip.bundle.jsonl', bytes: await exchange.naptip.log.bundle(exchange) }
  other = { name: 'anltp.bundle.jsonl', bytes: await exchange.anltp.log.bundle(exchange) }
  envelope = { name: '1.amana.json', bytes: exchange.sent[1]?.bytes ?? new Uint8Array() }
})

async function verify(files: readonly NamedFile[]): Promise<Report> {
  return verifyFiles(files, { policy: exchange.policyText, now: NOW })
}

function presentationOf(fields: readonly string[]): NamedFile {
  const [statement] = exchange.sent[1]?.statements ?? []
  if (statement === undefined) throw new Error('no statement')
  const text = buildPresentation(statement.statement, statement.opening, fields)
  return { name: 'case.sd-jwt', bytes: encodeUtf8(text) }
}

function flipped({ name, bytes }: NamedFile, position: number): NamedFile {
  return { name, bytes: bytes.with(position, (bytes[position] ?? 0) ^ 1) }
}

/** The end record names another digest, in the same form. */
function withOtherDigest({ name, bytes }: NamedFile): NamedFile {
  const text = decodeUtf8(bytes).replace(
    /"sha256":"(.)/,
    (_member, first: string) => `"sha256":"${first === 'A' ? 'B' : 'A'}`,
  )
  return { name, bytes: encodeUtf8(text) }
}

describe('files that hold together', () => {
  it('are verified together and counted', async () => {
    const report = await verify([own, other, envelope])
    expect(report.findings).toEqual([])
    expect(report.verdict).toBe('verified')
    expect(report.totals).toEqual({
      sent: 4,
      received: 4,
      matched: 4,
      inFlight: 0,
      mismatched: 0,
    })
    expect(report.timeline).toHaveLength(4)
    expect(report.logs.map(({ size, cosignedSize }) => cosignedSize - size)).toEqual([0, 0])
  })

  it('take a policy file among them', async () => {
    const policy = { name: 'policy.txt', bytes: encodeUtf8(exchange.policyText) }
    expect((await verifyFiles([own, policy], { now: NOW })).verdict).toBe('verified')
  })

  it('show of a presentation what is whole, in part or withheld', async () => {
    const whole = await verify([own, presentationOf(['body'])])
    expect(whole.findings).toMatchObject([{ code: 'GROUP_WHOLE', where: 'body' }])
    const part = await verify([own, presentationOf(['body.note'])])
    expect(part.findings).toMatchObject([{ code: 'GROUP_PARTIAL', where: 'body' }])
    const none = await verify([own, presentationOf([])])
    expect(none.findings).toMatchObject([{ code: 'WITHHELD', where: 'body' }])
    expect([whole.verdict, part.verdict, none.verdict]).toEqual(Array(3).fill('verified'))
  })

  it('show of a presentation every field that it discloses, and no other', async () => {
    const report = await verify([own, presentationOf(['body.note', 'body.list.0'])])
    const fields = [
      ['body.list.0', '1'],
      ['body.note', 'body'],
    ]
    expect(report.disclosed.map((shown) => shown.fields)).toEqual([fields])
    for (const text of [renderText(report, 'en'), renderReport(report, ['en', 'fr'])]) {
      expect(text).toContain('body.list.0')
      expect(text).not.toContain('body.list.1')
    }
  })
})

describe('files that cannot be verified', () => {
  const cases: readonly [string, string, () => Promise<Report>][] = [
    ['no policy', 'NO_POLICY', async () => verifyFiles([own], { now: NOW })],
    [
      'a policy in another form',
      'POLICY_MALFORMED',
      async () => verifyFiles([own], { now: NOW, policy: `${exchange.policyText}\n` }),
    ],
    [
      'an envelope without anything that says whose keys',
      'NO_TRUST',
      async () => verify([envelope]),
    ],
    ['a presentation alone', 'NO_TRUST', async () => verify([presentationOf(['body'])])],
    [
      'a file of another kind',
      'UNKNOWN_FILE',
      async () => verify([own, { name: 'notes.docx', bytes: new Uint8Array(4) }]),
    ],
  ]

  it.each(cases)('%s: %s', async (_name, code, run) => {
    const { verdict, findings } = await run()
    expect(verdict).toBe('could-not')
    expect(findings).toContainEqual(expect.objectContaining({ code }))
  })

  it('nothing at all is never green', async () => {
    expect((await verify([])).verdict).toBe('could-not')
  })
})

describe('a changed file', () => {
  it('fails wherever an envelope is changed', async () => {
    expect((await checkEnvelope('x', envelope.bytes, exchange.trust)).verdict).toBe('verified')
    const step = Math.ceil(envelope.bytes.length / 150)
    for (let position = 0; position < envelope.bytes.length; position += step) {
      const { bytes } = flipped(envelope, position)
      const { verdict } = await checkEnvelope('x', bytes, exchange.trust)
      expect(verdict, `byte ${String(position)}`).toBe('failed')
    }
  })

  it('fails wherever a presentation is changed', async () => {
    const file = presentationOf(['body.note', 'body.list.0'])
    expect((await checkPresentation('x', file.bytes, exchange.trust)).verdict).toBe('verified')
    const step = Math.ceil(file.bytes.length / 150)
    for (let position = 0; position < file.bytes.length; position += step) {
      const { bytes } = flipped(file, position)
      const { verdict } = await checkPresentation('x', bytes, exchange.trust)
      expect(verdict, `byte ${String(position)}`).toBe('failed')
    }
  })

  it('fails when one of two bundles does, whatever the other says', async () => {
    const { verdict, findings } = await verify([own, withOtherDigest(other)])
    expect(verdict).toBe('failed')
    expect(findings[0]?.party).toMatch(/anltp/)
  })
})

describe('the report', () => {
  it('is text of 80 columns in both languages, with the verdict at its end', async () => {
    const report = await verify([own, other, flipped(envelope, 900)])
    for (const language of ['en', 'fr'] as const) {
      const text = renderText(report, language)
      const widest = Math.max(...text.split('\n').map((line) => line.length))
      expect(widest).toBeLessThanOrEqual(80)
    }
    expect(renderText(report, 'en')).toContain('\nNOT VERIFIED.')
    expect(renderText(report, 'fr')).toContain('\nNON VÉRIFIÉ.')
    expect(renderText(report, 'en')).toContain('✗ ENVELOPE_INVALID – 1.amana.json')
  })

  it('prints no control character of a name that it was given', async () => {
    const hostile = { name: '\u001B[2Jx\u202E.txt', bytes: new Uint8Array() }
    const text = renderText(await verify([hostile]), 'en')
    expect(text).not.toContain('\u001B')
    expect(text).not.toContain('\u202E')
    const html = renderReport(await verify([{ ...hostile, name: '<script>.txt' }]), ['en', 'fr'])
    expect(html).not.toContain('<script>')
  })
})
