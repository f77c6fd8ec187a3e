/**
 * Two nodes in two processes over libp2p, against an echo over the same transport with one sync on each side, turn and
 * turn about.
 *
 * @module
 * @spec docs/spec/08-exchange.md#session
 */
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type Child, startChild } from './child.ts'
import {
  AddressSchema,
  CpuSchema,
  DoneSchema,
  type EchoQuestion,
  type Load,
  type NodeQuestion,
  type Run,
  RunSchema,
  type Traffic,
  TrafficSchema,
} from './child-messages.ts'
import { type Figure, type Section } from './figures.ts'
import { percentile, spreadOf } from './statistics.ts'
import { PASSPHRASE, type TwoAgencies } from './two-agencies.ts'

/** How much is measured. */
export interface ExchangeEffort {
  readonly rounds: number
  /** Messages that one run sends, by how many are on their way at a time. */
  readonly counts: Readonly<Record<InFlight, number>>
  /** No more are begun after so long. */
  readonly forMs: number
  /** Bytes of the frame of one message, and of its answer: what the echo carries. */
  readonly frameBytes: number
  readonly answerBytes: number
}

/** How many messages are on their way at a time. */
export type InFlight = 1 | 64

/** An echo is quicker: it sends so many times more. */
const ECHO_FACTOR = 4
/** What is sent before anything counts: programs are quicker when they have run a while. */
const WARM_UP = { 1: 2, 64: 64 } as const
const MS = 1000
const QUIET_MS = 2000
/** Less than this in that time is keeping alive. */
const QUIET_BYTES = 512
const QUIET_TRIES = 12

/** Everything about two nodes that talk. */
export async function measureExchange(
  agencies: TwoAgencies,
  effort: ExchangeEffort,
): Promise<Section> {
  await using opened = new AsyncDisposableStack()
  const [nodes, echo] = await Promise.all([
    startNodes(agencies, opened),
    startEcho(agencies.path, effort, opened),
  ])
  const trafficOf = (): Promise<Traffic> => nodes.sender.ask({ ask: 'traffic' }, TrafficSchema)
  try {
    const rounds = await runRounds({ nodes, echo }, agencies, effort)
    const alone = await trafficOfOne(nodes.sender, agencies)
    return sectionOf(rounds, alone, await trafficOf())
  } catch (cause) {
    const { ended } = await trafficOf()
    throw new Error(`no figures; sessions that ended: ${ended.join(', ')}`, { cause })
  }
}

async function runRounds(
  pairs: Pairs,
  agencies: TwoAgencies,
  effort: ExchangeEffort,
): Promise<readonly Round[]> {
  await runRound(pairs, agencies, { ...effort, counts: WARM_UP })
  const rounds: Round[] = []
  while (rounds.length < effort.rounds) rounds.push(await runRound(pairs, agencies, effort))
  return rounds
}

interface Pair<Question extends object> {
  readonly sender: Child<Question>
  readonly receiver: Child<Question>
}

interface Pairs {
  readonly nodes: Pair<NodeQuestion>
  readonly echo: Pair<EchoQuestion>
}

async function startNodes(
  agencies: TwoAgencies,
  opened: AsyncDisposableStack,
): Promise<Pair<NodeQuestion>> {
  const start = async (folder: string): Promise<Child<NodeQuestion>> => {
    const child = opened.use(startChild<NodeQuestion>('./node-child.ts'))
    await child.ask({ ask: 'open', folder, passphrase: PASSPHRASE }, DoneSchema)
    return child
  }
  const folders = [agencies.sender.folder, agencies.receiver.folder]
  const [sender, receiver] = await Promise.all(folders.map(start))
  if (sender === undefined || receiver === undefined) throw new Error('no nodes')
  return { sender, receiver }
}

async function startEcho(
  path: string,
  { answerBytes }: ExchangeEffort,
  opened: AsyncDisposableStack,
): Promise<Pair<EchoQuestion>> {
  const receiver = opened.use(startChild<EchoQuestion>('./echo-child.ts'))
  const sender = opened.use(startChild<EchoQuestion>('./echo-child.ts'))
  const listening = await receiver.ask(
    { ask: 'answer', file: join(path, 'echo-receiver'), answerBytes },
    AddressSchema,
  )
  const file = join(path, 'echo-sender')
  await sender.ask({ ask: 'dial', file, ...listening }, DoneSchema)
  return { receiver, sender }
}

/** What one run tells, for each message of it. */
interface Measured {
  readonly eachMs: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly senderCpuMs: number
  readonly receiverCpuMs: number
  readonly unfinished: number
}

type Round = Readonly<Record<InFlight, { readonly echo: Measured; readonly node: Measured }>>

async function runRound(
  { echo, nodes }: Pairs,
  { receiver }: TwoAgencies,
  { counts, forMs, frameBytes }: ExchangeEffort,
): Promise<Round> {
  const both = async (inFlight: InFlight): Promise<Round[InFlight]> => {
    const load: Load = { count: counts[inFlight], inFlight, forMs }
    const more = { ...load, count: load.count * ECHO_FACTOR }
    return {
      echo: await measured(echo.receiver, () =>
        echo.sender.ask({ ask: 'send', frameBytes, ...more }, RunSchema),
      ),
      node: await measured(nodes.receiver, () =>
        nodes.sender.ask({ ask: 'send', to: receiver.id, ...load }, RunSchema),
      ),
    }
  }
  return { 1: await both(1), 64: await both(64) }
}

