/**
 * A random history that is tampered with at random: whatever is changed, and however well the file is mended behind it,
 * the verdict is never green. What changes nothing that anybody signed is left out.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#verifier
 */
import { decodeBase64url, decodeUtf8, encodeBase64url, encodeUtf8 } from '@amana/core'
import fc from 'fast-check'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { NOW } from '../../../test/support/agencies.ts'
import { beginExchange, cosign, type Exchange, send } from '../../../test/support/built-exchange.ts'
import {
  brokenSignature,
  forgeBundle,
  type RawRecord,
  recordsOf,
} from '../../../test/support/test-log.ts'
import { hasWarning } from './report-file.ts'
import { verifyFiles } from './verify-files.ts'

const HISTORIES = 3
const { runs, seed } = inject('fuzz')
const SEEDED = seed === undefined ? {} : { seed }

interface History {
  readonly policy: string
  readonly own: Uint8Array
  readonly other: Uint8Array
}

async function historyOf(steps: readonly number[]): Promise<History> {
  const exchange: Exchange = await beginExchange()
  const last = new Map<string, Awaited<ReturnType<typeof send>>>()
  const counts = { naptip: 0, anltp: 0 }
  for (const [place, step] of steps.entries()) {
    const at = 60 + place * 30
    if (step === 0) await cosign(exchange, at)
    else {
      const from = step === 1 ? 'naptip' : 'anltp'
      counts[from] += 1
      const previous = last.get(from)
      const kinds = ['jtwg.minutes/1'] as const
      const sending = { from, sequence: counts[from], kinds, at } as const
      const told = previous === undefined ? sending : { ...sending, previous }
      last.set(from, await send(exchange, told))
    }
  }
  await cosign(exchange, 90 + steps.length * 30)
  const { policyText: policy } = exchange
  const own = await exchange.naptip.log.bundle(exchange)
  return { policy, own, other: await exchange.anltp.log.bundle(exchange) }
}

type Tampering = (records: readonly RawRecord[], choice: number) => readonly RawRecord[]

function chosen(
  records: readonly RawRecord[],
  choice: number,
  isMeant: (record: RawRecord) => boolean,
): number {
  const places = records.flatMap((record, place) => (isMeant(record) ? [place] : []))
  return places[choice % places.length] ?? 0
}

function isLeaf({ record }: RawRecord): boolean {
  return record === 'leaf'
}

/** One character of the value is another of the same alphabet. */
function flipped(text: string, choice: number): string {
  const at = choice % text.length
  const char = text[at] === 'A' ? 'B' : 'A'
  return `${text.slice(0, at)}${char}${text.slice(at + 1)}`
}

function retold(record: RawRecord | undefined, choice: number): RawRecord {
  const bytes = record?.['bytes']
  const text = decodeUtf8(decodeBase64url(typeof bytes === 'string' ? bytes : ''))
  const digits = [...text.matchAll(/[0-9]/g)].map(({ index }) => index)
  const at = digits[choice % digits.length] ?? 0
  const digit = text[at] === '7' ? '8' : '7'
  return {
    ...record,
    bytes: encodeBase64url(encodeUtf8(`${text.slice(0, at)}${digit}${text.slice(at + 1)}`)),
  }
}

const TAMPERINGS: Readonly<Record<string, Tampering>> = {
  editLeaf: (records, choice) => {
    const at = chosen(records, choice, isLeaf)
    return records.with(at, retold(records[at], choice))
  },
  deleteRecord: (records, choice) =>
    records.toSpliced(
      chosen(records, choice, ({ record }) => record !== 'bundle'),
      1,
    ),
  repeatLeaf: (records, choice) => {
    const at = chosen(records, choice, isLeaf)
    return records.toSpliced(at, 0, records[at] ?? {})
  },
  swapLeaves: (records, choice) => {
    const at = chosen(records, choice, isLeaf)
    const [one, two] = [records[at], records[at + 1]]
    if (one === undefined || two?.['bytes'] === undefined) return records.toSpliced(at, 1)
    return records
      .with(at, { ...one, bytes: two['bytes'] })
      .with(at + 1, { ...two, bytes: one['bytes'] ?? '' })
  },
  hideLeaf: (records, choice) => {
    const at = chosen(records, choice, isLeaf)
    const index = records[at]?.['index'] ?? 0
    return records.with(at, { hash: flipped('A'.repeat(43), choice % 42), index, record: 'hash' })
  },
  editNote: (records, choice) => {
    const at = chosen(records, choice, ({ record }) => record === 'checkpoint')
    const note = records[at]?.['note']
    return records.with(at, {
      ...records[at],
      note: flipped(typeof note === 'string' ? note : '', choice),
    })
  },
  editEvidence: (records, choice) => {
    const at = chosen(records, choice, ({ content }) => typeof content === 'object')
    return records.with(at, brokenSignature(records[at]))
  },
  truncate: (records, choice) => records.slice(0, 1 + (choice % (records.length - 1))),
}

describe('a history that is tampered with', { timeout: 600_000 }, () => {
  let histories: readonly History[] = []
  beforeAll(async () => {
    const steps = fc.array(fc.nat(2), { minLength: 1, maxLength: 5 })
    histories = await Promise.all(
      fc.sample(steps, { numRuns: HISTORIES, ...SEEDED }).map((sample) => historyOf(sample)),
    )
  }, 120_000)

  /** Green is a verdict without a warning: a head whose cosignature was taken away is one that was not witnessed yet. */
  async function verdictOf({ policy, other }: History, own: Uint8Array): Promise<string> {
    const files = [
      { name: 'own.bundle.jsonl', bytes: own },
      { name: 'other.bundle.jsonl', bytes: other },
    ]
    const report = await verifyFiles(files, { policy, now: NOW + 600 })
    return hasWarning(report) ? `${report.verdict}, with a warning` : report.verdict
  }

  it('is green before', async () => {
    for (const history of histories) expect(await verdictOf(history, history.own)).toBe('verified')
  })

  it.each(Object.entries(TAMPERINGS))('is never green: %s', async (_name, tamper) => {
    await fc.assert(
      fc.asyncProperty(fc.nat(HISTORIES - 1), fc.nat(1_000_000), async (which, choice) => {
        const history = histories[which]
        if (history === undefined) throw new RangeError(String(which))
        const records = recordsOf(history.own)
        const changed = tamper(records, choice)
        fc.pre(JSON.stringify(changed) !== JSON.stringify(records))
        expect(await verdictOf(history, forgeBundle(changed))).not.toBe('verified')
      }),
      { numRuns: Math.ceil(runs / 5), ...SEEDED },
    )
  })

  it('is never green after a change of one bit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(HISTORIES - 1), fc.nat(100_000_000), async (which, choice) => {
        const history = histories[which]
        if (history === undefined) throw new RangeError(String(which))
        const at = choice % history.own.length
        const broken = history.own.with(at, (history.own[at] ?? 0) ^ (1 << (choice % 8)))
        expect(await verdictOf(history, broken)).not.toBe('verified')
      }),
      { numRuns: runs, ...SEEDED },
    )
  })
})
