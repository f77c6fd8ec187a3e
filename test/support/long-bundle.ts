/**
 * A bundle of a long log, written as it grows: a few real messages, then reading, refused frames and witness's leaves
 * until there are as many as asked for. Every leaf is in its place and every checkpoint is signed and cosigned.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#bundle
 */
import { createReadStream } from 'node:fs'
import { open, rm, type FileHandle } from 'node:fs/promises'
import {
  addCosignatures,
  type BundleHeader,
  cosignCheckpoint,
  createCursor,
  createSha256,
  decodeBase64url,
  digest,
  encodeBase64url,
  encodeCanonical,
  followLeaf,
  type Json,
  LEAF_CLASSES,
  type LeafClass,
  type LogCursor,
  type NewEvent,
  nextLeaves,
  parseLeaf,
  type PlacedLeaf,
  rootOf,
  sealLog,
  signCheckpoint,
  verifyCheckpoint,
} from '@amana/core'
import { NOW } from './agencies.ts'
import { buildExchange, type Exchange } from './built-exchange.ts'
import { recordsOf } from './test-log.ts'

/** What to write. */
export interface LongBundle {
  readonly path: string
  readonly leafCount: number
  /** Of the others only hashes are written, one a leaf. */
  readonly classes: readonly LeafClass[]
}

const BATCH = 1000
/** Batches from one cosignature to the next. */
const COSIGNED_EVERY = 50
const BATCH_SECONDS = 10
/** Of sixteen leaves ten are openings, two refused frames, four padding. */
const MIX = 16
const OPENINGS = 10
const REJECTED = 12

interface Growing {
  readonly exchange: Exchange
  readonly bundle: LongBundle
  readonly tree: FileHandle
  readonly counts: { hashes: number; leaves: number }
  readonly notes: string[]
  cursor: LogCursor
  lines: string[]
}

/** Writes the bundle and gives the policy's text. */
export async function writeLongBundle(bundle: LongBundle): Promise<string> {
  const exchange = await buildExchange()
  const treePath = `${bundle.path}.tree`
  const tree = await open(treePath, 'w')
  const cursor = createCursor(exchange.naptip.agency.origin)
  const counts = { hashes: 0, leaves: 0 }
  const { notes } = exchange.naptip.log
  const growing: Growing = { exchange, bundle, tree, counts, notes: [...notes], cursor, lines: [] }
  await begin(growing)
  for (let batch = 1; growing.cursor.range.size < bundle.leafCount; batch += 1) {
    const at = 300 + batch * BATCH_SECONDS
    await take(growing, nextLeaves(growing.cursor, eventsOf(growing), (NOW + at) * 1000).leaves)
    if (batch % COSIGNED_EVERY === 0) await cosign(growing, at)
  }
  await cosign(growing, 300 + Math.ceil(bundle.leafCount / BATCH) * BATCH_SECONDS * 2)
  const { size } = growing.cursor.range
  await tree.close()
  await compose(growing, treePath, size)
  await rm(treePath)
  return exchange.policyText
}

/** The leaves of the real messages, up to their last checkpoint. */
async function begin(growing: Growing): Promise<void> {
  const { naptip, policyText } = growing.exchange
  const records = recordsOf(await naptip.log.bundle({ policyText, classes: LEAF_CLASSES }))
  const leaves = records.flatMap(({ bytes }): readonly PlacedLeaf[] => {
    if (typeof bytes !== 'string') return []
    const { cursor, placed } = followLeaf(growing.cursor, decodeBase64url(bytes))
    growing.cursor = cursor
    return [placed]
  })
  await write(growing, leaves)
}

