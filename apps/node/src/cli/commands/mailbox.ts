/**
 * `amana mailbox init`, `run` and `status`: the same program, for whoever keeps deposits for two agencies.
 *
 * @module
 * @spec docs/spec/09-carriers.md#mailbox
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AmanaError } from '@amana/core'
import { stringify } from 'smol-toml'
import { z } from 'zod'
import { createLogger } from '../../logger.ts'
import {
  createMailbox,
  loadMailboxConfig,
  MAILBOX_KEYSTORE,
  type MailboxConfig,
  MailboxConfigSchema,
} from '../../mailbox/mailbox-folder.ts'
import { type MailboxStatus, runMailbox, STATUS_FILE } from '../../mailbox/run-mailbox.ts'
import { systemClock } from '../../system.ts'
import { assertNewFolder } from '../../agency/create-agency.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { newKeystorePassphrase } from '../passphrases.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { instantOf } from '../texts.ts'

const LISTEN = '/ip4/0.0.0.0/tcp/4190'
const KEEP_DAYS = 30
const QUOTA_MEBIBYTES = 256
/** It writes its status once a minute. */
const STATUS_SECONDS = 150
/** What a node is told to begin with. */
const VISIT_SECONDS = 600

const StatusSchema = z.looseObject({
  addresses: z.array(z.string()),
  at: z.int(),
  counts: z.array(z.strictObject({ agency: z.string(), deposits: z.int(), sizeBytes: z.int() })),
  peerId: z.string(),
})

interface InitOptions {
  readonly listen: readonly string[]
  readonly address?: readonly string[] | undefined
  readonly peer: readonly string[]
  readonly makePassphrases?: true | undefined
}

/** The commands of the group `mailbox`. */
export function mailboxCommands(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return groupCommand(shell, { name: 'mailbox', helpKey: 'mailbox' }, [
    leafCommand(shell, 'init', 'mailboxInit')
      .option('--listen <address...>', say('help.option.listen'), [LISTEN])
      .option('--address <address...>', say('help.option.mailboxAddress'))
      .requiredOption('--peer <agency=peer-id...>', say('help.option.mailboxPeer'))
      .option('--make-passphrases', say('help.option.makePassphrases'))
      .action((options) =>
        init(contextOf(shell, options), { ...options, peer: listOf(options.peer) }),
      ),
    leafCommand(shell, 'run', 'mailboxRun').action((options) =>
      run(contextOf(shell, options), shell.invocation.ended),
    ),
    leafCommand(shell, 'status', 'mailboxStatus').action((options) =>
      status(contextOf(shell, options)),
    ),
  ])
}

function listOf(given: readonly string[] | string | true): readonly string[] {
  if (given === true) return []
  return typeof given === 'string' ? [given] : given
}

async function init(context: CommandContext, options: InitOptions): Promise<void> {
  const { folder, io } = context
  await assertNewFolder(folder)
  const config = configOf(options)
  const passphrase = await newKeystorePassphrase(context, MAILBOX_KEYSTORE, options)
  const peerId = await createMailbox(folder, config, passphrase)
  const addresses = [...(options.address ?? options.listen)]
  const times = { afterSeconds: VISIT_SECONDS, everySeconds: VISIT_SECONDS }
  const settings = stringify({ mailbox: { peerId, addresses, ...times } })
  printAnswer(io, 'amana.cli.mailbox-init/1', {
    json: { folder, peerId, settings },
    lines: [
      io.say('mailbox.made', { folder }),
      io.say('mailbox.settings'),
      ...settings.trimEnd().split('\n'),
      io.say('mailbox.next'),
    ],
  })
}

/** @throws CLI_OPTION when an agency or a peer id is out of form, or only one agency is named */
function configOf({ listen, peer }: InitOptions): MailboxConfig {
  const named = peer.map((text) => text.split('='))
  const agencies = [...new Set(named.map(([agency = '']) => agency))]
  const parsed = MailboxConfigSchema.safeParse({
    mailbox: { keepDays: KEEP_DAYS, listen, quotaMebibytes: QUOTA_MEBIBYTES },
    peers: agencies.map((agency) => ({
      agency,
      peerIds: named.filter(([own]) => own === agency).map(([, peerId = '']) => peerId),
    })),
  })
  if (parsed.success) return parsed.data
  const isListen = parsed.error.issues[0]?.path.includes('listen') === true
  throw new AmanaError('CLI_OPTION', { option: isListen ? '--listen' : '--peer' })
}

async function run(context: CommandContext, ended: AbortSignal): Promise<void> {
  const { folder, io } = context
  await loadMailboxConfig(folder)
  const passphrase = await context.passphrases(MAILBOX_KEYSTORE)
  const logger = createLogger()
  await runMailbox({
    folder,
    passphrase,
    ended,
    listening: (now) => {
      sayListening(io, now)
    },
    served: (agency, code) => {
      logger.info({ agency, code }, 'mailbox served')
    },
  })
}

function sayListening(io: Io, { addresses, peerId }: MailboxStatus): void {
  if (io.json) io.answer(JSON.stringify({ event: 'listening', addresses, peerId }))
  else io.talk(io.say('mailbox.listening', { addresses: addresses.join(', ') }))
}

async function status(context: CommandContext): Promise<void> {
  const { folder, io } = context
  const { mailbox, peers } = await loadMailboxConfig(folder)
  const written = await statusIn(folder)
  const running = written !== undefined && systemClock.now() - written.at < STATUS_SECONDS
  const counts = written?.counts ?? []
  const at = written === undefined ? {} : { at: written.at, peerId: written.peerId }
  printAnswer(io, 'amana.cli.mailbox-status/1', {
    json: { running, ...at, ...mailbox, peers, counts },
    lines: [
      io.say(running ? 'mailbox.running' : 'mailbox.stopped'),
      ...(written === undefined ? [] : [io.say('mailbox.at', { date: instantOf(written.at) })]),
      ...peers.map(({ agency }) => countLine(io, agency, counts)),
      io.say('mailbox.rules', { days: mailbox.keepDays, quota: mailbox.quotaMebibytes }),
    ],
  })
}

function countLine(io: Io, agency: string, counts: MailboxStatus['counts']): string {
  const { deposits = 0, sizeBytes = 0 } = counts.find((count) => count.agency === agency) ?? {}
  return io.say('mailbox.count', { agency, deposits, size: sizeBytes })
}

async function statusIn(folder: string): Promise<z.output<typeof StatusSchema> | undefined> {
  try {
    const text = await readFile(join(folder, STATUS_FILE), 'utf8')
    return StatusSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
