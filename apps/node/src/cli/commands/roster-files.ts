/**
 * `amana roster propose`, `diff`, `sign`, `refuse`, `export` and `import`: rosters as files, for two pairs of eyes and for
 * a link that is down.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#proposals
 */
import { join, resolve } from 'node:path'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import {
  AmanaError,
  canonicalize,
  decodeUtf8,
  type GeneralJws,
  GeneralJwsSchema,
  parseCanonicalText,
  type RosterDifference,
  rosterDifferences,
} from '@amana/core'
import {
  assertNext,
  parseProposal,
  type Proposal,
  proposalAfter,
  proposalDigest,
  proposed,
} from '../../agency/proposals.ts'
import { adoptNextRoster, newestOwnRoster } from '../../agency/rosters.ts'
import { systemClock } from '../../system.ts'
import { exists, readBytes, readJson, writeText } from '../files.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext, requireFolder } from '../options.ts'
import { requireText } from '../prompts.ts'
import { unlockRosterKey } from '../roster-key.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'
import { dayOf } from '../texts.ts'
import { withServices } from '../with-services.ts'

/** As many rosters as a file may hold: a century of monthly ones. */
const MOST_ROSTERS = 1_024
const REASON_CHARS = 1_000

/** The commands about roster files. */
export function rosterFileCommands(shell: Shell): readonly CommandUnknownOpts[] {
  const { say } = shell
  const to = say('help.option.to')
  return [
    leafCommand(shell, 'propose', 'rosterPropose')
      .option('--to <file>', to)
      .action((options) => propose(contextOf(shell, options), options.to)),
    leafCommand(shell, 'diff', 'rosterDiff')
      .argument('<file>')
      .action((file, options) => diff(contextOf(shell, options), file)),
    leafCommand(shell, 'sign', 'rosterSign')
      .argument('<file>')
      .action((file, options) => sign(contextOf(shell, options), file)),
    leafCommand(shell, 'refuse', 'rosterRefuse')
      .argument('<file>')
      .option('--reason <text>', say('help.option.refusalReason'))
      .action((file, options) => refuse(contextOf(shell, options), file, options.reason)),
    leafCommand(shell, 'export', 'rosterExport')
      .option('--agency <id>', say('help.option.agency'))
      .option('--to <file>', to)
      .action((options) => exportChain(contextOf(shell, options), options)),
    leafCommand(shell, 'import', 'rosterImport')
      .argument('<file>')
      .action((file, options) => importChain(contextOf(shell, options), file)),
  ]
}

async function propose(context: CommandContext, to: string | undefined): Promise<void> {
  const { io } = context
  const before = await withServices(context, newestOwnRoster)
  const proposal = proposalAfter(before)
  const { agency, version } = proposal
  const file = await writeProposal(
    proposal,
    to ?? `roster-${agency}-${String(version)}.proposal.json`,
  )
  printAnswer(io, 'amana.cli.roster-propose/1', {
    json: { agency, version, file },
    lines: [io.say('roster.proposal.made', { version, file }), io.say('roster.proposal.next')],
  })
}

/** Writes a proposal for a person to read and change; gives the path. @throws CLI_EXISTS, CLI_FILE */
export async function writeProposal(proposal: Proposal, to: string): Promise<string> {
  const file = resolve(to)
  if (await exists(file)) throw new AmanaError('CLI_EXISTS', { path: file })
  await writeText(file, `${JSON.stringify(proposal, null, 2)}\n`)
  return file
}

async function diff(context: CommandContext, file: string): Promise<void> {
  const { io } = context
  const proposal = parseProposal(await readJson(file), file)
  const before = await withServices(context, newestOwnRoster)
  assertNext(proposal, before, file)
  const changes = await rosterDifferences(before.payload, proposal.lists)
  printAnswer(io, 'amana.cli.roster-diff/1', {
    json: { version: proposal.version, digest: proposalDigest(proposal), changes },
    lines: [
      io.say('roster.diff.head', { old: before.version, next: proposal.version }),
      ...(changes.length === 0 ? [io.say('roster.diff.none')] : []),
      ...changes.map((change) => `  ${differenceLine(io, change)}`),
    ],
  })
}