function eventsOf({ exchange }: Growing): readonly NewEvent[] {
  const stds = exchange.sent.flatMap(({ statements }) => statements.map((signed) => signed.digest))
  return Array.from({ length: BATCH }, (_, n): NewEvent => {
    const place = n % MIX
    if (place < OPENINGS) {
      const data = { bg: false, purpose: 'referral', std: stds[n % stds.length] }
      return { event: 'a.open', actor: `u_${String(n % 7).padStart(16, '0')}`, data }
    }
    const data = { code: 'WIRE_SIG', count: n + 1 }
    if (place < REJECTED) return { event: 'x.rejected', actor: 'sys', data }
    return { event: 'w.pad', actor: 'sys', data: {} }
  })
}

/** Seals the log, has its head cosigned, and writes down that it was, behind what the head covers. */
async function cosign(growing: Growing, at: number): Promise<void> {
  const { anltp, naptip } = growing.exchange
  await take(growing, sealLog(growing.cursor, MIX, (NOW + at) * 1000).leaves)
  const { size } = growing.cursor.range
  const head = { origin: naptip.agency.origin, size, root: rootOf(growing.cursor.range) }
  const own = naptip.agency.logSigners
  const note = await signCheckpoint(head, own, NOW + at)
  const policy = { origin: head.origin, logKeys: own, witnesses: [], quorum: 0 }
  const verified = await verifyCheckpoint(note, policy)
  const signers = anltp.agency.witnessSigners
  const lines = await cosignCheckpoint(verified, signers, NOW + at)
  const by = signers[0].name
  const cosigned = addCosignatures(note, lines, { name: by, keys: signers })
  growing.notes.push(cosigned)
  if (size >= growing.bundle.leafCount) return
  const data = { by, note: digest(cosigned), size, time: NOW + at }
  const claim = [{ event: 'w.cosigned', actor: 'sys', data }]
  await take(growing, nextLeaves(growing.cursor, claim, (NOW + at) * 1000).leaves)
}

async function take(growing: Growing, leaves: readonly PlacedLeaf[]): Promise<void> {
  for (const { bytes } of leaves) growing.cursor = followLeaf(growing.cursor, bytes).cursor
  await write(growing, leaves)
}

async function write(growing: Growing, leaves: readonly PlacedLeaf[]): Promise<void> {
  const { bundle, counts, tree } = growing
  const lines = leaves.map(({ bytes, hash, index }) => {
    const isShown = bundle.classes.includes(parseLeaf(bytes).class)
    if (isShown) {
      counts.leaves += 1
      return `{"bytes":"${encodeBase64url(bytes)}","index":${String(index)},"record":"leaf"}\n`
    }
    counts.hashes += 1
    return `{"hash":"${encodeBase64url(hash)}","index":${String(index)},"record":"hash"}\n`
  })
  await tree.write(lines.join(''))
}

async function compose(
  { bundle, counts, exchange, notes }: Growing,
  treePath: string,
  size: number,
): Promise<void> {
  const header: BundleHeader = {
    classes: [...bundle.classes],
    created: NOW + 86_400,
    log: exchange.naptip.agency.origin,
    policy: digest(exchange.policyText),
    purpose: 'audit',
    range: [0, size],
    record: 'bundle',
    size,
    v: 1,
  }
  const hash = createSha256()
  await using file = await open(bundle.path, 'w')
  const put = async (bytes: Uint8Array): Promise<void> => {
    hash.update(bytes)
    await file.write(bytes)
  }
  const putRecord = (record: Json): Promise<void> => put(lineOf(record))
  await putRecord(header)
  for (const note of notes) await putRecord({ note, record: 'checkpoint' })
  for await (const piece of createReadStream(treePath, { highWaterMark: 1_048_576 })) {
    if (piece instanceof Uint8Array) await put(piece)
  }
  const { evidence } = exchange.naptip.log
  for (const record of evidence) await putRecord({ ...record })
  const sha256 = encodeBase64url(hash.digest())
  const end = { checkpoints: notes.length, evidence: evidence.length, nodes: 0, opens: 0, sha256 }
  await file.write(lineOf({ ...end, ...counts, record: 'end' }))
}

function lineOf(record: Json): Uint8Array {
  return Buffer.concat([encodeCanonical(record), Uint8Array.of(10)])
}
