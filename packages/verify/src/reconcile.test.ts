import { beforeAll, describe, expect, it } from 'vitest'
import { buildExchange } from '../../../test/support/built-exchange.ts'
import { changed, type Change, verified } from '../../../test/support/verified-pair.ts'
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

const same: Change = () => ({})

const withoutFirst =
  (direction: string): Change =>
  ({ facts }) => {
    const first = facts.find((fact) => fact.direction === direction)
    return { facts: facts.filter((fact) => fact !== first) }
  }

const answered =
  (change: Partial<Answer>): Change =>
  ({ facts }) => ({
    facts: facts.map((fact) => ({
      ...fact,
      answers: fact.answers.map((answer) => ({ ...answer, ...change })),
    })),
  })

const witnessed =
  (change: { readonly root: string } | { readonly longer: number }): Change =>
  (log) => ({
    witnessed: log.witnessed.map((seen) =>
      'root' in change ? { ...seen, ...change } : { ...seen, size: seen.size + change.longer },
    ),
  })

describe('two bundles of one exchange', () => {
  it('match in every statement, in either order', () => {
    const totals = { sent: 4, received: 4, matched: 4, inFlight: 0, mismatched: 0 }
    expect(reconcile(both[0], both[1])).toMatchObject({ findings: [], totals })
    expect(reconcile(both[1], both[0])).toMatchObject({ findings: [], totals })
  })
})

/** The same, and the newest head of the bundle is not one that its leaves give. */
function uncovered(change: Change): Change {
  return (log) => ({ ...change(log), proven: log.proven.slice(0, -1) })
}

