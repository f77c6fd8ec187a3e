/**
 * Evidence bundles: what is written reads back, and no line can be changed, lost, moved or added.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#bundle
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { createCursor, followClasses, followLeaf, skipSubtree } from '../audit/cursor.ts'
import { type LeafClass, LEAF_CLASSES } from '../audit/event-members.ts'
import { buildLeaf } from '../audit/leaf.ts'
import { discloseField } from '../audit/leaf-disclosure.ts'
import { buildLog, type BuiltLog, LOG, START_MS } from '../../../../test/support/built-log.ts'
import { LEAF_EXAMPLES } from '../../../../test/support/leaf-examples.ts'
import { rootOf } from '../audit/merkle.ts'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { encodeCanonical } from '../bytes/jcs.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { digest, sha256 } from '../crypto/digest.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import { readBundle } from './reader.ts'
import { type BundleHeader, type BundleRecord, type EvidenceRecord } from './records.ts'
import { treeRecords } from './tree-records.ts'
import { writeBundle } from './writer.ts'

const log = buildLog(300)
const NOTE = 'a note as it was signed\n'
const STATEMENT = { payload: 'eyJ2IjoxfQ', signatures: [{ protected: 'e30', signature: 'AA' }] }
const EVIDENCE: readonly EvidenceRecord[] = [
  { content: STATEMENT, digest: digest('eyJ2IjoxfQ'), kind: 'statement', record: 'evidence' },
  { content: NOTE, digest: digest(NOTE), kind: 'peer-note', record: 'evidence' },
]

describe('an evidence bundle', () => {
  it('gives the log back, leaf by leaf, up to the same root', async () => {
    const records = await readAll(await write(log, LEAF_CLASSES, [0, log.size]))
    expect(rootOf(follow(records, createCursor(LOG)).range)).toEqual(log.root)
    expect(records.at(-1)).toMatchObject({ leaves: log.size, evidence: 2, nodes: 0, hashes: 0 })
  })

  it('shows one class only and still leads to the root, with that class complete', async () => {
    const records = await readAll(await write(log, ['w'], [0, log.size]))
    const followed = follow(records, followClasses(LOG, ['w'], 0))
    expect(rootOf(followed.range)).toEqual(log.root)
    expect(followed.classes.w).toEqual(log.cursor.classes.w)
    expect(records.some((record) => record.record === 'node')).toBe(true)
  })

  it('shows a part of the log, complete from its first leaf on', async () => {
    const records = await readAll(await write(log, LEAF_CLASSES, [37, 290]))
    const followed = follow(records, followClasses(LOG, LEAF_CLASSES, 37))
    expect(rootOf(followed.range)).toEqual(log.root)
    expect(records.filter((record) => record.record === 'leaf').length).toBe(253)
  })

  it('is read the same whatever pieces it arrives in', async () => {
    const bytes = await write(log, ['x'], [0, log.size])
    expect(await readAll(bytes, 7)).toEqual(await readAll(bytes, bytes.length))
  })

  it('hides no leaf of a class that it claims to show', async () => {
    const records = await readAll(await write(log, ['w', 'x'], [0, log.size]))
    const shown = records.filter((record) => record.record === 'leaf')
    const hidden = shown[Math.floor(shown.length / 2)]?.index
    const forged = records.map((record): BundleRecord => {
      if (record.record !== 'leaf' || record.index !== hidden) return record
      const hash = digest(new Uint8Array([0, ...decodeBase64url(record.bytes)]))
      return { hash, index: record.index, record: 'hash' }
    })
    expect(() => follow(forged, followClasses(LOG, ['w', 'x'], 0))).toThrow(/is missing before/)
  })
})

describe('a changed bundle is refused', () => {
  let lines: string[] = []
  beforeAll(async () => {
    const bytes = await write(buildLog(20), ['x'], [0, 20])
    lines = decodeUtf8(bytes).split('\n').slice(0, -1)
  })

  const cases: readonly [string, string, (lines: string[]) => string[]][] = [
    ['cut before its end', 'AUDIT_BUNDLE_TRUNCATED', (all) => all.slice(0, -1)],
    ['without its last newline', 'AUDIT_BUNDLE_TRUNCATED', (all) => [...all.slice(0, -1), 'x']],
    ['continued after its end', 'AUDIT_BUNDLE_ORDER', (all) => [...all, at(all, 1)]],
    ['with two ends', 'AUDIT_BUNDLE_ORDER', (all) => [...all, at(all, all.length - 1)]],
    ['without a header', 'AUDIT_BUNDLE_ORDER', (all) => all.slice(1)],
    ['with two headers', 'AUDIT_BUNDLE_ORDER', (all) => [at(all, 0), ...all]],
    ['with a tree record gone', 'AUDIT_INDEX_GAP', (all) => without(all, 'leaf')],
    ['with a tree record twice', 'AUDIT_INDEX_GAP', (all) => twice(all, 'hash')],
    ['with all evidence gone', 'AUDIT_BUNDLE_DIGEST', (all) => without(all, 'peer-note')],
    ['with evidence before the tree', 'AUDIT_INDEX_GAP', (all) => moved(all, 'evidence', 2)],
    [
      'with a checkpoint after the tree',
      'AUDIT_BUNDLE_ORDER',
      (all) => moved(all, 'checkpoint', -1),
    ],
    ['with other evidence', 'AUDIT_EVIDENCE', (all) => changed(all, 'eyJ2IjoxfQ"', 'eyJ2IjoyfQ"')],
    ['with another note', 'AUDIT_BUNDLE_DIGEST', (all) => changed(all, 'head', 'HEAD')],
    ['with a count raised', 'AUDIT_BUNDLE_DIGEST', (all) => changed(all, '"opens":0', '"opens":1')],
    ['with a space', 'AUDIT_BUNDLE_RECORD', (all) => changed(all, '"v":1', '"v": 1')],
    [
      'with an unknown member',
      'AUDIT_BUNDLE_RECORD',
      (all) => changed(all, '"v":1', '"v":1,"z":1'),
    ],
    [
      'with an unknown record',
      'AUDIT_BUNDLE_RECORD',
      (all) => changed(all, '"bundle"', '"bundel"'),
    ],
    [
      'with a leaf outside its range',
      'AUDIT_BUNDLE_ORDER',
      (all) => changed(all, '[0,20]', '[0,2]'),
    ],
    ['with too many leaves', 'AUDIT_INDEX_GAP', (all) => changed(all, '"size":20', '"size":21')],
  ]

  it.each(cases)('%s: %s', async (_name, code, change) => {
    const text = `${change(lines).join('\n')}\n`
    const end = code === 'AUDIT_BUNDLE_TRUNCATED' && text.endsWith('x\n') ? -1 : undefined
    await expect(readAll(encodeUtf8(text.slice(0, end)))).rejects.toMatchObject({ code })
  })

  it('with a disclosure that its leaf did not commit to: AUDIT_DISCLOSURE', async () => {
    const first = lines.findIndex((line) => line.includes('"record":"leaf"'))
    const index = /"index":(?<index>[0-9]+)/.exec(at(lines, first))?.groups?.['index'] ?? ''
    const open = `{"disclosure":"WyJ4Il0","index":${index},"record":"open"}`
    const text = `${lines.toSpliced(first + 1, 0, open).join('\n')}\n`
    await expect(readAll(encodeUtf8(text))).rejects.toMatchObject({ code: 'AUDIT_DISCLOSURE' })
  })

  it('with a line without end: AUDIT_BUNDLE_LIMIT', async () => {
    const endless = new Uint8Array(AUDIT_LIMITS.bundleLineBytes + 1).fill(0x20)
    await expect(readAll(endless, 65_536)).rejects.toMatchObject({ code: 'AUDIT_BUNDLE_LIMIT' })
  })

  it('with a long line that comes byte by byte: AUDIT_BUNDLE_RECORD', async () => {
    const long = encodeUtf8(`${' '.repeat(200_000)}\n`)
    await expect(readAll(long, 1)).rejects.toMatchObject({ code: 'AUDIT_BUNDLE_RECORD' })
  })

  it('with something after its end that is no line: AUDIT_BUNDLE_TRUNCATED', async () => {
    const bytes = encodeUtf8(`${lines.join('\n')}\nx`)
    await expect(readAll(bytes)).rejects.toMatchObject({ code: 'AUDIT_BUNDLE_TRUNCATED' })
  })

  it('with a line that its reader would refuse is not written: AUDIT_BUNDLE_LIMIT', async () => {
    const { size, readNode, readLeaves } = buildLog(1)
    const tree = treeRecords({ size, range: [0, size], classes: ['g'], readNode, readLeaves })
    const content = 'x'.repeat(AUDIT_LIMITS.bundleLineBytes)
    const note = {
      content,
      digest: digest(content),
      kind: 'peer-note',
      record: 'evidence',
    } as const
    const parts = { header: header(['g'], [0, size], size), notes: [], tree, evidence: [note] }
    await expect(collect(writeBundle(parts))).rejects.toMatchObject({ code: 'AUDIT_BUNDLE_LIMIT' })
  })

  it('with nothing but withheld leaves: AUDIT_BUNDLE_EMPTY', async () => {
    const empty = write(buildLog(20), ['a'], [0, 0])
    await expect(empty).rejects.toMatchObject({ code: 'AUDIT_BUNDLE_EMPTY' })
  })

  it('at every single byte', async () => {
    const bytes = encodeUtf8(`${lines.join('\n')}\n`)
    for (let position = 0; position < bytes.length; position += 41) {
      const broken = bytes.with(position, (bytes[position] ?? 0) ^ 1)
      await expect(readAll(broken)).rejects.toMatchObject({ name: 'AmanaError' })
    }
  })
})

it('accepts a disclosure that its leaf committed to', async () => {
  const reason = discloseField('a.open', { name: 'reason', value: 'a reason' }, zeros)
  const opened = { event: 'a.open', actor: 'sys', data: LEAF_EXAMPLES['a.open'] }
  const place = { log: LOG, index: 0, seq: 0, prev: -1, timeMs: START_MS }
  const bytes = encodeBase64url(buildLeaf({ ...opened, sd: [reason.digest] }, place))
  const disclosure = reason.encoded
  const text = linesOf([
    header(['a'], [0, 1], 1),
    { bytes, index: 0, record: 'leaf' },
    { disclosure, index: 0, record: 'open' },
  ])
  expect((await readAll(text)).map((record) => record.record)).toEqual([
    'bundle',
    'leaf',
    'open',
    'end',
  ])
})

function zeros(sizeBytes: number): Uint8Array {
  return new Uint8Array(sizeBytes)
}

function linesOf(records: readonly BundleRecord[]): Uint8Array {
  const body = records.map((record) => `${decodeUtf8(encodeCanonical(record))}\n`).join('')
  const counts = { checkpoints: 0, evidence: 0, hashes: 0, leaves: 1, nodes: 0, opens: 1 }
  const hash = encodeBase64url(sha256(encodeUtf8(body)))
  const end = encodeCanonical({ ...counts, record: 'end', sha256: hash })
  return encodeUtf8(`${body}${decodeUtf8(end)}\n`)
}

function header(
  classes: readonly LeafClass[],
  range: [number, number],
  size: number,
): BundleHeader {
  return {
    classes: [...classes],
    created: 1_795_334_400,
    log: LOG,
    policy: digest('policy'),
    purpose: 'audit',
    range,
    record: 'bundle',
    size,
    v: 1,
  }
}

async function write(
  built: BuiltLog,
  classes: readonly LeafClass[],
  range: [number, number],
): Promise<Uint8Array> {
  const { size, readNode, readLeaves } = built
  const tree = treeRecords({ size, range, classes, readNode, readLeaves })
  const parts = { header: header(classes, range, size), notes: ['the head\n'], tree }
  const lines = await collect(writeBundle({ ...parts, evidence: EVIDENCE }))
  return new Uint8Array(Buffer.concat(lines))
}

async function readAll(bytes: Uint8Array, pieceBytes = 1000): Promise<BundleRecord[]> {
  return collect(readBundle(pieces(bytes, pieceBytes)))
}

/** @yields the bytes in pieces of that size */
async function* pieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    yield await Promise.resolve(bytes.subarray(start, start + pieceBytes))
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}

