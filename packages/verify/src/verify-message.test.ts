import {
  approveStatement,
  buildPresentation,
  digest,
  type MessageEvidence,
  type MessageFile,
  parseReceipt,
  type PrivateKey,
  type SignedStatement,
  signReceipt,
} from '@amana/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { NOW } from '../../../test/support/agencies.ts'
import {
  beginExchange,
  type Exchange,
  send,
  type Sending,
  signStatements,
} from '../../../test/support/built-exchange.ts'
import {
  forgeMessage,
  messageBytes,
  messageFileOf,
  presentationRecord,
  type Shown,
  signedRecord,
} from '../../../test/support/message-files.ts'
import { inPieces } from '../../../test/support/pieces.ts'
import { readPolicy } from './policy.ts'
import { renderText } from './render-text.ts'
import { renderReport, type Report } from './report.ts'
import { verifyFiles } from './verify-files.ts'
import { type MessageVerification, verifyMessageFile } from './verify-message.ts'

const NAME = 'case.message.jsonl'
const REPORT: Sending = { from: 'naptip', sequence: 1, kinds: ['intel.report/1'], at: 60 }
const FIELDS = ['body.note']

let exchange: Exchange
let signed: SignedStatement
beforeEach(async () => {
  exchange = await beginExchange()
  const [statement] = await signStatements(exchange, REPORT)
  if (statement === undefined) throw new Error('nothing signed')
  signed = statement
})

function officerKey(name: string, side: 'naptip' | 'anltp' = 'naptip'): PrivateKey<'Ed25519'> {
  const key = exchange[side].agency.officers[name]
  if (key === undefined) throw new Error(`no ${name}`)
  return key
}

function byOfficer(name: string, side: 'naptip' | 'anltp' = 'naptip'): Required<Shown>['by'] {
  return { agency: exchange[side].agency.id, key: officerKey(name, side) }
}

async function sent(changes: Partial<Sending> = {}): Promise<void> {
  await send(exchange, { ...REPORT, statements: [signed], ...changes })
}

async function verify(file: MessageFile): Promise<MessageVerification> {
  const bytes = forgeMessage([file.header, ...file.evidence])
  return verifyMessageFile(NAME, inPieces(bytes, 4096), readPolicy(exchange.policyText))
}

async function verifyShown(shown: Shown = {}): Promise<MessageVerification> {
  return verify(await messageFileOf(exchange, signed, shown))
}

async function report(shown: Shown): Promise<Report> {
  const bytes = messageBytes(await messageFileOf(exchange, signed, shown))
  return verifyFiles([{ name: NAME, bytes }], { policy: exchange.policyText, now: NOW })
}

function codesOf({ findings }: { readonly findings: MessageVerification['findings'] }): string[] {
  return findings.map(({ code }) => code)
}

const AUTHOR = 'author author, ng.naptip'
const APPROVER = 'approve approver, ng.naptip'

