import { cosignCheckpoint, digest, formatNote, parseCheckpoint, parseNote } from '@amana/core'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  beginExchange,
  cosign,
  type Exchange,
  type Lie,
  revokeAuthor,
  send,
  type Sending,
} from '../../../test/support/built-exchange.ts'
import { fileOf } from '../../../test/support/pieces.ts'
import {
  brokenSignature,
  forgeBundle,
  type RawRecord,
  recordsOf,
} from '../../../test/support/test-log.ts'
import { readPolicy } from './policy.ts'
import { reconcile } from './reconcile.ts'
import { type BundleVerification, verifyBundle } from './verify-bundle.ts'

const FIRST: Sending = { from: 'naptip', sequence: 1, kinds: ['jtwg.minutes/1'], at: 60 }

let exchange: Exchange
beforeEach(async () => {
  exchange = await beginExchange()
})

/** Seals and cosigns what happened, and verifies one side's bundle of it. */
async function verifySide(side: 'naptip' | 'anltp'): Promise<BundleVerification> {
  await cosign(exchange, 300)
  const bundle = await exchange[side].log.bundle(exchange)
  return verifyBundle(fileOf(bundle), readPolicy(exchange.policyText))
}

async function verifyForged(records: readonly RawRecord[]): Promise<BundleVerification> {
  return verifyBundle(fileOf(forgeBundle(records)), readPolicy(exchange.policyText))
}

describe('a log that was signed and cosigned, and does not hold together', () => {
  const cases: readonly [string, string, 'naptip' | 'anltp', () => Promise<void>][] = [
    [
      'an answer to what was never sent',
      'LIFECYCLE',
      'naptip',
      async () => {
        const other = digest('nothing')
        const data = { env: other, outcome: 'opened', rcpt: other, std: other }
        exchange.naptip.log.append(70, [{ event: 'x.receipt', data }])
        return Promise.resolve()
      },
    ],
    [
      'bytes that left without being sealed',
      'LIFECYCLE',
      'naptip',
      async () => {
        const data = { env: digest('nothing'), to: 'ne.anltp-tim', try: 1 }
        exchange.naptip.log.append(70, [{ event: 'x.sent', data }])
        return Promise.resolve()
      },
    ],
    [
      'a statement that was received twice',
      'DUPLICATE_RECEIVE',
      'anltp',
      async () => {
        const env = await send(exchange, FIRST)
        const std = exchange.sent[0]?.statements[0]?.digest ?? ''
        const data = { env, from: 'ng.naptip', osig: env, std }
        exchange.anltp.log.append(70, [{ event: 'x.received', data }])
      },
    ],
    [
      'a hole in a channel',
      'CHANNEL_BROKEN',
      'naptip',
      async () => {
        const previous = await send(exchange, FIRST)
        await send(exchange, { ...FIRST, sequence: 3, previous, at: 90 })
      },
    ],
    [
      'a dispatch that names another before it',
      'CHANNEL_BROKEN',
      'anltp',
      async () => {
        await send(exchange, FIRST)
        await send(exchange, { ...FIRST, sequence: 2, previous: digest('other'), at: 90 })
      },
    ],
    [
      'a dispatch that was sent before the one before it',
      'CHANNEL_BROKEN',
      'naptip',
      async () => {
        const previous = await send(exchange, FIRST)
        await send(exchange, { ...FIRST, sequence: 2, previous, at: 50 })
      },
    ],
    [
      'two dispatches for one place',
      'FORK',
      'anltp',
      async () => {
        await send(exchange, FIRST)
        await send(exchange, { ...FIRST, at: 90 })
      },
    ],
    ['another outcome than the receipt’s', 'OUTCOME_MISMATCH', 'anltp', lying('outcome')],
    ['another kind than the statement’s', 'DISPATCH_MISMATCH', 'naptip', lying('kind')],
    ['another leaf than the receipt’s', 'RECEIPT_MISMATCH', 'naptip', lying('leaf')],
    ['other signatures than the dispatch’s', 'DISPATCH_MISMATCH', 'anltp', lying('osig')],
  ]

  it.each(cases)('%s: %s', async (...row) => {
    const [, code, side, happen] = row
    await happen()
    const { findings, verdict } = await verifySide(side)
    expect(findings).toContainEqual(expect.objectContaining({ code, severity: 'fail' }))
    expect(verdict).toBe('failed')
  })

  it('the same exchange without the lie is verified', async () => {
    await send(exchange, FIRST)
    expect((await verifySide('naptip')).findings).toEqual([])
  })
})

function lying(lie: Lie): () => Promise<void> {
  return async () => {
    await send(exchange, { ...FIRST, lie })
  }
}