async function measured(
  receiver: { ask(question: { ask: 'cpu' }, schema: typeof CpuSchema): Promise<Cpu> },
  run: () => Promise<Run>,
): Promise<Measured> {
  const before = await receiver.ask({ ask: 'cpu' }, CpuSchema)
  const { cpuMicros, elapsedMs, latenciesMs, unfinished } = await run()
  const after = await receiver.ask({ ask: 'cpu' }, CpuSchema)
  const count = latenciesMs.length
  if (count === 0) throw new Error(`none of ${String(unfinished)} messages was over in time`)
  return {
    eachMs: elapsedMs / count,
    p50Ms: percentile(latenciesMs, 0.5),
    p95Ms: percentile(latenciesMs, 0.95),
    senderCpuMs: cpuMicros / MS / count,
    receiverCpuMs: (after.cpuMicros - before.cpuMicros) / MS / count,
    unfinished,
  }
}

interface Cpu {
  readonly cpuMicros: number
}

/** What one statement costs on the connection when nothing else is said: its receipt and what covers both logs with it. */
async function trafficOfOne(
  sender: Child<NodeQuestion>,
  { receiver }: TwoAgencies,
): Promise<Pick<Traffic, 'sentBytes' | 'receivedBytes'>> {
  const before = await quietTraffic(sender)
  const load: Load = { count: 1, inFlight: 1, forMs: 10 * QUIET_MS }
  await sender.ask({ ask: 'send', to: receiver.id, ...load }, RunSchema)
  const after = await quietTraffic(sender)
  return {
    sentBytes: after.sentBytes - before.sentBytes,
    receivedBytes: after.receivedBytes - before.receivedBytes,
  }
}

async function quietTraffic(sender: Child<NodeQuestion>): Promise<Traffic> {
  let before = await sender.ask({ ask: 'traffic' }, TrafficSchema)
  for (let tries = 0; tries < QUIET_TRIES; tries += 1) {
    await setTimeout(QUIET_MS)
    const after = await sender.ask({ ask: 'traffic' }, TrafficSchema)
    const passed = after.sentBytes + after.receivedBytes - before.sentBytes - before.receivedBytes
    if (passed < QUIET_BYTES) return after
    before = after
  }
  return before
}

function sectionOf(
  rounds: readonly Round[],
  alone: Pick<Traffic, 'sentBytes' | 'receivedBytes'>,
  { ended }: Traffic,
): Section {
  const gain = rounds.map((round) => round[1].node.eachMs / round[64].node.eachMs)
  const lost = rounds.reduce(
    (sum, round) => sum + round[1].node.unfinished + round[64].node.unfinished,
    0,
  )
  const codes = ended.length === 0 ? 'none' : ended.join(', ')
  return {
    title: 'Two nodes over libp2p, submit to durable receipt',
    figures: [
      ...figuresOf(rounds, 1),
      ...figuresOf(rounds, 64),
      { name: 'statements a second, 64 in flight to 1', unit: 'times', ...spreadOf(gain) },
      { name: 'one statement alone, sent in all', unit: 'bytes', ...spreadOf([alone.sentBytes]) },
      {
        name: 'one statement alone, received in all',
        unit: 'bytes',
        ...spreadOf([alone.receivedBytes]),
      },
    ],
    notes: [
      'Reference: an echo of as many bytes over the same transport, one sync of a file on each side.',
      `Statements without a receipt in time: ${String(lost)}. Sessions that ended: ${codes}.`,
    ],
  }
}

function figuresOf(rounds: readonly Round[], inFlight: InFlight): readonly Figure[] {
  const flown = `${String(inFlight)} in flight`
  const each = (value: (one: Measured, echo: Measured) => number): readonly number[] =>
    rounds.map((round) => value(round[inFlight].node, round[inFlight].echo))
  const figure = (
    name: string,
    unit: Figure['unit'],
    value: (one: Measured, echo: Measured) => number,
  ): Figure => ({ name: `${name}, ${flown}`, unit, ...spreadOf(each(value)) })
  const reference = (...[name, unit, value]: Parameters<typeof figure>): Figure => ({
    ...figure(name, unit, value),
    reference: true,
  })
  return [
    reference('reference', 'per second', (_one, echo) => MS / echo.eachMs),
    reference('reference, p50', 'ms', (_one, echo) => echo.p50Ms),
    figure('statements', 'per second', (one) => MS / one.eachMs),
    figure('statement, p50', 'ms', (one) => one.p50Ms),
    figure('statement, p95', 'ms', (one) => one.p95Ms),
    figure('time of one, to reference', 'times', (one, echo) => one.eachMs / echo.eachMs),
    figure('p50, to reference', 'times', (one, echo) => one.p50Ms / echo.p50Ms),
    figure('p95, to reference', 'times', (one, echo) => one.p95Ms / echo.p95Ms),
    figure('processor time, sender', 'ms', (one) => one.senderCpuMs),
    figure('processor time, receiver', 'ms', (one) => one.receiverCpuMs),
    figure('processor time of both, to reference', 'times', (one, echo) => cpu(one) / cpu(echo)),
  ]
}

function cpu({ senderCpuMs, receiverCpuMs }: Measured): number {
  return senderCpuMs + receiverCpuMs
}
