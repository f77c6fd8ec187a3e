/**
 * `pnpm bench`: what a message costs in bytes and in time. It speaks English, since it is for those who change the code.
 * Only the bytes can fail it: times belong to the machine.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import { parseArgs } from 'node:util'
import { measureAttachments } from './attachments.ts'
import { measureAuditLog } from './audit-log.ts'
import { measureStages, RATIO_LIMIT, type StageBytes, wireRatio } from './byte-stages.ts'
import { bytesSection, wireSection } from './bytes.ts'
import { measureColdStart } from './cold-start.ts'
import { measureExchange } from './exchange.ts'
import { type Section, tableOf } from './figures.ts'
import { measureLargeFile } from './large-file.ts'
import { describeMachine, machineLines } from './machine.ts'
import { measurePage } from './page.ts'
import { measureSealing } from './sealing.ts'
import { makeTwoAgencies } from './two-agencies.ts'
import { measureVerifying } from './verifying.ts'
import { virtualSection } from './virtual.ts'

const QUICK = {
  sealing: { rounds: 3, turns: 12 },
  exchange: { rounds: 3, counts: { 1: 8, 64: 64 }, forMs: 4000 },
  coldStarts: 3,
  leaves: 50_000,
  auditLog: { rounds: 3, alone: 60, together: 1280, long: 10_000 },
  page: { rounds: 3, leafCount: 20_000 },
} as const
const WHOLE = {
  sealing: { rounds: 7, turns: 40 },
  exchange: { rounds: 5, counts: { 1: 30, 64: 256 }, forMs: 30_000 },
  coldStarts: 5,
  leaves: 1_000_000,
  auditLog: { rounds: 5, alone: 300, together: 12_800, long: 1_000_000 },
  page: { rounds: 3, leafCount: 1_000_000 },
} as const

/** In each way; a slow line takes its time. */
const MESSAGES = { messages: 6 }

const { values } = parseArgs({
  options: {
    attachments: { type: 'boolean' },
    json: { type: 'boolean' },
    large: { type: 'boolean' },
    quick: { type: 'boolean' },
  },
})
const effort = values.quick === true ? QUICK : WHOLE
const machine = await describeMachine()
if (values.json !== true) process.stdout.write(`${machineLines(machine)}\n`)
const stages = await measureStages()
const sections: Section[] = []
if (values.large === true) await add(measureLargeFile)
else if (values.attachments === true) await add(() => measureAttachments(MESSAGES))
else await measureAll()
if (values.json === true) {
  process.stdout.write(`${JSON.stringify({ v: 1, machine, stages, sections }, undefined, 2)}\n`)
}
if (wireRatio(stages) > RATIO_LIMIT) {
  process.stderr.write(`bench: the frame is over ${String(RATIO_LIMIT)} times the plain JSON\n`)
  process.exitCode = 1
}

async function measureAll(): Promise<void> {
  await add(() => Promise.resolve(bytesSection(stages)))
  await add(() => wireSection(stages))
  await add(() => virtualSection(stages))
  await add(() => measureSealing(effort.sealing))
  await add(() => measureAuditLog(effort.auditLog))
  await add(() => measureVerifying(effort.leaves))
  await add(() => measurePage(effort.page))
  await measureNodes(stages)
}

async function measureNodes({ frame, receiptFrame }: StageBytes): Promise<void> {
  await using agencies = await makeTwoAgencies()
  await add(() => measureColdStart(agencies, effort.coldStarts))
  const carried = { frameBytes: frame, answerBytes: receiptFrame }
  await add(() => measureExchange(agencies, { ...effort.exchange, ...carried }))
}

/** Prints each section when it is there: the whole takes minutes. */
async function add(measure: () => Promise<Section>): Promise<void> {
  const section = await measure()
  sections.push(section)
  if (values.json !== true) process.stdout.write(`${tableOf(section)}\n`)
}