describe('a statement by an officer without the role', () => {
  it('is proven against the agency whose node sent it', async () => {
    await send(exchange, { ...FIRST, author: 'reader' })
    const { findings } = await verifySide('anltp')
    expect(findings).toEqual([
      {
        code: 'SIGNATURE_INVALID',
        severity: 'fail',
        level: 'PROVEN',
        party: 'ng.naptip',
        where: `statement ${exchange.sent[0]?.statements[0]?.digest ?? ''}`,
        cause: 'WIRE_POLICY',
      },
    ])
  })

  it('is held against nobody when the receiver refused it', async () => {
    await send(exchange, { ...FIRST, author: 'reader', refusal: 'WIRE_POLICY' })
    for (const side of ['anltp', 'naptip'] as const) {
      const { findings, verdict } = await verifySide(side)
      expect(findings).toMatchObject([{ code: 'REFUSED', severity: 'info', cause: 'WIRE_POLICY' }])
      expect(verdict).toBe('verified')
    }
  })

  it('is no less at fault because a log says by itself that it was refused', async () => {
    const env = await send(exchange, { ...FIRST, author: 'reader' })
    const std = exchange.sent[0]?.statements[0]?.digest ?? ''
    const data = { code: 'WIRE_POLICY', env, std }
    for (const side of ['anltp', 'naptip'] as const) {
      exchange[side].log.append(70, [{ event: 'x.refused', data }])
      const { findings } = await verifySide(side)
      expect(findings).toMatchObject([{ code: 'SIGNATURE_INVALID', cause: 'WIRE_POLICY' }])
    }
  })

  it('counts as refused by the receiver’s leaf where no receipt is logged yet, and by no sender’s', async () => {
    const env = await send(exchange, {
      ...FIRST,
      author: 'reader',
      refusal: 'WIRE_POLICY',
      isUnanswered: true,
    })
    const std = exchange.sent[0]?.statements[0]?.digest ?? ''
    const data = { code: 'WIRE_POLICY', env, std }
    exchange.naptip.log.append(70, [{ event: 'x.refused', data }])
    expect((await verifySide('anltp')).findings).toMatchObject([{ code: 'REFUSED' }])
    expect((await verifySide('naptip')).findings).toMatchObject([{ code: 'SIGNATURE_INVALID' }])
  })

  it('is at fault where a leaf says refused and the receipt opened', async () => {
    await send(exchange, { ...FIRST, author: 'reader', lie: 'outcome' })
    const { findings } = await verifySide('anltp')
    expect(findings.map(({ code }) => code)).toEqual(['OUTCOME_MISMATCH', 'SIGNATURE_INVALID'])
  })
})

describe('a statement that was queued, and sent after its author’s key was revoked', () => {
  it('is held against nobody in either bundle, since the receiver refused it', async () => {
    await revokeAuthor(exchange, { since: 10, at: 50 })
    await send(exchange, { ...FIRST, refusal: 'WIRE_KEY_REVOKED' })
    for (const side of ['anltp', 'naptip'] as const) {
      const { findings, timeline, verdict } = await verifySide(side)
      const cause = 'WIRE_KEY_REVOKED'
      expect(findings).toMatchObject([{ code: 'REFUSED', level: 'INFO', cause }])
      expect(timeline).toMatchObject([{ outcome: 'refused', signers: [] }])
      expect(verdict).toBe('verified')
    }
  })

  it('is at fault where the receipt that refuses it is not the receiver’s', async () => {
    await revokeAuthor(exchange, { since: 10, at: 50 })
    await send(exchange, { ...FIRST, refusal: 'WIRE_KEY_REVOKED' })
    await cosign(exchange, 300)
    const records = recordsOf(await exchange.naptip.log.bundle(exchange))
    const forged = records.map((record) =>
      record['kind'] === 'receipt' ? brokenSignature(record) : record,
    )
    const { findings } = await verifyForged(forged)
    expect(findings).toMatchObject([
      { code: 'SIGNATURE_INVALID', cause: 'WIRE_SIG' },
      { code: 'SIGNATURE_INVALID', cause: 'WIRE_KEY_REVOKED' },
    ])
  })

  it('may not be missing from the bundle of its sender', async () => {
    await send(exchange, { ...FIRST, refusal: 'WIRE_KEY_REVOKED' })
    await cosign(exchange, 300)
    for (const [side, codes] of [
      ['anltp', []],
      ['naptip', ['EVIDENCE_MISSING']],
    ] as const) {
      const records = recordsOf(await exchange[side].log.bundle(exchange))
      const { findings } = await verifyForged(records.filter(({ kind }) => kind !== 'statement'))
      expect(findings.map(({ code }) => code)).toEqual(codes)
    }
  })
})

