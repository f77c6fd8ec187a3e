/**
 * Evidence bundles before the second verifier: each signed object in them is accepted by both verifiers or refused by
 * both, with the same code.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#signed-objects
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  canonicalize,
  decodeUtf8,
  encodeUtf8,
  type Json,
  parseCanonicalText,
  type SignedStatement,
} from '@amana/core'
import { type BundleVerification, readPolicy, verifyBundle } from '@amana/verify'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  beginExchange,
  buildExchange,
  cosign,
  type Exchange,
  revokeAuthor,
  send,
  type Sending,
  signStatements,
} from '../support/built-exchange.ts'
import { forged } from '../support/crafted-envelope.ts'
import { flipped } from '../support/hostile-edits.ts'
import { fileOf } from '../support/pieces.ts'
import { IS_SKIPPED, secondOverFile, WHY_SKIPPED } from '../support/second-verifier.ts'
import { DAY } from '../support/rotation.ts'
import {
  type BothCharters,
  newChain,
  recovered,
  renewedExchange,
} from '../support/turned-exchange.ts'
import { forgeBundle, type RawRecord, recordsOf } from '../support/test-log.ts'

const MINUTES: Sending = { from: 'naptip', sequence: 1, kinds: ['jtwg.minutes/1'], at: 60 }
const REPORT: Sending = { ...MINUTES, kinds: ['intel.report/1'] }
const folder = mkdtempSync(join(tmpdir(), 'amana-second-bundle-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const honest = await buildExchange()
const records = recordsOf(await honest.naptip.log.bundle(honest))

/** What each verifier says of one bundle: `kind name` with the codes that speak against it. */
interface Both {
  readonly ours: BundleVerification
  readonly refusedByUs: ReadonlyMap<string, readonly string[]>
  readonly second: ReturnType<typeof secondOverFile>
  readonly refusedBySecond: ReadonlyMap<string, string>
}

async function both({ policyText }: Exchange, bundle: Uint8Array): Promise<Both> {
  const policyPath = join(folder, 'policy.txt')
  const bundlePath = join(folder, 'case.bundle.jsonl')
  writeFileSync(policyPath, policyText)
  writeFileSync(bundlePath, bundle)
  const ours = await verifyBundle(fileOf(bundle), readPolicy(policyText))
  const second = secondOverFile(policyPath, bundlePath)
  const refused = second.rows.filter(({ found }) => found !== 'accepted' && found !== 'NO_DISPATCH')
  return {
    ours,
    refusedByUs: refusalsOf(ours),
    second,
    refusedBySecond: new Map(refused.map(({ kind, name, found }) => [`${kind} ${name}`, found])),
  }
}

/** Findings about signed objects and channels, each with the code behind it. */
function refusalsOf({ findings }: BundleVerification): ReadonlyMap<string, readonly string[]> {
  const refusals = new Map<string, string[]>()
  for (const { where = '', code, cause, severity } of findings) {
    const channel = /^(\S+>\S+) \d+$/.exec(where)?.[1]
    const name = channel === undefined ? where : `channel ${channel}`
    if (severity === 'warn' || !/^(?:channel|dispatch|receipt|statement) /.test(name)) continue
    refusals.set(name, [...(refusals.get(name) ?? []), cause ?? code])
  }
  return refusals
}

/** The same objects, and the second one's code among ours: ours may say more about one object. */
async function agree(
  exchange: Exchange,
  changed?: readonly RawRecord[],
): Promise<readonly string[]> {
  const bundle =
    changed === undefined ? await exchange.naptip.log.bundle(exchange) : forgeBundle(changed)
  const { refusedByUs, refusedBySecond, second } = await both(exchange, bundle)
  expect([...refusedBySecond.keys()].toSorted()).toEqual([...refusedByUs.keys()].toSorted())
  for (const [name, code] of refusedBySecond) expect(refusedByUs.get(name)).toContain(code)
  expect(second.status).toBe(refusedBySecond.size === 0 ? 0 : 4)
  return [...refusedBySecond].map(([name, code]) => `${name.split(' ')[0] ?? ''} ${code}`)
}