describe('a message file', () => {
  it('says who signed, sent and answered, and that it shows neither body nor log', async () => {
    await sent()
    const { findings, timeline, verdict } = await verifyShown()
    expect(verdict).toBe('verified')
    const info = { severity: 'info', level: 'INFO', party: NAME }
    expect(findings).toEqual([
      { ...info, code: 'LOG_NOT_SHOWN' },
      { ...info, code: 'WITHHELD', where: 'body' },
    ])
    expect(timeline).toMatchObject([
      {
        from: 'ng.naptip',
        to: 'ne.anltp-tim',
        kind: 'intel.report/1',
        outcome: 'opened',
        signers: [AUTHOR, APPROVER],
        statement: signed.digest,
      },
    ])
  })

  it('shows the fields chosen, what of each group is shown, and who gave them to whom', async () => {
    await sent()
    const whole = await report({ fields: ['body'], by: byOfficer('approver') })
    expect(whole.verdict).toBe('verified')
    expect(whole.disclosed).toMatchObject([
      {
        groups: [['body', 'whole']],
        handedOver: {
          audience: 'Federal High Court, Abuja',
          by: 'approver, ng.naptip (ng.naptip)',
          purpose: 'prosecution',
        },
      },
    ])
    const part = await report({ fields: FIELDS })
    expect(part.disclosed).toMatchObject([
      { fields: [['body.note', 'body']], groups: [['body', 'partial']] },
    ])
    const none = await report({})
    expect(none.disclosed).toMatchObject([{ fields: [], groups: [['body', 'withheld']] }])
  })

  it('may be shown by an officer of the agency that received it', async () => {
    await sent()
    const { disclosed, verdict } = await verifyShown({
      fields: FIELDS,
      by: byOfficer('author', 'anltp'),
    })
    expect(verdict).toBe('verified')
    expect(disclosed?.handedOver?.by).toContain('ne.anltp-tim')
  })

  it('is reported in both languages, as text and as HTML', async () => {
    await sent()
    const file = await report({ fields: FIELDS, by: byOfficer('author') })
    const withheld = await report({})
    for (const text of [renderText(file, 'en'), renderReport(file, ['en'])]) {
      expect(text).toMatch(/body( –|<\/code><\/td><td>) ?in part/)
      expect(text.replaceAll(/\s+/g, ' ')).toContain(
        'Given to Federal High Court, Abuja, by author',
      )
    }
    for (const text of [renderText(withheld, 'fr'), renderReport(withheld, ['fr'])]) {
      expect(text).toContain('non divulgué')
      expect(text.replaceAll(/\s+/g, ' ')).toContain('existe encore')
    }
  })

  it('of a statement that waits says that nothing shows that it was sent', async () => {
    exchange.naptip.log.keep('statement', signed.statement)
    const { findings, timeline, verdict } = await verifyShown()
    expect(codesOf({ findings })).toEqual(['NOT_DISPATCHED', 'LOG_NOT_SHOWN', 'WITHHELD'])
    expect(timeline).toMatchObject([{ outcome: 'pending', signers: [AUTHOR, APPROVER] }])
    expect(verdict).toBe('verified')
  })

  it('of a statement that waits and was changed is not verified', async () => {
    exchange.naptip.log.keep('statement', signed.statement)
    const file = await replaced('statement', broken)(await messageFileOf(exchange, signed))
    const { findings, verdict } = await verify(file)
    expect(findings).toContainEqual(
      expect.objectContaining({ code: 'SIGNATURE_INVALID', level: 'LOCAL', cause: 'WIRE_SIG' }),
    )
    expect(verdict).toBe('failed')
  })

  it('without a receipt says that it is on its way', async () => {
    await sent()
    const file = await messageFileOf(exchange, signed)
    const evidence = file.evidence.filter(({ kind }) => kind !== 'receipt')
    const { findings, timeline } = await verify({ ...file, evidence })
    expect(codesOf({ findings })).toEqual(['IN_FLIGHT', 'LOG_NOT_SHOWN', 'WITHHELD'])
    expect(timeline).toMatchObject([{ outcome: 'pending' }])
  })

  it('says whose keys count for a presentation beside it', async () => {
    await sent()
    const text = buildPresentation(signed.statement, signed.opening, FIELDS)
    const files = [
      { name: NAME, bytes: messageBytes(await messageFileOf(exchange, signed)) },
      { name: 'part.sd-jwt', bytes: new TextEncoder().encode(text) },
    ]
    const { verdict } = await verifyFiles(files, { policy: exchange.policyText, now: NOW })
    expect(verdict).toBe('verified')
  })
})

describe('a message file that holds a document more than once', () => {
  it('is verified by the first of it', async () => {
    await sent()
    const file = await messageFileOf(exchange, signed)
    const [charter, first, second, ...rest] = file.evidence
    if (charter === undefined || first === undefined || second === undefined) throw new Error('few')
    const documents = [charter, broken(charter), first, second, first, broken(second)]
    expect((await verify({ ...file, evidence: [...documents, ...rest] })).verdict).toBe('verified')
  })
})

type Edit = (file: MessageFile) => MessageFile | Promise<MessageFile>

function header(changes: Partial<MessageFile['header']>): Edit {
  return (file) => ({ ...file, header: { ...file.header, ...changes } })
}

