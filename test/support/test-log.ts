/**
 * The log of a test agency in memory: it grows, signs checkpoints, is witnessed, and is written as a bundle.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import {
  addCosignatures,
  type BundleHeader,
  canonicalize,
  concatBytes,
  cosignCheckpoint,
  createCursor,
  decodeBase64url,
  decodeUtf8,
  digest,
  encodeBase64url,
  encodeCanonical,
  encodeUtf8,
  type EvidenceRecord,
  type GeneralJws,
  inclusionProof,
  type Json,
  type LeafClass,
  type LogCursor,
  type LogProof,
  nextLeaves,
  type NextLeaves,
  type NodeReader,
  parseCanonicalText,
  type PlacedLeaf,
  rootOf,
  sealLog,
  signCheckpoint,
  treeRecords,
  verifyCheckpoint,
  writeBundle,
} from '@amana/core'
import { NOW, type TestAgency } from './agencies.ts'

/** An event; its actor is the node unless told. */
export interface NodeEvent {
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
  readonly actor?: string
  readonly sd?: readonly string[]
}

/** What a bundle shows. */
export interface BundleChoice {
  readonly policyText: string
  readonly classes?: readonly LeafClass[]
}

/** A log with its evidence. */
export class TestLog {
  readonly agency: TestAgency
  readonly evidence: EvidenceRecord[] = []
  readonly notes: string[] = []
  cursor: LogCursor
  #checkpointSize = 0
  #checkpointRoot = new Uint8Array()
  readonly #leaves: PlacedLeaf[] = []
  readonly #nodes = new Map<string, Uint8Array>()

  constructor(agency: TestAgency) {
    this.agency = agency
    this.cursor = createCursor(agency.origin)
  }

  /** Appends events at `at` seconds after the start. */
  append(at: number, events: readonly NodeEvent[]): readonly PlacedLeaf[] {
    const withActor = events.map((event) => ({ actor: 'sys', ...event }))
    return this.#take(nextLeaves(this.cursor, withActor, (NOW + at) * 1000))
  }

  /** Keeps a signed object for the bundle, once with each set of signatures. */
  keep(kind: Extract<EvidenceRecord, { content: GeneralJws }>['kind'], content: GeneralJws): void {
    const own = digest(content.payload)
    const text = canonicalize({ ...content })
    if (this.evidence.some((record) => canonicalize(record.content) === text)) return
    this.evidence.push({ content, digest: own, kind, record: 'evidence' })
  }

  /** Seals the log, signs its head and has it cosigned by the witness of another, whose clock may be off. */
  async checkpoint(at: number, witness: TestLog, witnessAt = at): Promise<void> {
    this.#take(sealLog(this.cursor, 4, (NOW + at) * 1000))
    const { size } = this.cursor.range
    this.#checkpointSize = size
    const root = rootOf(this.cursor.range)
    this.#checkpointRoot = new Uint8Array(root)
    const head = { origin: this.agency.origin, size, root }
    const note = await signCheckpoint(head, this.agency.logSigners, NOW + at)
    const policy = {
      origin: head.origin,
      logKeys: this.agency.logSigners,
      witnesses: [],
      quorum: 0,
    }
    const verified = await verifyCheckpoint(note, policy)
    const signers = witness.agency.witnessSigners
    const lines = await cosignCheckpoint(verified, signers, NOW + witnessAt)
    const own = digest(note)
    const data = {
      log: head.origin,
      note: own,
      root: encodeBase64url(root),
      size,
      time: NOW + witnessAt,
    }
    witness.append(witnessAt, [{ event: 'w.witness', data }])
    witness.evidence.push({ content: note, digest: own, kind: 'peer-note', record: 'evidence' })
    const by = signers[0].name
    const cosigned = addCosignatures(note, lines, { name: by, keys: signers })
    this.notes.push(cosigned)
    const claim = { by, note: digest(cosigned), size, time: NOW + witnessAt }
    this.append(at, [{ event: 'w.cosigned', data: claim }])
  }