function positionOf(kind: string): number {
  return records.findIndex((record) => record['kind'] === kind || record['record'] === kind)
}

/** The first evidence of a kind with another letter in its last signature. */
function withBroken(kind: string): readonly RawRecord[] {
  const position = positionOf(kind)
  const text = canonicalize(records[position]?.['content'] ?? '')
  const at = text.lastIndexOf('"signature":"') + 20
  const other = text[at] === 'A' ? 'B' : 'A'
  const content = parseCanonicalText(`${text.slice(0, at)}${other}${text.slice(at + 1)}`)
  return records.with(position, { ...records[position], content })
}

/** A bundle of one dispatch; its statements may be other ones than an honest author makes. */
async function exchangeOf(
  sending: Sending,
  change: (signed: SignedStatement) => SignedStatement = (signed) => signed,
): Promise<Exchange> {
  const exchange = await beginExchange()
  const statements = await signStatements(exchange, sending)
  await send(exchange, { ...sending, statements: statements.map(change) })
  await cosign(exchange, 300)
  return exchange
}

function withoutApproval(signed: SignedStatement): SignedStatement {
  const { payload, signatures } = signed.statement
  return { ...signed, statement: { payload, signatures: signatures.slice(0, 1) } }
}

describe.skipIf(IS_SKIPPED)(`a second verifier over a bundle${WHY_SKIPPED}`, () => {
  it('accepts every object of an honest one, of either side', async () => {
    for (const side of ['naptip', 'anltp'] as const) {
      const { ours, second } = await both(honest, await honest[side].log.bundle(honest))
      expect(ours.findings).toEqual([])
      expect(second.status).toBe(0)
      const counts = Map.groupBy(second.rows, ({ kind, found }) => `${kind} ${found}`)
      expect(Object.fromEntries([...counts].map(([what, rows]) => [what, rows.length]))).toEqual({
        'charter accepted': 1,
        'roster accepted': 2,
        'dispatch accepted': 3,
        'receipt accepted': 3,
        'statement accepted': 4,
        'channel accepted': 2,
      })
    }
  })

  it.each([
    ['dispatch', ['dispatch WIRE_SIG', 'channel CHANNEL_BROKEN']],
    ['receipt', ['receipt WIRE_SIG']],
    ['statement', ['statement EVIDENCE_MISMATCH']],
  ])('refuses as ours does a %s with one letter of its signature changed', async (kind, said) => {
    expect(await agree(honest, withBroken(kind))).toEqual(said)
  })

  it.each([
    ['dispatch', 'EVIDENCE_MISSING'],
    ['receipt', 'RECEIPT_UNSUPPORTED'],
    ['statement', 'EVIDENCE_MISSING'],
  ])('misses as ours does a %s that a leaf names', async (kind, code) => {
    const said = await agree(honest, records.toSpliced(positionOf(kind), 1))
    expect(said).toContain(`${kind} ${code}`)
  })

  it('refuses as ours does a statement without its approval', async () => {
    const exchange = await exchangeOf(REPORT, withoutApproval)
    expect(await agree(exchange)).toEqual(['statement TRUST_SECOND_OFFICER'])
  })

  it('refuses as ours does a statement by an officer without the role', async () => {
    const exchange = await exchangeOf({ ...MINUTES, author: 'reader' })
    expect(await agree(exchange)).toEqual(['statement WIRE_POLICY'])
  })

  it('refuses as ours does a statement by another agency’s officer', async () => {
    const exchange = await beginExchange()
    const key = exchange.anltp.agency.officers['author']!
    const signed = await signStatements(exchange, MINUTES)
    const statements = signed.map((one) => forged(one, (same) => same, [{ key, act: 'author' }]))
    await send(exchange, { ...MINUTES, statements: await Promise.all(statements) })
    await cosign(exchange, 300)
    expect(await agree(exchange)).toEqual(['statement WIRE_ISS'])
  })

  it.each([
    ['before its receipt', 30, ['statement WIRE_KEY_REVOKED']],
    ['after its receipt', 200, []],
  ])('judges as ours does a key that was revoked %s', async (_name, at, said) => {
    const exchange = await beginExchange()
    if (at < 60) await revokeAuthor(exchange, { since: 0, at })
    await send(exchange, MINUTES)
    if (at > 60) await revokeAuthor(exchange, { since: 0, at })
    await cosign(exchange, 300)
    expect(await agree(exchange)).toEqual(said)
  })

  it('finds as ours does two dispatches for one place, and one that does not follow', async () => {
    const fork = await beginExchange()
    await send(fork, MINUTES)
    await send(fork, { ...MINUTES, at: 90 })
    await cosign(fork, 300)
    expect(await agree(fork)).toEqual(['channel FORK'])
    const broken = await beginExchange()
    await send(broken, MINUTES)
    await send(broken, { ...MINUTES, sequence: 2, at: 90 })
    await cosign(broken, 300)
    expect(await agree(broken)).toEqual(['channel CHANNEL_BROKEN'])
  })
})

