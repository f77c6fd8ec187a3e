import {
  AmanaError,
  canonicalize,
  decodeBase64url,
  decodeUtf8,
  digest,
  encodeBase64url,
  encodeUtf8,
  parseCanonicalText,
} from '@amana/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildExchange, type Exchange } from '../../../test/support/built-exchange.ts'
import { fileOf } from '../../../test/support/pieces.ts'
import { forgeBundle, type RawRecord, recordsOf } from '../../../test/support/test-log.ts'
import { type ParsedPolicy, readPolicy } from './policy.ts'
import { type BundleVerification, verifyBundle } from './verify-bundle.ts'

let exchange: Exchange
let policy: ParsedPolicy
let bundle: Uint8Array
let records: readonly RawRecord[]
beforeAll(async () => {
  exchange = await buildExchange()
  policy = readPolicy(exchange.policyText)
  bundle = await exchange.naptip.log.bundle(exchange)
  records = recordsOf(bundle)
})

async function verify(bytes: Uint8Array): Promise<BundleVerification> {
  return verifyBundle(fileOf(bytes), policy)
}

/** The verification of a bundle that a forger changed and gave the right counts and digest again. */
async function verifyForged(forged: readonly RawRecord[]): Promise<BundleVerification> {
  return verify(forgeBundle(forged))
}

function codesOf({ findings }: BundleVerification): readonly string[] {
  return findings.map(({ code }) => code)
}

/** The position of the n-th record that fits. */
function positionOf(kind: string, n = 0): number {
  const fitting = records.flatMap((record, position) =>
    record['record'] === kind || record['kind'] === kind ? [position] : [],
  )
  return fitting.at(n) ?? -1
}

function changed(kind: string, change: (record: RawRecord) => RawRecord): readonly RawRecord[] {
  const position = positionOf(kind)
  return records.map((record, index) =>
    index === position ? { ...record, ...change(record) } : record,
  )
}

function dropped(kind: string, n = 0): readonly RawRecord[] {
  return records.toSpliced(positionOf(kind, n), 1)
}

/** Another letter in the last signature of a signed object. */
function brokenSignature(record: RawRecord): RawRecord {
  const text = canonicalize(record['content'] ?? '')
  const at = text.lastIndexOf('"signature":"') + 20
  const other = text[at] === 'A' ? 'B' : 'A'
  return { content: parseCanonicalText(`${text.slice(0, at)}${other}${text.slice(at + 1)}`) }
}

describe('a bundle as its log wrote it', () => {
  it('is verified, of either side, whole or in pieces', async () => {
    const own = await verifyBundle(fileOf(bundle, 997), policy)
    expect(own.findings).toEqual([])
    expect(own.verdict).toBe('verified')
    const other = await verify(await exchange.anltp.log.bundle(exchange))
    expect(other.findings).toEqual([])
    expect(other.timeline).toHaveLength(4)
  })

  it('says who signed, what became of it, and between which instants of the other clock', async () => {
    const { timeline } = await verify(bundle)
    expect(timeline[2]).toEqual({
      signedAt: '2026-11-24T10:02:00Z',
      kind: 'intel.report/1',
      from: 'ng.naptip',
      to: 'ne.anltp-tim',
      signers: ['author author, ng.naptip', 'approve approver, ng.naptip'],
      outcome: 'opened',
      statement: exchange.sent[1]?.statements[0]?.digest,
      between: ['2026-11-24T10:01:30Z', '2026-11-24T10:04:00Z'],
    })
  })

  it('is verified with the exchange alone, and says that nothing closes it', async () => {
    const scoped = await verify(await exchange.naptip.log.bundle({ ...exchange, classes: ['x'] }))
    expect(scoped.verdict).toBe('verified')
    expect(codesOf(scoped)).toEqual(['SEAL_WITHHELD', 'PARTLY_SHOWN'])
  })

  it('fails where it says to show the witness up to its head, and hides the seal', async () => {
    const last = records.findLast(({ record }) => record === 'leaf') ?? {}
    const leaf =
      typeof last['bytes'] === 'string' ? decodeBase64url(last['bytes']) : new Uint8Array()
    const hash = digest(new Uint8Array([0, ...leaf]))
    const hidden = { hash, index: last['index'] ?? 0, record: 'hash' }
    const { findings, verdict } = await verifyForged(records.with(records.indexOf(last), hidden))
    expect(findings).toMatchObject([{ code: 'SEAL_WITHHELD', severity: 'fail', level: 'LOCAL' }])
    expect(verdict).toBe('failed')
  })
})

