/**
 * A slow line in a time of its own: a backlog that drains, and urgent messages beside it and beside a file. The same on
 * every machine.
 *
 * @module
 * @spec docs/spec/08-exchange.md#on-the-way
 */
import { type MessageSizes, VirtualBacklog } from '../support/virtual-backlog.ts'
import { LEAST_MS, VirtualFile } from '../support/virtual-file.ts'
import { BYTES_PER_MS, ONE_WAY_MS, share } from '../support/virtual-line.ts'
import { measureStages, type StageBytes } from './byte-stages.ts'
import { type Figure, type Section, type Unit } from './figures.ts'
import { SHORT_REPORT } from './sample-messages.ts'
import { spreadOf } from './statistics.ts'

const BACKLOG = 10_000
const FULL = 64
const HOURS_MS = 4 * 3_600_000

/** @param stages of the filled referral */
export async function virtualSection(stages: StageBytes): Promise<Section> {
  const report = await measureStages(SHORT_REPORT)
  return {
    title: 'A line of 64 kbit/s, 600 ms, 5 % lost, in a time of its own',
    figures: [
      ...backlogFigures('filled referrals', stages),
      ...backlogFigures('reports of 2.5 KB', report),
      ...fileFigures(),
    ],
    notes: [
      'What is lost is sent again: the line cannot carry more than 95 of 100 bytes.',
      'What the nodes compute and write to their disks comes on top.',
    ],
  }
}

function backlogFigures(name: string, stages: StageBytes): readonly Figure[] {
  const sizes = sizesOf(stages)
  const alone = new VirtualBacklog('backlog', sizes, BACKLOG).drain(false)
  const { urgent } = new VirtualBacklog('backlog', sizes, BACKLOG).drain(true)
  const least = 2 * ONE_WAY_MS + (sizes.frame(1) + sizes.receipt(1)) / BYTES_PER_MS
  const tookMs = urgent.map((one) => one.tookMs)
  const ahead = urgent.map(({ aheadBytes }) => aheadBytes)
  return [
    once(`10,000 ${name} that waited: rate to the line`, 'times', alone.used),
    once('  bytes of frames each', 'bytes', alone.sentBytes / BACKLOG),
    once('  statements in a dispatch', 'times', BACKLOG / alone.dispatches),
    spread('  bytes ahead of one about lives at risk', 'bytes', ahead),
    spread('  until its receipt', 'ms', tookMs),
    once('  least that the line allows', 'ms', least),
  ]
}

function fileFigures(): readonly Figure[] {
  const file = new VirtualFile('line').play(HOURS_MS, true)
  return [
    once(
      'urgent message beside a file, median to the least',
      'times',
      share(file.tookMs, 0.5) / LEAST_MS,
    ),
    once('  9 of 10 to the least', 'times', share(file.tookMs, 0.9) / LEAST_MS),
    once('  rate of the file to the line', 'times', file.fileBytes / HOURS_MS / BYTES_PER_MS),
  ]
}

/** What a dispatch has for itself, and what each statement adds. */
function sizesOf(stages: StageBytes): MessageSizes {
  return {
    estimated: stages.estimate,
    envelope: linear(stages.envelope, stages.envelopeOf64),
    frame: linear(stages.frame, stages.frameOf64),
    receipt: linear(stages.receiptFrame, stages.receiptFrameOf64),
  }
}

function linear(one: number, each: number): (count: number) => number {
  const more = (FULL * each - one) / (FULL - 1)
  return (count) => Math.ceil(one + (count - 1) * more)
}

function once(name: string, unit: Unit, value: number): Figure {
  return { name, unit, ...spreadOf([value]) }
}

function spread(name: string, unit: Unit, values: readonly number[]): Figure {
  return { name, unit, ...spreadOf(values) }
}