const TRUST_FAULTS: readonly (readonly [string, string, () => readonly RawRecord[]])[] = [
  ['a roster with a broken signature', 'WIRE_SIG', () => withBroken('roster')],
  [
    'a charter with a signature less',
    'TRUST_THRESHOLD',
    () => withCharter((signatures) => signatures.slice(1)),
  ],
  ['a charter with wrong Ed25519 signatures', 'WIRE_SIG', () => withWrongRoots(false)],
]

type Signature = Exchange['charter']['jws']['signatures'][number]

/** The bundle in which the charter has other signatures. */
function withCharter(
  change: (signatures: readonly Signature[]) => readonly Signature[],
): readonly RawRecord[] {
  const { payload, signatures } = honest.charter.jws
  const content: Json = { payload, signatures: change(signatures).map((entry) => ({ ...entry })) }
  const position = positionOf('charter')
  return records.with(position, { ...records[position], content })
}

/** One letter in each signature of a root key of one algorithm. */
function withWrongRoots(isPostQuantum: boolean): readonly RawRecord[] {
  return withCharter((signatures) =>
    signatures.map((entry) =>
      entry.signature.length > 86 === isPostQuantum
        ? { ...entry, signature: flipped(entry.signature) }
        : entry,
    ),
  )
}

/** The bytes with another letter so far behind a text. */
function changedAfter(bytes: Uint8Array, text: string, distance: number): Uint8Array {
  const at = decodeUtf8(bytes).lastIndexOf(text) + text.length + distance
  return bytes.with(at, bytes[at] === 0x41 ? 0x42 : 0x41)
}

function moved(kind: string, to: number): readonly RawRecord[] {
  const position = positionOf(kind)
  return records.toSpliced(position, 1).toSpliced(to, 0, records[position] ?? {})
}

function honestSize(): number {
  return z.int().parse(records[0]?.['size'])
}

function withRange(range: readonly number[]): readonly RawRecord[] {
  return records.with(0, { ...records[0], range })
}

const FILE_FAULTS: readonly (readonly [string, (bundle: Uint8Array) => Uint8Array])[] = [
  ['cut in its middle', (bundle) => bundle.subarray(0, bundle.length / 2)],
  ['without its last line', (bundle) => bundle.subarray(0, bundle.lastIndexOf(10, -2) + 1)],
  ['without its last newline', (bundle) => bundle.subarray(0, -1)],
  ['with another digest at its end', (bundle) => changedAfter(bundle, '"sha256":"', 12)],
  ['with a letter of evidence changed', (bundle) => changedAfter(bundle, '"payload":"', 30)],
  ['with a space in a line', (bundle) => encodeUtf8(decodeUtf8(bundle).replace(',"', ', "'))],
  ['with its evidence before its leaves', () => forgeBundle(moved('evidence', 1))],
  ['with a leaf less', () => forgeBundle(records.toSpliced(positionOf('leaf'), 1))],
  ['with a leaf outside of its range', () => forgeBundle(withRange([1, honestSize()]))],
  ['with a range beyond its size', () => forgeBundle(withRange([0, honestSize() + 1]))],
  ['with two headers', () => forgeBundle([...records.slice(0, 1), ...records])],
]

