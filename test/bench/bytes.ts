/**
 * The stages of a referral as a section of the bench.
 *
 * @module
 * @spec docs/spec/08-exchange.md#frames
 */
import {
  measureStages,
  RATIO_LIMIT,
  type Stage,
  type StageBytes,
  STAGES,
  wireCost,
  wireRatio,
} from './byte-stages.ts'
import { type Figure, type Section } from './figures.ts'
import { SHORT_REFERRAL, SHORT_REPORT } from './sample-messages.ts'

const NAMES: Readonly<Record<Stage, string>> = {
  plain: 'reference: the groups as plain canonical JSON',
  statement: 'statement, signed by two officers',
  opening: 'opening for the desk, as sealed',
  seal: 'seal',
  dispatch: 'dispatch, signed by the node',
  envelope: 'envelope',
  envelopeOf64: 'envelope of 64 statements, each',
  estimate: 'what the outbox takes a statement to add',
  frame: 'frame on the wire',
  frameWithoutPostQuantum: 'frame without its post-quantum part',
  frameOf64: 'frame of 64 statements, each',
  receipt: 'receipt',
  receiptFrame: 'frame of the receipt',
  receiptFrameOf64: 'frame of the receipt for 64, each',
  checkpointFrame: 'frame of a checkpoint to be cosigned',
  cosignatureFrame: 'frame of its cosignatures',
}

/** What short messages cost on the wire with their receipts, to their plain JSON. */
export async function wireSection(stages: StageBytes): Promise<Section> {
  const samples = [
    ['filled referral, 19 groups', stages],
    ['referral, 19 groups, 6 of them empty', await measureStages(SHORT_REFERRAL)],
    ['report, 1 group', await measureStages(SHORT_REPORT)],
  ] as const
  const figures = samples.flatMap(([name, measured]) => {
    const cost = wireCost(measured)
    return [
      once(`${name}: plain JSON`, 'bytes', measured.plain),
      once('  1 in a dispatch, with its receipt', 'times', cost.alone),
      once('  the same without its post-quantum part', 'times', cost.aloneWithoutPostQuantum),
      once('  64 in a dispatch, with their receipt, each', 'times', cost.of64),
      once('  the same without its post-quantum part', 'times', cost.of64WithoutPostQuantum),
    ]
  })
  return {
    title: 'Bytes on the wire to plain JSON, receipts included',
    figures,
    notes: ['Asked for: 2.2 alone and 1.35 of 64, without the post-quantum part.'],
  }
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
