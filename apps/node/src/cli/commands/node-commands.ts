/**
 * `amana node run` and `amana node status`.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { ERRORS } from '@amana/core'
import { createEvents } from '../../events.ts'
import { createLogger } from '../../logger.ts'
import { runNode } from '../../node.ts'
import { type NodeStatus, type PeerStatus } from '../../service-views.ts'
import { expiryLines } from '../expiries.ts'
import { type Io, printAnswer } from '../io.ts'
import { mailboxLines, peerLines, trafficLines } from '../line-lines.ts'
import { logLines } from '../log-lines.ts'
import { requireFolder, type CommandContext } from '../options.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { dayOf, instantOf, shortId } from '../texts.ts'
import { withServices } from '../with-services.ts'

/** The commands of the group `node`. */
export function nodeCommands(shell: Shell): CommandUnknownOpts {
  const run = leafCommand(shell, 'run', 'nodeRun').action((options) =>
    nodeRun(contextOf(shell, options), shell.invocation.ended),
  )
  const status = leafCommand(shell, 'status', 'nodeStatus').action((options) =>
    nodeStatus(contextOf(shell, options)),
  )
  return groupCommand(shell, { name: 'node', helpKey: 'node' }, [run, status])
}

/**
 * Runs the node in the foreground until the process is asked to end, or its store takes nothing any more.
 *
 * @throws STORE_LOCKED when another process has the folder, NET_LISTEN when a port is taken,
 * STORE_WRITE when a write failed
 */
async function nodeRun(context: CommandContext, ended: AbortSignal): Promise<void> {
  const folder = await requireFolder(context)
  const passphrase = await context.passphrases('node')
  await runNode({
    folder,
    passphrase,
    events: createEvents(createLogger()),
    ended,
    listening: async (services) => {
      sayListening(context.io, await services.status({}))
    },
  })
}

/** Prints how the node and its links are. */
async function nodeStatus(context: CommandContext): Promise<void> {
  const status = await withServices(context, (services) => services.status({}))
  printAnswer(context.io, 'amana.cli.node-status/1', {
    json: { status },
    lines: statusLines(context.io, status),
  })
}

function problemText({ language }: Io, code: NonNullable<PeerStatus['problem']>): string {
  const { hintEn, hintFr } = ERRORS[code]
  return `${language === 'en' ? hintEn : hintFr} [${code}]`
}

function sayListening(io: Io, status: NodeStatus): void {
  const { agency, peerId, addresses } = status
  if (io.json) io.answer(JSON.stringify({ event: 'listening', agency, peerId, addresses }))
  else io.talk(io.say('node.listening', { agency, addresses: addresses.join(', ') }))
}

/** What people on both sides must hear of: somebody recovers, two charters of one version were signed, one is needed. */
function charterLines(
  { say }: Io,
  { charterForks = [], fullChains = [], recovery }: NodeStatus,
): readonly string[] {
  const full = fullChains.map((chain) => say('node.fullChain', { ...chain }))
  const forks = [...full, ...charterForks.map((version) => say('node.charterFork', { version }))]
  if (recovery === undefined) return forks
  const { agency, until } = recovery
  const line =
    until === undefined
      ? say('node.recovery.unseen', { agency })
      : say('node.recovery.until', { agency, date: dayOf(until) })
  return [line, ...forks]
}

/** What would be lost to its agency with one officer. */
function readerLines({ say }: Io, { readers }: NodeStatus): readonly string[] {
  if (readers === undefined) return []
  if (readers.officers === 0) return [say('node.readers.none')]
  const one = readers.thin.filter((thin) => thin.readers === 1).length
  const nobody = readers.thin.length - one
  return [say('node.readers.thin', { nobody, one })]
}

/** Openings against the usual rule that another officer has to judge. */
function reviewLines({ say }: Io, { reviews }: NodeStatus): readonly string[] {
  return reviews.map(({ actor, dueAt, index, overdue }) =>
    say(overdue ? 'node.reviewOverdue' : 'node.review', { actor, index, date: instantOf(dueAt) }),
  )
}

/** Terms of the law that run: a request of a person, and a breach that no authority knows of. */
function rightsLines({ say }: Io, { breaches, requests }: NodeStatus): readonly string[] {
  return [
    ...breaches.map(({ breach, dueAt, from, overdue }) =>
      say(overdue ? 'rights:breach.overdue' : 'rights:breach.open', {
        breach,
        date: instantOf(dueAt),
        from,
      }),
    ),
    ...requests.map(({ digest, dueAt, status }) =>
      say(`rights:request.due.${status}`, { date: dayOf(dueAt), digest: shortId(digest) }),
    ),
  ]
}

function peerLine({ say }: Io, { agency, link, queued, state }: PeerStatus): string {
  const states = { state: say(`peer.state.${state}`), link: say(`peer.link.${link}`) }
  return say('node.peer', { agency, ...states, queued })
}

function nextKeysLines({ say }: Io, { nextKeys }: NodeStatus): readonly string[] {
  if (nextKeys === undefined) return []
  const { isListed, peerId } = nextKeys
  return [say(isListed ? 'node.nextKeys.listed' : 'node.nextKeys.made', { peerId })]
}

/** What it may do, by its charter and by what was filed. */
function standingLines(io: Io, status: NodeStatus): readonly string[] {
  const { filing } = status
  return [...charterLines(io, status), io.say(`node.filing.${filing.state}`, { ...filing })]
}

function statusLines(io: Io, status: NodeStatus): readonly string[] {
  const { say } = io
  const head = say('node.head', { name: status.name, agency: status.agency })
  const running = say(status.running ? 'node.running' : 'node.stopped')
  const log = say('node.log', { size: status.log.size, cosigned: status.log.cosignedSize })
  const { rosterVersion: version } = status
  const roster = say('node.roster', { version })
  const peers = status.peers.flatMap((peer) => [
    peerLine(io, peer),
    ...peerLines(io, peer).map((line) => `  ${line}`),
  ])
  const problems = status.peers.flatMap(({ problem }) =>
    problem === undefined ? [] : [say('node.problem', { why: problemText(io, problem) })],
  )
  const behind = status.peers
    .filter(({ acknowledgedRoster, state }) => state === 'in-force' && acknowledgedRoster < version)
    .map(({ acknowledgedRoster: known, agency }) => say('node.behind', { agency, known, version }))
  const forks = status.forks.map((fork) => say('node.fork', { ...fork }))
  return [
    `${head}  ${running}`,
    `  ${log}`,
    ...logLines(io, status).map((line) => `  ${line}`),
    `  ${roster}`,
    ...trafficLines(io, status.line).map((text) => `  ${text}`),
    ...mailboxLines(io, status.mailbox).map((text) => `  ${text}`),
    ...[
      ...nextKeysLines(io, status),
      ...peers,
      ...problems,
      ...(peers.length === 0 ? [say('peer.none')] : []),
      ...behind,
      ...forks,
      ...standingLines(io, status),
      ...readerLines(io, status),
      ...reviewLines(io, status),
      ...rightsLines(io, status),
      ...expiryLines(io, status.expiries),
    ].map((line) => `  ${line}`),
  ]
}