describe.skipIf(IS_SKIPPED)(`a second verifier over a bad bundle${WHY_SKIPPED}`, () => {
  it.each(TRUST_FAULTS)('believes nothing under %s, as ours', async (_name, code, change) => {
    const { ours, second } = await both(honest, forgeBundle(change()))
    expect(ours.findings).toMatchObject([{ code: 'TRUST_INVALID', cause: code }])
    expect(second.rows.at(-1)?.found).toBe(code)
    expect(second.rows.filter(({ kind }) => kind === 'statement')).toEqual([])
    expect(second.status).toBe(4)
  })

  it.each(FILE_FAULTS)(
    'reads nothing from one %s, and says the same as ours',
    async (_name, change) => {
      const { ours, second } = await both(honest, change(await honest.naptip.log.bundle(honest)))
      expect(ours.findings).toHaveLength(1)
      expect(second.refusal).toBe(ours.findings[0]?.cause)
      expect(second.status).toBe(9)
    },
  )

  it('does not see a wrong ML-DSA-65 signature on the charter, which ours refuses', async () => {
    const { ours, second } = await both(honest, forgeBundle(withWrongRoots(true)))
    expect(ours.findings).toMatchObject([{ code: 'TRUST_INVALID', cause: 'WIRE_SIG' }])
    expect(second.status).toBe(0)
    expect(second.notes[0]).toMatch(/^charter: Ed25519 half only/)
  })
})

const SEEN = { 'ng.naptip': 100, 'ne.anltp-tim': DAY }

/** Bundles over two charters, by the policy of each: what is found of trust documents. */
const LATER: readonly (readonly [string, () => Promise<BothCharters>, readonly string[]])[] = [
  ['a renewal', renewedExchange, []],
  ['a new chain of rosters', newChain, []],
  ['a recovery after seven days', async () => recovered(SEEN, 9 * DAY), []],
  ['a recovery after six days', async () => recovered(SEEN, 7 * DAY), ['RECOVERY_EARLY']],
  [
    'a recovery that one agency never saw',
    async () => recovered({ 'ng.naptip': 100 }, 9 * DAY),
    ['RECOVERY_EARLY'],
  ],
]

describe.skipIf(IS_SKIPPED)(`a second verifier over bundles of two charters${WHY_SKIPPED}`, () => {
  it.each(LATER)('says of %s what ours says', async (_name, made, expected) => {
    const { after, before } = await made()
    const bundle = await after.naptip.log.bundle(after)
    for (const { policyText } of [before, after]) {
      const { ours, second } = await both({ ...after, policyText }, bundle)
      const failing = ours.findings.filter(({ severity }) => severity === 'fail')
      expect(failing.map(({ code }) => code)).toEqual(expected)
      const refused = second.rows.filter(({ found }) => found !== 'accepted')
      expect(refused.map(({ found }) => found)).toEqual(expected)
      expect(second.rows.filter(({ kind }) => kind === 'charter')).toHaveLength(2)
    }
  })

  it('takes no recovery past its policy where a bundle withholds when it came into force', async () => {
    const { after, before } = await recovered(SEEN, 9 * DAY)
    const bundle = await after.naptip.log.bundle({ ...after, classes: ['w', 'x'] })
    const said = async ({ policyText }: Exchange): Promise<readonly string[]> => {
      const { second } = await both({ ...after, policyText }, bundle)
      return second.rows.flatMap(({ found }) => (found === 'accepted' ? [] : [found]))
    }
    expect(await said(after)).toEqual([])
    expect(await said(before)).toEqual(['RECOVERY_EARLY'])
  })
})