function follow(records: readonly BundleRecord[], start: ReturnType<typeof createCursor>) {
  let cursor = start
  for (const record of records) {
    if (record.record === 'leaf') cursor = followLeaf(cursor, decodeBase64url(record.bytes)).cursor
    if (record.record === 'node') {
      cursor = skipSubtree(cursor, record.level, decodeBase64url(record.hash))
    }
    if (record.record === 'hash') cursor = skipSubtree(cursor, 0, decodeBase64url(record.hash))
  }
  return cursor
}

function at(lines: readonly string[], index: number): string {
  return lines[index] ?? ''
}

function find(lines: readonly string[], mark: string): number {
  return lines.findLastIndex((line) => line.includes(`"${mark}"`) && !line.includes('"end"'))
}

function without(lines: readonly string[], mark: string): string[] {
  return lines.toSpliced(find(lines, mark), 1)
}

function twice(lines: readonly string[], mark: string): string[] {
  const index = find(lines, mark)
  return lines.toSpliced(index, 0, at(lines, index))
}

function moved(lines: readonly string[], mark: string, to: number): string[] {
  const index = find(lines, mark)
  return lines.toSpliced(index, 1).toSpliced(to, 0, at(lines, index))
}

function changed(lines: readonly string[], from: string, to: string): string[] {
  return lines.map((line) => line.replace(from, to))
}
