import { beforeAll, describe, expect, it } from 'vitest'
import { buildExchange } from '../../../test/support/built-exchange.ts'
import { changed, type Change, verified } from '../../../test/support/verified-pair.ts'
import { type QuotedReceipt } from './check-receipts.ts'
import { type Answer } from './exchange-facts.ts'
import { reconcile } from './reconcile.ts'
import { type BundleVerification } from './verify-bundle.ts'

const OTHER = 'A'.repeat(43)
const NAPTIP = 'ng.naptip'
const ANLTP = 'ne.anltp-tim'

let both: readonly [BundleVerification, BundleVerification]
beforeAll(async () => {
  const exchange = await buildExchange()
  both = [await verified(exchange, 'naptip'), await verified(exchange, 'anltp')]
})

const answered =
  (change: Partial<Answer>): Change =>
  ({ facts }) => ({
    facts: facts.map((fact) => ({
      ...fact,
      answers: fact.answers.map((answer) => ({ ...answer, ...change })),
    })),
  })

/** What is said of one more receipt of that date, where the receiver’s log names another one with that outcome. */
function answeredAt(issuedAt: number, outcome: Answer['outcome'], of = ANLTP): unknown {
  const [sender, receiver] = both
  const { facts = [], receipts = new Map<string, QuotedReceipt>() } = sender.log ?? {}
  const again = facts.map((fact) => {
    const [answer] = fact.answers
    const isSent = fact.direction === 'sent' && answer !== undefined
    return isSent ? { ...fact, answers: [...fact.answers, { ...answer, rcpt: OTHER }] } : fact
  })
  const log = `${of}/amana/audit/1`
  const signed = again.map(({ env, std }) => [`${env} ${std} ${OTHER}`, { issuedAt, log }] as const)
  const { findings } = reconcile(
    changed(sender, () => ({ facts: again, receipts: new Map([...receipts, ...signed]) })),
    changed(receiver, answered({ outcome })),
  )
  const about = findings.filter(({ where = '' }) => where.includes(OTHER) || isOfStatement(where))
  return [...new Set(about.map(({ code, level }) => `${code} ${level}`))]
}

function isOfStatement(where: string): boolean {
  return where.startsWith('statement')
}

/** Seconds since 1970 of the receiver’s newest entry. */
function newest(): number {
  return (both[1].log?.newestMs ?? 0) / 1000
}

/** The dispatch at that place of the channel is not in the sender’s log. */
function hidden(sequence: number): Change {
  return (log) => ({
    facts: log.facts.filter(({ direction, env }) => {
      return direction === 'received' || log.dispatches.get(env)?.sequence !== sequence
    }),
  })
}

/** The same, and the other agency’s dispatch acknowledges it. */
const acknowledging: Change = (log) => {
  const last = [...(both[0].log?.dispatches ?? [])].find(([, { sequence }]) => sequence === 2)
  const dispatches = [...log.dispatches].map(([env, content]) => {
    const isBack = content.channel.startsWith(ANLTP)
    return [env, isBack ? { ...content, acknowledges: last?.[0] } : content] as const
  })
  return { ...hidden(2)(log), dispatches: new Map(dispatches) }
}

/** The same, in a log that follows an older one. */
const after: Change = (log) => ({
  ...hidden(1)(log),
  newestMs: log.newestMs + 4_000_000,
  summary: { ...log.summary, origin: `${NAPTIP}/amana/audit/2` },
})

/** What is said of statements where the sender’s log is changed. */
function told(sender: Change): unknown {
  const { findings } = reconcile(changed(both[0], sender), both[1])
  const about = findings.filter(({ where = '' }) => isOfStatement(where))
  return [...new Set(about.map(({ code, level }) => `${code} ${level}`))]
}

describe('another receipt than the receiver’s log names', () => {
  it.each([
    [
      'from after its newest entry, of what is held, is not shown',
      60,
      'held',
      'OTHER_NOT_SHOWN INFO',
    ],
    ['by a clock that was set back is not shown', -299, 'held', 'OTHER_NOT_SHOWN INFO'],
    [
      'from long before, of what is held, contradicts it',
      -400,
      'held',
      'RECEIPT_CONTRADICTED CONTRADICTED',
    ],
    ['of what is answered for good is proof', -400, 'opened', 'RECEIPT_CONTRADICTED PROVEN'],
    [
      'of what is answered for good is proof, whatever its date',
      60,
      'opened',
      'RECEIPT_CONTRADICTED PROVEN',
    ],
  ] as const)('%s', (...row) => {
    const [, seconds, outcome, expected] = row
    expect(answeredAt(newest() + seconds, outcome)).toEqual([expected])
  })

  it('that names a leaf of an older log is not shown', () => {
    expect(answeredAt(0, 'opened', NAPTIP)).toEqual(['OTHER_NOT_SHOWN INFO'])
  })
})

describe('a dispatch of which the sender’s log has no trace', () => {
  it('is proof where a later one of the channel is there', () => {
    expect(told(hidden(1))).toEqual(['RECEIVED_NOT_SENT PROVEN'])
  })

  it('is no proof by clocks: the newest entry may be from before a clock was set back', () => {
    const late: Change = (log) => ({ ...hidden(2)(log), newestMs: log.newestMs + 4_000_000 })
    expect(told(late)).toEqual(['RECEIVED_NOT_SENT CONTRADICTED'])
    expect(told(hidden(2))).toEqual(['OTHER_NOT_SHOWN INFO'])
  })

  it('is proof where the sender has received what acknowledges it', () => {
    expect(told(acknowledging)).toEqual(['RECEIVED_NOT_SENT PROVEN'])
  })

  it('may stand in the log that the sender’s log follows', () => {
    expect(told(after)).toEqual(['OTHER_NOT_SHOWN INFO'])
  })
})
