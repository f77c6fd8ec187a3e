/**
 * `amana peer export-queue` and `import-queue`: the queue and its answers as files, for a stick.
 *
 * @module
 * @spec docs/spec/09-carriers.md#files
 */
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AmanaError, canonicalize, decodeUtf8, digest, ERRORS, type ErrorCode } from '@amana/core'
import { z } from 'zod'
import { CARRIED_TYPES, type CarriedType } from '../../ports.ts'
import { inOrder } from '../../carriers/arrivals.ts'
import { type ServiceInput } from '../../service-inputs.ts'
import { type TakenFile } from '../../service-views.ts'
import { type NodeServices, type ServiceResults } from '../../services.ts'
import { readBytes, writeText } from '../files.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext, requireFolder } from '../options.ts'
import { assertRoom } from '../room.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'
import { sizeOf } from '../texts.ts'
import { withServices } from '../with-services.ts'

const INDEX_SCHEMA = 'amana.deposit-index/1'
/** Files of a folder that are looked at, and of one call to the node. */
const MOST_FILES = 20_000
const FILES_A_CALL = 16
const INDEX_BYTES = 2 * 1024 * 1024

const IndexSchema = z.strictObject({
  deposits: z.array(z.string().length(43)).max(MOST_FILES),
  from: z.string(),
  schema: z.literal(INDEX_SCHEMA),
  to: z.string(),
})

/** `amana peer export-queue`. */
export function peerExportQueueCommand(shell: Shell): CommandUnknownOpts {
  return leafCommand(shell, 'export-queue', 'peerExportQueue')
    .argument('<agency>')
    .requiredOption('--to <dir>', shell.say('help.option.queueTo'))
    .option('--without-attachments', shell.say('help.option.withoutAttachments'))
    .option('--dry-run', shell.say('help.option.queueDryRun'))
    .action(async (agency, { dryRun, to, withoutAttachments, ...options }) => {
      const context = contextOf(shell, options)
      await requireFolder(context)
      const leftOut = withoutAttachments === undefined ? {} : { withoutAttachments }
      const asked = { agency, to: resolve(to), ...leftOut }
      if (dryRun === true) await wouldExport(context, asked)
      else await exportQueue(context, asked)
    })
}

/** `amana peer import-queue`. */
export function peerImportQueueCommand(shell: Shell): CommandUnknownOpts {
  return leafCommand(shell, 'import-queue', 'peerImportQueue')
    .argument('<dir>')
    .option('--dry-run', shell.say('help.option.queueDryRun'))
    .action((dir, options) =>
      importQueue(contextOf(shell, options), resolve(dir), options.dryRun === true),
    )
}

/** What is to be written where. */
type Exporting = Omit<ServiceInput<'exportQueue'>, 'after'>

async function wouldExport(context: CommandContext, asked: Exporting): Promise<void> {
  const { io } = context
  const { agency } = asked
  const count = await withServices(context, (node) => countOf(node, asked))
  const { rangeBytes, ranges } = count
  const attached = { ranges, size: sizeOf(io, rangeBytes) }
  printAnswer(io, 'amana.cli.peer-export-queue/1', {
    json: { agency, dryRun: true, ...count },
    lines: [
      io.say('peer.carried.would', { agency, ...count }),
      ...(ranges === 0 ? [] : [io.say('peer.carried.wouldAttach', attached)]),
    ],
  })
}

async function countOf(
  node: NodeServices,
  { agency, withoutAttachments }: Exporting,
): Promise<ServiceResults['countQueue']> {
  const count = await node.countQueue({ agency })
  return withoutAttachments === true ? { ...count, rangeBytes: 0, ranges: 0 } : count
}

/** Most of them are smaller. */
const FILE_BYTES = 65_536

/** About how many bytes will be written. */
function bytesOf({
  documents,
  envelopes,
  queued,
  rangeBytes,
  receipts,
}: ServiceResults['countQueue']): number {
  return rangeBytes + (documents + envelopes + queued + receipts + 1) * FILE_BYTES
}

type ExportedFile = ServiceResults['exportQueue']['files'][number]

async function exportQueue(context: CommandContext, asked: Exporting): Promise<void> {
  const { io } = context
  const { agency, to } = asked
  const { files, own, problem } = await withServices(context, async (node) => {
    const { agency: from } = await node.status({})
    await assertRoom(to, bytesOf(await countOf(node, asked)))
    return { own: from, ...(await exportPages(node, asked, progressOf(io))) }
  })
  const index = await writeIndex({ files, from: own, to: agency }, to)
  const what = CARRIED_TYPES.flatMap((type) =>
    countText(io, io.say(`peer.carried.type.${type}`), ofType(files, type)),
  )
  const values = { count: files.length, to, agency, what: what.join(', ') }
  printAnswer(io, 'amana.cli.peer-export-queue/1', {
    json: { agency, to, index, files, ...(problem === undefined ? {} : { problem }) },
    lines: [
      io.say('peer.carried.written', values),
      ...(problem === undefined ? [] : [io.say('node.problem', { why: whyText(io, problem) })]),
      io.say('peer.carried.index', { file: index }),
      io.say('peer.carried.next', { agency }),
      io.say('peer.carried.again'),
    ],
  })
}

