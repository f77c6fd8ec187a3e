/**
 * A mailbox while it runs: it listens, serves the nodes of its settings, and lets go of what is too old.
 *
 * @module
 * @spec docs/spec/09-carriers.md#mailbox
 */
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ErrorCode, isAnyAmanaError } from '@amana/core'
import { openLibp2pLink } from '../link/libp2p-link.ts'
import { type LinkSession } from '../ports.ts'
import { systemClock, systemTimer } from '../system.ts'
import { MailStore, type MailCount } from './mail-store.ts'
import { type MailboxConfig, openMailboxFolder } from './mailbox-folder.ts'
import { MAILBOX_PROTOCOL } from './messages.ts'
import { serveMailbox } from './serve.ts'

/** What a running mailbox wrote of itself last. */
export const STATUS_FILE = 'status.json'

const DAY_SECONDS = 86_400
const MIB = 1024 * 1024
const STATUS_MS = 60_000

/** How a mailbox is. */
export interface MailboxStatus {
  /** Seconds since 1970 when this was written: once a minute while it runs. */
  readonly at: number
  readonly addresses: readonly string[]
  readonly counts: readonly MailCount[]
  readonly peerId: string
}

/** What a mailbox runs with. */
export interface MailboxOptions {
  readonly folder: string
  readonly passphrase: string
  readonly ended: AbortSignal
  readonly listening: (status: MailboxStatus) => void
  /** A session ended; without a code in good order. */
  readonly served: (agency: string, code: ErrorCode | undefined) => void
}

/** Runs a mailbox until it is told to end. @throws as `openMailboxFolder`; NET_LISTEN, NET_ADDRESS, STORE_WRITE */
export async function runMailbox(options: MailboxOptions): Promise<void> {
  const { ended, folder, listening, passphrase } = options
  await using closing = new AsyncDisposableStack()
  const { config, peerId, peerKey, store } = await openMailboxFolder(folder, passphrase)
  closing.defer(() => store.close())
  const mail = await MailStore.open(store, systemClock, rulesOf(config))
  const { listen } = config.mailbox
  const link = await openLibp2pLink({ peerKey, listen, protocol: MAILBOX_PROTOCOL })
  closing.defer(() => link.close())
  const agencies = agenciesOf(config)
  link.onSession((session) => {
    void serve(session, { agency: agencies.get(session.peerId), mail }, options)
  })
  await link.allow(new Set(agencies.keys()))
  const status = (): MailboxStatus => ({
    at: systemClock.now(),
    addresses: link.addresses(),
    counts: mail.counts,
    peerId,
  })
  await writeStatus(folder, status())
  listening(status())
  while (!ended.aborted) {
    await mail.expire()
    await systemTimer.wait(STATUS_MS, ended)
    await writeStatus(folder, status())
  }
}

interface Served {
  readonly agency: string | undefined
  readonly mail: MailStore
}

/** Whatever a node does wrong ends its session and nothing else. */
async function serve(
  session: LinkSession,
  { agency, mail }: Served,
  { served }: MailboxOptions,
): Promise<void> {
  let code: ErrorCode | undefined
  try {
    if (agency !== undefined) await serveMailbox(session, agency, mail)
  } catch (error) {
    code = isAnyAmanaError(error) ? error.code : 'CLI_UNEXPECTED'
  }
  await session.close().catch(() => undefined)
  served(agency ?? '', code)
}

function rulesOf({ mailbox, peers }: MailboxConfig): Parameters<typeof MailStore.open>[2] {
  return {
    agencies: new Set(peers.map(({ agency }) => agency)),
    keepSeconds: mailbox.keepDays * DAY_SECONDS,
    quotaBytes: mailbox.quotaMebibytes * MIB,
  }
}

function agenciesOf({ peers }: MailboxConfig): ReadonlyMap<string, string> {
  return new Map(peers.flatMap(({ agency, peerIds }) => peerIds.map((id) => [id, agency] as const)))
}

async function writeStatus(folder: string, status: MailboxStatus): Promise<void> {
  const path = join(folder, STATUS_FILE)
  await writeFile(`${path}.new`, `${JSON.stringify(status)}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
