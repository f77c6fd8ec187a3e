/**
 * `amana roster show` and `amana roster renew`.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#roster
 */
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { adoptNextRoster, renewed } from '../../agency/rosters.ts'
import { type RosterView } from '../../service-views.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext, requireFolder } from '../options.ts'
import { unlockRosterKey } from '../roster-key.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { dayOf } from '../texts.ts'
import { withServices } from '../with-services.ts'
import { rosterFileCommands } from './roster-files.ts'

/** The commands of the group `roster`. */
export function rosterCommands(shell: Shell): CommandUnknownOpts {
  const show = leafCommand(shell, 'show', 'rosterShow').action((options) =>
    rosterShow(contextOf(shell, options)),
  )
  const renew = leafCommand(shell, 'renew', 'rosterRenew').action((options) =>
    rosterRenew(contextOf(shell, options)),
  )
  return groupCommand(shell, { name: 'roster', helpKey: 'roster' }, [
    show,
    renew,
    ...rosterFileCommands(shell),
  ])
}

async function rosterShow(context: CommandContext): Promise<void> {
  const { io } = context
  const known = await withServices(context, (services) => services.rosters({}))
  const newest = [...Map.groupBy(known, ({ agency }) => agency).values()].flatMap(
    (versions) => versions.toSorted((a, b) => b.version - a.version)[0] ?? [],
  )
  printAnswer(io, 'amana.cli.roster-show/1', {
    json: { rosters: newest },
    lines: newest.flatMap((roster) => rosterLines(io, roster)),
  })
}

/** The same lists for another 35 days. */
async function rosterRenew(context: CommandContext): Promise<void> {
  const { io } = context
  const folder = await requireFolder(context)
  const rosterKey = await unlockRosterKey(context, folder)
  const { version, expiresAt } = await withServices(context, (services) =>
    adoptNextRoster(services, rosterKey, renewed),
  )
  printAnswer(io, 'amana.cli.roster-renew/1', {
    json: { rosterVersion: version, expiresAt },
    lines: [io.say('roster.renewed', { version, date: dayOf(expiresAt) })],
  })
}

function rosterLines(io: Io, roster: RosterView): readonly string[] {
  const { agency, version, expiresAt } = roster
  const { say } = io
  return [
    say('roster.head', { agency, version, date: dayOf(expiresAt) }),
    ...roster.nodes.map(({ peerId, addresses }) =>
      say('roster.nodeLine', { peerId, addresses: addresses.join(' ') }),
    ),
    ...roster.desks.map(({ id, keys }) => say('roster.desk', { id, count: keys })),
    ...roster.officers.map(({ id, organisation, roles }) =>
      say('roster.officer', { id, organisation, roles: roles.join(' ') }),
    ),
    ...roster.revoked.map(({ keyId, reason }) => say('roster.revoked', { kid: keyId, reason })),
  ].map((line, index) => (index === 0 ? line : `  ${line}`))
}
