/**
 * The stages of a referral as a section of the bench.
 *
 * @module
 * @spec docs/spec/08-exchange.md#frames
 */
import { RATIO_LIMIT, type Stage, type StageBytes, STAGES, wireRatio } from './byte-stages.ts'
import { type Figure, type Section } from './figures.ts'

const NAMES: Readonly<Record<Stage, string>> = {
  plain: 'reference: the groups as plain canonical JSON',
  statement: 'statement, signed by two officers',
  opening: 'opening for the desk, as sealed',
  seal: 'seal',
  dispatch: 'dispatch, signed by the node',
  envelope: 'envelope',
  frame: 'frame on the wire',
  frameWithoutPostQuantum: 'frame without its post-quantum part',
  frameOf64: 'frame of 64 statements, each',
  receipt: 'receipt',
  receiptFrame: 'frame of the receipt',
  checkpointFrame: 'frame of a checkpoint to be cosigned',
  cosignatureFrame: 'frame of its cosignatures',
}

/** The stages, counted once: the same bytes every time, but for what chance compresses. */
export function bytesSection(stages: StageBytes): Section {
  return {
    title: 'Bytes of the filled referral',
    figures: [
      ...STAGES.map((stage) => once(NAMES[stage], 'bytes', stages[stage])),
      once('frame without its post-quantum part, to plain JSON', 'times', wireRatio(stages)),
    ],
    notes: [`Limit of the last: ${String(RATIO_LIMIT)}.`],
  }
}

function once(name: string, unit: Figure['unit'], value: number): Figure {
  return { name, unit, median: value, low: value, high: value, rounds: 1 }
}
