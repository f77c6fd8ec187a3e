import { type PrivateKey, type SignedStatement } from '@amana/core'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  beginExchange,
  type Exchange,
  revokeAuthor,
  send,
  type Sending,
  signStatements,
} from '../../../test/support/built-exchange.ts'
import { messageBytes, messageFileOf, type Shown } from '../../../test/support/message-files.ts'
import { inPieces } from '../../../test/support/pieces.ts'
import { readPolicy } from './policy.ts'
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

async function sent(changes: Partial<Sending> = {}): Promise<void> {
  await send(exchange, { ...REPORT, statements: [signed], ...changes })
}

async function verifyShown(shown: Shown = {}): Promise<MessageVerification> {
  const bytes = messageBytes(await messageFileOf(exchange, signed, shown))
  return verifyMessageFile(NAME, inPieces(bytes), readPolicy(exchange.policyText))
}

function codesOf({ findings }: Pick<MessageVerification, 'findings'>): readonly string[] {
  return findings.map(({ code }) => code)
}

function author(): PrivateKey<'Ed25519'> {
  const key = exchange.naptip.agency.officers['author']
  if (key === undefined) throw new Error('no author')
  return key
}

describe('a key that was revoked later', () => {
  it('leaves what a receipt covers, statement and presentation', async () => {
    await sent()
    await revokeAuthor(exchange, { since: 100, at: 200 })
    const { verdict, findings } = await verifyShown({ fields: FIELDS })
    expect(codesOf({ findings })).toEqual(['LOG_NOT_SHOWN', 'GROUP_PARTIAL'])
    expect(verdict).toBe('verified')
  })

  it('is disputed once where it was lost before the receipt', async () => {
    await sent()
    await revokeAuthor(exchange, { since: 10, at: 200 })
    const { verdict, findings } = await verifyShown({ fields: FIELDS })
    expect(codesOf({ findings })).toEqual(['KEY_DISPUTED', 'LOG_NOT_SHOWN', 'GROUP_PARTIAL'])
    expect(verdict).toBe('verified')
  })

  it('leaves nothing where there is no receipt from before', async () => {
    await revokeAuthor(exchange, { since: 10, at: 50 })
    await sent()
    const { verdict, findings } = await verifyShown({ fields: FIELDS })
    const cause = 'WIRE_KEY_REVOKED'
    expect(findings).toMatchObject([
      { code: 'SIGNATURE_INVALID', level: 'LOCAL', party: 'ng.naptip', cause },
      { code: 'PRESENTATION_INVALID', level: 'LOCAL', party: NAME, cause },
      { code: 'LOG_NOT_SHOWN' },
    ])
    expect(verdict).toBe('failed')
  })

  it('leaves nothing where only the signer’s own agency gave a receipt', async () => {
    await sent({ from: 'anltp' })
    expect((await verifyShown()).verdict).toBe('verified')
    await revokeAuthor(exchange, { since: 100, at: 200 })
    const { findings } = await verifyShown()
    const cause = 'WIRE_KEY_REVOKED'
    expect(findings[0]).toMatchObject({ code: 'SIGNATURE_INVALID', party: 'ne.anltp-tim', cause })
  })

  it('makes a signed disclosure worth nothing', async () => {
    await sent()
    await revokeAuthor(exchange, { since: 100, at: 200 })
    const { findings } = await verifyShown({
      fields: FIELDS,
      by: { agency: 'ng.naptip', key: author() },
    })
    expect(findings).toContainEqual(
      expect.objectContaining({ code: 'DISCLOSURE_INVALID', cause: 'WIRE_KEY_REVOKED' }),
    )
  })

  it('is held against nobody where the receiver refused the statement', async () => {
    await revokeAuthor(exchange, { since: 10, at: 50 })
    await sent({ refusal: 'WIRE_KEY_REVOKED' })
    const { findings, timeline, verdict } = await verifyShown()
    expect(codesOf({ findings })).toEqual(['REFUSED', 'LOG_NOT_SHOWN', 'WITHHELD'])
    expect(timeline).toMatchObject([{ outcome: 'refused', signers: [] }])
    expect(verdict).toBe('verified')
  })
})
