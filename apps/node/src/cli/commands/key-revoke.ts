/**
 * `amana key revoke`: at once, for everyone, for ever; it needs nobody's consent, and says first what it will do.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#revocation
 */
import { rm } from 'node:fs/promises'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AmanaError, type Revocation } from '@amana/core'
import { assertRevocable, revokeKey, type RevocationWish } from '../../agency/key-changes.ts'
import { adoptNextRoster } from '../../agency/rosters.ts'
import { type KeyView } from '../../service-views.ts'
import { type NodeServices, type ServiceResults } from '../../services.ts'
import { systemClock } from '../../system.ts'
import { officerKeystorePath } from '../../vault/keystore-file.ts'
import { findKey } from '../find-key.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext, requireFolder } from '../options.ts'
import { requireTyped } from '../prompts.ts'
import { unlockRosterKey } from '../roster-key.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'
import { shortId } from '../texts.ts'
import { withServices } from '../with-services.ts'

interface RevokeOptions {
  readonly reason: string
  readonly since?: string | undefined
  readonly dryRun?: true | undefined
  readonly yes?: true | undefined
}

const REASONS = [
  'compromise',
  'left',
  'lost',
  'superseded',
] as const satisfies readonly Revocation['reason'][]

/** `amana key revoke`. */
export function keyRevokeCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'revoke', 'keyRevoke')
    .argument('<kid>')
    .requiredOption(
      '--reason <compromise|left|lost|superseded>',
      say('help.option.revocationReason'),
    )
    .option('--since <instant>', say('help.option.since'))
    .option('--dry-run', say('help.option.dryRun'))
    .option('--yes', say('help.option.yes'))
    .action((kid, options) => keyRevoke(contextOf(shell, options), kid, options))
}

async function keyRevoke(
  context: CommandContext,
  kid: string,
  options: RevokeOptions,
): Promise<void> {
  const { io } = context
  const wish = wishOf(options)
  const folder = await requireFolder(context)
  const plan = await withServices(context, (services) => planOf(services, kid))
  assertSince(plan.key, wish)
  const lines = planLines(io, plan, wish)
  if (options.dryRun === true) {
    answer(io, { plan, wish, lines: [...lines, io.say('key.revoke.dryRun')] })
    return
  }
  for (const line of lines) io.talk(line)
  if (options.yes !== true) await requireTyped(io, 'key.revoke.ask', shortId(plan.key.keyId))
  const rosterKey = await unlockRosterKey(context, folder)
  const adopted = await withServices(context, (services) =>
    adoptNextRoster(services, rosterKey, revokeKey(plan.key, wish)),
  )
  // an officer's key that is revoked signs nothing any more, and its place is free for a new one
  if (plan.key.use === 'officer' && plan.key.state === 'current') {
    await rm(officerKeystorePath(folder, plan.key.holder), { force: true })
  }
  const { version } = adopted
  answer(io, {
    plan,
    wish,
    version,
    lines: [io.say('key.revoke.done', { key: shortId(plan.key.keyId), version })],
  })
}

interface Plan {
  readonly key: KeyView
  readonly signed: ServiceResults['signedBy']
  readonly peers: ServiceResults['status']['peers']
}

async function planOf(services: NodeServices, kid: string): Promise<Plan> {
  const key = await findKey(services, kid)
  assertRevocable(key, (await services.keys({})).keys)
  const signed = await services.signedBy({ keyId: key.keyId })
  return { key, signed, peers: (await services.status({})).peers }
}

function wishOf({ reason, since }: RevokeOptions): RevocationWish {
  const known = REASONS.find((name) => name === reason)
  if (known === undefined) throw new AmanaError('CLI_OPTION', { option: '--reason' })
  return { reason: known, since: since === undefined ? undefined : instantOf(since) }
}

/** An instant that has been, as `2026-11-27T18:00:00Z`. @throws CLI_OPTION */
function instantOf(text: string): number {
  const seconds = Date.parse(text) / 1000
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) && Number.isInteger(seconds)
  if (!isInstant || seconds > systemClock.now())
    throw new AmanaError('CLI_OPTION', { option: '--since' })
  return seconds
}

/** What a key signed in peace is not taken back: said before anybody types a passphrase. @throws TRUST_REVOCATION */
function assertSince({ keyId }: KeyView, { reason, since }: RevocationWish): void {
  const inPeace = reason === 'left' || reason === 'superseded'
  if (inPeace && since !== undefined && since < systemClock.now()) {
    throw new AmanaError('TRUST_REVOCATION', { keyId })
  }
}

/** What will be done, and what becomes of what the key signed or opened before. */
function planLines(
  { say }: Io,
  { key, signed }: Plan,
  { reason, since }: RevocationWish,
): readonly string[] {
  const { holder, keyId, use } = key
  const date = new Date((since ?? systemClock.now()) * 1000).toISOString().replace('.000Z', 'Z')
  const what = { key: shortId(keyId), use: say(`key.use.${use}`), holder }
  const head = say('key.revoke.plan', { ...what, reason: say(`key.reason.${reason}`), date })
  if (use === 'desk' || use === 'deposit' || use === 'officer-encryption') {
    return [head, `  ${say('key.revoke.opening')}`]
  }
  return [
    head,
    `  ${say('key.revoke.covered', { count: signed.covered })}`,
    `  ${say('key.revoke.waiting', { count: signed.waiting })}`,
    ...(since === undefined ? [] : [`  ${say('key.revoke.disputed')}`]),
  ]
}

interface Outcome {
  readonly plan: Plan
  readonly wish: RevocationWish
  readonly version?: number
  readonly lines: readonly string[]
}

function answer(io: Io, { lines, plan, version, wish }: Outcome): void {
  const { key, peers, signed } = plan
  printAnswer(io, 'amana.cli.key-revoke/1', {
    json: {
      keyId: key.keyId,
      use: key.use,
      holder: key.holder,
      reason: wish.reason,
      signed,
      revoked: version !== undefined,
      ...(version === undefined ? {} : { rosterVersion: version }),
      acknowledged: peers.map(({ acknowledgedRoster, agency }) => ({ agency, acknowledgedRoster })),
    },
    lines,
  })
}