  /** The bundle up to the newest checkpoint. */
  async bundle({ policyText, classes = ['g', 'w', 'x'] }: BundleChoice): Promise<Uint8Array> {
    const size = this.#checkpointSize
    const header: BundleHeader = {
      classes: [...classes],
      created: NOW + 300,
      log: this.agency.origin,
      policy: digest(policyText),
      purpose: 'audit',
      range: [0, size],
      record: 'bundle',
      size,
      v: 1,
    }
    const tree = treeRecords({
      size,
      range: [0, size],
      classes,
      readNode: (level, index) => this.#node(level, index),
      readLeaves: (from, to) =>
        Promise.resolve(this.#leaves.slice(from, to).map(({ bytes }) => bytes)),
    })
    const parts = { header, notes: this.notes, tree, evidence: this.#evidenceBelow(size) }
    const lines: Uint8Array[] = []
    for await (const line of writeBundle(parts)) lines.push(line)
    return concatBytes(...lines)
  }

  /** What a leaf below `size` names; a peer's note is named by the leaf of its cosignature. */
  #evidenceBelow(size: number): readonly EvidenceRecord[] {
    const shown = decodeUtf8(concatBytes(...this.#leaves.slice(0, size).map(({ bytes }) => bytes)))
    return this.evidence.filter(
      ({ digest: of, kind }) => kind !== 'peer-note' || shown.includes(of),
    )
  }

  /** The proof of a leaf under the newest head that was cosigned. */
  async proof(index: number): Promise<LogProof> {
    const readNode: NodeReader = (level, place) => this.#node(level, place)
    const hashes = await inclusionProof(readNode, index, this.#checkpointSize)
    const leaf = this.#leaves[index]?.bytes ?? new Uint8Array()
    return { hashes, index, leaf, note: this.notes.at(-1) ?? '' }
  }

  /** The newest head that was cosigned. */
  head(origin: string): {
    readonly origin: string
    readonly size: number
    readonly root: Uint8Array
  } {
    return { origin, size: this.#checkpointSize, root: this.#checkpointRoot }
  }

  /** The hash of a leaf. */
  hashAt(index: number): Uint8Array {
    return this.#node(0, index)
  }

  #take({ leaves, nodes, cursor }: NextLeaves): readonly PlacedLeaf[] {
    this.#leaves.push(...leaves)
    for (const { level, index, hash } of nodes) this.#nodes.set(`${level}/${index}`, hash)
    this.cursor = cursor
    return leaves
  }

  #node(level: number, index: number): Uint8Array {
    const hash =
      level === 0 ? this.#leaves[index]?.hash : this.#nodes.get(`${String(level)}/${String(index)}`)
    if (hash === undefined) throw new Error(`no node ${String(level)}/${String(index)}`)
    return hash
  }
}

/** A record as it stands in a file. */
export type RawRecord = Readonly<Record<string, Json>>

/** The records of a bundle without the last. */
export function recordsOf(bundle: Uint8Array): readonly RawRecord[] {
  const lines = decodeUtf8(bundle).split('\n').slice(0, -2)
  return lines.map((line) => {
    const record = parseCanonicalText(line)
    if (!isRecord(record)) throw new Error('no record')
    return record
  })
}

function isRecord(value: Json): value is { readonly [member: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The text of a record's leaf; empty where it has none. */
export function leafText(record: RawRecord | undefined): string {
  const bytes = record?.['bytes']
  return typeof bytes === 'string' ? decodeUtf8(decodeBase64url(bytes)) : ''
}

/** The record with another leaf. */
export function withText(record: RawRecord | undefined, text: string): RawRecord {
  return { ...record, bytes: encodeBase64url(encodeUtf8(text)) }
}

/** A bundle of these records as a forger would write it: with the right counts and digest at its end. */
export function forgeBundle(records: readonly RawRecord[]): Uint8Array {
  const count = (kind: string): number => records.filter(({ record }) => record === kind).length
  const newline = Uint8Array.of(10)
  const lines = concatBytes(...records.flatMap((record) => [encodeCanonical(record), newline]))
  const end = {
    checkpoints: count('checkpoint'),
    evidence: count('evidence'),
    hashes: count('hash'),
    leaves: count('leaf'),
    nodes: count('node'),
    opens: count('open'),
    record: 'end',
    sha256: digest(lines),
  }
  return concatBytes(lines, encodeCanonical(end), newline)
}

/** The same signed object under a signature that is not one. */
export function brokenSignature(record: RawRecord | undefined): RawRecord {
  const text = canonicalize(record?.['content'] ?? '')
  const at = text.lastIndexOf('"signature":"') + 20
  const other = text[at] === 'A' ? 'B' : 'A'
  const content = parseCanonicalText(`${text.slice(0, at)}${other}${text.slice(at + 1)}`)
  return { ...record, content }
}