/** One difference in the reader's language. */
function differenceLine({ say }: Io, change: RosterDifference): string {
  const { id, list, member } = change
  const what = { list: say(`roster.list.${list}`), id }
  if (change.before === undefined)
    return say('roster.diff.added', { ...what, after: change.after ?? '' })
  if (change.after === undefined)
    return say('roster.diff.removed', { ...what, before: change.before })
  return say('roster.diff.changed', {
    ...what,
    member: say(`roster.member.${member ?? ''}`),
    before: change.before === '' ? '–' : change.before,
    after: change.after === '' ? '–' : change.after,
  })
}

async function sign(context: CommandContext, file: string): Promise<void> {
  const { io } = context
  const folder = await requireFolder(context)
  const proposal = parseProposal(await readJson(file), file)
  if (await exists(refusalPath(folder, proposal))) {
    throw new AmanaError('CLI_PROPOSAL', { path: file, reason: 'refused' })
  }
  const rosterKey = await unlockRosterKey(context, folder)
  const { expiresAt, version } = await withServices(context, async (services) => {
    assertNext(proposal, await newestOwnRoster(services), file)
    return adoptNextRoster(services, rosterKey, proposed(proposal))
  })
  printAnswer(io, 'amana.cli.roster-sign/1', {
    json: { rosterVersion: version, expiresAt },
    lines: [io.say('roster.renewed', { version, date: dayOf(expiresAt) })],
  })
}

async function refuse(
  context: CommandContext,
  file: string,
  given: string | undefined,
): Promise<void> {
  const { io } = context
  const folder = await requireFolder(context)
  const proposal = parseProposal(await readJson(file), file)
  const reason = await requireText(io, { option: '--reason', ask: 'roster.proposal.ask', given })
  if (reason.length > REASON_CHARS) throw new AmanaError('CLI_OPTION', { option: '--reason' })
  const note = refusalPath(folder, proposal)
  const { agency, version } = proposal
  const refusedAt = systemClock.now()
  const digest = proposalDigest(proposal)
  await writeText(note, `${canonicalize({ agency, digest, reason, refusedAt, v: 1, version })}\n`)
  printAnswer(io, 'amana.cli.roster-refuse/1', {
    json: { version, digest, note },
    lines: [io.say('roster.proposal.refused', { version, note })],
  })
}

function refusalPath(folder: string, proposal: Proposal): string {
  return join(folder, 'proposals', `${proposalDigest(proposal)}.refused.json`)
}

async function exportChain(
  context: CommandContext,
  options: { readonly agency?: string | undefined; readonly to?: string | undefined },
): Promise<void> {
  const { io } = context
  const { agency, rosters } = await withServices(context, async (services) => {
    const own = options.agency ?? (await services.status({})).agency
    return { agency: own, ...(await services.rosterChain({ agency: own })) }
  })
  const file = resolve(options.to ?? `rosters-${agency}.jsonl`)
  const lines = rosters.map(({ payload, signatures }) =>
    canonicalize({ payload, signatures: [...signatures] }),
  )
  await writeText(file, `${lines.join('\n')}\n`)
  printAnswer(io, 'amana.cli.roster-export/1', {
    json: { agency, count: rosters.length, file },
    lines: [io.say('roster.exported', { agency, count: rosters.length, file })],
  })
}

/** Each roster is checked and adopted as one that the link brought; what is known changes nothing. */
async function importChain(context: CommandContext, file: string): Promise<void> {
  const { io } = context
  await requireFolder(context)
  const rosters = await readChain(file)
  const taken = await withServices(context, async (services) => {
    const results = []
    for (const roster of rosters)
      results.push(await services.adoptRoster({ roster: { ...roster } }))
    return results
  })
  const last = taken.at(-1)
  if (last === undefined) throw new AmanaError('CLI_NOT_AMANA', { path: file })
  const { agency, expiresAt, version } = last
  printAnswer(io, 'amana.cli.roster-import/1', {
    json: { agency, version, expiresAt, count: taken.length },
    lines: [io.say('peer.import.roster', { agency, version })],
  })
}

/** Signed objects, one a line. @throws CLI_FILE, CLI_NOT_AMANA */
async function readChain(file: string): Promise<readonly GeneralJws[]> {
  const bytes = await readBytes(file)
  try {
    const lines = decodeUtf8(bytes).replace(/\n$/, '').split('\n')
    if (lines.length > MOST_ROSTERS) throw new AmanaError('CLI_NOT_AMANA', { path: file })
    return lines.map((line) => GeneralJwsSchema.parse(parseCanonicalText(line)))
  } catch (cause) {
    throw new AmanaError('CLI_NOT_AMANA', { path: file }, { cause })
  }
}