function without(kind: MessageEvidence['kind']): Edit {
  return (file) => ({ ...file, evidence: file.evidence.filter((record) => record.kind !== kind) })
}

/** The first record of a kind is another. */
function replaced(
  kind: MessageEvidence['kind'],
  change: (record: MessageEvidence) => MessageEvidence | Promise<MessageEvidence>,
): Edit {
  return async (file) => {
    const at = file.evidence.findIndex((record) => record.kind === kind)
    const record = file.evidence[at]
    if (record === undefined) throw new Error(`no ${kind}`)
    return { ...file, evidence: file.evidence.with(at, await change(record)) }
  }
}

/** The same signed object under a signature that is not one. */
function broken(record: MessageEvidence): MessageEvidence {
  if (record.kind === 'presentation') throw new Error('no signed object')
  const [first, ...rest] = record.content.signatures
  if (first === undefined) throw new Error('no signature')
  const { signature } = first
  const other = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
  const signatures = [{ ...first, signature: other }, ...rest]
  return { ...record, content: { ...record.content, signatures } }
}

async function otherStatement(): Promise<SignedStatement> {
  const [other] = await signStatements(exchange, { ...REPORT, at: 90 })
  if (other === undefined) throw new Error('nothing signed')
  return other
}

/** The receiver's own receipt, which names another log than his. */
async function receiptOfOtherLog(record: MessageEvidence): Promise<MessageEvidence> {
  const { content } = parseReceipt(record.content)
  const log = exchange.naptip.agency.origin
  return signedRecord(
    'receipt',
    await signReceipt({ ...content, log }, exchange.anltp.agency.sealKey),
  )
}

