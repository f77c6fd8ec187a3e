/**
 * The log of an agency of the sample, in memory, and the bundle that is written of it.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#sample
 */
import {
  addCosignatures,
  concatBytes,
  cosignCheckpoint,
  createCursor,
  digest,
  encodeBase64url,
  type EvidenceRecord,
  type GeneralJws,
  nextLeaves,
  type NextLeaves,
  type PlacedLeaf,
  rootOf,
  sealLog,
  signCheckpoint,
  treeRecords,
  verifyCheckpoint,
  writeBundle,
} from '@amana/core'
import { type SampleAgency } from './sample-agency.ts'

/** An event of the node. */
export interface SampleEvent {
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
}

/** A bundle shows everything that the log has: nothing of the sample is withheld. */
const CLASSES = ['g', 'w', 'x'] as const
const PAD_TO = 4

/** A log with its notes and evidence. */
export class SampleLog {
  readonly agency: SampleAgency
  readonly #evidence: EvidenceRecord[] = []
  readonly #notes: string[] = []
  readonly #leaves: PlacedLeaf[] = []
  #cursor
  #checkpointSize = 0

  constructor(agency: SampleAgency) {
    this.agency = agency
    this.#cursor = createCursor(agency.origin)
  }

  /** Appends events at an instant (seconds since 1970). */
  append(at: number, events: readonly SampleEvent[]): readonly PlacedLeaf[] {
    const own = events.map((event) => ({ ...event, actor: 'sys' }))
    return this.#take(nextLeaves(this.#cursor, own, at * 1000))
  }

  /** Keeps a signed object for the bundle. */
  keep(kind: Extract<EvidenceRecord, { content: GeneralJws }>['kind'], content: GeneralJws): void {
    this.#evidence.push({ content, digest: digest(content.payload), kind, record: 'evidence' })
  }

  /** Seals the log, signs its head and has the other agency cosign it. */
  async witnessedBy(other: SampleLog, at: number): Promise<void> {
    this.#take(sealLog(this.#cursor, PAD_TO, at * 1000))
    const { size } = this.#cursor.range
    const root = rootOf(this.#cursor.range)
    const { logSigners, origin } = this.agency
    const note = await signCheckpoint({ origin, size, root }, logSigners, at)
    const own = { origin, logKeys: logSigners, witnesses: [], quorum: 0 }
    const signers = other.agency.witnessSigners
    const lines = await cosignCheckpoint(await verifyCheckpoint(note, own), signers, at)
    const by = signers[0].name
    const cosigned = addCosignatures(note, lines, { name: by, keys: signers })
    other.#sawPeer(
      { log: origin, note: digest(note), root: encodeBase64url(root), size, time: at },
      note,
    )
    this.#checkpointSize = size
    this.#notes.push(cosigned)
    const data = { by, note: digest(cosigned), size, time: at }
    this.append(at, [{ event: 'w.cosigned', data }])
  }

  #sawPeer(data: SampleEvent['data'] & { readonly time: number }, note: string): void {
    this.append(data.time, [{ event: 'w.witness', data }])
    this.#evidence.push({
      content: note,
      digest: digest(note),
      kind: 'peer-note',
      record: 'evidence',
    })
  }

  /** The bundle up to the newest checkpoint. */
  async bundle(policyText: string, created: number): Promise<Uint8Array> {
    const size = this.#checkpointSize
    const tree = treeRecords({
      size,
      range: [0, size],
      classes: CLASSES,
      readNode: (_level, index) => this.#leaves[index]?.hash ?? new Uint8Array(),
      readLeaves: async (from, to) =>
        Promise.resolve(this.#leaves.slice(from, to).map(({ bytes }) => bytes)),
    })
    const header = {
      classes: [...CLASSES],
      created,
      log: this.agency.origin,
      policy: digest(policyText),
      purpose: 'audit' as const,
      range: [0, size] as [number, number],
      record: 'bundle' as const,
      size,
      v: 1 as const,
    }
    const lines: Uint8Array[] = []
    const parts = { header, notes: this.#notes, tree, evidence: this.#evidence }
    for await (const line of writeBundle(parts)) lines.push(line)
    return concatBytes(...lines)
  }

  #take({ leaves, cursor }: NextLeaves): readonly PlacedLeaf[] {
    this.#leaves.push(...leaves)
    this.#cursor = cursor
    return leaves
  }
}