describe('a changed byte is never green', { timeout: 30_000 }, () => {
  it('wherever it stands', async () => {
    const step = Math.ceil(bundle.length / 60)
    for (let position = 0; position < bundle.length; position += step) {
      const bit = 1 << (position % 7)
      const result = await verify(bundle.with(position, (bundle[position] ?? 0) ^ bit))
      expect(result.verdict, `byte ${String(position)}`).not.toBe('verified')
    }
  })

  it('wherever the file is cut', async () => {
    for (let size = 0; size < bundle.length; size += Math.ceil(bundle.length / 20)) {
      const { verdict } = await verify(bundle.subarray(0, size))
      expect(verdict).not.toBe('verified')
    }
  })

  it('in any record that a forger wrote again with a right last line', async () => {
    for (const [position, record] of records.entries()) {
      const { verdict } = await verifyForged(
        records.map((other, index) => (index === position ? nudged(record) : other)),
      )
      expect(verdict, `record ${String(position)}`).not.toBe('verified')
    }
  })
})

/** Another value in the member that carries a record. */
function nudged(record: RawRecord): RawRecord {
  if (record['record'] === 'bundle') return { ...record, policy: 'A'.repeat(43) }
  const member = ['note', 'bytes', 'hash', 'content'].find((name) => record[name] !== undefined)
  const value = record[member ?? '']
  if (typeof value !== 'string') return { ...record, ...brokenSignature(record) }
  const at = Math.floor(value.length / 2)
  const text = `${value.slice(0, at)}${value[at] === 'A' ? 'B' : 'A'}${value.slice(at + 1)}`
  return { ...record, [member ?? '']: text }
}

describe('a forged bundle', () => {
  const cases: readonly [string, string, () => readonly RawRecord[]][] = [
    ['without a statement', 'EVIDENCE_MISSING', () => dropped('statement')],
    ['without a dispatch', 'EVIDENCE_MISSING', () => dropped('dispatch')],
    ['without a receipt', 'RECEIPT_UNSUPPORTED', () => dropped('receipt')],
    ['without a roster', 'EVIDENCE_MISSING', () => dropped('roster')],
    ['without its charter', 'CHARTER_MISMATCH', () => dropped('charter')],
    ['without a leaf', 'INDEX_GAP', () => dropped('leaf', 6)],
    ['without the first cosigned checkpoint', 'COSIGNED_NOTE_MISSING', () => dropped('checkpoint')],
    ['without the newest checkpoint', 'CHECKPOINT_UNSIGNED', () => dropped('checkpoint', -1)],
    [
      'with another signature of an officer',
      'SIGNATURE_INVALID',
      () => changed('statement', brokenSignature),
    ],
    [
      'with another signature of a dispatch',
      'SIGNATURE_INVALID',
      () => changed('dispatch', brokenSignature),
    ],
    [
      'with another signature of a receipt',
      'SIGNATURE_INVALID',
      () => changed('receipt', brokenSignature),
    ],
    [
      'with another signature of the charter',
      'TRUST_INVALID',
      () => changed('charter', brokenSignature),
    ],
    [
      'with another signature of a roster',
      'TRUST_INVALID',
      () => changed('roster', brokenSignature),
    ],
    [
      'for another policy',
      'POLICY_MISMATCH',
      () => changed('bundle', () => ({ policy: 'A'.repeat(43) })),
    ],
    [
      'of an unknown log',
      'WRONG_LOG',
      () => changed('bundle', () => ({ log: 'ng.other/amana/audit/1' })),
    ],
    ['with another number in a leaf', 'ROOT_MISMATCH', otherLeaf],
    ['with two leaves in each other’s place', 'LEAF_WRONG_INDEX', swappedLeaves],
    ['with an approval cut off', 'EVIDENCE_MISMATCH', withoutApproval],
    ['with a hidden leaf of a class that it shows', 'CLASS_CHAIN_BROKEN', hiddenLeaf],
    [
      'with cosignatures cut off',
      'NOT_WITNESSED',
      () => withNotes((note) => linesOf(note, 'audit')),
    ],
    [
      'without the signature of its log',
      'CHECKPOINT_UNSIGNED',
      () => withNotes((note) => linesOf(note, 'witness')),
    ],
    ['with an object that no leaf names', 'EVIDENCE_UNNAMED', strayEvidence],
  ]

  it.each(cases)('%s: %s', async (_name, code, forge) => {
    const result = await verifyForged(forge())
    expect(codesOf(result)).toContain(code)
    if (code !== 'EVIDENCE_UNNAMED') expect(result.verdict).toBe('failed')
  })

  it('that leaves out an approval proves nothing against its sender', async () => {
    const { findings } = await verifyForged(changed('statement', brokenSignature))
    const found = findings.find(({ code }) => code === 'SIGNATURE_INVALID')
    expect(found).toMatchObject({ level: 'LOCAL', party: 'ng.naptip', cause: 'WIRE_SIG' })
  })
})