async function exportPages(
  node: NodeServices,
  asked: Exporting,
  tell: (done: number) => void,
): Promise<{ readonly files: readonly ExportedFile[]; readonly problem?: ErrorCode }> {
  const files: ExportedFile[] = []
  for (let page = await node.exportQueue(asked); ;) {
    files.push(...page.files)
    tell(files.length)
    const { next, problem } = page
    if (next === undefined) return { files, ...(problem === undefined ? {} : { problem }) }
    page = await node.exportQueue({ ...asked, after: next })
  }
}

/** Names of what was written, for whoever reads: what it leaves out or adds changes nothing. */
async function writeIndex(
  list: { readonly files: readonly ExportedFile[]; readonly from: string; readonly to: string },
  folder: string,
): Promise<string> {
  const { files, from, to } = list
  const deposits = files.map((file) => file.digest).toSorted()
  const text = canonicalize({ deposits, from, schema: INDEX_SCHEMA, to })
  const file = join(folder, `index-${digest(text)}.json`)
  await writeText(file, text)
  return file
}

/** A file of the folder, after it was looked at and taken in. */
type ListedFile = Omit<TakenFile, 'result'> & {
  readonly result: TakenFile['result'] | 'double' | 'index'
}

interface Found {
  readonly next: number
  /** What holds something, in the order in which it can be taken in. */
  readonly deposits: readonly Inspected[]
  readonly others: readonly ListedFile[]
  /** How many files of the lists are not here. */
  readonly missing: number
}

type Inspected = ServiceResults['inspectDeposits']['files'][number]

async function importQueue(context: CommandContext, from: string, dryRun: boolean): Promise<void> {
  const { io } = context
  const paths = await filesIn(from)
  const { agency, files, missing } = await withServices(context, async (node) => {
    const { peers } = await node.status({})
    const found = await inspectAll(node, paths)
    const taken = dryRun ? wouldTake(found) : await takeAll(node, found, progressOf(io))
    const list = [...taken, ...found.others]
    return { agency: peers[0]?.agency ?? '', files: list, missing: found.missing }
  })
  printAnswer(io, 'amana.cli.peer-import-queue/1', {
    json: { from, dryRun, missing, files },
    lines: importLines(io, { agency, dryRun, files, from, missing }),
  })
}

/** Plain files of the folder itself, by name. @throws CLI_FILE when it cannot be read, or holds more than 20,000 */
async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name))
    if (files.length <= MOST_FILES) return files.toSorted()
  } catch (cause) {
    throw new AmanaError('CLI_FILE', { path: folder }, { cause })
  }
  throw new AmanaError('CLI_FILE', { path: folder })
}

async function inspectAll(node: NodeServices, paths: readonly string[]): Promise<Found> {
  const found: Inspected[] = []
  let next = 0
  for (const files of pagesOf(paths)) {
    const page = await node.inspectDeposits({ files: [...files] })
    found.push(...page.files)
    next = page.next
  }
  const lists = await Promise.all(found.filter(isNoDeposit).map(({ file }) => indexIn(file)))
  const listed = new Set(lists.flatMap((list) => list?.deposits ?? []))
  const indexes = new Set(lists.flatMap((list) => list?.file ?? []))
  const here = new Set(found.map((one) => one.digest ?? ''))
  return {
    next,
    deposits: firstOfEach(found).toSorted(inOrder),
    others: found.flatMap((one) => otherFile(one, indexes, found)),
    missing: [...listed].filter((name) => !here.has(name)).length,
  }
}

function isNoDeposit({ type }: Inspected): boolean {
  return type === undefined
}

/** A list of files; nothing where the file is none. */
async function indexIn(
  file: string,
): Promise<(z.output<typeof IndexSchema> & { readonly file: string }) | undefined> {
  const { size } = await stat(file)
  if (size > INDEX_BYTES) return undefined
  try {
    const list = IndexSchema.safeParse(JSON.parse(decodeUtf8(await readBytes(file))))
    return list.success ? { ...list.data, file } : undefined
  } catch {
    return undefined
  }
}

/** What says what it is, and what opens to nothing, each once. */
function firstOfEach(found: readonly Inspected[]): readonly Inspected[] {
  const seen = new Map(found.toReversed().map((one) => [one.digest, one] as const))
  return found.filter((one) => one.type !== undefined && seen.get(one.digest) === one)
}