describe('a changed message file', () => {
  const cases: readonly [string, string, Edit][] = [
    ['made for another policy', 'POLICY_MISMATCH', header({ policy: digest('other') })],
    ['that names another statement', 'EVIDENCE_MISMATCH', header({ statement: digest('other') })],
    ['for another purpose than was signed', 'DISCLOSURE_INVALID', header({ purpose: 'quality' })],
    ['without its charter', 'CHARTER_MISMATCH', without('charter')],
    ['with a broken charter', 'TRUST_INVALID', replaced('charter', broken)],
    ['with a broken roster', 'TRUST_INVALID', replaced('roster', broken)],
    ['without its rosters', 'SIGNATURE_INVALID', without('roster')],
    ['with a broken dispatch', 'SIGNATURE_INVALID', replaced('dispatch', broken)],
    ['without its dispatch', 'EVIDENCE_MISSING', without('dispatch')],
    [
      'with a dispatch of another statement',
      'DISPATCH_MISMATCH',
      async (file) => {
        const other = await otherStatement()
        const previous = await send(exchange, { ...REPORT, statements: [signed] })
        await send(exchange, { ...REPORT, sequence: 2, previous, at: 90, statements: [other] })
        const [dispatch] = (await messageFileOf(exchange, other)).evidence.filter(
          ({ kind }) => kind === 'dispatch',
        )
        if (dispatch === undefined) throw new Error('no dispatch')
        return replaced('dispatch', () => dispatch)(file)
      },
    ],
    ['without its statement', 'EVIDENCE_MISSING', without('statement')],
    [
      'without statement and dispatch',
      'EVIDENCE_MISSING',
      async (file) =>
        without('receipt')(await without('dispatch')(await without('statement')(file))),
    ],
    ['with a broken statement', 'EVIDENCE_MISMATCH', replaced('statement', broken)],
    [
      'with an approval cut off',
      'EVIDENCE_MISMATCH',
      replaced('statement', (record) => {
        if (record.kind === 'presentation') throw new Error('no signed object')
        const signatures = record.content.signatures.slice(0, 1)
        return { ...record, content: { ...record.content, signatures } }
      }),
    ],
    [
      'with another statement',
      'EVIDENCE_MISMATCH',
      replaced('statement', async () =>
        signedRecord('statement', (await otherStatement()).statement),
      ),
    ],
    [
      'with one more approval',
      'EVIDENCE_MISMATCH',
      replaced('statement', async (record) => {
        const more = await approveStatement(signed, officerKey('reader'))
        return { ...record, ...signedRecord('statement', more.statement) }
      }),
    ],
    ['with a broken receipt', 'SIGNATURE_INVALID', replaced('receipt', broken)],
    ['with a receipt of another log', 'RECEIPT_MISMATCH', replaced('receipt', receiptOfOtherLog)],
    [
      'with a field changed',
      'PRESENTATION_INVALID',
      replaced('presentation', ({ content }) => {
        const text = typeof content === 'string' ? content : ''
        return presentationRecord(
          `${text.slice(0, -3)}${text.at(-3) === 'A' ? 'B' : 'A'}${text.slice(-2)}`,
        )
      }),
    ],
    [
      'with a presentation of another statement',
      'PRESENTATION_INVALID',
      replaced('presentation', async () => {
        const { opening, statement } = await otherStatement()
        return presentationRecord(buildPresentation(statement, opening, FIELDS))
      }),
    ],
    [
      'with a presentation that shows more than was signed for',
      'DISCLOSURE_INVALID',
      replaced('presentation', () =>
        presentationRecord(buildPresentation(signed.statement, signed.opening, ['body'])),
      ),
    ],
    ['with a broken disclosure', 'DISCLOSURE_INVALID', replaced('disclosure', broken)],
  ]

  it.each(cases)('%s: %s', async (_name, code, edit) => {
    await sent()
    const file = await messageFileOf(exchange, signed, {
      fields: FIELDS,
      by: byOfficer('approver'),
    })
    expect((await verify(file)).verdict).toBe('verified')
    const { findings, verdict } = await verify(await edit(file))
    expect(findings).toContainEqual(expect.objectContaining({ code, severity: 'fail' }))
    expect(verdict).toBe('failed')
  })

  it('is never green, whichever byte it is', async () => {
    await sent()
    const bytes = messageBytes(
      await messageFileOf(exchange, signed, { fields: FIELDS, by: byOfficer('approver') }),
    )
    const policy = readPolicy(exchange.policyText)
    expect((await verifyMessageFile(NAME, inPieces(bytes), policy)).verdict).toBe('verified')
    const step = Math.ceil(bytes.length / 200)
    for (let position = 0; position < bytes.length; position += step) {
      const other = bytes.with(position, (bytes[position] ?? 0) ^ 1)
      const { findings, verdict } = await verifyMessageFile(NAME, inPieces(other), policy)
      expect(verdict, `byte ${String(position)}`).not.toBe('verified')
      expect(findings).toHaveLength(1)
    }
  })

  it('that proves nothing of trust checks nothing more', async () => {
    await sent()
    const file = await without('charter')(await messageFileOf(exchange, signed))
    const { findings, timeline, trust } = await verify(file)
    expect(codesOf({ findings })).toEqual(['CHARTER_MISMATCH'])
    expect(timeline).toEqual([])
    expect(trust).toBeUndefined()
  })

  it('names no signer where the dispatch binds other signatures, good as they are', async () => {
    const [minutes] = await signStatements(exchange, { ...REPORT, kinds: ['jtwg.minutes/1'] })
    if (minutes === undefined) throw new Error('nothing signed')
    const approved = await approveStatement(minutes, officerKey('approver'))
    const kinds = ['jtwg.minutes/1'] as const
    await send(exchange, { ...REPORT, kinds, statements: [approved] })
    const file = await messageFileOf(exchange, minutes)
    expect((await verify(file)).timeline).toMatchObject([{ signers: [AUTHOR, APPROVER] }])
    const cut = replaced('statement', () => signedRecord('statement', minutes.statement))
    const { findings, timeline } = await verify(await cut(file))
    expect(codesOf({ findings })).toEqual([
      'EVIDENCE_MISSING',
      'EVIDENCE_MISMATCH',
      'LOG_NOT_SHOWN',
      'WITHHELD',
    ])
    expect(timeline).toMatchObject([{ signers: [] }])
  })
})