function swappedLeaves(): readonly RawRecord[] {
  const at = positionOf('leaf', 4)
  const [first, second] = [records[at], records[at + 1]]
  return records
    .with(at, { ...first, bytes: second?.['bytes'] ?? '' })
    .with(at + 1, { ...second, bytes: first?.['bytes'] ?? '' })
}

function withoutApproval(): readonly RawRecord[] {
  return records.map((record) => {
    const text = canonicalize(record['content'] ?? '')
    const second = text.indexOf('},{"protected"')
    if (record['kind'] !== 'statement' || second === -1) return record
    return { ...record, content: parseCanonicalText(`${text.slice(0, second)}}]}`) }
  })
}

function hiddenLeaf(): readonly RawRecord[] {
  const at = records.findIndex(
    ({ record, bytes }) =>
      record === 'leaf' && decodeUtf8(decodeBase64url(textOf(bytes))).includes('"x.sent"'),
  )
  const index = records[at]?.['index'] ?? 0
  const hash = encodeBase64url(exchange.naptip.log.hashAt(Number(index)))
  return records.with(at, { hash, index, record: 'hash' })
}

/** A leaf that fits its place and is not the one that was signed. */
function otherLeaf(): readonly RawRecord[] {
  return records.map((record) => {
    if (record['record'] !== 'leaf') return record
    const leaf = decodeUtf8(decodeBase64url(textOf(record['bytes']))).replace('"try":1', '"try":2')
    return { ...record, bytes: encodeBase64url(encodeUtf8(leaf)) }
  })
}

function withNotes(edit: (note: string) => string): readonly RawRecord[] {
  return records.map((record) =>
    record['record'] === 'checkpoint' ? { ...record, note: edit(textOf(record['note'])) } : record,
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function linesOf(note: string, kept: 'audit' | 'witness'): string {
  const [text = '', lines = ''] = note.split('\n\n')
  const signatures = lines.split('\n').filter((line) => line.includes(`/amana/${kept}/`))
  return `${text}\n\n${signatures.join('\n')}\n`
}

function strayEvidence(): readonly RawRecord[] {
  const content = { payload: 'eyJ2IjoxfQ', signatures: [{ protected: 'e30', signature: 'AA' }] }
  const stray = { content, digest: digest(content.payload), kind: 'statement', record: 'evidence' }
  return [...records, stray]
}

it('says which leaves the other agency has not cosigned yet', async () => {
  const last = positionOf('checkpoint', -1)
  const note = linesOf(textOf(records[last]?.['note']), 'audit')
  const result = await verifyForged(records.with(last, { note, record: 'checkpoint' }))
  expect(result.findings).toMatchObject([{ code: 'UNWITNESSED_TAIL', severity: 'warn' }])
  expect(result.log?.summary.cosignedSize).toBeLessThan(result.log?.summary.size ?? 0)
})

describe('a verification that cannot be made', () => {
  const unreadable: readonly [string, string, () => Uint8Array][] = [
    ['an empty file', 'BUNDLE_TRUNCATED', () => new Uint8Array()],
    [
      'a picture',
      'BUNDLE_MALFORMED',
      () => Uint8Array.from({ length: 400 }, (_, index) => index % 251),
    ],
    ['a line that is no record', 'BUNDLE_MALFORMED', () => encodeUtf8('{"v":1}\n')],
  ]

  it.each(unreadable)('%s is not green: %s', async (_name, code, bytes) => {
    const { verdict, findings } = await verify(bytes())
    expect(verdict).not.toBe('verified')
    expect(findings).toMatchObject([{ code }])
  })

  it('a policy with other keys: CHECKPOINT_UNSIGNED or CHECKPOINT_BAD_SIGNATURE', async () => {
    const [own, other] = policy.policy.logs
    if (own === undefined || other === undefined) throw new Error('no logs')
    const logs = policy.policy.logs.map((log) => ({
      ...log,
      keys: log === own ? other.keys : own.keys,
    }))
    const wrong = { ...policy, policy: { ...policy.policy, logs } }
    const { findings, verdict } = await verifyBundle(fileOf(bundle), wrong)
    expect(verdict).toBe('failed')
    expect(findings[0]?.code).toBe('CHECKPOINT_UNSIGNED')
  })

  it('a policy with another first leaf: GENESIS_MISMATCH', async () => {
    const logs = policy.policy.logs.map((log) => ({ ...log, genesis: digest('other') }))
    const wrong = { ...policy, policy: { ...policy.policy, logs } }
    const result = await verifyBundle(fileOf(bundle), wrong)
    expect(codesOf(result)).toContain('GENESIS_MISMATCH')
    expect(result.verdict).toBe('failed')
  })

  it('a policy that is changed by one character is refused', () => {
    const broken = exchange.policyText.replace('quorum peers', 'quorum none')
    expect(() => readPolicy(broken)).toThrow(AmanaError)
  })
})