function otherFile(
  one: Inspected,
  indexes: ReadonlySet<string>,
  found: readonly Inspected[],
): readonly ListedFile[] {
  const { code, file, type } = one
  if (indexes.has(file)) return [{ file, result: 'index' }]
  if (type === undefined) return [{ file, result: 'refused', code: code ?? 'CLI_FILE' }]
  const first = found.find((other) => other.digest === one.digest)
  return first === one ? [] : [{ file, result: 'double', type }]
}

async function takeAll(
  node: NodeServices,
  { deposits }: Found,
  tell: (done: number, count: number) => void,
): Promise<readonly ListedFile[]> {
  const taken: ListedFile[] = []
  for (const files of pagesOf(deposits.map(({ file }) => file))) {
    taken.push(...(await node.importDeposits({ files: [...files] })).files)
    tell(taken.length, deposits.length)
  }
  return taken
}

/** What would become of each as far as its place says it; what is in it nobody has looked at. */
function wouldTake({ deposits, next }: Found): readonly ListedFile[] {
  let place = next
  return deposits.map(({ file, order = 0, type }) => {
    if (type !== 'envelope') return { file, order, result: 'taken', ...typeOf(type) }
    if (order < place) return { file, order, result: 'known', type }
    if (order > place) return { file, missing: order - place, order, result: 'held', type }
    place += 1
    return { file, order, result: 'taken', type }
  })
}

function typeOf(type: CarriedType | undefined): { readonly type?: CarriedType } {
  return type === undefined ? {} : { type }
}

interface ImportAnswer {
  readonly agency: string
  readonly dryRun: boolean
  readonly files: readonly ListedFile[]
  readonly from: string
  readonly missing: number
}

const RESULTS = ['taken', 'known', 'held', 'double', 'refused', 'index'] as const

function importLines(io: Io, answer: ImportAnswer): readonly string[] {
  const { agency, dryRun, files, from, missing } = answer
  if (files.length === 0) return [io.say('peer.carried.empty', { from })]
  const counts = RESULTS.flatMap((result) => {
    const name = dryRun && result === 'taken' ? 'would' : result
    const count = files.filter((file) => file.result === result).length
    return countText(io, io.say(`peer.carried.result.${name}`), count)
  })
  const released = files.reduce((sum, file) => sum + (file.released ?? 0), 0)
  const owes = !dryRun && files.some(({ type }) => type === 'envelope')
  return [
    io.say(dryRun ? 'peer.carried.readDry' : 'peer.carried.read', {
      count: files.length,
      from,
      what: counts.join(', '),
    }),
    ...files.flatMap((file) => fileLine(io, file)),
    ...(released === 0 ? [] : [io.say('peer.carried.released', { count: released })]),
    ...(missing === 0 ? [] : [io.say('peer.carried.missing', { count: missing })]),
    ...(owes ? [io.say('peer.carried.receipts', { agency })] : []),
  ]
}

/** What a person has to know of one file; nothing of one that was simply taken in. */
function fileLine(io: Io, listed: ListedFile): readonly string[] {
  const { code, file, missing = 0, order = 0, refused = 0, result, type } = listed
  const what = type === undefined ? '' : io.say(`peer.carried.one.${type}`, { order })
  if (result === 'held') {
    const key = missing === 0 ? 'heldNone' : 'held'
    return [`  ${io.say(`peer.carried.${key}`, { file, what, missing })}`]
  }
  if (code !== undefined) {
    return [`  ${io.say('peer.carried.refused', { file, why: whyText(io, code) })}`]
  }
  if (refused === 0) return []
  const { statements = 0 } = listed
  return [`  ${io.say('peer.carried.refusedStatements', { file, what, refused, statements })}`]
}

function whyText({ language }: Io, code: ErrorCode): string {
  const { hintEn, hintFr } = ERRORS[code]
  return `${language === 'en' ? hintEn : hintFr} [${code}]`
}

function countText(io: Io, label: string, count: number): readonly string[] {
  return count === 0 ? [] : [io.say('peer.carried.count', { count, label })]
}

function ofType(files: readonly ExportedFile[], type: CarriedType): number {
  return files.filter((file) => file.type === type).length
}

/** How far it is, where a person looks. */
function progressOf(io: Io): (done: number, count?: number) => void {
  return (done, count) => {
    if (!io.interactive) return
    const key = count === undefined ? 'progressOut' : 'progress'
    io.talk(io.say(`peer.carried.${key}`, { done, count: count ?? done }))
  }
}

function* pagesOf(files: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < files.length; at += FILES_A_CALL) yield files.slice(at, at + FILES_A_CALL)
}