describe('two logs that do not tell the same', () => {
  const cases: readonly [string, readonly [string, string, string], Change, Change][] = [
    [
      'the receiver hides what it signed a receipt for',
      ['RECEIPT_CONTRADICTED', 'PROVEN', ANLTP],
      same,
      withoutFirst('received'),
    ],
    [
      'the sender claims a receipt that it cannot show',
      ['SENT_NOT_RECEIVED', 'CONTRADICTED', ANLTP],
      () => ({ receipts: new Map() }),
      withoutFirst('received'),
    ],
    [
      'the sender hides what it signed a dispatch for',
      ['RECEIVED_NOT_SENT', 'PROVEN', NAPTIP],
      withoutFirst('sent'),
      same,
    ],
    [
      'the receiver cannot show the dispatch that it says to have received',
      ['RECEIVED_NOT_SENT', 'CONTRADICTED', NAPTIP],
      (log) => ({ ...withoutFirst('sent')(log), newestMs: log.newestMs + 4_000_000 }),
      () => ({ dispatches: new Map() }),
    ],
    [
      'the receiver wrote down another outcome',
      ['OUTCOME_MISMATCH', 'CONTRADICTED', ANLTP],
      same,
      answered({ outcome: 'refused' }),
    ],
    [
      'the receiver wrote down another receipt than it signed',
      ['RECEIPT_CONTRADICTED', 'PROVEN', ANLTP],
      same,
      answered({ rcpt: OTHER }),
    ],
    [
      'the sender names a receipt that nobody signed',
      ['RECEIPT_MISMATCH', 'CONTRADICTED', ANLTP],
      answered({ rcpt: OTHER }),
      same,
    ],
    [
      'the receipt names a leaf that stands elsewhere',
      ['RECEIPT_CONTRADICTED', 'PROVEN', ANLTP],
      same,
      ({ facts }) => ({ facts: facts.map((fact) => ({ ...fact, sequence: fact.sequence + 1 })) }),
    ],
    [
      'it was received long before it was sealed',
      ['RECEIVED_BEFORE_SENT', 'CONTRADICTED', ANLTP],
      same,
      ({ facts }) => ({ facts: facts.map((fact) => ({ ...fact, timeMs: fact.timeMs - 400_000 })) }),
    ],
    [
      'the sender never wrote down the receipt that it was given',
      ['RECEIPT_NOT_LOGGED_BY_SENDER', 'CONTRADICTED', NAPTIP],
      ({ facts, newestMs }) => ({
        facts: facts.map((fact) => (fact.direction === 'sent' ? { ...fact, answers: [] } : fact)),
        newestMs: newestMs + 4_000_000,
      }),
      same,
    ],
    [
      'the witness saw another history',
      ['EQUIVOCATION', 'PROVEN', NAPTIP],
      same,
      witnessed({ root: OTHER }),
    ],
    [
      'the witness cosigned a longer history before the bundle was made',
      ['TRUNCATED_VS_WITNESS', 'CONTRADICTED', NAPTIP],
      same,
      witnessed({ longer: 100 }),
    ],
    [
      'the witness does not name what it cosigned',
      ['COSIGNATURE_NOT_LOGGED', 'CONTRADICTED', ANLTP],
      same,
      ({ newestMs }) => ({ witnessed: [], newestMs: newestMs + 302_000 }),
    ],
  ]

  it.each(cases)('%s', (...row) => {
    const [, [code, level, party], sender, receiver] = row
    const { findings } = reconcile(changed(both[0], sender), changed(both[1], receiver))
    expect(findings).toContainEqual(expect.objectContaining({ code, level, party }))
  })

  it('what is sent and not answered is in flight, which is held against nobody', () => {
    const silent = changed(both[0], ({ facts }) => ({
      facts: facts.map((fact) => (fact.direction === 'sent' ? { ...fact, answers: [] } : fact)),
    }))
    const unaware = changed(both[1], ({ facts }) => ({
      facts: facts.filter(({ direction }) => direction === 'sent'),
    }))
    const { findings, totals } = reconcile(silent, unaware)
    expect(totals).toMatchObject({ inFlight: 3, matched: 1, mismatched: 0 })
    const facts = findings.map(({ code, severity }) => `${code} ${severity}`)
    expect(new Set(facts)).toEqual(new Set(['IN_FLIGHT info']))
  })

  it('what the other bundle does not reach is not held against anyone', () => {
    const older = changed(both[1], ({ facts }) => ({
      facts: facts.filter(({ direction }) => direction === 'sent'),
      exchangeHead: -1,
    }))
    const { findings } = reconcile(both[0], older)
    expect(new Set(findings.map(({ code }) => code))).toContain('OTHER_NOT_SHOWN')
    expect(findings.some(({ severity }) => severity === 'fail')).toBe(false)
  })

  it('a cosignature that is not much older than the newest entry of its witness is held against nobody', () => {
    const silent = changed(both[1], () => ({ witnessed: [] }))
    expect(reconcile(both[0], silent).findings).toEqual([])
  })

  it('a log with two histories explains what else does not fit of it', () => {
    const { findings } = reconcile(
      changed(both[0], withoutFirst('sent')),
      changed(both[1], witnessed({ root: OTHER })),
    )
    expect(findings[0]?.code).toBe('EQUIVOCATION')
    expect(findings[0]?.consequences?.map(({ code }) => code)).toContain('RECEIVED_NOT_SENT')
  })

  it.each<[string, number, string, string | undefined]>([
    ['the head that was cosigned last', 0, '', undefined],
    ['an older head', -4, '', 'TRUNCATED_VS_WITNESS'],
    ['the same head with another root', 0, OTHER, 'EQUIVOCATION'],
  ])('a log that goes on from an older one names %s', (...row) => {
    const [, shorter, root, code] = row
    const log = `${NAPTIP}/amana/audit/0`
    const seen = both[1].log?.witnessed.at(-1)
    if (seen === undefined) throw new Error('no witness')
    const previous = { log, size: seen.size + shorter, root: root === '' ? seen.root : root }
    for (const isSigned of [true, false]) {
      const older = { ...seen, origin: log, isSigned }
      const { findings } = reconcile(
        changed(both[0], () => ({ previous })),
        changed(both[1], ({ witnessed: all }) => ({ witnessed: [...all, older] })),
      )
      const level = isSigned && code === 'EQUIVOCATION' ? 'PROVEN' : 'CONTRADICTED'
      const where = `${log} size ${String(seen.size)}`
      const expected = { code, level, party: NAPTIP, severity: 'fail', where }
      expect(findings).toEqual(code === undefined ? [] : [expected])
    }
  })

  it.each([
    ['the receiver hides a receipt', same, withoutFirst('received'), 'RECEIPT_CONTRADICTED', ANLTP],
    ['the sender hides a dispatch', withoutFirst('sent'), same, 'RECEIVED_NOT_SENT', NAPTIP],
  ] as const)('where no signed head covers the leaves nobody is proven to lie: %s', (...row) => {
    const [, sender, receiver, code, party] = row
    const { findings } = reconcile(
      changed(both[0], uncovered(sender)),
      changed(both[1], uncovered(receiver)),
    )
    expect(findings).toContainEqual(
      expect.objectContaining({ code, party, level: 'CONTRADICTED', severity: 'fail' }),
    )
    expect(findings.filter(({ level }) => level === 'PROVEN')).toEqual([])
  })

  it('leaves that no signed head covers are not the log’s second history', () => {
    const unsigned = changed(both[0], () => ({ proven: [] }))
    const { findings } = reconcile(unsigned, changed(both[1], witnessed({ root: OTHER })))
    expect(findings.map(({ code }) => code)).not.toContain('EQUIVOCATION')
  })

  it('two bundles of one log are held against each other where they end at two sizes', () => {
    const [one] = both
    const size = one.log?.summary.size ?? 0
    const longer = changed(one, ({ proven, roots, summary }) => ({
      proven: [{ size: size + 16, root: OTHER, cosignedAt: [] }],
      roots: new Map([...roots, [size, OTHER], [size + 16, OTHER]]),
      summary: { ...summary, size: size + 16 },
      isWhole: { exchange: true, witness: proven.length > 0 },
    }))
    const unsealed = changed(longer, ({ roots }) => ({
      roots: new Map([...roots].filter(([at]) => at > size)),
    }))
    for (const other of [longer, unsealed]) {
      for (const pair of [[one, other] as const, [other, one] as const]) {
        expect(reconcile(...pair).findings).toContainEqual(
          expect.objectContaining({ code: 'EQUIVOCATION', level: 'PROVEN', party: NAPTIP }),
        )
      }
    }
  })

  it('two bundles of one log with two roots at one size are proof', () => {
    const other = changed(both[0], ({ proven }) => ({
      proven: proven.map((checkpoint) => ({ ...checkpoint, root: OTHER })),
    }))
    const [finding] = reconcile(both[0], other).findings
    expect(finding).toMatchObject({ code: 'EQUIVOCATION', level: 'PROVEN', party: NAPTIP })
  })
})
