/**
 * `amana retention`: how long what is kept, what has fallen due, and its erasure.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#when-something-falls-due
 */
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { RETENTION, type RetentionClass, RETENTION_VERSION } from '@amana/vocabulary'
import { askAsTwo } from '../../agency/erasing.ts'
import { type DueGroups } from '../../rights/due.ts'
import { type AccountOptions, reasonIn } from '../acting.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { dayOf, shortId } from '../texts.ts'
import { type TwoOptions, unlockTwo } from '../two-officers.ts'
import { withServices } from '../with-services.ts'

/** The commands of the group `retention`. */
export function retentionCommands(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  const list = leafCommand(shell, 'list', 'retentionList')
    .option('--due', say('help.option.due'))
    .action((options) => retentionList(contextOf(shell, options), options.due === true))
  const run = leafCommand(shell, 'run', 'retentionRun')
    .option('--officer <id>', say('help.option.officer'))
    .option('--approve <id>', say('help.option.second'))
    .option('--reason <text>', say('help.option.reason'))
    .option('--dry-run', say('help.option.dryRun'))
    .action((options) => retentionRun(contextOf(shell, options), options))
  return groupCommand(shell, { name: 'retention', helpKey: 'retention' }, [list, run])
}

/** The classes with what is due of each; or every message of which something is due. */
async function retentionList(context: CommandContext, onlyDue: boolean): Promise<void> {
  const { io } = context
  const { due } = await withServices(context, (node) => node.retention({}))
  const classes = onlyDue ? [] : RETENTION.map((one) => classLine(io, one, due))
  const lines = onlyDue ? due.map((one) => dueLine(io, one)) : classes
  printAnswer(io, 'amana.cli.retention-list/1', {
    json: {
      due,
      version: RETENTION_VERSION,
      ...(onlyDue ? {} : { classes: RETENTION.map((one) => ({ ...one })) }),
    },
    lines: lines.length === 0 ? [io.say('rights:retention.nothingDue')] : lines,
  })
}

interface RunOptions extends AccountOptions, TwoOptions {
  readonly dryRun?: true | undefined
  readonly officer?: string | undefined
}

/** Erases everything that is due, some messages at a time; what is only looked at or held stays. */
async function retentionRun(context: CommandContext, options: RunOptions): Promise<void> {
  const { io } = context
  const { due } = await withServices(context, (node) => node.retention({}))
  if (options.dryRun === true) {
    const lines = due.map((one) => dueLine(io, one))
    printAnswer(io, 'amana.cli.retention-run/1', {
      json: { due, erased: 0 },
      lines: [
        ...(lines.length === 0 ? [io.say('rights:retention.nothingDue')] : lines),
        io.say('rights:erasure.dryRun'),
      ],
    })
    return
  }
  const officers = await unlockTwo(context, options)
  const erased = await withServices(context, async (node) => {
    let done = 0
    for (;;) {
      const call = { act: 'erase', method: 'retain', input: reasonIn(options) } as const
      const step = await node.retain(await askAsTwo(node, officers, call))
      done += step.erased
      if (step.left === 0 || step.erased === 0) return done
      io.talk(io.say('rights:retention.progress', { count: done, left: step.left }))
    }
  })
  const kept = due.filter(({ action, kept: why }) => action === 'review' || why !== undefined)
  printAnswer(io, 'amana.cli.retention-run/1', {
    json: { erased, kept },
    lines: [
      ...kept.map((one) => dueLine(io, one)),
      io.say(erased === 0 ? 'rights:erasure.nothing' : 'rights:erasure.done', { count: erased }),
      io.say('rights:erasure.notReached'),
    ],
  })
}

function classLine(io: Io, one: RetentionClass, due: readonly DueGroups[]): string {
  const { language, say } = io
  const count = due.filter((entry) => entry.class === one.id).length
  return say('rights:retention.class', {
    id: one.id,
    source: one.source,
    text: one[language],
    count,
  })
}

function dueLine(
  { say }: Io,
  { action, class: id, dueAt, groups, kept, kind, statement }: DueGroups,
): string {
  const line = say('rights:retention.due', {
    action: say(`rights:retention.action.${action}`),
    class: id,
    date: dayOf(dueAt),
    digest: shortId(statement),
    groups: groups.join(', '),
    kind,
  })
  return kept === undefined ? line : `${line}  ${say(`rights:retention.kept.${kept}`)}`
}
