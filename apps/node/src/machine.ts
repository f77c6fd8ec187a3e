/**
 * What a node takes from its machine beside clock, store and transport: chance, a clock that nobody sets, files of heads,
 * sealed files, and what was verified before. The simulation has others of each.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */
import { type Random } from '@amana/core'
import { type HeadFiles, headFiles } from './audit/checkpoint-file.ts'
import { BlobFolder, type Blobs } from './blobs/blob-folder.ts'
import { monotonicMs, systemRandom } from './system.ts'
import { type VerifiedBefore, verifiedSinceOpening } from './trust/verified-before.ts'

/** One machine. */
export interface Machine {
  readonly random: Random
  /** Milliseconds from anywhere, never set. */
  readonly monotonicMs: () => number
  readonly heads: HeadFiles
  /** The sealed files of the node of that folder. */
  readonly blobs: (folder: string) => Blobs
  /** What a folder that is opened need not verify again. */
  readonly before: () => VerifiedBefore
}

/** The machine on which this program runs. */
export const thisMachine: Machine = {
  random: systemRandom,
  monotonicMs,
  heads: headFiles,
  blobs: (folder) => new BlobFolder(folder),
  before: verifiedSinceOpening,
}