describe('a key that was revoked later', () => {
  it('leaves what a receipt covers before', async () => {
    await send(exchange, FIRST)
    await revokeAuthor(exchange, { since: 100, at: 200 })
    expect((await verifySide('anltp')).findings).toEqual([])
  })

  it('is disputed where it was lost before: KEY_DISPUTED', async () => {
    await send(exchange, FIRST)
    await revokeAuthor(exchange, { since: 10, at: 200 })
    const { findings, verdict } = await verifySide('anltp')
    expect(findings).toMatchObject([{ code: 'KEY_DISPUTED', severity: 'warn' }])
    expect(verdict).toBe('verified')
  })

  it('signs nothing more: WIRE_KEY_REVOKED', async () => {
    await revokeAuthor(exchange, { since: 10, at: 50 })
    await send(exchange, FIRST)
    const { findings, verdict } = await verifySide('anltp')
    expect(findings).toMatchObject([{ code: 'SIGNATURE_INVALID', cause: 'WIRE_KEY_REVOKED' }])
    expect(verdict).toBe('failed')
  })
})

it('a bundle that stops before what its log signed is TRUNCATED', async () => {
  await send(exchange, FIRST)
  await cosign(exchange, 300)
  const records = recordsOf(await exchange.naptip.log.bundle(exchange))
  const size = Number(records[0]?.['size']) - 4
  const cut = records
    .filter(({ record, index }) => record !== 'leaf' || Number(index) < size)
    .map((record) =>
      record['record'] === 'bundle' ? { ...record, size, range: [0, size] } : record,
    )
  const { findings } = await verifyForged(cut)
  expect(findings).toContainEqual(
    expect.objectContaining({ code: 'TRUNCATED', level: 'LOCAL', party: 'ng.naptip' }),
  )
})

it('a cosignature from a year that no calendar has is refused like a wrong one, and ends nothing', async () => {
  await send(exchange, FIRST)
  await cosign(exchange, 300)
  const records = recordsOf(await exchange.naptip.log.bundle(exchange))
  const at = records.findLastIndex(({ record }) => record === 'checkpoint')
  const { signatures, text } = parseNote(exchange.naptip.log.notes.at(-1) ?? '')
  const own = signatures.filter(({ name }) => name === exchange.naptip.agency.origin)
  const lines = await cosignCheckpoint(
    { ...parseCheckpoint(text), note: '', cosignatures: [] },
    exchange.anltp.agency.witnessSigners,
    2 ** 52,
  )
  const note = formatNote({ text, signatures: [...own, ...lines] })
  const { findings, verdict } = await verifyForged(records.with(at, { note, record: 'checkpoint' }))
  expect(verdict).toBe('failed')
  expect(findings).toMatchObject([{ code: 'CHECKPOINT_BAD_SIGNATURE', level: 'LOCAL' }])
})

it('a sender that writes down another leaf than the receipt names proves nothing against the receiver', async () => {
  await send(exchange, { ...FIRST, lie: 'leaf' })
  await cosign(exchange, 300)
  const policy = readPolicy(exchange.policyText)
  const [sender, receiver] = [
    await verifyBundle(fileOf(await exchange.naptip.log.bundle(exchange)), policy),
    await verifyBundle(fileOf(await exchange.anltp.log.bundle(exchange)), policy),
  ]
  expect(sender.findings).toMatchObject([{ code: 'RECEIPT_MISMATCH', party: 'ng.naptip' }])
  const { findings } = reconcile(sender, receiver)
  expect(findings).toMatchObject([
    { code: 'RECEIPT_CONTRADICTED', level: 'CONTRADICTED', party: 'ne.anltp-tim' },
  ])
})

it('a sender that takes the receipt of one dispatch for that of another is named by its own log', async () => {
  const env = await send(exchange, { ...FIRST, isUnanswered: true })
  await send(exchange, { ...FIRST, sequence: 2, previous: env, at: 90 })
  await cosign(exchange, 200)
  const records = recordsOf(await exchange.naptip.log.bundle(exchange))
  const receipt = records.find((one) => one['record'] === 'evidence' && one['kind'] === 'receipt')
  const data = {
    env,
    outcome: 'opened',
    peerHash: env,
    peerSequence: 0,
    rcpt: receipt?.['digest'],
    std: exchange.sent[0]?.statements[0]?.digest,
    to: 'ne.anltp-tim',
  }
  exchange.naptip.log.append(210, [{ event: 'x.delivered', data }])
  const { findings } = await verifySide('naptip')
  expect(findings).toMatchObject([{ code: 'RECEIPT_MISMATCH', party: 'ng.naptip' }])
})
