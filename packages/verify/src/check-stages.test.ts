/**
 * Receipts of officers in the bundles of two agencies: a false one fails, and says against whom.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#receipts-of-officers
 */
import { type Digest, digest } from '@amana/core'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  beginExchange,
  cosign,
  type Exchange,
  send,
  type Sending,
  signStatements,
} from '../../../test/support/built-exchange.ts'
import { fileOf } from '../../../test/support/pieces.ts'
import { readPolicy } from './policy.ts'
import { verifyBundle } from './verify-bundle.ts'

const REPORT: Sending = { from: 'naptip', sequence: 1, kinds: ['intel.report/1'], at: 600 }
const READ: Sending = { from: 'anltp', sequence: 1, kinds: ['receipt.read/1'], at: 660 }

let exchange: Exchange
beforeEach(async () => {
  exchange = await beginExchange()
})

/** A report, and the digest of what it says. */
async function sendReport(change: Partial<Sending> = {}): Promise<Digest> {
  const sending = { ...REPORT, ...change }
  const statements = await signStatements(exchange, sending)
  await send(exchange, { ...sending, statements })
  return statements[0]?.digest ?? digest('none')
}

/** What is found in the bundle of each agency. */
async function found(): Promise<readonly unknown[]> {
  await cosign(exchange, 900)
  const policy = readPolicy(exchange.policyText)
  const each = [exchange.anltp, exchange.naptip].map(async ({ log }) => {
    const { findings } = await verifyBundle(fileOf(await log.bundle(exchange)), policy)
    return findings
      .filter(({ severity }) => severity === 'fail')
      .map(({ code, level, party }) => `${code} ${level} ${party}`)
  })
  return Promise.all(each)
}

describe('a receipt of an officer in a bundle', () => {
  it('verifies where the message was delivered before', async () => {
    await send(exchange, { ...READ, about: await sendReport() })
    expect(await found()).toEqual([[], []])
  })

  it('is found where its agency was not sent the message', async () => {
    await send(exchange, { ...READ, about: digest('no message') })
    expect(await found()).toEqual([
      ['STAGE_UNFOUNDED LOCAL ne.anltp-tim'],
      ['STAGE_UNFOUNDED CONTRADICTED ne.anltp-tim'],
    ])
  })

  it('is found where its agency refused the message, or the dispatch was voided', async () => {
    await send(exchange, { ...READ, about: await sendReport({ refusal: 'WIRE_POLICY' }) })
    expect(await found()).toEqual([
      ['STAGE_UNFOUNDED LOCAL ne.anltp-tim'],
      ['STAGE_UNFOUNDED CONTRADICTED ne.anltp-tim'],
    ])
  })

  it('proves that an officer signed for what he may not read', async () => {
    await send(exchange, { ...READ, about: await sendReport(), author: 'reader' })
    expect(await found()).toEqual([
      ['STAGE_OFFICER PROVEN ne.anltp-tim'],
      ['STAGE_OFFICER PROVEN ne.anltp-tim'],
    ])
  })

  it('is found where it is older than the message, by the log or by the clocks', async () => {
    const [report] = await signStatements(exchange, REPORT)
    if (report === undefined) throw new Error('nothing signed')
    await send(exchange, { ...READ, at: 300, about: report.digest })
    await send(exchange, { ...REPORT, at: 700, statements: [report] })
    expect(await found()).toEqual([
      ['STAGE_BACKWARDS LOCAL ne.anltp-tim'],
      ['STAGE_BACKWARDS CONTRADICTED ne.anltp-tim'],
    ])
  })

  it('is found where only its own clock says that it is older', async () => {
    const about = await sendReport()
    const statements = await signStatements(exchange, { ...READ, at: 200, about })
    await send(exchange, { ...READ, statements })
    expect(await found()).toEqual([
      ['STAGE_BACKWARDS CONTRADICTED ne.anltp-tim'],
      ['STAGE_BACKWARDS CONTRADICTED ne.anltp-tim'],
    ])
  })

  it('names nothing of the own agency’s messages', async () => {
    const about = await sendReport({ from: 'anltp' })
    const previous = exchange.sent.length
    expect(previous).toBe(1)
    await send(exchange, { ...READ, from: 'anltp', sequence: 2, about, previous: digest('x') })
    const [own = []] = await found()
    expect(own).toEqual(expect.arrayContaining(['STAGE_UNFOUNDED LOCAL ne.anltp-tim']))
  })
})
